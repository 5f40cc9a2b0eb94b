"""What each product at each version says and demands: facts, each with its source.

The only place that names a product.  `lookup("gitlab@17.4")` gives a `Flavour`; adding a product is one package here
and one line in `lineages`.
"""

from __future__ import annotations

from pytest_pyreg.flavours.base import Action, Era, Flavour, Lineage, Route, UnknownFlavour
from pytest_pyreg.flavours.catalogue import DEFAULT, UPSTREAM, USUAL, lineages, lookup
from pytest_pyreg.flavours.worlds import Ready, World

__all__ = [
    "DEFAULT",
    "UPSTREAM",
    "USUAL",
    "Action",
    "Era",
    "Flavour",
    "Lineage",
    "Ready",
    "Route",
    "UnknownFlavour",
    "World",
    "lineages",
    "lookup",
]
