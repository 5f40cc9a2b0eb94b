"""A world that looks for nothing anywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_pyreg.identity import Identity
    from pytest_pyreg.model import Namespace


class Alone:
    """What finds in a namespace what is in it, keeps its files itself, and sends nobody upstream."""

    def searched(
        self, identity: Identity | None, namespace: Namespace, *, everything: bool = False
    ) -> tuple[Namespace, ...]:
        """Return the namespace itself."""
        del identity, everything
        return (namespace,)

    def forwards(self, namespace: Namespace) -> bool:
        """Look nowhere else."""
        del namespace
        return False

    def forward(self, *, on: bool) -> None:
        """Forward nothing, whatever is wished."""

    def stores_elsewhere(self) -> bool:
        """Keep the files here."""
        return False
