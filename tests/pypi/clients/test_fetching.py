"""What pip and uv fetch for a chain of four projects, by what the index offers them.

As measured with pip 26.3 and uv 0.13 against another server: 12 requests with PEP 658, 8 (pip) or 16 (uv) without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import make_wheel
from tests.pypi.installed import older

if TYPE_CHECKING:
    from pytest_pyreg import Exchange, PyPI
    from tests.pypi.clients.conftest import Desk

CHAIN = ("app", "lib", "base", "root")
WHEELS = [f"{name}-1.0-py3-none-any.whl" for name in CHAIN]
CLIENTS = pytest.mark.parametrize("client", ["pip", "uv"])
JSON, HTML = "application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.v1+html"

WITH_METADATA = [
    words for name, wheel in zip(CHAIN, WHEELS, strict=True) for words in (f"page {name}", f"metadata {wheel}")
] + [f"file {wheel}" for wheel in WHEELS]
WHOLE = [words for name, wheel in zip(CHAIN, WHEELS, strict=True) for words in (f"page {name}", f"file {wheel}")]
IN_PARTS = [
    words
    for name, wheel in zip(CHAIN, WHEELS, strict=True)
    for words in (f"page {name}", f"head {wheel}", f"part {wheel}")
] + [f"file {wheel}" for wheel in WHEELS]
WITHOUT = {"pip": WHOLE, "uv": IN_PARTS}
"""What each does without PEP 658: pip takes the whole wheel at once, uv its end first."""


def reads_metadata(client: str, kind: str) -> bool:
    """Tell whether a client knows PEP 658 in pages of a kind: pip has since 22.3 in HTML, since 23.2 in JSON."""
    return client == "uv" or kind != JSON or not older("pip", "23.2")


def once(asked: list[str]) -> list[str]:
    """Return what was asked, each thing once: pip 22.3 takes the files whose metadata it had a second time."""
    return list(dict.fromkeys(asked)) if older("pip", "23.2") else asked


@pytest.fixture(autouse=True)
def _chain(pypi: PyPI) -> None:
    for name, needed in zip(CHAIN, (*CHAIN[1:], ""), strict=True):
        pypi.add(make_wheel(name, "1.0", requires=[needed] if needed else []))


def content_type(pypi: PyPI, page: Exchange) -> str:
    """Return what the index gives to who asks as this client did."""
    asked = {"Accept": dict(page.headers)["Accept"]}
    return requests.get(pypi.url + page.path, headers=asked, timeout=10).headers["Content-Type"]


@CLIENTS
@pytest.mark.parametrize(
    ("day", "json", "pep658", "kind", "metadata"),
    [
        pytest.param("", True, True, JSON, True, id="all"),
        pytest.param("", False, True, HTML, True, id="html"),
        pytest.param("", True, False, JSON, False, id="no-metadata"),
        pytest.param("", False, False, HTML, False, id="html-no-metadata"),
        pytest.param("2022.6", True, True, "text/html; charset=UTF-8", False, id="2022.6"),
        pytest.param("2023.2.25", True, True, JSON, False, id="2023.2.25"),
        pytest.param("2023.6.27", True, True, JSON, True, id="2023.6.27"),
        pytest.param("2024.11.18", True, True, JSON, True, id="2024.11.18"),
    ],
)
def test_a_chain(pypi: PyPI, desk: Desk, client: str, *, json: bool, pep658: bool, kind: str, metadata: bool) -> None:
    """The pages in their order, from the first to the last that is needed; every file comes once, and from here."""
    pypi.settings.json, pypi.settings.pep658 = json, pep658

    told = desk.install(client, "app")

    assert told.installed == dict.fromkeys(CHAIN, "1.0"), told.text
    wanted = WITH_METADATA if metadata and reads_metadata(client, kind) else WITHOUT[client]
    # uv fetches files at the same time.
    assert once(told.asked) == wanted if client == "pip" else sorted(told.asked) == sorted(wanted)
    assert set(told.statuses) == ({200, 206} if wanted is IN_PARTS else {200})
    assert content_type(pypi, told.exchanges[0]) == kind


@CLIENTS
@pytest.mark.parametrize("day", ["", "2022.6"])
def test_a_chain_that_is_broken(pypi: PyPI, desk: Desk, client: str, day: str) -> None:
    """A project that is missing at its end is a 404, and nothing is installed."""
    del day
    pypi.delete("root")

    told = desk.install(client, "app")

    assert not told.good
    assert told.installed == {}
    missing = [exchange for exchange in told.exchanges if exchange.refused]
    assert [(exchange.path, exchange.status) for exchange in missing] == [("/simple/root/", 404)]
    assert "root" in told.text


@CLIENTS
@pytest.mark.parametrize("day", ["2023.5.11"])
@pytest.mark.parametrize("json", [True, False])
def test_the_first_weeks_of_metadata(pypi: PyPI, desk: Desk, client: str, *, json: bool) -> None:
    """JSON had a key that belongs to HTML, until PEP 714 made it right: pip passes over it there, uv does not."""
    pypi.settings.json = json

    told = desk.install(client, "root")

    fetched = [] if json and client == "pip" else [f"metadata {WHEELS[-1]}"]
    assert once(told.asked) == ["page root", *fetched, f"file {WHEELS[-1]}"]


def test_uv_keeps_pages_as_long_as_the_index_says(pypi: PyPI) -> None:
    """Ten minutes, by `Cache-Control`: a release that comes meanwhile is not seen; `--refresh` sees it, as does pip."""
    assert pypi.install("root", client="uv").distributions() == {"root": "1.0"}
    pypi.add(make_wheel("root", "2.0"))

    assert pypi.install("root", client="uv").distributions() == {"root": "1.0"}
    assert pypi.install("--refresh", "root", client="uv").distributions() == {"root": "2.0"}
    assert pypi.install("root").distributions() == {"root": "2.0"}
