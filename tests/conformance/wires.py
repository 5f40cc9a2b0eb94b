"""How a request reaches a registry, and what comes back: in process, or over a real socket."""

from __future__ import annotations

import http.client
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from werkzeug.test import Client

if TYPE_CHECKING:
    from pytest_pyreg import Registry


@dataclass(frozen=True)
class Request:
    """A request, ready to go."""

    method: str
    target: str
    """Path and query, escaped."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    lines: tuple[str, ...]
    """The header lines: some releases send one that is no proper header."""
    body: bytes
    reason: str = ""
    """What stands beside the status number."""

    def values(self, name: str) -> list[str]:
        """Return the values of a header, in any case."""
        found = [line.partition(": ") for line in self.lines]
        return [value for header, _, value in found if header.lower() == name.lower()]


class Wire(Protocol):
    """A way to send a request."""

    def __call__(self, registry: Registry, request: Request) -> Answer:
        """Send it and wait for the answer."""
        ...


def in_process(registry: Registry, request: Request) -> Answer:
    """Hand a request to the WSGI application."""
    with Client(registry.wsgi).open(
        request.target,
        method=request.method,
        headers=list(request.headers),
        input_stream=io.BytesIO(request.body),
        content_length=len(request.body),
        environ_base={"REMOTE_ADDR": "127.0.0.1"},
    ) as response:
        lines = tuple(f"{name}: {value}" for name, value in response.headers.items())
        return Answer(response.status_code, lines, response.get_data(), response.status.partition(" ")[2])


def over_a_socket(registry: Registry, request: Request) -> Answer:
    """Send a request to the registry's port."""
    connection = http.client.HTTPConnection(registry.url.removeprefix("http://"), timeout=10)
    try:
        host = any(name.lower() == "host" for name, _ in request.headers)
        connection.putrequest(request.method, request.target, skip_host=host, skip_accept_encoding=True)
        for name, value in (*request.headers, ("Content-Length", str(len(request.body)))):
            connection.putheader(name, value)
        connection.endheaders(request.body)
        response = connection.getresponse()
        lines = tuple(f"{name}: {value}" for name, value in response.getheaders())
        return Answer(response.status, lines, response.read(), response.reason)
    finally:
        connection.close()
