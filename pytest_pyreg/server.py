"""A threaded server on the loopback interface that starts and stops in milliseconds and leaves no thread or socket.

Owns the port, the threads and the end of connections; what is said on one is `connection`'s, how TLS begins is `tls`'s.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING

from pytest_pyreg import tls
from pytest_pyreg.connection import Connection

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from wsgiref.types import WSGIApplication

BACKLOG = 256
"""Connections that may wait; with socketserver's 5, uv takes three times as long."""
LINGER_SECONDS = 5.0
LINGER_IDLE_SECONDS = 0.5
"""How long, in all and between two packets, a client is listened to after its last reply, so that it can read it."""
STOP_SECONDS = 2.0


class Server:
    """A WSGI application on a port of its own.

    Args:
        port: which; any free one if zero.
        host: where to listen.
        name: what URLs call that; the host itself if empty.
        listening: a socket that listens already, instead of these; it is closed in the end.
        context: how to speak TLS; plain HTTP if left out.
        noticed: told of every client that did not come as far as a request, and why.

    Raises:
        OSError: the port is taken.
    """

    # What werkzeug's request handler asks of its server.
    multithread = True
    multiprocess = False
    _server_version = ""

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        name: str = "",
        listening: socket.socket | None = None,
        context: ssl.SSLContext | None = None,
        noticed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.app: WSGIApplication | None = None
        self.ssl_context = context
        self._noticed = noticed
        self._name = name or host
        self._greetings = 0
        self._greeted = threading.Condition()
        self._socket = listening or _listening(host, port)
        self.server_address: tuple[str, int] = self._socket.getsockname()[:2]
        self._wake, self._woken = socket.socketpair()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._stopping = False
        self._process = os.getpid()
        self._thread = threading.Thread(target=self._accept, name=f"pyreg-{self.port}", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.server_address[1]

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a URL begins."""
        return f"{'http' if self.ssl_context is None else 'https'}://{self._name}:{self.port}"

    def settle(self, seconds: float) -> None:
        """Wait until no client is in the middle of a TLS handshake, that long at most."""
        with self._greeted:
            self._greeted.wait_for(lambda: not self._greetings, seconds)

    def start(self, app: WSGIApplication) -> None:
        """Begin to answer with this application."""
        self.app = app
        self._thread.start()

    def stop(self) -> None:
        """End every connection, close the port, wait for the threads.  A client half-way through gets a hang-up.

        In a child of the process that started it there is nothing to stop: the threads are the parent's.
        """
        if os.getpid() != self._process:
            return
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

    def hang_up(self) -> None:
        """End every connection that is open now; the port stays open."""
        with self._lock:
            open_now = tuple(self._connections)
        for connection in open_now:
            _shut(connection, socket.SHUT_RDWR)

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
                try:
                    thread.start()
                except RuntimeError:  # The machine has no thread left: this client is turned away, the next may fit.
                    with self._lock:
                        del self._connections[connection]
                    connection.close()

    def _serve(self, connection: socket.socket, address: tuple[str, int]) -> None:
        connection.settimeout(None)  # Whatever the process's default is.
        try:
            if self.ssl_context is not None:
                # Here, in the connection's own thread, nobody else waits for a slow client.
                with self._greeting():
                    tls.hear(connection)
                    connection = self._wrapped(connection, self.ssl_context)
                    tls.agree(connection)
            Connection(connection, address, self)  # type: ignore[arg-type]  # It has all that the handler asks of a server.
        except (ConnectionError, OSError):
            pass  # The client went away.
        except Exception:  # noqa: BLE001 - a thread's last resort: a bug of ours is shown, not lost.
            traceback.print_exc(file=sys.stderr)
        finally:
            _linger(connection)
            with self._lock:
                self._connections.pop(connection, None)
            connection.close()

    def _wrapped(self, connection: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        """Put a connection that speaks TLS in the place of a plain one, so that it is the one that is stopped."""
        with self._lock:
            thread = self._connections.pop(connection)
            wrapped = tls.wrapped(connection, context)
            self._connections[wrapped] = thread
        if self._stopping:
            _shut(wrapped, socket.SHUT_RDWR)
        return wrapped

    @contextlib.contextmanager
    def _greeting(self) -> Iterator[None]:
        """Count who is in the middle of a handshake, and tell of one that failed."""
        with self._greeted:
            self._greetings += 1
        try:
            yield
        except tls.HandshakeFailed as failed:
            if not self._stopping:
                self._noticed(str(failed))
            raise ConnectionAbortedError from failed
        finally:
            with self._greeted:
                self._greetings -= 1
                self._greeted.notify_all()

    def log(self, kind: str, message: str, *args: object) -> None:
        """Take what werkzeug's handler would log; the exchanges say it better."""


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        OSError: there it cannot; it says where.
    """
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        number = error.errno or 0
        said = f"cannot listen on {host} port {port}: {os.strerror(number)}; port=0 takes any free one"
        raise OSError(number, said) from None


def _shut(connection: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):  # It is closed already.
        # The socket's own method: that of TLS would take the keys from under whoever is reading.
        socket.socket.shutdown(connection, how)


def _linger(connection: socket.socket) -> None:
    """End a connection so that the client gets all that was sent: closed on unread bytes, the kernel would drop it."""
    if unwrap := getattr(connection, "unwrap", None):  # Over TLS an end that is not announced looks like an attack.
        with contextlib.suppress(OSError, ValueError):  # It is over already, or never began.
            connection.settimeout(LINGER_IDLE_SECONDS)
            unwrap()
    _shut(connection, socket.SHUT_WR)
    deadline = time.monotonic() + LINGER_SECONDS
    with contextlib.suppress(OSError):
        connection.settimeout(LINGER_IDLE_SECONDS)
        while time.monotonic() < deadline and socket.socket.recv(connection, 64 * 1024):
            pass
