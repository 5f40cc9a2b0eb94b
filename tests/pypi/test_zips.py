"""ZIP files that two readers would read in two ways, one for each difference."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg.flavours.hosts import DOCS
from pytest_pyreg.flavours.pypi.zips import framed
from tests.pypi.kinds import central, end, end64, local, named, records, zipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    Refuses = Callable[[str], AbstractContextManager[None]]

UTF8 = 0x800
DUPLICATE = struct.pack("<HH", 1, 0) * 2
UNICODE_PATH = struct.pack("<HHBL", 0x7075, 6, 1, 0)
HALF64 = struct.pack("<HHQ", 1, 8, 0)
PLAIN = records(local(), central(), 1)


def read(data: bytes) -> None:
    """Check the framing of a file that Python opens."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        framed(io.BytesIO(data), archive)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (records(local() * 2, central(), 1), "Duplicate filename in local headers"),
        (records(local(), central() * 2, 2), "Duplicate filename in central directory"),
        (records(b"", central(), 1), "Missing filename in local headers"),
        (records(local(b"b"), central(), 1), "Filename not in central directory"),
        (records(local(sizes=(1, 0)), central(), 1), "Mis-matched data size"),
        (records(local(sizes=(0, 1)), central(), 1), "Mis-matched file size"),
        (records(local(flags=8), central(), 1), "ZIP contains a data descriptor"),
        (records(local(), central(comment=b"c"), 1), "Comment in central directory"),
        (b"x" + PLAIN, "Unknown record signature"),
        (PLAIN + b"x", "Trailing data"),
        (records(local(b"\x01"), central(b"\x01"), 1), "Invalid character in filename"),
        (records(local(b"a"), central(b"\x7f"), 1), "Filename not in central directory"),
        (records(local(), central() + central(b"\x7f"), 2), "Invalid character in filename"),
        (records(local(extra=UNICODE_PATH + b"\n"), central(), 1), "Invalid character in filename"),
        (records(local(extra=UNICODE_PATH + b"\xff"), central(), 1), "Filename not valid UTF-8"),
        (records(local(b"\xff"), central(b"\xff"), 1), "Filename not unicode"),
        # The name is UTF-8 in one place and, lacking a flag, of another code page in the other.
        (records(local("ü".encode()), central("ü".encode()), 1), "Filename not in central directory"),
        (records(local(extra=DUPLICATE), central(), 1), "Invalid duplicate extra in local file"),
        (records(local(extra=b"\x09\x00"), central(), 1), "Malformed zip file"),
        (records(local(extra=struct.pack("<HH", 9, 5)), central(), 1), "Malformed zip file"),
        (records(local(extra=struct.pack("<HHL", 1, 4, 0)), central(), 1), "Malformed zip file"),
        (records(local(sizes=(0xFFFFFFFF, 0), extra=struct.pack("<HH", 1, 0)), central(), 1), "Malformed zip file"),
        (records(local(extra=HALF64, method=8), central(), 1), "Malformed zip file"),
        (records(local(), central(), 1, end64(1, 47, 31, here=2)), "Malformed zip file"),
        (records(local(), central(), 1, end64(1, 47, 31, rest=45)), "ZIP64 extensible data not allowed"),
        (local() + end64(0, 0, 31)[:56] + central() + end(1, 47, 31 + 56), "Malformed zip file"),
    ],
    ids=named,
)
def test_what_is_refused(data: bytes, words: str, refuses: Refuses) -> None:
    """Each difference by its name."""
    sentence = f"ZIP archive not accepted: {words}. See https://{DOCS}/archives for more information"
    with refuses(f"Invalid distribution file. {sentence}"):
        read(data)


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        end(0, 0, 0),
        end(0, 0, 0, b"a comment of the archive"),
        zipped({"a": b"1", "d/": b"", "ü": b"2"}),
        zipped({"a": b"1", "b": b"2" * 1000}, zip64=True),
        zipped({"a": b"1"}, zipfile.ZIP_STORED, zip64=True),
        records(local("ü".encode(), flags=UTF8), central("ü".encode(), flags=UTF8), 1),
        records(local(extra=UNICODE_PATH + b"a"), central(), 1),
        records(local(extra=struct.pack("<HH", 1, 0)), central(), 1),
        records(local(extra=HALF64, sizes=(0, 0xFFFFFFFF)), central(), 1),
        records(local(extra=struct.pack("<HHQQ", 1, 16, 0, 0), sizes=(0xFFFFFFFF, 0xFFFFFFFF)), central(), 1),
        records(local(extra=struct.pack("<HH", 9, 0) * 2), central(), 1),
        records(local(), central(), 1, end64(1, 47, 31)),
    ],
    ids=named,
)
def test_what_is_accepted(data: bytes) -> None:
    """The twins of those: comments, names, sizes and extras that do no harm."""
    read(data)


def test_a_file_that_ends_too_soon_is_malformed(refuses: Refuses) -> None:
    """Python may have opened what is no longer whole."""
    words = f"ZIP archive not accepted: Malformed zip file. See https://{DOCS}/archives for more information"
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as archive:
        for length in range(1, len(PLAIN)):
            with refuses(f"Invalid distribution file. {words}"):
                framed(io.BytesIO(PLAIN[:length]), archive)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (local() + central() + end(2, 47, 31), "Mismatched central directory records"),
        (local() + central() + end(1, 47, 30), "Mismatched central directory offset"),
        (local() + central() + end(1, 46, 31), "Mismatched central directory size"),
        (local() + local(b"b") + central() + end(1, 47, 62), "Mis-matched local headers and central directory"),
    ],
    ids=named,
)
def test_what_python_would_not_open_is_refused_all_the_same(data: bytes, words: str, refuses: Refuses) -> None:
    """Releases of Python differ in what they take; here it opened another file."""
    words = f"ZIP archive not accepted: {words}. See https://{DOCS}/archives for more information"
    other = records(local() + local(b"b"), central() + central(b"b", offset=31), 2)
    with zipfile.ZipFile(io.BytesIO(other)) as archive, refuses(f"Invalid distribution file. {words}"):
        framed(io.BytesIO(data), archive)
