"""The registry as a WSGI application: match a route, run the flavour's steps, do the action, render the reply.

Knows HTTP and no product: every difference between registries is a fact of the flavour.
"""

from __future__ import annotations

import base64
import re
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

from packaging.utils import NormalizedName
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, RequestRedirect, Rule

from pytest_pyreg.exchanges import NOTES, Notes
from pytest_pyreg.flavours import Action, Flavour, Route
from pytest_pyreg.identity import ANONYMOUS, Credential, Via
from pytest_pyreg.multipart import read_form
from pytest_pyreg.pages import PageCache
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render.html import project_list, project_page
from pytest_pyreg.render.replies import Reply
from pytest_pyreg.sending import file_reply, ranged, respond
from pytest_pyreg.steps import Visit
from pytest_pyreg.text import utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment

    from pytest_pyreg.blobs import BlobStore
    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours import World
    from pytest_pyreg.index import Index
    from pytest_pyreg.model import File

_SAFE = "!$&'()*+,;=:@~"
"""What may stand in a path segment as it is (RFC 3986, `pchar`)."""


class App:
    """One registry.

    Args:
        flavour: what it says and demands.
        world: who is who.
        index: what is stored.
        blobs: its bytes.
        clock: the time of uploads.
        url: the registry's own URL as its pages show it, without a slash at the end; never the `Host` header.
    """

    def __init__(self, flavour: Flavour, world: World, index: Index, blobs: BlobStore, clock: Clock, url: str) -> None:  # noqa: PLR0917 - the six things that a registry is made of.
        self.flavour = flavour
        self.url = url
        self._world = world
        self._index = index
        self._blobs = blobs
        self._clock = clock
        self._pages = PageCache()
        self._routes = _routed(flavour.routes)
        self._common = [(name.lower(), (name, value)) for name, value in flavour.headers.items() if value]
        self._match = lru_cache(maxsize=4096)(self._matched)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI."""
        notes: Notes = environ.setdefault(NOTES, Notes())
        with ExitStack() as owner:
            try:
                reply = ranged(self._answer(environ, notes, owner), environ)
            except Refused as refused:
                notes.refusal, notes.why = refused.refusal.name, refused.explanation
                reply = self.flavour.replies[refused.refusal].filled(refused.facts, refused.problems)
        return respond(self._completed(reply), environ, start_response)

    # -- the way of a request ------------------------------------------------------------------------------------------

    def _answer(self, environ: WSGIEnvironment, notes: Notes, owner: ExitStack) -> Reply:
        path = environ.get("RAW_URI", "").partition("?")[0] or quote(environ["PATH_INFO"].encode("latin-1"))
        if query := environ.get("QUERY_STRING"):
            utf8(unquote_to_bytes(query))  # Refused if it is no text; nothing in it is used.
        route, names = self._match(environ["REQUEST_METHOD"], path)
        notes.action = route.action.name.lower().replace("_", " ")
        notes.project, notes.filename = names.get("project", ""), names.get("filename", "")
        visit = Visit(
            permission=route.permission,
            reference=names["namespace"],
            names={name: value for name, value in names.items() if name != "namespace"},
            credential=credential(environ.get("HTTP_AUTHORIZATION", "")),
            directory=self._world,
            policy=self.flavour.policy,
            index=self._index,
            rules=self.flavour.rules,
            unsafe=self.flavour.unsafe_path,
            clock=self._clock,
            read_form=lambda: read_form(
                environ["wsgi.input"], environ.get("CONTENT_TYPE", ""), self._blobs, self.flavour.rules, owner
            ),
        )
        steps = self.flavour.upload_steps if route.action is Action.UPLOAD else self.flavour.access_steps
        try:
            for step in steps:
                step(visit)
        finally:
            notes.who = visit.who
            if visit.form is not None:
                _note_form(notes, visit)
        return ACTIONS[route.action](self, visit)

    def _matched(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        if self.flavour.slash_optional and path.endswith("/"):
            path = path[:-1]
        try:
            route, names = self._routes.match(path, method)
        except MethodNotAllowed as error:
            allowed = ", ".join(sorted(error.valid_methods or ()))
            raise Refused(Refusal.METHOD_NOT_ALLOWED, method=method, allowed=allowed) from error
        except (NotFound, RequestRedirect) as error:
            raise Refused(Refusal.ROUTE_UNKNOWN) from error
        return route, {name: _unquoted(value) for name, value in names.items()}

    def _completed(self, reply: Reply) -> Reply:
        """Add the headers that the flavour puts on everything; an empty one stands for "not here"."""
        said = {name.lower() for name, _ in reply.headers}
        headers = [header for header in reply.headers if header[1]]
        headers += [header for name, header in self._common if name not in said]
        return Reply(reply.status, tuple(headers), reply.body, reply.reason, reply.part)

    # -- actions -------------------------------------------------------------------------------------------------------

    def _project_list(self, visit: Visit) -> Reply:
        place = visit.place
        return self._pages.get(
            (place.id, ""),
            self._index.serial(place),
            lambda: self._page(
                project_list(
                    self.flavour.page,
                    place.name,
                    self._index.releases(place),
                    lambda name: self._link(Action.PROJECT_PAGE, namespace=str(place.id), project=name),
                )
            ),
        )

    def _project_page(self, visit: Visit) -> Reply:
        place = visit.place
        wanted = NormalizedName(self.flavour.lookup_name(visit.names["project"]))
        serial = self._index.serial(place, wanted)
        if not serial:
            raise Refused(Refusal.PROJECT_UNKNOWN, project=visit.names["project"], namespace=place.path)

        def url(file: File) -> str:
            announced = file.hashes.get("sha256", "")
            return self._link(Action.DOWNLOAD, namespace=str(place.id), sha256=announced, filename=file.filename)

        def render() -> Reply:
            page = self._index.page(place, wanted)
            assert page is not None, "a project with a serial has releases"
            return self._page(project_page(self.flavour.page, page, url))

        return self._pages.get((place.id, wanted), serial, render)

    def _download(self, visit: Visit) -> Reply:
        filename, announced = visit.names["filename"], visit.names["sha256"]
        file = self._index.find(visit.place, filename, announced)
        if file is None:
            raise Refused(Refusal.FILE_UNKNOWN, filename=filename, namespace=visit.place.path)
        return file_reply(self._blobs.get(file.digest), file, self.flavour.download_headers)

    def _uploaded(self, visit: Visit) -> Reply:
        return self._tagged(self.flavour.uploaded.filled({"filename": visit.stored.filename if visit.stored else ""}))

    # -- helpers -------------------------------------------------------------------------------------------------------

    def _page(self, body: bytes) -> Reply:
        return self._tagged(Reply(200, (("Content-Type", self.flavour.page.content_type),), body))

    def _tagged(self, reply: Reply) -> Reply:
        """Add the headers of a granted request whose body is held in memory."""
        headers = list(self.flavour.granted_headers.items())
        if self.flavour.etag is not None and isinstance(reply.body, bytes):
            headers.append(("ETag", self.flavour.etag(reply.body)))
        return replace(reply, headers=(*reply.headers, *headers))

    def _link(self, action: Action, **names: str) -> str:
        return self.url + link(self.flavour.route(action), names)


ACTIONS: Mapping[Action, Callable[[App, Visit], Reply]] = {
    Action.PROJECT_LIST: App._project_list,  # noqa: SLF001 - the table is part of the class; it stands after it to name its methods.
    Action.PROJECT_PAGE: App._project_page,  # noqa: SLF001 - as above.
    Action.DOWNLOAD: App._download,  # noqa: SLF001 - as above.
    Action.UPLOAD: App._uploaded,  # noqa: SLF001 - as above.
}


@lru_cache(maxsize=64)
def _routed(routes: tuple[Route, ...]) -> MapAdapter:
    """Compile a flavour's routes, once for all its registries: it takes two milliseconds."""
    rules = [Rule(route.pattern, endpoint=route, methods=[route.method]) for route in routes]
    return Map(rules, strict_slashes=False, merge_slashes=False, redirect_defaults=False).bind("")


def link(route: Route, names: Mapping[str, str]) -> str:
    """Return the path of a route with these names in it, escaped."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda place: quote(names[place[1]], safe=_SAFE), route.pattern)


def credential(header: str) -> Credential:
    """Read an `Authorization` header; one that is neither basic nor bearer, or is garbled, is no credential.

    Raises:
        Refused: TEXT_MALFORMED, as for any other text that no database could hold.
    """
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() == "bearer" and value:
        return Credential("", value.strip(), Via.BEARER)
    if scheme.lower() != "basic":
        return ANONYMOUS
    try:
        text = utf8(base64.b64decode(value))
    except ValueError:  # Not base64, or not even ASCII.
        return ANONYMOUS
    username, _, secret = text.partition(":")
    return Credential(username, secret)


def _note_form(notes: Notes, visit: Visit) -> None:
    form = visit.sent
    notes.project = form.fields.get("name", "")
    sent = form.files.get(visit.rules.file_field)
    notes.filename = sent.filename if sent is not None else ""


def _unquoted(segment: str) -> str:
    return utf8(unquote_to_bytes(segment))
