"""The packages REST API, as far as clients use it to list packages and to clean up.

lib/api/project_packages.rb, package_files.rb and group_packages.rb (zero804/gitlab.community@6268a72e for 13.x,
gitlabhq@038366a0 and @e8d2c257 for 13.6 to 14, shaik1002/biggitlabbomb@c8e6f625 for 17).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_pyreg.flavours.base import Action, Route
from pytest_pyreg.flavours.gitlab import checks, instance
from pytest_pyreg.flavours.gitlab.authentication import JOB, PERSONAL
from pytest_pyreg.flavours.gitlab.entities import Entities, pipelines_of
from pytest_pyreg.flavours.gitlab.paging import Parameter, flag, listed, paged, parameters
from pytest_pyreg.flavours.gitlab.replies import NO_GET
from pytest_pyreg.identity import Permission
from pytest_pyreg.refusals import Problem, Refusal, Refused
from pytest_pyreg.render.replies import Reply
from pytest_pyreg.steps import authorised, identified, namespace_known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_pyreg.model import File, Release
    from pytest_pyreg.steps import Step, Visit

_PROJECT = "/api/v4/projects/<namespace>"
_RELEASE = f"{_PROJECT}/packages/<release>"
_GROUP = "/api/v4/groups/<namespace>"

TYPES = (
    *("maven", "npm", "conan", "nuget", "pypi", "composer", "generic", "golang", "debian", "rubygems", "helm"),
    *("terraform_module", "rpm", "ml_model"),
)
STATUSES = ("default", "hidden", "processing", "error", "pending_destruction", "deprecated")
_ORDERS = ("created_at", "name", "version", "type")


@dataclass(frozen=True)
class RestLayout:
    """The REST addresses of one era."""

    entities: Entities
    accepted: frozenset[str] = frozenset({PERSONAL})
    """How packages are asked for."""
    files_accepted: frozenset[str] = frozenset({PERSONAL})
    """How their files are."""
    job_steps: tuple[Step, ...] = ()
    """What a job's token is held against."""
    delete_files: bool = False
    pipelines: bool = False
    """Whether a package's pipelines have an address."""
    name_waits: bool = False
    """Whether the name of a deleted file is free only after the next run of the cleaner."""

    def routes(self) -> dict[str, Route]:
        """Return the addresses, by names of ours."""
        read, delete, shown = Permission.READ, Permission.DELETE, self.entities
        found = {
            "packages": self._route("GET", f"{_PROJECT}/packages", read, partial(list_releases, shown)),
            "package": self._route("GET", _RELEASE, read, partial(show_release, shown)),
            "delete package": self._route("DELETE", _RELEASE, delete, delete_release, needs=_release_numbered),
            "package files": self._route(
                "GET", f"{_RELEASE}/package_files", read, partial(list_files, shown), accepted=self.files_accepted
            ),
            "group packages": Route(
                Action.OWN,
                "GET",
                f"{_GROUP}/packages",
                read,
                (checks.packages_on, namespace_known, identified, authorised),
                "group",
                frozenset({PERSONAL}),
                instance.MANNERS,
                replies=instance.replies("Group"),
                answer=partial(list_group_releases, shown),
                called="group packages",
            ),
            **instance.ROUTES,
        }
        if self.delete_files:
            found["delete file"] = self._route(
                "DELETE",
                f"{_RELEASE}/package_files/<file>",
                delete,
                partial(delete_file, waits=self.name_waits),
                accepted=self.files_accepted,
                needs=_file_numbered,
            )
        if self.pipelines:
            found["package pipelines"] = self._route(
                "GET", f"{_RELEASE}/pipelines", read, partial(list_pipelines, shown)
            )
        return found

    def _route(
        self,
        method: str,
        pattern: str,
        permission: Permission,
        answer: Callable[[Visit], Reply],
        *,
        accepted: frozenset[str] | None = None,
        needs: Step | None = None,
    ) -> Route:
        # `before` asks whether the caller may read; then Grape validates; then the handler asks for more.
        steps = (
            checks.packages_on,
            namespace_known,
            identified,
            checks.job_let_in,
            checks.readable,
            *self.job_steps,
            *((needs,) if needs is not None else ()),
            checks.not_moved,
            authorised,
        )
        return Route(
            Action.OWN,
            method,
            pattern,
            permission,
            steps,
            "project",
            self.accepted if accepted is None else accepted,
            instance.MANNERS,
            replies=instance.replies("Project") | (NO_GET if method != "GET" else {}),
            answer=answer,
            called="packages",
        )


# -- what is asked -----------------------------------------------------------------------------------------------------


def list_releases(shown: Entities, visit: Visit) -> Reply:
    """List a project's packages."""
    chosen = parameters(visit, (*_declared(), Parameter("order_by", "created_at", _ORDERS)))
    return _page(shown, visit, chosen, visit.index.releases([visit.place]), group=False)


def list_group_releases(shown: Entities, visit: Visit) -> Reply:
    """List the packages of a group's projects, as far as the caller may read them."""
    declared = (
        *_declared(),
        Parameter("exclude_subgroups", "false", boolean=True),
        Parameter("order_by", "created_at", (*_ORDERS, "project_path")),
    )
    chosen = parameters(visit, declared)
    searched = visit.directory.searched(visit.identity, visit.place)
    if flag(chosen["exclude_subgroups"]):
        searched = tuple(place for place in searched if place.path.rpartition("/")[0] == visit.place.path)
    return _page(shown, visit, chosen, visit.index.releases(searched), group=True)


