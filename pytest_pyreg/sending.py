"""From a reply to what a WSGI server sends: HEAD, unchanged pages, files and parts of them."""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

from pytest_pyreg.blobs import Blob
from pytest_pyreg.render.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment

    from pytest_pyreg.model import File

BLOCK = 256 * 1024
_NO_LENGTH = {204, 304}  # RFC 9110, 8.6; Go sends none with either.


@dataclass
class FileSlice:
    """A part of a file as a WSGI body; a server that knows it lets the kernel send it."""

    file: BinaryIO
    offset: int
    count: int

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.offset)
        left = self.count
        while left and (block := self.file.read(min(BLOCK, left))):
            left -= len(block)
            yield block

    def close(self) -> None:
        """Close the file; WSGI servers call this."""
        self.file.close()


def file_reply(blob: Blob, file: File, headers: Mapping[str, str]) -> Reply:
    """Return the reply that sends a stored file.

    Args:
        blob: its bytes.
        file: the row about it.
        headers: the flavour's, with places for the file's name and time.
    """
    facts = {
        # As ActionDispatch's ContentDisposition: an ASCII stand-in with quotes and the like escaped, and RFC 5987.
        "ascii_filename": quote(_ascii(file.filename), safe=" !#$+.^_`|~-"),
        "encoded_filename": quote(file.filename, safe="!#$&+.^_`|~-"),
        "filename_parameter": _parameter("filename", file.filename),
        "last_modified": format_datetime(file.uploaded_at, usegmt=True),
    }
    return Reply(200, tuple((name, value.format_map(facts)) for name, value in headers.items()), blob)


def _parameter(name: str, value: str) -> str:
    """Write a parameter of a header as Go's `mime.FormatMediaType` does."""
    if not value.isascii() or not value.isprintable():
        return f"{name}*=utf-8''{quote(value, safe='!#$&+.^_`|~-{}')}"
    if re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z{}]+", value):
        return f"{name}={value}"
    quoted = re.sub(r'(["\\])', r"\\\1", value)
    return f'{name}="{quoted}"'


def request_ids() -> Iterator[str]:
    """Yield names for requests: 26 characters that ascend, as a ULID has them, and are the same in every run."""
    return (f"01PYREG{number:019d}" for number in itertools.count(1))


def respond(reply: Reply, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Send a reply, as WSGI."""
    if reply.status == 200 and _unchanged(reply, environ):  # noqa: PLR2004 - the one status that has a conditional form.
        kept = [(name, value) for name, value in reply.headers if name.lower() != "content-type"]
        start_response("304 Not Modified", kept)
        return []
    head, body = environ["REQUEST_METHOD"] == "HEAD", reply.body
    # Opened before anything is said: it may be gone by now.
    file = body.open() if isinstance(body, Blob) and (body.data is None or len(reply.parts) > 1) and not head else None
    if len(reply.parts) > 1:
        reply, pieces = _several(reply, file)
        start_response(reply.status_line, list(reply.headers))
        return pieces
    start, stop = reply.bounds
    length = [] if reply.status in _NO_LENGTH else [("Content-Length", str(stop - start))]
    start_response(reply.status_line, [*reply.headers, *length])
    if head:
        return []
    if file is not None:
        return FileSlice(file, start, stop - start)
    data = body.data if isinstance(body, Blob) else body
    return [data[start:stop]] if data else []


def _several(reply: Reply, file: BinaryIO | None) -> tuple[Reply, Iterable[bytes]]:
    """Return the reply that holds several parts of a file, and what is sent; no file means HEAD."""
    size, kind = reply.body.size if isinstance(reply.body, Blob) else len(reply.body), reply.header("Content-Type")
    # As long as Go's; of the same parts always the same.
    digest = reply.body.digest if isinstance(reply.body, Blob) else ""
    boundary = hashlib.sha256(f"{digest} {reply.parts}".encode()).hexdigest()[:60]
    heads = [
        f"--{boundary}\r\nContent-Range: bytes {start}-{stop - 1}/{size}\r\nContent-Type: {kind}\r\n\r\n".encode()
        for start, stop in reply.parts
    ]
    heads[1:] = [b"\r\n" + each for each in heads[1:]]
    end = f"\r\n--{boundary}--\r\n".encode()
    length = sum(map(len, heads)) + sum(stop - start for start, stop in reply.parts) + len(end)
    kept = [header for header in reply.headers if header[0] != "Content-Type"]
    kept += [("Content-Type", f"multipart/byteranges; boundary={boundary}"), ("Content-Length", str(length))]
    return replace(reply, headers=tuple(kept)), [] if file is None else _parts(file, reply.parts, heads, end)


def _parts(file: BinaryIO, spans: Iterable[tuple[int, int]], heads: Iterable[bytes], end: bytes) -> Iterator[bytes]:
    with file:
        for (start, stop), head in zip(spans, heads):  # noqa: B905 - they are made of each other.
            yield head
            yield from FileSlice(file, start, stop - start)
        yield end


def _unchanged(reply: Reply, environ: WSGIEnvironment) -> bool:
    asked = environ.get("HTTP_IF_NONE_MATCH")
    if asked is None:
        return False
    tag = next((value for name, value in reply.headers if name == "ETag"), None)
    return tag is not None and tag in re.split(r",\s*", asked)


def _ascii(text: str) -> str:
    """Return the nearest ASCII text, with question marks for what has none (Rails' `transliterate`)."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "replace").decode()
