"""`file.zip_quirk`: a zip that is odd in one way, and may not be taken for it."""

from __future__ import annotations

import re
import struct
import warnings
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.conformance.cases import CannotExpress
from tests.conformance.pypi_archives import Member, streamed, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_CRC, _SIZES, _EXTRA_LENGTH = 14, 18, 28
"""Where they are in a local header; in the central directory they are two bytes further on."""
EXTRA = "demo/extra.txt"


def made(quirk: str, members: list[Member]) -> bytes:
    """Return a zip that is odd.

    Raises:
        CannotExpress: nobody knows how.
    """
    for pattern, make in QUIRKS.items():
        if re.fullmatch(pattern, quirk, re.IGNORECASE):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # zipfile warns of two members of one name.
                return make(members)
    raise CannotExpress(f"when.file.zip_quirk = {quirk!r}")


def _also(member: Member) -> Callable[[list[Member]], bytes]:
    return lambda members: zipped([*members, member])


def _changed(**changes: object) -> Callable[[list[Member]], bytes]:
    """Return what packs members with the first of them changed."""
    return lambda members: zipped([replace(members[0], **changes), *members[1:]])  # type: ignore[arg-type]


def _patched(where: bytes, offset: int, data: bytes) -> Callable[[list[Member]], bytes]:
    """Return what packs members and writes over the first header of a kind."""

    def make(members: list[Member]) -> bytes:
        packed = bytearray(zipped(members))
        at = packed.index(where) + offset
        packed[at : at + len(data)] = data
        return bytes(packed)

    return make


def _renamed(where: bytes, letter: bytes) -> Callable[[list[Member]], bytes]:
    """Return what packs members and writes over the first letter of the first name in a header of a kind."""
    return _patched(where, {LOCAL: 30, CENTRAL: 46}[where], letter)


def _twice(members: list[Member]) -> bytes:
    return zipped([*members, members[0]])


def _not_listed(members: list[Member]) -> bytes:
    """Let a member be where only who reads from the front sees it."""
    local, central, end = _parts(zipped(members))
    more, _, __ = _parts(zipped([Member(EXTRA, b"x")]))
    return _joined(local + more, central, end)


def _only_listed(members: list[Member]) -> bytes:
    """Let a member be in the directory alone."""
    local, _, __ = _parts(zipped(members))
    _, central, end = _parts(zipped([*members, Member(EXTRA, b"x")]))
    return _joined(local, central, end)


def _listed_twice(members: list[Member]) -> bytes:
    local, central, end = _parts(zipped(members))
    _, once, __ = _parts(zipped(members[:1]))
    count = len(members) + 1
    return _joined(local, central + once, end[:8] + struct.pack("<HH", count, count) + end[12:])


def _doubled_extra(members: list[Member]) -> bytes:
    """Give the first local header two extra fields that say its name in UTF-8."""
    name = members[0].path.encode()
    extra = (struct.pack("<HHBI", 0x7075, 5 + len(name), 1, zlib.crc32(name)) + name) * 2
    packed, names = zipped(members), len(name)
    head = packed[:_EXTRA_LENGTH] + struct.pack("<H", len(extra)) + packed[_EXTRA_LENGTH + 2 : 30 + names]
    first = head + extra + packed[30 + names :]
    grown = bytearray(first)
    at, moved = grown.index(CENTRAL), len(extra)
    for number, _ in enumerate(members):  # What follows the first has moved.
        at = grown.index(CENTRAL, at)
        if number:
            struct.pack_into("<I", grown, at + 42, struct.unpack_from("<I", grown, at + 42)[0] + moved)
        at += 4
    end = grown.rindex(END)
    struct.pack_into("<I", grown, end + 16, struct.unpack_from("<I", grown, end + 16)[0] + moved)
    return bytes(grown)


def _end_patched(offset: int, data: bytes) -> Callable[[list[Member]], bytes]:
    def make(members: list[Member]) -> bytes:
        packed = bytearray(zipped(members))
        at = packed.rindex(END) + offset
        packed[at : at + len(data)] = data
        return bytes(packed)

    return make


def _parts(packed: bytes) -> tuple[bytes, bytes, bytes]:
    """Return a zip's members, its directory and its end."""
    end = packed.rindex(END)
    (at,) = struct.unpack_from("<I", packed, end + 16)
    return packed[:at], packed[at:end], packed[end:]


def _joined(local: bytes, central: bytes, end: bytes) -> bytes:
    return local + central + end[:12] + struct.pack("<II", len(central), len(local)) + end[20:]


