"""The project that a page is asked for: one that is here, or that can be had from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.flavours.pypi.told import world_of
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from pytest_pyreg.flavours.pypi.people import Project
    from pytest_pyreg.visit import Visit


def project_sought(visit: Visit) -> Project:
    """Return the project that the address names, in any spelling.

    Raises:
        Refused: PROJECT_UNKNOWN.
    """
    world, asked = world_of(visit), visit.names["project"]
    wanted = canonicalize_name(asked)
    told = visit.seek(wanted)
    project = world.known(wanted)
    if project is None:
        raise Refused(Refusal.PROJECT_UNKNOWN, project=asked, namespace=world.home.name, hint=told)
    visit.remark = told
    return project
