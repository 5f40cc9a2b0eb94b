"""What a caller may do with an owner's packages: services/context/package.go, `determineAccessMode`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_pyreg.flavours.gitea.people import LEVELS, Organization
from pytest_pyreg.identity import Permission, Role
from pytest_pyreg.model import Visibility

if TYPE_CHECKING:
    from pytest_pyreg.flavours.gitea.people import Owner, User

NONE: frozenset[Permission] = frozenset()
READ = frozenset({Permission.SEE, Permission.READ})
WRITE = READ | {Permission.PUBLISH, Permission.DELETE}
ROLES = {Role("none"): NONE, Role("read"): READ, Role("write"): WRITE, Role("admin"): WRITE, Role("owner"): WRITE}


class Facts(NamedTuple):
    """What else decides."""

    sign_in_required: bool
    accounts_checked: bool
    """Whether an inactive account has no access, and a site administrator every (from 1.17.4 on)."""
    administrators: bool
    """Whether site administrators are such here."""
    teams_by_unit: bool
    """Whether what a team may do with other things does not count (`Team.base`)."""
    public_for_restricted: bool
    """Whether restricted users read what is public."""


def granted(user: User | None, owner: Owner, facts: Facts) -> frozenset[Permission]:
    """Return what a caller may do with an owner's packages."""
    if user is None:
        return READ if owner.visibility is Visibility.PUBLIC and not facts.sign_in_required else NONE
    if facts.accounts_checked:
        if not user.active or user.prohibit_login:
            return NONE
        if user.admin and facts.administrators:
            return WRITE
    if isinstance(owner, Organization):
        return _in_organization(user, owner, facts)
    if owner is user:
        return WRITE
    return NONE if owner.visibility is Visibility.PRIVATE else READ


def _in_organization(user: User, owner: Organization, facts: Facts) -> frozenset[Permission]:
    mine = [team for team in owner.teams.values() if user in team.members]
    levels = [level for team in mine for level in (team.access, *(() if facts.teams_by_unit else (team.base,)))]
    level = max(levels, key=LEVELS.index, default="none")
    rights = ROLES[Role(level)]
    seen = owner.visibility is not Visibility.PRIVATE and not user.restricted
    seen = seen or user.admin  # `HasOrgOrUserVisible`; with rights of their own they do not come here after 1.17.3.
    seen = seen or (facts.public_for_restricted and owner.visibility is Visibility.PUBLIC)
    return rights | (READ if seen or mine else NONE)
