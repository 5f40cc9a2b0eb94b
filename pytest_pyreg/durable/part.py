"""The part of a registry that is written down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.blobs import BlobStore

if TYPE_CHECKING:
    import os
    import random
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.companions import Companions
    from pytest_pyreg.durable.keeper import Keeper
    from pytest_pyreg.flavours import Flavour, World
    from pytest_pyreg.index import Index
    from pytest_pyreg.worldfile import Named

UPSTREAM = "upstream"
"""The folder, in a registry's, of the index upstream."""


class Durable:
    """What of a registry outlives it, if it has a folder."""

    flavour: Flavour
    world: World
    clock: Clock
    named: Mapping[str, Named]
    _blobs: BlobStore
    _index: Index
    _companions: Companions
    _keeper: Keeper | None = None

    def _open(self, data: str | os.PathLike[str] | None, world_file: str | os.PathLike[str] | None) -> bool:
        """Open the registry's folder, if it has one, and return whether there is something in it.

        Raises:
            NotUsable: it cannot be used.
        """
        if data is None:
            self._blobs = BlobStore()
            return False
        from pytest_pyreg.durable.keeper import Keeper

        self._keeper = Keeper(Path(data), self.flavour, world_file)
        self._blobs = self._keeper.blobs
        return not self._keeper.is_new

    def _begin(self, chance: random.Random) -> None:
        """Become what is in the folder, or write down what this is at first.

        Raises:
            NotUsable: what is in it cannot be read.
        """
        if self._keeper is not None:
            known = {"flavour": self.flavour, "clock": self.clock, "chance": chance}
            try:
                self.named = self._keeper.begin(self.world, self._index, self.named, known)
            except BaseException:
                self._keeper.drop()
                raise

    def _written(self, app: WSGIApplication) -> WSGIApplication:
        """Return an application that answers once what was done is written down."""
        return app if self._keeper is None else self._keeper.before(app)

    def _keep(self) -> None:
        """Write down the last changes, and let others have the folder."""
        if self._keeper is not None:
            self._keeper.close()

    def save(self) -> None:
        """Write down in the registry's folder, if it has one, what was done by hand; what clients did is there already.

        Raises:
            NotKept: it cannot be written.
        """
        if self._keeper is not None:
            self._keeper.save()
            upstream = self._companions.started_upstream
            if upstream is not None:
                upstream.save()


def flavour_in(folder: str | os.PathLike[str]) -> str | None:
    """Return the flavour of the registry that is in a folder; None if there is none yet.

    Raises:
        NotUsable: it cannot be used.
    """
    from pytest_pyreg.durable.database import NAME, Database

    if not Path(folder, NAME).exists():
        return None
    database = Database(Path(folder))
    try:
        return database.rows("meta").get("flavour")
    finally:
        database.close()
