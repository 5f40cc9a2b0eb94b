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

from pytest_pyreg.actions import Actions
from pytest_pyreg.addresses import Addresses
from pytest_pyreg.conditions import conditioned, kept_of
from pytest_pyreg.credentials import keyed, shown
from pytest_pyreg.exchanges import NOTES, Notes
from pytest_pyreg.lies import Lies
from pytest_pyreg.multipart import read_form
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render.replies import TROUBLED, Reply
from pytest_pyreg.sending import request_ids, respond
from pytest_pyreg.text import utf8
from pytest_pyreg.visit import FORM_READ, NOWHERE, Visit, nothing_more

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment

    from packaging.utils import NormalizedName

    from pytest_pyreg.blobs import BlobStore
    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours import Flavour, Route, World
    from pytest_pyreg.forms import Form
    from pytest_pyreg.index import Index


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
        lies: what its pages say that is not so; nothing if left out.
        seek: what is done for a project that somebody asks for; see `Visit`.
    """

    def __init__(  # noqa: PLR0917 - the six things that a registry is made of.
        self,
        flavour: Flavour,
        world: World,
        index: Index,
        blobs: BlobStore,
        clock: Clock,
        url: str,
        *,
        lies: Lies | None = None,
        seek: Callable[[NormalizedName], str] = nothing_more,
    ) -> None:
        self.flavour = flavour
        self.url = url
        self._world = world
        self._index = index
        self._blobs = blobs
        self._clock = clock
        self._lies = lies or Lies(flavour.name, index)
        self._seek = seek
        self._actions = Actions(flavour, world, index, blobs, clock)
        self._addresses = Addresses(
            tuple(flavour.routes.values()),
            urlsplit(url).path,
            slash_optional=flavour.slash_optional,
            slashes_merged=flavour.slashes_merged,
            head=flavour.head,
        )
        self._root = urlsplit(url).path
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
                route, names = self._route(environ)
                reply = self._partial(self._answer(environ, notes, route, names, owner), environ, notes)
            except Refused as refused:
                notes.refusal, notes.why = refused.refusal.name, refused.explanation
                reply = self._said(route, refused)
                notes.rule, notes.said = str(refused.facts.get("rule") or ""), _text(reply)
            try:
                return respond(self._completed(reply, started), environ, start_response)
            except FileNotFoundError:  # Deleted at this very moment.
                notes.refusal, notes.why = Refusal.FILE_UNKNOWN.name, "the file was deleted while it was asked for"
                reply = self._said(route, Refused(Refusal.FILE_UNKNOWN))
                return respond(self._completed(reply, started), environ, start_response)

    def asked(self, environ: WSGIEnvironment) -> tuple[Route | None, Mapping[str, str]]:
        """Return where a request leads, with the names in its address, before anything is done; None if nowhere."""
        try:
            return self._addresses.of(environ)
        except Refused:
            return None, {}

    def memento(self) -> Callable[[], None]:
        """Return what forgets the rendered pages; it keeps nothing else."""
        return self._actions.pages.memento()

    # -- the way of a request ------------------------------------------------------------------------------------------

    def _route(self, environ: WSGIEnvironment) -> tuple[Route, Mapping[str, str]]:
        try:
            return self._addresses.of(environ)
        except Refused as refused:
            path = environ["PATH_INFO"].removeprefix(self._root)
            for route in self.flavour.elsewhere.values():
                if path.startswith(route.pattern):
                    environ[NOWHERE] = refused
                    return route, {}
            raise

    def _answer(
        self, environ: WSGIEnvironment, notes: Notes, route: Route, names: Mapping[str, str], owner: ExitStack
    ) -> Reply:
        query = environ.get("QUERY_STRING", "")
        if query:
            utf8(unquote_to_bytes(query), where="query string")  # Refused if it is no text.
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
            content=lambda digest: self._blobs.get(digest).open(),
            lies=self._lies,
            seek=self._seek,
            read_form=lambda: self._form(environ, owner),
        )
        try:
            for step in route.steps:
                step(visit)
        finally:
            notes.who, notes.secrets = visit.who, frozenset(one.secret for one in visit.shown)
            notes.namespace = visit.reference if visit.namespace is None else visit.namespace.path
            if visit.form is not None:
                _note_form(notes, visit)
        reply = self._actions.answer(route, visit)
        notes.why = visit.remark
        return replace(reply, headers=(*reply.headers, *visit.extra)) if visit.extra else reply

    def _form(self, environ: WSGIEnvironment, owner: ExitStack) -> Form:
        rules = self.flavour.rules
        form = read_form(environ["wsgi.input"], environ.get("CONTENT_TYPE", ""), self._blobs, rules, owner)
        if FORM_READ in environ:
            environ[FORM_READ](*_named(form, rules.file_field))
        return form

    def _partial(self, whole: Reply, environ: WSGIEnvironment, notes: Notes) -> Reply:
        """Return what was asked for of a file."""
        try:
            return conditioned(whole, environ)
        except Refused as refused:
            notes.refusal, notes.why = refused.refusal.name, refused.explanation
            return kept_of(whole, self._said(None, refused))

    def _said(self, route: Route | None, refused: Refused) -> Reply:
        """Return how this address says no."""
        own = route.replies if route is not None else {}
        if refused.refusal in TROUBLED:
            return TROUBLED[refused.refusal].filled({"explanation": refused.explanation})
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
        return Reply(reply.status, tuple(headers), reply.body, reason, reply.parts)

    def _not_said(self, names: tuple[str, ...]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the flavour's headers beside these: those that are fixed, and those with something to fill in."""
        said = {name.lower() for name in names}
        headers = [(name, value) for name, value in self.flavour.headers.items() if value and name.lower() not in said]
        stamps = [header for header in headers if "{" in header[1]]
        return [header for header in headers if header not in stamps], stamps


def _text(reply: Reply) -> str:
    """Return what a refusal says in its body; what it is made of is our own, and short."""
    return reply.body.decode(errors="replace") if isinstance(reply.body, bytes) else ""


def _note_form(notes: Notes, visit: Visit) -> None:
    notes.project, notes.filename = _named(visit.sent, visit.rules.file_field)


def _named(form: Form, file_field: str) -> tuple[str, str]:
    """Return the project and the file that a form names."""
    sent = form.files.get(file_field)
    return form.fields.get("name", ""), sent.filename if sent is not None else ""
