"""A threaded HTTP/1.1 server on the loopback interface that starts and stops in milliseconds.

Request heads are parsed by `http.server` and turned into WSGI by werkzeug's handler; this module owns connections: keep
alive, one write for one reply, files sent by the kernel, and an end that leaves no thread or socket.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys
import threading
import time
import traceback
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler

from pytest_pyreg.bodies import Body
from pytest_pyreg.sending import FileSlice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BufferedReader
    from wsgiref.types import WSGIApplication, WSGIEnvironment

BACKLOG = 256
"""Connections that may wait; with socketserver's 5, uv takes three times as long."""
ONE_WRITE = 64 * 1024
"""A body up to this size is copied behind its head and sent with it."""
LINGER_SECONDS = 5.0
LINGER_IDLE_SECONDS = 0.5
"""How long, in all and between two packets, a client is listened to after its last reply, so that it can read it."""
STOP_SECONDS = 2.0


class Server:
    """A WSGI application on a port of its own.

    Args:
        port: which; any free one if zero.
        host: where to listen.

    Raises:
        OSError: the port is taken.
    """

    # What werkzeug's request handler asks of its server.
    multithread = True
    multiprocess = False
    ssl_context = None
    _server_version = ""

    def __init__(self, *, port: int = 0, host: str = "127.0.0.1") -> None:
        self.app: WSGIApplication | None = None
        self._socket = socket.create_server((host, port), backlog=BACKLOG)
        self.server_address: tuple[str, int] = self._socket.getsockname()[:2]
        self._wake, self._woken = socket.socketpair()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._stopping = False
        self._thread = threading.Thread(target=self._accept, name=f"pyreg-{self.port}", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.server_address[1]

    def start(self, app: WSGIApplication) -> None:
        """Begin to answer with this application."""
        self.app = app
        self._thread.start()

    def stop(self) -> None:
        """End every connection, close the port, wait for the threads.  A client half-way through gets a hang-up."""
        self._stopping = True
        self._wake.send(b"x")
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()
        self._wake.close()
        self._woken.close()
        with self._lock:
            open_now = dict(self._connections)
        for connection in open_now:
            _shut(connection, socket.SHUT_RDWR)
        deadline = time.monotonic() + STOP_SECONDS
        for thread in open_now.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                selector.select()
                if self._stopping:
                    return
                try:
                    connection, address = self._socket.accept()
                except OSError:  # The client was gone before it was accepted.
                    continue
                thread = threading.Thread(
                    target=self._serve, args=(connection, address), name=f"pyreg-{self.port}", daemon=True
                )
                with self._lock:
                    self._connections[connection] = thread
                thread.start()

    def _serve(self, connection: socket.socket, address: tuple[str, int]) -> None:
        connection.settimeout(None)  # Whatever the process's default is.
        try:
            _Handler(connection, address, self)  # type: ignore[arg-type]  # It has all that the handler asks of a server.
        except (ConnectionError, OSError):
            pass  # The client went away.
        except Exception:  # noqa: BLE001 - a thread's last resort: a bug of ours is shown, not lost.
            traceback.print_exc(file=sys.stderr)
        finally:
            _linger(connection)
            with self._lock:
                self._connections.pop(connection, None)
            connection.close()

    def log(self, kind: str, message: str, *args: object) -> None:
        """Take what werkzeug's handler would log; the exchanges say it better."""


class _Handler(WSGIRequestHandler):
    """One connection."""

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

    def make_environ(self) -> WSGIEnvironment:
        environ = super().make_environ()
        if not self.path.startswith("/") and "://" in self.path:  # The absolute form of RFC 9112, as sent to a proxy.
            rest = self.path.partition("://")[2]
            environ["RAW_URI"] = "/" + rest.partition("/")[2]
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
        if not body.drainable:
            self.close_connection = True
        try:
            self._send(head[0][0], head[0][1], result)
        finally:
            if close := getattr(result, "close", None):
                close()
        if not self.close_connection and not body.drain(self.connection):
            self.close_connection = True

    def _body(self, environ: WSGIEnvironment) -> Body:
        if len(set(self.headers.get_all("Content-Length", []))) > 1:
            message = "two lengths"
            raise ValueError(message)
        return Body(self.rfile, environ, lambda: self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n"))

    def _send(self, status: str, headers: list[tuple[str, str]], result: Iterable[bytes]) -> None:
        lines = [
            f"HTTP/1.1 {status}",
            f"Date: {formatdate(usegmt=True)}",
            *(f"{name}: {value}" for name, value in headers),
        ]
        content = b"" if isinstance(result, FileSlice) else b"".join(result)
        if not any(name.lower() == "content-length" for name, _ in headers) and not status.startswith("304"):
            lines.append(f"Content-Length: {len(content)}")
        if self.close_connection:
            lines.append("Connection: close")
        elif self.request_version == "HTTP/1.0":
            lines.append("Connection: keep-alive")
        start = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        connection = self.connection
        if isinstance(result, FileSlice):
            connection.sendall(start)
            connection.sendfile(result.file, result.offset, result.count)
        elif len(content) <= ONE_WRITE:
            connection.sendall(start + content)
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


def _shut(connection: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):  # It is closed already.
        connection.shutdown(how)


def _linger(connection: socket.socket) -> None:
    """End a connection so that the client gets all that was sent: closed on unread bytes, the kernel would drop it."""
    _shut(connection, socket.SHUT_WR)
    deadline = time.monotonic() + LINGER_SECONDS
    with contextlib.suppress(OSError):
        connection.settimeout(LINGER_IDLE_SECONDS)
        while time.monotonic() < deadline and connection.recv(64 * 1024):
            pass
