"""Clients that go away while they upload."""

from __future__ import annotations

import socket
import tempfile
import time
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_pyreg import Exchange, Registry

RESET = b"\x01\0\0\0\0\0\0\0"
"""For SO_LINGER: closing sends a reset."""


def upload(registry: Registry, size: int, *, chunked: bool, more: bytes = b"") -> bytes:
    """Return an upload as it goes over the wire, with something behind the end of the form."""
    request = requests.Request(
        "POST",
        registry.upload_url,
        data={"name": "demo", "version": "1"},
        files={"content": ("f.whl", b"x" * size)},
        auth=(registry.publisher.username, registry.publisher.secret),
    ).prepare()
    assert isinstance(request.body, bytes)
    body = request.body + more
    request.headers["Content-Length"] = str(len(body))
    if chunked:
        del request.headers["Content-Length"]
        request.headers["Transfer-Encoding"] = "chunked"
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    lines = [f"POST {request.path_url} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send(registry: Registry, data: bytes, *, reset: bool = False) -> None:
    """Send bytes and hang up."""
    with socket.create_connection(("127.0.0.1", int(registry.url.rpartition(":")[2])), timeout=10) as wire:
        wire.sendall(data)
        if reset:
            time.sleep(0.02)  # A reset overtakes what the server has not read.
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def waited_for(condition: Callable[[], object]) -> bool:
    """Wait a little for something to become true."""
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return bool(condition())


def logged(registry: Registry, count: int) -> list[Exchange]:
    """Wait for as many exchanges, and return them all."""
    assert waited_for(lambda: registry.log.count >= count)
    return list(registry.log)


@pytest.mark.parametrize("size", [1000, 600_000])
@pytest.mark.parametrize("cut", [10, 300])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("reset", [False, True], ids=["end", "reset"])
def test_an_upload_that_breaks_off_leaves_nothing(
    registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    size: int,
    cut: int,
    chunked: bool,
    reset: bool,
) -> None:
    """It is recorded as having had no reply, and nothing of it is kept, in memory or on disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    send(registry, upload(registry, size, chunked=chunked)[:-cut], reset=reset)

    (exchange,) = logged(registry, 1)
    assert (exchange.action, exchange.status, exchange.reason, exchange.refusal) == ("upload", 0, "", "")
    assert "POST /api/v4/projects/1/packages/pypi -> no reply" in str(exchange)
    assert "because the client went away" in str(exchange)
    assert registry.projects() == set()
    assert not registry._blobs._blobs
    assert waited_for(lambda: not [path for path in tmp_path.rglob("*") if path.is_file()])
    assert not capsys.readouterr().err


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_body_that_breaks_off_behind_its_form_is_not_whole(registry: Registry, *, chunked: bool) -> None:
    """The client has announced more, so it went away in the middle."""
    send(registry, upload(registry, 1000, chunked=chunked, more=b"x" * 1000)[:-500])

    assert [exchange.status for exchange in logged(registry, 1)] == [0]
    assert registry.projects() == set()


@pytest.mark.parametrize("end", [b"", b"3", b"3e8\r", b"0", b"0\r\n"])
def test_an_upload_may_break_off_between_chunks(registry: Registry, end: bytes) -> None:
    """An end where a chunk's head should be is an end, and no garbage."""
    head, _, body = upload(registry, 1000, chunked=True).partition(b"\r\n\r\n")
    body = body.partition(b"\r\n")[2][:500]
    send(registry, head + b"\r\n\r\n1f4\r\n" + body + b"\r\n" + end)

    assert [exchange.status for exchange in logged(registry, 1)] == [0]
    assert registry.projects() == set()


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_an_upload_that_is_whole_counts(registry: Registry, *, chunked: bool) -> None:
    """Even if nobody waits for the reply."""
    send(registry, upload(registry, 600_000, chunked=chunked))

    assert [exchange.status for exchange in logged(registry, 1)] == [201]
    assert registry.files("demo") == {"f.whl"}


def test_a_refused_upload_that_breaks_off_is_refused(registry: Registry) -> None:
    """The refusal comes before the body, so it is what is recorded."""
    data = upload(registry, 600_000, chunked=False).replace(b"Authorization", b"X-Authorization")

    send(registry, data[:-10])

    assert [exchange.status for exchange in logged(registry, 1)] == [401]
    assert registry.projects() == set()


def test_the_next_upload_of_the_same_file_is_granted(registry: Registry) -> None:
    """An upload that broke off is not in the way of the next attempt."""
    data = upload(registry, 600_000, chunked=False)
    send(registry, data[:-10])
    assert logged(registry, 1)

    send(registry, data)

    assert [exchange.status for exchange in logged(registry, 2)] == [0, 201]
    assert registry.files("demo") == {"f.whl"}
