"""What a failed test's report says of the registries that it had, and that no report of theirs holds a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg.plugin.hiding import hide, settle
from pytest_pyreg.plugin.keeping import KEPT, keep
from pytest_pyreg.plugin.shared import told

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytest_pyreg.registry import Registry


REGISTRIES: pytest.StashKey[list[Registry]] = pytest.StashKey()
"""The registries of a test, until its last report is made."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that would have passed though one of its faults never fired: it has shown nothing."""
    result = yield  # What a test that failed has to say is raised here.
    if missing := [text for registry in item.stash.get(REGISTRIES, []) if (text := _never(registry))]:
        raise pytest.fail.Exception("\n".join(missing), pytrace=False)
    return result


def _never(registry: Registry) -> str:
    """Return which fault or lie of a registry never came true."""
    from pytest_pyreg.faults import FaultNeverFired
    from pytest_pyreg.lies import LieNeverTold

    try:
        registry.check()
    except (FaultNeverFired, LieNeverTold) as error:
        return f"pyreg: {error}"
    return ""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the requests that came to a failed test's report; leave secrets out of any report."""
    report = yield
    registries = item.stash.get(REGISTRIES, [])
    if report.failed:
        report.sections += [("pyreg_shared", text) for text in told(item.config)]
        report.sections += [("pyreg", registry.report()) for registry in registries]
        if registries and item.config.getoption("--pyreg-keep"):
            report.sections.append(("pyreg", keep(item, report.when, registries)))
    hide(report, registries)
    if report.when == "teardown":
        registries.clear()
        item.stash[KEPT] = ""
        settle()
    return report
