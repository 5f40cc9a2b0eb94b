"""Which route a request's address leads to, and which address a route has."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, RequestRedirect, Rule

from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.text import utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from wsgiref.types import WSGIEnvironment

    from pytest_pyreg.flavours import Route

_SAFE = "!$&'()*+,;=:@~"
"""What may stand in a path segment as it is (RFC 3986, `pchar`)."""


class Addresses:
    """The routes of one registry.

    Args:
        routes: all of them.
        root: the path below which they lie; empty if none.
        slash_optional: whether an address with a slash at its end is the same address.
        slashes_merged: whether several slashes are as good as one.
        head: whether HEAD is answered where GET is.
    """

    def __init__(
        self,
        routes: tuple[Route, ...],
        root: str,
        *,
        slash_optional: bool,
        slashes_merged: bool = False,
        head: bool = True,
    ) -> None:
        self._routes = _routed(routes, strict=not slash_optional)
        self._head = head
        self._root = root
        self._slash_optional = slash_optional
        self._slashes_merged = slashes_merged
        self._match = lru_cache(maxsize=4096)(self._matched)

    def of(self, environ: WSGIEnvironment) -> tuple[Route, Mapping[str, str]]:
        """Return a request's route, and the names that stand in its address.

        Raises:
            Refused: ROUTE_UNKNOWN or METHOD_NOT_ALLOWED.
        """
        path = environ.get("RAW_URI", "").partition("?")[0] or quote(environ["PATH_INFO"].encode("latin-1"))
        if not path.startswith(self._root):
            raise Refused(Refusal.ROUTE_UNKNOWN)
        return self._match(environ["REQUEST_METHOD"], path[len(self._root) :])

    def _allowed(self, methods: Iterable[str]) -> str:
        return ", ".join(sorted(method for method in methods if self._head or method != "HEAD"))

    def _matched(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        if self._slashes_merged:
            path = re.sub("/+", "/", path)
        if self._slash_optional and path.endswith("/"):
            path = path[:-1]
        try:
            route, names = self._routes.match(path, method)
        except MethodNotAllowed as error:
            allowed = self._allowed(error.valid_methods or ())
            raise Refused(Refusal.METHOD_NOT_ALLOWED, method=method, allowed=allowed) from error
        except (NotFound, RequestRedirect) as error:
            raise Refused(Refusal.ROUTE_UNKNOWN) from error
        if method == "HEAD" and not self._head and not route.head:
            raise Refused(
                Refusal.METHOD_NOT_ALLOWED, method=method, allowed=self._allowed(self._routes.allowed_methods(path))
            )
        return route, {name: utf8(unquote_to_bytes(value), where="URL") for name, value in names.items()}


@lru_cache(maxsize=64)
def _routed(routes: tuple[Route, ...], *, strict: bool) -> MapAdapter:
    """Compile a flavour's routes, once for all its registries: it takes two milliseconds."""
    rules = [Rule(route.pattern, endpoint=route, methods=[route.method]) for route in routes]
    return Map(rules, strict_slashes=strict, merge_slashes=False, redirect_defaults=False).bind("")


def link(route: Route, names: Mapping[str, str]) -> str:
    """Return the path of a route with these names in it, escaped."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda place: quoted(names[place[1]]), route.pattern)


def quoted(segment: str) -> str:
    """Escape a text as a segment of a path."""
    return quote(segment, safe=_SAFE)
