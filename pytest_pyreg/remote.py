"""A registry in another process, in the words of one in this: `attach(url, token)`.

What it holds, its people, its settings and its log are asked there; clients run here.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pytest_pyreg import metadata
from pytest_pyreg.clients.using import Clients
from pytest_pyreg.clients.workplace import Workplace
from pytest_pyreg.dists import Dist
from pytest_pyreg.hush import HUSH
from pytest_pyreg.link import Link, RegistryGone
from pytest_pyreg.proxies import Far, Proxy
from pytest_pyreg.registry import Registry
from pytest_pyreg.stock import each
from pytest_pyreg.worldfile_shared import Tokens

if TYPE_CHECKING:
    import os

    from typing_extensions import Self

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.exchanges import Log
    from pytest_pyreg.flavours import Flavour, World
    from pytest_pyreg.identity import Credential, Secrets
    from pytest_pyreg.model import Namespace

TIMEOUT = 120.0
"""Seconds that a client may run, as of any registry."""
_OF_ONE = frozenset({"faults", "lies", "check", "snapshot", "restore"})
"""What happens to a whole registry, whoever uses it."""


class _There(Far):
    """The registry's objects, and the place on this side in which its clients run."""

    def __init__(self, link: Link, timeout: float) -> None:
        super().__init__(link, {Registry: RemoteRegistry})
        self.timeout = timeout
        self.workplace: Workplace | None = None


class RemoteRegistry(Proxy, Clients):
    """A registry in another process; see `attach`.

    It has all the words of the registry there, those of its product too, and passes for one: `isinstance(it, GitLab)`.
    For a type checker it is a `RemoteRegistry`, whose words beyond these here are `Any`; a parameter that is annotated
    as a `GitLab` has GitLab's.
    """

    flavour: Flavour
    world: World
    clock: Clock
    log: Log
    namespace: Namespace
    url: str

    def __init__(self, far: Far, number: int, kind: type) -> None:
        super().__init__(far, number, kind)
        assert isinstance(far, _There), "a registry is found by attaching it"
        if far.workplace is None:
            far.workplace = Workplace(self.log, self._secrets, far.timeout)
            self._workplace = far.workplace
            HUSH.watch(self._workplace)
        else:
            self._workplace = far.workplace.beside(self.log)

    @property
    def upload_url(self) -> str:
        """Where uploads go, as a user would type it, without credentials."""
        return cast("str", self.__getattr__("upload_url"))

    @property
    def index_url(self) -> str:
        """The simple index, as a user would type it, without credentials."""
        return cast("str", self.__getattr__("index_url"))

    @property
    def publisher(self) -> Credential:
        """A credential that may upload, and install."""
        return cast("Credential", self.__getattr__("publisher"))

    @property
    def reader(self) -> Credential:
        """A credential that may only install."""
        return cast("Credential", self.__getattr__("reader"))

    @property
    def tokens(self) -> dict[str, Credential]:
        """The tokens that the world file describes, by its names for them."""
        return Tokens(self.__getattr__("tokens"))

    @property
    def patience(self) -> int:
        """Seconds that the registry may take to say a word."""
        return cast("int", self.__getattr__("patience"))

    def env(self, credential: Credential | None = None) -> dict[str, str]:
        """Return the whole environment for a client's process here; see `Clients.env`."""
        __tracebackhide__ = True
        made = super().env(credential)
        if credential is not None:
            self._far.call(self, "recognise", credential)
        return made

    def add(self, *distributions: Dist | Path | str) -> None:
        """Put files into the index without a client: these of this process; see `Stock.add`."""
        __tracebackhide__ = True
        self._far.call(self, "add", *[_read(one) for given in distributions for one in each(given)])

    def record(self, folder: str | os.PathLike[str]) -> None:
        """Serve what a folder holds of a real index, and fetch what it does not; see `Stock.record`."""
        self._far.call(self, "record", Path(folder))

    def replay(self, folder: str | os.PathLike[str]) -> None:
        """Serve what was recorded in a folder; see `Stock.replay`."""
        self._far.call(self, "replay", Path(folder))

    def keep(self, folder: str | os.PathLike[str]) -> Path:
        """Write what is stored and what came into a folder; see `Registry.keep`."""
        return cast("Path", self._far.call(self, "keep", Path(folder)))

    def another(self) -> RemoteRegistry:
        """Return the same registry with one more ready namespace and its credentials; see `Registry.another`."""
        return cast("RemoteRegistry", self._far.call(self, "another"))

    def forget(self) -> None:
        """Let the other process forget this one of several; if it is gone, it did."""
        with contextlib.suppress(RegistryGone):
            for one in (self.log, self):
                self._far.ask("forget", cast("Proxy", one))
        self._workplace.close()

    def close(self) -> None:
        """Let go of the registry, which goes on; remove what its clients left here.  Closing twice is no error."""
        self._workplace.close()
        self._far.link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _secrets(self) -> Secrets:
        return cast("Secrets", self._far.call(self, "secrets"))

    def __repr__(self) -> str:
        return f"<RemoteRegistry at {self._far.link.url}>"


