"""Forwarding to the public index: where it is on, and the address of the index's files.

That address came in 19 (EE; content id 61422843878, spec 61370057509).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

from pytest_pyreg.flavours.gitlab import checks
from pytest_pyreg.flavours.gitlab.places import Group, Place
from pytest_pyreg.flavours.gitlab.replies import REDIRECT
from pytest_pyreg.flavours.gitlab.settings import ENTERPRISE
from pytest_pyreg.flavours.hosts import FILES
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from pytest_pyreg.flavours.gitlab.settings import Settings
    from pytest_pyreg.model import Namespace
    from pytest_pyreg.render.replies import Reply
    from pytest_pyreg.visit import Visit

_SEGMENT = re.compile(r"[^/%?#\\\s]+")


def file_elsewhere(visit: Visit) -> Reply:
    """Redirect to a file of the public index; refused in the community edition, and if it is no such file."""
    world, project, path = checks.world_of(visit), visit.names["project"], visit.names["filename"]
    host, _, rest = path.partition("/")
    segments = rest.split("/")
    proper = host.lower() == FILES and all(
        _SEGMENT.fullmatch(part) is not None and part not in {".", ".."} for part in segments
    )
    watched = world.settings.flags["dependency_firewall_phase1"]
    if (
        not proper
        or world.settings.edition != ENTERPRISE
        or not world.forwards(visit.place)
        or (watched and _project_of(segments[-1]) != project)
    ):
        raise Refused(Refusal.PROJECT_UNKNOWN, project=project, namespace=visit.place.path)
    if watched:
        checks.firewall_passed(visit)
    return REDIRECT.filled({"location": f"{world.upstream()}/{rest}"})


def _project_of(filename: str) -> str | None:
    """Return the normalized project that a file name tells; None if it tells none."""
    filename = filename.removesuffix(".metadata")
    try:
        parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
        return str(parse(filename)[0])
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None


def cascaded(settings: Settings, namespace: Namespace) -> bool:
    """Return what `pypi_package_requests_forwarding` is in a namespace: the nearest value below no lock."""
    value, locked = settings.pypi_package_requests_forwarding, settings.lock_pypi_package_requests_forwarding
    above = [namespace, *(namespace.ancestors() if isinstance(namespace, Place) else ())]
    for group in reversed([place for place in above if isinstance(place, Group)]):
        if not locked and group.forwarding is not None:
            value = group.forwarding
        locked = locked or group.lock_forwarding
    return value
