"""What is the user's doing, or the machine's, is answered in words: never a traceback, and with the right code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import make_wheel
from pytest_pyreg.cli import command

if TYPE_CHECKING:
    from collections.abc import Mapping

PYREG = [sys.executable, "-m", "pytest_pyreg"]


def pyreg(
    *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [*PYREG, *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


WRONG = [
    ("", "say what to do: pyreg TASK, one of serve, exec, rehearse, check, flavours, completion; pyreg --help tells"),
    ("serv", "there is no task 'serv'; did you mean 'serve'? the tasks are serve, exec, rehearse, check, flavours, "),
    ("Check dist", "there is no task 'Check'; did you mean 'check'?"),
    ("xyzzy", "there is no task 'xyzzy'; the tasks are "),
    ("--jsn", "say what to do: pyreg TASK"),
    ("exec gitlab", "exec needs a command after two dashes: pyreg exec gitlab@17 -- twine upload dist/*"),
    ("exec gitlab twine upload", "put two dashes before the command: pyreg exec gitlab -- COMMAND"),
    ("exec gitlab --wrld w.toml -- true", "pyreg exec has no option --wrld; did you mean --world? pyreg exec --help"),
    ("exec gitlab gitea -- true", "'gitea' is too much for pyreg exec: pyreg exec [FLAVOUR] "),
    ("serve gitlab gitea", "'gitea' is too much for pyreg serve: pyreg serve [FLAVOUR] "),
    ("serve gitlub", "there is no flavour 'gitlub'; the products are "),
    ("serve gitlub", "did you mean 'gitlab'?"),
    ("serve --port", "serve needs a value after --port\n    pyreg serve [FLAVOUR]"),
    ("serve --port many", "serve --port: a port is a number from 0 to 65535, not 'many'\n    pyreg serve "),
    ("serve --json=yes", "serve takes no value with --json, and was given 'yes'\n"),
    ("serve --world nowhere.toml", "nowhere.toml"),
    ("check", "check needs DIST\n    pyreg check DIST [DIST ...] [--flavour F ...] [--json FILE]\npyreg check --help"),
    ("check . --flavr gitlab", "pyreg check has no option --flavr; did you mean --flavour? pyreg check --help has"),
    ("check . --flav gitlab", "pyreg check has no option --flav; did you mean --flavour?"),
    ("check . --frobnicate=1", "pyreg check has no option --frobnicate; pyreg check --help has them all"),
    ("check . --flavour gitlab@99", "gitlab@99"),
    ("rehearse --timeout soon", "rehearse --timeout: a time is a number of seconds above zero, not 'soon'"),
    ("completion bsh", "completion knows no SHELL 'bsh'; there are "),
    ("completion", "completion needs SHELL\n"),
]


@pytest.mark.parametrize(("line", "words"), WRONG, ids=[line for line, _ in WRONG])
def test_a_wrong_call_is_told(line: str, words: str, tmp_path: Path) -> None:
    """What happened, what was expected, what to try; code 2, nothing on standard output."""
    told = pyreg(*line.split(), cwd=tmp_path)

    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("pyreg: ")
    assert words in told.stderr
    assert "Traceback" not in told.stderr
    assert len(told.stderr.splitlines()) <= 8


@pytest.mark.parametrize("spelling", ["--flavor=pep503", "--flavor pep503", "--flavours pep503"])
def test_other_spellings_mean_the_same(spelling: str, tmp_path: Path) -> None:
    """Of an option, and of a task; a file is what it is called."""
    make_wheel().write_to(tmp_path / "flavor")

    assert "pep503@1" in pyreg("check", "flavor", *spelling.split(), cwd=tmp_path).stdout
    assert pyreg("flavors", "pep503").stdout == pyreg("flavours", "pep503").stdout != ""


def test_the_options_of_a_command_are_its_own() -> None:
    """What stands behind two dashes is not respelled, and not looked at."""
    told = pyreg("exec", "pep503", "--", "echo", "--flavor", "--jsn", "--")

    assert (told.returncode, told.stdout) == (0, "--flavor --jsn --\n")


def broken_pipe(*arguments: str, cwd: Path | None = None) -> tuple[int, str]:
    """Run the command into a pipe that nobody reads; return its code and what it says."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*PYREG, *arguments], cwd=cwd, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=120, check=False
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("flavours", 0),
        ("flavours --json", 0),
        ("--help", 0),
        ("check --help", 0),
        ("--version", 0),
        ("completion bash", 0),
        ("check good --flavour pypi", 0),
        ("check bad --flavour pypi", 1),
        ("check bad --flavour pypi --json -", 1),
        ("exec pep503 -- sh -c 'exit_7'", 127),
    ],
)
def test_a_pipe_that_nobody_reads_changes_nothing(line: str, code: int, tmp_path: Path) -> None:
    """As `pyreg flavours | head -1` leaves it: no complaint, and the code is what it would have been."""
    make_wheel().write_to(tmp_path / "good")
    make_wheel(classifiers=["No"]).write_to(tmp_path / "bad")

    found, err = broken_pipe(*line.replace("'", "").split(), cwd=tmp_path)

    assert found == code
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    assert "BrokenPipe" not in err


