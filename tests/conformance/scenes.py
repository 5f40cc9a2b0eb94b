"""What a row's world consists of once it is built."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.conformance.cases import CannotExpress

if TYPE_CHECKING:
    from pytest_pyreg import ManualClock, Registry
    from pytest_pyreg.flavours.gitlab import GitLabWorld
    from pytest_pyreg.flavours.gitlab.people import User
    from pytest_pyreg.flavours.gitlab.places import Project
    from pytest_pyreg.model import File, Namespace, Release
    from tests.conformance.cases import Row

CONTENT = b"the bytes of a distribution"
OLDER = b"other bytes than these"


@dataclass
class Scene:
    """The world of one row, and what is where in it."""

    row: Row
    registry: Registry
    world: GitLabWorld
    clock: ManualClock
    project: Project
    above: Namespace
    """The group, or user namespace, that the project lies in."""
    owner: User
    """Whose namespace that is, if it is a user's."""
    number: int
    """What `:id` stands for."""
    caller: User | None = None
    username: str = ""
    """Of the deploy token."""
    headers: list[tuple[str, str]] = field(default_factory=list)
    query: list[tuple[str, str]] = field(default_factory=list)
    release: Release | None = None
    file: File | None = None
    release_number: int = 0
    file_number: int = 0
    deleted: int = 0
    """The id of a package that was deleted."""
    name: str = "pypi-package-1"
    """The name of the package that the row is about, as stored."""
    words: dict[str, str] = field(default_factory=dict)
    """Placeholders, and what they stand for."""

    @property
    def other(self) -> Project:
        """Another project."""
        return self.world.project("elsewhere/other")


def of_group(row: Row) -> bool:
    """Tell whether a row is about a group's address.

    The words `<file url>` do not say whose; the row's id does.
    """
    path = str(row.when["path"])
    return path.startswith(("/api/v4/groups/", "<group")) or (path == "<file url>" and "-group-" in row.id)


def flag(value: object, where: str) -> bool:
    """Return a value that must be true or false.

    Raises:
        CannotExpress: it is not.
    """
    if not isinstance(value, bool):
        raise CannotExpress(f"{where} = {value!r} is neither true nor false")
    return value
