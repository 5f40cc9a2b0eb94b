"""Running a command to its end: signals reach it, and when its time is over it ends with all that it started.

The command stays in our process group: a terminal's keys reach both of us, it may read from the terminal, and who ends
the whole group, as CI systems do, ends it too.  So what it started is told from our neighbours in that group by who
started whom; whose parent has ended is our own child by then, or, where no system has that, has a variable that
everything inherits which the command runs.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_pyreg.cli.adopting import adopting, bury
from pytest_pyreg.cli.reports import SIGNALLED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

GRACE = 5.0
"""Seconds from being told to end to being ended."""
TIMED_OUT = 124
"""What timeout(1) exits with."""
_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_FOR_IT = (signal.SIGUSR1, signal.SIGUSR2)
"""What means something to a program that expects it, and ends all others: it is for the command alone."""
_TYPED = frozenset({signal.SIGINT, signal.SIGQUIT})
"""What a terminal's keys send, to us and to the command alike."""
_SHELL = "/bin/sh"
_BEGINNING = 1024
"""Bytes of a file that are looked at."""
_PROCESSES = Path("/proc")
_ROUNDS = 100
"""How often what is still there is looked for: something may start something while it is ended."""


class Outcome(NamedTuple):
    """How a command ended."""

    code: int
    """As a shell has it; that of timeout(1) if its time was over."""
    timed_out: bool = False


class Mark(NamedTuple):
    """What a command's processes are told by."""

    variable: bytes
    """What all of them have in their environment that have not been given another one."""
    neighbours: frozenset[int]
    """We, and what was below us before: a shell that became us may have had children."""
    adopts: bool
    """Whether our other children are the command's, or were started by what it started."""


def attend(
    command: Sequence[str],
    env: Mapping[str, str],
    marker: str,
    *,
    timeout: float | None = None,
    grace: float = GRACE,
) -> Outcome:
    """Run a command where we stand, with our own standard input and outputs.

    Args:
        command: its words.
        env: its whole environment.
        marker: a variable of it, whose value nothing else on this machine has.
        timeout: seconds that it may run; for ever if None.
        grace: seconds that it has left when its time is over, or when we are told to end.

    Raises:
        OSError: it cannot be run.
    """
    told = timed_out = False
    sent: dict[int, set[int]] = {}
    # Before the command starts, so that there is no moment in which we would die without it, or lose an orphan.
    with _noticed() as noticed, adopting() as adopts:
        mark = Mark(f"{marker}={env[marker]}".encode(), frozenset(_family([os.getpid()], _parents())), adopts)
        process = _begun(command, env)
        deadline = None if timeout is None else time.monotonic() + timeout
        while _runs(process, mark):
            numbers = _next(noticed, deadline)
            for number in numbers:
                if reached := _pass_on(number, process.pid, mark):
                    sent[number] = reached | sent.get(number, set())
            over = deadline is not None and time.monotonic() >= deadline
            if over and told:
                _end(process.pid, mark)
                process.wait()
            elif over:
                timed_out = True
                _send(signal.SIGTERM, process.pid, mark)
            if not told and (over or signal.SIGTERM in numbers):
                told, deadline = True, time.monotonic() + grace
        code = process.returncode
        if told:
            _end(process.pid, mark)
        elif -code in sent:
            # What it was just starting when the signal ended it was meant too.
            _send(-code, process.pid, mark, but=sent[-code])
    return Outcome(TIMED_OUT if timed_out else code if code >= 0 else SIGNALLED - code, timed_out)


