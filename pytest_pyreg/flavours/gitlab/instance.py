"""What client libraries ask an instance before they ask for packages: its version, who I am, a project, a group."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_pyreg.flavours.base import Action, Route
from pytest_pyreg.flavours.gitlab import checks
from pytest_pyreg.flavours.gitlab.authentication import JOB, PERSONAL
from pytest_pyreg.flavours.gitlab.paging import listed
from pytest_pyreg.flavours.gitlab.replies import message
from pytest_pyreg.identity import Decision, Manners, Permission
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.steps import authorised, identified, namespace_known

if TYPE_CHECKING:
    from pytest_pyreg.render.replies import Reply, ReplyShape
    from pytest_pyreg.visit import Visit

# Whoever may not is told so: without a right 403, and 404 if they do not even see the project.
MANNERS = Manners(Decision.FORBIDDEN, Decision.HIDDEN)


def replies(kind: str) -> dict[Refusal, ReplyShape]:
    """Return what the REST API says in words of its own (lib/api/helpers.rb@051a4500)."""
    unknown, unauthorized = message(404, f"404 {kind} Not Found"), message(401, "401 Unauthorized")
    return {
        Refusal.NAMESPACE_UNKNOWN: unknown,
        Refusal.HIDDEN: unknown,
        Refusal.UNAUTHENTICATED: unauthorized,
        Refusal.CREDENTIAL_UNKNOWN: unauthorized,
    }


def _known(visit: Visit) -> None:
    """Refuse a caller without credential."""
    caller = checks.caller_of(visit)
    if caller is None or caller.user is None:
        raise Refused(
            Refusal.UNAUTHENTICATED,
            permission="this",
            namespace="the instance",
            sent="the one that was sent is unknown, or over" if visit.shown else "none was sent",
        )


def _version(visit: Visit) -> Reply:
    return listed({"version": checks.world_of(visit).release, "revision": "0000000"})


def _user(visit: Visit) -> Reply:
    caller = checks.caller_of(visit)
    assert caller is not None, "this address is for callers who are known"
    assert caller.user is not None, "this address is for users"
    user = caller.user
    return listed(
        {
            "id": user.id,
            "username": user.username,
            "name": user.username,
            "state": user.state,
            "web_url": f"{visit.url}/{user.username}",
            "is_admin": user.admin,
            "external": user.external,
        }
    )


def _place(kind: str, visit: Visit) -> Reply:
    place = visit.place
    shown: dict[str, Any] = {
        "id": place.id,
        "name": place.name,
        "path": place.path.rpartition("/")[2],
        "visibility": place.visibility.value,
    }
    if kind == "group":
        return listed(shown | {"full_path": place.path, "web_url": f"{visit.url}/groups/{place.path}"})
    project = checks.project_of(visit)
    level = project.package_registry.value
    return listed(
        shown
        | {
            "path_with_namespace": place.path,
            "web_url": f"{visit.url}/{place.path}",
            "archived": project.archived,
            "packages_enabled": level != "disabled",
            "package_registry_access_level": level,
        }
    )


def _route(name: str, pattern: str, kind: str = "") -> Route:
    """Return an address that reads."""
    # `find_project!` knows who asks before it says that there is none; only a project's former path leads somewhere.
    place = (identified, namespace_known, authorised, *((checks.not_moved,) if kind == "project" else ()))
    answer = {"version": _version, "user": _user}.get(name) or partial(_place, kind)
    return Route(
        Action.OWN,
        "GET",
        f"/api/v4/{pattern}",
        Permission.SEE,
        place if kind else (identified, _known),
        kind,
        frozenset({PERSONAL, JOB}),
        MANNERS,
        replies=replies(kind.title()),
        answer=answer,
        called=name,
    )


ROUTES = {
    "version": _route("version", "version"),
    "user": _route("user", "user"),
    "project": _route("project", "projects/<namespace>", "project"),
    "group": _route("group", "groups/<namespace>", "group"),
}
