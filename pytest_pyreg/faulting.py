"""What becomes of a request that meets a fault: a WSGI middleware inside the recorder.

Which request meets which fault is in `fault_rules`.  What only a connection can do, such as a reset, is left as an
instruction in the WSGI environment (`connection.ENDING`); what a page says wrongly is the business of `lies`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_pyreg.connection import ENDING, Ending
from pytest_pyreg.exchanges import NOTES
from pytest_pyreg.fault_rules import Deed, Fault, Rules, Seen
from pytest_pyreg.flavours import Action
from pytest_pyreg.sending import FileSlice
from pytest_pyreg.visit import FORM_READ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from pytest_pyreg.exchanges import Notes
    from pytest_pyreg.flavours import Route

    Asked = tuple[Route | None, Mapping[str, str]]
    """Where a request leads, with the names in its address."""
    Ask = Callable[[WSGIEnvironment], Asked]

_INSTEAD = {Deed.REPLY, Deed.RESET, Deed.HANG_UP}
"""What happens before the registry is asked: nothing is done, nothing is stored."""


class NeedsConnection(RuntimeError):
    """A fault of a connection was to happen where there is none."""


class _Instead(Exception):
    """The registry is not asked."""


class Faulty:
    """The middleware that lets faults happen.

    Args:
        app: what is behind it.
        ask: tells where a request leads, before anything is done.
        rules: the faults.
    """

    def __init__(self, app: WSGIApplication, ask: Ask, rules: Rules) -> None:
        self._app = app
        self._ask = ask
        self._rules = rules

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request on, or let a fault happen to it."""
        if not self._rules.faults:
            return self._app(environ, start_response)
        return _Passage(self._app, self._ask(environ), self._rules, environ).result(start_response)


class _Passage:
    """One request on its way past the faults."""

    def __init__(self, app: WSGIApplication, asked: Asked, rules: Rules, environ: WSGIEnvironment) -> None:
        self._app = app
        self._rules = rules
        self._environ = environ
        self._notes: Notes = environ[NOTES]
        self._fault: Fault | None = None
        self._asked = False
        """Whether it is known yet which fault the request meets."""
        route, names = asked
        notes = self._notes
        if route is not None:
            notes.action = route.title
            notes.project, notes.filename = names.get("project", ""), names.get("filename", "")
        path = environ.get("RAW_URI", "").partition("?")[0] or quote(environ["PATH_INFO"].encode("latin-1"))
        self._seen = Seen.named(notes.action, environ["REQUEST_METHOD"], path, notes.project, notes.filename)
        self._form = route is not None and route.action is Action.UPLOAD and rules.by_name

    def result(self, start_response: StartResponse) -> Iterable[bytes]:
        """Return the body."""
        head: list[Any] = ["", []]

        def held(status: str, headers: list[tuple[str, str]], *_: object) -> Any:  # noqa: ANN401 - as WSGI has it.
            head[:] = status, headers
            return None

        try:
            if self._form:
                self._environ[FORM_READ] = self._form_read
            else:
                self._meet(self._seen)
            body = self._app(self._environ, held)
            if not self._asked:  # Refused before its form was read, so nothing was done: it is not too late.
                try:
                    self._meet(self._seen)
                except _Instead:
                    _close(body)
                    raise
        except _Instead:
            return self._instead(start_response)
        status, headers = head
        fault = self._fault
        if fault is not None and fault.deed is Deed.LOSE_REPLY:
            _close(body)
            return self._instead(start_response, f"the registry had answered {status}, and nobody heard it")
        if fault is not None and fault.deed is Deed.TRUNCATE:
            body = self._cut(fault, headers, body)
        self._note()
        start_response(status, headers)
        return body

    def _form_read(self, project: str, filename: str) -> None:
        self._notes.project, self._notes.filename = project, filename
        seen = self._seen
        self._meet(Seen.named(seen.action, seen.method, seen.path, project, filename))

    def _meet(self, seen: Seen) -> None:
        self._asked = True
        fault = self._fault = self._rules.take(seen)
        if fault is None:
            return
        silent = fault.deed is Deed.LOSE_REPLY and fault.answer is None
        if (silent or fault.deed in {Deed.RESET, Deed.HANG_UP, Deed.TRUNCATE}) and ENDING not in self._environ:
            self._note()
            raise NeedsConnection(
                f"{fault.words} ends a connection, and this request came to registry.wsgi without one; send it to "
                "registry.url, or try reply(...)"
            )
        if fault.deed is Deed.DELAY:
            try:
                self._rules.wait(fault.amount)
            except ConnectionError:
                self._note("the registry was stopped before it was over")
                raise
        if fault.deed in _INSTEAD:
            raise _Instead

    def _instead(self, start_response: StartResponse, more: str = "") -> Iterable[bytes]:
        fault = self._fault
        assert fault is not None
        self._note(more)
        if fault.answer is None:
            self._environ[ENDING] = Ending.RESET if fault.deed is Deed.RESET else Ending.SILENT
            start_response("", [])
            return []
        start_response(fault.answer.status, list(fault.answer.headers))
        return [] if self._environ["REQUEST_METHOD"] == "HEAD" else [fault.answer.body]

    def _cut(self, fault: Fault, headers: list[tuple[str, str]], body: Iterable[bytes]) -> Iterable[bytes]:
        """Return the beginning of a body, if it is longer than that."""
        left, length = int(fault.amount), next((int(value) for name, value in headers if name == "Content-Length"), 0)
        if length <= left or self._environ["REQUEST_METHOD"] == "HEAD":
            self._rules.give_back(fault, f"a reply's body had {length} bytes, so nothing was left to cut off")
            self._fault = None
            return body
        self._environ[ENDING] = Ending.AFTER_REPLY
        if isinstance(body, FileSlice):
            return replace(body, count=left)
        return _closing([b"".join(body)[:left]], body)

    def _note(self, more: str = "") -> None:
        if self._fault is None:
            return
        notes = self._notes
        notes.fault = self._fault.words
        notes.why = "; ".join(part for part in (f"of a fault: {self._fault.words}", more, notes.why) if part)


def _closing(parts: list[bytes], whole: Iterable[bytes]) -> Iterator[bytes]:
    yield from parts
    _close(whole)


def _close(body: Iterable[bytes]) -> None:
    if close := getattr(body, "close", None):
        close()
