"""What a registry holds, as a test sees and changes it: without a client, and as the product's own user could."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from pytest_pyreg import metadata
from pytest_pyreg.dists import Dist
from pytest_pyreg.dists.taking import taken
from pytest_pyreg.rules import Arrival
from pytest_pyreg.steps import stored_upload

if TYPE_CHECKING:
    import threading

    from pytest_pyreg.blobs import BlobStore
    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours import Flavour, World
    from pytest_pyreg.index import Index
    from pytest_pyreg.model import File, Namespace, Release
    from pytest_pyreg.recording.source import Source


class NotRunning(RuntimeError):
    """Something was asked of a registry that only a running one can do."""


class Stock:
    """The part of a registry that holds releases."""

    flavour: Flavour
    world: World
    clock: Clock
    _index: Index
    _blobs: BlobStore
    _over: threading.Event
    _source: Source | None = None
    _records: bool = False

    @property
    def namespace(self) -> Namespace:
        """Where the ready credentials hold."""
        raise NotImplementedError

    def add(self, *distributions: Dist | Path | str) -> None:
        """Put files into the index without a client, with the metadata that an uploading client would send.

        Args:
            distributions: from `make_wheel` and the like, the paths of files, or folders, such as a wheelhouse: all the
                wheels and sdists in them.

        Raises:
            FileNotFoundError: a folder has none.
            TypeError: what is given is none, or not given one by one.
            Refused: a file of that name is already stored for that release.
            NotADistribution: a file is no readable wheel or sdist.
        """
        self._require_kept()
        rules = self.flavour.rules
        for distribution in [one for given in distributions for one in each(given)]:
            filename, core, file = metadata.opened(distribution)
            with file, self._blobs.writer() as writer:
                while block := file.read(1024 * 1024):
                    writer.write(block)
                fields = {**core.fields, rules.announced["sha256"]: writer.digest}
                with writer.committed() as blob:
                    upload = replace(stored_upload(rules, fields, filename, blob), lists=core.lists)
                    if rules.described is not None:
                        found = rules.described(Arrival(filename, fields, core.text, blob))
                        upload = replace(upload, hashes=found.hashes, facts=found.facts)
                    self._index.add(self.namespace, upload, at=self.clock.now(), by="registry.add", again=rules.again)

    def seed(self, *lines: str) -> tuple[Dist, ...]:
        """Make releases out of words, and put them into the index; return what was made.

        `registry.seed("demo 1.0", "demo 1.1 yanked", "helper 2.0 requires demo>=1", "old 1.0 sdist")`; the words are in
        `pytest_pyreg.seeding`.

        Args:
            lines: each describes a release, or has several lines that do.

        Raises:
            SeedError: a line is none; then nothing is added.
            ValueError: a release is to be yanked, which this product cannot do; then neither.
            Refused: as `add`.
        """
        from pytest_pyreg import seeding

        seeds = [seed for text in lines for seed in seeding.read(text)]
        yanked = [seed for seed in seeds if seed.yanked is not None]
        if yanked:
            self._require_yanks(f"the line {yanked[0].line!r} asks for that")
        made = tuple(dist for seed in seeds for dist in seed.dists())
        self.add(*made)
        for seed in yanked:
            self.yank(seed.project, seed.version, seed.yanked or "")
        return made

    def files(self, project: str) -> set[str]:
        """Return the names of a project's files that an installer would see."""
        page = self._index.page([self.namespace], _called(project))
        return set() if page is None else page.filenames

    def versions(self, project: str) -> list[str]:
        """Return a project's versions in the order of PEP 440."""
        page = self._index.page([self.namespace], _called(project))
        return [] if page is None else page.versions

    def projects(self) -> set[str]:
        """Return the normalized names of all projects."""
        return {release.normalized for release in self._index.releases([self.namespace])}

    # -- what a real index has -----------------------------------------------------------------------------------------

    def record(self, folder: str | os.PathLike[str]) -> None:
        """Serve what a folder holds of a real index, and fetch what it does not: this leaves the machine.

        The index is the one that the caller's own pip is configured for.  What is fetched goes into the folder, which
        `replay` serves without any network.  What was added by hand before it was asked for is left alone.

        Args:
            folder: made if it is not there.

        Raises:
            ValueError: this product holds no projects of others.
        """
        self._replayed(folder, recording=True)

    def replay(self, folder: str | os.PathLike[str]) -> None:
        """Serve what was recorded in a folder, and nothing else: nobody is asked.

        Raises:
            FileNotFoundError: there is no such folder.
            ValueError: this product holds no projects of others.
        """
        self._replayed(folder, recording=False)

    def _replayed(self, folder: str | os.PathLike[str], *, recording: bool) -> None:
        from pytest_pyreg.recording.folder import Folder
        from pytest_pyreg.recording.source import Source, Store

        self._require_kept()
        if self.flavour.rules.promised is None:
            raise ValueError(
                f"{self.flavour.name} does not stand for a public index; try registry.upstream.record(...)"
            )
        if not recording and not Path(folder).is_dir():
            raise FileNotFoundError(f"there is no folder {os.fspath(folder)!r} to serve from; record() makes one")
        store = Store(self.namespace, self._index, self._blobs, self.flavour.rules, self.clock)
        self._records = recording
        self._source = Source(store, Folder(folder), recording=recording, secret=self._conceal)

    def _conceal(self, secret: str) -> None:
        """Leave a text out of every report."""
        raise NotImplementedError

    def _seek(self, project: NormalizedName) -> str:
        return self._source.seek(project) if self._source is not None else ""

    # -- as the product's own user could -------------------------------------------------------------------------------

    def delete(self, project: str, version: str | None = None, filename: str | None = None) -> None:
        """Delete a project's releases, or one of them, or one of its files.

        Args:
            project: its name, in any spelling.
            version: which release, in any spelling; all of them, and the project itself, if left out.
            filename: which of its files; all of them, and the release too, if left out.

        Raises:
            LookupError: there is no such thing.
        """
        self._require_kept()
        whole = version is None and filename is None
        releases = self._releases(project, version, none=whole)
        if filename is None:
            for release in releases:
                self._gone(release, self._index.delete(release))
            if whole and not self.world.forgotten(project) and not releases:
                raise LookupError(f"there is no project {project!r} here; there are: {self._held()}")
            return
        found = [(release, file) for release in releases for file in release.files if file.filename == filename]
        if not found:
            stored = sorted(file.filename for release in releases for file in release.files)
            raise LookupError(f"{project} has no file {filename!r}; it has {', '.join(stored) or 'none'}")
        now = self.clock.now()
        for release, file in found:
            if self._index.delete_file(release, file, at=now, taken_until=_AT_ONCE):
                self._gone(release, (file,))

    def yank(self, project: str, version: str, reason: str = "") -> None:
        """Take a release back (PEP 592): installers pass it over unless they are told to take just that.

        Args:
            project: its name, in any spelling.
            version: which release, in any spelling.
            reason: why, if anybody says.

        Raises:
            LookupError: there is no such release.
            ValueError: this product cannot do that, or the reason is no text.
        """
        if not isinstance(reason, str):
            raise ValueError(f"the reason is a text, perhaps an empty one, not {reason!r}")  # noqa: TRY004 - as all of these.
        self._yanked(project, version, reason)

    def unyank(self, project: str, version: str) -> None:
        """Give a release again that was taken back.

        Raises:
            LookupError: there is no such release.
            ValueError: this product cannot do that.
        """
        self._yanked(project, version, None)

    def _yanked(self, project: str, version: str, reason: str | None) -> None:
        self._require_yanks(f"try registry.delete({project!r}, {version!r})")
        self._require_kept()
        for release in self._releases(project, version):
            self._index.yank(release, reason, at=self.clock.now())

    def _require_yanks(self, hint: str) -> None:
        if not self.flavour.yanks:
            raise ValueError(f"{self.flavour.name} cannot take a release back (PEP 592): it would delete it; {hint}")

    def _releases(self, project: str, version: str | None, *, none: bool = False) -> tuple[Release, ...]:
        page = self._index.page([self.namespace], _called(project))
        if page is None and none:
            return ()
        if page is None:
            raise LookupError(f"there is no project {project!r} here; there are: {self._held()}")
        found = tuple(one for one in page.releases if version is None or _same(one.version, version))
        if not found:
            raise LookupError(f"{project} has no version {version!r}; it has {', '.join(page.versions)}")
        return found

    def _held(self) -> str:
        return ", ".join(sorted(self.projects())) or "none"

    def _gone(self, release: Release, files: tuple[File, ...]) -> None:
        for file in files:
            self._blobs.release(file.digest)
        self.world.deleted(release, files)

    def _require_kept(self) -> None:
        if self._over.is_set():
            raise NotRunning("this registry was stopped, and keeps nothing; make another one")


