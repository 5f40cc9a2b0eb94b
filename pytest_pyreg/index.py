"""Who has which file: the releases and files of every namespace.

One lock guards all changes, and readers get frozen data, so a page is never half an upload.  A project's `serial`
grows with each change to it: whoever keeps something rendered from a page keeps it until the serial moves on.
Owns no bytes (see `blobs`) and no rights (see `identity`).
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import NormalizedName, canonicalize_name

from pytest_pyreg.model import File, Keys, Namespace, ProjectPage, Release, Upload
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.shelves import Key, ProjectShelf, Shelf, exclude, include

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime


class Found(NamedTuple):
    """A file, and what it belongs to."""

    release: Release
    file: File


class Index:
    """The record of every release; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._shelves: dict[int, Shelf] = {}
        self._last_release = 0
        self._last_file = 0
        self._serials = itertools.count(1)  # Never goes back: whoever kept a page by its serial would take it for ours.
        self._era = 0
        self._downloads: dict[int, datetime] = {}

    def add(self, namespace: Namespace, upload: Upload, *, at: datetime, by: str, again: bool = False) -> File:
        """Store the row about a file; the last upload's metadata becomes the release's.

        Args:
            namespace: where.
            upload: what.
            at: when.
            by: who, as a person would say it.
            again: whether a release may have several files of one name.

        Raises:
            Refused: FILE_EXISTS if the release already has a file of that name.  Checked under the same lock as the
                change, so of two uploads at once one is refused.
        """
        keys = upload.keys or Keys(canonicalize_name(upload.name), (upload.name, upload.version), upload.filename)
        normalized, key = NormalizedName(keys.project), keys.release
        with self._lock:
            shelf = self._shelves.setdefault(namespace.id, Shelf())
            known = shelf.projects.get(normalized)
            release = known.releases.get(key) if known is not None else None
            if release is not None and not again and self._is_taken(shelf, release, keys.filename, at):
                where = namespace.path or namespace.name
                raise Refused(Refusal.FILE_EXISTS, filename=upload.filename, namespace=where)
            self._last_file += 1
            file = File(
                id=self._last_file,
                filename=upload.filename,
                key=keys.filename,
                digest=upload.digest,
                size=upload.size,
                hashes=upload.hashes,
                uploaded_at=at,
                uploaded_by=by,
                facts=upload.facts,
                pipeline=upload.pipeline,
            )
            project = shelf.own(normalized, self._era)
            if release is None:
                self._last_release += 1
                release = Release(
                    id=self._last_release,
                    name=upload.name,
                    normalized=normalized,
                    key=key,
                    version=upload.version,
                    metadata={},
                    files=(),
                    namespace=namespace,
                    created_at=at,
                    updated_at=at,
                )
                shelf.order[release.id] = (normalized, key)
            include(project.filenames, keys.filename, key)
            include(shelf.filenames, keys.filename, normalized)
            files = (*release.files, file)
            release = replace(release, files=files, updated_at=at)
            if upload.replaces or len(files) == 1:
                release = replace(release, metadata=upload.metadata, lists=upload.lists)
            project.releases[key] = release
            project.serial = shelf.serial = next(self._serials)
            return file

    @staticmethod
    def _is_taken(shelf: Shelf, release: Release, key: str, at: datetime) -> bool:
        until = shelf.taken.get((release.id, key))
        return (until is not None and at < until) or any(file.key == key for file in release.files)

    def delete(self, release: Release) -> tuple[File, ...]:
        """Remove a release and the rows about its files, and return these; none if it is gone already."""
        with self._lock:
            shelf = self._shelves[release.namespace.id]
            if shelf.order.pop(release.id, None) is None:
                return ()
            project = shelf.own(release.normalized, self._era)
            files = project.releases.pop(release.key).files
            for file in files:
                self._forget(shelf, project, release.normalized, release.key, file.key)
            project.serial = shelf.serial = next(self._serials)
            return files

    def delete_file(self, release: Release, file: File, *, at: datetime, taken_until: datetime) -> bool:
        """Remove the row about one file, and return whether it was there; the release stays, even without files.

        Args:
            release: what the file belongs to.
            file: the row.
            at: when.
            taken_until: when the file's name can be used again in this release.
        """
        with self._lock:
            shelf = self._shelves[release.namespace.id]
            normalized, key = shelf.order.get(release.id, (None, None))
            if normalized is None or key is None:
                return False
            project = shelf.own(normalized, self._era)
            now = project.releases[key]
            if all(other.id != file.id for other in now.files):
                return False
            files = tuple(other for other in now.files if other.id != file.id)
            project.releases[key] = replace(now, files=files, updated_at=at)
            if all(other.key != file.key for other in files):
                self._forget(shelf, project, normalized, key, file.key)
            shelf.taken[release.id, file.key] = taken_until
            project.serial = shelf.serial = next(self._serials)
            return True

    def yank(self, release: Release, reason: str | None, *, at: datetime) -> bool:
        """Take a release back, or give it again; return whether it was there.

        Args:
            release: which.
            reason: why, perhaps without a word; None to give it again.
            at: when.
        """
        with self._lock:
            shelf = self._shelves[release.namespace.id]
            if release.id not in shelf.order:
                return False
            project = shelf.own(release.normalized, self._era)
            project.releases[release.key] = replace(project.releases[release.key], yanked=reason, updated_at=at)
            project.serial = shelf.serial = next(self._serials)
            return True

    def touch(self, namespace: Namespace, project: NormalizedName) -> None:
        """Count a change to a project that is kept elsewhere, such as its owners or its standing."""
        with self._lock:
            shelf = self._shelves.setdefault(namespace.id, Shelf())
            shelf.own(project, self._era).serial = shelf.serial = next(self._serials)

    @staticmethod
    def _forget(shelf: Shelf, project: ProjectShelf, normalized: NormalizedName, key: Key, filename: str) -> None:
        exclude(project.filenames, filename, key)
        if filename not in project.filenames:
            exclude(shelf.filenames, filename, normalized)

    def memento(self) -> Callable[[], None]:
        """Return what puts all of it back as it is now, but for the serials to come: a change always has a new one."""
        with self._lock:
            self._era += 1
            shelves = {number: shelf.copy() for number, shelf in self._shelves.items()}
            downloads, last = dict(self._downloads), (self._last_release, self._last_file)

        def put_back() -> None:
            with self._lock:
                self._era += 1
                self._shelves = {number: shelf.copy() for number, shelf in shelves.items()}
                self._downloads = dict(downloads)
                self._last_release, self._last_file = last

        return put_back

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

    def page(self, namespaces: Iterable[Namespace] | None, project: NormalizedName) -> ProjectPage | None:
        """Return the releases of one project in some namespaces (all if None), or None if nothing of it is there."""
        with self._lock:
            ids = list(self._shelves) if namespaces is None else [namespace.id for namespace in namespaces]
            found = [
                release
                for number in ids
                if (shelf := self._shelves.get(number)) is not None and project in shelf.projects
                for release in shelf.projects[project].releases.values()
            ]
        if not found:
            return None
        found.sort(key=lambda release: release.id)
        return ProjectPage(found[0].name, project, tuple(found))

    def releases(self, namespaces: Iterable[Namespace] | None = None) -> tuple[Release, ...]:
        """Return every release of some namespaces, of all if none are given, in the order of their arrival."""
        with self._lock:
            found = [
                shelf.projects[project].releases[key]
                for number in (self._shelves if namespaces is None else [namespace.id for namespace in namespaces])
                if (shelf := self._shelves.get(number)) is not None
                for project, key in shelf.order.values()
            ]
        return tuple(sorted(found, key=lambda release: release.id))

    def release(self, namespace: Namespace, number: int) -> Release | None:
        """Return the release of that id, if it is in the namespace."""
        with self._lock:
            shelf = self._shelves.get(namespace.id)
            if shelf is None or number not in shelf.order:
                return None
            project, key = shelf.order[number]
            return shelf.projects[project].releases[key]

    def find(
        self, namespaces: Iterable[Namespace], filename: str, announced: str, *, digest: str = "sha256"
    ) -> Found | None:
        """Return the newest file of that name in the release that has one with that announced digest, to the letter."""
        with self._lock:
            for release in self._holding(namespaces, filename):
                named = [file for file in release.files if file.key == filename]
                if any(file.hashes.get(digest) == announced for file in named):
                    return Found(release, named[-1])
        return None

    def find_in(self, namespaces: Iterable[Namespace], keys: Keys) -> Found:
        """Return a file by what makes project, release and file one.

        Raises:
            Refused: RELEASE_ABSENT or FILE_UNKNOWN.
        """
        with self._lock:
            page = self.page(namespaces, NormalizedName(keys.project))
            release = next((one for one in page.releases if one.key == keys.release), None) if page else None
            if release is None:
                raise Refused(Refusal.RELEASE_ABSENT, release=keys.release[1], project=keys.project)
            for file in release.files:
                if file.key == keys.filename:
                    return Found(release, file)
        raise Refused(Refusal.FILE_UNKNOWN, filename=keys.filename, namespace=release.namespace.path)

    def note_download(self, release: Release, at: datetime) -> None:
        """Keep the time at which a file of a release was last fetched."""
        self._downloads[release.id] = at

    def last_download(self, release: Release) -> datetime | None:
        """Return the time at which a file of a release was last fetched; None if none ever was."""
        return self._downloads.get(release.id)

    def _holding(self, namespaces: Iterable[Namespace], filename: str) -> Iterator[Release]:
        """Yield the releases that have a file of that name, the newest first."""
        found = [
            shelf.projects[normalized].releases[key]
            for namespace in namespaces
            if (shelf := self._shelves.get(namespace.id)) is not None
            for normalized in shelf.filenames.get(filename, ())
            for key in shelf.projects[normalized].filenames[filename]
        ]
        yield from sorted(found, key=lambda release: release.id, reverse=True)
