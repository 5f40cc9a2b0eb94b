"""What the README shows is executed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# What a run within this process imports first, the next one would import once more, and know its classes no longer.
import pytest_pyreg.products  # noqa: F401
from pytest_pyreg import make_dists

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
SHELL = [code.strip() for language, code in BLOCKS if language == "sh"]
SET_UP = [command for command in SHELL if "venv" in command]


def test_every_block_is_of_a_kind_that_is_executed() -> None:
    """Nothing is shown that no test below runs."""
    assert {language for language, _ in BLOCKS} == {"python", "sh"}
    assert len(SET_UP) == 2
    assert [command.split()[1] for command in SHELL if command not in SET_UP] == ["exec", "serve", "flavours"]


def test_its_lines_fit() -> None:
    """120 columns, but for tables and commands, which cannot be broken."""
    assert not [
        line
        for line in README.splitlines()
        if len(line) > 120 and not line.startswith("|") and line not in "\n".join(SHELL).splitlines()
    ]


@pytest.mark.parametrize(
    "code", [code for code in PYTHON if "def test" in code], ids=lambda code: code.split("(")[0][-20:]
)
def test_the_tests_that_are_shown_pass(pytester: pytest.Pytester, code: str) -> None:
    """Each block is a test file."""
    pytester.makepyfile(code)

    result = pytester.runpytest()

    result.assert_outcomes(passed=code.count("def test"))


DOCS = [
    block
    for page in (ROOT / "docs" / f"{name}.md" for name in ("gitlab", "gitea", "pypi"))
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    if "def test" in block
]


@pytest.mark.parametrize("code", DOCS, ids=lambda code: code.split("(")[0][-20:])
def test_the_tests_of_the_documents_pass(pytester: pytest.Pytester, code: str) -> None:
    """The same for the pages about products; the one about world files has tests of its own."""
    pytester.makepyfile(code)

    outcomes = pytester.runpytest().parseoutcomes()

    assert set(outcomes) == {"passed"}
    assert outcomes["passed"] >= code.count("def test")  # A marker with several flavours makes a test of each.


@pytest.mark.parametrize("code", [code for code in PYTHON if "def test" not in code])
def test_the_scripts_that_are_shown_run(code: str) -> None:
    """A block without a test is a script."""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_exec_line_publishes(tmp_path: Path) -> None:
    """The line of GitLab's documents, on a folder with distributions in it."""
    for dist in make_dists("demo", "1.0"):
        dist.write_to(tmp_path / "dist")

    result = shown("exec", tmp_path)
    stdout, stderr = result.communicate(timeout=60)

    assert result.returncode == 0, stdout
    assert stderr.count("-> 201 Created") == 2


def test_the_serve_line_serves(tmp_path: Path) -> None:
    """It runs until it is interrupted, and prints one line of JSON."""
    result = shown("serve", tmp_path)
    try:
        assert result.stdout is not None
        assert json.loads(result.stdout.readline())["flavour"] == "gitlab@17"
    finally:
        result.send_signal(signal.SIGINT)
        result.communicate(timeout=10)

    assert result.returncode == 0


def test_the_flavours_line_tells_two_apart(tmp_path: Path) -> None:
    """It prints what changed between them."""
    result = shown("flavours", tmp_path)
    stdout, stderr = result.communicate(timeout=60)

    assert result.returncode == 0, stderr
    assert "forwarding" in stdout


@pytest.mark.network
def test_the_first_set_up_line_runs_the_main_job(tmp_path: Path) -> None:
    """In a copy of what git tracks, with nothing but Python and the package index."""
    copy = tmp_path / "clone"
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    # Only what pip needs to reach its index is passed on.
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PIP_", "SSL_")) or "PROXY" in name.upper()
    }

    result = subprocess.run(
        ["sh", "-c", SET_UP[0]],
        cwd=copy,
        env={
            **kept,
            "PATH": os.pathsep.join((str(Path(sys.base_prefix) / "bin"), os.environ["PATH"])),
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"3 passed", result.stdout)


def shown(task: str, cwd: Path) -> subprocess.Popen[str]:
    """Start the command that the README shows for a task, with the `pyreg` that is installed here."""
    (command,) = (command for command in SHELL if command.startswith(f"pyreg {task}"))
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.Popen(
        shlex.split(command),
        executable=str(Path(sys.executable).with_name("pyreg")),
        cwd=cwd,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
