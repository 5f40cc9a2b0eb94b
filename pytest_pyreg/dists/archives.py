"""Zip and tar files byte by byte: fast, and the same whatever the Python, its zlib, the time and the machine.

Members are stored, not compressed: how something is compressed differs between builds of zlib.  Owns headers and their
order; does not know what a wheel or an sdist is, and writes odd paths and doubled ones as it is told.
"""

from __future__ import annotations

import struct
import tarfile
import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

STORED, DEFLATED = 0, 8

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR64 = struct.Struct("<4sIQI")
_DATE = 1 << 5 | 1
"""The first of January 1980, the earliest day that a zip file can hold."""
TIME = 315532800
"""The same in seconds, for tar files: from a file that is older real build backends can make no wheel."""
_FULL, _FULL_COUNT = 0xFFFFFFFF, 0xFFFF
_UNIX_FILE = 0o100000
_FROM_UNIX = 3 << 8
_UTF_8 = 0x800
_BLOCK = 512
_LONGEST_STORED = 0xFFFF
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


class Entry(NamedTuple):
    """A member of a zip file, but for its bytes."""

    path: str
    crc: int
    size: int
    packed: int
    """Its bytes in the file."""
    method: int = STORED
    mode: int = 0o644


def entry(path: str, data: bytes) -> Entry:
    """Return the entry of bytes that are stored."""
    return Entry(path, zlib.crc32(data), len(data), len(data), mode=mode(data))


def mode(data: bytes) -> int:
    """Return the rights to a file: what begins as scripts do may be run."""
    return 0o755 if data.startswith(b"#!") else 0o644


def local(member: Entry) -> bytes:
    """Return the header that stands before a member's bytes; no member is as large as 4 GiB."""
    path, flags = _path(member)
    return (
        _LOCAL.pack(
            b"PK\3\4",
            20,
            flags,
            member.method,
            0,
            _DATE,
            member.crc,
            member.packed,
            member.size,
            len(path),
            0,
        )
        + path
    )


def central(member: Entry, offset: int) -> bytes:
    """Return a member's entry in the directory at the end.

    Args:
        member: which.
        offset: where its header is, in bytes from the beginning of the file.
    """
    path, flags = _path(member)
    far = offset >= _FULL
    extra = struct.pack("<2HQ", 1, 8, offset) if far else b""
    return (
        _CENTRAL.pack(
            b"PK\1\2",
            _FROM_UNIX | (45 if far else 20),
            45 if far else 20,
            flags,
            member.method,
            0,
            _DATE,
            member.crc,
            member.packed,
            member.size,
            len(path),
            len(extra),
            0,
            0,
            0,
            (_UNIX_FILE | member.mode) << 16,
            min(offset, _FULL),
        )
        + path
        + extra
    )


def end(count: int, size: int, offset: int) -> bytes:
    """Return the end of a zip file.

    Args:
        count: of its members.
        size: of its directory, in bytes.
        offset: where that begins.
    """
    far = b""
    if offset >= _FULL or count >= _FULL_COUNT:
        far = _END64.pack(b"PK\6\6", 44, _FROM_UNIX | 45, 45, 0, 0, count, count, size, offset)
        far += _LOCATOR64.pack(b"PK\6\7", 0, offset + size, 1)
    few = min(count, _FULL_COUNT)
    return far + _END.pack(b"PK\5\6", 0, 0, few, few, size, min(offset, _FULL), 0)


def zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip file of paths and what they hold, in this order."""
    return joined((entry(path, data), data) for path, data in members)


def joined(members: Iterable[tuple[Entry, bytes]]) -> bytes:
    """Return a zip file of entries and their bytes as they are in the file."""
    parts: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for member, packed in members:
        head = local(member)
        directory.append(central(member, offset))
        parts += [head, packed]
        offset += len(head) + len(packed)
    listed = b"".join(directory)
    return b"".join([*parts, listed, end(len(directory), len(listed), offset)])


def tarred(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a `.tar.gz` file of paths and what they hold, in this order."""
    parts = []
    for path, data in members:
        info = tarfile.TarInfo(path)
        info.size, info.mode, info.mtime = len(data), mode(data), TIME
        parts += [info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict"), data, bytes(-len(data) % _BLOCK)]
    return gzipped(b"".join([*parts, bytes(2 * _BLOCK)]))


def gzipped(data: bytes) -> bytes:
    """Return a gzip file.

    Its bytes are stored, unless a zip file's end is among them: a real index would take the whole for a zip file then.
    """
    if b"PK\5\6" in data:
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = packer.compress(data) + packer.flush()
    else:
        starts = range(0, len(data), _LONGEST_STORED)
        packed = b"".join(_block(data[at : at + _LONGEST_STORED], last=at == starts[-1]) for at in starts)
    return b"".join([_GZIP_HEAD, packed, struct.pack("<2I", zlib.crc32(data), len(data) & _FULL)])


def _block(data: bytes, *, last: bool) -> bytes:
    return struct.pack("<B2H", last, len(data), len(data) ^ 0xFFFF) + data


def _path(member: Entry) -> tuple[bytes, int]:
    path = member.path.encode()
    return path, 0 if member.path.isascii() else _UTF_8
