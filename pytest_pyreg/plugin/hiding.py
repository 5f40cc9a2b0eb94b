"""That nothing that pytest prints, writes or sends to its controller has a secret of a registry of this process.

Whose secrets those are, `hush` knows; a process that has loaded no registry, and was given no token, has none to hide.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg.plugin.settings import TOKEN_VARIABLE

if TYPE_CHECKING:
    import warnings
    from collections.abc import Callable, Iterable

    from pytest_pyreg.hush import Hush
    from pytest_pyreg.registry import Registry


def hide(report: pytest.TestReport, registries: Iterable[Registry] = ()) -> None:
    """Leave secrets out of all that is printed of a report, or written to a file.

    Args:
        report: is changed where it is.
        registries: those of the test, which may have stopped and yet have learned something since.
    """
    hush = _hush()
    said = report.longrepr or report.sections or report.user_properties or getattr(report, "wasxfail", "")
    if hush is None or not (said or hasattr(report, "context")):
        return
    hush.gather()
    for registry in registries:
        hush.keep(registry.secrets())
    report.sections = [(title, hush(text)) for title, text in report.sections]
    report.longrepr = _without(report.longrepr, hush)
    report.user_properties = [(name, _without(value, hush)) for name, value in report.user_properties]
    if hasattr(report, "wasxfail"):
        report.wasxfail = _without(report.wasxfail, hush)
    if (context := getattr(report, "context", None)) is not None:  # Of a subtest: its words, which head its report.
        context.kwargs.update(_without(dict(context.kwargs), hush))
        object.__setattr__(context, "msg", _without(context.msg, hush))  # It is frozen.


def settle() -> None:
    """Begin another test."""
    if (hush := _hush()) is not None:
        hush.settle()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Look again, before anybody prints it or sends it: a subtest's report gets its output and its words late."""
    hide(report)


@pytest.hookimpl(tryfirst=True)
def pytest_warning_recorded(warning_message: warnings.WarningMessage) -> None:
    """Leave secrets out of the summary of warnings."""
    if (hush := _hush()) is not None:
        hush.gather()
        text = str(warning_message.message)
        if (clean := hush(text)) != text:
            warning_message.message = Warning(clean)  # The record alone: the warning may be in a test's hands.


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave secrets out of what is about to be written of the whole run: the properties in the JUnit file."""
    hush, junit = _hush(), sys.modules.get("_pytest.junitxml")
    xml = session.config.stash.get(junit.xml_key, None) if junit is not None else None
    if hush is not None and xml is not None:
        hush.gather()
        xml.global_properties[:] = [(name, _without(value, hush)) for name, value in xml.global_properties]


def _hush() -> Hush | None:
    """Return what knows the secrets of this process, if there can be any."""
    token = os.environ.get(TOKEN_VARIABLE)
    if not token and "pytest_pyreg.hush" not in sys.modules:
        return None
    from pytest_pyreg.hush import HUSH

    HUSH.keep({token or ""})
    return HUSH


def _without(value: Any, redact: Callable[[str], str]) -> Any:  # noqa: ANN401 - whatever a report is made of.
    """Return a value of a report with every text in it redacted; pytest's own parts are changed where they are."""
    if isinstance(value, str):
        return redact(value)
    if type(value) in {list, tuple, set}:
        return type(value)(_without(one, redact) for one in value)
    if type(value) is dict:
        return {_without(key, redact): _without(one, redact) for key, one in value.items()}
    if type(value).__module__.startswith("_pytest."):  # A traceback, its entries, lines, variables and places.
        for name, part in list(vars(value).items()):
            setattr(value, name, _without(part, redact))
    return value
