"""`registry.upstream` filled by hand: from factories, and from a wheelhouse that the caller's own tools made."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Registry

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(name="wheelhouse")
def _wheelhouse(tmp_path: Path) -> Path:
    """A folder that real pip filled: two local projects, one of which needs the other."""
    for name, needs in (("first", '["second"]'), ("second", "[]")):
        project = tmp_path / "src" / name
        project.mkdir(parents=True)
        (project / f"{name}.py").write_text(f"NAME = {name!r}\n")
        (project / "pyproject.toml").write_text(
            textwrap.dedent(f"""
                [build-system]
                requires = ["hatchling"]
                build-backend = "hatchling.build"
                [project]
                name = "{name}"
                version = "1.0"
                dependencies = {needs}
                [tool.hatch.build]
                include = ["{name}.py"]
                """)
        )
    house = tmp_path / "wheelhouse"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "--no-index", "-w", house),
            *(tmp_path / "src" / "first", tmp_path / "src" / "second"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (house / "notes.txt").write_text("no distribution")
    return house


def test_a_wheelhouse_is_installed_through_forwarding(wheelhouse: Path) -> None:
    """All wheels in it are upstream, whether it is added or named at the start."""
    with Registry("gitlab@17") as registry:
        registry.upstream.add(wheelhouse)
        assert registry.upstream.projects() == {"first", "second"}

        assert registry.install("first").distributions() == {"first": "1.0", "second": "1.0"}
    with Registry("gitlab@17", upstream=wheelhouse) as registry:
        assert registry.install("first", client="uv").distributions() == {"first": "1.0", "second": "1.0"}


def test_factories_and_folders_go_together(wheelhouse: Path) -> None:
    """As any other arguments of `add`; sdists count too."""
    with Registry("pypi") as registry:
        registry.make_sdist("third", "1.0").write_to(wheelhouse)
        registry.add(registry.make_wheel("fourth", "1.0"), wheelhouse)

        assert registry.projects() == {"first", "second", "third", "fourth"}


def test_a_folder_without_any_is_an_error(tmp_path: Path) -> None:
    """A wrong path must not look like an index that has nothing."""
    (tmp_path / "notes.txt").write_text("no distribution")
    with Registry("pypi") as registry:
        with pytest.raises(FileNotFoundError, match=r"no wheel \(\.whl\) and no sdist"):
            registry.add(tmp_path)
        assert registry.projects() == set()
