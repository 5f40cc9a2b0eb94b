"""Content-addressed bytes: read once, hashed while they arrive, in memory when small and on disk past that.

Bytes may also be promised: whoever asks for them first makes them come.  Owns the files on disk and their removal.
Does not know names, projects or HTTP.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
import threading
import weakref
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from typing_extensions import Self

SPOOL_BYTES = 64 * 1024
"""A blob up to this size stays in memory; a larger one goes to disk, so that memory stays flat whatever the size."""

AHEAD_BYTES = 1024 * 1024
"""From this size on hashing, which releases the interpreter's lock, goes on beside everything else."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Stored bytes: either held in `data`, or in the file `path`."""

    digest: str
    size: int
    data: bytes | None
    path: Path | None

    def open(self) -> BinaryIO:
        """Open the bytes for reading; the caller closes them.

        Raises:
            FileNotFoundError: they were deleted at this very moment.
        """
        return self.path.open("rb") if self.path is not None else io.BytesIO(self.data or b"")


class _Promise:
    """Bytes that come when somebody asks for them."""

    def __init__(self, fill: Callable[[BlobWriter], None]) -> None:
        self.fill = fill
        self.lock = threading.Lock()
        """Held while they come: of two who ask at once, one waits."""


@dataclass(eq=False)
class _Held:
    """What a store holds at one moment."""

    blobs: dict[str, Blob]
    holders: dict[str, int]
    promises: dict[str, _Promise]


class BlobStore:
    """A place for blobs; everything in it goes when it is closed.

    Args:
        folder: where a private folder is made when the first large blob comes; the system's temporary one if left out.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._parent = folder
        self._folder: Path | None = None
        self._blobs: dict[str, Blob] = {}
        self._holders: Counter[str] = Counter()
        self._promises: dict[str, _Promise] = {}
        self._snapshots: weakref.WeakSet[_Held] = weakref.WeakSet()
        self._let_go: dict[str, Blob] = {}
        """Blobs on disk that only snapshots have."""
        self._lock = threading.Lock()
        self._serial = 0
        self._discard: Callable[[Path], None] = partial(Path.unlink, missing_ok=True)

    def writer(self, limit: int | None = None) -> BlobWriter:
        """Begin a blob.  Use it as a context manager: what is not committed by its end leaves nothing behind.

        Args:
            limit: bytes past this number are counted but not kept, and the blob cannot be committed.
        """
        return BlobWriter(self, limit)

    def get(self, digest: str) -> Blob:
        """Return a blob by its sha256.

        Raises:
            KeyError: nothing of that digest is stored.
        """
        blob = self._blobs.get(digest)
        return blob if blob is not None else self._kept(digest, self._promises[digest])

    def promise(self, digest: str, fill: Callable[[BlobWriter], None]) -> None:
        """Hold a blob whose bytes are not here yet.

        Args:
            digest: the bytes' sha256.
            fill: writes them; called by the first `get`, and again by the next if it raised.
        """
        with self._lock:
            self._holders[digest] += 1
            self._promises.setdefault(digest, _Promise(fill))

    def _kept(self, digest: str, promise: _Promise) -> Blob:
        """Make promised bytes come."""
        with promise.lock:
            if digest not in self._blobs:
                with self.writer() as writer:
                    promise.fill(writer)
                    if writer.digest != digest:
                        raise ValueError(f"the bytes that were promised as {digest} are others")
                    writer.commit()
                with self._lock:
                    self._holders[digest] -= digest in self._promises  # It was a holder already.
            return self._blobs[digest]

    def release(self, digest: str) -> None:
        """Let go of a committed blob; the bytes go when nobody else has committed the same ones."""
        with self._lock:
            self._holders[digest] -= 1
            if self._holders[digest]:
                return
            del self._holders[digest]
            self._promises.pop(digest, None)
            blob = self._blobs.pop(digest, None)
            if blob is not None:
                self._remove(blob)

    def memento(self) -> Callable[[], None]:
        """Return what puts all of it back as it is now; files stay as long as it is kept."""
        with self._lock:
            held = _Held(dict(self._blobs), dict(self._holders), dict(self._promises))
            self._snapshots.add(held)

        def put_back() -> None:
            with self._lock:
                for digest in self._blobs.keys() - held.blobs.keys():
                    self._remove(self._blobs[digest])
                for digest in self._let_go.keys() & held.blobs.keys():
                    del self._let_go[digest]
                self._blobs, self._promises = dict(held.blobs), dict(held.promises)
                self._holders = Counter(held.holders)

        return put_back

    def _remove(self, blob: Blob) -> None:
        """Remove a blob's file, and those that were waiting for their last snapshot to go."""
        if blob.path is not None:
            self._let_go[blob.digest] = blob
        kept = tuple(self._snapshots)
        for digest in [digest for digest in self._let_go if not any(digest in held.blobs for held in kept)]:
            if path := self._let_go.pop(digest).path:
                self._discard(path)

    def close(self) -> None:
        """Remove every blob."""
        with self._lock:
            self._blobs.clear()
            self._holders.clear()
            self._promises.clear()
            self._let_go.clear()
            folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _scratch(self) -> Path:
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="pyreg-blobs-", dir=self._parent))
            self._serial += 1
            return self._folder / f"arriving-{self._serial}"

    def _keep(self, digest: str, size: int, data: bytes | None, arrived: Path | None) -> Blob:
        """Store a finished blob; the same bytes a second time are dropped."""
        with self._lock:
            self._holders[digest] += 1
            known = self._blobs.get(digest)
            if known is None and digest in self._let_go:
                known = self._blobs[digest] = self._let_go.pop(digest)
            if known is None:
                path = None if arrived is None else arrived.replace(arrived.with_name(digest))
                known = self._blobs[digest] = Blob(digest, size, data, path)
            elif arrived is not None:
                arrived.unlink(missing_ok=True)
        return known


