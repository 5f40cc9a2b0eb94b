"""The steps that only Gitea and Forgejo have; see `pytest_pyreg.steps` for what a step is.

routers/api/packages/api.go, pypi/pypi.go and services/packages/packages.go, in Gitea 1.23 and Forgejo 12.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast

from packaging.utils import NormalizedName

from pytest_pyreg.flavours.gitea import features
from pytest_pyreg.flavours.gitea.people import Caller, Owner, Package, User
from pytest_pyreg.identity import Permission
from pytest_pyreg.model import Visibility
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.steps import hold_scope

if TYPE_CHECKING:
    from pytest_pyreg.flavours.gitea.world import GiteaWorld
    from pytest_pyreg.visit import Visit


_COMPRESSED = {".gz", ".bz2", ".zip", ".xz", ".zst", ".deb", ".apk", ".jar", ".png", ".jpg", ".webp"}


def world_of(visit: Visit) -> GiteaWorld:
    """Return the instance that is visited: its routes lead to no other world."""
    return cast("GiteaWorld", visit.directory)


def user_of(visit: Visit) -> User | None:
    """Return who visits."""
    return visit.identity.user if isinstance(visit.identity, Caller) else None


def owner_of(visit: Visit) -> Owner:
    """Return whose packages are visited, once `owner_known` has run."""
    return cast("Owner", visit.place)


def packages_on(visit: Visit) -> None:
    """Refuse everything if packages are off: their routes are not there then."""
    if not world_of(visit).settings.packages_enabled:
        raise Refused(Refusal.REGISTRY_OFF)


def owner_public(visit: Visit) -> None:
    """Refuse a token that is for public owners alone (`public-only`)."""
    caller, world = visit.identity, world_of(visit)
    if not isinstance(caller, Caller) or not caller.public_only:
        return
    hidden = {Visibility.PRIVATE} | ({Visibility.INTERNAL} if world.can(features.PUBLIC_ONLY_LIMITED) else set())
    if visit.place.visibility in hidden:
        raise Refused(Refusal.TOKEN_PUBLIC_ONLY, who=caller.name, namespace=visit.place.path)


def scope_reads(visit: Visit) -> None:
    """Hold the request against what the token may read, which is asked of an upload too, and first."""
    hold_scope(visit, Permission.READ)


def quota_kept(visit: Visit) -> None:
    """Hold an upload against the soft quota (Forgejo), of the uploader or of the owner."""
    world = world_of(visit)
    if not world.settings.quota_enabled or not world.can(features.QUOTA):
        return
    judged = visit.place if world.can(features.QUOTA_OF_OWNER) else user_of(visit)
    if isinstance(judged, Owner) and judged.over_quota:
        raise Refused(Refusal.QUOTA_EXCEEDED, who=judged.name)


def form_expected(visit: Visit) -> None:
    """Refuse a body whose content type is no form with parts (Go's `http.ErrNotMultipart`)."""
    kind, _, options = visit.headers.get("CONTENT_TYPE", "").partition(";")
    whole = all("=" in option for option in options.split(";") if option.strip())
    if kind.strip().lower() != "multipart/form-data" or not whole:
        raise Refused(Refusal.FORM_EXPECTED, words="request Content-Type isn't multipart/form-data")
    if "boundary=" not in options.lower():
        raise Refused(Refusal.FORM_EXPECTED, words="no multipart boundary param in Content-Type")


def fields_filled(visit: Visit) -> None:
    """Take a field that was not sent for an empty one, as Go's forms do."""
    for name in ("name", "version"):
        visit.sent.fields.setdefault(name, "")


def limits_kept(visit: Visit) -> None:
    """Hold an upload against the owner's limits; site administrators have none (services/packages/packages.go)."""
    world, user = world_of(visit), user_of(visit)
    if not world.can(features.LIMITS) or (user is not None and user.admin):
        return
    settings, size = world.settings, visit.sent.files[visit.rules.file_field].arrived.size
    releases = visit.index.releases([visit.place])
    fields, rules = visit.sent.fields, visit.rules
    assert rules.keys is not None, "this flavour compares names in its own way"
    key = rules.keys(fields["name"], fields["version"], "").release
    new = all(release.key != key for release in releases)
    if new and 0 <= settings.limit_total_owner_count <= len(releases):
        raise Refused(Refusal.COUNT_LIMIT, limit=settings.limit_total_owner_count)
    if 0 <= settings.limit_size_pypi < size:
        raise Refused(Refusal.FILE_TOO_LARGE, size=size, limit=settings.limit_size_pypi)
    total = size + sum(file.size for release in releases for file in release.files)
    if 0 <= settings.limit_total_owner_size < total:
        raise Refused(Refusal.OWNER_SIZE_LIMIT, limit=settings.limit_total_owner_size)


def package_of(visit: Visit, project: str) -> Package | None:
    """Return what all versions of a package share, by its lower-case name; None if there never was one."""
    owner = owner_of(visit)
    page = visit.index.page([owner], NormalizedName(project))
    if project not in owner.packages and page is not None:
        owner.packages.setdefault(project, Package(page.name))
    return owner.packages.get(project)


def spelling_kept(visit: Visit) -> None:
    """Give an upload the name that its package has: the first upload's spelling, though that may be deleted."""
    rules, fields = visit.rules, visit.sent.fields
    assert rules.keys is not None, "this flavour compares names in its own way"
    project = rules.keys(fields["name"], fields["version"], "").project
    package = package_of(visit, project)
    if package is None:
        package = owner_of(visit).packages.setdefault(project, Package(rules.stored_name(fields["name"])))
    fields["name"] = package.name


def version_readable(visit: Visit) -> None:
    """Fail at a version that the library behind the database cannot read, once it is stored (1.17.0 to 1.17.3).

    models/packages/descriptor.go; issue go-gitea/gitea#21707.
    """
    version = visit.sent.fields["version"]
    if "!" in version:
        raise Refused(Refusal.VERSION_UNREADABLE, version=version)


def versions_readable(visit: Visit) -> None:
    """Fail at a page, or a file, of such a version."""
    keys, asked = visit.rules.keys, visit.names
    assert keys is not None, "this flavour compares names in its own way"
    page = visit.index.page([visit.place], NormalizedName(keys(asked["project"], "", "").project))
    for version in () if page is None else page.versions:
        if "!" in version and asked.get("version", version).lower() == version.lower():
            raise Refused(Refusal.VERSION_UNREADABLE, version=version)


def compression_skipped(visit: Visit) -> None:
    """Mark a file that is compressed already; nothing takes that away again (modules/httplib/serve.go, #30796)."""
    world = world_of(visit)
    compressed = PurePosixPath(visit.names["filename"]).suffix.lower() in _COMPRESSED
    if compressed and world.can(features.NO_GZIP) and not world.stores_elsewhere():
        visit.extra.append(("No-Gzip-Compression", "1"))
