"""Pages byte for byte as GitLab 17 gives them, over both transports."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
import requests
from werkzeug.test import Client

from pytest_pyreg import Registry, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Get = Callable[..., tuple[int, Mapping[str, str], bytes]]

ZEROS = "0" * 64


@pytest.fixture(name="get", params=["in process", "socket"])
def _get(request: pytest.FixtureRequest, registry: Registry) -> Get:
    """Ask for an address below the simple index as the reader; both transports give the same."""
    path = registry.index_url.removeprefix(registry.url)
    login = (registry.reader.username, registry.reader.secret)

    def in_process(below: str = "", **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        response = Client(registry.wsgi).get(path + below, auth=login, headers=headers)
        return response.status_code, dict(response.headers), response.data

    def over_a_socket(below: str = "", **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        response = requests.get(registry.url + path + below, auth=login, headers=headers, timeout=5)
        return response.status_code, response.headers, response.content

    return in_process if request.param == "in process" else over_a_socket


def stored(registry: Registry, name: str, version: str, filename: str, sha256: str = ZEROS, python: str = "") -> None:
    """Upload with made-up digests, as GitLab's own specs do: they are stored as sent."""
    response = requests.post(
        registry.upload_url,
        auth=(registry.publisher.username, registry.publisher.secret),
        data={"name": name, "version": version, "sha256_digest": sha256, "requires_python": python},
        files={"content": (filename, b"content")},
        timeout=5,
    )
    assert response.status_code == 201, response.text


def page(title: str, links: str) -> bytes:
    """Return GitLab's document: contract section 4, cases `html-simple-current` and `html-index-empty`."""
    return (
        f"<!DOCTYPE html>\n        <html>\n          <head>\n            <title>Links for {title}</title>\n"
        f"          </head>\n          <body>\n            <h1>Links for {title}</h1>\n            {links}\n"
        "          </body>\n        </html>\n"
    ).encode()


def link(registry: Registry, filename: str, sha256: str = ZEROS, python: str = "") -> str:
    """Return the anchor of a file."""
    url = f"{registry.url}/api/v4/projects/1/packages/pypi/files/{sha256}/{filename}#sha256={sha256}"
    return f'<a href="{url}" data-requires-python="{python}">{filename}</a>'


def test_a_project_page(registry: Registry, get: Get) -> None:
    """The title is the stored name, the attribute is escaped, the digest is the announced one."""
    stored(registry, "my.pypi.package", "0.0.1", "my.pypi.package-0.0.1.tar.gz", python=">=3.6, !='3.9'")

    status, headers, body = get("/my-pypi-package/")

    anchor = link(registry, "my.pypi.package-0.0.1.tar.gz", python="&gt;=3.6, !=&#39;3.9&#39;")
    assert (status, body) == (200, page("my.pypi.package", anchor))
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Cache-Control"] == "max-age=0, private, must-revalidate"
    assert headers["ETag"] == f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    assert headers["Vary"] == "Origin"


def test_anchors_stand_on_one_line_in_the_order_of_arrival(registry: Registry, get: Get) -> None:
    """Nothing is sorted and nothing stands between two anchors."""
    for version in ("1.10", "1.2"):
        stored(registry, "demo", version, f"demo-{version}.tar.gz")
    stored(registry, "Demo", "1.0", "Demo-1.0.tar.gz")

    anchors = "".join(link(registry, name) for name in ("demo-1.10.tar.gz", "demo-1.2.tar.gz", "Demo-1.0.tar.gz"))
    assert get("/demo/")[2] == page("demo", anchors)


def test_the_attribute_is_always_there(registry: Registry, get: Get) -> None:
    """An unset `requires_python` is an empty attribute; JSON is not to be had, and asking for it gives HTML."""
    stored(registry, "demo", "1.0", "demo-1.0.tar.gz")

    _, headers, body = get("/demo/", Accept="application/vnd.pypi.simple.v1+json")

    assert b'data-requires-python=""' in body
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_second_file_overwrites_the_releases_attribute(registry: Registry, get: Get) -> None:
    """Metadata belongs to the release: the last upload's is shown for all its files."""
    stored(registry, "demo", "1.0", "demo-1.0.tar.gz", python=">=3.6")
    stored(registry, "demo", "1.0", "demo-1.0-py3-none-any.whl", python=">=3.9")

    assert get("/demo/")[2].count(b'data-requires-python="&gt;=3.9"') == 2


