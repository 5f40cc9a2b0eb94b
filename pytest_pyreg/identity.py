"""Who asks, and may they?  Three stages, three types, and no HTTP in the last two.

*Credential* (how it arrives) -> *identity* (who that is, with which roles and scopes) -> *permission*: `decide()`.
A flavour's world turns credentials into identities, its `Policy` says what each role may do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.model import Namespace, Visibility


class Permission(Enum):
    """What can be done to a namespace; the value completes the sentence "may ..."."""

    SEE = "see it"
    READ = "read packages"
    PUBLISH = "publish packages"


class Via(Enum):
    """How a credential travels."""

    BASIC = "basic auth"
    BEARER = "a bearer token"


@dataclass(frozen=True)
class Credential:
    """What a client shows: a user name and a secret.

    The secret is in no `repr`, so no assertion, log or report prints it by accident.
    """

    username: str
    secret: str = field(repr=False)
    via: Via = Via.BASIC


ANONYMOUS = Credential("", "")
"""No credential at all."""


class Secrets(frozenset[str]):
    """Secrets that do not show when they are printed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} secrets>"


class Role(str):
    """A product's own word for a standing in a namespace, such as `developer`."""

    __slots__ = ()


class Scope(str):
    """A product's own word for what a token is good for, such as `read_api`."""

    __slots__ = ()


@dataclass(frozen=True)
class Identity:
    """A known caller."""

    name: str
    """As a person would say it: "user ada", "deploy token ci"."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """Path of a namespace -> standing there; no entry means no member."""
    scopes: frozenset[Scope] | None = None
    """What the token is limited to; None means no limit."""


@dataclass(frozen=True)
class Policy:
    """Who may do what, in one product's words."""

    roles: Mapping[Role, frozenset[Permission]]
    visitors: Mapping[Visibility, frozenset[Permission]]
    """What a caller without a role may do, by the namespace's visibility; the anonymous caller too, unless below."""
    anonymous: Mapping[Visibility, frozenset[Permission]]
    scopes: Mapping[Scope, frozenset[Permission]]
    """Which permissions a scope lets a token use."""


class Decision(Enum):
    """The answer to "may they?"."""

    ALLOW = auto()
    UNAUTHENTICATED = auto()
    FORBIDDEN = auto()
    HIDDEN = auto()
    """They may not even know that it exists."""


class Directory(Protocol):
    """What the domain asks of a world."""

    def namespace(self, reference: str) -> Namespace | None:
        """Find a namespace by the text that stood in the address, unescaped; None if there is none."""
        ...

    def identify(self, credential: Credential) -> Identity | None:
        """Find out who shows this credential; None if the product treats it as no credential at all.

        Raises:
            Refused: CREDENTIAL_UNKNOWN, TOKEN_EXPIRED or TOKEN_REVOKED, where the product says no right here.
        """
        ...


def scope_allows(identity: Identity, permission: Permission, policy: Policy) -> bool:
    """Tell whether the token, apart from its owner's roles, is good for this."""
    if identity.scopes is None:
        return True
    return any(permission in policy.scopes.get(scope, frozenset()) for scope in identity.scopes)


def permissions(identity: Identity | None, namespace: Namespace, policy: Policy) -> frozenset[Permission]:
    """Return all that the caller may do in the namespace."""
    if identity is None:
        return policy.anonymous.get(namespace.visibility, frozenset())
    visiting = policy.visitors.get(namespace.visibility, frozenset())
    role = identity.roles.get(namespace.path)
    return visiting if role is None else visiting | policy.roles[role]


def decide(identity: Identity | None, permission: Permission, namespace: Namespace, policy: Policy) -> Decision:
    """Answer whether the caller may do this here, and if not, how much they may learn of it."""
    granted = permissions(identity, namespace, policy)
    if permission in granted:
        return Decision.ALLOW
    if identity is None:
        return Decision.UNAUTHENTICATED
    return Decision.FORBIDDEN if Permission.SEE in granted else Decision.HIDDEN
