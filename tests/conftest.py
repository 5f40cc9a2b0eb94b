"""What the tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["pytester"]


@pytest.fixture(name="registry")
def _registry() -> Iterator[Registry]:
    """A running registry; named apart from the plugin's own fixture, so that a broken plugin breaks only its tests."""
    with Registry("gitlab@17") as registry:
        yield registry
