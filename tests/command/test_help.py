"""Help as a manual page: it has every section, is as wide as it may be, and every example in it is run."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_pyreg import make_dists
from pytest_pyreg.cli import command, main, manual
from pytest_pyreg.cli.manual import Manual, Parser

ROOT = Path(__file__).parents[2]
PYREG = [sys.executable, "-m", "pytest_pyreg"]
TASKS = ("", *command.TASKS)
"""The command itself, and each of its tasks."""
MANUALS = {"": command.MANUAL, **{task: command.module(task).MANUAL for task in command.TASKS}}
EXAMPLES = [(task, line) for task, found in MANUALS.items() for _, line in found.examples]
SECTIONS = ("NAME", "USAGE", "DESCRIPTION", "OPTIONS", "EXIT CODES", "EXAMPLES", "SEE ALSO")


def page(task: str, columns: str = "80", **env: str) -> str:
    """Return what the command prints for help."""
    argv = [*PYREG, *filter(None, [task]), "--help"]
    done = subprocess.run(
        argv, env={**os.environ, "COLUMNS": columns, **env}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("task", TASKS)
def test_help_is_a_manual_page(task: str) -> None:
    """The first line says what it is, all sections are there in order, and each argument is told of."""
    text = page(task)

    heads = re.findall(r"^\S.*$", text, re.MULTILINE)
    assert [head for head in heads if head in SECTIONS] == list(SECTIONS)
    assert text.startswith(f"NAME\n    {' '.join(filter(None, ['pyreg', task]))} - ")
    parser = command.parser()
    for action in (parser.tasks[task] if task else parser)._actions:
        if action.help != argparse.SUPPRESS:
            names = action.option_strings or [str(action.metavar or action.dest.upper())]
            assert all(re.search(rf"(?m)^    .*{re.escape(name)}\b", text) or name == "TASK" for name in names), names
    assert all(code in text for code in MANUALS[task].exit_codes)


def test_the_command_s_help_has_all_tasks() -> None:
    """In their order, each with its own line."""
    listed = page("").partition("TASKS\n")[2].partition("\n\n")[0]

    assert re.findall(r"(?m)^    (\w+)", listed) == list(command.TASKS)


def test_defaults_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that help does not tell by itself, too; what has none is told none."""
    parser = Parser(prog="demo", summary="a demo", description="It is.")
    parser.add_argument("--many", type=int, default=3, help="how many")
    parser.add_argument("--some", default=None, help="which")
    parser.add_argument("--own", default=5, help="its own (default: %(default)s of them)")
    parser.add_argument("--quiet", action="store_true", help="say nothing")

    parser.print_help()

    text = capsys.readouterr().out
    assert "how many (default: 3)" in text
    assert "its own (default: 5 of them)" in text
    assert text.count("default") == 2
    assert "ENVIRONMENT" not in text
    assert "[--many MANY] [--some SOME] [--own OWN] [--quiet]" in text


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("columns", [40, 64, 100, 160])
def test_help_is_as_wide_as_the_terminal(task: str, columns: int) -> None:
    """No line is longer, but for words that are not torn and lines that are copied; more room is used."""
    text = page(task, str(columns))

    copied = {line for _, line in MANUALS[task].examples}
    for line in text.splitlines():
        assert len(line) <= columns or len(line.split()) == 1 or line.strip() in copied or "[" in line, line
    if columns > 64:
        assert len(text.splitlines()) < len(page(task, "64").splitlines())


def test_too_narrow_is_not_followed() -> None:
    """A terminal of no width, as some CI systems have, gets what can be read."""
    assert page("check", "1") == page("check", str(manual.LEAST))


