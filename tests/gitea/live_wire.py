"""Requests that a live server and the emulation both get, and what they answer.

A request speaks of secrets by name, so that it can be kept: `${writer/read}` is a token of the person `writer`, and
`base64(...)` is encoded once its secrets are in it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from werkzeug.test import Client

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_pyreg import Registry

BOUNDARY = "compare-live-boundary"
_TOKEN = re.compile(r"\$\{(\w+)/([\w-]+)\}")
_ENCODED = re.compile(r"base64\((.*)\)", re.DOTALL)


class Request(NamedTuple):
    """A request."""

    method: str
    target: str
    """Path and query, escaped."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Side(Protocol):
    """A server with the world in it."""

    @property
    def url(self) -> str:
        """Where it is, as its own pages show it."""
        ...

    def send(self, request: Request) -> Answer:
        """Send a request whose secrets are in it, and wait for the answer."""
        ...


Tokens = dict[tuple[str, str], str]
"""Tokens by person and key."""


def filled(request: Request, tokens: Mapping[tuple[str, str], str]) -> Request:
    """Return a request with its secrets in it."""

    def fill(text: str) -> str:
        text = _TOKEN.sub(lambda mark: tokens[mark[1], mark[2]], text)
        return _ENCODED.sub(lambda mark: base64.b64encode(mark[1].encode()).decode(), text)

    headers = tuple((name, fill(value)) for name, value in request.headers)
    return request._replace(target=fill(request.target), headers=headers)


def masked(answer: Answer, tokens: Mapping[tuple[str, str], str]) -> Answer:
    """Return an answer with the names of secrets in place of them."""
    headers, body = answer.headers, answer.body
    for (person, key), secret in tokens.items():
        mark = f"${{{person}/{key}}}"
        if secret.encode() in body:
            body = body.replace(secret.encode(), mark.encode())
        headers = tuple((name, value.replace(secret, mark)) for name, value in headers)
    return Answer(answer.status, headers, body)


def in_process(registry: Registry, request: Request) -> Answer:
    """Hand a request to the emulation's WSGI application."""
    with Client(registry.wsgi).open(
        request.target,
        method=request.method,
        headers=list(request.headers),
        input_stream=io.BytesIO(request.body),
        content_length=len(request.body),
    ) as response:
        return Answer(response.status_code, tuple(response.headers.items()), response.get_data())


def form(fields: Sequence[tuple[str, str]], file: tuple[str, str] | None) -> bytes:
    """Write an upload's form; a file without a name becomes a field."""
    text = ""
    for name, value in fields:
        text += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    if file is not None:
        filename = f'; filename="{file[0]}"' if file[0] else ""
        kind = "Content-Type: application/octet-stream\r\n"
        text += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="content"{filename}\r\n{kind}\r\n{file[1]}\r\n'
    return f"{text}--{BOUNDARY}--\r\n".encode()


def sha256(text: str) -> str:
    """Return what an upload announces."""
    return hashlib.sha256(text.encode()).hexdigest()
