"""A plain request head is read in one step and any other by `http.server`; an application must not see which."""

from __future__ import annotations

import ast
import http.client
import re
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

SEEN = re.compile(r"HTTP_.+|CONTENT_\w+|PATH_INFO|QUERY_STRING|RAW_URI|REQUEST_METHOD|S\w+")


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Answer with what the head said."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    seen = {key: value for key, value in environ.items() if SEEN.fullmatch(key)}
    return [repr(seen).encode(), b"\n", environ["wsgi.input"].read(-1)]


@pytest.fixture(name="server", scope="module")
def _server() -> Iterator[Server]:
    server = Server()
    server.start(echo)
    yield server
    server.stop()


def ask(server: Server, *pieces: bytes) -> tuple[dict[str, Any], bytes, bool]:
    """Send a request in pieces; return what the application saw, the body, and whether the connection goes on."""
    with socket.create_connection(server.server_address, timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.002 if len(pieces) > 1 else 0)
        with http.client.HTTPResponse(connection) as response:
            response.begin()
            assert response.status == 200
            seen, _, body = response.read().partition(b"\n")
            return ast.literal_eval(seen.decode()), body, response.headers["Connection"] is None


HEADS: dict[str, tuple[bytes, dict[str, str]]] = {
    "plain": (b"GET /a/b?c=d HTTP/1.1\r\nHost: x", {"PATH_INFO": "/a/b", "QUERY_STRING": "c=d", "HTTP_HOST": "x"}),
    "no fields": (b"GET / HTTP/1.1", {"PATH_INFO": "/", "QUERY_STRING": ""}),
    "old": (b"GET / HTTP/1.0\r\nHost: x", {"SERVER_PROTOCOL": "HTTP/1.0"}),
    "blanks": (b"GET / HTTP/1.1\r\nA:b\r\nC: \t d  e\tf \t\r\nG:\r\nH: ", {"HTTP_A": "b", "HTTP_G": "", "HTTP_H": ""}),
    "twice": (b"GET / HTTP/1.1\r\nA: b\r\na: c\r\nA: d", {"HTTP_A": "b,c,d"}),
    "underscore": (b"GET / HTTP/1.1\r\nA_B: c\r\nA-B: d\r\nContent_Length: 9", {"HTTP_A_B": "d"}),
    "odd names": (b"GET / HTTP/1.1\r\n!#$%&'*+.^`|~9: x", {"HTTP_!#$%&'*+.^`|~9": "x"}),
    "latin-1": (b"GET / HTTP/1.1\r\nA: caf\xe9", {"HTTP_A": "caf\xe9"}),
    "UTF-8": (b"GET / HTTP/1.1\r\nA: caf\xc3\xa9", {"HTTP_A": "caf\xc3\xa9"}),
    "folded": (b"GET / HTTP/1.1\r\nA: b\r\n c\r\nD: e", {"HTTP_A": "b c", "HTTP_D": "e"}),
    "colons": (b"GET /a:b HTTP/1.1\r\nHost: x:80\r\nA: b: c", {"HTTP_HOST": "x:80", "HTTP_A": "b: c"}),
    "escapes": (b"GET /%61%2F%C3%A9%ff?%61 HTTP/1.1", {"PATH_INFO": "/a/\xc3\xa9\xff", "QUERY_STRING": "%61"}),
    "signs": (b"GET /a#b?c?d HTTP/1.1", {"RAW_URI": "/a#b?c?d"}),
    "method": (b"BREW / HTTP/1.1\r\nHost: x", {"REQUEST_METHOD": "BREW"}),
    "small letters": (b"get / HTTP/1.1\r\nHost: x", {"REQUEST_METHOD": "get"}),
    "many": (b"GET / HTTP/1.1" + b"\r\nA: b" * 90, {"HTTP_A": ",".join("b" * 90)}),
    "long": (b"GET /%b HTTP/1.1\r\nA: %b" % (b"x" * 9000, b"y" * 60_000), {"HTTP_A": "y" * 60_000}),
    "LF": (b"GET / HTTP/1.1\nA: b\nC: d", {"HTTP_A": "b", "HTTP_C": "d"}),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_says_the_same_however_it_is_read(server: Server, name: str) -> None:
    """A head that comes at once, byte by byte, or with more behind it."""
    head, expected = HEADS[name]
    head += b"\n\n" if name == "LF" else b"\r\n\r\n"
    middle = head.index(b"\n") + 1

    seen, _, goes_on = ask(server, head)

    assert {key: seen[key] for key in expected} == expected
    assert (seen, b"", goes_on) == ask(server, head[:middle], head[middle:-1], head[-1:])
    assert (seen, b"", goes_on) == ask(server, head[: len(head) // 2], head[len(head) // 2 :])
    assert (seen, b"", goes_on) == ask(server, head + b"GET /next HTTP/1.1\r\nHost: next\r\n\r\n")


@pytest.mark.parametrize("cut", [1, 30, 60, 64])
@pytest.mark.parametrize("body", [b"", b"x" * 5, b"\r\n\r\n", b"A: b\r\n\r\n" * 50_000])
def test_a_body_is_not_read_as_a_head(server: Server, body: bytes, cut: int) -> None:
    """Where the head ends, the body begins."""
    data = b"POST /path HTTP/1.1\r\nHost: x\r\nA: b\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    seen, sent, _ = ask(server, data)

    assert sent == body
    assert (seen["HTTP_A"], seen["CONTENT_LENGTH"]) == ("b", str(len(body)))
    assert (seen, sent, True) == ask(server, data[:cut], data[cut:])


@pytest.mark.parametrize(
    ("value", "goes_on"), [(b"close", False), (b"Close", False), (b"keep-alive", True), (b"", True), (b"upgrade", True)]
)
def test_the_end_is_asked_for_in_the_same_words(server: Server, value: bytes, *, goes_on: bool) -> None:
    """`Connection: close` is understood either way."""
    head = b"GET / HTTP/1.1\r\nConnection: %b\r\n\r\n" % value

    assert ask(server, head)[2] is goes_on
    assert ask(server, head[:20], head[20:])[2] is goes_on
