"""How a row reaches a registry: in process, over a real socket, or as another process does that shares it.

In the last case its world is built through a `RemoteRegistry` too.
"""

from __future__ import annotations

import contextlib
import http.client
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast

from werkzeug.test import Client

from pytest_pyreg import ManualClock, RemoteRegistry, attach, products
from tests.conformance.inside import Inside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pytest_pyreg import Registry
    from pytest_pyreg.flavours import Flavour

CONTROL = "the control token of a row's registry"


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
    """Hand a request to the WSGI application; one in another process has a port alone."""
    if isinstance(registry, RemoteRegistry):
        return over_a_socket(registry, request)
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


def remote(registry: Registry, request: Request) -> Answer:
    """Send a request to the port of a registry that is shared."""
    return over_a_socket(registry, request)


@contextlib.contextmanager
def opened(
    flavour: Flavour, wire: Wire, noon: datetime, **options: int | None
) -> Iterator[tuple[Registry, ManualClock]]:
    """Start a registry for a row, and give its clock with it: those of another process if the wire is that one.

    Args:
        flavour: which.
        wire: how it is reached.
        noon: what time it is.
        options: of the registry.
    """
    clock = ManualClock(noon)
    registry = products.registry(flavour, clock=clock, **options).start(control=CONTROL if wire is remote else "")
    try:
        if wire is not remote:
            yield registry, clock
            return
        registry.inside = Inside(registry)  # type: ignore[attr-defined]  # For whoever attaches it.
        with attach(registry.url, CONTROL) as far:
            yield cast("Registry", far), cast("ManualClock", far.clock)
    finally:
        registry.stop()
