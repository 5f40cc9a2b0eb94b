"""Bad requests, in process and over a socket, and what GitLab 17 answers to the letter."""

from __future__ import annotations

import io
import tempfile
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import requests
from werkzeug.test import Client

from pytest_pyreg import ANONYMOUS, ManualClock, Registry
from pytest_pyreg.flavours.gitlab.world import GitLabWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pytest_pyreg import Credential

FIELDS = {"name": "sample-project", "version": "1.0.0"}
CONTENT = ("sample_project-1.0.0-py3-none-any.whl", b"PK")


class Answer(NamedTuple):
    """What came back, without the date and what belongs to the connection."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(name="registry")
def _registry(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry at a fixed time, with the largest file that a test's parameter says."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    clock, limit = ManualClock(datetime(2026, 1, 1, tzinfo=timezone.utc)), getattr(request, "param", None)
    with Registry("gitlab@17", clock=clock, max_file_bytes=limit, forwarding=False) as registry:
        yield registry


@pytest.fixture(name="world")
def _world(registry: Registry) -> GitLabWorld:
    assert isinstance(registry.world, GitLabWorld)
    return registry.world


@pytest.fixture(name="unchanged")
def _unchanged(registry: Registry, tmp_path: Path) -> Iterator[None]:
    """Check at the end that nothing was stored, anywhere, and that the refusal was explained."""
    yield
    assert registry.projects() == set()
    assert not registry._index._shelves
    assert not registry._blobs._blobs
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(exchange.refused and exchange.why for exchange in registry.log)
    assert registry.log.count


def lasting(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that are the same each time."""
    passing = {"Date", "Connection", "X-Request-Id", "X-Runtime", "X-Gitlab-Meta"}
    return {name: value for name, value in headers.items() if name not in passing}


def in_process(registry: Registry, request: requests.PreparedRequest) -> Answer:
    """Hand a request to the WSGI application."""
    body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
    with Client(registry.wsgi).open(
        request.path_url,
        method=request.method or "",
        headers=list(request.headers.items()),
        input_stream=io.BytesIO(body),
    ) as response:
        return Answer(response.status_code, lasting(dict(response.headers)), response.get_data())


def over_a_socket(_: Registry, request: requests.PreparedRequest) -> Answer:
    """Send a request with `requests`."""
    with requests.Session() as session:
        response = session.send(request, timeout=10)
    return Answer(response.status_code, lasting(response.headers), response.content)


@pytest.fixture(name="send", params=[in_process, over_a_socket], ids=["in process", "over a socket"])
def _send(registry: Registry, request: pytest.FixtureRequest) -> Callable[[requests.Request], Answer]:
    def send(wanted: requests.Request) -> Answer:
        answer: Answer = request.param(registry, wanted.prepare())
        return answer

    return send


@pytest.fixture(name="upload")
def _upload(registry: Registry, send: Callable[[requests.Request], Answer]) -> Callable[..., Answer]:
    """Upload a good form with these changes; a field that is None is left out."""

    def upload(
        *,
        who: Credential | None = None,
        path: str | None = None,
        content: object = CONTENT,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
        **changes: object,
    ) -> Answer:
        who = registry.publisher if who is None else who
        fields = {name: value for name, value in {**FIELDS, **changes}.items() if value is not None}
        files: dict[str, Any] = {} if content is None else {"content": content}
        if content is None:  # Something that makes it a multipart form all the same.
            files[""] = (None, "")
        return send(
            requests.Request(
                "POST",
                registry.upload_url if path is None else registry.url + path,
                data=fields if data is None else data,
                files=files if data is None else None,
                auth=None if who == ANONYMOUS else (who.username, who.secret),
                headers=headers,
            )
        )

    return upload


@pytest.fixture(name="get")
def _get(registry: Registry, send: Callable[[requests.Request], Answer]) -> Callable[..., Answer]:
    """Fetch an address below the registry's own."""

    def get(path: str, *, who: Credential | None = None, headers: dict[str, str] | None = None) -> Answer:
        who = registry.publisher if who is None else who
        auth = None if who == ANONYMOUS else (who.username, who.secret)
        return send(requests.Request("GET", registry.url + path, auth=auth, headers=headers))

    return get


@pytest.fixture(name="rails")
def _rails() -> Callable[..., Answer]:
    """Make an answer of GitLab's API."""

    def rails(status: int, body: str, **headers: str | None) -> Answer:
        common = {
            "Content-Type": "application/json",
            "Server": "nginx",
            "Cache-Control": "no-cache",
            "Vary": "Origin",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "SAMEORIGIN",
            "Content-Length": str(len(body)),
        }
        if status < 400:
            common["Referrer-Policy"] = "strict-origin-when-cross-origin"
        return Answer(
            status,
            {
                name: value
                for name, value in (common | {key.replace("_", "-"): value for key, value in headers.items()}).items()
                if value is not None
            },
            body.encode(),
        )

    return rails


@pytest.fixture(name="created")
def _created(rails: Callable[..., Answer]) -> Answer:
    """What GitLab says of a good upload."""
    return rails(
        201,
        '{"message":"201 Created"}',
        Cache_Control="max-age=0, private, must-revalidate",
        ETag='W/"6025f9a740871d09d0230776e3dbc7bf"',
    )


@pytest.fixture(name="workhorse")
def _workhorse() -> Callable[..., Answer]:
    """Make an answer of the proxy in front of it, which parses the form."""

    def workhorse(status: int, body: str) -> Answer:
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "Server": "nginx",
            "X-Content-Type-Options": "nosniff",
            "Content-Length": str(len(body) + 1),
        }
        return Answer(status, headers, f"{body}\n".encode())

    return workhorse


@pytest.fixture(name="malformed")
def _malformed() -> Answer:
    """What the middleware says that refuses null bytes and what is not UTF-8."""
    headers = {
        "Content-Type": "text/plain",
        "Server": "nginx",
        "Cache-Control": "no-cache",
        "Vary": "Origin",
        "Content-Length": "11",
    }
    return Answer(400, headers, b"Bad Request")
