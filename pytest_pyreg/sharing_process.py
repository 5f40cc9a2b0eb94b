"""The process of a registry that a folder's users share; see `sharing`.

Reads from standard input what to start.  Whoever starts it waits until the registry answers, or standard error says why
not, and does not wait for its end: that comes when the last user's connection is gone, and nobody else came meanwhile.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_pyreg.sharing import BACKLOG, FILE, LOCK, read

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_SECONDS = 30.0
"""How long the first user may take to come."""
GREETING_SECONDS = 1.0
"""How long somebody may take to show the token, which users do at once: whoever says nothing keeps others waiting."""
LINGER_SECONDS = 5.0
"""How long it waits for another one after the last: the next step of a build often follows at once."""
LOG_LENGTH = 10_000


class Leases:
    """The connections of those who share: when the last is gone, that is all.

    Args:
        token: what everybody shows first.
    """

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self.port: int = self._socket.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._held: set[socket.socket] = set()

    def wait(self, seconds: float) -> None:
        """Wait until nobody has had a connection for so long.

        Args:
            seconds: how long, as long as nobody has come; then it is `LINGER_SECONDS`.
        """
        while self._happens(None if self._held else seconds):
            seconds = LINGER_SECONDS

    def anybody(self) -> bool:
        """Tell whether somebody has a connection, or is about to have one."""
        while self._happens(0):
            pass
        return bool(self._held)

    def _happens(self, seconds: float | None) -> bool:
        """Let those who wait come in, and those who are gone go; return whether there were any within some time."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            if key.fileobj is self._socket:
                self._accept()
            else:
                self._let_go(key.fileobj)  # type: ignore[arg-type]  # It is one of the connections.
        return bool(ready)

    def _accept(self) -> None:
        connection, _ = self._socket.accept()
        connection.settimeout(GREETING_SECONDS)
        try:
            shown = connection.makefile("rb").readline(len(self._token) + 2).strip()
            if hmac.compare_digest(shown, self._token):
                connection.settimeout(None)
                connection.sendall(b"+")
                self._held.add(connection)
                self._selector.register(connection, selectors.EVENT_READ)
                return
        except OSError:
            pass
        connection.close()

    def _let_go(self, connection: socket.socket) -> None:
        """End a connection: users say nothing more, so whatever comes is its end."""
        self._selector.unregister(connection)
        self._held.discard(connection)
        connection.close()

    def close(self) -> None:
        """End them all."""
        self._selector.close()
        self._socket.close()


def main() -> None:
    """Start the registry, let go of whoever started it, and end with the last user."""
    told = json.load(sys.stdin)
    if os.fork():
        os._exit(0)  # The caller's own child: its end is waited for, and the caller's pipes are closed below.
    os.setsid()
    os.chdir("/")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serve(Path(told["folder"]), told["options"])


def serve(folder: Path, options: Mapping[str, Any]) -> None:
    """Run a folder's registry for as long as it has users."""
    from filelock import FileLock, Timeout

    from pytest_pyreg import products

    token = secrets.token_urlsafe(32)
    try:
        registry = products.registry(**options, log_length=LOG_LENGTH).start(control=token)
    except Exception as error:  # noqa: BLE001 - whoever started this tells the user.
        sys.exit(f"{type(error).__name__}: {error}")
    leases = Leases(token)
    try:
        mine = {"process": os.getpid(), "url": registry.url, "token": token, "lease": leases.port, "options": options}
        _write(folder, mine)
        _detach()
        seconds = FIRST_SECONDS
        while True:
            leases.wait(seconds)
            seconds = LINGER_SECONDS
            try:
                # Nobody can be about to come while this is held; whoever just did is waiting to be accepted.
                with FileLock(folder / LOCK, timeout=0):
                    if not leases.anybody():
                        if (read(folder) or {}).get("process") == os.getpid():  # Or there is another one by now.
                            (folder / FILE).unlink(missing_ok=True)
                        return
            except Timeout:  # Somebody is about to come, or to find out that they need another registry.
                continue
            except OSError:  # The folder is gone, and with it whoever could come.
                return
    finally:
        registry.stop()
        leases.close()


def _write(folder: Path, told: Mapping[str, Any]) -> None:
    """Leave word in the folder, for the user's own eyes, all at once."""
    new = folder / f"{FILE}.new"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump(told, file)
    new.replace(folder / FILE)


def _detach() -> None:
    """Close what came from whoever started this, so that they see its end."""
    with Path(os.devnull).open("r+b") as nothing:
        for number in (0, 1, 2):
            os.dup2(nothing.fileno(), number)


if __name__ == "__main__":
    main()
