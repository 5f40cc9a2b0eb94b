"""The pytest plugin: options, the marker, the fixtures, and the requests in a failed test's report.

The only module that knows pytest.  pytest imports it in every run of every user, so it imports nothing else at the top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from pytest_pyreg.products.gitea import Gitea
    from pytest_pyreg.products.gitlab import GitLab
    from pytest_pyreg.products.pypi import PyPI
    from pytest_pyreg.registry import Registry

_REGISTRIES = pytest.StashKey["list[Registry]"]()
_TYPED = {"pyreg_gitlab": "gitlab", "pyreg_gitea": "gitea", "pyreg_pypi": "pypi"}
"""The fixtures that are `pyreg` in a product's words -> the flavour where nobody says which."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option and the ini values."""
    group = parser.getgroup("pyreg", "pytest-pyreg: a Python package registry inside the test")
    group.addoption(
        "--pyreg-flavour",
        metavar="NAME",
        help="Which registry the `pyreg` fixture imitates where the test does not say, such as gitlab@17.4.",
    )
    group.addoption(
        "--pyreg-upstream",
        metavar="FOLDER",
        help="What every registry's `upstream` serves, without any network: a recording, or a wheelhouse.",
    )
    group.addoption(
        "--pyreg-record",
        action="store_true",
        help="Fetch what is not in that folder yet from the index of your own pip, and put it there.",
    )
    parser.addini("pyreg_upstream", "As --pyreg-upstream, from the root directory; the option wins.", default="")
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
    _upstream(config)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a test whose marker means nothing, before its first fixture; the others run all the same."""
    flavours, options = _marked(item)
    try:
        for name in flavours:
            _check_flavour(name)
        _check_options(options)
    except pytest.UsageError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


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
            raise pytest.fail.Exception(str(error), pytrace=False) from None
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
    try:
        return make_pyreg(chosen, **options)
    except ValueError as error:
        if not options:
            raise
        # The marker's fault, such as a world file that is not there: a traceback would show nothing but this plugin.
        raise pytest.fail.Exception(f"pyreg: {error}", pytrace=False) from None


@pytest.fixture
def pyreg_gitlab(pyreg: Registry) -> GitLab:
    """The same registry as `pyreg`, typed as a GitLab."""
    from pytest_pyreg.products.gitlab import GitLab

    if not isinstance(pyreg, GitLab):
        _other("pyreg_gitlab needs a GitLab", pyreg, "gitlab@17")
    return pyreg


@pytest.fixture
def pyreg_gitea(pyreg: Registry) -> Gitea:
    """The same registry as `pyreg`, typed as a Gitea, which a Forgejo is too; a Gitea if nobody says which."""
    from pytest_pyreg.products.gitea import Gitea

    if not isinstance(pyreg, Gitea):
        _other("pyreg_gitea needs a Gitea or a Forgejo", pyreg, "gitea@1.23")
    return pyreg


@pytest.fixture
def pyreg_pypi(pyreg: Registry) -> PyPI:
    """The same registry as `pyreg`, typed as the public index; that index as it is today if nobody says which."""
    from pytest_pyreg.products.pypi import PyPI

    if not isinstance(pyreg, PyPI):
        _other("pyreg_pypi needs the public index", pyreg, "pypi@2025.6")
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
    from pytest_pyreg.flavours import DEFAULT, lookup

    name = flavour or _chosen(config) or DEFAULT
    _check_flavour(name)
    _check_options(options)
    if seconds := config.getini("pyreg_timeout"):
        options.setdefault("timeout", _positive(seconds))
    found = lookup(name)
    # What stands behind every registry of the run is for those that send anybody there.
    return products.registry(found, **{**(_upstream(config) if found.forwards else {}), **options})


def _upstream(config: pytest.Config) -> dict[str, Any]:
    """Return the run's options for what stands behind every registry."""
    option, ini = config.getoption("--pyreg-upstream"), config.getini("pyreg_upstream")
    record: bool = config.getoption("--pyreg-record")
    if not option and not ini:
        if record:
            raise pytest.UsageError("--pyreg-record needs a folder: set pyreg_upstream, or add --pyreg-upstream FOLDER")
        return {}
    folder = config.invocation_params.dir / option if option else config.rootpath / ini
    if not record and not folder.is_dir():
        raise pytest.UsageError(f"pyreg_upstream: there is no folder {folder}; run once with --pyreg-record to make it")
    return {"upstream": folder, "record": record}


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
