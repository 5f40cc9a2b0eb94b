"""GitLab's PyPI package registry: its history, its world, its CI variables."""

from __future__ import annotations

from pytest_pyreg.flavours.base import Lineage
from pytest_pyreg.flavours.gitlab.facts import GITLAB_17
from pytest_pyreg.flavours.gitlab.world import GitLabWorld

GITLAB = Lineage(
    product="gitlab",
    first=GITLAB_17,
    eras=(),
    before="this release describes GitLab from 17.0 on",
    until="18",
)

__all__ = ["GITLAB", "GitLabWorld"]
