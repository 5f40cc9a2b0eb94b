"""Every lineage there is, and finding a flavour by its name."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from pytest_pyreg.flavours.base import Flavour, UnknownFlavour

if TYPE_CHECKING:
    from pytest_pyreg.flavours.base import Lineage


class _Lineages(Mapping[str, "Lineage"]):
    """Every lineage by its product, each loaded when it is first asked for: one takes some 30 milliseconds."""

    def __init__(self, homes: Mapping[str, tuple[str, str]]) -> None:
        self._homes = homes

    def __getitem__(self, product: str) -> Lineage:
        module, name = self._homes[product]
        return cast("Lineage", getattr(importlib.import_module(module), name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


lineages: Mapping[str, Lineage] = _Lineages(
    {
        "gitlab": ("pytest_pyreg.flavours.gitlab", "GITLAB"),
        "gitea": ("pytest_pyreg.flavours.gitea", "GITEA"),
        "forgejo": ("pytest_pyreg.flavours.gitea", "FORGEJO"),
        "pypi": ("pytest_pyreg.flavours.pypi", "PYPI"),
        "pep503": ("pytest_pyreg.flavours.plain", "PEP503"),
    }
)
UPSTREAM = "pypi"
"""The flavour of the index that registries forward to."""
USUAL = ("gitlab", "gitea", "forgejo", "pypi")
"""What a release is held against if nobody says with which flavours."""
DEFAULT = "gitlab"
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
        close = difflib.get_close_matches(product.strip().lower(), lineages, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"try {DEFAULT!r}"
        message = f"there is no flavour {product!r}; the products are {', '.join(sorted(lineages))}; {hint}"
        raise UnknownFlavour(message)
    return lineage.at(version) if "@" in name else lineage.newest
