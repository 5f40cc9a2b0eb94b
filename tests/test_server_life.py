"""A server from its start to its end: crowds, slow readers, bugs, and clients that are half-way through something."""

from __future__ import annotations

import http.client
import re
import socket
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import Registry
from pytest_pyreg.server import BACKLOG, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def connect(server: Server | Registry) -> socket.socket:
    """Return a connection to a server."""
    port = server.port if isinstance(server, Server) else int(server.url.rpartition(":")[2])
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def reply(connection: socket.socket) -> http.client.HTTPResponse:
    """Return the next reply; its body is not read yet."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response


def get(connection: socket.socket, query: str = "") -> bytes:
    """Send a request and return the body of its reply."""
    connection.sendall(HEAD.replace(b"/ ", f"/?{query} ".encode()))
    with reply(connection) as response:
        return response.read()


def hello(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Answer with as many bytes as the query says, or fail."""
    if environ["PATH_INFO"] == "/bug":
        raise ZeroDivisionError
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"x" * int(environ["QUERY_STRING"] or 1)]


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


def test_64_clients_at_once(registry: Registry) -> None:
    """Clients that come at the same moment are all served."""
    statuses: list[int] = []
    together = threading.Barrier(64)

    def work() -> None:
        together.wait()
        with connect(registry) as connection:
            for _ in range(3):
                connection.sendall(HEAD)
                with reply(connection) as response:
                    statuses.append(response.status)
                    response.read()

    threads = [threading.Thread(target=work) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [404] * 192
    assert registry.log.count == 192


def test_many_may_wait(server: Server) -> None:
    """As many connections as a crowd of clients opens wait for their turn instead of being dropped."""
    limit = Path("/proc/sys/net/core/somaxconn")
    count = min(BACKLOG, int(limit.read_text()) if limit.exists() else 128)
    assert BACKLOG >= 128
    connections = [connect(server) for _ in range(count)]
    server.start(hello)

    for connection in connections:
        with connection:
            assert get(connection) == b"x"


@pytest.mark.parametrize("size", [1, 65_000, 70_000, 20_000_000])
def test_a_slow_reader_gets_the_whole_reply(server: Server, size: int) -> None:
    """A reply that does not fit into the socket's buffers comes whole, and the connection goes on."""
    server.start(hello)
    with connect(server) as connection:
        connection.sendall(HEAD.replace(b"/ ", f"/?{size} ".encode()))
        time.sleep(0.05)
        with reply(connection) as response:
            assert response.read() == b"x" * size
        assert get(connection) == b"x"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_bug_is_shown(server: Server, capsys: pytest.CaptureFixture[str], method: str) -> None:
    """An error of ours reaches the client as one, and standard error; the next client is served."""
    server.start(hello)
    response = requests.request(method, f"http://127.0.0.1:{server.port}/bug", data=b"abc", timeout=10)

    assert (response.status_code, response.headers["Connection"]) == (500, "close")
    assert b"a bug in pyreg" in response.content
    assert re.search(r"(?s)Traceback.*ZeroDivisionError", capsys.readouterr().err)
    with connect(server) as connection:
        assert get(connection) == b"x"


def test_a_taken_port_is_an_error(server: Server) -> None:
    """Two servers cannot share a port."""
    with pytest.raises(OSError, match="in use"):
        Server(port=server.port)


def test_it_listens_on_the_loopback_interface_alone(server: Server) -> None:
    """Nobody on the network reaches a test's registry."""
    assert server.server_address[0] == "127.0.0.1"


def test_the_process_default_timeout_is_not_the_servers(server: Server) -> None:
    """Somebody else's `socket.setdefaulttimeout` cuts no connection."""
    socket.setdefaulttimeout(0.05)
    try:
        server.start(hello)
        with connect(server) as connection:
            time.sleep(0.15)
            assert get(connection) == b"x"
    finally:
        socket.setdefaulttimeout(None)


def test_a_server_that_never_started_can_be_stopped() -> None:
    """Its port is free again."""
    server = Server()
    server.stop()

    Server(port=server.port).stop()


def idle(registry: Registry) -> socket.socket:
    """Return a connection that has had its reply and stays open."""
    connection = connect(registry)
    connection.sendall(HEAD)
    with reply(connection) as response:
        response.read()
    return connection


def half_head(registry: Registry) -> socket.socket:
    """Return a connection whose client is in the middle of a request's head."""
    connection = connect(registry)
    connection.sendall(HEAD[:20])
    return connection


def upload(registry: Registry, size: int) -> requests.PreparedRequest:
    """Return an upload."""
    return requests.Request(
        "POST",
        registry.upload_url,
        data={"name": "demo", "version": "1", "sha256_digest": "a" * 64},
        files={"content": ("f.whl", b"x" * size)},
        auth=(registry.publisher.username, registry.publisher.secret),
    ).prepare()


def raw(request: requests.PreparedRequest) -> bytes:
    """Return a request as it goes over the wire."""
    lines = [f"{request.method} {request.path_url} HTTP/1.1", *(f"{k}: {v}" for k, v in request.headers.items())]
    body = request.body if isinstance(request.body, bytes) else b""
    return "\r\n".join([*lines, "", ""]).encode() + body


def half_upload(registry: Registry) -> socket.socket:
    """Return a connection whose client has sent half of a large file."""
    connection = connect(registry)
    data = raw(upload(registry, 600_000))
    connection.sendall(data[: len(data) // 2])
    return connection


def half_download(registry: Registry) -> socket.socket:
    """Return a connection whose client reads no more of a large file."""
    with requests.Session() as session:
        session.send(upload(registry, 30_000_000)).raise_for_status()
    url, auth = f"{registry.upload_url}/files/{'a' * 64}/f.whl", upload(registry, 0).headers["Authorization"]
    connection = connect(registry)
    request = requests.Request("GET", url, headers={"Authorization": auth}).prepare()
    connection.sendall(raw(request))
    assert connection.recv(15) == b"HTTP/1.1 200 OK"
    return connection


def sockets() -> int:
    """Return how many sockets this process has open."""
    links = Path("/proc/self/fd").iterdir()
    return sum(link.is_symlink() and str(link.readlink()).startswith("socket:") for link in links)


CLIENTS = pytest.mark.parametrize("client", [idle, half_head, half_upload, half_download], ids=lambda f: f.__name__)


@CLIENTS
def test_the_end_is_quick_and_leaves_nothing(
    client: Callable[[Registry], socket.socket], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a client is in the middle of, stopping hangs up and leaves no thread, socket or file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    threads, before = set(threading.enumerate()), sockets()
    registry = Registry("gitlab@17").start()
    with client(registry) as connection:
        time.sleep(0.05)
        start = time.monotonic()
        registry.stop()

        assert time.monotonic() - start < 0.5
        assert set(threading.enumerate()) <= threads
        assert sockets() <= before + 1
        try:
            while connection.recv(1 << 20):
                pass
        except ConnectionResetError:
            pass  # A client in the middle of something may be told so.
    assert not list(tmp_path.iterdir())


def waited_for(condition: Callable[[], object]) -> bool:
    """Wait a little for something to become true."""
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return bool(condition())


@CLIENTS
def test_a_client_may_go_away(
    registry: Registry,
    client: Callable[[Registry], socket.socket],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A client that hangs up takes its thread along, and the next is served."""
    threads = set(threading.enumerate())
    client(registry).close()

    assert waited_for(lambda: set(threading.enumerate()) <= threads)
    with connect(registry) as connection:
        connection.sendall(HEAD)
        with reply(connection) as response:
            assert response.status == 404
    assert not capsys.readouterr().err
