"""Signals reach the command, its time is over when it is, and its exit code is ours."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_pyreg.cli.attending import _parents
from pytest_pyreg.cli.execute import LONGEST
from tests.exec.conftest import run, started

TRAPS = "trap 'echo told; exit 5' {}; echo ready; while :; do sleep 0.05; done"
STUBBORN = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); "


ADOPTS = pytest.mark.skipif(sys.platform != "linux", reason="Nowhere else does who is not the first process adopt.")


def first_line(process: subprocess.Popen[str]) -> str:
    """Return the next line that a process prints."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT"])
def test_a_signal_reaches_the_command(name: str) -> None:
    """It may tidy up; its code is ours, and what came is told."""
    with started("--", "sh", "-c", TRAPS.format(name)) as process:
        assert first_line(process) == "ready"
        process.send_signal(getattr(signal, f"SIG{name}"))
        stdout, stderr = process.communicate(timeout=30)

    assert (stdout, process.returncode) == ("told\n", 5)
    assert "no request came" in stderr


@pytest.mark.parametrize("name", ["INT", "TERM", "HUP", "QUIT"])
def test_a_command_that_a_signal_ends(name: str) -> None:
    """The code is a shell's."""
    number = getattr(signal, f"SIG{name}")
    script = "import signal; signal.signal(2, signal.SIG_DFL); print('ready', flush=True); signal.pause()"
    with started("--", "python", "-c", script) as process:
        assert first_line(process) == "ready"
        process.send_signal(number)
        process.communicate(timeout=30)

    assert process.returncode == 128 + number


def test_what_it_started_is_told_too() -> None:
    """A shell's own command ends with it, wherever in the process groups it is."""
    script = "setsid sleep 61 & echo $!; sleep 62 & echo $!; wait"
    with started("--", "sh", "-c", script) as process:
        others = [int(first_line(process)) for _ in range(2)]
        running = _parents()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert set(others) <= running.keys()
    assert set(others).isdisjoint(_parents())


def test_what_we_are_told_to_ignore_it_ignores() -> None:
    """As `nohup` has it: a hang-up is nobody's business; the next signal is."""
    script = "echo ready; kill -HUP $$; kill -HUP $PPID; echo alive; sleep 60"
    with started("--", "sh", "-c", script, before="signal.signal(signal.SIGHUP, signal.SIG_IGN)") as process:
        assert [first_line(process), first_line(process)] == ["ready", "alive"]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert process.returncode == 128 + signal.SIGTERM


def test_its_time_is_over() -> None:
    """The code of timeout(1), a line that says so, and what came until then."""
    result = run("--timeout", "0.3", "--", "sh", "-c", "sleep 60")

    assert result.returncode == 124
    assert "pyreg: 'sh' was still running after 0.3 seconds, and was ended with all it started" in result.stderr
    assert "no request came" in result.stderr


def test_in_time() -> None:
    """A command that ends before has its own code, 124 as any other, and nothing is said."""
    result = run("--timeout", "60", "--", "sh", "-c", "exit 124")

    assert result.returncode == 124
    assert "still running" not in result.stderr


