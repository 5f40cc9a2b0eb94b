"""What the prose of a row about the public index says of its world: plain facts, before there is any world."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

DEMO, ALICE, FIRST = "demo", "alice", "1.0"
"""The project, the user and the release that rows speak of if they name none."""
SOMEONE_ELSE = "bob"


@dataclass
class Person:
    """An account."""

    email_verified: bool = True
    two_factor: bool = True
    frozen: bool = False


@dataclass
class Release:
    """A release that was there before the request."""

    kinds: list[str] = field(default_factory=list)
    """Its files, each `sdist` or `wheel`; left open if empty."""
    filenames: list[str] = field(default_factory=list)
    """Those that are named."""
    age: timedelta = timedelta()
    yanked: str | None = None
    quarantined: bool = False
    deleted: bool = False
    bare: bool = False
    """Whether it has lost its files."""
    requires_python: str = ""
    provenance: bool = False


@dataclass
class Project:
    """A project that was there before the request."""

    owners: list[str] = field(default_factory=list)
    """The caller, if nobody is named."""
    maintainers: list[str] = field(default_factory=list)
    standing: str = "active"
    releases: dict[str, Release] = field(default_factory=dict)
    empty: bool = False
    """Whether it has no files, in so many words."""
    organization: str = ""
    good_standing: bool = True
    limits: dict[str, int] = field(default_factory=dict)
    stored: int = 0
    """Bytes that it holds already."""


@dataclass
class Token:
    """What the request shows."""

    kind: str = "account"
    """`account`, `project`, `minted`, `password`, `garbled`, `none` or `unknown`."""
    project: str = ""
    """What a project's token is limited to."""
    publisher: str = "GitHub"
    place: str = ""
    workflow: str = "release.yml"
    environment: str | None = None
    age: timedelta = timedelta()
    lasts: timedelta | None = None
    revoked: bool = False
    disowned: bool = False
    """Whether its publisher was taken from the project."""


@dataclass
class Told:
    """The whole of it."""

    projects: dict[str, Project] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    token: Token = field(default_factory=Token)
    caller: str = ALICE
    settings: dict[str, Any] = field(default_factory=dict)
    prohibited: list[str] = field(default_factory=list)
    nothing: bool = False
    """Whether no project is there but those that are named."""
    absent: list[str] = field(default_factory=list)
    """Projects that are not there, in so many words."""
    deleted: list[tuple[str, str]] = field(default_factory=list)
    """Projects that were deleted, and by whom."""
    burned: list[str] = field(default_factory=list)
    """Names of deleted files: `""` is that of the request's own file."""
    copies: list[str] = field(default_factory=list)
    """What is there of the request's own file: `same`, `other bytes`, `other name` or `other project`."""
    serial: int | None = None
    begun: dict[str, int] = field(default_factory=dict)
    """How many projects a user, or the address, has begun within the hour."""
    last: str = ""
    """What the last sentence was about: `token`, `release` or `project`."""
    last_project: str = ""
    last_release: str = ""

    def person(self, name: str = "") -> Person:
        """Return somebody: the caller if nobody is named."""
        return self.people.setdefault(name or self.caller, Person())

    def project(self, name: str = "") -> Project:
        """Return a project, from now on the one that is spoken of: the last one if none is named."""
        self.last_project, self.last = name or self.last_project or DEMO, "project"
        return self.projects.setdefault(self.last_project, Project())

    def release(self, version: str = "") -> Release:
        """Return a release, from now on the one that is spoken of: the last one if none is named."""
        project = self.project()
        self.last_release, self.last = version or self.last_release or FIRST, "release"
        return project.releases.setdefault(self.last_release, Release())