_NAME = r"(?:an? )?(?:member|file)(?: ?name)?s?"
_A = r"(?:an? |the |some )?"
QUIRKS: Mapping[str, Callable[[list[Member]], bytes]] = {
    r"(?:none|no quirk|a plain zip)": zipped,
    rf"{_A}(?:(?:bytes|data) (?:appended|added)(?: after .*)?|trailing (?:bytes|data|garbage).*)": lambda members: (
        zipped(members) + b"more"
    ),
    rf"{_A}(?:(?:bytes|data) (?:prepended|before).*|(?:prepended|leading) (?:bytes|data).*)": lambda members: (
        b"before" + zipped(members)
    ),
    r"(?:two |several )?(?:concatenated zips|zips? (?:archives? |files? )?concatenated.*)": lambda members: (
        zipped(members) * 2
    ),
    rf"{_A}(?:per-(?:member|file)|member|file) comment": _changed(comment=b"a remark"),
    rf"{_A}(?:archive|zip|global) comment": lambda members: zipped(members, comment=b"a remark"),
    rf"{_NAME} with {_A}control character": _also(Member("demo/a\x01b.py", b"x")),
    rf"{_NAME} with {_A}(?:NUL|null)(?: byte| character)?": _renamed(LOCAL, b"\0"),
    rf"{_A}(?:explicit )?director(?:y|ies)(?: entr(?:y|ies)| members?)?": lambda members: zipped(
        [Member("demo/"), *members]
    ),
    rf"{_A}(?:forced )?zip64(?: extras?| extra fields?| headers?)?": _changed(zip64=True),
    r"non-ASCII UTF-8 (?:member |file ?)names?": _also(Member("demo/\u00e4\u20ac.txt", b"x")),
    rf"{_NAME} (?:that (?:is|are) )?not (?:valid )?UTF-8|non-UTF-8 (?:member |file ?)names?": lambda members: zipped(
        [Member("demo/\u00e4.txt", b"x"), *members]
    ).replace("\u00e4".encode(), b"\xff\xfe"),
    rf"{_A}data descriptors?|(?:zip )?written (?:in)?to a (?:non-seekable |unseekable )?(?:stream|pipe).*": streamed,
    rf"{_A}(?:duplicated?|same) (?:member|file ?name)s?(?: in (?:the )?local headers?)?": _twice,
    r"two members (?:with|of) (?:the same|one) name": _twice,
    rf"{_A}duplicated? (?:member|file ?name)s? in (?:the )?central directory": _listed_twice,
    rf"{_A}(?:member|file ?name)s? (?:only|missing|absent|not) (?:in|from) (?:the )?central directory": _not_listed,
    r"(?:an? |the )?(?:member|file ?name)s? only in (?:the )?local headers?": _not_listed,
    rf"{_A}(?:member|file ?name)s? (?:missing|absent|not) (?:in|from) (?:the )?local headers?": _only_listed,
    r"(?:an? |the )?(?:member|file ?name)s? only in (?:the )?central directory": _only_listed,
    rf"(?:other|different|mis-?matched) names? in {_A}local headers?.*": _renamed(LOCAL, b"X"),
    rf"{_A}local headers? (?:differs?|that differs?) from (?:the )?central directory": _renamed(LOCAL, b"X"),
    rf"{_A}(?:wrong|mis-?matched|bad) (?:data |compressed )size.*": _patched(LOCAL, _SIZES, b"\1\0\0\0"),
    rf"{_A}(?:wrong|mis-?matched|bad) (?:file |uncompressed )size.*": _patched(LOCAL, _SIZES + 4, b"\1\0\0\0"),
    rf"{_A}(?:wrong|mis-?matched|bad) CRC.*": _patched(LOCAL, _CRC, b"\1\2\3\4"),
    rf"{_A}duplicated? extra(?: fields?)?(?: in .*)?": _doubled_extra,
    rf"{_A}(?:wrong|mis-?matched|bad) (?:number|count) of (?:central directory )?(?:records|entries|members).*": (
        _end_patched(8, b"\x63\0\x63\0")
    ),
    rf"{_A}(?:wrong|mis-?matched|bad) central directory (?:records|count)": _end_patched(8, b"\x63\0\x63\0"),
    rf"{_A}(?:wrong|mis-?matched|bad) central directory size": _end_patched(12, b"\x01\0\0\0"),
    rf"{_A}(?:wrong|mis-?matched|bad) central directory offset": _end_patched(16, b"\x01\0\0\0"),
    rf"{_A}unknown (?:record )?signature.*": lambda members: b"PK\x09\x09" + zipped(members),
    r"(?:truncated|cut off).*": lambda members: zipped(members)[:-30],
}
"""Patterns of the whole text, and how such a zip is made of a wheel's members."""
