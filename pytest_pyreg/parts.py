"""The grammar of multipart bodies and of the headers that announce them, as Go's mime and mime/multipart read them.

They read the forms of GitLab (Workhorse) and Gitea.  Every body of `tests/test_multipart.py` was measured with Go 1.26.
werkzeug's decoder is not used: it adds a CR to a file when a block of the body ends just behind a boundary (3.1.9).
Knows no fields, files or limits of a form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote_to_bytes

from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.text import utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 1024 * 1024
"""Bytes read at once: few enough to keep memory flat, many enough to make handing them on cost nothing."""
LONGEST_LINE = 4096
"""Of the preamble and of a boundary's line: Go's `peekBufferSize`."""
HEADER_BYTES = 10 * 1024 * 1024
"""Of a part's header: Go's `maxMIMEHeaderSize`."""

_UNSAID = b"text/plain"
"""What a part is that does not say it (RFC 7578, 4.4)."""

_WORD = r"[!#$%&'*+\-.^_`{|}~0-9A-Za-z]+"
_MEDIA_TYPE = re.compile(rf"\s*({_WORD}(?:/{_WORD})?)\s*")
_PARAMETER = re.compile(rf'\s*;\s*({_WORD})\s*=\s*(?:"((?:[^"\\\r\n]|\\[^\r\n])*)"|({_WORD}))')
_ESCAPED = re.compile(r'\\([()<>@,;:\\"/\[\]?=])')
_HEADER = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z ]+):([\t\x20-\x7e\x80-\xff]*)")

_ANY_HEADER = re.compile(rb"([^:\r\n]+):([^\r\n]*)")


class Readable(Protocol):
    """A request body."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


def media_type(header: str) -> tuple[str, dict[str, str]]:
    """Read a header such as "text/plain; charset=x" as Go's `mime.ParseMediaType`: a wrong one says nothing at all.

    Of RFC 2231 the form `name*=utf-8''value` is known; `name*0=` and so on are nobody's any more.
    """
    kind = _MEDIA_TYPE.match(header)
    found: dict[str, str] = {}
    if kind is None:
        return "", {}
    end = kind.end()
    while parameter := _PARAMETER.match(header, end):
        name, quoted, token = parameter.groups()
        value = token if quoted is None else _ESCAPED.sub(r"\1", quoted)
        if found.setdefault(name.lower(), value) != value:
            return "", {}
        end = parameter.end()
    if header[end:].strip() not in {"", ";"}:
        return "", {}
    for name in [name for name in found if name.endswith("*")]:
        charset, _, rest = found.pop(name).partition("'")
        if charset.lower() in {"utf-8", "us-ascii"} and "'" in rest:
            found[name[:-1]] = utf8(unquote_to_bytes(rest.partition("'")[2]))
    return kind[1].lower(), found


