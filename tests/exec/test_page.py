"""What docs/exec.md shows and lists is so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_pyreg import Registry, make_dists
from pytest_pyreg.cli.attending import GRACE
from pytest_pyreg.clients import ci

PAGE = (Path(__file__).parents[2] / "docs" / "exec.md").read_text()
COMMANDS = re.findall(r"^```sh\n(.*?)\n```", PAGE, re.MULTILINE | re.DOTALL)
ROWS = dict(re.findall(r"^\| (`?\w[\w` ]*?) \| (.*) \|$", PAGE, re.MULTILINE))


def names(row: str) -> set[str]:
    """Return the variables that a row names, but for those that are there sometimes."""
    return set(re.findall(r"`([A-Z]\w*[A-Z0-9])`", ROWS[row].partition("; with")[0]))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_page_run(tmp_path: Path, command: str) -> None:
    """In a folder with distributions, as a shell runs them."""
    for dist in make_dists("demo", "1.0"):
        dist.write_to(tmp_path / "dist")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    env = {**os.environ, "PATH": path}

    result = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60
    )

    assert result.returncode == 0, result.stderr
    assert result.stderr.count("demo-1.0") == 2 * ("upload" in command)


@pytest.mark.parametrize("kind", ci.KINDS[:-1])
def test_the_variables_of_the_page(tmp_path: Path, kind: str) -> None:
    """All of them, and no other."""
    with Registry(kind if kind != "github" else "pypi") as registry:
        found = set(ci.job(kind, registry, tmp_path, tmp_path / "runner").variables)
    if kind == "gitlab":
        assert found == names("`gitlab`")
        return
    listed = names("every other") | names(f"`{kind}` besides")
    if kind == "forgejo":
        listed |= {name.replace("GITHUB_", "FORGEJO_") for name in listed}

    assert found == listed


def test_the_codes_and_times_of_the_page() -> None:
    """Five seconds is what it says."""
    assert f"{GRACE:g}" == "5"
    assert PAGE.count("five seconds") == 2
