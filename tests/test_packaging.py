"""What ships: the members of wheel and sdist, and the bounds that are proved."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from pytest_pyreg.flavours import lookup
from pytest_pyreg.rehearsal.checking import check

ROOT = Path(__file__).parent.parent
DIST = importlib.metadata.distribution("pytest-pyreg")


@pytest.fixture(name="built", scope="module")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distributions, built from the checkout."""
    if not (ROOT / "pytest_pyreg").is_dir():
        pytest.skip("the tests run away from the checkout, against the shipped wheel")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_the_wheel_holds_the_package_and_nothing_else(built: Path) -> None:
    """Every module and the typing marker; no test, no example."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    expected = {str(path.relative_to(ROOT)) for path in (ROOT / "pytest_pyreg").rglob("*.py")}
    assert names == expected | {"pytest_pyreg/py.typed"}


def test_the_sdist_holds_what_its_tests_need(built: Path) -> None:
    """A packager can run the tests from it."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {"README.md", "LICENSE", "CHANGELOG.md", "tests/conftest.py", "examples/hello/pyproject.toml"} <= names
    assert not {name for name in names if name.startswith((".venv", ".ci"))}


def test_the_public_index_would_take_both(built: Path) -> None:
    """What is shipped has no mark in it by which the index knows encrypted code, though it knows these marks itself."""
    results = check(sorted(built.iterdir()), lookup("pypi"))

    assert len(results) == 2
    assert not [objection.words for one in results for objection in one.objections]


def test_the_entry_points_are_there() -> None:
    """The plugin's name is `pyreg`, and so is the command's."""
    points = {(point.group, point.name): point.value for point in DIST.entry_points}

    assert points == {
        ("pytest11", "pyreg"): "pytest_pyreg.plugin",
        ("console_scripts", "pyreg"): "pytest_pyreg.cli:main",
    }


def test_every_lower_bound_is_what_the_minimum_installs() -> None:
    """A bound that nobody has run is a guess."""
    pins = dict(re.findall(r"^([\w.-]+)==(.+)$", (ROOT / "constraints" / "min.txt").read_text(), re.MULTILINE))
    wanted = {}
    for text in DIST.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": "test"}):
            (specifier,) = requirement.specifier
            assert specifier.operator == ">=", text
            wanted[requirement.name] = specifier.version

    assert {name: Version(pins[name]) for name in wanted} == {name: Version(text) for name, text in wanted.items()}


def test_the_changelog_speaks_of_this_version() -> None:
    """Until a release the heading is "Unreleased"."""
    text = (ROOT / "CHANGELOG.md").read_text()

    assert "## Unreleased" in text or f"## {DIST.version} " in text
