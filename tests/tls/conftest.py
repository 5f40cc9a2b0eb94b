"""What the tests of TLS share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(name="secure")
def _secure() -> Iterator[Registry]:
    """A registry that speaks https."""
    with Registry("gitlab@17", tls=True, forwarding=False) as registry:
        yield registry
