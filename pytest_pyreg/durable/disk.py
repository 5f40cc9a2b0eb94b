"""What is on the disk, and not only on its way there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def synced(path: Path) -> None:
    """Wait until a file's bytes, or the names in a folder, are on the disk."""
    if not path.is_dir() or os.name != "nt":  # Windows opens no folders, and needs none of this.
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def made(folder: Path) -> None:
    """Make a folder, with those above it, where there is none; their names are on the disk when this returns.

    Raises:
        OSError: it cannot be made.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in missing:
        synced(one.parent)
