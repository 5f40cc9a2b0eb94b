"""Request bodies over real sockets: where they end, who is asked to send one, and what becomes of a refused one."""

from __future__ import annotations

import http.client
import socket
import tempfile
import time
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import ANONYMOUS, Credential, Registry, bodies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRAMED = {"Content-Length", "Transfer-Encoding"}
ENCODED = "Transfer-Encoding: chunked"
NEXT = b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n"


class Upload:
    """An upload in pieces, so that it can be put together wrongly; the publisher's if nobody else's."""

    def __init__(self, registry: Registry, size: int = 100, credential: Credential | None = None) -> None:
        who = credential or registry.publisher
        request = requests.Request(
            "POST",
            registry.upload_url,
            data={"name": "demo", "version": "1"},
            files={"content": ("f.whl", b"x" * size)},
            auth=None if who == ANONYMOUS else (who.username, who.secret),
        ).prepare()
        assert isinstance(request.body, bytes)
        self.body = request.body
        self._lines = [
            f"POST {request.path_url} HTTP/1.1",
            *(f"{name}: {value}" for name, value in request.headers.items() if name not in FRAMED),
        ]

    def head(self, *lines: str, version: str = "1.1") -> bytes:
        """Return the head with these lines besides."""
        return "\r\n".join([*self._lines, *lines, "", ""]).replace("HTTP/1.1", f"HTTP/{version}").encode("latin-1")

    def whole(self, *lines: str) -> bytes:
        """Return the upload as it should be."""
        return self.head(f"Content-Length: {len(self.body)}", *lines) + self.body

    def chunked(self, size: int = 64 * 1024, *, head: str = "{:x}\r\n", last: str = "0\r\n\r\n") -> bytes:
        """Return the body in chunks of this size."""
        blocks = (self.body[start : start + size] for start in range(0, len(self.body), size))
        return b"".join(b"%b%b\r\n" % (head.format(len(block)).encode(), block) for block in blocks) + last.encode()


@pytest.fixture(name="wire")
def _wire(registry: Registry) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", int(registry.url.rpartition(":")[2])), timeout=10) as wire:
        yield wire


def reply(wire: socket.socket) -> tuple[int, bytes]:
    """Return status and body of the next reply."""
    with http.client.HTTPResponse(wire) as response:
        response.begin()
        return response.status, response.read()


def goes_on(wire: socket.socket) -> bool:
    """Tell whether the connection serves another request."""
    wire.sendall(NEXT)
    return reply(wire)[0] == 404


@pytest.fixture(name="untouched")
def _untouched(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Check at the end that nothing was stored and no file is left."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert registry.projects() == set()
    assert not registry._blobs._blobs
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 100, 300_000, 5_000_000])
@pytest.mark.parametrize("chunk", [None, 1000, 1 << 20])
def test_a_body_of_known_length_or_in_chunks(
    registry: Registry, wire: socket.socket, size: int, chunk: int | None
) -> None:
    """Both are stored to the byte, and the connection goes on."""
    upload = Upload(registry, size)
    wire.sendall(upload.whole() if chunk is None else upload.head(ENCODED) + upload.chunked(chunk))

    assert reply(wire) == (201, b'{"message":"201 Created"}')
    (blob,) = registry._blobs._blobs.values()
    assert (blob.data or (blob.path and blob.path.read_bytes()) or b"") == b"x" * size
    assert goes_on(wire)


