"""Whether a ZIP file reads the same from its beginning as from its end (the last part of check 40).

One reader goes by the central directory at the end, another by the local headers as they come; where the two would see
different files, the index takes none.  Which difference is found first, and its name, follow wh:warehouse/utils/
zipfiles.py; the numbers in comments are sections of PKWARE's APPNOTE.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Any, BinaryIO

from pytest_pyreg.flavours.pypi.words import refuse

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterator, Mapping

_LOCAL = struct.Struct("<2xHH8xLLHH")  # 4.3.7: flags, method, sizes, lengths of name and extra.
_CENTRAL = struct.Struct("<24xHHH12x")  # 4.3.12: lengths of name, extra and comment.
_END = struct.Struct("<4xHHLLH")  # 4.3.16: records here and in all, size, offset, length of comment.
_END64 = struct.Struct("<Q12xQQQQ")  # 4.3.14: size of the rest, and as above.
_LOCATOR = struct.Struct("<4xQ4x")  # 4.3.15: offset of the one before.

_DESCRIPTOR = 0x08
"""The flag of a member whose sizes come after it."""
_ZIP64 = 0x0001
_UNICODE_PATH = 0x7075
_ABSENT = 0xFFFFFFFF
"""What a size says that stands in the ZIP64 extra."""
_ZIP64_LENGTHS = (0, 8, 16, 24, 28)
_END64_REST = 44
"""The size of an end record without data of its own."""


def framed(file: BinaryIO, archive: zipfile.ZipFile) -> None:
    """Read a ZIP file's records one after the other, and hold them against its central directory.

    Args:
        file: its bytes.
        archive: the same as Python's `zipfile` reads it.

    Raises:
        Refused: RULE_BROKEN.
    """
    file.seek(0)
    walk = _Walk(file, {info.orig_filename: (info.compress_size, info.file_size) for info in archive.filelist})
    while not walk.ended:
        signature = walk.read(4)
        if signature == b"PK\x05\x06" and walk.end64 and not walk.located:
            raise refuse("zip malformed")
        record = _RECORDS.get(signature)
        if record is None:
            raise refuse("zip signature")
        record(walk)
    if walk.central != walk.local:
        raise refuse("zip directories")
    end = file.tell()
    if file.seek(0, os.SEEK_END) != end:
        raise refuse("zip trailing")


class _Walk:
    """How far the reading has come."""

    def __init__(self, file: BinaryIO, sizes: Mapping[str, tuple[int, int]]) -> None:
        self.file = file
        self.sizes = sizes
        self.local: set[bytes] = set()
        self.central: set[bytes] = set()
        self.records = 0
        self.begin: int | None = None
        """Where the central directory begins."""
        self.size = 0
        self.end64: tuple[int, int, int] | None = None
        """What the ZIP64 end record says: records, size, offset."""
        self.located = False
        self.ended = False

    def read(self, amount: int) -> bytes:
        data = self.file.read(amount)
        if len(data) != amount:
            raise refuse("zip malformed")
        return data

    def unpack(self, shape: struct.Struct) -> tuple[Any, ...]:
        return shape.unpack(self.read(shape.size))

    def name(self, length: int, extra: int) -> tuple[bytes, bytes]:
        """Read a member's name and its extra fields."""
        name, extras = self.read(length), self.read(extra)
        _printable(name)
        return name, extras


def _local(walk: _Walk) -> None:
    flags, method, packed, size, length, extra = walk.unpack(_LOCAL)
    name, extras = walk.name(length, extra)
    packed, size = _sizes(extras, method, packed, size)
    if flags & _DESCRIPTOR:
        raise refuse("zip descriptor")
    try:
        expected = walk.sizes.get(name.decode())
    except UnicodeDecodeError as error:
        raise refuse("zip not unicode") from error
    if expected is None:
        raise refuse("zip central missing")
    if expected[0] != packed:
        raise refuse("zip data size")
    if expected[1] != size:
        raise refuse("zip file size")
    walk.file.seek(packed, os.SEEK_CUR)
    if name in walk.local:
        raise refuse("zip local duplicate")
    walk.local.add(name)