def _begun(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a command; a script that does not say what runs it is the shell's, as execvp has it (exec, POSIX).

    Raises:
        OSError: it cannot be run.
    """
    try:
        return subprocess.Popen(command, env=dict(env))
    except OSError as error:
        script = shutil.which(command[0], path=env.get("PATH")) if error.errno == errno.ENOEXEC else None
        if script is None or not _is_text(script):
            raise
    return subprocess.Popen([_SHELL, script, *command[1:]], env=dict(env))


def _is_text(script: str) -> bool:
    """Tell whether a file's beginning may be a script's; shells do not run others either."""
    with Path(script).open("rb") as file:
        return b"\0" not in file.read(_BEGINNING)


def _runs(process: subprocess.Popen[bytes], mark: Mark) -> bool:
    """Tell whether a command still runs, and leave nobody unburied who does not."""
    if mark.adopts:
        bury(but=process.pid)
    return process.poll() is None


@contextlib.contextmanager
def _noticed() -> Iterator[int]:
    """Have signals do nothing but come out of a pipe, a byte each, which is their number."""
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    # A handler, and not SIG_IGN, which the command would inherit.  What we were told to ignore ourselves, as by nohup,
    # it does inherit; but who ignores or holds back SIGCHLD never learns how a command ends.
    wanted = [one for one in (*_PASSED_ON, *_FOR_IT) if signal.getsignal(one) != signal.SIG_IGN] + [signal.SIGCHLD]
    held = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    before = {number: signal.signal(number, lambda *_: None) or signal.SIG_DFL for number in wanted}
    former = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(former)
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        os.close(reading)
        os.close(writing)


def _next(noticed: int, deadline: float | None) -> bytes:
    """Wait for signals, until the deadline at the latest, and return their numbers."""
    left = None if deadline is None else max(0.0, deadline - time.monotonic())
    ready, _, _ = select.select([noticed], [], [], left)
    return os.read(noticed, 1024) if ready else b""


def _typed_here() -> bool:
    """Tell whether the keys of a terminal send signals to our process group: then the command has got the same."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _pass_on(number: int, pid: int, mark: Mark) -> set[int]:
    """Send on a signal that has come to us, if it is to be, and return to whom."""
    if number in _FOR_IT:
        os.kill(pid, number)  # Nobody has asked yet how it ended, so it is still itself.
        return {pid}
    if number not in _PASSED_ON or (number in _TYPED and _typed_here()):
        return set()
    return _send(number, pid, mark)


def _send(number: int, pid: int, mark: Mark, but: Collection[int] = ()) -> set[int]:
    """Send a signal to a command and to what it started, and return whom."""
    found = [one for one in _started(pid, mark) if one not in but]
    for one in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(one, number)
    return set(found)


def _end(pid: int, mark: Mark) -> None:
    """End a command and what it started, at once."""
    for _ in range(_ROUNDS):
        if not _send(signal.SIGKILL, pid, mark):
            break
    if mark.adopts:
        bury(but=pid)  # In a container there may be nobody who would do it after us.


def _started(pid: int, mark: Mark) -> list[int]:
    """Return a command and all that it started, if they still run.

    Who started others comes first: a shell whose command ends before it does would go on with the next one.
    """
    parents = _parents()
    us = os.getpid()
    others = [one for one in sorted(parents.keys() - mark.neighbours) if _has(one, mark.variable)]
    adopted = sorted(child for child, parent in parents.items() if mark.adopts and parent == us)
    found = _family([pid, *others, *(one for one in adopted if one not in mark.neighbours)], parents)
    return [one for one in found if one in parents and one != us]


def _family(pids: Iterable[int], parents: Mapping[int, int]) -> list[int]:
    """Return processes and all that they and theirs started, each behind its parent."""
    found = list(dict.fromkeys(pids))
    for one in found:
        found += [child for child, parent in parents.items() if parent == one and child not in found]
    return found


def _parents() -> dict[int, int]:
    """Return who runs on this machine, and who started each."""
    if not (_PROCESSES / "self" / "stat").exists():
        listing = ["ps", "-A", "-o", "pid=,ppid=,stat="]
        listed = subprocess.run(listing, capture_output=True, text=True, check=False)
        rows = [line.split() for line in listed.stdout.splitlines()]
    else:
        rows = []
        for place in _PROCESSES.glob("[0-9]*"):
            with contextlib.suppress(OSError):
                # What follows its name, which may have any character in it (proc_pid_stat(5)).
                state, parent = (place / "stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
                rows.append([place.name, parent, state])
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def _has(pid: int, mark: bytes) -> bool:
    """Tell whether a process was started with a variable; of others' nothing is known, nor where there is no /proc."""
    try:
        return mark in (_PROCESSES / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