@pytest.mark.parametrize("told", [False, True])
def test_who_does_not_listen_is_ended(tmp_path: Path, *, told: bool) -> None:
    """Those who ignore SIGTERM, children and grandchildren, in other groups and sessions, and adopted ones."""
    child = (
        f"{STUBBORN}import os, subprocess\n"
        "again = [sys.executable, '-c', sys.argv[1]]\n"
        "others = [subprocess.Popen(again, stdout=subprocess.PIPE, start_new_session=one) for one in (False, True)]\n"
        # Whose parent is gone: found by what it has inherited.
        "shell = subprocess.run(['sh', '-c', '\"$@\" > /dev/null & echo $!', 'sh', *again], stdout=subprocess.PIPE)\n"
        "[other.stdout.readline() for other in others]\n"
        "print(*(other.pid for other in others), int(shell.stdout), os.getpid(), flush=True)\n"
        "time.sleep(60)"
    )
    driver = (
        "import os, sys; from pytest_pyreg.cli.attending import attend\n"
        "env = {**os.environ, 'MARK': sys.argv[1]}\n"
        f"timeout = None if {told} else 3\n"
        "outcome = attend([sys.executable, '-c', *sys.argv[2:]], env, 'MARK', timeout=timeout, grace=0.2)\n"
        "print(*outcome)"
    )
    command = [sys.executable, "-c", driver, str(tmp_path), child, f"{STUBBORN}time.sleep(60)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert first_line(process) == "up"
        family = {int(pid) for pid in first_line(process).split()}
        assert len(family) == 4
        assert family <= _parents().keys()
        if told:
            process.send_signal(signal.SIGTERM)
        stdout, _ = process.communicate(timeout=30)

    assert stdout == ("137 False\n" if told else "124 True\n")
    assert family.isdisjoint(_parents())


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (["no-such-command"], 127, "pyreg: 'no-such-command' cannot be run: No such file or directory"),
        (["./folder"], 126, "pyreg: './folder' cannot be run: Permission denied"),
        (["./plain"], 126, "pyreg: './plain' cannot be run: Permission denied"),
    ],
)
def test_a_command_that_cannot_be_run(tmp_path: Path, command: list[str], code: int, words: str) -> None:
    """The codes of shells, and a line that says why."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "plain").write_text("echo")

    result = run("--", *command, cwd=tmp_path)

    assert result.returncode == code
    assert words in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("text", ["0", "-1", "soon", "nan", "inf", "1e10", "31536001"])
def test_a_time_that_is_none(text: str) -> None:
    """It is refused before anything runs."""
    result = run(f"--timeout={text}", "--", "echo", "ran")

    assert (result.returncode, result.stdout) == (2, "")
    assert f"a time is a number of seconds above zero, at most 31536000 (a year), not '{text}'" in result.stderr


def test_the_longest_time() -> None:
    """A year can be waited for."""
    result = run("--timeout", f"{LONGEST}", "--", "echo", "ran")

    assert (result.returncode, result.stdout) == (0, "ran\n"), result.stderr


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    """Nothing can be run there, which is said."""
    place = tmp_path / "gone"
    before = f"os.mkdir({str(place)!r}); os.chdir({str(place)!r}); os.rmdir({str(place)!r})"
    with started("--", "echo", "ran", before=before) as process:
        stdout, stderr = process.communicate(timeout=30)

    assert (process.returncode, stdout) == (2, "")
    assert "pyreg: the folder that you stand in cannot be used (No such file or directory); cd to one" in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize("name", ["USR1", "USR2"])
def test_a_signal_for_the_command_alone(name: str) -> None:
    """It hears it, and what it started does not: to most programs that would be the end."""
    wait = "while [ -z $told ]; do sleep 0.05; done"
    script = f"trap 'echo told; told=1' {name}; sleep 63 & echo $!; {wait}; kill -0 $! && kill $! && exit 5"
    with started("--", "sh", "-c", script) as process:
        assert first_line(process).isdigit()
        process.send_signal(getattr(signal, f"SIG{name}"))
        stdout, _ = process.communicate(timeout=30)

    assert (stdout, process.returncode) == ("told\n", 5)


def test_a_signal_that_it_does_not_expect() -> None:
    """It ends, and all that it started, with the code of shells; and what came is told."""
    with started("--", "sh", "-c", "sleep 64 & echo $!; wait") as process:
        other = int(first_line(process))
        process.send_signal(signal.SIGUSR1)
        _, stderr = process.communicate(timeout=30)

    assert process.returncode == 128 + signal.SIGUSR1
    assert other not in _parents()
    assert "no request came" in stderr


@pytest.mark.parametrize(("text", "code"), [("echo $0 $1; exit 4", 4), ("\x7fELF\0\0", 126)])
def test_a_script_that_does_not_say_what_runs_it(tmp_path: Path, text: str, code: int) -> None:
    """The shell does, as if it had been asked; it does not run what is no text."""
    (tmp_path / "publish-it").write_text(text)
    (tmp_path / "publish-it").chmod(0o755)
    path = os.pathsep.join((str(tmp_path), os.environ["PATH"]))

    for called, name in (("./publish-it", "./publish-it"), ("publish-it", str(tmp_path / "publish-it"))):
        result = run("--", called, "word", cwd=tmp_path, env={"PATH": path})

        assert result.returncode == code, result.stderr
        assert result.stdout == (f"{name} word\n" if code == 4 else "")
        assert ("'publish-it' cannot be run: Exec format error" in result.stderr.replace("./", "")) == (code == 126)


def test_a_reader_who_goes_away(tmp_path: Path) -> None:
    """That nobody reads what we tell does not change the command's code."""
    with started("--", "sh", "-c", f"echo ready; cat; echo done > {tmp_path}/done; exit 7") as process:
        assert first_line(process) == "ready"
        assert process.stderr is not None
        assert process.stdin is not None
        process.stderr.close()
        process.stdin.close()
        process.wait(timeout=30)

    assert process.returncode == 7
    assert (tmp_path / "done").exists()