def _sizes(extras: bytes, method: int, packed: int, size: int) -> tuple[int, int]:
    """Return a member's sizes, which may stand in its extra fields."""
    seen = set()
    for kind, data in _extras(extras):
        if kind in seen and kind in {_ZIP64, _UNICODE_PATH}:
            raise refuse("zip extra")
        seen.add(kind)
        if kind == _ZIP64:
            packed, size = _zip64(data, method, packed, size)
        elif kind == _UNICODE_PATH:
            _unicode_path(data)
    return packed, size


def _extras(extras: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each extra field: its kind and its data (4.5.1)."""
    while extras:
        if len(extras) < 4:  # noqa: PLR2004 - two numbers of two bytes.
            raise refuse("zip malformed")
        kind, length = struct.unpack_from("<HH", extras)
        data = extras[4 : 4 + length]
        if len(data) != length:
            raise refuse("zip malformed")
        yield kind, data
        extras = extras[4 + length :]


def _zip64(data: bytes, method: int, packed: int, size: int) -> tuple[int, int]:
    """Return a member's sizes by its ZIP64 extra (4.5.3)."""
    if len(data) not in _ZIP64_LENGTHS:
        raise refuse("zip malformed")
    if not data:
        if _ABSENT in {packed, size}:
            raise refuse("zip malformed")
        return packed, size
    (whole,) = struct.unpack_from("<Q", data)
    size = whole if size == _ABSENT else size
    if len(data) > 8:  # noqa: PLR2004 - both sizes.
        return struct.unpack_from("<Q", data, 8)[0], size
    if method:  # One size for both, which only fits what is stored as it is.
        raise refuse("zip malformed")
    return whole, size


def _unicode_path(data: bytes) -> None:
    """Check Info-ZIP's second name, which comes after a version and a checksum (4.6.9)."""
    _printable(data[5:])
    try:
        data[5:].decode()
    except UnicodeDecodeError as error:
        raise refuse("zip not utf-8") from error


def _central(walk: _Walk) -> None:
    if walk.begin is None:
        walk.begin = walk.file.tell() - 4
    walk.records += 1
    length, extra, comment = walk.unpack(_CENTRAL)
    if comment:
        raise refuse("zip comment")
    name, extras = walk.name(length, extra)
    walk.size += 4 + _CENTRAL.size + len(name) + len(extras)
    if name in walk.central:
        raise refuse("zip central duplicate")
    if name not in walk.local:
        raise refuse("zip local missing")
    walk.central.add(name)


def _end(walk: _Walk) -> None:
    if walk.begin is None:
        walk.begin = walk.file.tell() - 4
    here, records, size, offset, comment = walk.unpack(_END)
    if here != records:
        raise refuse("zip malformed")
    walk.file.seek(comment, os.SEEK_CUR)
    if walk.located and walk.end64:
        records, size, offset = walk.end64
    if records != walk.records:
        raise refuse("zip central records")
    if offset != walk.begin:
        raise refuse("zip central offset")
    if size != walk.size:
        raise refuse("zip central size")
    walk.ended = True


def _end64(walk: _Walk) -> None:
    rest, here, records, size, offset = walk.unpack(_END64)
    if here != records:
        raise refuse("zip malformed")
    if rest != _END64_REST:
        raise refuse("zip extensible")
    walk.end64 = (records, size, offset)


def _locator(walk: _Walk) -> None:
    walk.unpack(_LOCATOR)
    walk.located = True


def _printable(name: bytes) -> None:
    if any(byte < 0x20 or byte == 0x7F for byte in name):  # noqa: PLR2004 - ASCII's control characters.
        raise refuse("zip character")


_RECORDS: Mapping[bytes, Callable[[_Walk], None]] = {
    b"PK\x01\x02": _central,
    b"PK\x03\x04": _local,
    b"PK\x05\x06": _end,
    b"PK\x06\x06": _end64,
    b"PK\x06\x07": _locator,
}
