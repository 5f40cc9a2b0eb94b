"""Every body and header here was also read by Go 1.26 (mime/multipart); where we differ, a comment says so."""

from __future__ import annotations

import pytest

from pytest_pyreg.parts import Parts, media_type
from pytest_pyreg.refusals import Refusal, Refused

WHOLE = 1 << 40
BLOCKS = pytest.mark.parametrize("block", [1, 7, WHOLE], ids=["by one", "by seven", "whole"])

END = b"--frontier--\r\n"
HEAD = b'--frontier\r\nContent-Disposition: form-data; name="a"\r\n'
A = HEAD + b"\r\n1\r\n"
FILE = A.replace(b'"a"', b'"content"; filename="d.whl"').replace(b"1", b"PK\x03\x04")

Read = list[tuple[dict[str, str], bytes]]
ONE: Read = [({"name": "a"}, b"1")]
ONE_BEHIND_ANOTHER: Read = [({}, b"1"), *ONE]
PK: Read = [({"name": "content", "filename": "d.whl"}, b"PK\x03\x04")]


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


def read(body: bytes, block: int = WHOLE) -> Read:
    """Return the parameters and the content of each part.

    Raises:
        EOFError: the body ended in a part.
    """
    parts = Parts(Trickle(body, block), b"frontier")
    found = []
    while (disposition := parts.next()) is not None:
        found.append((media_type(disposition.decode("latin-1"))[1], b"".join(parts.content())))
        if parts.cut_off:
            raise EOFError
    return found


def holding(content: bytes) -> bytes:
    """Return a form whose one part holds this."""
    return A.replace(b"1", content) + END


def headed(head: bytes) -> bytes:
    """Return a form with this line in the header of its one part."""
    return HEAD + head + b"\r\n\r\n1\r\n" + END


ENDS = b"\r\n1\n2\r3\r\n\r"
LIKE = b"--frontierx\r\n--frontier-\r\n --frontier\n--frontier\r\n--fronti"
GOOD: dict[str, tuple[bytes, Read]] = {
    "two parts": (A + FILE + END, ONE + PK),
    "no parts": (END, []),
    "no line end at the end": (A + END[:-2], ONE),
    "something after the end": (A + END + b"--frontier\r\nrest", ONE),
    "preamble": (b"This is\r\nx--frontier\r\na preamble\n" + A + END, ONE),
    "blank line as preamble": (b"\r\n" + A + END, ONE),
    "line ends are LF": ((A + END).replace(b"\r\n", b"\n"), ONE),
    "CRLF in an LF form": ((A + END).replace(b"\r\n", b"\n").replace(b"1", b"1\r\n"), [({"name": "a"}, b"1\r\n")]),
    "headers end with LF": (HEAD.replace(b'a"\r\n', b'a"\n\n') + b"1\r\n" + END, ONE),
    "blanks behind boundaries": (A.replace(b"ier", b"ier \t") + b"--frontier-- \r\n", ONE),
    "empty content": (holding(b""), [({"name": "a"}, b"")]),
    "empty content without its line end": (HEAD + b"\r\n" + END, [({"name": "a"}, b"")]),
    "content with line ends": (holding(ENDS), [({"name": "a"}, ENDS)]),
    "content like a boundary": (holding(LIKE), [({"name": "a"}, LIKE)]),
    "no Content-Disposition": (b"--frontier\r\nContent-Type: text/plain\r\n\r\n1\r\n" + A + END, ONE_BEHIND_ANOTHER),
    "no headers": (b"--frontier\r\n\r\n1\r\n" + A + END, ONE_BEHIND_ANOTHER),
    "two Content-Dispositions, the first wins": (headed(b"content-disposition: form-data; name=b"), ONE),
    "header over two lines": (A.replace(b" name", b"\r\n\tname") + END, ONE),
    "blank in a header's name": (headed(b"X Y : z"), ONE),
    "header outside ASCII": (headed(b"X: \xe9"), ONE),
    "ended before a header": (A + b"--frontier\r\n", ONE),
    "ended in a header's value": (A + HEAD[:-3], ONE),
    "ended before the line after the headers": (A + HEAD, ONE),
    # Go decodes it to "A"; no client sends it.
    "quoted-printable": (
        HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=41\r\n" + END,
        [({"name": "a"}, b"=41")],
    ),
}
MALFORMED = {
    "empty": b"",
    "garbage": bytes(range(256)) * 4,
    "another boundary": (A + END).replace(b"frontier", b"border"),
    "line ends are CR": (A + END).replace(b"\r\n", b"\r"),
    "no boundary at a line's start": b"x" + A,
    "ended in the first boundary": b"--frontier\r",
    "ended in a boundary": A + b"--frontier",
    "ended in the end": A + b"--frontier--\r",
    "ended in a header's name": A + b"--frontier\r\nContent-Dispo",
    "ended in a header's line end": A + HEAD[:-1],
    "ended in the line after the headers": A + HEAD + b"\r",
    "header without a colon": headed(b"nonsense"),
    "header with its colon in the second line": headed(b"nonsense\r\n x: y"),
    "header without a name": headed(b": x"),
    "header's name outside ASCII": headed(b"X\xc3\xa9: y"),
    "header that begins with a blank": b"--frontier\r\n X: y\r\n\r\n1\r\n" + END,
    "null byte in a header": headed(b"X: a\0b"),
    "CR in a header": headed(b"X: a\rb"),
}
BROKEN = {
    "words behind a boundary": A + b"--frontier words\r\n" + A + END,
    "words behind the end": A + b"--frontier--words\r\n",
    "LF in the first line alone": HEAD.replace(b"\r\n", b"\n", 1) + b"\r\n1\r\n" + END,
    "endless line before the first boundary": b"x" * 5000 + b"\r\n" + A + END,
}
CUT = {
    "before the content": HEAD + b"\r\n",
    "in the content": HEAD + b"\r\n1",
    "behind its line end": HEAD + b"\r\n1\r\n",
    "in the boundary behind it": HEAD + b"\r\n1\r\n--fronti",
    "in the dashes behind the boundary": HEAD + b"\r\n1\r\n--frontier-",
    "in the last part": A + FILE[:-4],
}


