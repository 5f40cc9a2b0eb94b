"""The law: whatever a test changes, a restore undoes; in the state, and in what every address answers to everybody."""

from __future__ import annotations

import inspect
import random
from datetime import datetime, timezone
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg import Registry, make_wheel, products
from pytest_pyreg.clock import ManualClock
from tests.snapshots.pictures import Picture, answers, attributes_of
from tests.snapshots.words import NO_CHANGE, WORDS, furnished

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 5, 4, 12, tzinfo=timezone.utc)


@pytest.fixture(name="registry", params=WORDS)
def _registry(request: pytest.FixtureRequest) -> Iterator[Registry]:
    """A registry of each product, in its own words, with chance and time of its own; nothing upstream."""
    chance = random.Random(1)  # noqa: S311 - what has a state to go back to.
    with products.registry(request.param, clock=ManualClock(NOON), chance=chance, forwarding=False) as registry:
        yield registry


def test_every_word_is_undone(registry: Registry) -> None:
    """One after the other, and all of them together; the words show, or there would be nothing to undo."""
    credentials = furnished(registry)
    words = WORDS[registry.flavour.product]
    answers(registry, credentials)  # Downloads are noted.
    said = answers(registry, credentials)
    before = Picture(registry)
    snapshot = registry.snapshot()

    for name, word in words.items():
        if name not in {"unyank", "unarchive", "release_quarantine", "delete what came"} and not (
            name == "forward" and registry.flavour.product != "gitlab"
        ):
            word(registry)
            registry.clock.advance(days=1)
            assert Picture(registry) != before, f"{name} changes nothing that shows"
            registry.restore(snapshot)
            assert Picture(registry) == before, f"what {name} does stays"
    for word in words.values():
        word(registry)
    assert answers(registry, credentials) != said
    registry.restore(snapshot)

    assert Picture(registry) == before
    assert answers(registry, credentials) == said


@pytest.mark.parametrize("product", WORDS)
def test_every_public_word_is_tried(product: str) -> None:
    """A word that is added to a product has to be added here, or be called one that changes nothing."""
    with products.registry(product) as registry:
        furnished(registry)
        kinds = {type(thing) for thing in Picture(registry).objects.values()}
    shown = [kind for kind in kinds if kind.__module__.split(".")[-1] in _ROOMS]

    public = {name for kind in shown for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"}

    assert public - NO_CHANGE - WORDS[product].keys() == set()
    assert public >= {"add", "delete"}


_ROOMS = {"registry", "gitlab", "gitea", "pypi", "world", "people", "places", "belongings", "plain"}


def test_vandals_are_undone(registry: Registry) -> None:
    """Every attribute of every object of the world, and every list, dict and set in it: whatever it is changed to."""
    credentials = furnished(registry)
    answers(registry, credentials)
    said = answers(registry, credentials)
    before = Picture(registry)
    snapshot = registry.snapshot()

    touched = 0
    for thing in before.objects.values():
        if isinstance(thing, (Registry, Enum)):
            continue
        for name, value in attributes_of(thing).items():
            touched += _smashed(thing, name, value)
    assert touched > 10
    snapshot.put_back(registry)  # Without a last look at the world: it has no secrets now.

    assert Picture(registry) == before
    assert answers(registry, credentials) == said


APART = {f"pytest_pyreg.{name}" for name in ("index", "blobs", "app", "companions", "storage", "exchanges")}


def _smashed(thing: object, name: str, value: Any) -> bool:  # noqa: ANN401 - anything.
    """Change one attribute, and what is in it if it is a container; frozen records are left alone."""
    if getattr(type(thing), "__dataclass_params__", None) is not None and type(thing).__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return False
    if type(thing).__module__ in APART:
        return False  # They keep copies of their own; the words above go through them.
    if isinstance(value, (list, dict, set)):
        value.clear()
        if isinstance(value, dict):
            value["smashed"] = "smashed"
    object.__setattr__(thing, name, "smashed")
    object.__setattr__(thing, "unheard_of", "smashed")
    return True


def test_a_change_that_stays_would_be_seen(registry: Registry) -> None:
    """The laws can fail: here nothing is restored."""
    before = Picture(registry)
    said = answers(registry)

    registry.add(make_wheel("demo", "1.0"))

    assert Picture(registry) != before
    assert answers(registry) != said
