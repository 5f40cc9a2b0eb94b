"""Rows about distributions made in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from measuring import interleaved, medians, timed
from table import MILLISECONDS, OURS, AtMost, Row

from pytest_pyreg import make_dists, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Plan, Sample

MADE = 100
"""How many are made in a round."""


def factory(plan: Plan) -> Iterator[Row]:
    """One wheel, and one wheel with its sdist."""

    def wheel() -> Sample:
        return (timed(lambda: [make_wheel("demo", f"1.{number}") for number in range(MADE)]) / MADE,)

    def both() -> Sample:
        return (timed(lambda: [make_dists("demo", f"1.{number}") for number in range(MADE)]) / MADE,)

    samples = interleaved({"wheel": wheel, "both": both}, plan.rounds)
    found = medians(samples)
    yield Row("a wheel from the factory", MILLISECONDS, {OURS: found["wheel"]}, "under 1 ms", (AtMost(0.001),))
    yield Row("wheel and sdist", MILLISECONDS, {OURS: found["both"]}, "under 1.5 ms", (AtMost(0.0015),))
