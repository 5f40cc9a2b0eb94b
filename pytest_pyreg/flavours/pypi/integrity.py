"""The Integrity API (PEP 740): the attestations of a file; warehouse/api/integrity.py @6b621571.

A publisher's own key set makes provenance; here it is what the upload stored, word for word but for order.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.flavours.base import Action, Route
from pytest_pyreg.flavours.pypi.answers import CORS, NEGOTIATED, absent, cached_for, encoded, page
from pytest_pyreg.flavours.pypi.negotiation import offered, wants_gzip
from pytest_pyreg.flavours.pypi.told import told, world_of
from pytest_pyreg.flavours.pypi.versions import canonical
from pytest_pyreg.identity import Permission
from pytest_pyreg.model import Keys
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render.replies import Reply

if TYPE_CHECKING:
    from pytest_pyreg.visit import Visit

V1_JSON = "application/vnd.pypi.integrity.v1+json"
_CACHED = cached_for(10)
# The real page is one of the web site's; that it is HTML and its title are kept.
_ABSENT = absent("<!DOCTYPE html>\n<title>Page Not Found (404) · PyPI</title>\n", "text/html; charset=UTF-8")
_UNKNOWN = dict.fromkeys((Refusal.RELEASE_ABSENT, Refusal.FILE_UNKNOWN), _ABSENT)


def routes() -> dict[str, Route]:
    """Return the one address."""
    pattern = "/integrity/<project>/<version>/<filename>/provenance"
    route = Route(
        Action.OWN, "GET", pattern, Permission.READ, replies=_UNKNOWN, answer=told(provenance), called="provenance"
    )
    return {"provenance": route}


def provenance(visit: Visit) -> Reply:
    """Return what a file's attestations are, or that there are none."""
    world, names = world_of(visit), visit.names
    project = canonicalize_name(names["project"])
    filename = names["filename"]
    keys = Keys(project, (project, canonical(names["version"])), filename)
    file = visit.index.find_in([world.home], keys).file
    if visit.headers["REQUEST_METHOD"] == "HEAD":
        raise Refused(Refusal.METHOD_NOT_ALLOWED, method="HEAD", allowed="GET")
    kind = offered(visit.headers.get("HTTP_ACCEPT"), (V1_JSON, "application/json"))
    if kind is None:
        return _said(visit, 406, "Request not acceptable")
    if world.settings.disable_pep740:
        return _said(visit, 403, "Attestations temporarily disabled")
    text = file.facts.get("provenance", "")
    if not text:
        return _said(visit, 404, f"No provenance available for {filename}")

    def render() -> bytes:
        return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")).encode()

    headers = (("Content-Type", kind), *CORS, _CACHED, NEGOTIATED)
    return page(visit, ("provenance", kind, file.id), 0, headers, render)


def _said(visit: Visit, status: int, message: str) -> Reply:
    visit.remark = message
    body = json.dumps({"message": message}, separators=(",", ":")).encode()
    reply = Reply(status, (("Content-Type", "application/json"), _CACHED, NEGOTIATED), body)
    return encoded(reply, pressed=wants_gzip(visit.headers.get("HTTP_ACCEPT_ENCODING")))
