"""What the index writes into: a shelf for each namespace, on it a shelf for each project; and cheap copies of both.

A copy for a snapshot costs one look at each project's name, not at its files: the projects' shelves stay the same ones
until somebody changes one, who then makes a copy of that one alone.  Knows no locks; the index has one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from datetime import datetime

    from packaging.utils import NormalizedName

    from pytest_pyreg.model import Release

T = TypeVar("T")
Key = tuple[str, str]
"""A release's name as uploaded, and its version."""


@dataclass(slots=True)
class ProjectShelf:
    """What one namespace holds of one project."""

    era: int
    """In which era of the index it was made; one of an era before the last snapshot is not changed but copied."""
    serial: int = 0
    releases: dict[Key, Release] = field(default_factory=dict)
    filenames: dict[str, tuple[Key, ...]] = field(default_factory=dict)
    """File name -> the releases that have a file of that name."""

    def copy(self, era: int) -> ProjectShelf:
        """Return another one of the same content."""
        return ProjectShelf(era, self.serial, dict(self.releases), dict(self.filenames))


@dataclass(slots=True)
class Shelf:
    """What one namespace holds."""

    serial: int = 0
    projects: dict[NormalizedName, ProjectShelf] = field(default_factory=dict)
    order: dict[int, tuple[NormalizedName, Key]] = field(default_factory=dict)
    filenames: dict[str, tuple[NormalizedName, ...]] = field(default_factory=dict)
    taken: dict[tuple[int, str], datetime] = field(default_factory=dict)
    """(Release, file name) of a deleted file -> until when its name is taken."""

    def copy(self) -> Shelf:
        """Return another one of the same content; its projects are the same ones."""
        return Shelf(self.serial, dict(self.projects), dict(self.order), dict(self.filenames), dict(self.taken))

    def own(self, project: NormalizedName, era: int) -> ProjectShelf:
        """Return the shelf of a project to be changed: one that no snapshot has; made if there is none."""
        found = self.projects.get(project)
        if found is None:
            found = self.projects[project] = ProjectShelf(era)
        elif found.era != era:
            found = self.projects[project] = found.copy(era)
        return found


def include(holders: dict[str, tuple[T, ...]], filename: str, holder: T) -> None:
    """Note who has a file of that name, each once."""
    known = holders.get(filename, ())
    if holder not in known:
        holders[filename] = (*known, holder)


def exclude(holders: dict[str, tuple[T, ...]], filename: str, holder: T) -> None:
    """Note who has none any more."""
    left = tuple(one for one in holders.get(filename, ()) if one != holder)
    if left:
        holders[filename] = left
    else:
        holders.pop(filename, None)
