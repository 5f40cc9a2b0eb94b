"""Rows about distributions that are made."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from measuring import interleaved, medians, timed
from table import MILLISECONDS, OURS, AtMost, Row

from pytest_pyreg import make_big, make_dists, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Plan, Sample

MADE = 100
"""How many are made in a round."""


BIG = 5 * 1024**3
"""Bytes of the large one."""


def factory(plan: Plan) -> Iterator[Row]:
    """One wheel, one with its sdist, one with extras, a script and a licence, and a sparse one."""

    def wheel() -> Sample:
        return (timed(lambda: [make_wheel("demo", f"1.{number}") for number in range(MADE)]) / MADE,)

    def both() -> Sample:
        return (timed(lambda: [make_dists("demo", f"1.{number}") for number in range(MADE)]) / MADE,)

    def rich() -> Sample:
        def make(number: int) -> object:
            return make_wheel(
                *("demo", f"1.{number}"),
                requires=["first>=1", "second; os_name == 'posix'"],
                extras={"test": ["pytest"]},
                scripts={"demo": "demo:main"},
                license_files=["LICENSE"],
            )

        return (timed(lambda: [make(number) for number in range(MADE)]) / MADE,)

    with tempfile.TemporaryDirectory() as folder:

        def big() -> Sample:
            return (timed(lambda: make_big("demo", "1.0", size=BIG, folder=folder)),)

        samples = interleaved({"wheel": wheel, "both": both, "rich": rich, "big": big}, plan.rounds)
    found = medians(samples)
    yield Row("a wheel from the factory", MILLISECONDS, {OURS: found["wheel"]}, "under 1 ms", (AtMost(0.001),))
    yield Row("wheel and sdist", MILLISECONDS, {OURS: found["both"]}, "under 1.5 ms", (AtMost(0.0015),))
    yield Row("a wheel with requirements, an extra, a script and a licence", MILLISECONDS, {OURS: found["rich"]})
    yield Row("a sparse wheel of 5 GB", MILLISECONDS, {OURS: found["big"]})
