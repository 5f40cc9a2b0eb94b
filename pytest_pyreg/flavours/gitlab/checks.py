"""The steps that only GitLab has; see `pytest_pyreg.steps` for what a step is."""

from __future__ import annotations

import math
import re
from datetime import datetime, timezone
from email.utils import formatdate, parsedate_to_datetime
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from pytest_pyreg.flavours.gitlab import features, policy
from pytest_pyreg.flavours.gitlab.people import Caller
from pytest_pyreg.flavours.gitlab.places import AccessLevel, Project
from pytest_pyreg.flavours.gitlab.roles import RANK
from pytest_pyreg.flavours.gitlab.settings import ENTERPRISE
from pytest_pyreg.identity import Permission, Role
from pytest_pyreg.model import Visibility
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.steps import demand

if TYPE_CHECKING:
    from pytest_pyreg.flavours.gitlab.world import GitLabWorld
    from pytest_pyreg.model import Release
    from pytest_pyreg.visit import Visit

_NEEDED = {Permission.READ: "read_packages", Permission.PUBLISH: "admin_packages", Permission.DELETE: "admin_packages"}


def world_of(visit: Visit) -> GitLabWorld:
    """Return the GitLab that is visited: a GitLab's route leads to no other world."""
    return cast("GitLabWorld", visit.directory)


def project_of(visit: Visit) -> Project:
    """Return the project that is visited."""
    assert isinstance(visit.place, Project), "this address names a project"
    return visit.place


def caller_of(visit: Visit) -> Caller | None:
    """Return who visits."""
    return visit.identity if isinstance(visit.identity, Caller) else None


def file_dotted(visit: Visit) -> None:
    """Find no file without a dot in its name: Grape takes what follows the last one for a format of its own.

    It is then looked for with a dot at its end (lib/api/pypi_packages.rb: the identifier and the format, glued).
    """
    if "." not in visit.names["filename"]:
        raise Refused(Refusal.FILE_UNKNOWN, filename=f"{visit.names['filename']}.", namespace=visit.place.path)


def requests_counted(visit: Visit) -> None:
    """Refuse a caller who asks too often (lib/gitlab/rack_attack.rb@3a77f46d), where the limit is turned on.

    Counted before anything else, by caller if their credential is good, else by address.
    """
    world = world_of(visit)
    settings = world.settings
    if not (
        settings.throttle_authenticated_packages_api.enabled or settings.throttle_unauthenticated_packages_api.enabled
    ):
        return
    try:
        caller = world.identify(visit.shown, visit.accepted) if visit.shown else None
    except Refused:
        caller = None
    name = f"throttle_{'un' if caller is None else ''}authenticated_packages_api"
    throttle = getattr(settings, name)
    if not throttle.enabled:
        return
    period = throttle.period_in_seconds
    key = caller.name if caller is not None else visit.address
    observed, reset = world.throttles.count(f"{name} {key}", period)
    if observed > throttle.requests_per_period:
        raise Refused(
            Refusal.RATE_LIMITED,
            who=caller.name if caller is not None else f"the address {visit.address}",
            limit=throttle.requests_per_period,
            seconds=period,
            throttle=name,
            per_minute=math.ceil(throttle.requests_per_period * 60 / period),
            observed=observed,
            reset=reset,
            reset_time=formatdate(reset, usegmt=True),
            retry_after=reset - int(visit.clock.now().timestamp()),
        )


def packages_on(visit: Visit) -> None:
    """Refuse everything if packages are off on the instance (`require_packages_enabled!`)."""
    if not world_of(visit).settings.packages_enabled:
        raise Refused(Refusal.REGISTRY_OFF)


def number_demanded(visit: Visit) -> None:
    """Refuse the path of a project that exists: before string ids, Grape wanted a number (12.10 to 13.12)."""
    if not visit.reference.lstrip("-").isdecimal():
        raise Refused(Refusal.NAMESPACE_INVALID, kind=visit.kind, namespace=visit.reference)


def job_permitted(visit: Visit) -> None:
    """Hold a job of another project against the fine-grained permissions of this one's allowlist.

    lib/api/helpers.rb@051a4500, `job_token_policies_authorized?`.
    """
    caller, project = caller_of(visit), project_of(visit)
    if caller is None or caller.job is None or caller.job is project:
        return
    granted = visit.directory.granted(caller, project)
    if Permission.SEE not in granted and Permission.READ not in granted:
        return  # They learn of no permission who may not know of the project.
    spared = world_of(visit).can(features.JOBS_READ_PUBLIC) and visit.permission is Permission.READ
    open_level = project.package_registry in {AccessLevel.ENABLED, AccessLevel.PUBLIC}
    if spared and project.visibility is not Visibility.PRIVATE and open_level:
        return
    entries = policy.allowances(caller.job, project)
    if not entries or any(permissions is None for permissions in entries):
        return
    needed = _NEEDED[visit.permission]
    if not any(needed in permissions for permissions in entries if permissions is not None):
        raise Refused(
            Refusal.JOB_LIMITED,
            namespace=project.path,
            source=caller.job.path,
            permission=needed,
            needed=needed,
            target=project.path.rpartition("/")[2],
        )


