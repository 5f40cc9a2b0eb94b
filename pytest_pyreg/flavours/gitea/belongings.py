"""What an owner has: packages, and repositories that they are linked to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_pyreg.checked import Checked

if TYPE_CHECKING:
    from pytest_pyreg.flavours.gitea.people import Owner


@dataclass(eq=False, repr=False)
class Repository(Checked):
    """A repository, as far as packages are linked to it."""

    id: int
    name: str
    owner: Owner
    private: bool = False
    teams: frozenset[str] | None = None
    """The teams of the organisation that it is given to; all if None."""


@dataclass(repr=False)
class Package(Checked):
    """What all versions of a package share: it outlives them, until the cleaner comes or the whole is deleted."""

    name: str
    """As its first upload spelled it."""
    repository: Repository | None = None
    """What it is linked to."""