@pytest.mark.parametrize("head", ["{:X}\r\n", "{:08x};name=value\r\n", "{:x} \n", '{:x} ; a="b"; c\r\n'])
@pytest.mark.parametrize("last", ["0\r\n\r\n", "000;last\r\nTrailer: x\r\nAnother: y\r\n\r\n", "0\n\n"])
def test_chunks_as_the_standard_has_them(registry: Registry, wire: socket.socket, head: str, last: str) -> None:
    """Extensions, trailers, capitals and zeros are no error."""
    upload = Upload(registry)
    wire.sendall(upload.head(ENCODED) + upload.chunked(43, head=head, last=last))

    assert reply(wire)[0] == 201
    assert goes_on(wire)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "garbage",
    ["zz\r\n", "-5\r\n", "+5\r\n", "0x5\r\n", "1_0\r\n", "\r\n", "5\r\nabcdeXX\r\n", "f" * 20 + "\r\n", "1" * 9000],
    ids=lambda garbage: ascii(garbage)[:12],
)
@pytest.mark.parametrize("size", [1000, 300_000])
def test_garbled_chunks_are_refused(registry: Registry, wire: socket.socket, garbage: str, size: int) -> None:
    """What is no chunk ends the upload and the connection."""
    upload = Upload(registry, size)
    upload.body = upload.body[:-200]
    wire.sendall(upload.head(ENCODED) + upload.chunked(last=garbage) + b"0\r\n\r\n")

    assert reply(wire) == (500, b"Internal Server Error\n")
    assert not wire.recv(1)
    assert [exchange.refusal for exchange in registry.log] == ["BODY_BROKEN_OFF"]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "lines",
    [
        *([f"Content-Length: {value}"] for value in ("-1", "x", "1.0", "+5", "1_0", "\xb2", "5, 5")),
        *([f"Transfer-Encoding: {value}"] for value in ("", "gzip", "gzip, chunked", "xchunked")),
        ["Content-Length: 5", "Content-Length: 6"],
    ],
    ids=" ".join,
)
def test_a_body_without_an_end_is_refused(registry: Registry, wire: socket.socket, lines: list[str]) -> None:
    """A request whose body ends nobody knows where is no request."""
    upload = Upload(registry)
    wire.sendall(upload.head(*lines) + upload.body)

    assert reply(wire)[0] == 400
    assert not wire.recv(1)
    assert len(registry.log) == 0


@pytest.mark.parametrize("lines", [["Content-Length: {}", "content-length: {}"], ["Content-Length:   {}  "]])
def test_odd_lengths_are_understood(registry: Registry, wire: socket.socket, lines: list[str]) -> None:
    """The same length twice, or with blanks, is a length."""
    upload = Upload(registry)
    wire.sendall(upload.head(*(line.format(len(upload.body)) for line in lines)) + upload.body)

    assert reply(wire)[0] == 201


def test_a_client_that_waits_is_told_to_go_on(registry: Registry, wire: socket.socket) -> None:
    """Whoever may upload and asks first gets a "100 Continue" before the reply."""
    upload = Upload(registry)
    wire.sendall(upload.head(f"Content-Length: {len(upload.body)}", "Expect: 100-Continue"))

    assert wire.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    wire.sendall(upload.body)
    assert reply(wire)[0] == 201
    assert goes_on(wire)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("framing", ["Content-Length: 12000000", ENCODED])
