"""A threaded HTTP/1.1 server on the loopback interface that starts and stops in milliseconds.

Request heads are parsed by `http.server` and turned into WSGI by werkzeug's handler; this module owns connections: keep
alive, bodies, draining, one write for one reply, files sent by the kernel, and an end that leaves no thread or socket.
"""

from __future__ import annotations

import contextlib
import io
import selectors
import socket
import sys
import threading
import time
import traceback
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from werkzeug.serving import DechunkedInput, WSGIRequestHandler

from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.sending import FileSlice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import WSGIApplication, WSGIEnvironment

BACKLOG = 256
"""Connections that may wait; with socketserver's 5, uv takes three times as long."""
ONE_WRITE = 64 * 1024
"""A body up to this size is copied behind its head and sent with it."""
DRAIN_BYTES = 256 * 1024 * 1024
DRAIN_SECONDS = 5.0
"""How much of a refused body, and for how long, is read and dropped so that the client gets to its reply."""
LINGER_SECONDS = 0.5
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
        try:
            _Handler(connection, address, self)  # type: ignore[arg-type]  # It has all that the handler asks of a server.
        except (ConnectionError, OSError):
            pass  # The client went away.
        except Exception:  # noqa: BLE001 - a thread's last resort: a bug of ours is shown, not lost.
            traceback.print_exc(file=sys.stderr)
        finally:
            with self._lock:
                self._connections.pop(connection, None)
            _shut(connection, socket.SHUT_WR)
            connection.close()

    def log(self, kind: str, message: str, *args: object) -> None:
        """Take what werkzeug's handler would log; the exchanges say it better."""


class _Handler(WSGIRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 64 * 1024
    wbufsize = 0
    server: Any

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
        environ = self.make_environ()
        try:
            body = _Body(self.rfile, environ, self._continue)
        except ValueError:
            self.send_error(400)
            self.close_connection = True
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
        if body.drainable:
            if not body.drain():
                self.close_connection = True
        elif not body.untouched:
            body.linger(self.connection)

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

    def _continue(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the exchanges are the log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the base class's name.
        """Say nothing."""


class _Body:
    """A request's body, read at most to its end."""

    def __init__(self, stream: Any, environ: WSGIEnvironment, on_first_read: Any) -> None:  # noqa: ANN401 - a function.
        self._stream: Any = stream
        self._on_first_read = on_first_read
        self._expected = environ.get("HTTP_EXPECT", "").lower() == "100-continue"
        self._chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        self._left = 0
        self._broken = False
        self.untouched = True
        if self._chunked:
            self._stream = DechunkedInput(stream)
            self._left = 1
        elif length := environ.get("CONTENT_LENGTH", ""):
            if not (length.isascii() and length.isdecimal()):
                message = f"not a length: {length!r}"
                raise ValueError(message)
            self._left = int(length)

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes, none at the end.

        Raises:
            ConnectionError: the client went away before its body was whole.
            Refused: BODY_BROKEN_OFF, the chunks are garbled.
        """
        if self.untouched and self._left:
            self._on_first_read()
        self.untouched = False
        if not self._left:
            return b""
        if self._chunked:
            return self._read_chunked(size)
        data: bytes = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        if not data or (self._left and 0 <= len(data) < size):
            self._broken = True
            message = "the client went away before its body was whole"
            raise ConnectionAbortedError(message)
        return data

    def _read_chunked(self, size: int) -> bytes:
        try:
            data: bytes = self._stream.read(size)
        except OSError as error:
            self._broken = True
            raise Refused(Refusal.BODY_BROKEN_OFF) from error
        if not data:
            self._left = 0
        return data

    @property
    def drainable(self) -> bool:
        """Whether the rest is small enough, and sure enough to come, to be read so that the connection can go on."""
        if self._broken or (self._expected and self.untouched and self._left):
            return False
        return self._left <= DRAIN_BYTES

    def drain(self) -> bool:
        """Read and drop the rest; return whether the end was reached within bounds."""
        deadline, dropped = time.monotonic() + DRAIN_SECONDS, 0
        while self._left:
            try:
                block = self.read(256 * 1024)
            except (ConnectionError, Refused):
                return False
            dropped += len(block)
            if dropped > DRAIN_BYTES or time.monotonic() > deadline:
                return False
        return True

    def linger(self, connection: socket.socket) -> None:
        """Give the client a moment to read its reply before the connection is reset under it."""
        _shut(connection, socket.SHUT_WR)
        connection.settimeout(LINGER_SECONDS)
        deadline = time.monotonic() + DRAIN_SECONDS
        try:
            while time.monotonic() < deadline and connection.recv(io.DEFAULT_BUFFER_SIZE * 32):
                pass
        except OSError:
            pass


def _shut(connection: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):  # It is closed already.
        connection.shutdown(how)
