"""The law: whatever changes a registry that has a folder is there again when another begins with it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg import Registry, make_wheel, products
from pytest_pyreg.clock import ManualClock
from tests.durable.likeness import Likeness
from tests.snapshots.pictures import answers
from tests.snapshots.words import WORDS, furnished

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 5, 4, 12, tzinfo=timezone.utc)
PASSING = {"faults", "lies"}
"""What a test does to replies, not to what is stored."""


def opened(product: str, folder: Path) -> Registry:
    """Return a running registry that has a folder; its address, and its time, are always the same."""
    options: dict[str, Any] = {"forwarding": False} if product == "gitlab" else {}
    return products.registry(
        product, data=folder, clock=ManualClock(NOON), announced="http://registry.test", **options
    ).start()


def likeness(registry: Registry) -> Likeness:
    """Return what a registry is."""
    return Likeness(registry.world, registry._index._shelves, registry._index._downloads, dict(registry.named))


@pytest.mark.parametrize(
    ("product", "word"), [(product, word) for product in WORDS for word in WORDS[product] if word not in PASSING]
)
def test_every_word_outlives_the_registry(product: str, word: str, tmp_path: Path) -> None:
    """In what it is; and each shows, or there would be nothing to keep."""
    registry = opened(product, tmp_path / "data")
    furnished(registry)
    if word in {"unyank", "unarchive", "release_quarantine", "delete what came"}:
        before = None
        WORDS[product][{"unyank": "yank", "unarchive": "archive", "release_quarantine": "quarantine"}.get(word, "add")](
            registry
        )
    else:
        before = likeness(registry)
    WORDS[product][word](registry)
    after = likeness(registry)
    assert after != before or (word == "forward" and product != "gitlab")
    registry.stop()

    again = opened(product, tmp_path / "data")

    assert likeness(again) == after
    again.stop()


@pytest.mark.parametrize("product", WORDS)
def test_everybody_is_told_the_same(product: str, tmp_path: Path) -> None:
    """Every address, by every caller, before and after, when all of it was done; and the next thing can be done too."""
    registry = opened(product, tmp_path / "data")
    credentials = furnished(registry)
    for name, word in WORDS[product].items():
        if name not in PASSING | {"settings", "settle", "rename"}:
            word(registry)
    answers(registry, credentials)  # Downloads are noted.
    said, held = answers(registry, credentials), likeness(registry)
    registry.stop()

    again = opened(product, tmp_path / "data")

    assert likeness(again) == held
    assert answers(again, credentials) == said
    again.add(make_wheel("afterwards", "1.0"))
    assert again.files("afterwards") == {"afterwards-1.0-py3-none-any.whl"}
    assert again.namespace is again.world.home
    again.stop()


def test_another_folder_is_another_registry(tmp_path: Path) -> None:
    """The comparison can fail: two that begin are not alike, if only in their tokens."""
    one, other = opened("gitlab", tmp_path / "one"), opened("gitlab", tmp_path / "other")

    assert likeness(one) != likeness(other)
    one.stop()
    other.stop()
