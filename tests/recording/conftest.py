"""A real index to record from: another registry on this machine, which the caller's own pip is told to use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import Registry
from pytest_pyreg.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    Use = Callable[[str], None]
    Serve = Callable[[WSGIApplication], str]
    Get = Callable[..., requests.Response]


@pytest.fixture(name="use")
def _use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Use:
    """Configure the caller's pip for an index, and for nothing else."""
    for name in [name for name in os.environ if name.upper().startswith("PIP_") or name.upper().endswith("_PROXY")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)

    def use(url: str) -> None:
        monkeypatch.setenv("PIP_INDEX_URL", url)

    use("http://127.0.0.1:9/simple")
    return use


@pytest.fixture(name="real")
def _real(use: Use) -> Iterator[Registry]:
    """The real index, with a chain of two projects."""
    with Registry("pypi") as real:
        real.add(
            real.make_wheel("App_Two", "1.0", requires=["lib>=1"], requires_python=">=3.8"),
            real.make_wheel("lib", "1.0"),
            real.make_sdist("lib", "1.0"),
            real.make_wheel("lib", "2.0"),
        )
        use(real.index_url)
        yield real


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "upstream"


@pytest.fixture(name="serve")
def _serve() -> Iterator[Serve]:
    """Serve an application, and return where it is."""
    servers: list[Server] = []

    def serve(app: WSGIApplication) -> str:
        server = Server()
        servers.append(server)
        server.start(app)
        return f"http://127.0.0.1:{server.port}"

    yield serve
    for server in servers:
        server.stop()


@pytest.fixture(name="get")
def _get() -> Get:
    """Ask for something by hand."""

    def get(url: str, **headers: str) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(url, headers=headers, timeout=30)

    return get
