"""Every body here was also read by Go 1.26 in the way Workhorse does; `test_parts.py` has the grammar."""

from __future__ import annotations

import tracemalloc
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg.blobs import BlobStore
from pytest_pyreg.flavours import lookup
from pytest_pyreg.multipart import read_form
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_pyreg.forms import Form
    from pytest_pyreg.rules import UploadRules

RULES = lookup("gitlab@17").rules
TYPE = "multipart/form-data; boundary=frontier"
WHOLE = 1 << 40
BLOCKS = pytest.mark.parametrize("block", [1, 7, WHOLE], ids=["by one", "by seven", "whole"])

Texts = dict[str, str]
Files = dict[str, tuple[str, bytes]]


class Trickle:
    """A body that gives at most `most` bytes at once."""

    def __init__(self, body: bytes, most: int) -> None:
        self.left = body
        self.most = most

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        size = min(size, self.most)
        block, self.left = self.left[:size], self.left[size:]
        return block


@pytest.fixture(name="blobs")
def _blobs(tmp_path: Path) -> Iterator[BlobStore]:
    blobs = BlobStore(tmp_path)
    yield blobs
    blobs.close()


def contents(form: Form) -> tuple[Texts, Files]:
    """Return a form's texts and the bytes of its files; of a file that is not kept, as many dots as it has bytes."""
    files = {}
    for name, sent in form.files.items():
        kept = name == RULES.file_field
        files[name] = sent.filename, sent.arrived.commit().data or b"" if kept else b"." * sent.arrived.size
    return form.fields, files


def read(
    body: bytes, blobs: BlobStore, *, kind: str = TYPE, block: int = WHOLE, rules: UploadRules = RULES
) -> tuple[Texts, Files]:
    """Read a form and return what is in it."""
    with ExitStack() as owner:
        return contents(read_form(Trickle(body, block), kind, blobs, rules, owner))


def test_a_part_that_does_not_say_what_it_is(blobs: BlobStore) -> None:
    """It is text (RFC 7578, 4.4); a header that says nothing is something else."""
    body = part('name="content"; filename="a"', b"x")
    for head, kind in ((b"", "text/plain"), (b"Content-Type:\r\n", ""), (b"content-type: image/png\r\n", "image/png")):
        said = body.replace(b"Content-Disposition", head + b"Content-Disposition") + b"--frontier--\r\n"
        with ExitStack() as owner:
            assert read_form(Trickle(said, WHOLE), TYPE, blobs, RULES, owner).files["content"].content_type == kind


def part(head: str, body: bytes) -> bytes:
    """Return a part with this Content-Disposition, behind its boundary."""
    return b"--frontier\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + body + b"\r\n"


END = b"--frontier--\r\n"
A = part('name="a"', b"1")
WHEEL = part('name="content"; filename="d.whl"', b"PK\x03\x04")
KEPT: Files = {"content": ("d.whl", b"PK\x03\x04")}


def named(head: str) -> bytes:
    """Return a form whose one file has this head."""
    return part('name="content"; ' + head, b"PK\x03\x04") + END


def sent_as(filename: str) -> tuple[Texts, Files]:
    """Return what such a form holds if its file came under this name."""
    return {}, {"content": (filename, b"PK\x03\x04")}


