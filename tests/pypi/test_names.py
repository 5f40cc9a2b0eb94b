"""Names of new projects: which nobody may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg.flavours.hosts import WEB
from pytest_pyreg.flavours.pypi.names import checked, ultranormalized

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    Refuses = Callable[[str], AbstractContextManager[None]]

MORE = f" See https://{WEB}/help/#project-name for more information."
STDLIB = "isn't allowed (conflict with Python Standard Library module name)." + MORE


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("-demo", "The name '-demo' is invalid."),
        ("asyncio", f"The name 'asyncio' {STDLIB}"),
        ("AsyncIO", f"The name 'AsyncIO' {STDLIB}"),
        ("collections.abc", f"The name 'collections.abc' {STDLIB}"),
        ("xml-dom", f"The name 'xml-dom' {STDLIB}"),
        ("urllib2", f"The name 'urllib2' {STDLIB}"),
        ("tomllib", f"The name 'tomllib' {STDLIB}"),
        ("future", f"The name 'future' {STDLIB}"),
        ("FLASK", "The name 'FLASK' conflicts with an existing project." + MORE),
        ("requirements.txt", "The name 'requirements.txt' isn't allowed." + MORE),
        ("f1ask", "The name 'f1ask' is too similar to an existing project." + MORE),
        ("F-L-A-S-K", "The name 'F-L-A-S-K' is too similar to an existing project." + MORE),
    ],
)
def test_what_is_refused(name: str, words: str, refuses: Refuses) -> None:
    """Old modules too, and what only looks like something else."""
    with refuses(words):
        checked(name, ["flask", "other"])


@pytest.mark.parametrize("name", ["demo", "flasks", "asyncio2", "xml-domino", "requirements", "a"])
def test_what_is_accepted(name: str) -> None:
    """The twins of what is refused."""
    checked(name, ["flask", "other"])


def test_an_administrator_prohibits_more(refuses: Refuses) -> None:
    """The list is the caller's."""
    checked("bad-name", [])
    with refuses("The name 'Bad.Name' isn't allowed." + MORE):
        checked("Bad.Name", [], {"bad-name"})


def test_what_looks_alike() -> None:
    """Separators go, and letters that look like digits become them."""
    assert ultranormalized("Li.I_O-o") == "11100"
