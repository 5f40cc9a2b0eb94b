"""What the REST API does with packages: routers/api/v1/packages/package.go; `rest` says which release has what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from pytest_pyreg.flavours.gitea import checks
from pytest_pyreg.flavours.gitea.people import Organization
from pytest_pyreg.flavours.gitea.rest_access import package_known, project_of, readable_version, release_of, releases_of
from pytest_pyreg.flavours.gitea.rest_entities import go_json, writes
from pytest_pyreg.render.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_pyreg.flavours.gitea.people import Package
    from pytest_pyreg.flavours.gitea.rest_entities import Entities
    from pytest_pyreg.model import Release
    from pytest_pyreg.visit import Visit

DEFAULT_LIMIT = 30
MOST = 50
_BEYOND = 2**63
JSON = (("Content-Type", "application/json;charset=utf-8"),)


def shown(value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Reply:  # noqa: ANN401 - whatever JSON can hold.
    """Return a value as the API writes it."""
    return Reply(200, (*JSON, *headers), go_json(value))


# -- lists -------------------------------------------------------------------------------------------------------------


def list_packages(entities: Entities, visit: Visit) -> Reply:
    """List the versions of an owner's packages, the newest first."""
    kind, words = visit.query.get("type", "").strip(), visit.query.get("q", "").strip().lower()
    found = visit.index.releases([visit.place]) if kind in {"", "all", "pypi"} else ()
    return _page(entities, visit, [release for release in found if _like(words, release.normalized)])


def list_versions(entities: Entities, visit: Visit) -> Reply:
    """List the versions of one package, the newest first."""
    return _page(entities, visit, releases_of(visit))


def _like(words: str, name: str) -> bool:
    """Tell what SQL's `LIKE '%words%'` says: a `%` is any text there, an underscore any character."""
    pattern = "".join({"%": ".*", "_": "."}.get(character, re.escape(character)) for character in words)
    return re.search(pattern, name, re.DOTALL) is not None


def newest_first(releases: Iterable[Release]) -> list[Release]:
    """Put releases in the order of lists: the newest second first, in it as SQLite gives rows that are equal."""
    return sorted(releases, key=lambda release: (-int(release.created_at.timestamp()), release.id))


def _page(entities: Entities, visit: Visit, found: Iterable[Release]) -> Reply:
    rows = newest_first(found)
    asked, limit = _number(visit, "page"), _number(visit, "limit")
    limit = min(limit, MOST) if limit > 0 else DEFAULT_LIMIT
    page = max(asked, 1)
    links = _links(visit, len(rows), limit, page)
    headers = (("Link", links),) if links else ()
    exposed = "Link, X-Total-Count" if links else "X-Total-Count"
    rows_here = rows[(page - 1) * limit : page * limit]
    for release in rows_here if not entities.epochs else ():
        readable_version(release.version)
    return shown(
        [entities.package(visit, release) for release in rows_here],
        (*headers, ("X-Total-Count", str(len(rows))), ("Access-Control-Expose-Headers", exposed)),
    )


def _number(visit: Visit, name: str) -> int:
    """Return a number as Go reads it: what is none, or too great, is zero."""
    text = visit.query.get(name, "").strip()
    if not re.fullmatch(r"[-+]?[0-9]{1,19}", text):
        return 0
    return int(text) if abs(int(text)) < _BEYOND else 0


def _links(visit: Visit, total: int, limit: int, page: int) -> str:
    """Return the addresses of other pages (services/context/api.go, `genAPILinks`)."""
    last = max(1, -(-total // limit))
    page = min(page, last)
    path = visit.headers.get("RAW_URI", "").partition("?")[0]
    base = re.sub(r"^(https?://[^/]+).*", r"\1", visit.url)
    wanted = (
        ("next", page + 1, page < last),
        ("last", last, page < last),
        ("first", 1, page > 1),
        ("prev", page - 1, page > 1),
    )
    return ",".join(
        f'<{base}{path}?{urlencode(sorted({**visit.query, "page": str(number)}.items()))}>; rel="{name}"'
        for name, number, there in wanted
        if there
    )


# -- one version, one package ------------------------------------------------------------------------------------------


def show_version(entities: Entities, visit: Visit) -> Reply:
    """Show one version."""
    return shown(entities.package(visit, release_of(visit)))


def show_latest(absent: str, entities: Entities, visit: Visit) -> Reply:
    """Show the version that was uploaded last."""
    releases: Sequence[Release] = releases_of(visit)
    if not releases:
        visit.remark = "no version of it is stored"
        return failure(visit, 404, absent)
    return shown(entities.package(visit, max(releases, key=lambda release: release.id)))


def list_files(entities: Entities, visit: Visit) -> Reply:
    """List a version's files."""
    return shown(entities.files(visit, release_of(visit)))


def delete_version(visit: Visit) -> Reply:
    """Delete one version; the package stays, and with it its spelling and its repository."""
    release = release_of(visit)
    checks.package_of(visit, release.normalized)
    _forget(visit, [release])
    return Reply(204, (), b"")


def delete_package(visit: Visit) -> Reply:
    """Delete a package with all its versions, and what they share."""
    _forget(visit, releases_of(visit))
    checks.owner_of(visit).packages.pop(project_of(visit), None)
    return Reply(204, (), b"")


def _forget(visit: Visit, releases: Iterable[Release]) -> None:
    for release in releases:
        for file in visit.index.delete(release):
            visit.forget(file.digest)


# -- repositories (services/packages/package_update.go) ----------------------------------------------------------------


def link(visit: Visit) -> Reply:
    """Link a package to a repository of its owner."""
    package, name = _package(visit), visit.names["repository"]
    repository = checks.owner_of(visit).repositories.get(name.lower())
    if repository is None:
        visit.remark = f"there is no repository {name!r} of {visit.place.path!r}"
        words = f"repository does not exist [id: 0, uid: {visit.place.id}, owner_name: , name: {name}]"
        return failure(visit, 404, words)
    if package.repository is not None:
        visit.remark = "the package is linked already"
        return failure(visit, 400, "invalid argument")
    if not writes(checks.user_of(visit), repository):
        visit.remark = f"{visit.who} may not write packages of the repository {name!r}"
        return failure(visit, 403, "permission denied")
    package.repository = repository
    return Reply(201, (), b"")


def unlink(visit: Visit) -> Reply:
    """Take a package's link away; in an organisation only its administrators can, the others get a 500."""
    package, user, owner = _package(visit), checks.user_of(visit), checks.owner_of(visit)
    if package.repository is None:
        visit.remark = "the package is linked to no repository"
        return failure(visit, 400, "invalid argument")
    if not writes(user, package.repository):
        visit.remark = f"{visit.who} may not write packages of the repository {package.repository.name!r}"
        return failure(visit, 403, "permission denied")
    if isinstance(owner, Organization) and user is not None and not user.admin:
        teams = [team for team in owner.teams.values() if user in team.members]
        if not any(team.access in {"admin", "owner"} for team in teams):
            visit.remark = f"{visit.who} does not administrate {owner.path!r}, which is an error inside the server"
            return failure(visit, 500, "")
    package.repository = None
    return Reply(204, (), b"")


def _package(visit: Visit) -> Package:
    package_known(visit)
    package = checks.package_of(visit, project_of(visit))
    assert package is not None, "it is known"
    return package


def failure(visit: Visit, status: int, words: str) -> Reply:
    """Return what the API says (E3) where nothing of the domain is refused."""
    return Reply(status, JSON, go_json({"message": words, "url": f"{visit.url}/api/swagger"}))
