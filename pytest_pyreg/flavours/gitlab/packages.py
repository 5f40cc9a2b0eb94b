"""What the packages REST API does: lists, shows and deletes packages and their files.

lib/api/project_packages.rb, package_files.rb and group_packages.rb; `rest` says which release has which address.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pytest_pyreg.flavours.gitlab import checks
from pytest_pyreg.flavours.gitlab.entities import pipelines_of
from pytest_pyreg.flavours.gitlab.paging import (
    PACKAGE_FILE_ID,
    PACKAGE_ID,
    PAGE,
    PAGINATION,
    Parameter,
    by_cursor,
    flag,
    listed,
    paged,
    parameters,
)
from pytest_pyreg.flavours.gitlab.places import Project
from pytest_pyreg.identity import Permission
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render.replies import Reply
from pytest_pyreg.steps import demand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_pyreg.flavours.gitlab.entities import Entities
    from pytest_pyreg.model import File, Release
    from pytest_pyreg.visit import Visit

# app/models/packages/package.rb, content id 1092005673.
TYPES = (
    *("maven", "npm", "conan", "nuget", "pypi", "composer", "generic", "golang", "debian", "rubygems", "helm"),
    *("terraform_module", "rpm", "ml_model"),
)
STATUSES = ("default", "hidden", "processing", "error", "pending_destruction")
_ORDERS = ("created_at", "name", "version", "type")
_SORT = Parameter("sort", "asc", ("asc", "desc"))
# In the order of lib/api/project_packages.rb (shaik1002/biggitlabbomb@c8e6f625); since when: doc/api/packages.md.
_FILTERS = (
    Parameter("package_type", None, TYPES),
    Parameter("package_name"),
    Parameter("package_version", since=(16, 6)),
    Parameter("include_versionless", boolean=True, since=(13, 8)),
    Parameter("status", None, STATUSES, since=(13, 9), until=(17, 9)),
    Parameter("status", None, (*STATUSES, "deprecated"), since=(17, 9)),
)
_OF_PROJECT = (*PAGINATION, Parameter("order_by", "created_at", _ORDERS), _SORT, *_FILTERS)
_OF_GROUP = (
    *PAGINATION,
    Parameter("exclude_subgroups", "false", boolean=True),
    Parameter("order_by", "created_at", (*_ORDERS, "project_path")),
    _SORT,
    *_FILTERS,
)
_OF_FILES = (
    PACKAGE_ID,
    *PAGINATION,
    # pavankalisetti009/gitlab@46c70d48 lib/api/package_files.rb, about 18.4.
    Parameter("order_by", "id", ("id", "created_at", "file_name"), since=(18, 4)),
    replace(_SORT, since=(18, 4)),
)
_OF_PIPELINES = (
    PAGE,
    PACKAGE_ID,
    Parameter("cursor"),
    Parameter("per_page", "20", number=True, within=(1, 20)),
)


def seen(visit: Visit) -> None:
    """Refuse who does not even see the place (lib/api/helpers.rb, `find_project!` and `check_group_access`)."""
    demand(visit, Permission.SEE)


def package_valid(visit: Visit) -> None:
    """Refuse a package id that is no number."""
    parameters(visit, (PACKAGE_ID,))


def file_valid(visit: Visit) -> None:
    """Refuse ids that are no numbers."""
    parameters(visit, (PACKAGE_ID, PACKAGE_FILE_ID))


# -- lists -------------------------------------------------------------------------------------------------------------


def list_releases(shown: Entities, visit: Visit) -> Reply:
    """List a project's packages."""
    return _page(shown, visit, parameters(visit, _OF_PROJECT), visit.index.releases([visit.place]), group=False)


