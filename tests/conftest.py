"""What the tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `tests/conformance` run rows that it has not seen."""
    parser.addoption(
        "--cases",
        action="append",
        default=[],
        metavar="FILE",
        help="run the rows of this file, in the format of fixtures/conformance/, instead of those (repeatable)",
    )


@pytest.fixture(name="registry")
def _registry() -> Iterator[Registry]:
    """A running registry; named apart from the plugin's own fixture, so that a broken plugin breaks only its tests."""
    with Registry("gitlab@17", forwarding=False) as registry:
        yield registry
