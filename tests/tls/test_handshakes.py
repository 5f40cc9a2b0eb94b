"""How TLS begins and ends, over real sockets: slow clients, silent ones, those that speak something else."""

from __future__ import annotations

import hashlib
import http.client
import re
import socket
import ssl
import threading
import tracemalloc
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from pytest_pyreg import Log, Registry, tls
from pytest_pyreg.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def plain(registry: Registry) -> socket.socket:
    """Return a connection on which nothing was said."""
    parts = urlsplit(registry.url)
    return socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10)


@contextmanager
def connected(registry: Registry, context: ssl.SSLContext | None = None) -> Iterator[ssl.SSLSocket]:
    """Connect as a client that notices an end that is not announced."""
    context = context or ssl.create_default_context(cafile=registry.ca)
    host = urlsplit(registry.url).hostname
    with (
        plain(registry) as connection,
        context.wrap_socket(connection, server_hostname=host, suppress_ragged_eofs=False) as secured,
    ):
        yield secured


def reply(connection: socket.socket) -> tuple[int, bytes]:
    """Return the next reply's status and body."""
    with http.client.HTTPResponse(connection) as response:
        response.begin()
        return response.status, response.read()


def notes(registry: Registry) -> tuple[str, ...]:
    """Return what the registry noticed, once nobody is in the middle of a handshake."""
    registry.report()
    return registry.log.notes