def test_talk_that_nobody_hears_does_not_end_the_work(tmp_path: Path) -> None:
    """The command of `exec` runs, and its code comes through, though standard error is gone."""
    reading, writing = os.pipe()
    os.close(reading)
    script = "import pathlib, sys; pathlib.Path('done').touch(); sys.exit(7)"
    try:
        argv = [*PYREG, "exec", "pep503", "--", "python", "-c", script]
        done = subprocess.run(argv, cwd=tmp_path, stderr=writing, capture_output=False, timeout=120, check=False)
    finally:
        os.close(writing)

    assert done.returncode == 7
    assert (tmp_path / "done").exists()


@pytest.mark.parametrize(("line", "code"), [("flavours", 0), ("check dist --flavour pypi", 1), ("--help", 0)])
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_a_closed_output_is_one_that_nobody_wants(line: str, code: int, closed: str, tmp_path: Path) -> None:
    """Nothing is said elsewhere, and nothing is written into a file that has its number by chance."""
    make_wheel(classifiers=["No"]).write_to(tmp_path / "dist")
    shell = f'"$0" -m pytest_pyreg {line} {closed}'

    done = subprocess.run(
        ["sh", "-c", shell, sys.executable], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.returncode, done.stderr) == (code, "")
    assert bool(done.stdout) is (">&-" not in closed.replace("2>&-", ""))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is full")
@pytest.mark.parametrize("line", ["flavours", "--help", "check --help", "completion zsh", "check dist --json -"])
def test_an_output_that_takes_nothing_is_told(line: str, tmp_path: Path) -> None:
    """A result that is lost is no success."""
    make_wheel().write_to(tmp_path / "dist")
    with Path("/dev/full").open("w") as full:
        argv = [*PYREG, *line.split()]
        done = subprocess.run(argv, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr == ("pyreg: standard output cannot be written: No space left on device; redirect it elsewhere\n")


ASCII = [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}]


@pytest.mark.parametrize("env", ASCII, ids=["ascii", "C"])
def test_a_stream_without_the_letters_gets_escapes(env: dict[str, str], tmp_path: Path) -> None:
    """Of a table, of JSON, which stays JSON, of help, and of an error."""
    make_wheel(classifiers=["Ünïcode :: Ñ"]).write_to(tmp_path / "dist")

    table = pyreg("check", "dist", "--flavour", "pypi", cwd=tmp_path, env=env)
    told = pyreg("check", "dist", "--flavour", "pypi", "--json", "-", cwd=tmp_path, env=env)
    wrong = pyreg("serve", "gítlab", env=env)

    assert (table.returncode, table.stderr) == (1, "")
    assert r"\xdcn\xefcode :: \xd1" in table.stdout
    assert "Ünïcode :: Ñ" in json.loads(told.stdout)["results"][0]["objections"][0]["words"]
    assert told.stdout.isascii()
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("pyreg: there is no flavour 'g")
    assert "Traceback" not in table.stderr + told.stderr + wrong.stderr
    for line in (["--help"], ["flavours"], ["flavours", "gitlab"], ["completion", "fish"]):
        assert pyreg(*line, env=env).returncode == 0


def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    """A file may be called whatever bytes there are; no client can send it, and no stream has it."""
    name = os.fsdecode(b"demo-\xff-1.0-py3-none-any.whl")
    (tmp_path / name).write_bytes(make_wheel().data)

    told = pyreg("check", name, "--json", "-", cwd=tmp_path)

    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == (
        "pyreg: the file name 'demo-\\udcff-1.0-py3-none-any.whl' is no text, and no client can send it; rename it\n"
    )


MOMENTS = ("argparse", "pytest_pyreg.cli.reports", "pytest_pyreg.cli.command")


@pytest.mark.parametrize("module", MOMENTS)
def test_an_interrupt_while_it_starts_is_no_traceback(module: str) -> None:
    """Whatever is imported then."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "pytest_pyreg", "flavours"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests may ignore it.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - as said.
    )
    assert process.stderr is not None
    seen = ""
    while not seen.rstrip().endswith(f" {module}"):
        seen = process.stderr.readline() or pytest.fail(f"{module} is not imported")

    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()

    assert process.returncode in {-signal.SIGINT, 130, 0}  # 0 if it was done already.
    assert "Traceback" not in err
    assert "KeyboardInterrupt" not in err


@pytest.mark.parametrize("task", list(command.TASKS))
def test_an_interrupt_in_a_task_is_no_traceback(
    task: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor any other word; the code is a shell's."""
    from pytest_pyreg.cli import main

    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command.module(task), "show", interrupted)

    assert main([task, *{"check": ["x"], "completion": ["bash"]}.get(task, [])]) == 130
    assert capsys.readouterr() == ("", "")
