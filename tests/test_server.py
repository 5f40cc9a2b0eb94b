"""Connections and request heads, over real sockets."""

from __future__ import annotations

import http.client
import socket
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest
import requests

from pytest_pyreg import Refusal, Registry, lookup
from pytest_pyreg.render.replies import ReplyShape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message

SIMPLE = "/api/v4/projects/1/packages/pypi/simple"


class Reply(NamedTuple):
    """What came back."""

    status: int
    reason: str
    headers: Message
    body: bytes


class Wire:
    """A connection that sends what it is told to, right or wrong."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._file = self.socket.makefile("rb")

    def send(self, *lines: str, body: bytes = b"") -> None:
        """Send a request's head, and a body."""
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def reply(self, method: str = "GET") -> Reply:
        """Return the next reply."""
        line = self._file.readline()
        if not line:
            raise EOFError
        _, status, reason = line.decode().rstrip("\r\n").split(" ", 2)
        headers = http.client.parse_headers(self._file)
        length = 0 if method == "HEAD" else int(headers["Content-Length"])
        return Reply(int(status), reason, headers, self._file.read(length))

    def ended(self) -> bool:
        """Wait for the server's next word and tell whether it is the end."""
        return self._file.read(1) == b""

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self.socket.close()


@pytest.fixture(name="connect")
def _connect(registry: Registry) -> Iterator[Callable[[], Wire]]:
    wires: list[Wire] = []

    def connect() -> Wire:
        wires.append(Wire(port_of(registry)))
        return wires[-1]

    yield connect
    for wire in wires:
        wire.close()


@pytest.fixture(name="wire")
def _wire(connect: Callable[[], Wire]) -> Wire:
    return connect()


def port_of(registry: Registry) -> int:
    """Return where a registry listens."""
    return int(registry.url.rpartition(":")[2])


def test_a_connection_serves_many_requests(wire: Wire) -> None:
    """A connection stays open after a reply, also after a refusal."""
    for path, status in ((SIMPLE, 401), ("/nowhere", 404), (SIMPLE, 401)):
        wire.send(f"GET {path} HTTP/1.1", "Host: x")
        reply = wire.reply()
        assert reply.status == status
        assert "Connection" not in reply.headers


def test_a_client_may_end_a_connection(wire: Wire) -> None:
    """A client that asks for the end gets its reply, and then the end."""
    wire.send(f"GET {SIMPLE} HTTP/1.1", "Host: x", "Connection: close")

    assert wire.reply().headers["Connection"] == "close"
    assert wire.ended()


def test_requests_may_be_sent_ahead(wire: Wire) -> None:
    """Requests that are sent without waiting are answered in their order."""
    head = "HTTP/1.1\r\nHost: x\r\n\r\n"
    wire.send(f"GET {SIMPLE} {head}GET /nowhere {head}\r\nHEAD {SIMPLE} {head}PUT {SIMPLE} HTTP/1.1", "Host: x")

    assert [wire.reply(method).status for method in ("GET", "GET", "HEAD", "PUT")] == [401, 404, 401, 404]


def test_an_old_client_is_served(connect: Callable[[], Wire]) -> None:
    """HTTP/1.0 gets one reply and the end, or more if it asks for that."""
    wire = connect()
    wire.send(f"GET {SIMPLE} HTTP/1.0")
    reply = wire.reply()
    assert (reply.status, reply.headers["Connection"]) == (401, "close")
    assert wire.ended()

    wire = connect()
    for _ in range(2):
        wire.send(f"GET {SIMPLE} HTTP/1.0", "Connection: keep-alive")
        reply = wire.reply()
        assert (reply.status, reply.headers["Connection"]) == (401, "keep-alive")


@pytest.mark.parametrize(
    ("target", "status", "path"),
    [
        (f"http://127.0.0.1{SIMPLE}", 401, SIMPLE),
        (f"http://other.example:8080{SIMPLE}?a=b", 401, f"{SIMPLE}?a=b"),
        ("http://127.0.0.1/nowhere", 404, "/nowhere"),
        ("http://127.0.0.1", 404, "/"),
        (f"/{SIMPLE}", 401, SIMPLE),  # http.server takes two slashes for one.
        ("*", 404, "*"),
        ("127.0.0.1:80", 404, "127.0.0.1:80"),
    ],
)
def test_the_forms_of_an_address(registry: Registry, wire: Wire, target: str, status: int, path: str) -> None:
    """An address may name a host, which does not matter; what is no address is unknown."""
    for _ in range(2):
        wire.send(f"GET {target} HTTP/1.1", "Host: x")
        assert wire.reply().status == status

    assert [exchange.path for exchange in registry.log] == [path, path]


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (("GET http://[ HTTP/1.1",), 400),
        (("garbage",), 400),
        (("GET / HTTP/x",), 400),
        (("GET / HTTP/2.0",), 505),
        (("\x16\x03\x01\x02\x00",), 400),  # The first bytes of TLS.
        ((f"GET /{'x' * 70_000} HTTP/1.1",), 414),
        (("GET / HTTP/1.1", f"X: {'x' * 70_000}"), 431),
        (("GET / HTTP/1.1", *("X: y",) * 101), 431),
    ],
    ids=["host", "garbage", "no version", "version", "TLS", "long address", "long header", "many headers"],
)
@pytest.mark.parametrize("more", [b"", b"x" * 20_000_000], ids=["", "and more"])
def test_a_bad_head_is_refused(
    registry: Registry, wire: Wire, lines: tuple[str, ...], status: int, more: bytes
) -> None:
    """What is no request gets its answer, even if the client goes on sending, and the end; it is no exchange."""
    wire.send(*lines, body=more)

    reply = wire.reply()
    assert (reply.status, reply.headers["Connection"]) == (status, "close")
    assert wire.ended()
    assert len(registry.log) == 0


def test_a_large_head_is_served(wire: Wire) -> None:
    """Tokens and cookies may be long, and headers many."""
    wire.send(f"GET {SIMPLE}?{'x' * 60_000} HTTP/1.1", f"Cookie: {'x' * 60_000}", *("X: y",) * 90)

    assert wire.reply().status == 401


def test_a_head_may_come_slowly(wire: Wire) -> None:
    """A head that arrives in pieces is one head."""
    for piece in (b"GE", b"T / HT", b"TP/1.1\r", b"\nHost: x\r\n", b"\r", b"\n"):
        wire.socket.sendall(piece)
        time.sleep(0.01)

    assert wire.reply().status == 404


def test_a_derived_flavour_has_its_own_reason_phrase() -> None:
    """The words behind the status are the flavour's; clients match them."""
    shape = ReplyShape(409, text="{filename} is there", reason="File already exists: {filename}")
    flavour = lookup("gitlab@17").evolve(
        replies={Refusal.UNAUTHENTICATED: ReplyShape(401, text="", reason="Who are you?")}
    )
    with Registry(flavour.evolve(replies={Refusal.FILE_EXISTS: shape})) as registry:
        assert requests.get(registry.index_url, timeout=10).reason == "Who are you?"
        wheel = registry.make_wheel("demo", "1.0")
        auth = registry.publisher.username, registry.publisher.secret
        for expected in ((201, "Created"), (409, f"File already exists: {wheel.name}")):
            response = requests.post(
                registry.upload_url,
                data={"name": "demo", "version": "1.0"},
                files={"content": (wheel.name, wheel.data)},
                auth=auth,
                timeout=10,
            )
            assert (response.status_code, response.reason) == expected