def test_at_a_terminal() -> None:
    """The command reads from it, an interrupt that is typed reaches it once, and it says when it ends."""
    script = (
        "import signal\n"
        "told = []\n"
        "signal.signal(signal.SIGINT, lambda *_: (told.append(1), print('told', flush=True)))\n"
        "print('hello', input(), flush=True)\n"
        "print('said', input(), len(told), flush=True)\n"
        "raise SystemExit(9)"
    )
    ours, theirs = pty.openpty()
    with (
        # A session's first terminal is the one whose keys it hears.
        started("--", "python", "-c", script, before="os.open(os.ttyname(0), os.O_RDWR)", stdio=theirs) as process,
        os.fdopen(ours, "rb+", buffering=0) as terminal,
    ):
        os.close(theirs)
        seen = b""
        for typed, words in ((b"ada\n", b"hello ada"), (b"\x03", b"told"), (b"bye\n", b"said bye 1")):
            terminal.write(typed)
            seen = until(terminal.fileno(), seen, words)
        until(terminal.fileno(), seen, b"no request came")
        process.wait(timeout=30)

    assert process.returncode == 9
    assert b"Traceback" not in seen


def until(terminal: int, seen: bytes, words: bytes) -> bytes:
    """Read from a terminal until something has come, and return all that has."""
    while words not in seen:
        seen += os.read(terminal, 1024)
    return seen


@pytest.mark.parametrize(
    "before",
    ["signal.signal(signal.SIGCHLD, signal.SIG_IGN)", "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})"],
)
def test_whoever_starts_us_may_not_care_for_children(before: str) -> None:
    """Who ignores SIGCHLD, or holds it back, has us do so: we learn how the command ended all the same."""
    with started("--", "sh", "-c", "sleep 0.1; exit 3", before=before) as process:
        process.communicate(timeout=30)

    assert process.returncode == 3


DAEMON = (
    f"{STUBBORN}import os\n"
    "if os.fork(): signal.pause()\n"
    "os.setsid()\n"
    "if os.fork(): os._exit(0)\n"
    "print(os.getpid(), flush=True)\n"
    "time.sleep(60)"
)
"""A child's child's session, of which whoever started it knows no more."""
NESTED = (*(sys.executable, "-m", "pytest_pyreg"), *("exec", "pypi", "--"))


@ADOPTS
@pytest.mark.parametrize("around", [("env", "-i"), ("env", "-u", "PYREG_URL"), NESTED], ids=["bare", "unset", "nested"])
def test_who_has_lost_parent_and_mark_is_ended(around: tuple[str, ...]) -> None:
    """A daemon in an environment of its own, and one of a `pyreg exec` that is ended itself: both are ours by then."""
    with started("--timeout", "3", "--", *around, sys.executable, "-c", DAEMON) as process:
        assert first_line(process) == "up"
        daemon = int(first_line(process))
        assert daemon in _parents()
        process.communicate(timeout=30)

    assert process.returncode == 124
    assert not Path(f"/proc/{daemon}").exists()  # Not even as a zombie.


def test_who_stays_behind_in_time() -> None:
    """A daemon is left alone if nobody was told to end: the command has ended as it wanted to."""
    with started("--", "sh", "-c", "sleep 60 > /dev/null 2>&1 & echo $!; exit 6") as process:
        daemon = int(first_line(process))
        process.communicate(timeout=30)
        running = _parents()
        os.kill(daemon, signal.SIGKILL)

    assert process.returncode == 6
    assert daemon in running


@ADOPTS
def test_who_has_ended_is_buried() -> None:
    """An orphan is ours, and not left for dead while the command goes on."""
    script = (
        "import os, subprocess; shell = ['sh', '-c', 'sleep 0 > /dev/null & echo $!']\n"
        "orphan = subprocess.run(shell, stdout=subprocess.PIPE, text=True).stdout.strip()\n"
        "while os.path.exists(f'/proc/{orphan}'): pass"
    )
    result = run("--timeout", "20", "--", "python", "-c", script)

    assert result.returncode == 0, result.stderr


@ADOPTS
def test_a_neighbour_is_nobodys_to_end() -> None:
    """What a shell had started before it became us is not the command's, whose orphan is."""
    before = "import subprocess; print(subprocess.Popen(['sleep', '61']).pid, flush=True)"
    with started("--", "sh", "-c", "env -i sh -c 'sleep 60 & echo $!'; sleep 60", before=before) as process:
        neighbour, orphan = (int(first_line(process)) for _ in range(2))
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        running = _parents()
        os.kill(neighbour, signal.SIGKILL)

    assert neighbour in running
    assert orphan not in running
