"""Archives for tests: good ones, and ones that are wrong in exactly one way."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

INFO = "demo-1.0.dist-info"
WHEEL_NAME = "demo-1.0-py3-none-any.whl"
SDIST_NAME = "demo-1.0.tar.gz"


def named(value: object) -> str | None:
    """Return what a test is called after; bytes would be long, and those with a time in them another each time."""
    return "data" if isinstance(value, bytes) else None


def wheel_members(**changes: bytes | None) -> dict[str, bytes]:
    """Return the members of a wheel; None takes out one of those in its folder of metadata."""
    paths = {"demo.py": b"x = 1\n", f"{INFO}/METADATA": b"Name: demo\n", f"{INFO}/WHEEL": b"Wheel-Version: 1.0\n"}
    paths |= {f"{INFO}/{name}": data for name, data in changes.items() if data is not None}
    paths = {path: data for path, data in paths.items() if changes.get(path.rpartition("/")[2], b"") is not None}
    if "RECORD" not in changes:
        record = "".join(f"{path},,\n" for path in [*paths, f"{INFO}/RECORD"])
        paths[f"{INFO}/RECORD"] = record.encode()
    return paths


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED, **options: bool) -> bytes:
    """Return a ZIP file.

    Args:
        members: path -> content.
        method: how to compress.
        options: `zip64` for sizes of 64 bits.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for path, data in members.items():
            with archive.open(path, "w", force_zip64=options.get("zip64", False)) as member:
                member.write(data)
    return buffer.getvalue()


def tarred(
    members: Mapping[str, bytes], mode: str = "w:gz", change: Callable[[tarfile.TarInfo], object] | None = None
) -> bytes:
    """Return a tar file.

    Args:
        members: path -> content.
        mode: how to compress.
        change: changes each member before it is added.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for path, data in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            if change is not None:
                change(member)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def local(
    name: bytes = b"a", *, flags: int = 0, method: int = 0, sizes: tuple[int, int] = (0, 0), extra: bytes = b""
) -> bytes:
    """Return the local header of an empty member."""
    numbers = (20, flags, method, 0, 0, 0, *sizes, len(name), len(extra))
    return struct.pack("<4sHHHHHLLLHH", b"PK\3\4", *numbers) + name + extra


def central(name: bytes = b"a", *, flags: int = 0, comment: bytes = b"", offset: int = 0) -> bytes:
    """Return a member's header in the central directory."""
    numbers = (20, 20, flags, 0, 0, 0, 0, 0, 0, len(name), 0, len(comment), 0, 0, 0, offset)
    return struct.pack("<4sHHHHHHLLLHHHHHLL", b"PK\1\2", *numbers) + name + comment


def end(records: int, size: int, offset: int, comment: bytes = b"") -> bytes:
    """Return the end of a central directory."""
    return struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, records, records, size, offset, len(comment)) + comment


def records(locals_: bytes, centrals: bytes, count: int, between: bytes = b"") -> bytes:
    """Return a ZIP file of records."""
    return locals_ + centrals + between + end(count, len(centrals), len(locals_))


def end64(count: int, size: int, offset: int, *, rest: int = 44, here: int | None = None) -> bytes:
    """Return the end of a central directory of 64 bits, and what tells where it is."""
    record = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", rest, 45, 45, 0, 0, here or count, count, size, offset)
    return record + struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1)
