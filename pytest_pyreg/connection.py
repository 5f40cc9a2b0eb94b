"""HTTP/1.1 on one connection: keep alive, one write for one reply, files sent by the kernel.

A plain request head is read here, since parsing it is most of a small request's cost; anything else is parsed, and
refused, by `http.server` and turned into WSGI by werkzeug's handler.
"""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import sys
import time
import traceback
from email.utils import formatdate
from enum import Enum, auto
from functools import lru_cache
from http.client import HTTPMessage
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from werkzeug.serving import WSGIRequestHandler

from pytest_pyreg.bodies import Body
from pytest_pyreg.sending import FileSlice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BufferedReader
    from wsgiref.types import WSGIEnvironment

ONE_WRITE = 64 * 1024
"""A body up to this size is copied behind its head and sent with it."""
MOST_FIELDS = 100
"""As many header fields as `http.server` takes."""

ENDING = "pyreg.ending"
"""Where in a WSGI environment stands how the connection goes on; nowhere if there is no connection."""


class Ending(Enum):
    """How a connection goes on after a request."""

    USUAL = auto()
    AFTER_REPLY = auto()
    """It ends when all that there is of the reply was sent."""
    SILENT = auto()
    """It ends without a reply."""
    RESET = auto()
    """It is broken off without a reply."""


# RFC 9293, 3.10.4 (ABORT): closed without lingering, a connection is reset.
_ABORT = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

# What is plain: a path from the root without white space, and fields of visible characters on a line each.
_REQUEST = re.compile(rb"([A-Z]{1,20}) (/(?!/)[!-~]{0,8000}) HTTP/1\.1\r\n")
_FIELD = re.compile(
    rb"(?m)^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[!-~\x80-\xff]+(?:[ \t]+[!-~\x80-\xff]+)*)?)[ \t]*\r\n"
)


