"""What runs beside a registry, each on a port of its own, from the moment that it is first needed.

The index that unknown projects are forwarded to, and the storage that downloads may be redirected to.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pytest_pyreg.exchanges import Log, Recorder
from pytest_pyreg.storage import Storage

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from pytest_pyreg.blobs import BlobStore
    from pytest_pyreg.clock import Clock
    from pytest_pyreg.registry import Registry
    from pytest_pyreg.server import Server


class Companions:
    """What runs beside one registry.

    Args:
        blobs: what the storage holds.
        clock: the time, the same for all.
        chance: makes the key that signs addresses.
        upstream: makes the index upstream.
        server: makes a server that speaks as the registry's own does.
    """

    def __init__(
        self,
        blobs: BlobStore,
        clock: Clock,
        chance: random.Random,
        upstream: Callable[[], Registry],
        server: Callable[[], Server],
    ) -> None:
        self.log = Log()
        """What the storage was asked."""
        self._storage = Storage(blobs, clock, chance.randbytes(32))
        self._clock = clock
        self._make_upstream = upstream
        self._make_server = server
        self._lock = threading.RLock()
        self._server: Server | None = None
        self._upstream: Registry | None = None

    @property
    def started_upstream(self) -> Registry | None:
        """The index upstream, if it was needed."""
        return self._upstream

    def upstream(self) -> Registry:
        """Return the index upstream, running."""
        with self._lock:
            if self._upstream is None:
                self._upstream = self._make_upstream().start()
            return self._upstream

    def storage_url(self, digest: str) -> str:
        """Return a signed address of a blob's bytes."""
        with self._lock:
            if self._server is None:
                self._server = self._make_server()
                self._server.start(Recorder(self._storage, self.log, self._clock))
        return f"{self._server.origin}{self._storage.path(digest)}"

    def stop(self) -> None:
        """Stop all of it; stopping twice is no error."""
        with self._lock:
            server, self._server = self._server, None
            upstream, self._upstream = self._upstream, None
        if server is not None:
            server.stop()
        if upstream is not None:
            upstream.stop()