class Parts:
    """The parts of a multipart body, one after the other, in constant memory.

    Args:
        body: what is read.
        boundary: as the content type names it.
        lenient: whether control characters may stand in a part's header, which Go does not let through.
    """

    def __init__(self, body: Readable, boundary: bytes, *, lenient: bool = False) -> None:
        self._header_line = _ANY_HEADER if lenient else _HEADER
        self._body = body
        self._buffer = bytearray()
        self._ended = False
        self._dash = b"--" + boundary
        self._newline = b"\r\n"
        self._begun = False
        self._fresh = False
        self.content_type = _UNSAID
        """Of the current part, as it says itself."""
        self.cut_off = False
        """Whether the body ended in the middle of a part."""

    def next(self) -> bytes | None:
        """Go to the next part and return its Content-Disposition, or None after the last.

        Raises:
            Refused: BODY_MALFORMED or BODY_BROKEN_OFF, where Workhorse answers with 400 or 500.
        """
        while True:
            line = self._line(LONGEST_LINE)
            if self._behind(self._dash + b"--", line) in {b"", self._newline}:
                return None
            if not line.endswith(b"\n"):
                raise Refused(Refusal.BODY_MALFORMED)
            rest = self._behind(self._dash, line)
            if not self._begun and rest == b"\n":
                self._newline = b"\n"
            if rest == self._newline:
                self._begun = self._fresh = True
                return self._header()
            if self._begun and line != self._newline:
                raise Refused(Refusal.BODY_BROKEN_OFF)

    def content(self) -> Iterator[bytes]:
        """Give the bytes of the current part as they come, and set `cut_off` if they do not come to an end."""
        over = False
        while not over:
            size, over = self._scan()
            if size:
                self._fresh = False
                yield self._take(size)
            elif self._ended and not over:
                self.cut_off = over = True
            elif not over:
                self._more()

    def _scan(self) -> tuple[int, bool]:
        """Return how many bytes of content the buffer begins with, and whether the part is over after them."""
        buffer, mark = self._buffer, self._newline + self._dash
        if self._fresh:  # An empty part may lack the line end before its boundary.
            if buffer.startswith(self._dash):
                closed = self._closed(len(self._dash))
                if closed is not False:
                    return 0, bool(closed)
            elif len(buffer) < len(self._dash) and self._dash.startswith(bytes(buffer)):
                return 0, False
        at = buffer.find(mark)
        while at >= 0:
            closed = self._closed(at + len(mark))
            if closed is not False:
                return at, bool(closed)
            at = buffer.find(mark, at + len(mark))
        # What may be the beginning of a boundary waits for more.
        tail = buffer.rfind(mark[:1], max(0, len(buffer) - len(mark)))
        return (tail if tail >= 0 and mark.startswith(bytes(buffer[tail:])) else len(buffer)), False

    def _closed(self, at: int) -> bool | None:
        """Tell whether what follows makes a boundary of what stands before this place; None if it has not come yet."""
        after = bytes(self._buffer[at : at + 2])
        if after in {b"", b"-"}:
            return not after if self._ended else None
        return after == b"--" or after[:1] in {b" ", b"\t", b"\r", b"\n"}

    def _header(self) -> bytes | None:
        """Read a part's header as Go's net/textproto.  A body that ends in it ends the form, and that is no error."""
        disposition: bytes | None = None
        self.content_type = _UNSAID
        left = HEADER_BYTES
        if self._peek() in {b" ", b"\t"}:
            raise Refused(Refusal.BODY_MALFORMED)
        while line := self._line(left):
            left -= len(line)
            text = _unended(line)
            if not text:
                return disposition or b""
            if b":" not in text:
                raise Refused(Refusal.BODY_MALFORMED)
            text = text.strip(b" \t")
            while self._peek() in {b" ", b"\t"}:
                line = self._line(left)
                left -= len(line)
                text += b" " + _unended(line).strip(b" \t")
            field = self._header_line.fullmatch(text)
            if field is None:
                raise Refused(Refusal.BODY_MALFORMED)
            if disposition is None and field[1].lower() == b"content-disposition":
                disposition = field[2]
            elif field[1].lower() == b"content-type":
                self.content_type = field[2].strip(b" \t")
        return None

    def _line(self, longest: int) -> bytes:
        """Take a line with its end; without one if the body is over, empty if nothing is left.

        Raises:
            Refused: BODY_BROKEN_OFF, it is too long.
        """
        searched = 0
        while (at := self._buffer.find(b"\n", searched, longest)) < 0:
            searched = len(self._buffer)
            if searched >= longest:
                raise Refused(Refusal.BODY_BROKEN_OFF)
            if not self._more():
                return self._take(searched)
        return self._take(at + 1)

    def _peek(self) -> bytes:
        """Return the next byte, none at the end."""
        if not self._buffer:
            self._more()
        return bytes(self._buffer[:1])

    def _more(self) -> bool:
        """Read on; return whether anything came."""
        block = b"" if self._ended else self._body.read(BLOCK)
        self._ended = not block
        self._buffer += block
        return bool(block)

    def _take(self, size: int) -> bytes:
        taken = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        return taken

    @staticmethod
    def _behind(prefix: bytes, line: bytes) -> bytes | None:
        """Return what stands behind a prefix and blanks; None if the line begins with something else."""
        return line[len(prefix) :].lstrip(b" \t") if line.startswith(prefix) else None


def _unended(line: bytes) -> bytes:
    return line[:-1].removesuffix(b"\r") if line.endswith(b"\n") else line
