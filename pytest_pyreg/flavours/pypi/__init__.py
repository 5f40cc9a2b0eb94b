"""The public Python index: its history, its world, and what it demands of a release."""

from __future__ import annotations

from pytest_pyreg.flavours.base import Lineage
from pytest_pyreg.flavours.pypi.eras import LATER, OLDEST, eras
from pytest_pyreg.flavours.pypi.facts import flavour
from pytest_pyreg.flavours.pypi.world import PyPIWorld

PYPI = Lineage(
    product="pypi",
    first=flavour(OLDEST, LATER),
    eras=eras(),
    before="what the index was before June 2022, when simple pages became JSON, is not described",
    until="2026.12",
    days=True,
)

__all__ = ["PYPI", "PyPIWorld"]
