from __future__ import annotations

import contextlib
import gc
import hashlib
import threading
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg.blobs import SPOOL_BYTES, Blob, BlobStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_pyreg.blobs import BlobWriter

SMALL = b"s" * SPOOL_BYTES
LARGE = b"l" * (SPOOL_BYTES + 1)


@pytest.fixture(name="blobs")
def _blobs(tmp_path: Path) -> Iterator[BlobStore]:
    blobs = BlobStore(tmp_path)
    yield blobs
    blobs.close()


def put(blobs: BlobStore, data: bytes, block: int = 10_000) -> Blob:
    """Store bytes that arrive in blocks."""
    with blobs.writer() as writer:
        for start in range(0, len(data), block):
            writer.write(data[start : start + block])
        return writer.commit()


def content(blob: Blob) -> bytes:
    """Return a blob's bytes, wherever they are."""
    if blob.data is not None:
        return blob.data
    with blob.open() as file:
        return file.read()


def files(folder: Path) -> list[Path]:
    """Return all files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("data", [b"", b"x", SMALL, LARGE, LARGE * 5], ids=len)
@pytest.mark.parametrize("block", [1000, 1 << 20])
def test_what_is_stored_comes_back(data: bytes, block: int, blobs: BlobStore) -> None:
    """A blob has the bytes, the size and the sha256 of what was written, whatever the blocks."""
    blob = put(blobs, data, block)

    assert (blob.digest, blob.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert blobs.get(blob.digest) is blob
    assert content(blob) == data


def test_a_small_blob_stays_in_memory(blobs: BlobStore, tmp_path: Path) -> None:
    """Up to 64 KiB nothing is made on disk, not even a folder."""
    blob = put(blobs, SMALL)

    assert blob.path is None
    assert not list(tmp_path.iterdir())
    with blob.open() as file:
        assert file.read() == SMALL


def test_a_large_blob_goes_to_disk(blobs: BlobStore, tmp_path: Path) -> None:
    """From one byte more on it is a file, in one private folder."""
    blob = put(blobs, LARGE)

    assert blob.data is None
    assert files(tmp_path) == [blob.path]
    assert [folder.stat().st_mode & 0o777 for folder in tmp_path.iterdir()] == [0o700]


def test_what_is_not_committed_leaves_nothing(blobs: BlobStore, tmp_path: Path) -> None:
    """A writer that ends without a commit takes its bytes with it."""
    with blobs.writer() as writer:
        writer.write(LARGE)
        assert len(files(tmp_path)) == 1
    assert not files(tmp_path)
    with pytest.raises(KeyError):
        blobs.get(writer.digest)


def test_a_writer_that_fails_leaves_nothing(blobs: BlobStore, tmp_path: Path) -> None:
    """An error half-way through takes the bytes with it."""

    def fail() -> None:
        with blobs.writer() as writer:
            writer.write(LARGE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert not files(tmp_path)


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_the_same_bytes_are_kept_once(data: bytes, blobs: BlobStore, tmp_path: Path) -> None:
    """The second of two equal blobs is the first, and its bytes stay until both are released."""
    first = put(blobs, data)

    assert put(blobs, data) is first
    assert len(files(tmp_path)) == (data is LARGE)
    blobs.release(first.digest)
    assert content(blobs.get(first.digest)) == data
    blobs.release(first.digest)
    assert not files(tmp_path)
    with pytest.raises(KeyError):
        blobs.get(first.digest)


def test_other_bytes_outlive_a_release(blobs: BlobStore) -> None:
    """Only the released blob goes."""
    kept, gone = put(blobs, LARGE + b"1"), put(blobs, LARGE + b"2")

    blobs.release(gone.digest)

    assert content(kept) == LARGE + b"1"


@pytest.mark.parametrize("size", [10, SPOOL_BYTES + 10], ids=["in memory", "on disk"])
def test_bytes_past_a_limit_are_counted_and_not_kept(size: int, blobs: BlobStore, tmp_path: Path) -> None:
    """At the limit a blob is stored; a byte more is counted, dropped, and cannot be committed."""
    with blobs.writer(limit=size) as writer:
        writer.write(b"x" * size)
        assert writer.commit().size == size
    with blobs.writer(limit=size - 1) as writer:
        writer.write(b"y" * (size - 1))
        writer.write(b"y")
        writer.write(b"y" * 5)

        assert writer.size == size + 5
        assert len(files(tmp_path)) == (size > SPOOL_BYTES)
        with pytest.raises(ValueError, match=f"a blob of {size + 5} bytes is past its limit of {size - 1}"):
            writer.commit()


def test_closing_removes_everything(blobs: BlobStore, tmp_path: Path) -> None:
    """After the end no blob and no folder is left; closing twice is no error."""
    blob = put(blobs, LARGE)

    blobs.close()
    blobs.close()

    assert not list(tmp_path.iterdir())
    with pytest.raises(KeyError):
        blobs.get(blob.digest)


def test_a_large_blob_takes_no_memory(blobs: BlobStore) -> None:
    """Writing 64 MB in blocks of 256 KiB takes less than 2 MB of memory."""
    block = bytes(256 * 1024)
    gc.collect()
    tracemalloc.start()
    try:
        with blobs.writer() as writer:
            for _ in range(256):
                writer.write(block)
            assert writer.commit().size == 64 * 1024 * 1024
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_many_writers_at_once(blobs: BlobStore, tmp_path: Path) -> None:
    """Threads that store the same and different bytes at once get what they wrote."""
    stored: list[Blob] = []

    def work(number: int) -> None:
        stored.extend([put(blobs, LARGE), put(blobs, LARGE + b"%d" % number)])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(content(blob)[len(LARGE) :] for blob in stored) == sorted([b""] * 8 + [b"%d" % n for n in range(8)])
    assert len(files(tmp_path)) == 9


def test_promised_bytes_come_when_they_are_asked_for() -> None:
    """Once, however many ask; they go with their last holder."""
    calls: list[int] = []
    data = b"x" * (SPOOL_BYTES + 1)
    digest = hashlib.sha256(data).hexdigest()

    def fill(writer: BlobWriter) -> None:
        calls.append(1)
        writer.write(data)

    with contextlib.closing(BlobStore()) as store:
        store.promise(digest, fill)
        store.promise(digest, fill)
        assert not calls

        threads = [threading.Thread(target=store.get, args=[digest]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(calls), store.get(digest).size) == (1, len(data))

        store.release(digest)
        path = store.get(digest).path
        assert path is not None
        store.release(digest)
        assert not path.exists()
        with pytest.raises(KeyError):
            store.get(digest)


def test_a_promise_that_is_broken_leaves_nothing() -> None:
    """Other bytes, or none: the next who asks has another try; one who lets go before has nothing to remove."""
    digest = hashlib.sha256(b"right").hexdigest()
    said = [b"wrong", b"right"]
    with contextlib.closing(BlobStore()) as store:
        store.promise(digest, lambda writer: writer.write(said.pop(0)))
        with pytest.raises(ValueError, match="are others"):
            store.get(digest)
        assert store.get(digest).data == b"right"

        store.promise("0" * 64, lambda writer: writer.write(b""))
        store.release("0" * 64)
        with pytest.raises(KeyError):
            store.get("0" * 64)
