"""Conditional and partial requests for files, as Go's `http.ServeContent` answers them (net/http/fs.go, Go 1.23).

The servers behind GitLab's and Gitea's files are written in Go.  A reply that does not say `Accept-Ranges` is sent
whole, whatever was asked.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pytest_pyreg.blobs import Blob
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render.replies import Reply

if TYPE_CHECKING:
    from datetime import datetime
    from wsgiref.types import WSGIEnvironment

    Span = tuple[int, int]

_NUMBER = re.compile(r"\+?[0-9]{1,18}", re.ASCII)
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
# What Go takes away where it sends no part of the file.
_NOT_UNCHANGED = {"content-type", "content-encoding", "accept-ranges"}
_NOT_REFUSED = {"content-type", "content-encoding", "accept-ranges", "cache-control", "last-modified", "etag"}


def conditioned(reply: Reply, environ: WSGIEnvironment) -> Reply:
    """Return the part of a file that was asked for, or that it has not changed.

    Raises:
        Refused: RANGE_INVALID, RANGE_UNSATISFIABLE.
    """
    if not isinstance(reply.body, Blob) or reply.header("Accept-Ranges") is None:
        return reply
    if _changed_since(reply, environ):
        return Reply(412, tuple(header for header in reply.headers if header[0] != "Accept-Ranges"), b"")
    if _unchanged(reply, environ):
        kept = tuple(header for header in reply.headers if header[0].lower() not in _NOT_UNCHANGED)
        return Reply(304, kept, b"")
    asked = environ.get("HTTP_RANGE", "")
    return _ranged(reply, asked, reply.body.size) if asked and _still_current(reply, environ) else reply


def _ranged(reply: Reply, asked: str, size: int) -> Reply:
    spans = _spans(asked, size)
    if not spans or sum(stop - start for start, stop in spans) > size:
        return reply
    if len(spans) > 1:  # Each part says itself where it stands.
        return replace(reply, status=206, parts=spans)
    start, stop = spans[0]
    where = ("Content-Range", f"bytes {start}-{stop - 1}/{size}")
    return replace(reply, status=206, headers=(*reply.headers, where), parts=spans)


def kept_of(reply: Reply, refused: Reply) -> Reply:
    """Return a refusal with the headers that the file's reply would have had, as far as Go leaves them."""
    said = {name.lower() for name, _ in refused.headers}
    kept = (header for header in reply.headers if header[0].lower() not in _NOT_REFUSED | said)
    return replace(refused, headers=(*refused.headers, *kept))


def matches(tags: str, tag: str | None) -> bool:
    """Tell whether a list of entity tags names this one, weak or not."""
    if tags.strip() == "*":
        return True
    return tag is not None and tag.removeprefix("W/") in {found.removeprefix("W/") for found in _TAG.findall(tags)}


def _changed_since(reply: Reply, environ: WSGIEnvironment) -> bool:
    """Tell whether `If-Match` or `If-Unmodified-Since` is in the way."""
    tags = environ.get("HTTP_IF_MATCH", "")
    if tags:
        tag = reply.header("ETag")
        return tags.strip() != "*" and (tag is None or tag.startswith("W/") or tag not in _TAG.findall(tags))
    asked, changed = _time(environ.get("HTTP_IF_UNMODIFIED_SINCE")), _time(reply.header("Last-Modified"))
    return asked is not None and changed is not None and changed > asked


def _unchanged(reply: Reply, environ: WSGIEnvironment) -> bool:
    """Tell whether the caller has the file already, by `If-None-Match` or `If-Modified-Since`."""
    tags = environ.get("HTTP_IF_NONE_MATCH", "")
    if tags:
        return matches(tags, reply.header("ETag"))
    asked, changed = _time(environ.get("HTTP_IF_MODIFIED_SINCE")), _time(reply.header("Last-Modified"))
    return asked is not None and changed is not None and changed <= asked


def _still_current(reply: Reply, environ: WSGIEnvironment) -> bool:
    """Tell whether `If-Range` allows a part."""
    asked = environ.get("HTTP_IF_RANGE", "")
    if not asked:
        return True
    if _TAG.match(asked):
        return asked == reply.header("ETag") and not asked.startswith("W/")
    changed = _time(reply.header("Last-Modified"))
    return changed is not None and _time(asked) == changed


def _time(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text) if text else None
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=timezone.utc) if found is not None and found.tzinfo is None else found


def _spans(asked: str, size: int) -> tuple[Span, ...]:
    """Return where the parts begin and end, the end not in it (`parseRange`).

    Raises:
        Refused: RANGE_INVALID, RANGE_UNSATISFIABLE.
    """
    unit, equals, parts = asked.partition("=")
    if unit != "bytes" or not equals:
        raise Refused(Refusal.RANGE_INVALID, size=size)
    found, beyond = [], False
    for part in filter(None, (each.strip(" \t") for each in parts.split(","))):
        first, dash, last = part.partition("-")
        first, last = first.strip(" \t"), last.strip(" \t")
        if not dash or not all(not number or _NUMBER.fullmatch(number) for number in (first, last)):
            raise Refused(Refusal.RANGE_INVALID, size=size)
        if not first and not last:
            raise Refused(Refusal.RANGE_INVALID, size=size)
        if not first:
            found.append((max(0, size - int(last)), size))
        elif int(first) >= size:
            beyond = True
        elif last and int(last) < int(first):
            raise Refused(Refusal.RANGE_INVALID, size=size)
        else:
            found.append((int(first), min(int(last) + 1, size) if last else size))
    if beyond and not found and size:
        raise Refused(Refusal.RANGE_UNSATISFIABLE, size=size)
    return tuple(found)
