"""The part of a registry that is written down."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_pyreg import worldfile, worldfile_shared
from pytest_pyreg.blobs import BlobStore

if TYPE_CHECKING:
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
    given: dict[str, str]
    """Ready credentials whose secrets came from the environment (`publisher` and so on) -> the variable."""
    _blobs: BlobStore
    _index: Index
    _companions: Companions
    _keeper: Keeper | None = None

    def _open(self, data: str | os.PathLike[str] | None) -> Path | None:
        """Open the registry's folder, if it has one; `_begin` has to follow, which lets go of it if it cannot.

        Returns:
            Where the folder is, wherever this process goes.

        Raises:
            NotUsable: it cannot be used.
        """
        if data is None:
            self._blobs = BlobStore()
            return None
        from pytest_pyreg.durable.keeper import Keeper

        folder = Path(data).absolute()
        self._keeper = Keeper(folder, self.flavour)
        self._blobs = self._keeper.blobs
        return folder

    def _begin(self, chance: random.Random, world_file: str | os.PathLike[str] | None) -> None:
        """Become what is in the folder, or write down what this is at first.

        Args:
            chance: what the world makes its tokens with.
            world_file: what describes the world, where nothing is kept yet.

        Raises:
            NotUsable: what is in the folder cannot be read.
            WorldFileError: the file means nothing.
        """
        self.named, self.given = {}, {}
        try:
            # Once: it may be a pipe.
            file = None if world_file is None else worldfile.read(world_file)
            if file is not None and (self._keeper is None or self._keeper.is_new):
                self.named = worldfile_shared.loaded(file, self.world.load)
            if self._keeper is not None:
                known = {"flavour": self.flavour, "clock": self.clock, "chance": chance}
                others: dict[str, Any] = {"named": self.named, "given": self.given}
                described = "" if file is None else sha256(repr(file.values).encode()).hexdigest()
                self._keeper.begin(self.world, self._index, known, others, described)
                self.named, self.given = others["named"], others["given"]
        except BaseException:
            if self._keeper is not None:
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
    from pytest_pyreg.durable.errors import NotUsable
    from pytest_pyreg.flavours import UnknownFlavour, lookup

    if not Path(folder, NAME).exists():
        return None
    database = Database(Path(folder).absolute())
    meta: dict[str, str] = {}
    try:
        meta = database.rows("meta")
        if "flavour" in meta:
            lookup(meta["flavour"])
        return meta.get("flavour")
    except UnknownFlavour as error:
        raise NotUsable(
            f"{os.fspath(folder)!r} was written by pytest-pyreg {meta.get('written by')}, and is a registry that this "
            f"version does not know: {error}; use that version, or another folder"
        ) from None
    finally:
        database.close()
