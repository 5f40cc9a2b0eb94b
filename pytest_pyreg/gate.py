"""The gate before an application: requests pass, and wait outside while what they would meet is changed as a whole."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE_SECONDS = 2.0
"""How long requests that are under way may take to end, and again once they were hung up on."""


class UnderWay(RuntimeError):
    """Requests that are under way do not end."""


class Gate:
    """The gate.

    Args:
        app: what is behind it.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._turn = threading.Condition()
        self._inside: dict[int, WSGIEnvironment] = {}
        self._shut = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request on."""
        with self._turn:
            while self._shut:
                self._turn.wait()
            self._inside[id(environ)] = environ
        try:
            return self._app(environ, start_response)
        finally:
            with self._turn:
                del self._inside[id(environ)]
                if self._shut:
                    self._turn.notify_all()

    @contextmanager
    def closed(self, hang_up: Callable[[], None] | None = None) -> Iterator[None]:
        """Keep requests out, once those that are under way have ended.

        Args:
            hang_up: ends the connections of those that do not end by themselves; they are waited for once more.

        Raises:
            UnderWay: some do not end.
        """
        with self._turn:
            while self._shut:  # Somebody else's turn.
                self._turn.wait()
            self._shut = True
        try:
            with self._turn:
                ended = self._turn.wait_for(lambda: not self._inside, PATIENCE_SECONDS)
            if not ended and hang_up is not None:
                hang_up()
                with self._turn:
                    ended = self._turn.wait_for(lambda: not self._inside, PATIENCE_SECONDS)
            if not ended:
                inside = ", ".join(f"{one['REQUEST_METHOD']} {one['PATH_INFO']}" for one in self._inside.values())
                raise UnderWay(
                    f"requests are still under way: {inside}; "
                    "let their clients end before you take or restore a snapshot"
                )
            yield
        finally:
            with self._turn:
                self._shut = False
                self._turn.notify_all()
