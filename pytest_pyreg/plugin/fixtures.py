"""The fixtures: small, and each may be replaced in a conftest without a thought for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from pytest_pyreg.plugin.markers import marked
from pytest_pyreg.plugin.reports import REGISTRIES
from pytest_pyreg.plugin.settings import chosen, listening, new, positive

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours import Flavour
    from pytest_pyreg.products.gitea import Gitea
    from pytest_pyreg.products.gitlab import GitLab
    from pytest_pyreg.products.pypi import PyPI
    from pytest_pyreg.registry import Registry

_TYPED = {"pyreg_gitlab": "gitlab", "pyreg_gitea": "gitea", "pyreg_pypi": "pypi"}
"""The fixtures that are `pyreg` in a product's words -> the flavour where nobody says which."""


@pytest.fixture
def pyreg_flavour(request: pytest.FixtureRequest) -> str:
    """The flavour of a test whose marker names none: the run's, else the typed fixture's, else the newest GitLab.

    Replace it to change the default of a folder of tests.
    """
    from pytest_pyreg.flavours import DEFAULT

    typed = (flavour for name, flavour in _TYPED.items() if name in request.fixturenames)
    return chosen(request.config) or next(typed, DEFAULT)


@pytest.fixture
def pyreg_clock() -> Clock | None:
    """The clock of every registry of a test; the machine's if None.

    Replace it with one that returns a `ManualClock` to fix the time.
    """
    return None


@pytest.fixture
def pyreg_world() -> str | os.PathLike[str] | None:
    """The world file of every registry of a test; none if None."""
    return None


@pytest.fixture
def pyreg_options(
    request: pytest.FixtureRequest, pyreg_clock: Clock | None, pyreg_world: str | os.PathLike[str] | None
) -> dict[str, Any]:
    """What every registry of a test is told where neither the marker nor the call of `make_pyreg` says otherwise.

    Replace it to add to it: `return {**pyreg_options, "max_file_bytes": 1000}`.
    """
    options: dict[str, Any] = {"clock": pyreg_clock, "world": pyreg_world}
    if seconds := request.config.getini("pyreg_timeout"):
        options["timeout"] = positive(seconds)
    return options


@pytest.fixture
def pyreg_address() -> tuple[str, int]:
    """Where `pyreg` listens: a loopback host, and a port, any free one if zero; the others find places of their own."""
    return "127.0.0.1", 0


@pytest.fixture
def make_pyreg(request: pytest.FixtureRequest, pyreg_options: Mapping[str, Any]) -> Iterator[Callable[..., Registry]]:
    """Start registries: `make_pyreg("gitlab@17", max_file_bytes=1000)`; all stop when the test ends.

    The flavour is the run's default if left out or None; the options are those of `pytest_pyreg.Registry`.
    """
    started: list[Registry] = []
    request.node.stash[REGISTRIES] = started

    def make(flavour: str | Flavour | None = None, **options: Any) -> Registry:  # noqa: ANN401 - each option has a type of its own.
        name = request.getfixturevalue("pyreg_flavour") if flavour is None else flavour
        try:
            registry = new(request.config, name, {**pyreg_options, **options})
        except pytest.UsageError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        started.append(registry)
        return registry.start()

    try:
        yield make
    finally:
        for registry in started:
            registry.stop()


@pytest.fixture
def pyreg(
    request: pytest.FixtureRequest,
    make_pyreg: Callable[..., Registry],
    pyreg_flavour: str,
    pyreg_address: tuple[str, int],
) -> Registry:
    """A running registry, fresh for this test, on a port of its own."""
    flavours, options = marked(request.node)
    chosen_here = getattr(request, "param", None)
    if len(flavours) > 1 and chosen_here is None:
        pytest.fail(
            f"pyreg: the marker names {len(flavours)} flavours, and this test can run but once: it is a method of a "
            "unittest.TestCase, or asks for the fixture only while it runs; take pyreg as an argument of a test "
            "function, name one flavour, or take make_pyreg",
            pytrace=False,
        )
    flavour = chosen_here or next(iter(flavours), pyreg_flavour)
    host, port = listening(pyreg_address)
    try:
        return make_pyreg(flavour, **{"host": host, "port": port, **options})
    except ValueError as error:
        if not options:
            raise
        # The marker's fault, such as a world file that is not there: a traceback would show nothing but this plugin.
        raise pytest.fail.Exception(f"pyreg: {error}", pytrace=False) from None


@pytest.fixture
def pyreg_gitlab(request: pytest.FixtureRequest, pyreg: Registry) -> GitLab:
    """The same registry as `pyreg`, typed as a GitLab."""
    from pytest_pyreg.products.gitlab import GitLab

    if not isinstance(pyreg, GitLab):
        _other(request, "pyreg_gitlab needs a GitLab", pyreg, "gitlab@17")
    return pyreg


@pytest.fixture
def pyreg_gitea(request: pytest.FixtureRequest, pyreg: Registry) -> Gitea:
    """The same registry as `pyreg`, typed as a Gitea, which a Forgejo is too; a Gitea if nobody says which."""
    from pytest_pyreg.products.gitea import Gitea

    if not isinstance(pyreg, Gitea):
        _other(request, "pyreg_gitea needs a Gitea or a Forgejo", pyreg, "gitea@1.23")
    return pyreg


@pytest.fixture
def pyreg_pypi(request: pytest.FixtureRequest, pyreg: Registry) -> PyPI:
    """The same registry as `pyreg`, typed as the public index; that index as it is today if nobody says which."""
    from pytest_pyreg.products.pypi import PyPI

    if not isinstance(pyreg, PyPI):
        _other(request, "pyreg_pypi needs the public index", pyreg, "pypi@2025.6")
    return pyreg


def _other(request: pytest.FixtureRequest, needed: str, found: Registry, example: str) -> NoReturn:
    typed = [name for name in request.fixturenames if name in _TYPED]
    if len(typed) > 1:
        advice = f"{' and '.join(typed)} are one registry, the test's own: take one of them, and make_pyreg for another"
    else:
        advice = f"say which one with @pytest.mark.pyreg({example!r})"
    pytest.fail(f"{needed}, and the flavour here is {found.flavour.name}; {advice}", pytrace=False)
