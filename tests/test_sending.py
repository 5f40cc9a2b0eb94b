"""What goes out: HEAD, conditional requests and ranges, of files in memory and on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from werkzeug.test import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_pyreg import Registry

DIGEST = "a" * 64


@pytest.fixture(name="session")
def _session(registry: Registry) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.auth = (registry.publisher.username, registry.publisher.secret)
        session.headers["Accept-Encoding"] = "identity"
        yield session


def upload(registry: Registry, session: requests.Session, data: bytes, name: str = "f.whl") -> str:
    """Upload bytes and return where they can be fetched."""
    form = {"name": "demo", "version": "1", "sha256_digest": DIGEST}
    session.post(registry.upload_url, data=form, files={"content": (name, data)}).raise_for_status()
    return f"{registry.upload_url}/files/{DIGEST}/{name}"


@pytest.fixture(name="size", params=[1000, 200_000], ids=["in memory", "on disk"])
def _size(request: pytest.FixtureRequest) -> int:
    size: int = request.param
    return size


@pytest.fixture(name="data")
def _data(size: int) -> bytes:
    return bytes(number % 251 for number in range(size))


@pytest.fixture(name="url")
def _url(registry: Registry, session: requests.Session, data: bytes) -> str:
    return upload(registry, session, data)


def without_date(response: requests.Response) -> dict[str, str]:
    """Return the headers that do not depend on the time."""
    return {
        name: value
        for name, value in response.headers.items()
        if name not in {"Date", "X-Request-Id", "X-Runtime", "X-Gitlab-Meta"}
    }


def test_a_file_is_sent_whole(session: requests.Session, url: str, data: bytes) -> None:
    """Without a range all bytes come, and the reply says that ranges are understood."""
    response = session.get(url)

    assert (response.status_code, response.content) == (200, data)
    assert response.headers["Content-Length"] == str(len(data))
    assert response.headers["Accept-Ranges"] == "bytes"
    assert "Content-Range" not in response.headers


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=5-", 5, None),
        ("bytes=-5", -5, None),
        ("bytes=0-", 0, None),
        ("bytes=990-999999", 990, None),
        # More than there is: uv asks so for the end of a wheel, whatever its size.
        ("bytes=-999999", 0, None),
        ("bytes= 5 - 9 ", 5, 10),
    ],
)
def test_a_range_is_sent(
    session: requests.Session, url: str, data: bytes, asked: str, start: int, stop: int | None
) -> None:
    """One range of bytes comes with 206 and says where it stands."""
    expected, first = data[start:stop], range(len(data))[start]

    response = session.get(url, headers={"Range": asked})

    assert (response.status_code, response.content) == (206, expected)
    assert response.headers["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(data)}"
    assert response.headers["Content-Length"] == str(len(expected))


@pytest.mark.parametrize("asked", ["bytes={size}-", "bytes={size}-{size}", "bytes=999999999-"])
def test_a_range_past_the_end_is_refused(session: requests.Session, url: str, size: int, asked: str) -> None:
    """A range with nothing in it is answered with 416 and the file's size."""
    response = session.get(url, headers={"Range": asked.format(size=size)})

    assert (response.status_code, response.content) == (416, b"invalid range: failed to overlap\n")
    assert response.headers["Content-Range"] == f"bytes */{size}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=-", "bytes=" + "9" * 5000 + "-", "bytes=\u0663-", "bytes 0-1", "items=0-1", "garbage"],
    ids=lambda asked: ascii(asked)[:20],
)
def test_what_is_no_range_is_refused(session: requests.Session, url: str, asked: str) -> None:
    """Garbage is told so, without the file's size."""
    response = session.get(url, headers={"Range": asked.encode()})

    assert (response.status_code, response.content) == (416, b"invalid range\n")
    assert "Content-Range" not in response.headers


def test_several_ranges_come_as_parts(session: requests.Session, url: str, data: bytes) -> None:
    """Two ranges come in one reply, each with a head that says where it stands."""
    response = session.get(url, headers={"Range": "bytes=0-1,5-"})

    assert response.status_code == 206
    kind, _, boundary = response.headers["Content-Type"].partition("; boundary=")
    assert kind == "multipart/byteranges"
    assert int(response.headers["Content-Length"]) == len(response.content)
    _, first, second, end = response.content.split(f"--{boundary}".encode())
    assert first.endswith(b"\r\n\r\n" + data[:2] + b"\r\n")
    assert second.endswith(b"\r\n\r\n" + data[5:] + b"\r\n")
    assert f"Content-Range: bytes 5-{len(data) - 1}/{len(data)}".encode() in second
    assert end == b"--\r\n"


