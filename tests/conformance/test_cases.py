"""Every row of the case files: the world that it speaks of, its request, its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conformance.products import Case


def test_row(case: Case) -> None:
    """A row holds."""
    __tracebackhide__ = True
    case.play()
