"""Gitea's PyPI package registry and Forgejo's: their histories, and the world that they share."""

from __future__ import annotations

from pytest_pyreg.flavours.base import Lineage
from pytest_pyreg.flavours.gitea.eras import GITEA_ERAS
from pytest_pyreg.flavours.gitea.eras_forgejo import FORGEJO_7, FORGEJO_ERAS
from pytest_pyreg.flavours.gitea.facts import GITEA_1_17_0
from pytest_pyreg.flavours.gitea.world import GiteaWorld

GITEA = Lineage(
    product="gitea",
    first=GITEA_1_17_0,
    eras=GITEA_ERAS,
    before="Gitea has a package registry from 1.17 on",
    until="1.28",
)
FORGEJO = Lineage(
    product="forgejo",
    first=GITEA.at("1.21").evolve(
        product="forgejo",
        version="7",
        source="Forgejo 7.0 (by commit date): Gitea 1.21 with 409 and `#sha256=`",
        **FORGEJO_7,
    ),
    eras=FORGEJO_ERAS,
    before="Forgejo went its own way with 7; before, it is Gitea under another name",
    until="18",
)

__all__ = ["FORGEJO", "GITEA", "GiteaWorld"]
