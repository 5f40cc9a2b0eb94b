"""Who asks, and may they?  Three stages, three types, and no HTTP in the last two.

*Credential* (how it arrives) -> *identity* (who that is, within which scopes) -> *permission*: `decide()`.
A flavour's world turns credentials into identities, and says what each may do where.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pytest_pyreg.checked import a

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pytest_pyreg.model import Namespace


class Permission(Enum):
    """What can be done to a namespace; the value completes the sentence "may ..."."""

    SEE = "see it"
    READ = "read packages"
    PUBLISH = "publish packages"
    DELETE = "delete packages"


class Via(Enum):
    """How a credential travels."""

    BASIC = "basic auth"
    BEARER = "a bearer token"
    HEADER = "a header of its own"
    QUERY = "a parameter in the address"


@dataclass(frozen=True)
class Credential:
    """What a client shows: a user name and a secret.

    The secret is in no `repr`, so no assertion, log or report prints it by accident.
    """

    username: str
    """Of a header of its own, or a parameter, this is its name."""
    secret: str = field(repr=False)
    via: Via = Via.BASIC


ANONYMOUS = Credential("", "")
"""No credential at all."""


def as_whom(credential: Credential | None, default: Credential) -> Credential:
    """Return who somebody wants to be: the default if they do not say.

    Raises:
        TypeError: that is no credential.  It may be a secret, so it is not shown.
    """
    if credential is None:
        return default
    if not isinstance(credential, Credential):
        raise TypeError(
            "a credential is one of the registry's, such as registry.reader, a Credential(username, secret), or "
            f"ANONYMOUS for nobody, not {a(type(credential).__name__)}"
        )
    return credential


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
    """A known caller; products derive theirs from it."""

    name: str
    """As a person would say it: "user ada", "deploy token ci"."""
    scopes: frozenset[Scope] | None = None
    """What the token is limited to; None means no limit."""
    pipeline: int | None = None
    """The CI pipeline that the caller is a job of."""


class Decision(Enum):
    """The answer to "may they?"."""

    ALLOW = auto()
    UNAUTHENTICATED = auto()
    FORBIDDEN = auto()
    HIDDEN = auto()
    """They may not even know that it exists."""


class Manners(NamedTuple):
    """What a caller without credential is told who may not do what they ask."""

    seeing: Decision
    """If they may know that the namespace exists."""
    blind: Decision
    """If not."""


ASK_WHO = Manners(Decision.UNAUTHENTICATED, Decision.UNAUTHENTICATED)
"""Whoever may not is asked who they are."""


class Directory(Protocol):
    """What the domain asks of a world."""

    def namespace(self, reference: str, kind: str) -> Namespace | None:
        """Find a namespace by the text that stood in the address, unescaped; None if there is none.

        Args:
            reference: the text.
            kind: the product's word for what the address names.
        """
        ...

    def identify(self, shown: Sequence[Credential], accepted: Collection[str]) -> Identity | None:
        """Find out who shows these credentials; None if the product treats them as no credential at all.

        Args:
            shown: every credential of the request.
            accepted: the product's words for the ways of showing one that hold at this address.

        Raises:
            Refused: CREDENTIAL_UNKNOWN, TOKEN_EXPIRED, TOKEN_REVOKED or ACCOUNT_UNUSABLE, where the product says no
                right here.
        """
        ...

    def granted(self, identity: Identity | None, namespace: Namespace) -> Collection[Permission]:
        """Return all that the caller may do in the namespace."""
        ...

    def searched(
        self, identity: Identity | None, namespace: Namespace, *, everything: bool = False
    ) -> tuple[Namespace, ...]:
        """Return the namespaces whose releases the caller finds in this one.

        Args:
            identity: the caller.
            namespace: where they look.
            everything: whether what they may not read counts too.
        """
        ...


def scope_allows(identity: Identity, permission: Permission, scopes: Mapping[Scope, Collection[Permission]]) -> bool:
    """Tell whether the token, apart from its owner's roles, is good for this."""
    if identity.scopes is None:
        return True
    return any(permission in scopes.get(scope, ()) for scope in identity.scopes)


def decide(granted: Collection[Permission], permission: Permission, manners: Manners, *, known: bool) -> Decision:
    """Answer whether a caller may do this, and if not, how much they may learn.

    Args:
        granted: all that they may do there.
        permission: what they want to do.
        manners: what a caller is told who is not known.
        known: whether they are.
    """
    if permission in granted:
        return Decision.ALLOW
    sees = Permission.SEE in granted
    if not known:
        return manners.seeing if sees else manners.blind
    return Decision.FORBIDDEN if sees else Decision.HIDDEN
