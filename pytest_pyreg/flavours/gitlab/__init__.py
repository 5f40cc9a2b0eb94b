"""GitLab's PyPI package registry: its history, its world, its CI variables."""

from __future__ import annotations

from pytest_pyreg.flavours.base import Lineage
from pytest_pyreg.flavours.gitlab.eras import ERAS
from pytest_pyreg.flavours.gitlab.facts import GITLAB_12_10
from pytest_pyreg.flavours.gitlab.world import GitLabWorld

GITLAB = Lineage(
    product="gitlab",
    first=GITLAB_12_10,
    eras=ERAS,
    before="GitLab has a PyPI registry from 12.10 on",
    until="20",
)

__all__ = ["GITLAB", "GitLabWorld"]
