"""What stands behind an index: a recording, and the real index that it is made from if that is wanted.

A project comes when somebody first asks for its page, its files' bytes when somebody first fetches them.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from pytest_pyreg.blobs import Blob
from pytest_pyreg.recording import configured, fetching
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.rules import Promised
from pytest_pyreg.steps import stored_upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from packaging.utils import NormalizedName

    from pytest_pyreg.blobs import BlobStore, BlobWriter
    from pytest_pyreg.clock import Clock
    from pytest_pyreg.index import Index
    from pytest_pyreg.model import Namespace
    from pytest_pyreg.recording.configured import Configured
    from pytest_pyreg.recording.folder import Folder
    from pytest_pyreg.recording.pages import Listed, Page
    from pytest_pyreg.rules import UploadRules

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,198}[a-z0-9])?")
_SIDE = ".metadata"


@dataclass(frozen=True)
class Store:
    """Where what comes is put."""

    namespace: Namespace
    index: Index
    blobs: BlobStore
    rules: UploadRules
    clock: Clock


class Source:
    """One recording, behind one index.

    Args:
        store: the index.
        folder: the recording.
        recording: whether what is not recorded is asked of the real index.
        secret: is told what no report may show.
    """

    def __init__(self, store: Store, folder: Folder, *, recording: bool, secret: Callable[[str], None]) -> None:
        self._store = store
        self._folder = folder
        self._recording = recording
        self._secret = secret
        self._asked: dict[NormalizedName, str] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._lock = threading.Lock()
        self._urls: dict[tuple[NormalizedName, str, str], str] = {}
        """(Project, file, sha256) -> its address, as a page told it in this run."""
        self._configured: Configured | None = None

    def seek(self, project: NormalizedName) -> str:
        """Put a project into the index if it can be had and nothing of it is there; return what came of it, in words.

        Raises:
            Refused: SOURCE_FAILED, RECORDING_BROKEN.
        """
        if project in self._asked:
            return self._asked[project]
        with self._lock:
            lock = self._locks[project]
        with lock:  # Nobody sees half a project.
            if project not in self._asked:
                self._asked[project] = self._sought(project)
        return self._asked[project]

    def _sought(self, project: NormalizedName) -> str:
        if not _NAME.fullmatch(project) or self._store.index.page([self._store.namespace], project) is not None:
            return ""
        page, told = self._folder.page(project), f"it was recorded in {self._folder}"
        if page is None and not self._recording:
            return f"nor is it recorded in {self._folder}"
        if page is None:
            with _failures():
                fresh = self._read(project)
                if fresh is None:
                    return "nor has it the index that pip is configured for"
                page = self._folder.keep_page(fresh, self._store.clock.now())
            told = f"fetched, and recorded in {self._folder}"
            if fresh.left_out:
                told += f"; {fresh.left_out} of its files were left out: no wheel, no sdist, or without a sha256"
        self._put(page)
        return told

    # -- what there is, into the index ---------------------------------------------------------------------------------

    def _put(self, page: Page) -> None:
        store, rules = self._store, self._store.rules
        assert rules.promised is not None, "this product holds no project of others"
        now = store.clock.now()
        # The product knows both of a release and not of each file: which Python it is for, and that it was taken back.
        requires: dict[str, str] = {}
        for file in page.files:
            requires[file.version] = requires.get(file.version) or file.requires_python
        for file in sorted(page.files, key=lambda file: file.uploaded_at or now):
            side = file.metadata_sha256 if self._recording or self._has(page, file, _SIDE) else ""
            size = file.size
            if size is None:
                known = self._folder.file(page.project, file.filename)
                size = known.stat().st_size if known is not None else 0
            fields = {"name": page.project, "version": file.version, "requires_python": requires[file.version]}
            upload = stored_upload(rules, fields, file.filename, Blob(file.sha256, size, None, None))
            found = rules.promised(Promised(file.filename, file.sha256, side))
            store.blobs.promise(file.sha256, partial(self._fill, page.project, file, ""))
            if side:
                store.blobs.promise(side, partial(self._fill, page.project, file, _SIDE))
            upload = replace(upload, hashes=found.hashes, facts=found.facts)
            store.index.add(store.namespace, upload, at=file.uploaded_at or now, by="the recording", again=rules.again)
        yanked = {file.filename: file.yanked for file in page.files if file.yanked is not None}
        shown = store.index.page([store.namespace], page.project)
        for release in shown.releases if shown is not None else ():
            reasons = [yanked[file.filename] for file in release.files if file.filename in yanked]
            if reasons:
                store.index.yank(release, max(reasons, key=bool), at=release.created_at)

    def _has(self, page: Page, file: Listed, side: str) -> bool:
        return self._folder.file(page.project, file.filename + side) is not None

    # -- bytes ---------------------------------------------------------------------------------------------------------

    def _fill(self, project: NormalizedName, file: Listed, side: str, writer: BlobWriter) -> None:
        """Write a file's bytes, or those of its metadata; fetch them first if they are not recorded."""
        name, sha256 = file.filename + side, file.metadata_sha256 if side else file.sha256
        if self._folder.file(project, name) is None:
            if not self._recording:
                raise Refused(
                    Refusal.NOT_RECORDED,
                    filename=name,
                    folder=self._folder,
                    advice="record once more, with the client and the Python that want it",
                )
            with _failures():
                self._fetch(project, file, side)
        self._folder.copy(project, name, sha256, writer.write)

    def _fetch(self, project: NormalizedName, file: Listed, side: str) -> None:
        import hashlib

        name, sha256 = file.filename + side, file.metadata_sha256 if side else file.sha256
        key = project, file.filename, file.sha256
        if key not in self._urls:
            self._read(project)
        if key not in self._urls:
            raise fetching.Failed(f"the index that pip is configured for has no {file.filename} with that sha256 now")
        limit = fetching.METADATA_BYTES if side else file.size or fetching.FILE_BYTES
        digest = hashlib.sha256()
        with self._folder.arriving(project, name) as kept:
            for block in fetching.file(self._pip(), self._urls[key] + side, limit):
                digest.update(block)
                kept.write(block)
            if digest.hexdigest() != sha256:
                raise fetching.Failed(f"{name} came with another sha256 than its page says, and was thrown away")

    def _read(self, project: NormalizedName) -> Page | None:
        """Ask the real index for a page; remember where its files are."""
        page = fetching.page(self._pip(), project)
        for file in page.files if page is not None else ():
            self._urls[project, file.filename, file.sha256] = file.url
        return page

    def _pip(self) -> Configured:
        with self._lock:
            if self._configured is None:
                self._configured = configured.find()
                for index in self._configured.indexes:
                    if len(index.secret) > 3:  # noqa: PLR2004 - what is shorter is in any text; no address is shown anyway.
                        self._secret(index.secret)
            return self._configured


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what can go wrong beyond this machine, and on its disk, into a refusal."""
    try:
        yield
    except (fetching.Failed, configured.NotConfigured) as error:
        raise Refused(Refusal.SOURCE_FAILED, problem=str(error)) from None
    except OSError as error:
        problem = error.strerror or "it is locked by another process"
        raise Refused(Refusal.SOURCE_FAILED, problem=f"the folder cannot be written: {problem}") from error
