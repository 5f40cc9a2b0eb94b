"""The facade: one running registry, and everything a test, a script or the command line does with it."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg import options, worldfile_shared
from pytest_pyreg.addresses import link
from pytest_pyreg.app import App
from pytest_pyreg.blobs import BlobStore
from pytest_pyreg.clients import running
from pytest_pyreg.clients.using import Clients
from pytest_pyreg.clients.workplace import Workplace
from pytest_pyreg.clock import Clock, SystemClock
from pytest_pyreg.companions import Companions
from pytest_pyreg.control import Control
from pytest_pyreg.exchanges import Log, Recorder
from pytest_pyreg.flavours import DEFAULT, UPSTREAM, Action, Flavour, lookup
from pytest_pyreg.index import Index
from pytest_pyreg.neighbours import Neighbours
from pytest_pyreg.server import Server
from pytest_pyreg.stock import NotRunning, Stock, holds_distributions

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication

    from typing_extensions import Self

    from pytest_pyreg.flavours import World
    from pytest_pyreg.identity import Credential
    from pytest_pyreg.worldfile import Named


PATIENCE = 15
RECORDING_PATIENCE = 600
"""Seconds that a client waits for a word; a file that is recorded is here as a whole before its first byte is sent."""


class Registry(Neighbours, Stock, Clients):
    """A Python package registry, running in this process on a loopback port of its own.

    A context manager: `with Registry("gitlab@17") as registry: ...`.

    Args:
        flavour: which product at which version; see `pytest_pyreg.flavours.lookup`.
        clock: tells the time of uploads and whether a token has expired; the machine's if left out.
        chance: makes the tokens; the system's own randomness if left out.
        host: where to listen: a loopback address.
        port: where to listen there; any free port if zero.
        max_file_bytes: the largest file that may be uploaded, a setting where the product has one; the product's own
            limit if left out.
        forwarding: whether projects that are not here are looked for in `upstream`, where the product does that.
        world: a TOML file that describes users, projects and tokens; see docs/world-file.md.
        upstream: a folder that `upstream` is filled from: a wheelhouse, or a recording, served without any network.
        record: whether what is not in that folder is fetched, from the index that your own pip is configured for, and
            put there.  The one thing here that leaves the machine.
        url_root: the path below which the registry lies, such as `/gitlab`; none if left out.
        log_length: how many exchanges the log keeps, the newest; all if left out.
        timeout: seconds that a client may run.

    Raises:
        UnknownFlavour: the flavour means nothing.
        WorldFileError: the file does.
        ValueError: an argument is none that can be.
    """

    here_alone = frozenset({"start", "stop", "wsgi", "env", "run", "upload", "install"})
    """What no other process can ask for: clients run where somebody waits for them, and who began ends it."""

    def __init__(
        self,
        flavour: str | Flavour = DEFAULT,
        *,
        clock: Clock | None = None,
        chance: random.Random | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        max_file_bytes: int | None = None,
        forwarding: bool = True,
        world: str | os.PathLike[str] | None = None,
        upstream: str | os.PathLike[str] | None = None,
        record: bool = False,
        url_root: str = "",
        log_length: int | None = None,
        timeout: float = 120.0,
    ) -> None:
        self._server: Server | None = None
        self._url = ""
        options.check(flavour, host, port, max_file_bytes, url_root, timeout)
        options.check_upstream(upstream, record)
        self.flavour = lookup(flavour) if isinstance(flavour, str) else flavour
        if upstream is not None and not self.flavour.forwards:
            raise ValueError(
                f"{self.flavour.name} sends nobody upstream, so upstream={os.fspath(upstream)!r} would do nothing; "
                "an index that serves a recording itself is told so by its method replay(folder), or record(folder)"
            )
        if max_file_bytes is not None:
            self.flavour = self.flavour.limited(max_file_bytes)
        self._wsgi: WSGIApplication | None = None
        self._over = threading.Event()
        self.clock: Clock = clock or SystemClock()
        chance = chance or random.SystemRandom()
        self.world: World = self.flavour.world(self.flavour, self.clock, chance)
        self._ready = self.world
        self.world.upstream = lambda: self.upstream.url
        self.world.forward(on=forwarding)
        self.named: Mapping[str, Named] = {} if world is None else worldfile_shared.loaded(world, self.world.load)
        if not forwarding:  # Whatever the file says.
            self.world.forward(on=False)
        self.log = Log(log_length)
        self._workplace = Workplace(self.log, self.world.secrets, timeout, self._log_behind)
        self._address = host, port
        self._index = Index()
        self.world.stocked(self._index)
        self._blobs = BlobStore()
        self._root = "/" + url_root.strip("/") if url_root.strip("/") else ""
        self._records = record
        self._companions = Companions(
            self._blobs, self.clock, chance, lambda: _upstream(upstream, record, self.clock, timeout)
        )
        self.world.storage = self._companions.storage_url

    # -- life ----------------------------------------------------------------------------------------------------------

    def start(self, *, listening: socket.socket | None = None, control: str = "") -> Self:
        """Begin to answer.

        Args:
            listening: a socket that listens already, instead of a port; it is closed in the end.
            control: a secret with which other processes may do here what this one can; see docs/shared.md.

        Raises:
            OSError: the port is taken.
        """
        if self._url:
            raise RuntimeError("this registry is running already, or was stopped; make another one")
        host, port = self._address
        server = Server(host=host, port=port, listening=listening)
        self._url = self.world.url = f"http://{host}:{server.port}{self._root}"
        app = App(self.flavour, self.world, self._index, self._blobs, self.clock, self._url, seek=self._seek)
        self._wsgi = Recorder(app, self.log, self.clock)
        self._server = server  # Before the first request, which may have waited for this moment.
        server.start(Control(self._wsgi, self, control) if control else self._wsgi)
        return self

    def stop(self) -> None:
        """End every connection and remove all that was stored.  Stopping twice is no error."""
        server, self._server = self._server, None
        self._over.set()
        if server is not None:
            server.stop()
        self._companions.stop()
        self._blobs.close()
        self._index = Index()
        self._workplace.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    @property
    def wsgi(self) -> WSGIApplication:
        """The registry as a WSGI application, for a test client without a socket."""
        self._require_running()
        assert self._wsgi is not None
        return self._wsgi

    # -- where and who -------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        self._require_running()
        return self._url

    @property
    def upload_url(self) -> str:
        """Where uploads go, as a user would type it, without credentials."""
        return self.url + self._path(Action.UPLOAD)

    @property
    def index_url(self) -> str:
        """The simple index, as a user would type it, without credentials."""
        return self.url + self._path(Action.PROJECT_PAGE).rstrip("/")

    @property
    def upstream(self) -> Registry:
        """The index that unknown projects are forwarded to: a registry of its own, running here, empty at first.

        It stands for the public index, as it is today; nothing ever goes to the real one unless it is told to record.
        """
        self._require_running()
        return self._companions.upstream()

    @property
    def tokens(self) -> dict[str, Credential]:
        """The tokens that the world file describes, by its names for them."""
        return {name: named.credential for name, named in self.named.items()}

    # -- what came -----------------------------------------------------------------------------------------------------

    def _conceal(self, secret: str) -> None:
        """Leave a text out of every report."""
        self._workplace.keep_secret(secret)

    def report(self) -> str:
        """Return what came and what was answered, for a person, without secrets."""
        title = f"{self.flavour.name} at {self._url or 'no address: never started'}: requests: {self.log.count}"
        upstream = self._companions.started_upstream
        more = f"\n{upstream.report()}" if upstream is not None and upstream.log.count else ""
        return self.redacted(f"{title}\n{self.log}{more}")

    def _log_behind(self) -> Log | None:
        upstream = self._companions.started_upstream
        return upstream.log if upstream is not None else None

    def redacted(self, text: str) -> str:
        """Return a text without the secrets of this registry."""
        return running.redacted(text, self._workplace.secrets())

    def __repr__(self) -> str:
        return f"<Registry {self.flavour.name} {self._url if self._server else 'not running'}>"

    @property
    def patience(self) -> int:
        """Seconds that the registry may take to say a word."""
        upstream = self._companions.started_upstream
        records = self._records or (upstream is not None and upstream._records)  # noqa: SLF001 - of the same kind.
        return RECORDING_PATIENCE if records else PATIENCE

    def _require_running(self) -> None:
        if self._server is None or self._over.is_set():
            raise NotRunning(
                'this registry is not running; use it in "with Registry(...) as registry:" or call start()'
            )

    def _path(self, action: Action) -> str:
        return link(self.flavour.route(action), {"namespace": self.namespace.reference, "project": ""})


def _upstream(folder: str | os.PathLike[str] | None, record: bool, clock: Clock, timeout: float) -> Registry:  # noqa: FBT001 - as they came.
    """Make the index that unknown projects are forwarded to, in its own words, filled as it was asked for."""
    from pytest_pyreg import products

    made = products.registry(UPSTREAM, clock=clock, timeout=timeout)
    if folder is not None:
        if holds_distributions(folder):
            made.add(Path(folder))
        (made.record if record else made.replay)(folder)
    return made
