"""The registry as a WSGI application: match a route, run its steps, do its action, render the reply.

Knows HTTP and no product: every difference between registries is a fact of the flavour.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from packaging.utils import NormalizedName, canonicalize_name

from pytest_pyreg.addresses import Addresses, link, quoted
from pytest_pyreg.credentials import keyed, shown
from pytest_pyreg.exchanges import NOTES, Notes
from pytest_pyreg.flavours import Action, Flavour, Route
from pytest_pyreg.multipart import read_form
from pytest_pyreg.pages import PageCache
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render import html, json
from pytest_pyreg.render.replies import Reply
from pytest_pyreg.sending import file_reply, ranged, request_ids, respond
from pytest_pyreg.steps import Visit
from pytest_pyreg.text import utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment

    from pytest_pyreg.blobs import BlobStore
    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours import World
    from pytest_pyreg.index import Index
    from pytest_pyreg.model import File, Namespace


class App:
    """One registry.

    Args:
        flavour: what it says and demands.
        world: who is who.
        index: what is stored.
        blobs: its bytes.
        clock: the time of uploads.
        url: the registry's own URL as its pages show it, without a slash at the end; never the `Host` header.  Its path
            is where the registry begins.
    """

    def __init__(self, flavour: Flavour, world: World, index: Index, blobs: BlobStore, clock: Clock, url: str) -> None:  # noqa: PLR0917 - the six things that a registry is made of.
        self.flavour = flavour
        self.url = url
        self._world = world
        self._index = index
        self._blobs = blobs
        self._clock = clock
        self._pages = PageCache()
        # What links lead to, by the kind of namespace: looked up here once and not in every request.
        self._siblings = {
            (route.kind, name): route
            for route in flavour.routes.values()
            for action, name in ((Action.PROJECT_PAGE, "page"), (Action.DOWNLOAD, "file"))
            if route.action is action
        }
        self._addresses = Addresses(
            tuple(flavour.routes.values()), urlsplit(url).path, slash_optional=flavour.slash_optional
        )
        self._unsaid = lru_cache(maxsize=256)(self._not_said)
        self._success = tuple(flavour.success_headers.items())
        self._ids = request_ids()
        self._token_headers = keyed(flavour.token_headers)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI."""
        notes: Notes = environ.setdefault(NOTES, Notes())
        started = time.perf_counter()
        route: Route | None = None
        with ExitStack() as owner:
            try:
                route, names = self._addresses.of(environ)
                reply = ranged(self._answer(environ, notes, route, names, owner), environ)
            except Refused as refused:
                notes.refusal, notes.why = refused.refusal.name, refused.explanation
                reply = self._said(route, refused)
            try:
                return respond(self._completed(reply, started), environ, start_response)
            except FileNotFoundError:  # Deleted at this very moment.
                notes.refusal, notes.why = Refusal.FILE_UNKNOWN.name, "the file was deleted while it was asked for"
                reply = self._said(route, Refused(Refusal.FILE_UNKNOWN))
                return respond(self._completed(reply, started), environ, start_response)

    # -- the way of a request ------------------------------------------------------------------------------------------

    def _answer(
        self, environ: WSGIEnvironment, notes: Notes, route: Route, names: Mapping[str, str], owner: ExitStack
    ) -> Reply:
        query = environ.get("QUERY_STRING", "")
        if query:
            utf8(unquote_to_bytes(query))  # Refused if it is no text.
        notes.action = route.title
        notes.project, notes.filename = names.get("project", ""), names.get("filename", "")
        parameters = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        visit = Visit(
            permission=route.permission,
            manners=route.manners,
            kind=route.kind,
            reference=names.get("namespace", ""),
            names={name: value for name, value in names.items() if name != "namespace"},
            query=parameters,
            headers=environ,
            shown=shown(environ, parameters, self._token_headers, self.flavour.token_queries),
            accepted=route.accepted,
            address=environ.get("REMOTE_ADDR", ""),
            url=self.url,
            directory=self._world,
            scopes=self.flavour.scopes,
            index=self._index,
            rules=self.flavour.rules,
            unsafe=self.flavour.unsafe_path,
            clock=self._clock,
            forget=self._blobs.release,
            read_form=lambda: read_form(
                environ["wsgi.input"], environ.get("CONTENT_TYPE", ""), self._blobs, self.flavour.rules, owner
            ),
        )
        try:
            for step in route.steps:
                step(visit)
        finally:
            notes.who = visit.who
            if visit.form is not None:
                _note_form(notes, visit)
        if route.answer is not None:
            reply = self._tagged(route.answer(visit))
        else:
            reply = ACTIONS[route.action](self, route, visit)
        notes.why = visit.remark
        return replace(reply, headers=(*reply.headers, *visit.extra)) if visit.extra else reply

    def _said(self, route: Route | None, refused: Refused) -> Reply:
        """Return how this address says no."""
        own = route.replies if route is not None else {}
        shape = own.get(refused.refusal) or self.flavour.replies[refused.refusal]
        return shape.filled(refused.facts, refused.problems)

    def _completed(self, reply: Reply, started: float) -> Reply:
        """Add the headers that the flavour puts on everything; an empty one stands for "not here"."""
        headers = [header for header in reply.headers if header[1] or header[0] not in self.flavour.headers]
        common, stamps = self._unsaid(tuple([name for name, _ in reply.headers]))
        headers += common
        if stamps:
            facts = {"request_id": next(self._ids), "runtime": f"{time.perf_counter() - started:.6f}"}
            headers += [(name, value.format_map(facts)) for name, value in stamps]
        if reply.status < 400:  # noqa: PLR2004 - what is no error.
            headers += self._success
        reason = reply.reason or self.flavour.reasons.get(reply.status, "")
        return Reply(reply.status, tuple(headers), reply.body, reason, reply.part)

    def _not_said(self, names: tuple[str, ...]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the flavour's headers beside these: those that are fixed, and those with something to fill in."""
        said = {name.lower() for name in names}
        headers = [(name, value) for name, value in self.flavour.headers.items() if value and name.lower() not in said]
        stamps = [header for header in headers if "{" in header[1]]
        return [header for header in headers if header not in stamps], stamps

    # -- actions -------------------------------------------------------------------------------------------------------

    def _project_list(self, route: Route, visit: Visit) -> Reply:
        place, searched = visit.place, self._searched(route, visit)
        page_route = self._siblings[route.kind, "page"]

        def render() -> Reply:
            releases = self._index.releases(searched)
            if style is not None:
                return self._page(json.project_list(style, releases), style.content_type)
            body = html.project_list(
                self.flavour.page,
                place.name,
                releases,
                lambda name: self.url + link(page_route, {"namespace": str(place.id), "project": name}),
            )
            return self._page(body, self.flavour.page.content_type)

        style = self._json(visit)
        serial = max([self._index.serial(namespace) for namespace in searched], default=0)
        return self._pages.get((route.kind, place.id, "", style is None, _ids(searched)), serial, render)

    def _project_page(self, route: Route, visit: Visit) -> Reply:
        place, searched, asked = visit.place, self._searched(route, visit), visit.names["project"]
        exact = self.flavour.exact_names
        wanted = canonicalize_name(asked) if exact else NormalizedName(self.flavour.lookup_name(asked))
        file_route = self._siblings[route.kind, "file"]

        def url(file: File) -> str:
            announced = file.hashes.get("sha256", "")
            names = {"namespace": str(place.id), "sha256": announced, "filename": file.filename}
            return self.url + link(file_route, names)

        def render() -> Reply:
            page = self._index.page(searched, wanted)
            if page is not None and exact:
                releases = tuple(release for release in page.releases if release.name == asked)
                page = replace(page, name=asked, releases=releases) if releases else None
            if page is None:
                raise Refused(Refusal.PROJECT_UNKNOWN, project=asked, namespace=place.path)
            if style is not None:
                return self._page(json.project_page(style, page, url), style.content_type)
            return self._page(html.project_page(self.flavour.page, page, url), self.flavour.page.content_type)

        style = self._json(visit)
        serial = max([self._index.serial(namespace, wanted) for namespace in searched], default=0)
        key = (route.kind, place.id, asked if exact else wanted, style is None, _ids(searched))
        try:
            return self._pages.get(key, serial, render)
        except Refused as refused:
            if not self._world.forwards(place):
                raise
            visit.remark = f"{refused.explanation}, so the client is sent to the index upstream"
            location = f"{self._world.upstream()}/simple/{quoted(asked)}/"
            return self.flavour.redirect.filled({"location": location})

    def _download(self, route: Route, visit: Visit) -> Reply:
        filename, announced = visit.names["filename"], visit.names["sha256"]
        found = self._index.find(self._searched(route, visit), filename, announced)
        if found is None:
            raise Refused(Refusal.FILE_UNKNOWN, filename=filename, namespace=visit.place.path)
        file = found.file
        self._index.note_download(found.release, self._clock.now())
        if self._world.stores_elsewhere():
            return self.flavour.redirect.filled({"location": self._world.storage(file.digest)})
        try:
            blob = self._blobs.get(file.digest)
        except KeyError:  # Deleted at this very moment.
            raise Refused(Refusal.FILE_UNKNOWN, filename=filename, namespace=visit.place.path) from None
        return file_reply(blob, file, self.flavour.download_headers)

    def _uploaded(self, _: Route, visit: Visit) -> Reply:
        return self._tagged(self.flavour.uploaded.filled({"filename": visit.stored.filename if visit.stored else ""}))

    def _searched(self, route: Route, visit: Visit) -> tuple[Namespace, ...]:
        return self._world.searched(visit.identity, visit.place, everything=route.everything)

    # -- helpers -------------------------------------------------------------------------------------------------------

    def _json(self, visit: Visit) -> json.JsonStyle | None:
        """Return the JSON style if the page is to be JSON; note on the reply if that was a question at all."""
        style = self.flavour.json
        if style is None or not self._world.offers_json():
            return None
        others = self.flavour.headers.get("Vary", "")
        visit.extra.append(("Vary", f"Accept, {others}" if others else "Accept"))
        return style if style.wanted(visit.headers.get("HTTP_ACCEPT", "")) else None

    def _page(self, body: bytes, content_type: str) -> Reply:
        return self._tagged(Reply(200, (("Content-Type", content_type),), body))

    def _tagged(self, reply: Reply) -> Reply:
        """Add the headers of a granted request whose body is held in memory."""
        if not reply.body:
            return reply
        headers = list(self.flavour.granted_headers.items())
        if self.flavour.etag is not None and isinstance(reply.body, bytes):
            headers.append(("ETag", self.flavour.etag(reply.body)))
        return replace(reply, headers=(*reply.headers, *headers))


ACTIONS: Mapping[Action, Callable[[App, Route, Visit], Reply]] = {
    Action.PROJECT_LIST: App._project_list,  # noqa: SLF001 - the table is part of the class; it stands after it to name its methods.
    Action.PROJECT_PAGE: App._project_page,  # noqa: SLF001 - as above.
    Action.DOWNLOAD: App._download,  # noqa: SLF001 - as above.
    Action.UPLOAD: App._uploaded,  # noqa: SLF001 - as above.
}


def _ids(namespaces: Iterable[Namespace]) -> tuple[int, ...]:
    return tuple([namespace.id for namespace in namespaces])


def _note_form(notes: Notes, visit: Visit) -> None:
    form = visit.sent
    notes.project = form.fields.get("name", "")
    sent = form.files.get(visit.rules.file_field)
    notes.filename = sent.filename if sent is not None else ""
