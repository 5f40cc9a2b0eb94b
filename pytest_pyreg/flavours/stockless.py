"""A world that keeps nothing of its own about releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_pyreg.index import Index
    from pytest_pyreg.model import File, Release


class Stockless:
    """What does not ask where releases are, nor what became of them."""

    def stocked(self, index: Index) -> None:
        """Leave the releases where they are."""

    def forgotten(self, name: str) -> bool:
        """Say that a project was no more than its releases."""
        del name
        return False

    def deleted(self, release: Release, files: Iterable[File]) -> None:
        """Let them go."""
