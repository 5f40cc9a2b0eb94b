"""The host of files: whole, in parts, and the metadata beside them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from pytest_pyreg import Registry, make_sdist, make_wheel
from pytest_pyreg.flavours.pypi.page_facts import PageFacts
from tests.pypi.installed import older

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from pytest_pyreg.flavours.pypi.world import PyPIWorld

    Ask = Callable[..., TestResponse]
    Opened = Callable[..., Registry]

WHEEL = make_wheel("demo", "1.0")
DIGEST = hashlib.blake2b(WHEEL.data, digest_size=32).hexdigest()
PATH = f"/packages/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST[4:]}/{WHEEL.name}"


@pytest.fixture(name="demo")
def _demo(index: Registry) -> Registry:
    """An index with a wheel and an sdist."""
    index.add(WHEEL, make_sdist("demo", "1.0"))
    return index


def test_a_file(demo: Registry, ask: Ask) -> None:
    """Its bytes, and what the storage and the CDN say of them."""
    response = ask(PATH)

    assert demo.files("demo")
    assert (response.status_code, response.data) == (200, WHEEL.data)
    assert dict(response.headers) == {
        "Last-Modified": "Fri, 21 Aug 2026 12:00:00 GMT",
        "Content-Type": "application/octet-stream",
        "Cache-Control": "max-age=365000000, immutable, public",
        "Accept-Ranges": "bytes",
        "X-Frame-Options": "deny",
        "X-XSS-Protection": "1; mode=block",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Header": "noindex",
        "ETag": f'"{hashlib.md5(WHEEL.data, usedforsecurity=False).hexdigest()}"',
        "Access-Control-Allow-Methods": "GET, OPTIONS",
        "Access-Control-Allow-Headers": "Range",
        "Access-Control-Allow-Origin": "*",
        "x-pypi-file-python-version": "py3",
        "x-pypi-file-version": "1.0",
        "x-pypi-file-package-type": "bdist_wheel",
        "x-pypi-file-project": "demo",
        "Content-Length": str(len(WHEEL.data)),
    }


def test_head(demo: Registry, ask: Ask) -> None:
    """Without a body, and closed to other origins."""
    response = ask(PATH, "HEAD")

    assert demo.files("demo")
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == str(len(WHEEL.data))
    assert "Access-Control-Allow-Origin" not in response.headers
    assert response.headers["X-Permitted-Cross-Domain-Policies"] == "none"


def test_a_part(demo: Registry, ask: Ask) -> None:
    """What uv reads of a wheel without metadata beside it."""
    response = ask(PATH, Range="bytes=-22")

    assert demo.files("demo")
    assert (response.status_code, response.data) == (206, WHEEL.data[-22:])
    assert response.headers["Content-Range"] == f"bytes {len(WHEEL.data) - 22}-{len(WHEEL.data) - 1}/{len(WHEEL.data)}"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_metadata(demo: Registry, ask: Ask) -> None:
    """PEP 658: what the page announces is what is there."""
    response = ask(f"{PATH}.metadata")

    assert response.status_code == 200
    assert response.text.startswith("Metadata-Version: ")
    assert f'data-core-metadata="sha256={hashlib.sha256(response.data).hexdigest()}"' in ask("/simple/demo/").text
    assert response.headers["Vary"] == "Accept-Encoding"
    assert [exchange.action for exchange in demo.log] == ["metadata", "project page"]
    assert not demo.log.downloads()


def test_no_metadata_of_sdists(demo: Registry, ask: Ask, opened: Opened, world: PyPIWorld) -> None:
    """Nor of anything while it is turned off, nor before 2023."""
    sdist = make_sdist("demo", "1.0")
    digest = hashlib.blake2b(sdist.data, digest_size=32).hexdigest()
    path = f"/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{sdist.name}"
    assert ask(path).status_code == 200
    assert ask(f"{path}.metadata").status_code == 404
    world.settings.pep658 = False
    assert ask(f"{PATH}.metadata").status_code == 404
    before = opened(replace(PageFacts(), metadata_keys=()))
    before.add(WHEEL)
    assert Client(before.wsgi).get(PATH).status_code == 200
    assert Client(before.wsgi).get(f"{PATH}.metadata").status_code == 404
    assert demo.log.where(status=404)


@pytest.mark.parametrize(
    "path",
    [
        PATH.replace("demo-1.0", "demo-2.0"),
        PATH.replace(DIGEST[4:], "0" * 60),
        f"/packages/{DIGEST[:3]}/{DIGEST[3:4]}/{DIGEST[4:]}/{WHEEL.name}",
        f"{PATH}.asc",
        f"{PATH.replace('demo-1.0', 'demo-2.0')}.metadata",
    ],
)
def test_no_such_file(demo: Registry, ask: Ask, path: str) -> None:
    """Another name, another digest, another cut of the right one, a signature."""
    assert demo.files("demo")
    assert ask(path).status_code == 404


def test_a_deleted_file(demo: Registry, ask: Ask) -> None:
    """It is gone from everywhere."""
    demo.delete("demo", "1.0", WHEEL.name)

    assert ask(PATH).status_code == 404
    assert ask(f"{PATH}.metadata").status_code == 404
    assert WHEEL.name not in ask("/simple/demo/").text


def test_quarantine_leaves_files(demo: Registry, world: PyPIWorld, ask: Ask) -> None:
    """The files' host knows nothing of it: who has the address gets the file."""
    world.project("demo").quarantine()

    assert demo.files("demo")
    assert ask(PATH).status_code == 200


def test_installers_find_their_way(demo: Registry) -> None:
    """Real pip: the page as JSON, the metadata, the file."""
    site = demo.install("demo")

    assert site.distributions() == {"demo": "1.0"}
    # pip 22.3 reads of metadata in HTML alone.
    asked = ["project page", "download"] if older("pip", "23.2") else ["project page", "metadata", "download"]
    assert [exchange.action for exchange in demo.log] == asked
