"""Every client against the newest release of every product: what docs/clients.md shows.

`tools/client_matrix.py` makes the page's table out of a run of this module; a run that differs from it fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clients.conftest import Desk

    Record = Callable[[str, object], None]

pytestmark = pytest.mark.clients

PRODUCTS = ("gitlab", "gitea", "pypi")
SENDERS = ("flit", "hatch", "pdm", "poetry", "twine", "uv")
FETCHERS = ("build", "hatch", "nox", "pdm", "pip", "pipx", "poetry", "tox", "uv")


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("client", SENDERS)
def test_upload(
    desk: Desk, record_property: Record, recorded: dict[str, Any], client: str, product: str, version: str
) -> None:
    """What it sends is there, byte by byte by the registry's own check, sent as the publisher."""
    try:
        desk.send()
        told = ""
    except CommandFailed as error:
        told = str(error)

    there = desk.registry.files("demo") == {"demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"}
    verdict = "yes" if there and not told else "no"
    record_property("matrix", f"{client} {version} upload {product} {verdict}")
    assert verdict == recorded[client]["upload"][product], told or desk.registry.report()
    assert {exchange.who for exchange in desk.registry.log.uploads()} == {"user publisher"}


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("client", FETCHERS)
def test_install(
    desk: Desk, record_property: Record, recorded: dict[str, Any], client: str, product: str, version: str
) -> None:
    """What it installs works, came from the registry, and was asked for as the reader, where the product asks."""
    desk.stock()
    try:
        works, told = desk.fetch(), ""
    except CommandFailed as error:
        works, told = False, str(error)

    verdict = "yes" if works else "no"
    record_property("matrix", f"{client} {version} install {product} {verdict}")
    assert verdict == recorded[client]["install"][product], told or desk.registry.report()
    assert desk.registry.log.downloads()
    assert {exchange.who for exchange in desk.registry.log} <= {"user reader", "a caller whom nobody asks"}


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("client", SENDERS)
def test_upload_of_a_stranger(desk: Desk, product: str) -> None:
    """What a stranger sends is refused, the client says so, and nothing is there."""
    del product
    with pytest.raises(CommandFailed):
        desk.send(desk.registry.stranger)

    uploads = desk.registry.log.uploads()
    assert uploads
    assert all(exchange.refused and exchange.who == "user stranger" for exchange in uploads)
    assert desk.registry.projects() == set()


@pytest.mark.parametrize("product", PRODUCTS[:2])
@pytest.mark.parametrize("client", FETCHERS)
def test_install_of_a_stranger(desk: Desk, product: str) -> None:
    """What a stranger asks for is refused, and the client says that it has nothing."""
    del product
    desk.stock()
    with pytest.raises(CommandFailed):
        desk.fetch(desk.registry.stranger)

    assert desk.registry.log
    assert all(exchange.refused and exchange.who == "user stranger" for exchange in desk.registry.log)


@pytest.mark.parametrize("product", PRODUCTS[2:])
@pytest.mark.parametrize("client", FETCHERS)
def test_install_of_what_is_not_there(desk: Desk, product: str) -> None:
    """The public index refuses nobody: what it does not have cannot be had."""
    del product
    with pytest.raises(CommandFailed):
        desk.fetch()

    assert desk.registry.log
    assert all(exchange.refused for exchange in desk.registry.log)
