"""What a project's simple page shows, before anybody writes it down; warehouse/packaging/utils.py @6b621571."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from pytest_pyreg.flavours.pypi.answers import path
from pytest_pyreg.flavours.pypi.people import Standing
from pytest_pyreg.flavours.pypi.versions import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pytest_pyreg.flavours.pypi.people import Project
    from pytest_pyreg.flavours.pypi.world import PyPIWorld
    from pytest_pyreg.model import File, ProjectPage, Release
    from pytest_pyreg.visit import Visit


@dataclass(frozen=True, slots=True)
class Listed:
    """One file on a page."""

    filename: str
    url: str
    sha256: str
    requires_python: str
    size: int
    uploaded_at: datetime
    yanked: str | bool
    """Whether its release was taken back, or why."""
    metadata_sha256: str
    """Of the metadata that can be had by itself; empty if it cannot."""
    provenance: str
    """Where its attestations are; empty if it has none."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The page of one project."""

    name: str
    shown_name: str
    """As its owners spell it."""
    status: str
    serial: int
    versions: tuple[str, ...]
    files: tuple[Listed, ...]


def releases_shown(visit: Visit, world: PyPIWorld, project: Project) -> list[Release]:
    """Return the releases of a project that are not kept from view, the lowest version first."""
    return _shown(project, visit.index.page([world.home], project.normalized))


def _shown(project: Project, found: ProjectPage | None) -> list[Release]:
    if project.standing is Standing.QUARANTINED:
        return []
    hidden = {canonical(version) for version in project.quarantined_releases}
    return by_version(release for release in (found.releases if found else ()) if release.key[1] not in hidden)


def by_version(releases: Iterable[Release]) -> list[Release]:
    """Put releases in the order of PEP 440; what is no version comes before all."""
    return sorted(releases, key=lambda release: _order(release.version))


def listing(visit: Visit, world: PyPIWorld, project: Project, serial: int, page: ProjectPage | None) -> Listing:
    """Return what a project's page shows, of the files on this one."""
    releases = [release for release in _shown(project, page) if release.files]
    return Listing(
        name=project.normalized,
        shown_name=project.name,
        status=project.standing.value,
        serial=serial,
        versions=tuple(release.version for release in releases),
        files=tuple(
            _listed(visit.url, world, release, file)
            for release in releases
            for file in sorted(release.files, key=lambda file: file.filename)
        ),
    )


def file_url(base: str, file: File) -> str:
    """Return where a file is: by its BLAKE2 digest."""
    digest = file.hashes.get("blake2_256", "")
    return base + path("packages", digest[:2], digest[2:4], digest[4:], file.filename)


def metadata_digest(world: PyPIWorld, file: File) -> str:
    """Return the digest of a file's metadata that can be had by itself; empty if it cannot."""
    return file.facts.get("metadata_sha256", "") if world.settings.pep658 else ""


def _listed(base: str, world: PyPIWorld, release: Release, file: File) -> Listed:
    provenance = path("integrity", release.normalized, release.version, file.filename, "provenance")
    return Listed(
        filename=file.filename,
        url=file_url(base, file),
        sha256=file.hashes.get("sha256", ""),
        requires_python=release.metadata.get("requires_python", ""),
        size=file.size,
        uploaded_at=file.uploaded_at,
        yanked=release.yanked is not None and (release.yanked or True),
        metadata_sha256=metadata_digest(world, file),
        provenance=base + provenance if file.facts.get("provenance") else "",
    )


def _order(version: str) -> tuple[bool, Version | str]:
    try:
        return True, Version(version)
    except InvalidVersion:
        return False, version