GOOD: dict[str, tuple[bytes, tuple[Texts, Files]]] = {
    "a text and a file": (A + WHEEL + END, ({"a": "1"}, KEPT)),
    "empty text": (part('name="a"', b"") + END, ({"a": ""}, {})),
    "empty file": (part('name="content"; filename="d.whl"', b"") + END, ({}, {"content": ("d.whl", b"")})),
    "repeated text, the last wins": (A + part('name="a"', b"2") + END, ({"a": "2"}, {})),
    "text and file of one name": (part('name="content"', b"1") + WHEEL + END, ({"content": "1"}, KEPT)),
    "a file of another field": (part('name="gpg"; filename="s"', b"1234") + END, ({}, {"gpg": ("s", b"....")})),
    "empty name, skipped": (part('name=""', b"1") + A + END, ({"a": "1"}, {})),
    "no name, skipped": (part('filename="f"', b"1") + A + END, ({"a": "1"}, {})),
    "two names, skipped": (part('name="x"; name="y"', b"1") + A + END, ({"a": "1"}, {})),
    "no Content-Disposition, skipped": (b"--frontier\r\nX: y\r\n\r\n1\r\n" + A + END, ({"a": "1"}, {})),
    "no header, skipped": (b"--frontier\r\n\r\n1\r\n" + A + END, ({"a": "1"}, {})),
    "ended in a header": (A + WHEEL[:50], ({"a": "1"}, {})),
    "empty file name, a text": (named('filename=""'), ({"content": "PK\x03\x04"}, {})),
    "unknown charset, a text": (named("filename*=latin-9''d.whl"), ({"content": "PK\x03\x04"}, {})),
    # Go puts it together; no client sends it.
    "file name in pieces, a text": (named("filename*0=d; filename*1=.whl"), ({"content": "PK\x03\x04"}, {})),
    "path in the file name": (named('filename="a/b/d.whl"'), sent_as("d.whl")),
    "path that leads out": (named('filename="../../etc/passwd"'), sent_as("passwd")),
    "absolute path": (named('filename="/d.whl"'), sent_as("d.whl")),
    "slash at the end": (named('filename="a/d.whl/"'), sent_as("d.whl")),
    "backslashes": (named(r'filename="C:\dir\d.whl"'), sent_as(r"C:\dir\d.whl")),
    "three dots": (named('filename="..."'), sent_as("...")),
    "file name outside ASCII": (named('filename="\xe9.whl"'), sent_as("\xe9.whl")),
    "extended file name": (named("filename*=UTF-8''%E2%82%AC%20d.whl"), sent_as("\u20ac d.whl")),
    "extended file name with a path": (named("filename*=utf-8''..%2Fd.whl"), sent_as("d.whl")),
}
BAD: dict[str, tuple[bytes, Refusal]] = {
    "empty": (b"", Refusal.BODY_MALFORMED),
    "garbage": (b"garbage\r\n", Refusal.BODY_MALFORMED),
    "ended in a boundary": (A + b"--frontier", Refusal.BODY_MALFORMED),
    "ended in a header's name": (A + b"--frontier\r\nContent", Refusal.BODY_MALFORMED),
    "ended in a part that is skipped": (b"--frontier\r\n\r\n1", Refusal.BODY_MALFORMED),
    "ended in a text": (A[:-2], Refusal.BODY_BROKEN_OFF),
    "ended in a file": (A + WHEEL[:-4], Refusal.BODY_BROKEN_OFF),
    "words behind a boundary": (A + b"--frontier words\r\n", Refusal.BODY_BROKEN_OFF),
    "repeated file": (WHEEL + WHEEL + END, Refusal.FILE_REPEATED),
    "file name is the root": (named('filename="/"'), Refusal.FILENAME_ILLEGAL),
    "file name is slashes": (named('filename="//"'), Refusal.FILENAME_ILLEGAL),
    "file name is a dot": (named('filename="a/."'), Refusal.FILENAME_ILLEGAL),
    "file name is two dots": (named('filename="a/../"'), Refusal.FILENAME_ILLEGAL),
    # What Go passes on and Rails refuses.
    "latin-1 in a text": (part('name="a"', b"\xe9") + END, Refusal.TEXT_MALFORMED),
    "null byte in a text": (part('name="a"', b"x\0y") + END, Refusal.TEXT_MALFORMED),
    "latin-1 in a name": (A.replace(b'"a"', b'"\xe9"') + END, Refusal.TEXT_MALFORMED),
    "null byte in a file name": (named("filename*=utf-8''%00"), Refusal.TEXT_MALFORMED),
}


@BLOCKS
@pytest.mark.parametrize("name", GOOD)
def test_a_form_is_read_as_go_reads_it(name: str, block: int, blobs: BlobStore) -> None:
    """What is in a form does not depend on how its bytes arrive."""
    body, expected = GOOD[name]

    assert read(body, blobs, block=block) == expected


@BLOCKS
@pytest.mark.parametrize("name", BAD)
def test_a_bad_form_is_refused(name: str, block: int, blobs: BlobStore) -> None:
    """Every way in which a form can be wrong has its refusal."""
    body, expected = BAD[name]

    with pytest.raises(Refused) as refused:
        read(body, blobs, block=block)

    assert refused.value.refusal is expected


def test_files_of_two_fields_are_no_repetition(blobs: BlobStore) -> None:
    """Only a second file of the same field is refused."""
    assert read(WHEEL + WHEEL.replace(b"content", b"other") + END, blobs) == ({}, KEPT | {"other": ("d.whl", b"....")})


def test_any_bytes_are_good_in_a_file(blobs: BlobStore) -> None:
    """What no text may hold, a file may."""
    assert read(WHEEL.replace(b"\x03", b"\0\xe9") + END, blobs) == ({}, {"content": ("d.whl", b"PK\0\xe9\x04")})


