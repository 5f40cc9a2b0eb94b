"""The environments of examples/tox, run by tox itself, which installs all that they ask for."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Copied = Callable[..., Path]
    Tool = Callable[[str], str]

pytestmark = pytest.mark.clients


def tox(program: str, project: Path, env: Mapping[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    """Run tox."""
    return subprocess.run(
        [program, "run", *argv], cwd=project, env=env, capture_output=True, text=True, check=False, timeout=600
    )


def test_the_wheel_that_tox_built_is_rehearsed(tool: Tool, copied: Copied, environment: dict[str, str]) -> None:
    """On every registry that is usual, with the wheel that tox hands over and nothing besides."""
    project = copied("tox")

    result = tox(tool("tox"), project, environment, "-e", "rehearse", "--", "--json", "rehearsal.json")

    assert result.returncode == 0, result.stdout + result.stderr
    rehearsal = json.loads((project / "rehearsal.json").read_text())
    assert [file["name"] for file in rehearsal["files"]] == ["gadget-1.0-py3-none-any.whl"]
    assert [flavour["flavour"].split("@")[0] for flavour in rehearsal["flavours"]] == [
        *("gitlab", "gitea", "forgejo", "pypi")
    ]
    acts = {(act["act"], act["outcome"]) for flavour in rehearsal["flavours"] for act in flavour["acts"]}
    assert {("install", "fine"), ("start", "fine")} <= acts


def test_a_release_that_does_not_work_fails(tool: Tool, copied: Copied, environment: dict[str, str]) -> None:
    """A program that ends in a traceback is no release, and tox says which environment it was."""
    project = copied("tox", {"src/gadget/__init__.py": "def main():\n    raise RuntimeError('not today')\n"})

    result = tox(tool("tox"), project, environment, "-e", "rehearse", "--", "--flavour", "gitlab@17")

    assert result.returncode == 1
    assert "RuntimeError: not today" in result.stdout
    assert "rehearse: FAIL" in result.stdout


def test_its_own_tests_pass_there(tool: Tool, copied: Copied, environment: dict[str, str]) -> None:
    """They build, publish, install and run; one of them is chosen here, as people do."""
    result = tox(tool("tox"), copied("tox"), environment, "-e", "py,release", "--", "-k", "gitlab")

    assert result.returncode == 0, result.stdout + result.stderr
    assert "It works." in result.stdout
    assert "1 passed, 2 deselected" in result.stdout
