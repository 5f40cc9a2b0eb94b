"""What a world's release can do, and the error where it cannot yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_pyreg.flavours.base import Flavour


class NotYet(ValueError):
    """Something was asked of a release that could not do it yet."""


class OfARelease:
    """What asks its flavour what it can do."""

    _flavour: Flavour

    def can(self, feature: str) -> bool:
        """Tell whether the product can do something at this release."""
        return bool(self._flavour.features.get(feature))

    def require(self, feature: str) -> None:
        """Refuse what the product could not do at this release.

        Raises:
            NotYet: it could not.
        """
        if not self.can(feature):
            raise NotYet(f"{self._flavour.name} has no {feature}; {_advice(self._flavour, feature)}")


def _advice(flavour: Flavour, feature: str) -> str:
    """Return which flavour to choose."""
    from pytest_pyreg.flavours.catalogue import lineages

    first = {
        product: next((one.name for one in lineage.flavours() if one.features.get(feature)), "")
        for product, lineage in lineages.items()
    }
    if name := first.get(flavour.product):
        return f"choose a later release, from {name} on"
    others = ", ".join(filter(None, first.values()))
    return f"choose a product that has it, from {others} on" if others else "no release described here has it"