@pytest.mark.parametrize("pieces", [1, 2])
def test_a_client_that_waits_is_refused_before_it_sends(
    registry: Registry, wire: socket.socket, framing: str, pieces: int
) -> None:
    """Whoever may not upload gets the refusal, and sends nothing, whether its head came at once or not."""
    head = Upload(registry, credential=ANONYMOUS).head(framing, "Expect: 100-continue")
    wire.sendall(head[: len(head) // pieces])
    time.sleep(0.01)
    wire.sendall(head[len(head) // pieces :])

    assert wire.recv(12) == b"HTTP/1.1 401"
    while wire.recv(10_000):  # Up to the end: the body may or may not come, so the connection cannot go on.
        pass


def test_an_old_client_cannot_wait(registry: Registry, wire: socket.socket) -> None:
    """HTTP/1.0 knows no 100, so the expectation is ignored."""
    upload = Upload(registry)
    wire.sendall(
        upload.head(f"Content-Length: {len(upload.body)}", "Expect: 100-continue", version="1.0") + upload.body
    )

    assert wire.recv(12) == b"HTTP/1.1 201"


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("stranger", 404), ("reader", 403)])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_refused_upload_gets_its_reply(
    registry: Registry, wire: socket.socket, who: str, status: int, chunked: bool
) -> None:
    """A client that has sent 12 MB for nothing reads why, and not a reset; the connection goes on."""
    upload = Upload(registry, 12_000_000, ANONYMOUS if who == "nobody" else getattr(registry, who))
    wire.sendall(upload.head(ENCODED) + upload.chunked() if chunked else upload.whole())

    assert reply(wire)[0] == status
    assert goes_on(wire)


@pytest.mark.usefixtures("untouched")
def test_a_refused_upload_gets_its_reply_through_requests(registry: Registry) -> None:
    """The same with a real client, several times on one connection, also for HTTP's own refusals."""
    with requests.Session() as session:
        for path, status in (("", 401), ("/nowhere", 404), ("/simple", 404), ("", 401)):
            files = {"content": ("f.whl", b"x" * 12_000_000)}
            assert session.post(registry.upload_url + path, files=files, timeout=10).status_code == status


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("framing", ["Content-Length: 1000", ENCODED + "\r\n\r\n3e8"])
def test_a_refused_client_that_stops_sending_is_left(
    registry: Registry, wire: socket.socket, framing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever for the rest of a body that nobody wants."""
    monkeypatch.setattr(bodies, "DRAIN_SECONDS", 0.1)
    wire.sendall(Upload(registry, credential=ANONYMOUS).head(framing) + b"x" * 10)

    assert reply(wire)[0] == 401
    start = time.monotonic()
    assert not wire.recv(1)
    assert 0.05 < time.monotonic() - start < 1


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("chunked", [False, True])
def test_a_refused_client_that_sends_too_much_is_left(
    registry: Registry, wire: socket.socket, monkeypatch: pytest.MonkeyPatch, *, chunked: bool
) -> None:
    """There is a bound to what is read and dropped; the reply comes all the same, and says so if that is known."""
    monkeypatch.setattr(bodies, "DRAIN_BYTES", 1_000_000)
    upload = Upload(registry, 4_000_000, ANONYMOUS)
    wire.sendall(upload.head(ENCODED) + upload.chunked() if chunked else upload.whole())

    with wire.makefile("rb") as stream:
        head, _, body = stream.read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 401 ")
    assert (b"Connection: close" in head) is not chunked
    assert body == b'{"message":"401 Unauthorized"}'


def test_a_connection_may_rest_after_a_refusal(
    registry: Registry, wire: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The patience with refused bodies ends with the body."""
    monkeypatch.setattr(bodies, "DRAIN_SECONDS", 0.1)
    wire.sendall(Upload(registry, 1_000_000, ANONYMOUS).whole())
    assert reply(wire)[0] == 401
    time.sleep(0.2)

    assert goes_on(wire)


@pytest.mark.parametrize("who", ["publisher", "stranger"])
def test_the_rest_of_a_body_is_no_request(registry: Registry, wire: socket.socket, who: str) -> None:
    """What stands behind the end of a form belongs to its body, whatever it looks like."""
    upload = Upload(registry, credential=getattr(registry, who))
    upload.body += NEXT.replace(b"/next", b"/smuggled") * 20_000
    wire.sendall(upload.whole())

    assert reply(wire)[0] == (201 if who == "publisher" else 404)
    assert goes_on(wire)
    assert [exchange.path for exchange in registry.log][1:] == ["/next"]


def test_more_than_the_length_is_not_the_next_request(registry: Registry, wire: socket.socket) -> None:
    """Bytes past the announced length garble the next request on this connection, which is then not granted."""
    upload = Upload(registry)
    index = registry.index_url.removeprefix(registry.url)
    wire.sendall(upload.whole() + b"XX")
    assert reply(wire)[0] == 201
    wire.sendall(upload.head().replace(b"POST", b"GET").replace(upload.head().split()[1], index.encode()))

    assert reply(wire)[0] == 404
    assert registry.log[-1].method == "XXGET"
    auth = registry.publisher.username, registry.publisher.secret
    assert requests.get(registry.index_url, auth=auth, timeout=10).status_code == 200


def test_a_line_end_behind_a_body_does_no_harm(registry: Registry, wire: socket.socket) -> None:
    """Some clients send one line end too many."""
    wire.sendall(Upload(registry).whole() + b"\r\n")

    assert reply(wire)[0] == 201
    assert goes_on(wire)
