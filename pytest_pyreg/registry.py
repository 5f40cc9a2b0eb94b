"""The facade: one running registry, and everything a test, a script or the command line does with it."""

from __future__ import annotations

import os
import random
import threading
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_pyreg import options, worldfile_shared
from pytest_pyreg.addresses import link
from pytest_pyreg.app import App
from pytest_pyreg.clients.using import Clients
from pytest_pyreg.clients.workplace import Workplace
from pytest_pyreg.clock import Clock, SystemClock
from pytest_pyreg.companions import Companions, upstream_index
from pytest_pyreg.control import Control
from pytest_pyreg.durable.part import Durable
from pytest_pyreg.exchanges import Log, Recorder
from pytest_pyreg.faults import Faults
from pytest_pyreg.flavours import DEFAULT, Action, Flavour, lookup
from pytest_pyreg.gate import Gate
from pytest_pyreg.hush import HUSH
from pytest_pyreg.index import Index
from pytest_pyreg.lies import Lies
from pytest_pyreg.neighbours import Neighbours
from pytest_pyreg.server import Server
from pytest_pyreg.snapshots import Snapshots
from pytest_pyreg.stock import NotRunning, Stock
from pytest_pyreg.tls import secured
from pytest_pyreg.witness import Witness

if TYPE_CHECKING:
    import socket
    import ssl
    from pathlib import Path
    from wsgiref.types import WSGIApplication

    from typing_extensions import Self

    from pytest_pyreg.flavours import World
    from pytest_pyreg.identity import Credential


SETTLING = 1.0
"""Seconds that a report waits for clients in the middle of a TLS handshake: their end of it may be over before ours."""


