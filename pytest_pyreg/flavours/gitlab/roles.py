"""GitLab's words for standing and rights, and their order (lib/gitlab/access.rb)."""

from __future__ import annotations

from pytest_pyreg.identity import Permission, Role, Scope

GUEST = Role("guest")
PLANNER = Role("planner")
REPORTER = Role("reporter")
DEVELOPER = Role("developer")
MAINTAINER = Role("maintainer")
OWNER = Role("owner")
ADMIN = Role("admin")
"""An administrator of the instance, who ranks above every owner."""

RANK = {GUEST: 10, PLANNER: 15, REPORTER: 20, DEVELOPER: 30, MAINTAINER: 40, OWNER: 50, ADMIN: 60}

_SEE = frozenset({Permission.SEE})
_READ = _SEE | {Permission.READ}
_PUBLISH = _READ | {Permission.PUBLISH}
_DELETE = _PUBLISH | {Permission.DELETE}

# app/policies/project_policy.rb and app/policies/packages/policies/project_policy.rb: a guest sees a private project,
# but not its packages; a reporter reads them, a developer creates them, a maintainer destroys them.
ROLES = {
    GUEST: _SEE,
    PLANNER: _SEE,  # From 17.7 on; ranks as a guest here.
    REPORTER: _READ,
    DEVELOPER: _PUBLISH,
    MAINTAINER: _DELETE,
    OWNER: _DELETE,
    ADMIN: _DELETE,
}

# lib/api/api.rb: `allow_access_with_scope :api`, and `:read_api` for GET and HEAD.
SCOPES = {Scope("api"): _DELETE, Scope("read_api"): _READ}

READ_REGISTRY = Scope("read_package_registry")
WRITE_REGISTRY = Scope("write_package_registry")
DEPLOY_SCOPES = {READ_REGISTRY: _READ, WRITE_REGISTRY: _DELETE}
"""What a deploy token's scope allows in the projects that it reaches (the write scope reads too, and destroys)."""


def role(name: str) -> Role:
    """Return the role of that name.

    Raises:
        ValueError: there is none.
    """
    wanted = name.lower().replace(" ", "_")
    if wanted not in RANK or wanted == ADMIN:
        known = ", ".join(role for role in RANK if role != ADMIN)
        raise ValueError(f"there is no role {name!r}; the roles are {known}")
    return Role(wanted)
