"""Every lineage there is, and finding a flavour by its name."""

from __future__ import annotations

from pytest_pyreg.flavours.base import Flavour, Lineage, UnknownFlavour
from pytest_pyreg.flavours.gitea import FORGEJO, GITEA
from pytest_pyreg.flavours.gitlab import GITLAB
from pytest_pyreg.flavours.plain import PEP503

lineages: dict[str, Lineage] = {lineage.product: lineage for lineage in (GITLAB, GITEA, FORGEJO, PEP503)}
UPSTREAM = PEP503.product
"""The flavour of the index that registries forward to."""
DEFAULT = GITLAB.product
"""The flavour of a registry that is not told another."""


def lookup(name: str) -> Flavour:
    """Find a flavour.

    Args:
        name: `product` for its newest version, or `product@version`, such as `gitlab@17.4`.

    Raises:
        UnknownFlavour: there is no such product, or the version is not one that it had or that is described here.
    """
    product, _, version = name.strip().partition("@")
    lineage = lineages.get(product)
    if lineage is None:
        message = f"there is no flavour {product!r}; the products are {', '.join(sorted(lineages))}, try {DEFAULT!r}"
        raise UnknownFlavour(message)
    return lineage.at(version) if "@" in name else lineage.newest
