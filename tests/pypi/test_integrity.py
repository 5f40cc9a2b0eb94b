"""The Integrity API: who gets a file's attestations, and what is said to everybody else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from pytest_pyreg import Registry, make_sdist
from pytest_pyreg.flavours.pypi.page_facts import PageFacts

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from pytest_pyreg.flavours.pypi.world import PyPIWorld

    Ask = Callable[..., TestResponse]
    Opened = Callable[..., Registry]

V1 = "application/vnd.pypi.integrity.v1+json"
PROVENANCE = {
    "version": 1,
    "attestation_bundles": [{"publisher": {"kind": "GitHub", "claims": None}, "attestations": []}],
}
PATH = "/integrity/demo/1.0/demo-1.0.tar.gz/provenance"


def attest(registry: Registry) -> None:
    """Give the stored file provenance, as an upload by a trusted publisher would."""
    (release,) = registry._index.releases([registry.namespace])
    (file,) = release.files
    shelf = registry._index._shelves[registry.namespace.id]
    facts = {**file.facts, "provenance": json.dumps(PROVENANCE)}
    shelf.projects[release.normalized].releases[release.key] = replace(release, files=(replace(file, facts=facts),))


@pytest.fixture(name="demo")
def _demo(index: Registry) -> Registry:
    """An index with an attested file."""
    index.add(make_sdist("demo", "1.0"))
    attest(index)
    return index


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", V1),
        ("*/*", V1),
        (V1, V1),
        ("application/*", V1),
        ("application/json", "application/json"),
        (f"application/json, {V1};q=0.5", "application/json"),
    ],
)
def test_provenance(demo: Registry, ask: Ask, accept: str, kind: str) -> None:
    """Sorted, tight, without a new line."""
    response = ask(PATH, **({"Accept": accept} if accept else {}))

    assert demo.files("demo")
    assert response.status_code == 200
    assert response.text == (
        '{"attestation_bundles":[{"attestations":[],"publisher":{"claims":null,"kind":"GitHub"}}],"version":1}'
    )
    assert response.headers["Content-Type"] == kind
    assert response.headers["Cache-Control"] == "max-age=600, public"
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    again = ask(PATH, **({"Accept": accept} if accept else {}), If_None_Match=response.headers["ETag"])
    assert again.status_code == 304


@pytest.mark.parametrize("path", [PATH.replace("1.0/", "1/"), PATH.replace("/demo/", "/Demo/")])
def test_any_spelling(demo: Registry, ask: Ask, path: str) -> None:
    """Of the project and of the version; nobody is sent elsewhere."""
    assert demo.files("demo")
    assert ask(path).status_code == 200


def test_pages_lead_there(demo: Registry, ask: Ask) -> None:
    """HTML and JSON."""
    url = demo.url + PATH

    assert f'"  data-provenance="{url}">demo-1.0.tar.gz</a>' in ask("/simple/demo/").text
    told = ask("/simple/demo/", Accept="application/vnd.pypi.simple.v1+json").get_json(force=True)
    assert told["files"][0]["provenance"] == url


@pytest.mark.parametrize("accept", ["text/html", "application/xml", f"{V1};q=0"])
def test_not_in_that_form(demo: Registry, ask: Ask, accept: str) -> None:
    """Here a client can ask for too much."""
    response = ask(PATH, Accept=accept)

    assert demo.files("demo")
    assert (response.status_code, response.text) == (406, '{"message":"Request not acceptable"}')
    assert response.headers["Content-Type"] == "application/json"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_turned_off(demo: Registry, world: PyPIWorld, ask: Ask) -> None:
    """By an administrator; and given again."""
    world.settings.disable_pep740 = True
    response = ask(PATH)
    assert (response.status_code, response.text) == (403, '{"message":"Attestations temporarily disabled"}')

    world.settings.disable_pep740 = False

    assert demo.files("demo")
    assert ask(PATH).status_code == 200


def test_none(index: Registry, ask: Ask) -> None:
    """A file without attestations."""
    index.add(make_sdist("demo", "1.0"))

    response = ask(PATH)

    assert (response.status_code, response.text) == (404, '{"message":"No provenance available for demo-1.0.tar.gz"}')
    assert "data-provenance" not in ask("/simple/demo/").text


@pytest.mark.parametrize(
    "path", [PATH.replace("demo", "nope"), PATH.replace("/1.0/", "/2.0/"), PATH.replace("tar.gz", "zip")]
)
def test_no_such_file(demo: Registry, ask: Ask, path: str) -> None:
    """A page of the web site says so, whatever is asked for."""
    response = ask(path, Accept=V1)

    assert demo.files("demo")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "text/html; charset=UTF-8"


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS"])
def test_get_alone(demo: Registry, ask: Ask, method: str) -> None:
    """Not even HEAD."""
    assert demo.files("demo")
    assert ask(PATH, method).status_code == 405


def test_before_there_were_any(opened: Opened) -> None:
    """No address, and no word of it on pages."""
    registry = opened(PageFacts(provenance=False))
    registry.add(make_sdist("demo", "1.0"))
    attest(registry)

    client = Client(registry.wsgi)
    assert client.get(PATH).status_code == 404
    assert "provenance" not in client.get("/simple/demo/").text
