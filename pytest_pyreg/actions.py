"""What a granted request gets: a list, a page, a file, or a word of thanks.

The four things that every registry does; what is a product's own is in its flavour (`Route.answer`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import NormalizedName, canonicalize_name

from pytest_pyreg.addresses import link, quoted
from pytest_pyreg.flavours import Action, Flavour, Route
from pytest_pyreg.pages import PageCache
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render import html, json
from pytest_pyreg.render.replies import Reply
from pytest_pyreg.sending import file_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_pyreg.blobs import BlobStore
    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours import World
    from pytest_pyreg.index import Index
    from pytest_pyreg.model import File, Namespace, Release
    from pytest_pyreg.visit import Visit


class Actions:
    """What one registry gives; see `App` for the arguments."""

    def __init__(self, flavour: Flavour, world: World, index: Index, blobs: BlobStore, clock: Clock) -> None:
        self._flavour = flavour
        self._world = world
        self._index = index
        self._blobs = blobs
        self._clock = clock
        self.pages = PageCache()
        # What links lead to, by the kind of namespace: looked up here once and not in every request.
        self._siblings = {
            (route.kind, name): route
            for route in flavour.routes.values()
            for action, name in ((Action.PROJECT_PAGE, "page"), (Action.DOWNLOAD, "file"))
            if route.action is action
        }

    def answer(self, route: Route, visit: Visit) -> Reply:
        """Return the reply to a request that went through all the steps of its route."""
        if route.answer is not None:
            return self._tagged(route.answer(visit))
        return ACTIONS[route.action](self, route, visit)

    def project_list(self, route: Route, visit: Visit) -> Reply:
        """Return the list of all projects."""
        place, searched = visit.place, self._searched(route, visit)
        page_route = self._siblings[route.kind, "page"]

        def render() -> Reply:
            releases = self._index.releases(searched)
            if style is not None:
                return self._page(json.project_list(style, releases), style.content_types)
            body = html.project_list(
                self._flavour.page,
                place.name,
                releases,
                lambda name: visit.url + link(page_route, {"namespace": place.reference, "project": name}),
            )
            return self._page(body, self._flavour.page.content_types)

        style = self._json(visit)
        serial = max([self._index.serial(namespace) for namespace in searched], default=0)
        return self.pages.get((route.kind, place.id, "", style is None, _ids(searched)), serial, render)

    def project_page(self, route: Route, visit: Visit) -> Reply:
        """Return the page of one project, or the way to the index upstream."""
        place, searched, asked = visit.place, self._searched(route, visit), visit.names["project"]
        exact = self._flavour.exact_names
        wanted = canonicalize_name(asked) if exact else NormalizedName(self._flavour.lookup_name(asked))
        file_route = self._siblings[route.kind, "file"]

        def url(release: Release, shown: File) -> str:
            file = reading.true(shown)
            return visit.url + link(
                file_route,
                {
                    "namespace": place.reference,
                    "project": release.normalized,
                    "version": release.version,
                    "sha256": file.hashes.get("sha256", ""),
                    "filename": file.filename,
                },
            )

        def render() -> Reply:
            page = reading.page()
            if page is not None and exact:
                releases = tuple(release for release in page.releases if release.name == asked)
                page = replace(page, name=asked, releases=releases) if releases else None
            if page is None:
                raise Refused(Refusal.PROJECT_UNKNOWN, project=asked, namespace=place.path, hint=reading.remark)
            page = self._flavour.arranged(page)
            if style is not None:
                return self._page(json.project_page(style, page, url), style.content_types)
            return self._page(html.project_page(self._flavour.page, page, url), self._flavour.page.content_types)

        style = self._json(visit)
        serial = max([self._index.serial(namespace, wanted) for namespace in searched], default=0)
        reading = visit.lies.read(wanted, searched, lambda: self._index.page(searched, wanted))
        visit.remark = reading.remark or visit.remark
        key = (route.kind, place.id, asked if exact else wanted, style is None, _ids(searched), reading.lies)
        try:
            return self.pages.get(key, serial, render)
        except Refused as refused:
            if not self._world.forwards(place):
                raise
            visit.remark = f"{refused.explanation}, so the client is sent to the index upstream"
            location = f"{self._world.upstream()}/simple/{quoted(asked)}/"
            return self._flavour.redirect.filled({"location": location})

    def download(self, route: Route, visit: Visit) -> Reply:
        """Return a file, or the way to its bytes in a storage."""
        found = self._flavour.found(self._index, self._searched(route, visit), visit.names)
        file = found.file
        self._index.note_download(found.release, self._clock.now())
        if self._world.stores_elsewhere():
            return self._flavour.redirect.filled({"location": self._world.storage(file.digest)})
        try:
            blob = self._blobs.get(file.digest)
        except KeyError:  # Deleted at this very moment.
            raise Refused(Refusal.FILE_UNKNOWN, filename=file.filename, namespace=visit.place.path) from None
        return file_reply(blob, file, self._flavour.download_headers)

    def uploaded(self, _: Route, visit: Visit) -> Reply:
        """Return what an upload that was stored is answered."""
        return self._tagged(self._flavour.uploaded.filled({"filename": visit.stored.filename if visit.stored else ""}))

    def _searched(self, route: Route, visit: Visit) -> tuple[Namespace, ...]:
        return self._world.searched(visit.identity, visit.place, everything=route.everything)

    def _json(self, visit: Visit) -> json.JsonStyle | None:
        """Return the JSON style if the page is to be JSON; note on the reply if that was a question at all."""
        style = self._flavour.json
        if style is None or not self._world.offers_json():
            return None
        if style.vary:
            others = self._flavour.headers.get("Vary", "")
            visit.extra.append(("Vary", f"Accept, {others}" if others else "Accept"))
        return style if style.wanted(visit.headers.get("HTTP_ACCEPT", "")) else None

    def _page(self, body: bytes, content_types: tuple[str, ...]) -> Reply:
        return self._tagged(Reply(200, tuple(("Content-Type", kind) for kind in content_types), body))

    def _tagged(self, reply: Reply) -> Reply:
        """Add the headers of a granted request whose body is held in memory."""
        if not reply.body:
            return reply
        headers = list(self._flavour.granted_headers.items())
        if self._flavour.etag is not None and isinstance(reply.body, bytes):
            headers.append(("ETag", self._flavour.etag(reply.body)))
        return replace(reply, headers=(*reply.headers, *headers))


ACTIONS: Mapping[Action, Callable[[Actions, Route, Visit], Reply]] = {
    Action.PROJECT_LIST: Actions.project_list,
    Action.PROJECT_PAGE: Actions.project_page,
    Action.DOWNLOAD: Actions.download,
    Action.UPLOAD: Actions.uploaded,
}


def _ids(namespaces: Iterable[Namespace]) -> tuple[int, ...]:
    return tuple([namespace.id for namespace in namespaces])
