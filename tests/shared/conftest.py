"""Registries that others attach, and runs of pytest beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import attach, products

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_pyreg import Registry, RemoteRegistry

TOKEN = "the-control-token-of-a-test"


@pytest.fixture
def share() -> Iterator[Callable[..., tuple[Registry, RemoteRegistry]]]:
    """Start registries and attach them; what is returned is such a pair."""
    open_now: list[tuple[Registry, RemoteRegistry]] = []

    def shared(flavour: str, **options: object) -> tuple[Registry, RemoteRegistry]:
        registry = products.registry(flavour, **options).start(control=TOKEN)
        open_now.append((registry, attach(registry.url, TOKEN)))
        return open_now[-1]

    yield shared
    for registry, far in open_now:
        far.close()
        registry.stop()


@pytest.fixture
def token() -> str:
    """What opens them."""
    return TOKEN
