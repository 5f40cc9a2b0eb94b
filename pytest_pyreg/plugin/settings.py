"""The options and ini values of a run, and the usage errors of who got them wrong."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.flavours import Flavour
    from pytest_pyreg.registry import Registry


TOKEN_VARIABLE = "PYREG_CONTROL_TOKEN"  # noqa: S105 - the name of one.
"""Whose value opens a registry that runs elsewhere: an argument would show in every list of processes."""


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
    group.addoption(
        "--pyreg-share",
        metavar="FOLDER",
        help="Share `pyreg_shared` with every other process that names this folder; the first one starts it.",
    )
    group.addoption(
        "--pyreg-url",
        metavar="URL",
        help="Where `pyreg_shared` runs already: pyreg serve --control.  Its token is in $PYREG_CONTROL_TOKEN.",
    )
    group.addoption(
        "--pyreg-keep",
        action="store_true",
        help="Leave what a failed test's registries held and were asked in its tmp_path, and say where.",
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
    if name := chosen(config):
        check_flavour(name)
    if seconds := config.getini("pyreg_timeout"):
        positive(seconds)
    upstream(config)
    if config.getoption("--pyreg-url"):
        if config.getoption("--pyreg-share"):
            raise pytest.UsageError("--pyreg-url and --pyreg-share both say where pyreg_shared is; give one of them")
        if not os.environ.get(TOKEN_VARIABLE):
            raise pytest.UsageError(
                f"--pyreg-url needs the control token of that registry in ${TOKEN_VARIABLE}; "
                "pyreg serve --control prints it"
            )


def new(config: pytest.Config, name: str | Flavour, options: Mapping[str, Any]) -> Registry:
    """Make a registry of this run.

    Raises:
        UsageError: the flavour or an option means nothing.
    """
    from pytest_pyreg import products
    from pytest_pyreg.flavours import lookup

    check_flavour(name)
    check_options(options)
    found = lookup(name) if isinstance(name, str) else name
    # What stands behind every registry of the run is for those that send anybody there.
    return products.registry(found, **{**(upstream(config) if found.forwards else {}), **options})


def chosen(config: pytest.Config) -> str:
    """Return the run's default flavour; nothing if the run does not say."""
    chosen: str = config.getoption("--pyreg-flavour") or config.getini("pyreg_flavour")
    return chosen


def check_flavour(name: object) -> None:
    """Refuse what is no flavour.

    Raises:
        UsageError: it is none.
    """
    from pytest_pyreg.flavours import Flavour, UnknownFlavour, lookup

    if isinstance(name, Flavour):
        return
    if not isinstance(name, str):
        raise pytest.UsageError(f"pyreg: a flavour is a name, such as 'gitlab@17', not {name!r}")
    try:
        lookup(name)
    except UnknownFlavour as error:
        raise pytest.UsageError(f"pyreg: {error}") from None


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse options that a registry has not.

    Raises:
        UsageError: there are such.
    """
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


def listening(address: object) -> tuple[str, int]:
    """Return what the fixture `pyreg_address` says, as host and port.

    Raises:
        Failed: it says something else; a traceback would show nothing but this plugin.
    """
    if not isinstance(address, tuple) or [type(part) for part in address] != [str, int]:
        pytest.fail(
            f"pyreg: the fixture pyreg_address returns host and port, such as ('127.0.0.1', 0), not {address!r}",
            pytrace=False,
        )
    return address[0], address[1]


def positive(seconds: str) -> float:
    """Return a number of seconds that was given as text.

    Raises:
        UsageError: it is none.
    """
    try:
        number = float(seconds)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise pytest.UsageError(f"pyreg_timeout is a number of seconds, not {seconds!r}; try 60")
    return number


def upstream(config: pytest.Config) -> dict[str, Any]:
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
