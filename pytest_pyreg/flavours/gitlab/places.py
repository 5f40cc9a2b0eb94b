"""GitLab's groups, user namespaces and projects: what a test makes and changes, in GitLab's words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeVar

from pytest_pyreg.checked import Checked
from pytest_pyreg.flavours.gitlab import features, roles
from pytest_pyreg.model import Namespace, Visibility

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_pyreg.flavours.gitlab.people import Expiry, User
    from pytest_pyreg.identity import Credential, Role


class AccessLevel(Enum):
    """Who uses a project's package registry (`package_registry_access_level`)."""

    DISABLED = "disabled"
    PRIVATE = "private"
    """Members only."""
    ENABLED = "enabled"
    """Everyone who sees the project."""
    PUBLIC = "public"
    """Everyone pulls, even from a private project ("Allow anyone to pull from package registry")."""


W = TypeVar("W", bound=Enum)
# lib/gitlab/path_regex.rb, without its reserved words; a number alone would be taken for an id.
SEGMENT = re.compile(r"(?!\d+\Z)[A-Za-z0-9_.][A-Za-z0-9_.-]*(?<!\.)")


def check_path(path: str, what: str, *, parts: int | None = None) -> None:
    """Refuse what can be no path.

    Args:
        path: the path.
        what: what it is, for a person.
        parts: how many parts it may have; any number if left out.

    Raises:
        ValueError: it can be none.
    """
    found = path.split("/")
    if (parts is not None and len(found) > parts) or not all(SEGMENT.fullmatch(part) for part in found):
        raise ValueError(f"{path!r} is no {what}: letters, digits, '_', '-' and '.', and not digits alone")


def word(kind: type[W], text: str, called: str) -> W:
    """Return a word of GitLab's as what it stands for.

    Raises:
        ValueError: it is none; the message has all that there are.
    """
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(str(one.value) for one in kind)
        raise ValueError(f"there is no {called} {text!r}; try one of {known}") from None


@dataclass(frozen=True)
class ProtectionRule:
    """A package protection rule: who at least may publish, or delete, what matches."""

    pattern: str
    push: str | None = None
    """`maintainer`, `owner` or `admin`; None if it does not protect from publishing."""
    delete: str | None = None
    """`owner` or `admin`; None if it does not protect from deletion."""


@dataclass(frozen=True)
class Allowed:
    """A project, or a group of them, whose jobs may come in."""

    path: str
    permissions: frozenset[str] | None = None
    """Fine-grained permissions such as `read_packages`; None for the default ones, which are the user's."""


class Issuer(Protocol):
    """What places ask of their world."""

    def require(self, feature: str) -> None:
        """Refuse what the product could not do at this release."""
        ...

    def issue_deploy_token(
        self, place: Place, scopes: Iterable[str], username: str | None, expires: Expiry
    ) -> Credential:
        """Make a deploy token."""
        ...

    def issue_access_token(self, place: Place, standing: Role, scopes: Iterable[str], expires: Expiry) -> Credential:
        """Make a project or group access token."""
        ...

    def issue_job_token(self, project: Project, user: User) -> Credential:
        """Make a job's token."""
        ...


@dataclass(eq=False, repr=False)
class Place(Checked, Namespace):
    """What has members and tokens: a group or a project."""

    CALLED = "path"

    issuer: Issuer = field(repr=False)
    parent: Namespace | None = None
    """The group, or user namespace, in which it lies; None at the top."""
    members: dict[User, Role] = field(default_factory=dict, repr=False)

    def add_member(self, user: User, standing: str) -> None:
        """Give a user a role, here and in all that lies below; tokens made earlier have it too.

        Args:
            user: whom.
            standing: `guest`, `planner`, `reporter`, `developer`, `maintainer` or `owner`.

        Raises:
            ValueError: there is no such role, or the user is none of this registry's.
        """
        self._mine(user)
        self.members[user] = roles.role(standing)

    def remove_member(self, user: User) -> None:
        """Take a user's role away; one who has none is no error."""
        self.members.pop(user, None)

    def deploy_token(
        self,
        scopes: Iterable[str] = ("read_package_registry", "write_package_registry"),
        *,
        username: str | None = None,
        expires: Expiry = None,
    ) -> Credential:
        """Make a deploy token that holds here and in the projects below.

        A group's token is no good at the addresses of the groups below it, although it is in their projects.

        Args:
            scopes: `read_package_registry` reads; `write_package_registry` uploads, and reads.
            username: GitLab's own pattern if left out.
            expires: when it ends, an aware time or in how much time; never if left out.

        Raises:
            ValueError: there is no such scope, or that is no time, or the release has no deploy tokens.
        """
        self.issuer.require(features.DEPLOY_TOKENS)
        return self.issuer.issue_deploy_token(self, scopes, username, expires)

    def access_token(
        self, *, role: str = "maintainer", scopes: Iterable[str] = ("api",), expires: Expiry = None
    ) -> Credential:
        """Make a project or group access token: a personal token of a bot that has a role here.

        Raises:
            ValueError: there is no such role.
        """
        return self.issuer.issue_access_token(self, roles.role(role), scopes, expires)

    def _mine(self, other: object) -> None:
        if getattr(other, "issuer", None) is not self.issuer:
            raise ValueError(
                f"{other!r} is no user, group or project of this registry; make it with its own user(), group() or "
                "project()"
            )

    def __setattr__(self, name: str, value: object) -> None:
        if name == "visibility" and isinstance(value, str):
            value = word(Visibility, value, "visibility")
        if name == "package_registry" and isinstance(value, str):
            value = word(AccessLevel, value, "access level")
        super().__setattr__(name, value)

    def ancestors(self) -> Iterable[Namespace]:
        """Return the namespaces that it lies in, the nearest first."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent if isinstance(above, Place) else None


@dataclass(eq=False, repr=False)
class UserNamespace(Checked, Namespace):
    """The namespace of a user's own projects; no group, and no group address finds it."""

    owner: User | None = None