def _declared() -> tuple[Parameter, ...]:
    return (
        Parameter("sort", "asc", ("asc", "desc")),
        Parameter("package_type", None, TYPES),
        Parameter("package_name"),
        Parameter("package_version"),
        Parameter("include_versionless", boolean=True),
        Parameter("status", None, STATUSES),
    )


_KEYS: Mapping[str, Callable[[Release], Any]] = {
    "created_at": lambda release: release.created_at,
    "name": lambda release: release.name,
    "version": lambda release: release.version,
    "type": lambda _: 0,
    "project_path": lambda release: release.namespace.path.rpartition("/")[2],
}


def _page(
    shown: Entities, visit: Visit, chosen: Mapping[str, str], releases: Iterable[Release], *, group: bool
) -> Reply:
    """Filter, sort (as text, ties by id) and cut a list of packages."""
    words = chosen.get("package_name", "").lower().split()
    newest = visit.clock.now() - checks.world_of(visit).listing_delay
    found = [
        release
        for release in releases
        if chosen.get("package_type", "pypi") == "pypi"
        and chosen.get("status", "default") == "default"
        and all(word in release.name.lower() for word in words)
        and chosen.get("package_version", release.version) == release.version
        and release.created_at <= newest
    ]
    found.sort(key=lambda release: release.id)
    found.sort(key=_KEYS[chosen["order_by"]], reverse=chosen["sort"] == "desc")
    rows, headers = paged(visit, chosen, found)
    return listed([shown.package(visit, release, listed=True, group=group) for release in rows], headers)


def show_release(shown: Entities, visit: Visit) -> Reply:
    """Show one package."""
    return listed(shown.package(visit, _release(visit), listed=False))


def list_files(shown: Entities, visit: Visit) -> Reply:
    """List a package's files, in the order of their arrival."""
    _release_numbered(visit)
    chosen = parameters(visit, ())
    release = _release(visit)
    rows, headers = paged(visit, chosen, release.files)
    return listed([shown.file(visit, release, file) for file in rows], headers)


def list_pipelines(shown: Entities, visit: Visit) -> Reply:
    """List the pipelines that uploaded a package, the newest first."""
    release = _release(visit)
    return listed([shown.pipeline(visit, release, number) for number in reversed(pipelines_of(release))])


def delete_release(visit: Visit) -> Reply:
    """Delete a package."""
    release = _release(visit)
    checks.check_delete(visit, release.name)
    checks.unchanged_since(visit, release)
    for file in visit.index.delete(release):
        visit.forget(file.digest)
    return Reply(204, (), b"")


def delete_file(visit: Visit, *, waits: bool) -> Reply:
    """Delete a file of a package; its name may be taken until the cleaner has run (at twenty past each hour)."""
    release = _release(visit)
    checks.check_delete(visit, release.name)
    file = _file(visit, release)
    checks.unchanged_since(visit, release)
    now = visit.clock.now()
    cleaned = now.replace(minute=20, second=0, microsecond=0)
    cleaned += timedelta(hours=1) if cleaned <= now else timedelta()
    if visit.index.delete_file(release, file, at=now, taken_until=cleaned if waits else now):
        visit.forget(file.digest)
    return Reply(204, (), b"")


def _numbered(visit: Visit, name: str, called: str) -> None:
    if not visit.names[name].lstrip("-").isdecimal():
        raise Refused(Refusal.QUERY_INVALID, problems=(Problem(called, "invalid"),))


def _release_numbered(visit: Visit) -> None:
    """Refuse a package id that is no number; `GET packages/pypi` ends here."""
    _numbered(visit, "release", "package_id")


def _file_numbered(visit: Visit) -> None:
    """Refuse ids that are no numbers."""
    _numbered(visit, "release", "package_id")
    _numbered(visit, "file", "package_file_id")


def _release(visit: Visit) -> Release:
    _release_numbered(visit)
    release = visit.index.release(visit.place, int(visit.names["release"]))
    if release is None:
        raise Refused(Refusal.RELEASE_UNKNOWN, release=visit.names["release"], namespace=visit.place.path)
    return release


def _file(visit: Visit, release: Release) -> File:
    wanted = int(visit.names["file"])
    for file in release.files:
        if file.id == wanted:
            return file
    raise Refused(Refusal.STORED_FILE_UNKNOWN, file=wanted, release=release.id)


# -- the addresses by era ----------------------------------------------------------------------------------------------

_12_10 = RestLayout(Entities())
# 13.5 to 13.9: versions only of a single package, `status`, pipelines (gitlabhq@a1498861); 13.12: files are deleted.
_13_12 = replace(
    _12_10, entities=Entities(status=True, versions_in_lists=False, pipelines=True, file_sha256=True), delete_files=True
)
_15_0 = replace(_13_12, name_waits=True)
_15_3 = replace(_15_0, accepted=frozenset({PERSONAL, JOB}))
_15_7 = replace(_15_3, entities=replace(_15_3.entities, last_downloaded_at=True))
_16_0 = replace(_15_7, files_accepted=frozenset({PERSONAL, JOB}))
_16_1 = replace(_16_0, entities=replace(_16_0.entities, pipelines_empty=True), pipelines=True)
_17_11 = replace(_16_1, job_steps=(checks.job_permitted,))
_19_0 = replace(_17_11, entities=replace(_17_11.entities, creator_id=True))

ROUTES, ROUTES_13_12, ROUTES_15_0, ROUTES_15_3, ROUTES_15_7, ROUTES_16_0, ROUTES_16_1, ROUTES_17_11, ROUTES_19_0 = (
    layout.routes() for layout in (_12_10, _13_12, _15_0, _15_3, _15_7, _16_0, _16_1, _17_11, _19_0)
)
