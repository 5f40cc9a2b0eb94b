"""What the public index's pages have in common on the wire: headers, compression, unchanged pages and moved ones.

warehouse/cache/http.py, utils/compression.py and utils/cors.py @6b621571, and WebOb 1.8.10.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import zlib
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from pytest_pyreg.flavours.pypi.negotiation import offered, wants_gzip
from pytest_pyreg.flavours.pypi.told import world_of
from pytest_pyreg.render.replies import Reply, ReplyShape

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from pytest_pyreg.visit import Visit

Headers = tuple[tuple[str, str], ...]

CORS: Headers = (
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Allow-Headers",
        "Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since",
    ),
    ("Access-Control-Allow-Methods", "GET"),
    ("Access-Control-Max-Age", "86400"),
    ("Access-Control-Expose-Headers", "X-PyPI-Last-Serial"),
)
NEGOTIATED = ("Vary", "Accept, Accept-Encoding")
ENCODED = ("Vary", "Accept-Encoding")
METHODS = ("GET", "OPTIONS")
"""What pages are given for, beside HEAD; warehouse/csrf.py."""
_SAFE = "~!$&'()*+,;=:@"
"""What Pyramid leaves as it is in a segment of a path."""
_MOVED = "The resource has been moved to {location}; you should be redirected automatically."
_MOVED_HTML = (
    "<html>\n <head>\n  <title>301 Moved Permanently</title>\n </head>\n <body>\n"
    "  <h1>301 Moved Permanently</h1>\n  {words}\n\n\n </body>\n</html>"
)
# WebOb's own header: no name, no time, the best compression, an unknown system.
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_ETAG = re.compile(r'(?:W/)?"((?:\\"|.)*?)"')


def cached_for(minutes: int) -> tuple[str, str]:
    """Return the header that lets caches keep a page."""
    return "Cache-Control", f"max-age={minutes * 60}, public"


def serial_of(number: int) -> tuple[str, str]:
    """Return the header that counts changes."""
    return "X-PyPI-Last-Serial", str(number)


def page(visit: Visit, key: tuple[Hashable, ...], serial: int, headers: Headers, render: Callable[[], bytes]) -> Reply:
    """Return a page, kept until what it shows changes.

    Args:
        visit: the request.
        key: what the page shows, and in which form.
        serial: the content's, read before this call.
        headers: of the page.
        render: writes it.
    """
    pressed = wants_gzip(visit.headers.get("HTTP_ACCEPT_ENCODING"))
    kept = world_of(visit).pages.get(
        (*key, pressed), serial, lambda: _sealed(encoded(Reply(200, headers, render()), pressed=pressed))
    )
    if visit.headers["REQUEST_METHOD"] == "OPTIONS":
        return Reply(kept.status, tuple(header for header in kept.headers if header[0] != "ETag"), kept.body)
    return _unchanged(visit, kept)


def moved(visit: Visit, path: str, headers: Headers) -> Reply:
    """Return the way to another address here, with the parameters of this one.

    Args:
        visit: the request.
        path: where to, from the registry's root.
        headers: besides.
    """
    base, query = urlsplit(visit.url), visit.headers.get("QUERY_STRING", "")
    location = base.path + path + (f"?{query}" if query else "")
    words, accept = _MOVED.format(location=location), visit.headers.get("HTTP_ACCEPT", "")
    kind = offered(accept, ("text/html", "application/json")) if accept else None
    if kind == "text/html":
        content_type, body = "text/html; charset=UTF-8", _MOVED_HTML.format(words=escape(words))
    elif kind == "application/json":
        told = {"message": f"{words}\n\n", "code": "301 Moved Permanently", "title": "Moved Permanently"}
        content_type, body = "application/json", json.dumps(told)
    else:
        content_type, body = "text/plain; charset=UTF-8", f"301 Moved Permanently\n\n{words}\n\n"
    whole = f"{base.scheme}://{base.netloc}{location}"
    reply = Reply(301, (("Location", whole), ("Content-Type", content_type), *headers), body.encode())
    return encoded(reply, pressed=wants_gzip(visit.headers.get("HTTP_ACCEPT_ENCODING")))


def slash_added(visit: Visit) -> Reply:
    """Return the way to this address with a slash at its end, whatever may be there (warehouse/views.py)."""
    raw = visit.headers.get("RAW_URI", "").partition("?")[0] or quote(visit.headers["PATH_INFO"].encode("latin-1"))
    path = quote(unquote(raw), safe="/" + _SAFE).removeprefix(urlsplit(visit.url).path)
    return moved(visit, f"{path}/", (ENCODED,))


def path(*segments: str) -> str:
    """Return a path of these segments, escaped."""
    return "".join([f"/{quote(segment, safe=_SAFE)}" for segment in segments])


def encoded(reply: Reply, *, pressed: bool) -> Reply:
    """Return a reply, its body compressed if that makes it no longer."""
    assert isinstance(reply.body, bytes)
    if not pressed:
        return reply
    body = _gzip(reply.body)
    if len(body) > len(reply.body):
        return reply
    return Reply(reply.status, (*reply.headers, ("Content-Encoding", "gzip")), body)


def absent(text: str, content_type: str, headers: Headers = CORS) -> ReplyShape:
    """Return how an address says that nothing is there."""
    said = text.replace("{", "{{").replace("}", "}}")
    return ReplyShape(404, text=said, content_type=content_type, headers=dict((*headers, ENCODED)))


def _sealed(reply: Reply) -> Reply:
    """Return a reply with the tag of its body, which is that of the compressed one if it is compressed."""
    assert isinstance(reply.body, bytes)
    digest = hashlib.md5(reply.body, usedforsecurity=False).digest()
    tag = base64.b64encode(digest).decode().strip("=")
    return Reply(reply.status, (*reply.headers, ("ETag", f'"{tag}"')), reply.body)


def _unchanged(visit: Visit, reply: Reply) -> Reply:
    """Return that a page is the one that the client has, if it is; a tag without quotes is a tag to WebOb too."""
    asked = visit.headers.get("HTTP_IF_NONE_MATCH", "").strip()
    tag = (reply.header("ETag") or "").strip('"')
    if not asked or (asked != "*" and tag not in (_ETAG.findall(asked) or [asked])):
        return reply
    kept = tuple(header for header in reply.headers if header[0] != "Content-Type")
    return Reply(304, kept, b"")


def _gzip(body: bytes) -> bytes:
    press = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, 0)
    packed = press.compress(body) + press.flush()
    return _GZIP_HEAD + packed + struct.pack("<2L", zlib.crc32(body), len(body) & 0xFFFFFFFF)
