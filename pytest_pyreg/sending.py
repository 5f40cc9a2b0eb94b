"""From a reply to what a WSGI server sends: HEAD, conditional requests, ranges, files."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

from pytest_pyreg.blobs import Blob
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment

    from pytest_pyreg.model import File

BLOCK = 256 * 1024
_RANGE = re.compile(r"bytes=\s*(?:(?P<first>\d{1,18})\s*-\s*(?P<last>\d{1,18})?|-\s*(?P<suffix>\d{1,18}))\s*", re.ASCII)


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
        "last_modified": format_datetime(file.uploaded_at, usegmt=True),
    }
    return Reply(200, tuple((name, value.format_map(facts)) for name, value in headers.items()), blob)


def request_ids() -> Iterator[str]:
    """Yield names for requests: 26 characters that ascend, as a ULID has them, and are the same in every run."""
    return (f"01PYREG{number:019d}" for number in itertools.count(1))


def ranged(reply: Reply, environ: WSGIEnvironment) -> Reply:
    """Return the part of a file that was asked for, if a part was.

    A request for several parts at once, or for something else, gets the whole file, which RFC 9110 allows.

    Raises:
        Refused: RANGE_UNSATISFIABLE.
    """
    asked = environ.get("HTTP_RANGE")
    if asked is None or not isinstance(reply.body, Blob) or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
        return reply
    bounds = _bounds(asked, reply.body.size)
    if bounds is None:
        return reply
    start, stop = bounds
    if start >= stop:
        raise Refused(Refusal.RANGE_UNSATISFIABLE, size=reply.body.size)
    header = ("Content-Range", f"bytes {start}-{stop - 1}/{reply.body.size}")
    return Reply(206, (*reply.headers, header), reply.body, part=(start, stop))


def _bounds(asked: str, size: int) -> tuple[int, int] | None:
    """Return where a range begins and ends, the end not in it; None if it is no range, or nothing can be asked for."""
    match = _RANGE.fullmatch(asked)
    if match is None or not size:
        return None
    if match["suffix"]:
        return max(0, size - int(match["suffix"])), size  # More than there is means all there is.
    first, last = int(match["first"]), int(match["last"] or size)
    return None if last < first and match["last"] else (first, min(last + 1, size))


def respond(reply: Reply, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Send a reply, as WSGI."""
    if reply.status == 200 and _unchanged(reply, environ):  # noqa: PLR2004 - the one status that has a conditional form.
        kept = [(name, value) for name, value in reply.headers if name.lower() != "content-type"]
        start_response("304 Not Modified", kept)
        return []
    start, stop = reply.bounds
    head, body = environ["REQUEST_METHOD"] == "HEAD", reply.body
    # Opened before anything is said: it may be gone by now.
    file = body.open() if isinstance(body, Blob) and body.data is None and not head else None
    length = [("Content-Length", str(stop - start))] if reply.status != 204 else []  # noqa: PLR2004 - RFC 9110, 8.6.
    start_response(reply.status_line, [*reply.headers, *length])
    if head:
        return []
    if file is not None:
        return FileSlice(file, start, stop - start)
    data = body.data if isinstance(body, Blob) else body
    return [data[start:stop]] if data else []


def _unchanged(reply: Reply, environ: WSGIEnvironment) -> bool:
    asked = environ.get("HTTP_IF_NONE_MATCH")
    if asked is None:
        return False
    tag = next((value for name, value in reply.headers if name == "ETag"), None)
    return tag is not None and tag in re.split(r",\s*", asked)


def _ascii(text: str) -> str:
    """Return the nearest ASCII text, with question marks for what has none (Rails' `transliterate`)."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "replace").decode()
