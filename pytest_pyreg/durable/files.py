"""Blobs that outlive the process: each a file that is on the disk, whole, before anybody is told that it is stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_pyreg.blobs import Blob, BlobStore
from pytest_pyreg.durable.disk import synced

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ARRIVING = "arriving-"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class KeptBlobs(BlobStore):
    """A place for blobs that stays.

    Args:
        folder: where; made if it is not there.  What somebody left half written in it goes.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        folder.mkdir(mode=0o700, exist_ok=True)
        for file in folder.glob(f"{_ARRIVING}*"):
            file.unlink()
        self._folder: Path = folder
        self._doomed: set[Path] = set()
        """Files that are not needed any more, once it is written down that they are not."""
        self._discard = self._doom

    def fill(self, digests: Iterable[tuple[str, int]]) -> list[str]:
        """Hold the blobs of these digests (sha256 and size in bytes, as often as they are held), and no others.

        Returns:
            The digests whose bytes are not there, or not all of them.
        """
        missing = []
        there = {file.name: file for file in self._folder.iterdir() if file.is_file()}
        for digest, size in digests:
            self._holders[digest] += 1
            if digest not in there or there[digest].stat().st_size != size:
                missing.append(digest)
            self._blobs[digest] = Blob(digest, size, None, self._folder / digest)
        if not missing:
            for name in there.keys() - self._blobs.keys():
                if _DIGEST.fullmatch(name):  # Nobody was told of these; anything else is not ours.
                    there[name].unlink()
        return missing

    def sync(self) -> None:
        """Make sure that the names of the files are on the disk, as their bytes are."""
        synced(self._folder)

    def sweep(self) -> None:
        """Remove the files that nobody needs any more."""
        with self._lock:
            doomed, self._doomed = self._doomed, set()
            for path in doomed:
                if path.name not in self._blobs:
                    path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of all; the files stay."""
        with self._lock:
            self._blobs.clear()
            self._holders.clear()
            self._let_go.clear()

    def _doom(self, path: Path) -> None:
        self._doomed.add(path)

    def _keep(self, digest: str, size: int, data: bytes | None, arrived: Path | None) -> Blob:
        arrived = self._scratch() if arrived is None else arrived
        try:
            if data is not None:
                arrived.write_bytes(data)
            synced(arrived)
        except OSError:
            arrived.unlink(missing_ok=True)
            raise
        return super()._keep(digest, size, None, arrived)
