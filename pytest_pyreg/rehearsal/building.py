"""A project's distributions, built once the way its author does: real `python -m build`, into a folder of ours.

With isolation the build requirements come from wherever the caller's own pip gets them: the one part of a rehearsal
that may leave the machine, and only if the backend needs something.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_pyreg.rehearsal.outside import NotRehearsable, read_toml, run_outside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ENDINGS = (".whl", ".tar.gz", ".zip")
_SHOWN = 4
"""Projects that are named where several are."""
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True)
class Built:
    """The files of one release."""

    wheels: tuple[Path, ...]
    sdists: tuple[Path, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, in the order in which twine uploads them."""
        return (*self.wheels, *self.sdists)


def is_project(path: Path) -> bool:
    """Tell whether a folder is a project that can be built."""
    return any((path / name).is_file() for name in _PROJECT_FILES)


def examine(project: Path) -> None:
    """Refuse a folder that has no project in it, before anything is done.

    Args:
        project: its folder.

    Raises:
        NotRehearsable: there is none, or it is only the root of several, which builds as junk or not at all.
    """
    if not is_project(project):
        what = "there is no folder" if not project.is_dir() else "no pyproject.toml and no setup.py is in"
        raise NotRehearsable(f"{what} {str(project)!r}; give the folder of a Python project: pyreg rehearse path/to/it")
    file = project / "pyproject.toml"
    if not file.is_file() or any((project / name).is_file() for name in _PROJECT_FILES[1:]):
        return
    try:
        tables = read_toml(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotRehearsable(f"{str(file)!r} cannot be read: {error}") from None
    tool = tables.get("tool")
    if "build-system" in tables or "project" in tables or (isinstance(tool, dict) and "poetry" in tool):
        return
    members = sorted(one.parent.as_posix() for depth in ("*", "*/*") for one in project.glob(f"{depth}/pyproject.toml"))
    path = members[0] if members else "path/to/it"
    others = f" ({', '.join(members[1:_SHOWN])} and so on)" if len(members) > 1 else ""
    raise NotRehearsable(
        f"the pyproject.toml in {str(project)!r} has neither [project] nor [build-system], so it is no project to "
        f"build; if it is the root of several, give the folder of one: pyreg rehearse {path}{others}"
    )


def build(project: Path, folder: Path, *, isolated: bool, timeout: float) -> Built:
    """Build a project.

    Args:
        project: its folder.
        folder: where the files go.
        isolated: whether the backend gets an environment of its own, filled from the caller's index.
        timeout: seconds that the build may take.

    Raises:
        NotRehearsable: there is no project, it does not build, or nothing came out.
    """
    examine(project)
    # Without a kind named, build makes the sdist first and the wheel out of it: that it can be built is shown by that.
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(project.resolve())]
    if not isolated:
        command.insert(3, "--no-isolation")
    run_outside(command, timeout, f"{str(project)!r} does not build", hint="" if isolated else NO_ISOLATION)
    return found([folder])


NO_ISOLATION = "with --no-isolation the backend must be installed beside pyreg"


def found(given: Sequence[Path]) -> Built:
    """Return the wheels and sdists among files and in folders.

    Raises:
        NotRehearsable: there are none, or one of the files is not there or is neither.
    """
    files: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.name.endswith(ENDINGS) and one.is_file())
            if not inside:
                raise NotRehearsable(f"no wheel (.whl) and no sdist (.tar.gz) is in the folder {str(path)!r}")
            files += inside
        elif not path.is_file():
            raise NotRehearsable(f"there is no file {str(path)!r}; give wheels, sdists, or the folder that holds them")
        elif not path.name.endswith(ENDINGS):
            raise NotRehearsable(f"{str(path)!r} is no wheel (.whl) and no sdist (.tar.gz)")
        else:
            files.append(path)
    files = list(dict.fromkeys(path.resolve() for path in files))
    wheels = tuple(path for path in files if path.suffix == ".whl")
    return Built(wheels, tuple(path for path in files if path.suffix != ".whl"))
