"""What runs beside a registry, each on a port of its own, from the moment that it is first needed.

The index that unknown projects are forwarded to, and the storage that downloads may be redirected to.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.exchanges import Log, Recorder
from pytest_pyreg.flavours import UPSTREAM
from pytest_pyreg.stock import holds_distributions
from pytest_pyreg.storage import Storage

if TYPE_CHECKING:
    import os
    import random
    import ssl
    from collections.abc import Callable, Iterable

    from pytest_pyreg.blobs import BlobStore
    from pytest_pyreg.clock import Clock
    from pytest_pyreg.identity import Credential
    from pytest_pyreg.registry import Registry
    from pytest_pyreg.server import Server
    from pytest_pyreg.snapshots import Snapshot


class Companions:
    """What runs beside one registry.

    Args:
        blobs: what the storage holds.
        clock: the time, the same for all.
        chance: makes the key that signs addresses.
        upstream: makes the index upstream.
        server: makes a server that speaks as the registry's own does.
        secrets: tells what no log is to hold.
    """

    def __init__(  # noqa: PLR0917 - what they share with the registry.
        self,
        blobs: BlobStore,
        clock: Clock,
        chance: random.Random,
        upstream: Callable[[], Registry],
        server: Callable[[], Server],
        secrets: Callable[[], Iterable[str]] = frozenset,
    ) -> None:
        self.log = Log(secrets=secrets)
        """What the storage was asked."""
        self._storage = Storage(blobs, clock, chance.randbytes(32))
        self._clock = clock
        self._make_upstream = upstream
        self._make_server = server
        self._lock = threading.RLock()
        self._server: Server | None = None
        self._upstream: Registry | None = None
        self._fresh: Snapshot | None = None

    @property
    def started_upstream(self) -> Registry | None:
        """The index upstream, if it was needed."""
        return self._upstream

    def upstream(self) -> Registry:
        """Return the index upstream, running."""
        with self._lock:
            if self._upstream is None:
                upstream = self._make_upstream().start()
                self._fresh = upstream.snapshot()
                self._upstream = upstream
            return self._upstream

    def storage_url(self, digest: str) -> str:
        """Return a signed address of a blob's bytes."""
        with self._lock:
            if self._server is None:
                self._server = self._make_server()
                self._server.start(Recorder(self._storage, self.log, self._clock))
        return f"{self._server.origin}{self._storage.path(digest)}"

    def memento(self) -> Callable[[], None]:
        """Return what puts the index upstream back; one that was started since is as it was then, and goes on."""
        with self._lock:
            kept = self._upstream.snapshot() if self._upstream is not None else None

        def put_back() -> None:
            snapshot = kept or self._fresh
            if self._upstream is not None and snapshot is not None:
                self._upstream.restore(snapshot)

        return put_back

    def assert_never_shown(self, credential: Credential) -> None:
        """Assert that none of them has seen a credential's secret.

        Raises:
            AssertionError: one has.
        """
        __tracebackhide__ = True
        if self._upstream is not None:
            self._upstream.log.assert_never_shown(credential)
        self.log.assert_never_shown(credential)

    def stop(self) -> None:
        """Stop all of it; stopping twice is no error."""
        with self._lock:
            server, self._server = self._server, None
            upstream = self._upstream  # It stays here for what it still can tell.
        if server is not None:
            server.stop()
        if upstream is not None:
            upstream.stop()


def upstream_index(  # noqa: PLR0917 - as the registry was told.
    folder: str | os.PathLike[str] | None,
    record: bool,  # noqa: FBT001
    clock: Clock,
    timeout: float,
    tls: bool | ssl.SSLContext,  # noqa: FBT001
    data: str | os.PathLike[str] | None = None,
) -> Registry:
    """Make the index that unknown projects are forwarded to, in its own words, filled as it was asked for."""
    from pytest_pyreg import products
    from pytest_pyreg.durable import part

    kept = None if data is None else Path(data, part.UPSTREAM)
    flavour = UPSTREAM if kept is None else part.flavour_in(kept) or UPSTREAM
    made = products.registry(flavour, clock=clock, timeout=timeout, tls=tls, data=kept)
    if folder is not None:
        if holds_distributions(folder):
            made.add(Path(folder))
        (made.record if record else made.replay)(folder)
    return made
