"""Who has which file: the releases and files of every namespace.

One lock guards all changes, and readers get frozen data, so a page is never half an upload.  A project's `serial`
grows with each change to it: whoever keeps something rendered from a page keeps it until the serial moves on.
Owns no bytes (see `blobs`) and no rights (see `identity`).
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from packaging.utils import NormalizedName, canonicalize_name

from pytest_pyreg.model import File, Namespace, ProjectPage, Release, Upload
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


@dataclass(slots=True)
class _Project:
    serial: int
    releases: dict[tuple[str, str], Release] = field(default_factory=dict)
    filenames: dict[str, list[tuple[tuple[str, str], int]]] = field(default_factory=dict)


@dataclass(slots=True)
class _Shelf:
    """What one namespace holds."""

    serial: int = 0
    projects: dict[NormalizedName, _Project] = field(default_factory=dict)
    order: dict[int, tuple[NormalizedName, tuple[str, str]]] = field(default_factory=dict)
    filenames: dict[str, dict[NormalizedName, None]] = field(default_factory=dict)


class Index:
    """The record of every release; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._shelves: dict[int, _Shelf] = {}
        self._release_ids = itertools.count(1)
        self._file_ids = itertools.count(1)
        self._serials = itertools.count(1)

    def add(self, namespace: Namespace, upload: Upload, *, at: datetime, by: str) -> File:
        """Store the row about a file; the last upload's metadata becomes the release's.

        Raises:
            Refused: FILE_EXISTS if the release already has a file of that name.  Checked under the same lock as the
                change, so of two uploads at once one is refused.
        """
        normalized = canonicalize_name(upload.name)
        key = (upload.name, upload.version)
        with self._lock:
            shelf = self._shelves.setdefault(namespace.id, _Shelf())
            project = shelf.projects.get(normalized)
            release = project.releases.get(key) if project is not None else None
            if release is not None and any(file.filename == upload.filename for file in release.files):
                raise Refused(Refusal.FILE_EXISTS, filename=upload.filename, namespace=namespace.path)
            file = File(
                id=next(self._file_ids),
                filename=upload.filename,
                digest=upload.digest,
                size=upload.size,
                hashes=upload.hashes,
                uploaded_at=at,
                uploaded_by=by,
            )
            if project is None:
                project = shelf.projects[normalized] = _Project(serial=0)
            if release is None:
                release = Release(next(self._release_ids), upload.name, normalized, upload.version, {}, ())
                shelf.order[release.id] = (normalized, key)
            project.filenames.setdefault(upload.filename, []).append((key, len(release.files)))
            shelf.filenames.setdefault(upload.filename, {})[normalized] = None
            project.releases[key] = replace(release, metadata=upload.metadata, files=(*release.files, file))
            project.serial = shelf.serial = next(self._serials)
            return file

    def serial(self, namespace: Namespace, project: NormalizedName | None = None) -> int:
        """Return a number that grows with each change to a project (to the whole namespace if none is given).

        Zero means that nothing was ever stored there.
        """
        shelf = self._shelves.get(namespace.id)
        if shelf is None:
            return 0
        if project is None:
            return shelf.serial
        found = shelf.projects.get(project)
        return 0 if found is None else found.serial

    def page(self, namespace: Namespace, project: NormalizedName) -> ProjectPage | None:
        """Return the releases of one project, or None if nothing of it is stored."""
        with self._lock:
            shelf = self._shelves.get(namespace.id)
            found = shelf.projects.get(project) if shelf is not None else None
            if found is None:
                return None
            releases = tuple(found.releases.values())
        return ProjectPage(releases[0].name, project, releases)

    def releases(self, namespace: Namespace) -> tuple[Release, ...]:
        """Return every release of a namespace, in the order of their arrival."""
        with self._lock:
            shelf = self._shelves.get(namespace.id)
            if shelf is None:
                return ()
            return tuple(shelf.projects[project].releases[key] for project, key in shelf.order.values())

    def find(self, namespace: Namespace, filename: str, announced: str) -> File | None:
        """Return the newest file of that name whose announced sha256 is `announced`, to the letter."""
        with self._lock:
            return max(
                (file for file in self._named(namespace, filename) if file.hashes.get("sha256") == announced),
                key=lambda file: file.id,
                default=None,
            )

    def _named(self, namespace: Namespace, filename: str) -> Iterator[File]:
        shelf = self._shelves.get(namespace.id)
        if shelf is None:
            return
        for normalized in shelf.filenames.get(filename, ()):
            project = shelf.projects[normalized]
            for key, position in project.filenames[filename]:
                yield project.releases[key].files[position]