class SharedRegistry(RemoteRegistry):
    """A registry that several share, each in a namespace of their own, and in another one from time to time.

    Args:
        whole: the registry itself.
    """

    def __init__(self, whole: RemoteRegistry) -> None:  # The other half of `whole`, so not as one that is new.
        self._far = whole._far  # noqa: SLF001 - of the same kind.
        self._kind = whole._kind  # noqa: SLF001 - as above.
        self._whole = whole
        self._present: RemoteRegistry | None = None

    @property
    def used(self) -> bool:
        """Whether anybody has asked it anything since it moved on."""
        return self._present is not None

    def renew(self) -> None:
        """Move on: whoever asks next is in a namespace that is new."""
        present, self._present = self._present, None
        if present is not None:
            present.forget()

    def close(self) -> None:
        """Let go of the registry, which goes on."""
        self.renew()
        self._whole.close()

    @property
    def _workplace(self) -> Workplace:  # type: ignore[override]  # That of the namespace of the day.
        return self._now()._workplace  # noqa: SLF001 - of the same kind.

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever it is there.
        __tracebackhide__ = True
        if name in _OF_ONE:
            raise AttributeError(
                f"{name!r} is not for a registry that tests share: the others would meet it; "
                "ask for the fixture pyreg, which is a test's own"
            )
        return super().__getattr__(name)

    def _number(self) -> int:
        return self._now()._number()  # noqa: SLF001 - as above.

    def _now(self) -> RemoteRegistry:
        if self._present is None:
            self._present = self._whole.another()
        return self._present


def attach(url: str, token: str, *, timeout: float = TIMEOUT) -> RemoteRegistry:
    """Return a registry that runs in another process of this machine, such as `pyreg serve --control`.

    A context manager: `with attach(url, token) as registry: ...`; leaving it does not stop the registry.

    Args:
        url: where it is.
        token: its control token, with which everything can be done there that a test can do to a registry of its own.
        timeout: seconds that a client may run.

    Raises:
        RegistryGone: nothing answers there.
        PermissionError: the token is wrong.
        ValueError: the URL is of another machine, or what answers there is no registry that can be attached.
    """
    __tracebackhide__ = True
    HUSH.keep({token})
    link = Link(url, token)
    try:
        found: Any = _There(link, timeout).first()
    except BaseException:
        link.close()
        raise
    return cast("RemoteRegistry", found)


def _read(distribution: Dist | Path | str) -> Dist:
    """Return a distribution in memory."""
    if isinstance(distribution, Dist):
        return distribution
    filename, core, file = metadata.opened(distribution)
    with file:
        return Dist(filename, core.name, core.version, file.read(), core.text)
