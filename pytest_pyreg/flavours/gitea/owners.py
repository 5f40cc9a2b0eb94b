"""Whose packages an address is about: an owner who is there, was called otherwise, or never was.

services/context/package.go and user.go (`PackageContexter`, `RedirectToUser`), Gitea 1.23 and Forgejo 12.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

from pytest_pyreg.flavours.gitea import features
from pytest_pyreg.flavours.gitea.checks import world_of
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from pytest_pyreg.visit import Visit

_NOT_FOUND = """<!DOCTYPE html>
<html lang="en-US">
<head><title>Page Not Found</title></head>
<body><p>Not found.</p></body>
</html>
"""
"""For who reads; the real page is as long as any of the product's (services/context/context_response.go)."""


def owner_known(visit: Visit) -> None:
    """Look the owner up; who used to have the name is told where they are now."""
    visit.namespace = world_of(visit).namespace(visit.reference, visit.kind)
    if visit.namespace is not None:
        return
    moved_told(visit)
    reader = "text/html" in visit.headers.get("HTTP_ACCEPT", "")
    if reader and not world_of(visit).can(features.PAGE_FOR_READERS):
        raise Refused(Refusal.PAGE_FAILS, namespace=visit.reference, kind="owner")
    raise Refused(
        Refusal.NAMESPACE_UNKNOWN,
        namespace=visit.reference,
        kind="owner",
        words=_NOT_FOUND if reader else "Not found.\n",
        words_type="text/html; charset=utf-8" if reader else "text/plain;charset=utf-8",
        nosniff="" if reader else "nosniff",
    )


def moved_told(visit: Visit) -> None:
    """Lead to the present name of whom the address calls by a former one, with the words of Go's `http.Redirect`."""
    moved = world_of(visit).renamed(visit.reference)
    if moved is None:
        return
    path, mark, query = visit.headers.get("RAW_URI", "").partition("?")
    whole = unquote_to_bytes(path)
    clean = re.sub(b"/+", b"/", whole).rstrip(b"/")
    if world_of(visit).can(features.PATHS_READ):  # routers/common/middleware.go, `stripSlashesMiddleware`.
        path = path if clean == whole else quote(clean, safe="/!$&'()*+,;=:@~")
    else:
        path = re.sub("/+", "/", path).rstrip("/")
    path = re.sub(rf"/{re.escape(quote(visit.reference))}(?=/|$)", f"/{quote(moved.name)}", path, count=1)
    location = f"{path}{mark}{query}"
    reading = visit.headers["REQUEST_METHOD"] in {"GET", "HEAD"}
    raise Refused(
        Refusal.NAMESPACE_MOVED,
        namespace=visit.reference,
        path=moved.name,
        location=location,
        anchor=f'<a href="{html.escape(location)}">Temporary Redirect</a>.\n\n' if reading else "",
        anchor_type="text/html; charset=utf-8" if reading else "",
    )
