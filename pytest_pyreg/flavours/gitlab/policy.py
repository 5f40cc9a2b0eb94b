"""What a caller may do where: GitLab's policies, as one question with a few facts.

app/policies/project_policy.rb, group_policy.rb and app/policies/packages/policies/{project,group}_policy.rb
(gitlabhq/gitlabhq@b10ee295, @dfd347c1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_pyreg.flavours.gitlab.places import AccessLevel, Group, Place, Project, UserNamespace
from pytest_pyreg.flavours.gitlab.roles import ADMIN, DEPLOY_SCOPES, GUEST, OWNER, PLANNER, RANK, ROLES
from pytest_pyreg.identity import Permission
from pytest_pyreg.model import Visibility

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_pyreg.flavours.gitlab.people import Caller, User
    from pytest_pyreg.identity import Role
    from pytest_pyreg.model import Namespace

Rights = frozenset[Permission]
_NONE: Rights = frozenset()
_SEE: Rights = frozenset({Permission.SEE})
_READ: Rights = _SEE | {Permission.READ}
_CHANGES: Rights = frozenset({Permission.PUBLISH, Permission.DELETE})


class Facts(NamedTuple):
    """What else decides."""

    guests_pull: bool
    anyone_pulls: bool
    """Whether the access level `public` counts."""
    job_allowlist: bool
    jobs_see_closed: bool
    """Whether a job from outside the allowlist sees a public project whose registry is for members."""
    archived_is_read_only: bool


def standing(user: User, place: Namespace) -> Role | None:
    """Return the highest role of a user in a place, their own or inherited; None if they are no member."""
    if user.admin:
        return ADMIN
    found: list[Role] = []
    above: Namespace | None = place
    while above is not None:
        if isinstance(above, Place):
            found += [above.members[user]] if user in above.members else []
            above = above.parent
        else:
            found += [OWNER] if isinstance(above, UserNamespace) and above.owner is user else []
            above = None
    return max(found, key=RANK.__getitem__, default=None)


def in_project(caller: Caller | None, project: Project, facts: Facts) -> Rights:
    """Return what a caller may do in a project."""
    visiting = _visiting(caller, project)
    if caller is None:
        rights = visiting
    elif caller.deployed is not None:
        rights = visiting | _deployed(caller, project)
    elif caller.job is not None and facts.job_allowlist and not job_allowed(caller.job, project):
        # From outside the allowlist: what everybody reads, if not only members use the registry (content id 71988362).
        closed = project.package_registry is AccessLevel.PRIVATE
        rights = visiting & (_SEE if facts.jobs_see_closed else _NONE) if closed else visiting
    else:
        assert caller.user is not None, "who is no deploy token is a user"
        role = standing(caller.user, project)
        rights = visiting | (_of_role(role, facts) if role is not None else _NONE)
    if project.package_registry is AccessLevel.PUBLIC and facts.anyone_pulls:
        rights |= {Permission.READ}
    if project.package_registry is AccessLevel.DISABLED:
        rights &= _SEE
    return rights - _CHANGES if project.archived and facts.archived_is_read_only else rights


def in_group(caller: Caller | None, group: Group, projects: Iterable[Project], facts: Facts) -> Rights:
    """Return what a caller may do at a group's own addresses.

    Args:
        caller: who asks.
        group: where.
        projects: all that lie in it.
        facts: what else decides.
    """
    visiting = _visiting(caller, group)
    # In an internal group, who is no member sees the group, not its packages.
    rights = visiting if group.visibility is Visibility.PUBLIC else visiting & _SEE
    if caller is None:
        return rights
    if caller.deployed is not None:
        # The token of exactly this group: those of the groups above do not hold here (`groups.include?(subject)`).
        return rights | (_deployed(caller, group) & _READ if caller.deployed is group else _NONE)
    assert caller.user is not None, "who is no deploy token is a user"
    role = standing(caller.user, group)
    if role is not None:
        return rights | (_of_role(role, facts) & _READ)
    # Who is a member of a project inside sees the group (`has_projects`).
    return rights | (_SEE if any(standing(caller.user, project) is not None for project in projects) else _NONE)


def job_allowed(source: Project, target: Project) -> bool:
    """Tell whether a project lets the jobs of another in."""
    return source is target or not target.job_token_limit or bool(allowances(source, target))


def allowances(source: Project, target: Project) -> list[frozenset[str] | None]:
    """Return the permissions of every allowlist entry that fits; None stands for the user's own."""
    paths = {source.path, *(above.path for above in source.ancestors())}
    return [allowed.permissions for allowed in target.allowed_jobs if allowed.path in paths]


def _visiting(caller: Caller | None, place: Namespace) -> Rights:
    """Return what everybody may who is no member."""
    user = caller.user if caller is not None else None
    deployed = caller is not None and caller.deployed is not None  # A deploy token is no external user.
    inside = place.visibility is Visibility.INTERNAL and (deployed or (user is not None and not user.external))
    return _READ if place.visibility is Visibility.PUBLIC or inside else _NONE


def _deployed(caller: Caller, place: Place) -> Rights:
    """Return what a deploy token may in the place that it belongs to, and in all that lies in it."""
    if caller.deployed is None or caller.deployed not in {place, *place.ancestors()}:
        return _NONE
    return frozenset().union(*(DEPLOY_SCOPES.get(scope, _NONE) for scope in caller.deploy_scopes))


def _of_role(role: Role, facts: Facts) -> Rights:
    return ROLES[role] | (_READ if role in {GUEST, PLANNER} and facts.guests_pull else _NONE)