@dataclass(eq=False, repr=False)
class Group(Place):
    """A group."""

    forwarding: bool | None = None
    """`pypi_package_requests_forwarding`; None takes the value from above."""
    lock_forwarding: bool = False
    """`lock_pypi_package_requests_forwarding`: groups below cannot choose."""

    def forward(self, *, on: bool, lock: bool = False) -> None:
        """Turn forwarding to the public index on or off for the group (Premium).

        Args:
            on: whether unknown projects are looked for there.
            lock: whether groups below must do the same.
        """
        self.issuer.require(features.GROUP_FORWARDING)
        self.forwarding, self.lock_forwarding = on, lock


@dataclass(eq=False, repr=False)
class Project(Place):
    """A project."""

    package_registry: AccessLevel = AccessLevel.ENABLED
    archived: bool = False
    deletion_pending: bool = False
    """Answers as if it were gone."""
    job_token_limit: bool = True
    """Whether only jobs of projects on the allowlist come in (from 16.0 on)."""
    allowed_jobs: list[Allowed] = field(default_factory=list, repr=False)
    protection: list[ProtectionRule] = field(default_factory=list)

    def job_token(self, user: User) -> Credential:
        """Make the `CI_JOB_TOKEN` of a running job of a user's pipeline here.

        Raises:
            ValueError: the user is none of this registry's, or the release has no job tokens.
        """
        self.issuer.require(features.JOB_TOKENS)
        self._mine(user)
        return self.issuer.issue_job_token(self, user)

    def allow_jobs_of(self, place: Place, permissions: Iterable[str] | None = None) -> None:
        """Put a project or a group on the job token allowlist.

        Args:
            place: whose jobs may come in.
            permissions: fine-grained ones, such as `read_packages` and `admin_packages`; the user's own if left out.
        """
        self.issuer.require(features.ALLOWLIST)
        self._mine(place)
        if permissions is not None:
            self.issuer.require(features.JOB_PERMISSIONS)
        chosen = None if permissions is None else frozenset(permissions)
        self.allowed_jobs.append(Allowed(place.path, chosen))

    def protect(self, pattern: str, *, push: str | None = None, delete: str | None = None) -> None:
        """Make a package protection rule.

        Args:
            pattern: the project names that it protects, with `*` for anything.
            push: who at least may publish: `maintainer`, `owner` or `admin`.
            delete: who at least may delete: `owner` or `admin`.

        Raises:
            ValueError: neither is given, or no such level.
        """
        self.issuer.require(features.PROTECTION)
        if delete is not None:
            self.issuer.require(features.DELETE_PROTECTION)
        if push is None and delete is None:
            raise ValueError("a protection rule needs push=, delete= or both, such as protect('demo*', push='owner')")
        for what, level, levels in (("push", push, _PUSH_LEVELS), ("delete", delete, _DELETE_LEVELS)):
            if level is not None and level not in levels:
                raise ValueError(f"{what}={level!r} is no level; the levels are {', '.join(levels)}")
        self.protection.append(ProtectionRule(pattern, push, delete))

    def archive(self, *, archived: bool = True) -> None:
        """Archive the project: packages can be read, not published.  Or bring it back."""
        self.archived = archived

    def set_package_registry(self, level: str) -> None:
        """Set who uses the package registry: `disabled`, `private`, `enabled` or `public`.

        Raises:
            ValueError: no such level.
        """
        if level == AccessLevel.PUBLIC.value:
            self.issuer.require(features.EVERYONE)
        self.package_registry = word(AccessLevel, level, "access level")


_PUSH_LEVELS = ("maintainer", "owner", "admin")
_DELETE_LEVELS = ("owner", "admin")
VISIBILITY_ORDER = (Visibility.PRIVATE, Visibility.INTERNAL, Visibility.PUBLIC)
