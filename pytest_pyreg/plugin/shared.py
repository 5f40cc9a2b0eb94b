"""The registry that all tests of a run share, wherever they run: in workers, or in processes of their own."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from pytest_pyreg.plugin.settings import TOKEN_VARIABLE, chosen, new, positive, upstream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_pyreg.remote import SharedRegistry
    from pytest_pyreg.sharing import Host

LOG_LENGTH = 10_000
_URL, _TOKEN = "pyreg_url", "pyreg_token"


class _Secret:
    """A text that does not show among the locals of a failed test."""

    def __init__(self, text: str) -> None:
        self.text = text


_GIVEN: pytest.StashKey[tuple[str, _Secret]] = pytest.StashKey()
"""Where the controller's registry is, in a worker."""
_HOST: pytest.StashKey[Host] = pytest.StashKey()
_SHARED: pytest.StashKey[SharedRegistry] = pytest.StashKey()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - pytest-xdist need not be there.
    """Tell a worker where the registry of the run is: so far a socket, on which nobody may ever come."""
    if not _elsewhere(node.config):
        host = _host(node.config)
        node.workerinput[_URL], node.workerinput[_TOKEN] = host.url, host.token


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Take what opens the registry out of a worker's hands, where a failed test's locals may show it."""
    given = getattr(session.config, "workerinput", {})
    if _TOKEN in given:
        session.config.stash[_GIVEN] = given.pop(_URL), _Secret(given.pop(_TOKEN))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run's registry."""
    host = config.stash.get(_HOST, None)
    if host is not None:
        host.stop()


@pytest.fixture(scope="session")
def pyreg_shared(request: pytest.FixtureRequest) -> Iterator[SharedRegistry]:
    """One registry for the whole run, xdist's workers included, in which each test has a namespace of its own.

    Its flavour is the run's.  `--pyreg-share` shares it with other runs, `--pyreg-url` takes one that runs already.
    """
    from pytest_pyreg.remote import SharedRegistry, attach

    config = request.config
    seconds = config.getini("pyreg_timeout")
    options = {"timeout": positive(seconds)} if seconds else {}
    with _whereabouts(config) as (url, token):
        try:
            shared = SharedRegistry(attach(url, token.text, **options))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no bug of the test.
            _failed(config, error)
        config.stash[_SHARED] = shared
        try:
            yield shared
        finally:
            del config.stash[_SHARED]
            shared.close()


def begin(item: pytest.Item) -> None:
    """Let a test be in a namespace of its own, if it asks for any."""
    shared = item.config.stash.get(_SHARED, None)
    if shared is not None:
        shared.renew()


def told(config: pytest.Config) -> list[str]:
    """Return what the report of a failed test says of the registry that it shared."""
    shared = config.stash.get(_SHARED, None)
    if shared is None or not shared.used:
        return []
    try:
        return [shared.report()]
    except ConnectionError as error:
        return [str(error)]


@contextlib.contextmanager
def _whereabouts(config: pytest.Config) -> Iterator[tuple[str, _Secret]]:
    """Return where the registry is, and what opens it."""
    if url := config.getoption("--pyreg-url"):
        yield url, _Secret(os.environ[TOKEN_VARIABLE])
    elif folder := config.getoption("--pyreg-share"):
        from pytest_pyreg.sharing import NotShared, join

        try:
            part = join(config.invocation_params.dir / folder, _wanted(config))
        except NotShared as error:
            _failed(config, error)
        try:
            yield part.url, _Secret(part.token)
        finally:
            part.leave()
    elif _GIVEN in config.stash:
        yield config.stash[_GIVEN]
    else:
        host = _host(config)
        yield host.url, _Secret(host.token)


def _host(config: pytest.Config) -> Host:
    """Return what starts the run's registry, once for all who come."""
    if _HOST not in config.stash:
        from pytest_pyreg.sharing import Host

        config.stash[_HOST] = Host(lambda: new(config, _flavour(config), {"log_length": LOG_LENGTH}))
    return config.stash[_HOST]


def _flavour(config: pytest.Config) -> str:
    from pytest_pyreg.flavours import DEFAULT

    return chosen(config) or DEFAULT


def _wanted(config: pytest.Config) -> dict[str, Any]:
    """Return the registry that this run wants, as plain values."""
    from pytest_pyreg.flavours import lookup

    flavour = lookup(_flavour(config))
    behind = upstream(config) if flavour.forwards else {}
    return {"flavour": flavour.name, **{name: str(one) if name == "upstream" else one for name, one in behind.items()}}


def _elsewhere(config: pytest.Config) -> bool:
    return bool(config.getoption("--pyreg-url") or config.getoption("--pyreg-share"))


def _failed(config: pytest.Config, error: Exception) -> NoReturn:
    """End a test with one line: which setting it is about, and what is wrong with it."""
    about = next((name for name in ("--pyreg-url", "--pyreg-share") if config.getoption(name)), "pyreg_shared")
    raise pytest.fail.Exception(f"{about}: {error}", pytrace=False) from None
