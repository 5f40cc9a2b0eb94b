"""The servers that are written in Python, each in this process of its own: `python serving.py`.

Each line of JSON on standard input says what is to run; what ran before it is stopped first, so the same line again
means the same server with nothing in it.  The answer is its address.  At the end of the input the last one stops.
"""

from __future__ import annotations

import functools
import json
import logging
import re
import socket
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import stock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from werkzeug import Request, Response

BLOCK = 256 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


@contextmanager
def ours(order: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Run a registry; `wheels`, `files` and `tiny` say what is in it."""
    from pytest_pyreg import Registry

    with Registry(max_file_bytes=order.get("max_file_bytes")) as registry:
        for project, count in order.get("wheels", {}).items():
            registry.add(*stock.wheels(project, count))
        registry.add(*map(Path, order.get("files", ())))
        if "tiny" in order:
            registry.add(*stock.tiny(*order["tiny"]))
        yield {
            "port": urlsplit(registry.url).port,
            "simple": f"{urlsplit(registry.index_url).path.rstrip('/')}/",
            "upload": urlsplit(registry.upload_url).path,
            "reader": [registry.reader.username, registry.reader.secret],
            "publisher": [registry.publisher.username, registry.publisher.secret],
            "env": registry.env(),
        }


@contextmanager
def httpserver(order: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Run a pytest-httpserver with the pages and files of a folder, as a test would prepare them by hand."""
    from pytest_httpserver import HTTPServer
    from werkzeug import Response

    # Its log would go to standard error, a line for each request, which is no part of the comparison.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)

    www, port = Path(order["www"]), order["port"]
    content = functools.cache(Path.read_bytes)

    def file(request: Request) -> Response:
        return Response(content(www / request.path[1:]), content_type="application/octet-stream")

    with HTTPServer(host="127.0.0.1", port=port) as server:
        for page in www.glob("simple/*/index.html"):
            address = f"/simple/{page.parent.name}/"
            server.expect_request(address).respond_with_data(page.read_bytes(), content_type="text/html")
        server.expect_request(re.compile("/files/.*")).respond_with_handler(file)
        yield {"port": port, "simple": "/simple/", "upload": "/"}


@contextmanager
def canned(order: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Run a server that does nothing: it reads and drops what it gets, and has its answers ready.

    `page` names the file that answers every address with a slash at its end, `file` the one for every other; what they
    do not name is answered with a few bytes.
    """
    answers = {"": _whole("text/plain", b"ok\n")}
    if "page" in order:
        answers["/"] = _whole("text/html", Path(order["page"]).read_bytes())
    if "file" in order:
        answers["file"] = _whole("application/octet-stream", Path(order["file"]).read_bytes())

    def answer(head: bytes) -> bytes:
        method, path, _ = head.split(b" ", 2)
        ending = "" if method == b"POST" else "/" if path.endswith(b"/") else "file"
        return answers.get(ending, answers[""])

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        thread = threading.Thread(target=_accept, args=(listening, answer), daemon=True)
        thread.start()
        yield {"port": listening.getsockname()[1], "simple": "/simple/", "upload": "/upload"}
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def _whole(kind: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _accept(listening: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # It was shut down.
            return
        threading.Thread(target=_converse, args=(connection, answer), daemon=True).start()


def _converse(connection: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    """Answer one request after the other until the client hangs up."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    block = bytearray(BLOCK)
    with connection:
        while True:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (data := connection.recv(BLOCK)):
                    return
                head += data
            head, _, body = head.partition(b"\r\n\r\n")
            found = _LENGTH.search(head)
            left = int(found[1]) - len(body) if found else 0
            while left > 0:
                if not (count := connection.recv_into(block, min(left, BLOCK))):
                    return
                left -= count
            connection.sendall(answer(head))


HOSTS = {"ours": ours, "httpserver": httpserver, "canned": canned}


def main() -> None:
    """Run what standard input says."""
    with ExitStack() as running:
        for line in sys.stdin:
            order = json.loads(line)
            running.close()
            address = running.enter_context(HOSTS[order["kind"]](order))
            print(json.dumps(address), flush=True)


if __name__ == "__main__":
    main()
