"""The credentials that a request carries, wherever in it they stand."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from pytest_pyreg.identity import Credential, Via
from pytest_pyreg.text import utf8

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIEnvironment


def keyed(headers: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return headers with the keys that they have in a WSGI environment."""
    return tuple((name, f"HTTP_{name.upper().replace('-', '_')}") for name in headers)


def shown(
    environ: WSGIEnvironment, query: Mapping[str, str], headers: tuple[tuple[str, str], ...], queries: tuple[str, ...]
) -> tuple[Credential, ...]:
    """Return every credential of a request.

    Args:
        environ: the request.
        query: the address's parameters.
        headers: the headers that carry one, besides `Authorization`, as `keyed` returns them.
        queries: the parameters that carry one.

    Raises:
        Refused: TEXT_MALFORMED, as for any other text that no database could hold.
    """
    header = environ.get("HTTP_AUTHORIZATION")
    standard = authorization(header) if header else None
    found = [] if standard is None else [standard]
    found += [Credential(name, environ[key], Via.HEADER) for name, key in headers if environ.get(key)]
    if query:
        found += [Credential(name, query[name], Via.QUERY) for name in queries if query.get(name)]
    return tuple(found)


def authorization(header: str) -> Credential | None:
    """Read an `Authorization` header; one that is neither basic nor bearer, or is garbled, is no credential."""
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() == "bearer" and value:
        return Credential("", value.strip(), Via.BEARER)
    if scheme.lower() != "basic":
        return None
    try:
        text = utf8(base64.b64decode(value))
    except ValueError:  # Not base64, or not even ASCII.
        return None
    username, _, secret = text.partition(":")
    return Credential(username, secret) if username or secret else None
