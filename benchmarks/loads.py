"""The clients, in a process of their own so that no server shares their interpreter lock: `python loads.py`.

Each line of JSON on standard input is one load; the answer is what was measured.  Whatever a server answers is checked:
a refused request is an error, not a fast reply.
"""

from __future__ import annotations

import base64
import http.client
import io
import json
import random
import re
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BUFFER = 4 * 1024 * 1024
BLOCK = 1024 * 1024
TIMEOUT = 120.0
BOUNDARY = "9f1c7e5ab2d84036a1e8d7c54b3f2a60"
"""As long as what clients choose: how fast a body can be searched for it depends on that."""
UNTOLD = float("inf")
"""The length of a body that ends where the connection does."""
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)")


class Wire:
    """A client of raw sockets that keeps its connection as long as the server does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._last = False
        self._buffer = bytearray(BUFFER)
        self._view = memoryview(self._buffer)

    def ask(self, *parts: bytes | Sequence[bytes]) -> tuple[int, memoryview]:
        """Send a request and read the whole reply.

        Args:
            parts: the request's bytes; a sequence is sent one after the other.

        Returns:
            How long the reply's body is, and the body if it fits into the buffer, else its end.

        Raises:
            RuntimeError: the answer is no success, or shorter than it says.
        """
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=TIMEOUT)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = self._socket
        for part in parts:
            for block in (part,) if isinstance(part, bytes) else part:
                connection.sendall(block)
        length, start, filled = self._head(connection)
        arrived = filled - start
        while arrived < length:
            if filled == BUFFER:
                filled = start = 0
            if not (count := connection.recv_into(self._view[filled:])):
                break
            filled, arrived = filled + count, arrived + count
        if length is not UNTOLD and arrived != length:
            raise RuntimeError(f"{arrived} bytes came instead of {length}")
        if self._last:
            self.close()
        return arrived, self._view[start:filled]

    def _head(self, connection: socket.socket) -> tuple[float, int, int]:
        """Read a reply's head; return its body's length, where that begins in the buffer, and how much is there."""
        filled = 0
        while (end := self._buffer.find(b"\r\n\r\n", 0, filled)) < 0:
            if not (count := connection.recv_into(self._view[filled:])):
                raise RuntimeError("the server hung up instead of answering")
            filled += count
        head = bytes(self._buffer[:end]).lower()
        if not head.startswith((b"http/1.1 20", b"http/1.0 20")):
            raise RuntimeError(f"the server refused: {bytes(self._buffer[: min(filled, 500)])!r}")
        found = _LENGTH.search(head)
        self._last = found is None or b"connection: close" in head or head.startswith(b"http/1.0")
        return (int(found[1]) if found else UNTOLD), end + 4, filled

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _head(method: str, path: str, login: Sequence[str] | None, **headers: object) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "User-Agent: benchmark", "Accept: text/html, */*"]
    if login:
        lines.append(f"Authorization: {_basic(login)}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _basic(login: Sequence[str]) -> str:
    return f"Basic {base64.b64encode(':'.join(login).encode()).decode()}"


def page(job: dict[str, Any]) -> dict[str, Any]:
    """Ask for one page again and again for `seconds` by a raw socket, and say how many replies came in a second."""
    wire, request = Wire(job["port"]), _head("GET", job["path"], job["login"])
    length, body = wire.ask(request)  # Opens the connection, and lets the server make the page.
    links = re.findall(rb'<a [^>]*href="([^"#]+)', body)
    rate = _rate(lambda: wire.ask(request), job["seconds"])
    wire.close()
    return {"rate": rate, "length": length, "links": len(links), "first": links[0].decode() if links else ""}


def library_page(job: dict[str, Any]) -> dict[str, Any]:
    """Do the same by Python's own client, which pip's is built on."""
    connection = http.client.HTTPConnection("127.0.0.1", job["port"], timeout=TIMEOUT)
    headers = {"Authorization": _basic(job["login"])} if job["login"] else {}

    def ask() -> None:
        connection.request("GET", job["path"], headers=headers)
        reply = connection.getresponse()
        reply.read()
        if reply.status != http.HTTPStatus.OK:
            raise RuntimeError(f"the server refused: {reply.status} {reply.reason}")

    ask()
    rate = _rate(ask, job["seconds"])
    connection.close()
    return {"rate": rate}


def _rate(ask: Callable[[], object], seconds: float) -> float:
    count, begun = 0, time.perf_counter()
    while (taken := time.perf_counter() - begun) < seconds:
        ask()
        count += 1
    return count / taken


def download(job: dict[str, Any]) -> dict[str, Any]:
    """Fetch one file over a new connection."""
    wire, request = Wire(job["port"]), _head("GET", job["path"], job["login"])
    begun = time.perf_counter()
    length, _ = wire.ask(request)
    taken = time.perf_counter() - begun
    wire.close()
    return {"bytes": length, "seconds": taken}


def push(job: dict[str, Any]) -> dict[str, Any]:
    """Upload files of `size` bytes by hand, one connection for all, as fast as the server takes them."""
    wire, taken = Wire(job["port"]), []
    for version in job["versions"]:
        fields = {":action": "file_upload", "name": job["project"], "version": version}
        filename = f"{job['project'].replace('-', '_')}-{version}-py3-none-any.whl"
        front = "".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        front += (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="content"; filename="{filename}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        tail, size, kind = f"\r\n--{BOUNDARY}--\r\n".encode(), job["size"], f"multipart/form-data; boundary={BOUNDARY}"
        head = _head(
            "POST",
            job["path"],
            job["login"],
            Content_Type=kind,
            Content_Length=len(front) + size + len(tail),
        )
        whole, rest = divmod(size, BLOCK)
        block = random.Random(0).randbytes(BLOCK)  # noqa: S311 - to be the same each time, not secret.
        body = (block if number < whole else block[:rest] for number in range(whole + 1))
        begun = time.perf_counter()
        if whole:
            wire.ask(head + front.encode(), body, tail)  # type: ignore[arg-type]  # Generated, so that any size fits into memory.
        else:
            wire.ask(head + front.encode() + block[:rest] + tail)
        taken.append(time.perf_counter() - begun)
    wire.close()
    return {"seconds": taken}


def twine(job: dict[str, Any]) -> dict[str, Any]:
    """Upload files by twine's own code."""
    from twine.commands import upload
    from twine.settings import Settings

    username, password = job["login"] or ("nobody", "nothing")
    settings = Settings(
        username=username,
        password=password,
        repository_url=f"http://127.0.0.1:{job['port']}{job['path']}",
        non_interactive=True,
        disable_progress_bar=True,
    )
    begun = time.perf_counter()
    upload.upload(settings, job["files"])
    return {"seconds": time.perf_counter() - begun}


LOADS = {"page": page, "library page": library_page, "download": download, "push": push, "twine": twine}


def main() -> None:
    """Run the loads that standard input says."""
    answers, sys.stdout = sys.stdout, io.StringIO()  # What twine prints is not for us.
    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps(LOADS[job["load"]](job)), file=answers, flush=True)
        sys.stdout.seek(0)
        sys.stdout.truncate()


if __name__ == "__main__":
    main()
