"""One registry for several processes: who starts it, how the others find it, and when it ends.

A run of pytest with workers has a `Host` in its controller.  Processes that know nothing of each other agree on a
folder: the first starts a process that goes on for as long as anybody has a connection to it, however they end.

Imported by every controller, so what a registry needs is loaded when one is needed.  What is said to a registry in
another process is `remote`'s.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import selectors
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_pyreg.registry import Registry

BACKLOG = 256
START_SECONDS = 60.0
LEASE_SECONDS = 10.0
"""How long a process may take to answer who wants a part in its registry."""
FILE, LOCK = "registry.json", "registry.lock"


class Host:
    """A registry that starts when somebody first comes; until then it is a socket, and a thread that waits.

    Args:
        make: makes it.
    """

    def __init__(self, make: Callable[[], Registry]) -> None:
        self.token = secrets.token_urlsafe(32)
        self._make = make
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._wake, self._woken = socket.socketpair()
        self._stop: Callable[[], None] = self._socket.close
        self._thread = threading.Thread(target=self._wait, name="pyreg-host", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<Host at {self.url}>"

    def _wait(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            if self._woken in [key.fileobj for key, _ in selector.select()]:
                return
        from pytest_pyreg.control import Control
        from pytest_pyreg.server import Server

        try:
            registry = self._make()
            self._stop = registry.start(listening=self._socket, control=self.token).stop
        except Exception as error:  # noqa: BLE001 - it is for those who come.
            server = Server(listening=self._socket)
            server.start(Control(_nothing, error, self.token))
            self._stop = server.stop

    def stop(self) -> None:
        """End the registry, if it ever began; stopping twice is no error."""
        if self._wake.fileno() < 0:
            return
        self._wake.send(b"x")
        self._thread.join()
        self._stop()
        self._wake.close()
        self._woken.close()


def _nothing(_: object, start_response: Callable[..., object]) -> list[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []


class NotShared(Exception):
    """A folder's registry cannot be had; the message is for the user."""


@dataclass
class Part:
    """A part in the registry of a folder: it goes on at least until this is given up, or the process is gone."""

    url: str
    token: str = field(repr=False)
    _lease: socket.socket = field(repr=False)

    def leave(self) -> None:
        """Give it up."""
        self._lease.close()


def join(folder: Path, options: Mapping[str, Any]) -> Part:
    """Take part in the registry of a folder, which is started if nobody did, or if its process is gone.

    Args:
        folder: made if it is not there.
        options: `flavour` and those of `Registry`, as plain values; all who share must want the same.

    Raises:
        NotShared: it cannot be started, or it is another one than is wanted.
    """
    from filelock import FileLock

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / LOCK):
            return _part(folder, options) or _started(folder, options)
    except OSError as error:
        raise NotShared(f"the folder {folder} cannot be used: {error.strerror or error}") from None


def _part(folder: Path, options: Mapping[str, Any]) -> Part | None:
    """Take part in what a folder tells of, if that is still there."""
    told = read(folder)
    lease = _lease(told) if told is not None else None
    if told is None or lease is None:
        return None
    if told["options"] != options:
        lease.close()
        raise NotShared(
            f"the registry of {folder} was started as {_shown(told['options'])}, and here {_shown(options)} is wanted; "
            "choose another folder, or the same options"
        )
    return Part(told["url"], told["token"], lease)


def _shown(options: Mapping[str, Any]) -> str:
    more = ", ".join(f"{name}={value!r}" for name, value in options.items() if name != "flavour" and value)
    return f"{options.get('flavour')}{f' ({more})' if more else ''}"


def read(folder: Path) -> dict[str, Any] | None:
    """Return what a folder tells of its registry; None if it tells nothing, or not by the caller's own hand."""
    try:
        with (folder / FILE).open(encoding="utf-8") as file:
            facts = os.fstat(file.fileno())
            if facts.st_uid != os.getuid() or facts.st_mode & 0o077:
                return None
            told = json.load(file)
    except (OSError, ValueError):
        return None
    whole = isinstance(told, dict) and {"url", "token", "lease", "options"} <= set(told)
    return told if whole else None


def _lease(told: Mapping[str, Any]) -> socket.socket | None:
    """Connect to the process that a folder tells of; None if it is gone, or another one has its port."""
    lease = socket.socket()
    try:
        lease.settimeout(LEASE_SECONDS)
        lease.connect(("127.0.0.1", told["lease"]))
        lease.sendall(f"{told['token']}\n".encode())
        if lease.recv(1) == b"+":
            return lease
    except (OSError, OverflowError, TypeError):  # Gone, or no port that there can be.
        pass
    lease.close()
    return None


def _started(folder: Path, options: Mapping[str, Any]) -> Part:
    with contextlib.suppress(FileNotFoundError):
        (folder / FILE).unlink()
    command = [sys.executable, "-m", "pytest_pyreg.sharing_process"]
    told = json.dumps({"folder": str(folder.absolute()), "options": options})
    try:
        result = subprocess.run(command, input=told, capture_output=True, text=True, timeout=START_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise NotShared(f"the registry of {folder} did not start within {START_SECONDS:g} seconds") from None
    found = _part(folder, options)
    if found is None:
        raise NotShared(f"the registry of {folder} could not be started: {result.stderr.strip() or 'it says nothing'}")
    return found