@pytest.mark.parametrize(("env", "bold"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_headings_are_bold_on_a_terminal(env: dict[str, str], bold: bool) -> None:
    """And nowhere else; the words are the same."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    try:
        argv = [*PYREG, "check", "--help"]
        process = subprocess.Popen(argv, env={**kept, "TERM": "xterm", "COLUMNS": "80", **env}, stdout=theirs)
        os.close(theirs)
        seen = b""
        while True:
            try:
                block = os.read(ours, 4096)
            except OSError:  # As Linux ends it.
                break
            if not block:
                break
            seen += block
        assert process.wait(timeout=60) == 0
    finally:
        os.close(ours)

    told = seen.decode().replace("\r", "")
    assert ("\x1b[1mNAME\x1b[0m\n" in told) is bold
    assert re.sub(r"\x1b\[[0-9]m", "", told) == page("check")
    assert "\x1b" not in page("check")


def test_every_task_has_examples() -> None:
    """Two at least, none of them twice."""
    assert all(len(set(found.examples)) == len(found.examples) >= 2 for found in MANUALS.values())
    assert all("pyreg " in line for _, line in EXAMPLES)


@pytest.fixture(name="work")
def _work(tmp_path: Path) -> Path:
    """A project that is built, with a world file, and a script that publishes."""
    folder = shutil.copytree(ROOT / "fixtures" / "projects" / "hatchling", tmp_path / "work")
    for dist in make_dists("demo", "1.0", files={"demo.py": ""}):
        dist.write_to(folder / "dist")
    (folder / "publish.sh").write_text(
        "TWINE_USERNAME=gitlab-ci-token TWINE_PASSWORD=$CI_JOB_TOKEN python -m twine upload "
        "--repository-url $CI_API_V4_URL/projects/$CI_PROJECT_ID/packages/pypi dist/*\n"
    )
    (folder / "world.toml").write_text('[users.ada]\npassword = "made-up-for-a-test"\n')
    return folder


@pytest.mark.parametrize(("task", "line"), EXAMPLES, ids=[f"{task}: {line}" for task, line in EXAMPLES])
def test_every_example_works(task: str, line: str, work: Path) -> None:
    """As it stands, in a shell, but that no port is fixed; what runs until Ctrl-C is interrupted once it is there."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {"PATH": path, "HOME": str(work), "LANG": "C.UTF-8"}
    serves = line.startswith("pyreg serve")
    process = subprocess.Popen(
        ["bash", "-c", f"exec {line.replace('8123', '0')}" if serves else line],
        cwd=work,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    begun = ""
    while serves and "stranger" not in begun:
        begun += process.stdout.readline() or pytest.fail(process.communicate()[1])
    if serves:
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)

    assert process.returncode == 0, out + err
    assert "Traceback" not in err
    assert task or out + err + begun


def test_an_example_that_fails_would_be_seen(work: Path) -> None:
    """The twin of the above: codes of commands come through."""
    line = "pyreg exec gitlab -- twine upload no-such-folder/*"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    assert subprocess.run(
        ["bash", "-c", line], cwd=work, env={"PATH": path}, capture_output=True, check=False
    ).returncode


def test_help_names_pages_that_there_are() -> None:
    """And tasks."""
    for found in MANUALS.values():
        for named in found.see:
            task = re.fullmatch(r"pyreg (\w+) --help", named)
            assert (ROOT / named).is_file() or (task and task[1] in {*command.TASKS, "TASK"}), named


def test_usage_is_made_out_of_the_arguments() -> None:
    """One that is repeated, one that may be left out, several; what is suppressed is not told."""
    parser = Parser(prog="demo")
    parser.add_argument("--one", "-o", metavar="X", help="x")
    parser.add_argument("--again", action="append", metavar="Y", help="y")
    parser.add_argument("--hidden", help=argparse.SUPPRESS)
    parser.add_argument("first", help="f")
    parser.add_argument("maybe", nargs="?", help="m")
    parser.add_argument("rest", nargs="+", help="r")

    assert parser.format_usage() == "demo FIRST [MAYBE] REST [REST ...] [-o X] [--again Y ...]\n"


def test_a_page_without_a_manual() -> None:
    """Has what it has."""
    assert (
        Parser(prog="demo", summary="a demo", manual=Manual({"0": "fine"}))
        .format_help()
        .endswith("EXIT CODES\n    0                   fine\n")
    )


def test_help_of_the_module_is_help_of_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    """And of `main`."""
    with pytest.raises(SystemExit, match="0"):
        main(["flavours", "--help"])

    assert " ".join(capsys.readouterr().out.split()) == " ".join(page("flavours").split())
