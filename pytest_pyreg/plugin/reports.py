"""What a failed test's report says of the registries that it had, and that no report of theirs holds a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg.plugin.keeping import KEPT, keep
from pytest_pyreg.plugin.shared import told

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

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
    shared, hidden = told(item.config, failed=report.failed)
    report.sections += [("pyreg_shared", text) for text in shared]
    if registries or hidden:
        if report.failed:
            report.sections += [("pyreg", registry.report()) for registry in registries]
            if registries and item.config.getoption("--pyreg-keep"):
                report.sections.append(("pyreg", keep(item, report.when, registries)))
        _redact(report, _redactor(registries, hidden))
    if report.when == "teardown":
        registries.clear()
        item.stash[KEPT] = ""
    return report


def _redactor(registries: list[Registry], hidden: set[str]) -> Callable[[str], str]:
    """Return what leaves the secrets of all these registries, and more, out of a text."""
    from pytest_pyreg.redaction import Redactor

    return Redactor({*hidden, *(secret for registry in registries for secret in registry.secrets())})


def _redact(report: pytest.TestReport, redact: Callable[[str], str]) -> None:
    """Leave secrets out of all that is printed of a report, or written to a file."""
    report.sections = [(title, redact(text)) for title, text in report.sections]
    report.longrepr = _redacted(report.longrepr, redact)
    report.user_properties = [(name, _redacted(value, redact)) for name, value in report.user_properties]


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401 - whatever a report is made of.
    """Return a value of a report with every text in it redacted; pytest's own parts are changed where they are."""
    if isinstance(value, str):
        return redact(value)
    if type(value) in {list, tuple, set}:
        return type(value)(_redacted(one, redact) for one in value)
    if type(value) is dict:
        return {_redacted(key, redact): _redacted(one, redact) for key, one in value.items()}
    if type(value).__module__.startswith("_pytest."):  # A traceback, its entries, lines, variables and places.
        for name, part in list(vars(value).items()):
            setattr(value, name, _redacted(part, redact))
    return value