def test_the_project_list_has_an_anchor_for_each_release(registry: Registry, get: Get) -> None:
    """A name repeats once for each version; the link has the normalized name and no slash at its end."""
    for version in ("1.0", "1.1"):
        stored(registry, "my.pkg", version, f"my.pkg-{version}.tar.gz", python="<4")

    href = f"{registry.url}/api/v4/projects/1/packages/pypi/simple/my-pkg"
    anchor = f'<a href="{href}" data-requires-python="&lt;4">my.pkg</a>'
    assert get("")[2] == page("demo", anchor * 2)


def test_an_empty_project_list(get: Get) -> None:
    """No release, no anchor: 200 all the same."""
    status, _, body = get("")

    assert (status, body) == (200, page("demo", ""))


@pytest.mark.parametrize(
    ("asked", "found"),
    [("my-pkg", True), ("my-pkg/", True), ("MY-PKG", True), ("my_pkg", False), ("my.pkg", False), ("other", False)],
)
def test_only_the_normalized_name_finds_a_project(registry: Registry, get: Get, asked: str, found: bool) -> None:
    """The name in the address is lower-cased and otherwise compared as it is; no redirect helps."""
    stored(registry, "My.Pkg", "1.0", "my.pkg-1.0.tar.gz")

    status, headers, body = get(f"/{asked}")

    assert status == (200 if found else 404)
    if not found:
        assert body == b'{"message":"404 Package Not Found"}'
        assert headers["Content-Type"] == "application/json"


def test_a_page_shows_an_upload_at_once(registry: Registry, get: Get) -> None:
    """A kept page is dropped when its project changes, and not when another does."""
    registry.add(make_wheel("demo", "1.0"))
    first = get("/demo/")[2]
    registry.add(make_wheel("other", "1.0"))
    assert get("/demo/")[2] == first

    registry.add(make_wheel("demo", "1.1"))

    assert b"demo-1.1-py3-none-any.whl" in get("/demo/")[2]
    assert b"demo-1.1-py3-none-any.whl" not in first


def test_names_that_need_escaping(registry: Registry, get: Get) -> None:
    """A local version's plus stays a plus in the link, and the link leads to the file."""
    stored(registry, "demo", "1.0+local.1", "demo-1.0+local.1.tar.gz")

    body = get("/demo/")[2].decode()

    assert link(registry, "demo-1.0+local.1.tar.gz") in body
    url = body.partition('href="')[2].partition("#")[0]
    login = (registry.reader.username, registry.reader.secret)
    assert requests.get(url, auth=login, timeout=5).content == b"content"


def test_a_file_without_a_digest_is_listed_and_cannot_be_fetched(registry: Registry, get: Get) -> None:
    """GitLab stores no digest of its own: the link's segment is empty (inferred in the contract)."""
    response = requests.post(
        registry.upload_url,
        auth=(registry.publisher.username, registry.publisher.secret),
        data={"name": "demo", "version": "1.0"},
        files={"content": ("demo-1.0.tar.gz", b"content")},
        timeout=5,
    )
    assert response.status_code == 201

    assert b'/files//demo-1.0.tar.gz#sha256="' in get("/demo/")[2]


def test_a_download(registry: Registry) -> None:
    """The bytes come with the headers of a file on disk."""
    wheel = make_wheel("demo", "1.0")
    registry.add(wheel)
    url = f"{registry.upload_url}/files/{wheel.sha256}/{wheel.name}"
    login = (registry.reader.username, registry.reader.secret)

    response = requests.get(url, auth=login, timeout=5)

    assert (response.status_code, response.content) == (200, wheel.data)
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Transfer-Encoding"] == "binary"
    assert response.headers["Content-Disposition"] == (
        f"attachment; filename=\"{wheel.name}\"; filename*=UTF-8''{wheel.name}"
    )
    assert response.headers["Cache-Control"] == "no-cache"
    wrong = requests.get(url.replace(wheel.sha256, ZEROS), auth=login, timeout=5)
    assert (wrong.status_code, wrong.content) == (404, b'{"message":"404 Not found"}')


def test_a_file_name_is_cleaned(registry: Registry, get: Get) -> None:
    """An epoch's exclamation mark becomes an underscore (lib/uploaded_file.rb), a plus stays."""
    stored(registry, "demo", "1!2.0+x", "demo-1!2.0+x.tar.gz")

    assert link(registry, "demo-1_2.0+x.tar.gz") in get("/demo/")[2].decode()
    assert registry.files("demo") == {"demo-1_2.0+x.tar.gz"}
