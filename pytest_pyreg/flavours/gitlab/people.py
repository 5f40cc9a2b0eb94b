"""GitLab's users, and the callers that their tokens and the places' tokens make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Union

from pytest_pyreg.checked import Checked
from pytest_pyreg.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from pytest_pyreg.flavours.gitlab.places import Place, Project, UserNamespace
    from pytest_pyreg.identity import Credential, Scope

Expiry = Union["datetime", "timedelta", None]
"""When a token ends: at a time, in some time, or never."""
ACTIVE = "active"

# lib/gitlab/auth/user_access_denied_reason.rb: what each state of an account makes the API say.
DENIED = {
    "internal": "This action cannot be performed by internal users",
    "blocked_pending_approval": ("Your account is pending approval from your administrator and hence blocked."),
    "terms_not_accepted": (
        "You (@{username}) must accept the Terms of Service in order to perform this action. "
        "To accept these terms, please access GitLab from a web browser at {url}."
    ),
    "deactivated": (
        "Your account has been deactivated by your administrator. "
        "Please log back in from a web browser to reactivate your account at {url}"
    ),
    "unconfirmed": (
        "Your primary email address is not confirmed. Please check your inbox for the confirmation instructions. In "
        "case the link is expired, you can request a new confirmation email at {url}/users/confirmation/new"
    ),
    "blocked": "Your account has been blocked.",
    "ldap_blocked": "Your account has been blocked.",
    "banned": "Your account has been blocked.",
    "password_expired": "Your password expired. Please access GitLab from a web browser to update your password.",
}


class TokenIssuer(Protocol):
    """What users ask of their world."""

    def issue_personal_token(self, user: User, scopes: Iterable[str], expires: Expiry) -> Credential:
        """Make a personal access token."""
        ...


@dataclass(eq=False, repr=False)
class User(Checked):
    """A person with an account, or the bot that a project or group access token belongs to."""

    CALLED = "username"

    username: str
    issuer: TokenIssuer = field(repr=False)
    id: int = 0
    admin: bool = False
    external: bool = False
    """Sees no internal project."""
    state: str = ACTIVE
    """`active`, or a reason for which the account cannot be used, such as `blocked`."""
    namespace: UserNamespace | None = field(default=None, repr=False)
    """Where the user's own projects lie."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "state" and value not in {ACTIVE, *DENIED}:
            raise ValueError(f"there is no state {value!r}; the states are {', '.join([ACTIVE, *DENIED])}")
        super().__setattr__(name, value)

    def personal_token(self, scopes: Iterable[str] = ("api",), *, expires: Expiry = None) -> Credential:
        """Make a personal access token, which stands for the user within its scopes.

        Args:
            scopes: `api` does all, `read_api` reads.
            expires: when it ends, an aware time or in how much time; never if left out.

        Raises:
            ValueError: there is no such scope, or that is no time.
        """
        return self.issuer.issue_personal_token(self, scopes, expires)

    def block(self) -> None:
        """Block the account."""
        self.state = "blocked"


@dataclass(frozen=True)
class Caller(Identity):
    """Who asks: a user, by a token of theirs or as a CI job, or a deploy token."""

    user: User | None = None
    deployed: Place | None = None
    """Of a deploy token, the place that it belongs to."""
    deploy_scopes: frozenset[Scope] = frozenset()
    job: Project | None = None
    """Of a job, the project that it runs in."""


@dataclass
class Token:
    """A token that was issued."""

    kind: str
    """`personal`, `deploy` or `job`."""
    caller: Caller
    expires: datetime | None = None
    revoked: bool = False
