"""What a registry holds, as frozen plain data: no URLs, no escaping, no HTTP, no rights.

`Release` is the record that GitLab calls a package: one name *as it was uploaded*, one version, the files under it.
Two spellings of one project are two releases, shown together under the normalized name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from packaging.utils import NormalizedName


class Visibility(Enum):
    """Who sees a namespace without being a member of it."""

    PRIVATE = "private"
    INTERNAL = "internal"
    PUBLIC = "public"


@dataclass(eq=False)
class Namespace:
    """What owns projects: a GitLab project or group, a Gitea owner.

    The one record here that is not frozen: products derive theirs from it, and their settings change.
    """

    id: int
    path: str
    name: str
    visibility: Visibility

    @property
    def reference(self) -> str:
        """How an address names it."""
        return str(self.id)


class Keys(NamedTuple):
    """What a product compares when it asks whether something is there already."""

    project: str
    release: tuple[str, str]
    filename: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A distribution on its way in: the form as the flavour lets it be stored, and where its bytes are."""

    name: str
    version: str
    filename: str
    digest: str
    """sha256 (hex) of the bytes that arrived: the key of the blob."""
    size: int
    """Bytes."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Digests *as the client announced them*; some products show these and never compare them."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Metadata fields that have several values."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What a product keeps about the file besides, in its words."""
    pipeline: int | None = None
    """The CI pipeline whose job uploads it."""
    replaces: bool = True
    """Whether its metadata becomes that of a release that has files already."""
    keys: Keys | None = None
    """What must be alike for two of these to be one; names to the letter if None."""


@dataclass(frozen=True, slots=True)
class File:
    """One stored distribution: the row about it."""

    id: int
    filename: str
    key: str
    """What must be alike for two files of a release to be one."""
    digest: str
    size: int
    hashes: Mapping[str, str]
    uploaded_at: datetime
    uploaded_by: str
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the product keeps about it besides, in its words."""
    pipeline: int | None = None
    """The CI pipeline whose job uploaded it."""


@dataclass(frozen=True, slots=True)
class Release:
    """A project and a version, with the files under it in the order of their arrival."""

    id: int
    name: str
    normalized: NormalizedName
    key: tuple[str, str]
    """What must be alike for two releases to be one."""
    version: str
    metadata: Mapping[str, str]
    files: tuple[File, ...]
    namespace: Namespace
    created_at: datetime
    updated_at: datetime
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Metadata fields that have several values."""
    yanked: str | None = None
    """Why it was taken back (PEP 592), perhaps without a word; None if it was not."""


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """All releases of one project, in the order of their arrival."""

    name: str
    """The project's name as its first release spelled it."""
    normalized: NormalizedName
    releases: tuple[Release, ...]

    @property
    def filenames(self) -> set[str]:
        """The names of all its files."""
        return {file.filename for release in self.releases for file in release.files}

    @property
    def versions(self) -> list[str]:
        """Its versions in the order of PEP 440; what is no version comes before all."""
        return sorted({release.version for release in self.releases}, key=_version_order)


def _version_order(version: str) -> tuple[bool, Version | str]:
    try:
        return True, Version(version)
    except InvalidVersion:
        return False, version
