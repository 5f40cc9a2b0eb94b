"""Every client over https, with the throw-away authority in its environment; and without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import CommandFailed, Registry
from tests.clients.conftest import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.clients

SENDERS = ("flit", "hatch", "pdm", "poetry", "twine", "uv")
FETCHERS = ("build", "hatch", "nox", "pdm", "pip", "pipx", "poetry", "tox", "uv")


@pytest.fixture(name="desk")
def _desk(client: str, tool: Callable[[str], str], tmp_path: Path) -> Iterator[Desk]:
    program = tool(client)
    with Registry("gitlab", forwarding=False, tls=True) as registry:
        yield Desk.with_backends(registry, tmp_path, client, program)


@pytest.mark.parametrize("client", SENDERS)
def test_upload(desk: Desk) -> None:
    """What it sends is there, over https alone."""
    desk.send()

    assert desk.registry.url.startswith("https://")
    assert desk.registry.files("demo") == {"demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"}
    assert desk.registry.log.notes == ()


@pytest.mark.parametrize("client", FETCHERS)
def test_install(desk: Desk) -> None:
    """What it fetches works."""
    desk.stock()

    assert desk.fetch()
    assert desk.registry.log.downloads()
    # uv begins connections beforehand, and drops those that it does not need after all.
    assert [note for note in desk.registry.log.notes if not (desk.name == "uv" and "hung up in the" in note)] == []


@pytest.mark.parametrize("client", [*SENDERS, "pip", "tox"])
def test_without_the_authority(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says no to a registry that it does not know, and the registry says why nothing came."""
    desk.stock()
    whole = desk.registry.env

    def distrusting(*args: object) -> dict[str, str]:
        known = whole(*args)  # type: ignore[arg-type]
        return {name: value for name, value in known.items() if name not in {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}}

    monkeypatch.setattr(desk.registry, "env", distrusting)
    with pytest.raises(CommandFailed):
        desk.send() if desk.name in SENDERS else desk.fetch()

    assert not desk.registry.log.uploads()
    assert desk.registry.log.notes
