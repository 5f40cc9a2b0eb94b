"""The way back to an earlier state: all that a test can change, at once, on a registry that goes on running."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pytest_pyreg.memento import Memento
from pytest_pyreg.stock import NotRunning

if TYPE_CHECKING:
    from pytest_pyreg.clients.workplace import Workplace
    from pytest_pyreg.companions import Companions
    from pytest_pyreg.flavours import Flavour, World
    from pytest_pyreg.gate import Gate
    from pytest_pyreg.server import Server


class Snapshot:
    """What a registry was at one moment; made by `Registry.snapshot`, good for any number of `Registry.restore`.

    Args:
        of: the registry.
        memento: its state.
    """

    __slots__ = ("_memento", "_of")

    def __init__(self, of: Snapshots, memento: Memento) -> None:
        self._of = of
        self._memento = memento

    def put_back(self, registry: Snapshots) -> None:
        """Put the registry's state back.

        Raises:
            ValueError: it is another registry.
        """
        if registry is not self._of:
            raise ValueError(
                f"this snapshot is of {self._of!r}, and cannot be restored in {registry!r}; take one there"
            )
        self._memento.put_back()

    def __repr__(self) -> str:
        return f"<Snapshot of {self._of!r}>"


class Snapshots:
    """The part of a registry that goes back to what it was."""

    LASTING: ClassVar = frozenset({"log", "_workplace", "_server", "_wsgi", "_gate", "_tls", "_keeper"})
    """What came stays in the log; what was ever secret stays secret; and the server and the folder go on."""

    flavour: Flavour
    world: World
    _workplace: Workplace
    _companions: Companions
    _gate: Gate | None
    _server: Server | None

    def snapshot(self) -> Snapshot:
        """Return what the registry is now, for `restore`.

        In it is all that a test can change: releases and files, users, groups, projects, tokens, settings, the time
        that `clock.advance` added, and the index upstream.  Not in it are the log, and what clients have on disk.

        Raises:
            NotRunning: the registry is not running.
            UnderWay: a request does not end.
        """
        with self._still().closed():
            return Snapshot(self, Memento(self, [self.flavour]))

    def restore(self, snapshot: Snapshot) -> None:
        """Make the registry what it was when the snapshot was taken; as often as wanted, and in any order.

        Users, projects and other objects that were there then are the same objects, with the attributes that they had.
        Requests that are under way end first, and leave nothing behind: a client that takes longer is hung up on.

        Args:
            snapshot: what `snapshot()` returned.

        Raises:
            NotRunning: the registry is not running.
            TypeError: that is no snapshot.
            ValueError: it is one of another registry.
            UnderWay: a request does not end.
        """
        if not isinstance(snapshot, Snapshot):
            raise TypeError(f"a snapshot is what registry.snapshot() returned, not {snapshot!r}")
        gate, server = self._still(), self._server
        with gate.closed(None if server is None else server.hang_up):
            for secret in self.world.secrets():  # Reports may still be about them.
                self._workplace.keep_secret(secret)
            snapshot.put_back(self)

    def _still(self) -> Gate:
        self._require_running()
        if self._gate is None:
            raise NotRunning("this registry is not running; call start() first")
        return self._gate

    def _require_running(self) -> None:
        raise NotImplementedError
