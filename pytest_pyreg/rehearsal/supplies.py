"""A release's dependencies, put beside the registry: a folder that pip looks into besides the index.

The registries here are empty, and most send nobody to an index upstream; in real life the dependencies come from
somewhere, so here they come from a folder, or are fetched into one with the caller's own pip.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.rehearsal import content
from pytest_pyreg.rehearsal.outside import NotRehearsable, run_outside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_pyreg.rehearsal.building import Built

INDEX = "index"


def found(given: str, built: Built, folder: Path, timeout: float) -> tuple[Path, str]:
    """Return a folder with the dependencies, and where they are from, for a person.

    Args:
        given: `index` for the index that the caller's own pip is configured for, or a folder.
        built: the release.
        folder: where to put what is fetched.
        timeout: seconds that it may take.

    Raises:
        NotRehearsable: there is no such folder, it has the release itself, or pip fails.
    """
    release = content.of(built.files[0])
    if given != INDEX:
        own = Path(given)
        examine(given)
        _without(own, release.project)
        _complete(own, release.dependencies)
        return own.resolve(), "a folder"
    folder.mkdir()
    if release.requires:
        # Wheels are made of what has none, so that nothing is built while the release is installed.
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", str(folder), *release.requires]
        run_outside(command, timeout, f"the dependencies of {release.project} cannot be fetched")
    for path in _of(folder, release.project):  # A dependency that needs the project would hide the registry's own.
        path.unlink()
    return folder, "your own index"


def examine(given: str) -> None:
    """Refuse a folder of dependencies that is none, before anything is built.

    Raises:
        NotRehearsable: there is no such folder.
    """
    if given != INDEX and not (given and Path(given).is_dir()):
        raise NotRehearsable(f"there is no folder {given!r}; --deps takes a folder of wheels, or {INDEX!r}")


def _complete(folder: Path, names: Iterable[str]) -> None:
    there = {canonicalize_name(path.name.split("-")[0]) for path in folder.glob("*.whl")}
    lacking = sorted(name for name in set(names) if canonicalize_name(name) not in there)
    if lacking:
        raise NotRehearsable(
            f"the folder {str(folder)!r} lacks {', '.join(lacking)}, of which it needs a wheel each; fill it with "
            f"`pip wheel --wheel-dir {folder} {' '.join(lacking)}`, or take --deps {INDEX}"
        )


def _without(folder: Path, project: str) -> None:
    own = [path.name for path in _of(folder, project)]
    if own:
        raise NotRehearsable(
            f"{str(folder)!r} has the release itself, {own[0]}, which would be installed instead of the registry's; "
            "give a folder with the dependencies alone"
        )


def _of(folder: Path, project: str) -> list[Path]:
    start = canonicalize_name(project)
    return [
        path
        for path in sorted(folder.iterdir())
        if canonicalize_name(path.name.split("-")[0]) == start and path.is_file()
    ]
