"""The JSON API: what is known of a project and of a release; warehouse/legacy/api/json.py @6b621571."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from pytest_pyreg.flavours.base import Action, Route
from pytest_pyreg.flavours.pypi import json_info
from pytest_pyreg.flavours.pypi.answers import (
    CORS,
    ENCODED,
    METHODS,
    absent,
    cached_for,
    moved,
    page,
    path,
    serial_of,
)
from pytest_pyreg.flavours.pypi.listing import releases_shown
from pytest_pyreg.flavours.pypi.simple_json import line
from pytest_pyreg.flavours.pypi.sought import project_sought
from pytest_pyreg.flavours.pypi.told import world_of
from pytest_pyreg.flavours.pypi.versions import canonical
from pytest_pyreg.identity import Permission
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_pyreg.flavours.pypi.page_facts import PageFacts
    from pytest_pyreg.flavours.pypi.people import Project
    from pytest_pyreg.model import Release
    from pytest_pyreg.render.replies import Reply
    from pytest_pyreg.visit import Visit

# The charset is in the source (warehouse/views.py) and in the contract; WebOb 1.8.10 by itself leaves it out.
_ABSENT = absent('{"message": "Not Found"}', "application/json; charset=utf-8")
_UNKNOWN = dict.fromkeys((Refusal.PROJECT_UNKNOWN, Refusal.RELEASE_ABSENT), _ABSENT)
_CACHED = cached_for(15)


def routes(facts: PageFacts) -> dict[str, Route]:
    """Return the JSON API's addresses, by names of ours; a slash at the end is an address of its own."""
    pages: dict[str, tuple[str, Callable[[str, Visit], Reply]]] = {
        "json project": ("/pypi/<project>/json", partial(project_told, facts)),
        "json release": ("/pypi/<project>/<version>/json", partial(release_told, facts)),
    }
    return {
        f"{name}{' with slash' if slash else ''} {method}": Route(
            Action.OWN,
            method,
            pattern + slash,
            Permission.READ,
            replies=_UNKNOWN,
            answer=partial(answer, slash),
            called="JSON API",
        )
        for name, (pattern, answer) in pages.items()
        for slash in ("", "/")
        for method in METHODS
    }


def project_told(facts: PageFacts, slash: str, visit: Visit) -> Reply:
    """Return a project with all its releases, and its latest in detail."""
    project, releases = _project(visit)
    if not releases:
        raise Refused(Refusal.PROJECT_UNKNOWN, project=project.name, namespace="the index")
    return _told(facts, visit, project, releases, latest(releases), slash)


def release_told(facts: PageFacts, slash: str, visit: Visit) -> Reply:
    """Return one release."""
    project, releases = _project(visit)
    asked = visit.names["version"]
    found = [release for release in releases if release.key[1] == canonical(asked)]
    if not found:
        raise Refused(Refusal.RELEASE_ABSENT, release=asked, project=project.name)
    return _told(facts, visit, project, found, found[0], slash, asked)


def latest(releases: Sequence[Release]) -> Release:
    """Return the release that stands for a project: the highest, final before pre-releases, and not taken back."""

    def order(place: int) -> tuple[bool, bool, int]:
        return releases[place].yanked is None, not _early(releases[place].version), place

    return releases[max(range(len(releases)), key=order)]


def _early(version: str) -> bool:
    try:
        return Version(version).is_prerelease
    except InvalidVersion:
        return False


def _project(visit: Visit) -> tuple[Project, list[Release]]:
    project = project_sought(visit)
    return project, releases_shown(visit, world_of(visit), project)


def _told(  # noqa: PLR0917 - what was found, one by one.
    facts: PageFacts,
    visit: Visit,
    project: Project,
    releases: Sequence[Release],
    release: Release,
    slash: str,
    version: str = "",
) -> Reply:
    """Return the page of a release; the whole project's, if no version is asked for."""
    world = world_of(visit)
    if visit.names["project"] != project.normalized:
        segments = ("pypi", project.normalized, *([version] if version else []), "json")
        return moved(visit, path(*segments) + slash, (*CORS, _CACHED, ENCODED))
    serial = visit.index.serial(world.home, project.normalized)

    def render() -> bytes:
        without = facts.json_api_without
        files = {each.version: json_info.files(visit.url, world, each, without) for each in releases}
        told: dict[str, Any] = {
            "info": json_info.info(visit.url, project, release, without),
            "urls": files[release.version],
            "vulnerabilities": [],
            "last_serial": serial,
            "ownership": json_info.ownership(project),
        }
        if not version:
            told["releases"] = files
        return line({key: value for key, value in told.items() if key not in without})

    headers = (("Content-Type", "application/json"), *CORS, serial_of(serial), _CACHED, ENCODED)
    key = ("JSON API", project.normalized, release.id if version else 0, world.settings.pep658)
    return page(visit, key, serial, headers, render)