def test_the_eleventh_file_is_refused(blobs: BlobStore) -> None:
    """Ten files are read, eleven are too many."""
    files = [WHEEL.replace(b"content", b"f%d" % number) for number in range(11)]

    assert len(read(b"".join(files[:10]) + END, blobs)[1]) == 10
    with pytest.raises(Refused) as refused:
        read(b"".join(files) + END, blobs)

    assert refused.value.refusal is Refusal.FILES_TOO_MANY


@pytest.mark.parametrize(
    "kind",
    [
        'multipart/form-data; boundary="frontier"',
        "Multipart/Form-Data; BOUNDARY=frontier",
        "multipart/mixed;boundary=frontier;",
    ],
)
def test_the_boundary_is_found(kind: str, blobs: BlobStore) -> None:
    """The ways to write a content type do not matter."""
    assert read(A + END, blobs, kind=kind) == ({"a": "1"}, {})


# Go answers an empty boundary in quotes with 500; no client sends one.
@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data;", 'multipart/form-data; boundary=""'])
def test_a_missing_boundary_is_refused(kind: str, blobs: BlobStore) -> None:
    """A multipart form without a boundary is malformed."""
    with pytest.raises(Refused) as refused:
        read(A + END, blobs, kind=kind)

    assert refused.value.refusal is Refusal.BODY_MALFORMED


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/related; boundary=frontier", "multipart/form-data; boundary=a b", ";", "a/"]
)
def test_what_is_no_form_has_no_fields(kind: str, blobs: BlobStore) -> None:
    """A body of another kind, or of a kind that is garbled, is left alone."""
    assert read(A + END, blobs, kind=kind) == ({}, {})


def test_a_plain_form_is_read(blobs: BlobStore) -> None:
    """A form without files may come in the other encoding, within the same limit."""
    kind = "application/x-www-form-urlencoded"

    assert read(b"name=demo&version=1&name=x%20y&empty=", blobs, kind=kind, block=7) == (
        {"name": "x y", "version": "1", "empty": ""},
        {},
    )
    with pytest.raises(Refused) as refused:
        read(b"name=" + b"x" * 100, blobs, kind=kind, rules=replace(RULES, max_text_bytes=100))

    assert refused.value.refusal is Refusal.FORM_TOO_LARGE


def test_text_past_the_limit_is_refused(blobs: BlobStore) -> None:
    """The limit holds for all texts together, and not for files."""
    rules = replace(RULES, max_text_bytes=10)
    five = [part(f'name="{name}"', b"12345") for name in "abc"]

    assert read(five[0] + WHEEL + five[1] + END, blobs, rules=rules) == ({"a": "12345", "b": "12345"}, KEPT)
    with pytest.raises(Refused) as refused:
        read(b"".join(five) + END, blobs, rules=rules)

    assert refused.value.refusal is Refusal.FORM_TOO_LARGE


@pytest.mark.parametrize(("field", "limit"), [("content", 100_000), ("gpg", 1_000_000)], ids=["large", "unwanted"])
def test_a_file_that_is_not_kept_is_counted(field: str, limit: int, blobs: BlobStore, tmp_path: Path) -> None:
    """The size of a file that is too large, or that nobody asked for, is known, though its bytes are not kept."""
    body = part(f'name="{field}"; filename="d.whl"', b"x" * 200_000) + A + END
    with ExitStack() as owner:
        form = read_form(Trickle(body, 8192), TYPE, blobs, replace(RULES, max_file_bytes=limit), owner)

        assert form.fields == {"a": "1"}
        assert form.files[field].arrived.size == 200_000
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
        with pytest.raises(ValueError, match="past its limit"):
            form.files[field].arrived.commit()


def test_a_refused_form_leaves_no_file(blobs: BlobStore, tmp_path: Path) -> None:
    """What had arrived of a form that breaks off later is gone."""
    with pytest.raises(Refused):
        read(part('name="content"; filename="d.whl"', b"x" * 200_000) + A[:-2], blobs)

    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


class Endless:
    """A form whose file has `left` more bytes."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.head = WHEEL[:-6]
        self.end = b"\r\n" + END
        self.block = bytes(256 * 1024)

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        if self.head:
            head, self.head = self.head, b""
            return head
        if self.left > 0:
            self.left -= len(self.block)
            return self.block[:size]
        end, self.end = self.end, b""
        return end


def test_a_large_file_takes_no_memory(blobs: BlobStore) -> None:
    """Reading 64 MB takes a few blocks of memory."""
    with ExitStack() as owner:
        tracemalloc.start()
        owner.callback(tracemalloc.stop)
        form = read_form(Endless(64 * 1024 * 1024), TYPE, blobs, RULES, owner)

        assert form.files["content"].arrived.size == 64 * 1024 * 1024
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
