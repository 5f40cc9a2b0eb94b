"""Processes that work for the benchmark, each ended by its own handle: one that answers lines, one that runs."""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

HERE = Path(__file__).parent
ANSWER_SECONDS = 600.0
START_SECONDS = 20.0
END_SECONDS = 10.0


def environment() -> dict[str, str]:
    """Return the caller's environment without what sends clients elsewhere or has modules compiled each time."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"NETRC": os.devnull, "NO_COLOR": "1"}


def end(process: subprocess.Popen[Any]) -> None:
    """End a process and wait until it is gone."""
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Child:
    """A script of this folder that answers each line of JSON with one."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def ask(self, **question: Any) -> Any:  # noqa: ANN401 - JSON.
        """Send a line and wait for the answer.

        Raises:
            RuntimeError: the script ended (what it said is on standard error) or took too long.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(ANSWER_SECONDS):
                raise RuntimeError(f"{self._script} did not answer within {ANSWER_SECONDS:g} seconds")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._script} ended instead of answering; what it said stands above")
        return json.loads(line)

    def close(self) -> None:
        """Let the script come to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            end(self._process)
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Program:
    """A server that is a program of its own, from its start to its first reply."""

    def __init__(self, argv: Sequence[str], port: int, path: str = "/") -> None:
        self._process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
        )
        deadline = time.monotonic() + START_SECONDS
        while not replies(port, path):
            if self._process.poll() is not None or time.monotonic() > deadline:
                end(self._process)
                raise RuntimeError(f"{' '.join(argv)} did not answer")
            time.sleep(0.002)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def close(self) -> None:
        """End it."""
        end(self._process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def replies(port: int, path: str = "/") -> bool:
    """Tell whether something at this port answers a request, whatever it says."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(9).startswith(b"HTTP/1.")
    except ConnectionError:
        return False


def free_port() -> int:
    """Return a port that was free just now, for programs that cannot choose one themselves."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
