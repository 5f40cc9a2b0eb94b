"""Rows about going back: a snapshot, and a running registry made fresh by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from measuring import interleaved, medians, timed
from stock import tiny
from table import MILLISECONDS, OURS, AtMost, Row

from pytest_pyreg import PyPI, make_wheel, products

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Plan, Sample

MOST = 10_000
WHEEL = make_wheel("demo", "1.0")
WORLDS = (("gitlab", 0), ("gitlab", 100), ("gitlab", MOST), ("pypi", 100))
"""Products, and how many projects of one file each."""


def rolling(plan: Plan) -> Iterator[Row]:
    """A snapshot, and a restore after a wheel came."""
    for product, count in WORLDS:
        files = min(count, 1000) if plan.quick else count
        with products.registry(product) as registry:
            registry.add(*tiny(files, 1))
            if isinstance(registry, PyPI):
                registry.world.projects()  # Each has an owner from now on.

            def measure() -> Sample:
                kept = []
                taking = timed(lambda: kept.append(registry.snapshot()))
                registry.add(WHEEL)
                restoring = timed(lambda: registry.restore(kept[0]))
                assert not registry.files("demo"), "the restore left something"
                return restoring, taking

            samples = interleaved({OURS: measure}, plan.rounds * 3)
        demand = ("0.5 ms", (AtMost(0.0005),)) if not count else ("", ())
        title = f"{product}, {files} files"
        yield Row(f"fresh state on a running registry: restore; {title}", MILLISECONDS, medians(samples), *demand)
        yield Row(f"its snapshot; {title}", MILLISECONDS, medians(samples, 1), *demand)