class Registry(Neighbours, Witness, Stock, Clients, Snapshots, Durable):
    """A Python package registry, running in this process on a loopback port of its own.

    A context manager: `with Registry("gitlab@17") as registry: ...`.

    Args:
        flavour: which product at which version; see `pytest_pyreg.flavours.lookup`.
        clock: tells the time of uploads and whether a token has expired; the machine's if left out.
        chance: makes the tokens; the system's own randomness if left out.
        host: where to listen: a loopback address, or any with `announced`.
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
        tls: whether to speak https, with a certificate that only the clients run from here trust (extra `tls`); or a
            context of your own, which none of them trusts by itself.  See docs/tls.md.
        retries: whether pip, uv and poetry ask again by themselves after a failure that may pass, as they do where they
            are used; here they do not, so that a test fails at once.
        data: a folder that keeps all of it, and that a registry begins with; see docs/serve.md.
        announced: the URL by which other machines reach it, as its pages have it.

    Raises:
        NoCertificate: trustme, which makes the certificate, is not installed.
        NotUsable: the folder is another registry's, in use, or of a later version.
        UnknownFlavour: the flavour means nothing.
        WorldFileError: the file does.
        ValueError: an argument is none that can be.
    """

    here_alone = frozenset(
        {"start", "stop", "wsgi", "env", "run", "upload", "install", "publish", "build", "venv", "make_big", "keyring"}
    )
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
        tls: bool | ssl.SSLContext = False,
        retries: bool = False,
        data: str | os.PathLike[str] | None = None,
        announced: str = "",
    ) -> None:
        self._server: Server | None = None
        self._url = ""
        options.check(flavour, host, port, max_file_bytes, url_root, timeout, announced)
        options.check_upstream(upstream, record, data)
        options.check_clock(clock)
        self._tls = secured(tls, urlsplit(announced).hostname or host)
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
        self._app: App | None = None
        self._gate: Gate | None = None
        self.clock: Clock = clock or SystemClock()
        chance = chance or random.SystemRandom()
        self.world: World = self.flavour.world(self.flavour, self.clock, chance)
        self._ready = self.world
        self.world.upstream = lambda: self.upstream.url
        self.world.forward(on=forwarding)
        self.log = Log(log_length, lambda: self._workplace.secrets())  # noqa: PLW0108 - there is no workplace yet.
        ca = self._tls.ca if self._tls else None
        self.faults = Faults(self.flavour.name, {route.title for route in self.flavour.routes.values()}, self.log)
        self._workplace = Workplace(
            self.log, self.world.secrets, timeout, self._log_behind, ca=ca, settle=self._settle, retries=retries
        )
        self._address = host, port
        self._index = Index()
        self.lies = Lies(self.flavour.name, self._index, self.flavour.metadata_fact)
        self.world.stocked(self._index)
        self._announced = announced.rstrip("/")
        self._root = "/" + url_root.strip("/") if url_root.strip("/") else ""
        self._records = record
        behind = partial(upstream_index, upstream, record, self.clock, timeout, tls, self._open(data))
        self._companions = Companions(self._blobs, self.clock, chance, behind, self._listen, self._workplace.secrets)
        self.world.storage = self._companions.storage_url
        self._begin(chance, world)
        if not forwarding:  # Whatever the world file says.
            self.world.forward(on=False)
        HUSH.watch(self)

    # -- life ----------------------------------------------------------------------------------------------------------

    def start(self, *, listening: socket.socket | None = None, control: str = "") -> Self:
        """Begin to answer.

        Args:
            listening: a socket that listens already, instead of a port; it is closed in the end.
            control: a secret with which other processes may do here what this one can; see docs/shared.md.

        Raises:
            NotRunning: it was stopped.
            OSError: the port is taken.
            RuntimeError: it is running already.
        """
        if self._url or self._over.is_set():
            self._require_kept()
            raise RuntimeError("this registry is running already; use it, or make another one")
        HUSH.keep({control})
        server = self._listen(*self._address, listening)
        self._url = self.world.url = self._announced or server.origin + self._root
        parts = (self.flavour, self.world, self._index, self._blobs, self.clock, self._url)
        app = self._app = App(*parts, lies=self.lies, seek=self._seek)
        gate = self._gate = Gate(self._written(app))
        self._wsgi = Recorder(self.faults.before(gate, app.asked), self.log, self.clock)
        self._server = server  # Before the first request, which may have waited for this moment.
        server.start(Control(self._wsgi, self, control, self.save) if control else self._wsgi)
        return self

    def _listen(self, host: str = "127.0.0.1", port: int = 0, listening: socket.socket | None = None) -> Server:
        tls, name = self._tls, ""
        if tls is not None and tls.ca is not None and host == "127.0.0.1":
            name = "localhost"  # pip 24.2, which Python 3.13.0 brings along, knows no number here (pypa/pip#12906).
        context = tls.context if tls is not None else None
        return Server(host=host, port=port, name=name, listening=listening, context=context, noticed=self.log.note)

    def stop(self) -> None:
        """End every connection and remove all that was stored.  Stopping twice is no error."""
        server, self._server = self._server, None
        self._over.set()
        self.faults.stop()
        if server is not None:
            server.stop()
        self._companions.stop()
        try:
            self._keep()
        finally:
            self._blobs.close()
            self._index = Index()
            self._workplace.close()
            HUSH.leave(self)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        try:
            if kind is None:  # An error of the block's own says more.
                self.check()
        finally:
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
    def ca(self) -> Path | None:
        """The certificate of the authority that vouches for this registry, as PEM, for as long as it runs.

        None over plain HTTP, and where the TLS context is the caller's own.
        """
        self._require_running()
        return self._workplace.ca

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
        return worldfile_shared.Tokens((name, named.credential) for name, named in self.named.items())

    def ci_env(self) -> dict[str, str]:
        """Return the variables that a job of the product's own CI system would have, `CI_JOB_TOKEN` and so on.

        They go beside those of `env`: `registry.run("sh", "publish.sh", env=registry.ci_env())`.  None for a product
        that has no CI system.
        """
        return self.world.ci_environment(self.url, str(self.ca or ""))

    def _settle(self) -> None:
        if self._server is not None:
            self._server.settle(SETTLING)

    def __repr__(self) -> str:
        return f"<Registry {self.flavour.name} {self._url if self._server else 'not running'}>"

    def _require_running(self) -> None:
        self._require_kept()
        if self._server is None:
            raise NotRunning('this registry is not running; use it in "with Registry(...) as ...:" or call start()')

    def _path(self, action: Action) -> str:
        return link(self.flavour.route(action), {"namespace": self.namespace.reference, "project": ""})