@BLOCKS
@pytest.mark.parametrize("name", GOOD)
def test_parts_are_read_as_go_reads_them(name: str, block: int) -> None:
    """What is in a body does not depend on how its bytes arrive."""
    body, expected = GOOD[name]

    assert read(body, block) == expected


@BLOCKS
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_body_is_refused(name: str, block: int) -> None:
    """Where Go gives Workhorse an error that it answers with 400, the body is malformed."""
    with pytest.raises(Refused) as refused:
        read(MALFORMED[name], block)

    assert refused.value.refusal is Refusal.BODY_MALFORMED


@BLOCKS
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_body_is_refused(name: str, block: int) -> None:
    """Where Go gives Workhorse an error that it answers with 500, the body is broken off."""
    with pytest.raises(Refused) as refused:
        read(BROKEN[name], block)

    assert refused.value.refusal is Refusal.BODY_BROKEN_OFF


@BLOCKS
@pytest.mark.parametrize("name", CUT)
def test_a_body_that_ends_in_a_part_says_so(name: str, block: int) -> None:
    """Whether a part came to its end is known after its content."""
    with pytest.raises(EOFError):
        read(CUT[name], block)


def test_no_end_of_a_block_changes_the_content() -> None:
    """Wherever a block of the body ends, the content keeps its bytes: werkzeug's decoder adds a CR at some places."""
    body = FILE + A + END

    assert [size for size in range(1, len(body)) if read(body, size) != PK + ONE] == []


def test_a_header_has_a_limit() -> None:
    """A part's header may have ten megabytes in all."""
    assert read(headed(b"X: " + b"x" * 9_000_000)) == ONE
    with pytest.raises(Refused) as refused:
        read(headed(b"X: " + b"x" * 11_000_000))

    assert refused.value.refusal is Refusal.BODY_BROKEN_OFF


@pytest.mark.parametrize(
    ("header", "parameters"),
    [
        ("form-data; name=a", {"name": "a"}),
        ('form-data;name="a";', {"name": "a"}),
        ('form-data ; NAME = "a" ', {"name": "a"}),
        ('form-data; name=""', {"name": ""}),
        ('form-data; name=a; name="a"', {"name": "a"}),
        (r'form-data; name="C:\dir\d.whl"', {"name": r"C:\dir\d.whl"}),
        (r'form-data; name="a\"b\\c"', {"name": r'a"b\c'}),
        ('form-data; name="a;b=c"', {"name": "a;b=c"}),
        ("form-data; name*=UTF-8''%E2%82%AC%20x", {"name": "\u20ac x"}),
        ("form-data; name*=utf-8''y; name=x", {"name": "y"}),
        ("form-data; name=x; name*=us-ascii'en'y", {"name": "y"}),
        ("form-data; name*=latin-9''y; name=x", {"name": "x"}),
        ("form-data; name*=y; name=x", {"name": "x"}),
        ("attachment; name=a", {"name": "a"}),
        ("multipart/form-data; name=a", {"name": "a"}),
        ("form-data", {}),
    ],
)
def test_a_header_is_read(header: str, parameters: dict[str, str]) -> None:
    """The ways to write a parameter do not matter."""
    kind, found = media_type(header)

    assert (kind, found) == (header.partition(";")[0].strip(), parameters)


@pytest.mark.parametrize(
    "header",
    [
        "",
        ";",
        ";;; name=a",
        "form data; name=a",
        "form-data/; name=a",
        "form-data; name",
        "form-data; name=",
        "form-data; name=a b",
        'form-data; name="a',
        'form-data; name="a"b',
        "form-data; name=\xe9",
        "form-data; name=a; name=b",
        "form-data;; name=a",
    ],
)
def test_a_garbled_header_says_nothing(header: str) -> None:
    """A header that is wrong anywhere has no kind and no parameters."""
    assert media_type(header) == ("", {})
