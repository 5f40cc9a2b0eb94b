"""The marker: which registries a test wants, and the one clean line for whoever wrote it wrong."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_pyreg.plugin.settings import check_flavour, check_options
from pytest_pyreg.plugin.shared import begin


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a test whose marker means nothing, before its first fixture; the others run all the same."""
    begin(item)
    flavours, options = marked(item)
    try:
        for name in flavours:
            check_flavour(name)
        check_options(options)
        _check_use(item, flavours or options)
    except pytest.UsageError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def _check_use(item: pytest.Item, said: object) -> None:
    """Refuse a marker that would do nothing."""
    fixtures = getattr(item, "fixturenames", ())
    if said and "pyreg_shared" in fixtures and not {"pyreg", "make_pyreg"} & set(fixtures):
        raise pytest.UsageError(
            "pyreg: the marker is about the fixture pyreg; pyreg_shared is one for the whole run, and its flavour is "
            "that of --pyreg-flavour, or of the ini value pyreg_flavour"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each flavour that its marker names."""
    flavours, _ = marked(metafunc.definition)
    if len(flavours) > 1 and "pyreg" in metafunc.fixturenames:
        metafunc.parametrize("pyreg", flavours, indirect=True, ids=str)


def marked(item: pytest.Item) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the flavours and options of a test's markers; of several, as on its class and itself, the nearest wins."""
    flavours: tuple[Any, ...] = ()
    options: dict[str, Any] = {}
    for marker in item.iter_markers("pyreg"):
        flavours = flavours or marker.args
        options = {**marker.kwargs, **options}
    return flavours, options