def list_group_releases(shown: Entities, visit: Visit) -> Reply:
    """List the packages of a group's projects, as far as the caller sees these and may read them.

    "Anyone can pull" counts for the project's own PyPI addresses alone.
    """
    chosen = parameters(visit, _OF_GROUP)
    direct = flag(chosen["exclude_subgroups"])
    searched = [
        place
        for place in visit.directory.searched(visit.identity, visit.place)
        if Permission.SEE in visit.directory.granted(visit.identity, place)
        and (not direct or (isinstance(place, Project) and place.parent is visit.place))
    ]
    return _page(shown, visit, chosen, visit.index.releases(searched), group=True)


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
    delay = checks.world_of(visit).listing_delay
    newest = visit.clock.now() - delay
    found = [
        release
        for release in releases
        if chosen.get("package_type", "pypi") == "pypi"
        and chosen.get("status", "default") == "default"
        and all(word in release.name.lower() for word in words)
        and (chosen.get("package_version") or release.version) == release.version
        and (not delay or release.created_at <= newest)
    ]
    found.sort(key=lambda release: release.id)
    found.sort(key=_KEYS[chosen["order_by"]], reverse=chosen["sort"] == "desc")
    rows, headers = paged(visit, chosen, found)
    return listed([shown.package(visit, release, listed=True, group=group) for release in rows], headers)


_FILE_KEYS: Mapping[str, Callable[[File], Any]] = {
    "id": lambda file: file.id,
    "created_at": lambda file: file.uploaded_at,
    "file_name": lambda file: file.filename,
}


def list_files(shown: Entities, visit: Visit) -> Reply:
    """List a package's files, in the order of their arrival if no other is asked for."""
    chosen = parameters(visit, _OF_FILES)
    release = _release(visit, chosen)
    files = sorted(release.files, key=_FILE_KEYS[chosen.get("order_by", "id")], reverse=chosen.get("sort") == "desc")
    rows, headers = paged(visit, chosen, files)
    return listed([shown.file(visit, release, file) for file in rows], headers)


def list_pipelines(shown: Entities, visit: Visit) -> Reply:
    """List the pipelines that uploaded a package, the newest first."""
    chosen = parameters(visit, _OF_PIPELINES)
    release = _release(visit, chosen)
    rows, headers = by_cursor(visit, chosen, pipelines_of(release))
    return listed([shown.pipeline(visit, release, number) for number in rows], headers)


# -- one package -------------------------------------------------------------------------------------------------------


def show_release(shown: Entities, visit: Visit) -> Reply:
    """Show one package."""
    release = _release(visit, parameters(visit, (PACKAGE_ID,)))
    return listed(shown.package(visit, release, listed=False))


def delete_release(visit: Visit) -> Reply:
    """Delete a package.  Its protection is the service's question, so the precondition comes first."""
    release = _release(visit, parameters(visit, (PACKAGE_ID,)))
    checks.unchanged_since(visit, release)
    checks.check_delete(visit, release.name)
    for file in visit.index.delete(release):
        visit.forget(file.digest)
    return Reply(204, (), b"")


def delete_file(visit: Visit, *, waits: bool) -> Reply:
    """Delete a file of a package; its name may be taken until the cleaner has run (at twenty past each hour)."""
    chosen = parameters(visit, (PACKAGE_ID, PACKAGE_FILE_ID))
    release = _release(visit, chosen)
    checks.check_delete(visit, release.name)
    file = _file(release, int(chosen["package_file_id"]))
    # It is the file that must not have changed, which files never do.
    checks.unchanged_since(visit, replace(release, updated_at=file.uploaded_at))
    now = visit.clock.now()
    cleaned = now.replace(minute=20, second=0, microsecond=0)
    cleaned += timedelta(hours=1) if cleaned <= now else timedelta()
    if visit.index.delete_file(release, file, at=now, taken_until=cleaned if waits else now):
        visit.forget(file.digest)
    return Reply(204, (), b"")


def _release(visit: Visit, chosen: Mapping[str, str]) -> Release:
    release = visit.index.release(visit.place, int(chosen["package_id"]))
    if release is None:
        raise Refused(Refusal.RELEASE_UNKNOWN, release=chosen["package_id"], namespace=visit.place.path)
    return release


def _file(release: Release, wanted: int) -> File:
    for file in release.files:
        if file.id == wanted:
            return file
    raise Refused(Refusal.STORED_FILE_UNKNOWN, file=wanted, release=release.id)