def test_an_empty_file_has_no_ranges(registry: Registry, session: requests.Session) -> None:
    """Of nothing, the whole is sent."""
    response = session.get(upload(registry, session, b""), headers={"Range": "bytes=0-"})

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("asked", ["bytes=2-5", "bytes=-999999", "bytes=999999999-", "garbage"])
def test_a_head_request_understands_ranges(session: requests.Session, url: str, asked: str) -> None:
    """HEAD says what GET would say of a range."""
    get, head = session.get(url, headers={"Range": asked}), session.head(url, headers={"Range": asked})

    assert (head.status_code, without_date(head), head.content) == (get.status_code, without_date(get), b"")


def test_a_range_needs_the_right_to_read(registry: Registry, url: str) -> None:
    """Who may not read the file may not read a part of it, nor learn its size."""
    stranger = (registry.stranger.username, registry.stranger.secret)
    for auth, status in ((None, 401), (stranger, 404)):
        response = requests.get(url, headers={"Range": "bytes=999999999-"}, auth=auth, timeout=10)

        assert response.status_code == status
        assert "Content-Range" not in response.headers


@pytest.mark.parametrize(
    "path", ["/simple/", "/simple/demo/", "/simple/unknown/", "/files/x/y.whl", "/nowhere", "FILE"]
)
def test_a_head_request_gets_the_headers_of_get(
    registry: Registry, session: requests.Session, url: str, path: str
) -> None:
    """HEAD and GET differ in the body alone, granted or refused."""
    url = url if path == "FILE" else registry.upload_url + path
    for who in (session.auth, None):
        session.auth = who
        get, head = session.get(url), session.head(url)

        assert (head.status_code, without_date(head), head.content) == (get.status_code, without_date(get), b"")
        assert int(head.headers["Content-Length"]) == len(get.content)


def test_a_page_that_has_not_changed_is_not_sent_again(registry: Registry, session: requests.Session) -> None:
    """A known tag gets 304, without a body or its length, until the page changes."""
    upload(registry, session, b"1", "a.whl")
    page = registry.index_url + "/demo/"
    tag = session.get(page).headers["ETag"]

    for value in (tag, f'"other", {tag}'):
        for method in ("GET", "HEAD"):
            unchanged = session.request(method, page, headers={"If-None-Match": value})
            assert (unchanged.status_code, unchanged.content, unchanged.headers["ETag"]) == (304, b"", tag)
            assert not {"Content-Length", "Content-Type"} & set(unchanged.headers)

    upload(registry, session, b"2", "b.whl")
    changed = session.get(page, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.content.count(b"<a ")) == (200, 2)


@pytest.mark.parametrize("value", ['"other"', "", "garbage"])
def test_an_unknown_tag_gets_the_page(registry: Registry, session: requests.Session, value: str) -> None:
    """A tag that is not the page's changes nothing."""
    response = session.get(registry.index_url, headers={"If-None-Match": value})

    assert (response.status_code, response.content[:15]) == (200, b"<!DOCTYPE html>")


def test_a_tag_does_not_stand_for_a_right(registry: Registry, session: requests.Session) -> None:
    """Who may not read the page does not learn whether it has changed."""
    tag = session.get(registry.index_url).headers["ETag"]

    assert requests.get(registry.index_url, headers={"If-None-Match": tag}, timeout=10).status_code == 401


def test_a_page_has_no_ranges(registry: Registry, session: requests.Session) -> None:
    """Only files come in parts."""
    response = session.get(registry.index_url, headers={"Range": "bytes=0-1"})

    assert (response.status_code, response.content[:15]) == (200, b"<!DOCTYPE html>")


@pytest.mark.parametrize("start", [0, 1, 100_000])
def test_a_file_on_disk_is_sent_without_a_socket(registry: Registry, start: int) -> None:
    """Under another WSGI server the same bytes come in blocks."""
    data = bytes(number % 251 for number in range(600_000))
    with requests.Session() as session:
        session.auth = (registry.publisher.username, registry.publisher.secret)
        url = upload(registry, session, data)
    auth, asked = (registry.publisher.username, registry.publisher.secret), {"Range": f"bytes={start}-599000"}

    with Client(registry.wsgi).get(url.removeprefix(registry.url), auth=auth, headers=asked) as response:
        assert (response.status_code, response.get_data()) == (206, data[start:599_001])