class BlobWriter:
    """One blob while it arrives."""

    def __init__(self, store: BlobStore, limit: int | None) -> None:
        self._store = store
        self._limit = limit
        self._hash = hashlib.sha256()
        self._memory = bytearray()
        self._second: ThreadPoolExecutor | None = None
        self._hashing: Future[None] | None = None
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self.size = 0
        """Bytes that have arrived."""

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self.size += len(data)
        if self._limit is not None and self.size > self._limit:
            self._drop()
            return
        self._digest(data)
        if self._file is None:
            if self.size <= SPOOL_BYTES:
                self._memory += data
                return
            self._path = self._store._scratch()  # noqa: SLF001 - the writer is the store's other half.
            self._file = self._path.open("wb")
            self._file.write(self._memory)
            self._memory.clear()
        self._file.write(data)

    @property
    def digest(self) -> str:
        """The sha256, in hex, of what has arrived."""
        if self._hashing is not None:
            self._hashing.result()
        return self._hash.hexdigest()

    def open(self) -> BinaryIO:
        """Open what has arrived for reading; the caller closes it."""
        if self._file is None or self._path is None:
            return io.BytesIO(self._memory)
        self._file.flush()
        return self._path.open("rb")

    def commit(self) -> Blob:
        """Store what has arrived and return it.

        Raises:
            ValueError: more than the limit has arrived.
        """
        if self._limit is not None and self.size > self._limit:
            message = f"a blob of {self.size} bytes is past its limit of {self._limit}; refuse it before it is stored"
            raise ValueError(message)
        if self._file is None:
            return self._store._keep(self.digest, self.size, bytes(self._memory), None)  # noqa: SLF001 - as above.
        self._file.close()
        arrived, self._path = self._path, None
        return self._store._keep(self.digest, self.size, None, arrived)  # noqa: SLF001 - as above.

    @contextmanager
    def committed(self) -> Iterator[Blob]:
        """Store what has arrived for as long as nothing goes wrong: an exception inside lets go of it again."""
        blob = self.commit()
        try:
            yield blob
        except BaseException:
            self._store.release(blob.digest)
            raise

    def _digest(self, data: bytes) -> None:
        """Hash a block; of a large blob in a second thread, while this one writes the block and waits for the next."""
        if self.size <= AHEAD_BYTES:
            self._hash.update(data)
            return
        if self._hashing is not None:
            self._hashing.result()
        if self._second is None:
            self._second = ThreadPoolExecutor(1, "pyreg-hash")
        self._hashing = self._second.submit(self._hash.update, data)

    def _drop(self) -> None:
        if self._second is not None:
            self._second.shutdown()
        self._memory.clear()
        if self._file is not None:
            self._file.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._drop()
