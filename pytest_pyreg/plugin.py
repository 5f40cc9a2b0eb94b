"""The pytest plugin: options, the marker, the fixtures, and the requests in a failed test's report.

The only module that knows pytest.  pytest imports it in every run of every user, so it imports nothing else at the top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from pytest_pyreg.products import Gitea, GitLab
    from pytest_pyreg.registry import Registry

_REGISTRIES = pytest.StashKey["list[Registry]"]()
_TYPED = {"pyreg_gitlab": "gitlab", "pyreg_gitea": "gitea"}
"""The fixtures that are `pyreg` in a product's words -> the flavour where nobody says which."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option and the ini values."""
    group = parser.getgroup("pyreg", "pytest-pyreg: a Python package registry inside the test")
    group.addoption(
        "--pyreg-flavour",
        metavar="NAME",
        help="Which registry the `pyreg` fixture imitates where the test does not say, such as gitlab@17.4.",
    )
    parser.addini("pyreg_flavour", "As --pyreg-flavour; the option wins.", default="")
    parser.addini("pyreg_timeout", "Seconds that a client (twine, pip, ...) may run in a test.", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker; refuse a run whose settings mean nothing."""
    config.addinivalue_line(
        "markers",
        "pyreg(*flavours, **options): which registry the `pyreg` fixture imitates, such as 'gitlab@17.4'; several run "
        "the test once for each.  The options are those of `make_pyreg`.",
    )
    if name := _chosen(config):
        _check_flavour(name)
    if seconds := config.getini("pyreg_timeout"):
        _positive(seconds)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a run in which a marker means nothing, before its first test.

    An xdist worker cannot end the run in words; there each such test fails in its set-up, with the same ones.
    """
    if hasattr(config, "workerinput"):
        return
    for item in items:
        flavours, options = _marked(item)
        try:
            for name in flavours:
                _check_flavour(name)
            _check_options(options)
        except pytest.UsageError as error:
            raise pytest.UsageError(f"{item.nodeid}: {error}") from None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each flavour that its marker names."""
    flavours, _ = _marked(metafunc.definition)
    if len(flavours) > 1 and "pyreg" in metafunc.fixturenames:
        metafunc.parametrize("pyreg", flavours, indirect=True, ids=str)


@pytest.fixture
def make_pyreg(request: pytest.FixtureRequest) -> Iterator[Callable[..., Registry]]:
    """Start registries: `make_pyreg("gitlab@17", max_file_bytes=1000)`; all stop when the test ends.

    The flavour is the run's default if left out; the options are those of `pytest_pyreg.Registry`.
    """
    started: list[Registry] = request.node.stash.setdefault(_REGISTRIES, [])

    def make(flavour: str | None = None, **options: Any) -> Registry:  # noqa: ANN401 - each option has a type of its own.
        try:
            registry = _new(request.config, flavour, options)
        except pytest.UsageError as error:
            pytest.fail(str(error), pytrace=False)
        started.append(registry)
        return registry.start()

    try:
        yield make
    finally:
        for registry in started:
            registry.stop()
        started.clear()


@pytest.fixture
def pyreg(request: pytest.FixtureRequest, make_pyreg: Callable[..., Registry]) -> Registry:
    """A running registry, fresh for this test, on a port of its own."""
    flavours, options = _marked(request.node)
    chosen: str | None = getattr(request, "param", None) or next(iter(flavours), None)
    if not chosen and not _chosen(request.config):
        chosen = next((flavour for name, flavour in _TYPED.items() if name in request.fixturenames), None)
    return make_pyreg(chosen, **options)


@pytest.fixture
def pyreg_gitlab(pyreg: Registry) -> GitLab:
    """The same registry as `pyreg`, typed as a GitLab."""
    from pytest_pyreg.products import GitLab

    if not isinstance(pyreg, GitLab):
        _other("pyreg_gitlab needs a GitLab", pyreg, "gitlab@17")
    return pyreg


@pytest.fixture
def pyreg_gitea(pyreg: Registry) -> Gitea:
    """The same registry as `pyreg`, typed as a Gitea, which a Forgejo is too; a Gitea if nobody says which."""
    from pytest_pyreg.products import Gitea

    if not isinstance(pyreg, Gitea):
        _other("pyreg_gitea needs a Gitea or a Forgejo", pyreg, "gitea@1.23")
    return pyreg


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the requests that came to a failed test's report."""
    report = yield
    if report.failed:
        report.sections += [("pyreg", registry.report()) for registry in item.stash.get(_REGISTRIES, [])]
    return report


def _other(needed: str, found: Registry, example: str) -> NoReturn:
    pytest.fail(
        f"{needed}, and the flavour here is {found.flavour.name}; say which one with @pytest.mark.pyreg({example!r})",
        pytrace=False,
    )


def _marked(item: pytest.Item) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the flavours and options of a test's markers; of several, as on its class and itself, the nearest wins."""
    flavours: tuple[Any, ...] = ()
    options: dict[str, Any] = {}
    for marker in item.iter_markers("pyreg"):
        flavours = flavours or marker.args
        options = {**marker.kwargs, **options}
    return flavours, options


def _new(config: pytest.Config, flavour: str | None, options: dict[str, Any]) -> Registry:
    from pytest_pyreg import products
    from pytest_pyreg.flavours import DEFAULT

    name = flavour or _chosen(config) or DEFAULT
    _check_flavour(name)
    _check_options(options)
    if seconds := config.getini("pyreg_timeout"):
        options.setdefault("timeout", _positive(seconds))
    return products.registry(name, **options)


def _chosen(config: pytest.Config) -> str:
    """Return the run's default flavour; nothing if the run does not say."""
    chosen: str = config.getoption("--pyreg-flavour") or config.getini("pyreg_flavour")
    return chosen


def _check_flavour(name: object) -> None:
    from pytest_pyreg.flavours import Flavour, UnknownFlavour, lookup

    if isinstance(name, Flavour):
        return
    if not isinstance(name, str):
        raise pytest.UsageError(f"pyreg: a flavour is a name, such as 'gitlab@17', not {name!r}")
    try:
        lookup(name)
    except UnknownFlavour as error:
        raise pytest.UsageError(f"pyreg: {error}") from None


def _check_options(options: Mapping[str, Any]) -> None:
    if not options:
        return
    import inspect

    from pytest_pyreg.registry import Registry

    known = [name for name in inspect.signature(Registry).parameters if name != "flavour"]
    if wrong := sorted(set(options) - set(known)):
        raise pytest.UsageError(
            f"pyreg: there is no option {', '.join(wrong)}; flavours come first, without a name, "
            f"and the options are {', '.join(known)}"
        )


def _positive(seconds: str) -> float:
    try:
        number = float(seconds)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise pytest.UsageError(f"pyreg_timeout is a number of seconds, not {seconds!r}; try 60")
    return number