def readable(visit: Visit) -> None:
    """Ask for the right to read, whatever is wanted (REST: `authorize_packages_access!`)."""
    demand(visit, Permission.READ)


def job_let_in(visit: Visit) -> None:
    """Refuse a job that may not even see the project (REST: `handle_job_token_failure!`)."""
    caller, project = caller_of(visit), project_of(visit)
    if caller is None or caller.job is None:
        return
    if Permission.SEE not in visit.directory.granted(caller, project):
        names = [place.path.rpartition("/")[2] for place in (caller.job, project)]
        raise Refused(
            Refusal.JOB_NOT_ALLOWED, namespace=project.path, source=names[0], target=names[1], job=caller.job.path
        )


def not_moved(visit: Visit) -> None:
    """Send who uses a project's former path to its number (REST: `find_project!`)."""
    project = project_of(visit)
    if "/" in visit.reference and visit.reference.lower() != project.path.lower():
        address = visit.headers.get("RAW_URI", "")
        moved = re.sub(r"(/projects/)[^/?]+", rf"\g<1>{project.id}", address, count=1)
        parts = urlsplit(visit.url)
        raise Refused(
            Refusal.NAMESPACE_MOVED,
            namespace=visit.reference,
            path=project.path,
            location=f"{parts.scheme}://{parts.netloc}{moved}",
        )


def unchanged_since(visit: Visit, release: Release) -> None:
    """Hold `If-Unmodified-Since` against a package; a date that is none is no condition.

    Ruby's `Time.parse` reads dates of many kinds; here those of HTTP and of ISO 8601.
    """
    asked = visit.headers.get("HTTP_IF_UNMODIFIED_SINCE", "").strip()
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            at = read(asked.replace("Z", "+00:00") if read is not parsedate_to_datetime else asked)
            break
        except (ValueError, TypeError):
            continue
    else:
        return
    at = at if at.tzinfo is not None else at.replace(tzinfo=timezone.utc)
    if release.updated_at > at:
        raise Refused(Refusal.CHANGED_SINCE, changed=release.updated_at.isoformat())


def digest_demanded(visit: Visit) -> None:
    """Refuse an upload without sha256 in FIPS mode, which drops md5."""
    if world_of(visit).settings.fips:
        if not visit.sent.fields.get("sha256_digest"):
            raise Refused(Refusal.DIGEST_REQUIRED, field="sha256_digest")
        visit.sent.fields.pop("md5_digest", None)


def matches(pattern: str, name: str) -> bool:
    """Tell whether a protection rule fits a name: any case, `*` for any run (`name ILIKE`, gitlabhq@09f6ce9f)."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.IGNORECASE | re.DOTALL) is not None


def _rank(caller: Caller | None, project: Project) -> int:
    user = caller.user if caller is not None else None
    role = policy.standing(user, project) if user is not None else None
    return RANK[role] if role is not None else 0


def _protects(visit: Visit, pattern: str, name: str) -> bool:
    if not world_of(visit).can(features.NORMALIZED_PROTECTION):
        return matches(pattern, name)
    return matches(re.sub(r"[-_.]+", "-", pattern), re.sub(r"[-_.]+", "-", name))


def name_unprotected(visit: Visit) -> None:
    """Hold an upload against the protection rules (app/services/packages/protection/, gitlabhq@09f6ce9f).

    A deploy token ranks below every rule, even one that protects from deletion alone.
    """
    project, caller, name = project_of(visit), caller_of(visit), visit.sent.fields["name"]
    for rule in project.protection:
        least = RANK[Role(rule.push)] if rule.push is not None else 0
        if caller is not None and caller.deployed is not None:
            least = 1
        if _protects(visit, rule.pattern, name) and _rank(caller, project) < least:
            raise Refused(Refusal.PROTECTED, project=name, who=visit.who)


def check_delete(visit: Visit, name: str) -> None:
    """Hold a deletion against the protection rules, where their flag is on."""
    project, caller = project_of(visit), caller_of(visit)
    if not world_of(visit).settings.flags[features.PROTECT_DELETE]:
        return
    for rule in project.protection:
        if rule.delete is None or not _protects(visit, rule.pattern, name):
            continue
        if _rank(caller, project) < RANK[Role(rule.delete)]:
            raise Refused(Refusal.DELETE_PROTECTED, project=name, who=visit.who)


def firewall_passed(visit: Visit) -> None:
    """Ask the dependency firewall (Ultimate, 19; EE content id 61422843878), where its flag is on."""
    settings = world_of(visit).settings
    licensed = settings.edition == ENTERPRISE
    if not licensed or not settings.flags[features.FIREWALL] or settings.firewall == "allow":
        return
    name = visit.sent.fields["name"] if visit.form is not None else visit.names.get("filename", "")
    violation = f"Package '{name}' violates 'License policy' policy"
    if settings.firewall == "block":
        raise Refused(Refusal.POLICY_VIOLATED, filename=name, violation=violation)
    visit.extra.append(("X-Gitlab-Dependency-Firewall-Warning", violation))
