"""What the tests of the public index share."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from pytest_pyreg import ManualClock, Registry, lookup
from pytest_pyreg.flavours.pypi import reading
from pytest_pyreg.flavours.pypi.facts import writing
from pytest_pyreg.flavours.pypi.page_facts import PageFacts
from pytest_pyreg.flavours.pypi.world import PyPIWorld
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.test import TestResponse

    from pytest_pyreg.flavours import Flavour

    Ask = Callable[..., TestResponse]
    Opened = Callable[..., Registry]
    Refuses = Callable[[str], contextlib.AbstractContextManager[None]]

HERE = Path(__file__).parent

# These tests share `tests.pypi.kinds`; in import mode importlib, a folder of tests is no package by itself.
for _name, _folder in (("tests", HERE.parent), ("tests.pypi", HERE)):
    _module = sys.modules.setdefault(_name, ModuleType(_name))
    if not hasattr(_module, "__path__"):
        _module.__path__ = [str(_folder)]

NOON = datetime(2026, 8, 21, 12, 0, 0, tzinfo=timezone.utc)


@contextlib.contextmanager
def _refuses(words: str) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.refusal is Refusal.RULE_BROKEN
    assert caught.value.facts["words"] == words


@pytest.fixture(name="refuses")
def _fixture() -> Refuses:
    """Demand a refusal in exactly these words."""
    return _refuses


# -- pages -------------------------------------------------------------------------------------------------------------


def _flavour(facts: PageFacts) -> Flavour:
    """Return the public index with pages of certain facts."""
    return replace(lookup("pypi"), routes={**reading.routes(facts), **writing()})


@pytest.fixture(name="opened")
def _opened() -> Iterator[Opened]:
    """Start registries with pages of certain facts."""
    with contextlib.ExitStack() as stack:
        yield lambda facts=PageFacts(), **options: stack.enter_context(  # noqa: B008 - frozen.
            Registry(_flavour(facts), clock=ManualClock(NOON), **options)
        )


@pytest.fixture(name="index")
def _index(opened: Opened) -> Registry:
    """A public index, as it is today."""
    return opened()


@pytest.fixture(name="world")
def _world(index: Registry) -> PyPIWorld:
    """Its world."""
    assert isinstance(index.world, PyPIWorld)
    return index.world


@pytest.fixture(name="ask")
def _ask(index: Registry) -> Ask:
    """Ask it for an address."""

    def asked(path: str, method: str = "GET", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(index.wsgi).open(path, method=method, headers=named)

    return asked
