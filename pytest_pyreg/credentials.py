"""The credentials that a request carries, wherever in it they stand."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from pytest_pyreg.identity import Credential, Via
from pytest_pyreg.text import utf8

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from wsgiref.types import WSGIEnvironment


def shown(
    environ: WSGIEnvironment, query: Mapping[str, str], headers: tuple[str, ...], queries: tuple[str, ...]
) -> tuple[Credential, ...]:
    """Return every credential of a request.

    Args:
        environ: the request.
        query: the address's parameters.
        headers: the headers that carry one, besides `Authorization`.
        queries: the parameters that carry one.

    Raises:
        Refused: TEXT_MALFORMED, as for any other text that no database could hold.
    """
    found = list(_authorization(environ.get("HTTP_AUTHORIZATION", "")))
    sent = ((name, environ.get(f"HTTP_{name.upper().replace('-', '_')}")) for name in headers)
    found += [Credential(name, value, Via.HEADER) for name, value in sent if value]
    found += [Credential(name, query[name], Via.QUERY) for name in queries if query.get(name)]
    return tuple(found)


def _authorization(header: str) -> Iterator[Credential]:
    """Read an `Authorization` header; one that is neither basic nor bearer, or is garbled, is no credential."""
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() == "bearer" and value:
        yield Credential("", value.strip(), Via.BEARER)
    if scheme.lower() != "basic":
        return
    try:
        text = utf8(base64.b64decode(value))
    except ValueError:  # Not base64, or not even ASCII.
        return
    username, _, secret = text.partition(":")
    if username or secret:
        yield Credential(username, secret)
