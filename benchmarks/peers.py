"""The servers to compare, each started once for a row: ours, the peers, and ones that do nothing.

Those written in Python run in `serving.py`; pypiserver and nginx are programs of their own.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from children import Child, Program, free_port
from table import HTTPSERVER, NGINX, PEERS, PYPISERVER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from typing_extensions import Self


@dataclass(frozen=True)
class Address:
    """Where a server is, and as whom to ask it; no name means that it does not care."""

    port: int
    simple: str
    """The path of its index, with a slash at the end."""
    upload: str
    reader: tuple[str, str] | None = None
    publisher: tuple[str, str] | None = None
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The environment for a client's process."""


class Server:
    """A server while it runs; a context manager."""

    def __init__(self, process: Child | Program, address: Address) -> None:
        self._process = process
        self.address = address

    @property
    def pid(self) -> int:
        """The process that serves."""
        return self._process.pid

    def fresh(self) -> None:
        """Make it as empty as it began."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.close()


class Hosted(Server):
    """A server in `serving.py`.

    Args:
        kind: which of them.
        order: what is in it.
    """

    def __init__(self, kind: str, **order: Any) -> None:  # noqa: ANN401 - JSON.
        self._order = {"kind": kind, **order}
        self._child = Child("serving.py")
        super().__init__(self._child, self._asked())

    def _asked(self) -> Address:
        try:
            return Address(**self._child.ask(**self._order))
        except BaseException:
            self._child.close()
            raise

    def fresh(self) -> None:
        """Stop the server and start it anew in the same process."""
        self.address = self._asked()


class PyPIServer(Server):
    """Pypiserver, as its documentation starts it for tests: no passwords, nothing fetched from elsewhere.

    Args:
        folder: its files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = {path.name for path in folder.iterdir()}
        port = free_port()
        process = Program(pypiserver_command(port, folder), port)
        super().__init__(process, Address(port, "/simple/", "/", publisher=("nobody", "nothing")))

    def fresh(self) -> None:
        """Remove what was uploaded."""
        for path in self._folder.iterdir():
            if path.name not in self._kept:
                path.unlink()


class Nginx(Server):
    """Nginx with one worker and a folder of static files.

    Args:
        folder: for its configuration.
        www: what it serves.
        port: where.
    """

    def __init__(self, folder: Path, www: Path, port: int) -> None:
        super().__init__(Program(nginx_command(folder, www, port), port), Address(port, "/simple/", "/"))


def pypiserver_command(port: int, folder: Path) -> list[str]:
    """Return the command that runs pypiserver."""
    options = ["-i", "127.0.0.1", "-p", str(port), "-P", ".", "-a", ".", "--disable-fallback", "--log-stream", "none"]
    return [sys.executable, "-m", "pypiserver", "run", *options, str(folder)]


def nginx_command(folder: Path, www: Path, port: int) -> list[str]:
    """Write nginx's configuration and return the command that runs it."""
    folder.mkdir(parents=True, exist_ok=True)
    scratch = "\n".join(
        f"  {kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Under root the worker would change to a user that cannot read our private folder.
    user = "user root;\n" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"{user}daemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\n{scratch}\n  access_log off;\n  sendfile on;\n  default_type text/html;\n"
        f"  keepalive_requests 1000000;\n  server {{ listen 127.0.0.1:{port}; root {www}; }}\n}}\n",
        encoding="utf-8",
    )
    return [_nginx(), "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(configuration)]


def installed(peer: str) -> bool:
    """Tell whether a peer is there to compare with."""
    if peer == NGINX:
        return shutil.which("nginx") is not None
    return importlib.util.find_spec(peer.replace("-", "_")) is not None


def with_absent(figures: Mapping[str, float], *compared: str) -> dict[str, float | None]:
    """Return the figures, and None for each of the peers that would have one if it were there.

    Args:
        figures: what was measured.
        compared: the peers that the row compares with; all if left out.
    """
    return {**dict.fromkeys(peer for peer in compared or PEERS if not installed(peer)), **figures}


def versions() -> dict[str, str]:
    """Return the versions of the peers and of the clients."""
    names = (PYPISERVER, HTTPSERVER, "werkzeug", "twine", "pip", "uv")
    found = {name: importlib.metadata.version(name) for name in names if installed(name)}
    if installed(NGINX):
        told = subprocess.run([_nginx(), "-v"], capture_output=True, text=True, check=True)
        found[NGINX] = told.stderr.rpartition("/")[2].strip()
    return found


def _nginx() -> str:
    return shutil.which("nginx") or "nginx"
