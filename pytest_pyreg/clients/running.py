"""Running a command in a client's environment, within a time, its output captured and without secrets."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.exchanges import came
from pytest_pyreg.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_pyreg.exchanges import Exchange
    from pytest_pyreg.identity import Secrets

GRACE_SECONDS = 2.0
"""How long the outputs of a command that was ended are read on."""
MOST_SHOWN = 20_000
"""Characters of a client's output that an error shows: the last ones, where clients say what went wrong."""
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
"""What moves a terminal's cursor or changes its colours (ECMA-48, 5.4): noise in a report."""


class CommandFailed(Exception):
    """A client that did not succeed: the command, what it printed, and what the registry answered it.

    Args:
        argv: the command.
        returncode: its exit code; None if it was ended because its time was over.
        output: what it printed, without secrets.
        exchanges: the requests that came while it ran.
        timeout: seconds that it had.
        upstream: the requests that came to the index behind the registry meanwhile.
        notes: what came instead of requests: clients that could not agree with the registry on TLS, and why.
        but: what it has not done although it ended well, in words.
    """

    def __init__(  # noqa: PLR0917 - what there is to tell.
        self,
        argv: Sequence[str],
        returncode: int | None,
        output: str,
        exchanges: Iterable[Exchange],
        timeout: float,
        upstream: Iterable[Exchange] = (),
        notes: Iterable[str] = (),
        *,
        but: str = "",
    ) -> None:
        self.argv = tuple(argv)
        self.returncode = returncode
        self.output = output
        self.exchanges = tuple(exchanges)
        self.timeout = timeout
        self.upstream = tuple(upstream)
        self.but = but
        self.notes = tuple(notes)
        super().__init__(str(self))

    def __str__(self) -> str:
        ended = (
            f"exit code {self.returncode}"
            if self.returncode is not None
            else f"still running after {self.timeout:g} seconds"
        )
        return "\n".join(
            [
                f"{shlex.join(self.argv)}: {ended}{f', but {self.but}' if self.but else ''}",
                "it printed:",
                _indented(_ESCAPES.sub("", _end_of(self.output)).strip() or "nothing"),
                "the registry saw:",
                _indented(came(self.exchanges, self.notes)),
                *(["upstream saw:", _indented("\n".join(map(str, self.upstream)))] if self.upstream else []),
            ]
        )


def run(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    cwd: Path | None,
    timeout: float,
    secrets: Secrets,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end.

    Args:
        argv: the command.
        env: its whole environment.
        cwd: where to run it.
        timeout: seconds it may take; then it and its children are ended.
        secrets: what its output is not to show.

    Returns:
        The exit code (`None` of a command that was ended is shown as the negative number of the signal) and what it
        printed on both its outputs, each without secrets, as the command itself.

    Raises:
        FileNotFoundError: there is no such command.
        TimeoutError: it was ended; the argument is what it had printed.
    """
    __tracebackhide__ = True
    process = _started(argv, env, cwd, secrets)
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        _end(process)
        raise TimeoutError(redacted(_rest(process), secrets)) from error
    except BaseException:
        _end(process)
        process.wait()
        raise
    shown = [redacted(part, secrets) for part in argv]
    return subprocess.CompletedProcess(shown, process.returncode, redacted(stdout, secrets), redacted(stderr, secrets))


def _rest(process: subprocess.Popen[str]) -> str:
    """Return what an ended command had printed; a daemon that it left behind may hold its outputs open for ever."""
    try:
        stdout, stderr = process.communicate(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired as held:
        stdout, stderr = (_text(part) for part in (held.output, held.stderr))
        for stream in (process.stdout, process.stderr):
            assert stream is not None, "both are pipes"
            stream.close()
        process.wait()
    return stdout + stderr


def _text(part: str | bytes | None) -> str:
    return part.decode("utf-8", "replace") if isinstance(part, bytes) else part or ""


def _started(argv: Sequence[str], env: Mapping[str, str], cwd: Path | None, secrets: Secrets) -> subprocess.Popen[str]:
    """Start a command.

    Raises:
        FileNotFoundError: there is no such command, or no such folder.
    """
    __tracebackhide__ = True
    try:
        return subprocess.Popen(
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=sys.platform != "win32",
        )
    except FileNotFoundError:
        if cwd is not None and not cwd.is_dir():
            raise FileNotFoundError(f"there is no folder {cwd} to run a command in") from None
        name = redacted(argv[0], secrets)
        if os.sep in name and (cwd or Path.cwd()).joinpath(name).exists():
            raise FileNotFoundError(
                f"{name!r} cannot be run: its first line names a program that is not there"
            ) from None
        hint = "install it beside pytest-pyreg, put it on the PATH, or give its path"
        if len(argv) == 1 and len(words := name.split()) > 1:
            hint = f"give the words one by one: {', '.join(map(repr, words))}; no shell fills in a * or a variable"
        raise FileNotFoundError(f"there is no program {name!r}; {hint}") from None


def _end(process: subprocess.Popen[str]) -> None:
    """End a command with all that it started."""
    if sys.platform == "win32":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _end_of(output: str) -> str:
    left_out = len(output) - MOST_SHOWN
    return output if left_out <= 0 else f"[{left_out} characters before this]\n{output[-MOST_SHOWN:]}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