def hello(registry: Registry) -> bytes:
    """Return the first words of a client that speaks TLS."""
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context(cafile=registry.ca).wrap_bio(coming, going, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return going.read()


def threads(registry: Registry) -> list[threading.Thread]:
    """Return the threads of a registry's server."""
    return [thread for thread in threading.enumerate() if thread.name == f"pyreg-{urlsplit(registry.url).port}"]


def test_a_connection_serves_many_requests(secure: Registry) -> None:
    """The handshake is paid once; HTTP is what it is without it."""
    with connected(secure) as connection:
        for _ in range(3):
            connection.sendall(GET)
            assert reply(connection)[0] == 404
        assert connection.version() in {"TLSv1.2", "TLSv1.3"}
        assert connection.selected_alpn_protocol() is None

    assert secure.log.count == 3
    assert notes(secure) == ()


def test_the_protocol_is_agreed_on(secure: Registry) -> None:
    """A client that would rather have HTTP/2 is told what is spoken here."""
    context = ssl.create_default_context(cafile=secure.ca)
    context.set_alpn_protocols(["h2", "http/1.1"])

    with connected(secure, context) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"


def test_silent_clients_block_nobody(secure: Registry) -> None:
    """Those that connect and say nothing, or half a word, wait in threads of their own."""
    with plain(secure), plain(secure) as half:
        half.sendall(hello(secure)[:20])
        with connected(secure) as connection:
            connection.sendall(GET)
            assert reply(connection)[0] == 404


def test_stop_waits_for_no_handshake(secure: Registry) -> None:
    """Its threads are gone, and what it broke off itself it does not complain about."""
    with plain(secure) as silent, plain(secure) as half, connected(secure) as idle:
        half.sendall(hello(secure)[:20])
        idle.sendall(GET)
        assert reply(idle)[0] == 404
        running = threads(secure)
        assert running

        secure.stop()

        assert not any(thread.is_alive() for thread in running)
        assert (silent.recv(1), half.recv(1)) == (b"", b"")
    assert secure.log.notes == ()


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01"], ids=["nothing", "half a word"])
def test_a_handshake_has_its_time(secure: Registry, said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the client is hung up on, and the report says so."""
    monkeypatch.setattr(tls, "HANDSHAKE_SECONDS", 0.05)

    with plain(secure) as connection:
        connection.sendall(said)
        assert connection.recv(1) == b""

    assert notes(secure) == ("a TLS handshake failed: the client did not end it within 0.05 seconds",)


def test_a_request_may_take_longer(secure: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is the handshake's, not that of what comes after it."""
    monkeypatch.setattr(tls, "HANDSHAKE_SECONDS", 0.2)

    with connected(secure) as connection:
        connection.sendall(GET[:10])
        threading.Event().wait(0.4)
        connection.sendall(GET[10:])

        assert reply(connection)[0] == 404


def test_who_only_looks_whether_the_port_is_open_is_no_failure(secure: Registry) -> None:
    """As scripts do that wait for a server."""
    plain(secure).close()

    assert notes(secure) == ()


def test_plain_http_is_answered(secure: Registry) -> None:
    """With the very bytes of Go's server; it is no exchange."""
    with plain(secure) as connection:
        connection.sendall(GET)
        answer = connection.makefile("rb").read()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert (head, body) == (b"HTTP/1.0 400 Bad Request", b"Client sent an HTTP request to an HTTPS server.\n")
    assert secure.log.count == 0
    (note,) = notes(secure)
    assert note.startswith("a client spoke plain HTTP on the registry's TLS port")
    assert secure.report().endswith(note)


def test_what_is_neither_is_noticed(secure: Registry) -> None:
    """Something that is no TLS and no HTTP."""
    with plain(secure) as connection:
        connection.sendall(b"\x16 nonsense, and more of it")
        connection.makefile("rb").read()

    assert re.fullmatch(r"a TLS handshake failed: [a-z ]*(version|record|length)[a-z ]*", notes(secure)[0])


def test_a_client_that_hangs_up_half_way_is_noticed(secure: Registry) -> None:
    """Some that distrust a certificate say nothing about it."""
    with plain(secure) as connection:
        connection.sendall(hello(secure))
        assert connection.recv(1)

    assert notes(secure) == ("a TLS handshake failed: the client hung up in the middle of it",)


def test_a_client_that_distrusts_us_is_noticed_once_a_connection(secure: Registry) -> None:
    """What came several times is said once."""
    for _ in range(3):
        with pytest.raises(ssl.SSLCertVerificationError), connected(secure, ssl.create_default_context()):
            pass

    assert len(notes(secure)) == 3
    line = secure.report().splitlines()[1:]
    assert line == [f"{secure.log.notes[0]}  (3 times)"]
    assert "unknown ca (the client does not trust the registry's certificate" in line[0]


@pytest.mark.parametrize("longest", [None, 2, 0])
def test_notes_are_counted_beyond_what_is_kept(longest: int | None) -> None:
    """A log that keeps the newest knows which of them are new."""
    log = Log(longest)
    for note in "abc":
        log.note(note)

    kept = ("a", "b", "c")[3 - (3 if longest is None else longest) :]
    assert (log.notes, log.noted) == (kept, 3)
    assert [log.notes_since(number) for number in (0, 2, 3)] == [kept, kept[-1:], ()]


@pytest.mark.parametrize(("version", "granted"), [("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)])
def test_old_protocols_are_refused(secure: Registry, version: str, *, granted: bool) -> None:
    """TLS 1.2 is the oldest that clients are still let in with."""
    context = ssl.create_default_context(cafile=secure.ca)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # So that it is not the client who refuses.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]

    if granted:
        with connected(secure, context) as connection:
            assert connection.version() == version.replace("_", ".")
    else:
        with pytest.raises(ssl.SSLError), connected(secure, context):
            pass
        assert "unsupported protocol" in notes(secure)[0]


def test_the_end_is_announced(secure: Registry) -> None:
    """A client that wants the connection closed is told so in TLS's own words."""
    with connected(secure) as connection:
        connection.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert reply(connection)[0] == 404
        assert connection.recv(1) == b""


def test_an_end_that_is_not_announced_would_be_seen(secure: Registry) -> None:
    """The test above can fail: a registry that stops leaves no time for good manners."""
    with connected(secure) as connection:
        connection.sendall(GET)
        assert reply(connection)[0] == 404
        secure.stop()
        with pytest.raises(ssl.SSLEOFError):
            connection.recv(1)


def test_a_refused_upload_is_answered_before_its_end(secure: Registry) -> None:
    """The client reads the refusal, though the registry did not want the rest."""
    with connected(secure) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n")
        assert reply(connection)[0] == 404
        assert connection.recv(1) == b""


def test_a_body_is_told_to_come(secure: Registry) -> None:
    """The word to go on goes through the same keys."""
    address = urlsplit(secure.upload_url).path
    head = f"POST {address} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n"
    token = f"PRIVATE-TOKEN: {secure.publisher.secret}\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"
    with connected(secure) as connection:
        connection.sendall((head + token).encode())
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"--x--")
        assert reply(connection)[0] == 400


@pytest.mark.parametrize("rest", [b"no TLS at all, in the middle of it", b""], ids=["garbage", "the end"])
def test_a_body_that_breaks_off_is_the_clients_affair(
    secure: Registry, rest: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not a bug of ours: no traceback, and the log says who it was."""
    address = urlsplit(secure.upload_url).path
    head = f"POST {address} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {secure.publisher.secret}\r\nContent-Length: 9999\r\n"
    with connected(secure) as connection:
        connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n--x".encode())
        socket.socket.sendall(connection, rest)
        socket.socket.shutdown(connection, socket.SHUT_WR)
        while socket.socket.recv(connection, 1000):
            pass

    (exchange,) = secure.log
    assert (exchange.status, exchange.why) == (0, "the client went away in the middle of its request")
    assert capsys.readouterr().err == ""


def serving(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Answer with the scheme, and as many bytes as the query says."""
    start_response("200 OK", [])
    return [environ["wsgi.url_scheme"].encode(), b"x" * int(environ["QUERY_STRING"] or 0)]


@pytest.mark.parametrize("target", ["/", "https://127.0.0.1/"])
@pytest.mark.parametrize("size", [0, 70_000, 20_000_000])
def test_a_reply_comes_whole(size: int, target: str) -> None:
    """Of any size, to a client that reads it when it likes; and the application knows the scheme."""
    speaking = tls.secured(asked=True, host="127.0.0.1")
    assert speaking is not None
    server = Server(context=speaking.context)
    server.start(serving)
    try:
        context = ssl.create_default_context(cadata=(speaking.ca or b"").decode())
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection,
            context.wrap_socket(connection, server_hostname="127.0.0.1") as secured,
        ):
            for _ in range(2):
                secured.sendall(f"GET {target}?{size} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                assert reply(secured) == (200, b"https" + b"x" * size)
    finally:
        server.stop()


def test_a_large_file_takes_no_memory(secure: Registry) -> None:
    """It is read and sent in blocks; a part of it too."""
    size = 64 * 1024 * 1024
    wheel = secure.make_wheel("large", "1.0", files={"large.bin": b"\0" * size})
    secure.add(wheel)
    address = urlsplit(secure.index_url.removesuffix("/simple")).path
    digest = hashlib.sha256(wheel.data).hexdigest()
    head = f"GET {address}/files/{digest}/{wheel.name} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: {secure.reader.secret}\r\n"
    with connected(secure) as connection:
        tracemalloc.start()
        connection.sendall(f"{head}\r\n".encode())
        with http.client.HTTPResponse(connection) as response:
            response.begin()
            received = sum(iter(lambda: len(response.read(64 * 1024)), 0))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        connection.sendall(f"{head}Range: bytes=-10\r\n\r\n".encode())
        assert reply(connection) == (206, wheel.data[-10:])

    assert received == len(wheel.data) > size
    assert peak < 4 * 1024 * 1024


def test_32_clients_at_once(secure: Registry) -> None:
    """Each with a handshake of its own."""
    statuses: list[int] = []
    together = threading.Barrier(32)

    def work() -> None:
        together.wait()
        with connected(secure) as connection:
            for _ in range(3):
                connection.sendall(GET)
                statuses.append(reply(connection)[0])

    crowd = [threading.Thread(target=work) for _ in range(32)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()

    assert statuses == [404] * 96
    assert notes(secure) == ()
