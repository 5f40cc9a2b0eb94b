"""What twine and uv make of the index's yes, and of the refusals that they know by their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
from packaging.version import Version

from pytest_pyreg import make_dists, make_wheel
from pytest_pyreg.flavours.hosts import LINKS
from tests.pypi.installed import older

if TYPE_CHECKING:
    from pytest_pyreg import PyPI
    from tests.pypi.clients.conftest import Desk

WHEEL, SDIST = make_dists("demo", "1.0")
OTHER = make_wheel("demo", "1.0", files={"demo.py": "OTHER = True\n"})
EXISTS = "File already exists ('demo-1.0-py3-none-any.whl', with blake2_256 hash '"
EXISTS_ONCE = "File already exists. See "
"""Until 15 August 2024."""
MORE = f"See {LINKS['help']}file-name-reuse for more information."
CLIENTS = pytest.mark.parametrize("client", ["twine", "uv"])
DAYS = ["2022.6", "2025.6", ""]


def page(pypi: PyPI) -> str:
    """Return the project's page, which counts changes."""
    return requests.get(f"{pypi.index_url}/demo/", timeout=10).text


@CLIENTS
@pytest.mark.parametrize("day", DAYS)
def test_a_release_twice(pypi: PyPI, desk: Desk, client: str, day: str) -> None:
    """The same files once more are taken and change nothing; another file of that name is refused.

    The message stands in the status line to the beginning of 2026, where twine prints it; uv reads the body.
    """
    first = desk.publish(client, WHEEL, SDIST)
    assert (first.good, first.statuses) == (True, [200, 200]), first.text
    assert pypi.files("demo") == {WHEEL.name, SDIST.name}
    before = page(pypi)

    again = desk.publish(client, WHEEL, SDIST)
    assert (again.good, again.statuses) == (True, [200, 200]), again.text
    assert {exchange.why for exchange in again.exchanges} == {"the very same file is here already, so nothing changes"}

    other = desk.publish(client, OTHER)
    assert (other.good, other.statuses) == (False, [400])
    told_in_line = day != ""
    exists = EXISTS_ONCE if day and Version(day) < Version("2024.8.15") else EXISTS
    if client == "uv":
        assert f"Server says: 400 {exists}" in other.text
    assert (exists in other.text) is (client == "uv" or told_in_line)
    assert (MORE in other.text) is (client == "uv" or told_in_line)
    assert "400 Bad Request from" in other.text or client == "uv"
    (exchange,) = other.exchanges
    assert exchange.reason.startswith(exists) if told_in_line else exchange.reason == "Bad Request"
    assert exchange.why.startswith(exists)
    assert page(pypi) == before


def test_twine_shows_the_body_to_who_asks(pypi: PyPI, desk: Desk) -> None:
    """Today's status line says nothing, so `--verbose` is where twine tells why."""
    pypi.add(WHEEL)

    assert EXISTS in desk.publish("twine", OTHER, options=("--verbose",)).text


@pytest.mark.skipif(older("twine", "6.2"), reason="before 6.2 twine skipped at any address")
def test_twine_skips_at_the_real_index_alone(pypi: PyPI, desk: Desk) -> None:
    """Since 6.2 it refuses `--skip-existing` for any other address, before it asks anything."""
    pypi.add(WHEEL)

    told = desk.publish("twine", WHEEL, options=("--skip-existing",))

    assert (told.good, told.asked) == (False, [])
    assert "UnsupportedConfiguration" in told.text
    assert "--skip-existing" in told.text


@pytest.mark.skipif(older("uv", "0.5"), reason="before 0.5 a project that is not there yet was an error")
@pytest.mark.parametrize("day", ["2022.6", ""])
def test_uv_looks_before_it_sends(pypi: PyPI, desk: Desk, day: str) -> None:
    """With `--check-url` what is there is passed over, and what is other is refused, both without an upload."""
    del day
    look = ("--check-url", pypi.index_url)
    fresh = desk.publish("uv", WHEEL, options=look)
    assert (fresh.good, fresh.statuses) == (True, [404, 200]), fresh.text

    same = desk.publish("uv", WHEEL, options=look)
    assert (same.good, same.asked) == (True, ["page demo"])
    assert "already exists, skipping" in same.text

    other = desk.publish("uv", OTHER, options=look)
    assert (other.good, [exchange.action for exchange in other.exchanges]) == (False, ["project page"])
    assert "Local file and index file do not match" in other.text


def test_what_uv_accepts(pypi: PyPI, desk: Desk) -> None:
    """It asks for JSON, and shows the `code` of it: the message without what HTTP says of a 400."""
    pypi.add(WHEEL)

    told = desk.publish("uv", OTHER)

    (exchange,) = told.exchanges
    assert "application/json" in dict(exchange.headers)["Accept"]
    assert "The server could not comply" not in told.text
    assert "&#x27;" not in told.text
