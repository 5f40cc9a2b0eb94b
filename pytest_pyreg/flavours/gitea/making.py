"""Making a Gitea instance's users, organisations and tokens."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

from pytest_pyreg.flavours.by_secret import BySecret
from pytest_pyreg.flavours.gitea import ci, features, oauth, words
from pytest_pyreg.flavours.gitea.people import Caller, Organization, Owner, User
from pytest_pyreg.flavours.releases import OfARelease
from pytest_pyreg.identity import Credential, Scope, Secrets
from pytest_pyreg.model import Visibility

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from pytest_pyreg.flavours.base import Flavour
    from pytest_pyreg.flavours.gitea.words import Seen

Made = TypeVar("Made", bound=Owner)
_FULL = ("all",)
"""What a token of a release without scopes is: one that says so is no error there."""


class Makers(OfARelease, BySecret):
    """What an instance has, and how more of it is made.

    Args:
        flavour: which product and release it is.
        chance: makes the tokens.
    """

    def __init__(self, flavour: Flavour, chance: random.Random) -> None:
        self._flavour = flavour
        self._chance = chance
        self._ids = itertools.count(1)
        self._owners: dict[str, Owner] = {}
        self._tokens: dict[str, Caller] = {}

    def user(
        self,
        name: str,
        *,
        password: str | None = None,
        visibility: Seen | None = None,
        admin: bool | None = None,
        restricted: bool | None = None,
        active: bool | None = None,
        prohibit_login: bool | None = None,
        must_change_password: bool | None = None,
        over_quota: bool | None = None,
    ) -> User:
        """Return the user of that name, made if there is none, with these facts changed.

        Args:
            name: the name.
            password: what they sign in with, at least 8 characters; none works if it was never given.
            visibility: who sees them: `public` (if left out), `limited` or `private`.
            admin: whether they administrate the site.
            restricted: whether they see only the organisations that they are a member of.
            active: whether the account is activated.
            prohibit_login: whether the account is kept from signing in.
            must_change_password: whether the REST API waits for another password; packages do not ask.
            over_quota: whether they are over their soft quota (Forgejo); see `Owner.over_quota`.

        Raises:
            ValueError: there can be no such name, or an organisation has it, or there is no such visibility, or the
                password is too short.
        """
        found = self._found(name)
        if found is not None and not isinstance(found, User):
            raise ValueError(f"{name!r} is an organisation; choose another name")
        facts = {
            "password": password,
            "visibility": visibility,
            "admin": admin,
            "restricted": restricted,
            "active": active,
            "prohibit_login": prohibit_login,
            "must_change_password": must_change_password,
            "over_quota": over_quota,
        }
        words.check_name(name, "a user")
        user = found or User(next(self._ids), name, name, Visibility.PUBLIC, self)
        for fact, value in facts.items():
            if value is not None:
                setattr(user, fact, value)
        return self._kept(user, "a user")

    def organization(
        self, name: str, *, visibility: Seen | None = None, over_quota: bool | None = None
    ) -> Organization:
        """Return the organisation of that name, made if there is none.

        Args:
            name: the name.
            visibility: who sees it: `public` (if left out), `limited` or `private`.
            over_quota: whether it is over its soft quota (Forgejo); see `Owner.over_quota`.

        Raises:
            ValueError: there can be no such name, or a user has it, or there is no such visibility.
        """
        found = self._found(name)
        if found is not None and not isinstance(found, Organization):
            raise ValueError(f"{name!r} is a user; choose another name")
        words.check_name(name, "an organisation")
        organization = found or Organization(next(self._ids), name, name, Visibility.PUBLIC, self)
        if visibility is not None:
            organization.visibility = words.visibility(visibility)
        if over_quota is not None:
            organization.over_quota = over_quota
        return self._kept(organization, "an organisation")

    def rename(self, owner: Owner, name: str) -> None:
        """Give an owner another name; the former one leads to it.

        Raises:
            ValueError: it is no owner of this registry, or there can be no such name, or another has it.
        """
        self.check_mine(owner)
        words.check_name(name, "an owner")
        former, new = owner.name.lower(), name.lower()
        if self._owners.get(new, owner) is not owner:
            raise ValueError(f"there is an owner {name!r} already; choose another name")
        del self._owners[former]
        owner.former_names.append(former)
        owner.name = owner.path = name
        self._kept(owner, "an owner")

    def issue_token(self, user: User, scopes: Iterable[str] | None) -> Credential:
        """Make an access token; see `User.token`."""
        limits = self._limits(scopes)
        public_only = limits is not None and "public-only" in limits and self.can(features.PUBLIC_ONLY)
        held = None if limits is None else limits - {"public-only"}
        secret = "".join(self._chance.choices("0123456789abcdef", k=40))
        self._tokens[secret] = Caller(f"user {user.name}", held, user=user, public_only=public_only)
        return Credential(user.name, secret)

    def issue_oauth_token(self, user: User, scopes: Iterable[str]) -> Credential:
        """Make an OAuth2 access token; see `User.oauth_token`."""
        held = oauth.limits(scopes, self)
        public_only = "public-only" in held and self.can(features.PUBLIC_ONLY)
        limits = held - {"public-only"} if held else None
        secret = oauth.secret(self._chance)
        self._tokens[secret] = Caller(f"user {user.name}", limits, user=user, public_only=public_only, oauth=True)
        return Credential(user.name, secret)

    def issue_job_token(self, repository: str) -> Credential:
        """Make the token of a running job: no person's, but the system user's; see `gitea/ci.py`.

        Args:
            repository: whose job it is, such as `acme/demo`.
        """
        name = ci.SYSTEM_USERS[self._flavour.product]
        user = User(ci.SYSTEM_ID, name, name, Visibility.PUBLIC, self)
        secret = "".join(self._chance.choices("0123456789abcdef", k=40))
        self._tokens[secret] = Caller(f"a CI job of {repository}", user=user)
        return Credential(name, secret)

    def _limits(self, scopes: Iterable[str] | None) -> frozenset[Scope] | None:
        if not self.can(features.SCOPES):
            if scopes is not None and (isinstance(scopes, str) or tuple(scopes) != _FULL):
                self.require(features.SCOPES)
            return None
        return words.scopes(("write:package",) if scopes is None else scopes, self.scopes)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that a token can have at this release."""
        if not self.can(features.SCOPES):
            return _FULL
        return words.SCOPES if self.can(features.SCOPES_BY_CATEGORY) else words.SCOPES_1_19

    def revoke(self, credential: Credential) -> None:
        """Delete a token.

        Raises:
            ValueError: it is none of this registry's.
        """
        if self._tokens.pop(getattr(credential, "secret", ""), None) is None:
            # Without the frame's own words: the credential may be a secret of another place.
            raise ValueError(
                "that is no token of this registry, or no more: it was made by hand, by another registry, or deleted"
            )

    def secrets(self) -> Secrets:
        """Return every token and password."""
        passwords = {user.password for user in self.users() if user.password}
        return Secrets({*self._tokens, *passwords})

    def check_mine(self, owner: object) -> None:
        """Refuse what is no user and no organisation of this instance.

        Raises:
            ValueError: it is none.
        """
        if not isinstance(owner, Owner) or owner.issuer is not self:
            raise ValueError(
                f"{owner!r} is no user and no organisation of this registry; make it with its own user() or "
                "organization()"
            )

    def owners(self) -> list[Owner]:
        """Return every user and organisation."""
        return list(self._owners.values())

    def users(self) -> list[User]:
        """Return every user."""
        return [owner for owner in self.owners() if isinstance(owner, User)]

    def _found(self, name: object) -> Owner | None:
        return self._owners.get(name.lower()) if isinstance(name, str) else None

    def _kept(self, owner: Made, what: str) -> Made:
        """Keep an owner under their name, which leads nowhere else from now on."""
        words.check_name(owner.name, what)
        for other in self.owners():
            if owner.name.lower() in other.former_names:
                other.former_names.remove(owner.name.lower())
        if owner.name.lower() in owner.former_names:
            owner.former_names.remove(owner.name.lower())
        self._owners[owner.name.lower()] = owner
        return owner