class Connection(WSGIRequestHandler):
    """One client's connection, until either side has had enough."""

    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.1"  # What is no request gets a whole reply, not only the text of HTTP/0.9.
    disable_nagle_algorithm = True
    rbufsize = 64 * 1024
    wbufsize = 0
    server: Any
    rfile: BufferedReader

    def handle_one_request(self) -> None:
        """Take no offence at a line end that a client has put behind its last body (RFC 9112, 2.2)."""
        while self.rfile.peek(2)[:2] == b"\r\n":
            self.rfile.read(2)
        super().handle_one_request()

    def handle_expect_100(self) -> bool:
        """Leave "100 Continue" until somebody reads the body: a refused upload is never sent."""
        return True

    def parse_request(self) -> bool:
        """Read a plain head here, which is much faster; leave anything else, and its refusal, to `http.server`."""
        request = _REQUEST.fullmatch(self.raw_requestline)
        block = self.rfile.peek()
        end = block.find(b"\r\n\r\n") + 2
        fields = _FIELD.findall(block, 0, max(0, end))
        whole = request is not None and end >= len("\r\n") and 0 < len(fields) <= MOST_FIELDS
        if not whole or len(fields) != block.count(b"\n", 0, end):
            return bool(super().parse_request())
        assert request is not None
        self.rfile.read(end + 2)
        self.headers = HTTPMessage()
        for name, value in fields:
            self.headers.set_raw(name.decode("ascii"), value.decode("latin-1"))
        self.requestline = self.raw_requestline[:-2].decode("ascii")
        self.command, self.path = request[1].decode("ascii"), request[2].decode("ascii")
        self.request_version = "HTTP/1.1"
        self.close_connection = self.headers.get("Connection", "").lower() == "close"
        return True

    def make_environ(self) -> WSGIEnvironment:
        """Make the WSGI environment; of an address as it is sent to a proxy (RFC 9112, 3.2.2), werkzeug's way."""
        if not self.path.startswith("/"):
            environ = super().make_environ()
            if "://" in self.path:
                environ["RAW_URI"] = "/" + self.path.partition("://")[2].partition("/")[2]
            return environ
        path, _, query = self.path.partition("?")
        environ = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http" if self.server.ssl_context is None else "https",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.path,
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": self.server.server_address[0],
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
        }
        for name, text in self.headers.items():
            key, value = _environ_key(name), text.replace("\r\n", "").strip()  # A folded one has line ends in it.
            if key.startswith("HTTP_") and key in environ:
                environ[key] += f",{value}"
            elif key:
                environ[key] = value
        return environ

    def run_wsgi(self) -> None:
        """Answer one request."""
        try:
            environ = self.make_environ()
            body = self._body(environ)
        except ValueError:  # No address, or no length.
            self.send_error(400)
            return
        environ["wsgi.input"] = body
        environ["wsgi.input_terminated"] = True
        environ[ENDING] = Ending.USUAL
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Any:  # noqa: ANN401 - WSGI's `write`.
            head[:] = [(status, headers)]
            return None

        try:
            result = self.server.app(environ, start_response)
        except ConnectionError:
            self.close_connection = True
            return
        except Exception:  # noqa: BLE001 - shown to whoever runs the registry, and to the client as what it is.
            traceback.print_exc(file=sys.stderr)
            result, head = (
                [b"a bug in pyreg; its traceback is on standard error\n"],
                [("500 Internal Server Error", [])],
            )
            self.close_connection = True
        ending = environ[ENDING]
        if ending in {Ending.SILENT, Ending.RESET}:
            self._end(body, reset=ending is Ending.RESET)
            return
        if not body.drainable:
            self.close_connection = True
        try:
            self._send(head[0][0], head[0][1], result)
        finally:
            if ending is Ending.AFTER_REPLY:
                self.close_connection = True  # Not before: a server that breaks down does not say so.
            if close := getattr(result, "close", None):
                close()
        if not self.close_connection and not body.drain(self.connection):
            self.close_connection = True

    def _end(self, body: Body, *, reset: bool) -> None:
        """End the connection without a reply, the request read: a client that is still sending could miss its end."""
        if body.drainable:
            body.drain(self.connection)
        self.close_connection = True
        if reset:
            with contextlib.suppress(OSError):  # The client went away.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
            self.rfile.close()
            self.connection.close()

    def _body(self, environ: WSGIEnvironment) -> Body:
        if len(set(self.headers.get_all("Content-Length", []))) > 1:
            message = "two lengths"
            raise ValueError(message)
        return Body(self.rfile, environ, lambda: self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n"))

    def _send(self, status: str, headers: list[tuple[str, str]], result: Iterable[bytes]) -> None:
        lines = [
            f"HTTP/1.1 {status}",
            f"Date: {_date(int(time.time()))}",
            *[f"{name}: {value}" for name, value in headers],
        ]
        content = b"" if isinstance(result, FileSlice) else b"".join(result)
        if "content-length" not in [name.lower() for name, _ in headers] and not status.startswith(("204", "304")):
            lines.append(f"Content-Length: {len(content)}")
        if self.close_connection:
            lines.append("Connection: close")
        elif self.request_version == "HTTP/1.0":
            lines.append("Connection: keep-alive")
        start = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        connection, secured = self.connection, self.server.ssl_context is not None
        if isinstance(result, FileSlice):
            connection.sendall(start)
            if secured:  # The kernel has no keys; and TLS's own `sendfile` goes by 8 KiB.
                for block in result:
                    connection.sendall(block)
            else:
                connection.sendfile(result.file, result.offset, result.count)
        elif len(content) <= ONE_WRITE:
            connection.sendall(start + content)
        elif secured:  # TLS has no `sendmsg`.
            connection.sendall(start)
            connection.sendall(content)
        else:
            sent = connection.sendmsg([start, content]) - len(start)
            if sent < 0:
                connection.sendall(start[sent:])
                sent = 0
            connection.sendall(memoryview(content)[sent:])

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the exchanges are the log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the base class's name.
        """Say nothing."""


@lru_cache(maxsize=1024)
def _environ_key(name: str) -> str:
    """Return a header's name in a WSGI environment; none for one with an underscore, which could pass for another."""
    if "_" in name:
        return ""
    key = name.upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
