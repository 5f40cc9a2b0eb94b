"""Makes a test of every row of the case files, in every era that it speaks of."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent

# The runner's modules import each other as `tests.conformance.*`.  Old releases of pytest make modules of the folders
# above a test that know no folder (before 8.1).
for _name, _folder in (("tests", HERE.parent), ("tests.conformance", HERE)):
    _module = sys.modules.setdefault(_name, ModuleType(_name))
    if not hasattr(_module, "__path__"):
        _module.__path__ = [str(_folder)]

from tests.conformance import cases, products  # noqa: E402 - the lines above make it possible.

BUILT_IN = HERE.parents[1] / "fixtures" / "conformance"
FILES = ("gitlab", "gitea", "pypi", "pypi_more")
"""The last has rows of our own, in words of the third's."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for a `case` all of them."""
    if "case" not in metafunc.fixturenames:
        return
    given = metafunc.config.getoption("--cases")
    files = given or [BUILT_IN / f"{name}.json" for name in FILES]
    try:
        notes = cases.load_notes(BUILT_IN / "notes.json")
        found = [case for file in files for case in products.expanded(cases.load(Path(file)), notes)]
    except cases.BadFile as error:
        raise pytest.Collector.CollectError(str(error)) from None
    # What waits is named in `pypi_later`; in a file of somebody else's it is no less a failure.
    due = [case for case in found if given or not case.waits]
    metafunc.parametrize("case", [pytest.param(case, id=case.id) for case in due])
