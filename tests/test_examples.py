"""The examples are projects that a person could copy, and each of them works as it stands."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

EXAMPLES = Path(__file__).parent.parent / "examples"
TESTS = {"confusion": 5, "flaky": 4, "gitlab-ci": 5, "hello": 3, "monorepo": 3, "tox": 3}
"""Example -> how many tests it has, so that none is lost without a word."""
WITHOUT = {"service"}
"""Those that have none of their own: tests/examples has them, and the jobs and environments of the others."""


def test_every_example_is_told_of() -> None:
    """The page lists what there is, and so does the table above."""
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}

    assert folders == set(TESTS) | WITHOUT
    assert set(re.findall(r"^\| \[([\w-]+)\]\(\1\) ", (EXAMPLES / "README.md").read_text(), re.MULTILINE)) == folders


@pytest.mark.parametrize("name", TESTS)
def test_example(name: str, tmp_path: Path) -> None:
    """Its own tests pass in a copy, run the way in which its owner would."""
    project = shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))

    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{TESTS[name]} passed" in result.stdout