def each(given: Dist | Path | str) -> list[Dist | Path | str]:
    """Return the distributions in a folder; another one as it is."""
    item = taken(given)
    if isinstance(item, Dist) or not item.is_dir():
        return [item]
    found = _inside(item)
    if not found:
        raise FileNotFoundError(f"no wheel (.whl) and no sdist (.tar.gz) is in the folder {str(item)!r}")
    return list(found)


def holds_distributions(folder: str | os.PathLike[str]) -> bool:
    """Tell whether there are wheels or sdists in a folder."""
    return Path(folder).is_dir() and bool(_inside(folder))


def _inside(folder: str | os.PathLike[str]) -> list[Path]:
    return sorted(path for path in Path(folder).iterdir() if path.name.endswith(_ENDINGS) and path.is_file())


_ENDINGS = (".whl", ".tar.gz", ".zip")
_AT_ONCE = datetime.min.replace(tzinfo=timezone.utc)
"""From when on a deleted file's name can be used again, unless the world says otherwise."""


def _called(project: object) -> NormalizedName:
    if not isinstance(project, str):
        raise TypeError(f"a project's name is a text, such as 'demo', not {project!r}")
    return canonicalize_name(project)


def _same(stored: str, asked: str) -> bool:
    """Tell whether two spellings are one version."""
    try:
        return Version(stored) == Version(asked)
    except InvalidVersion:
        return stored == asked
