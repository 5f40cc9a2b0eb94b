"""What docs/shared.md shows is executed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "shared.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
SHELL = [code.strip() for language, code in BLOCKS if language == "sh"]
ENV = {**os.environ, "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))}


def test_every_block_is_executed() -> None:
    """Nothing is shown that no test below runs."""
    assert len(PYTHON) + len(SHELL) == len(BLOCKS)
    assert [command.split("=a-secret-of-yours ")[-1].split()[0] for command in SHELL] == ["pytest"] * 2 + [
        "pyreg",
        "pytest",
    ]


@pytest.mark.parametrize(
    ("number", "command", "passed"), [(0, SHELL[0], 2), (1, SHELL[1], 1), (2, "pytest", 1)], ids=str
)
def test_the_tests_of_the_page_pass(pytester: pytest.Pytester, number: int, command: str, passed: int) -> None:
    """Each block is a test file; the commands run them."""
    pytester.makepyfile(PYTHON[number])

    pytester.runpytest_subprocess("-Werror", *shlex.split(command)[1:]).assert_outcomes(passed=passed)


def test_the_served_one_is_attached(pytester: pytest.Pytester) -> None:
    """By the two commands as they stand there, but for the port, which may be taken."""
    pytester.makepyfile(PYTHON[0])
    serve, run = (command.replace("8080", "{port}") for command in SHELL[2:])

    with subprocess.Popen(
        ["sh", "-c", f"exec env {serve.format(port=0)} --json"], env=ENV, stdout=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        try:
            port = re.search(r'"url": "http://127.0.0.1:([0-9]+)', served.stdout.readline())
            assert port is not None
            command = ["sh", "-c", run.format(port=port[1])]
            result = subprocess.run(command, env=ENV, cwd=pytester.path, capture_output=True, text=True, check=False)
        finally:
            served.terminate()
            served.communicate()

    assert "2 passed" in result.stdout, result.stdout
