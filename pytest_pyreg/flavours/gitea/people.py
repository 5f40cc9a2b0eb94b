"""Gitea's users, organisations, teams and repositories: what a test makes and changes, in Gitea's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from pytest_pyreg.checked import Checked
from pytest_pyreg.flavours.gitea import features, words
from pytest_pyreg.flavours.gitea.belongings import Package, Repository
from pytest_pyreg.flavours.gitea.words import ACCESS, LEVELS, SECOND_FACTORS, VISIBILITIES
from pytest_pyreg.identity import Identity
from pytest_pyreg.model import Namespace

if TYPE_CHECKING:
    from pytest_pyreg.flavours.gitea.words import Access
    from pytest_pyreg.identity import Credential

T = TypeVar("T")
OWNERS = "Owners"
"""The team that may do everything."""


class Issuer(Protocol):
    """What owners ask of their world."""

    def require(self, feature: str) -> None:
        """Refuse what the product could not do at this release."""
        ...

    def issue_token(self, user: User, scopes: Iterable[str] | None) -> Credential:
        """Make an access token."""
        ...

    def issue_oauth_token(self, user: User, scopes: Iterable[str]) -> Credential:
        """Make an OAuth2 access token."""
        ...

    def rename(self, owner: Owner, name: str) -> None:
        """Give an owner another name."""
        ...


@dataclass(eq=False, repr=False)
class Owner(Checked, Namespace):
    """What owns packages: a user or an organisation."""

    issuer: Issuer | None = field(default=None, repr=False)
    former_names: list[str] = field(default_factory=list)
    """Names that now lead here."""
    repositories: dict[str, Repository] = field(default_factory=dict, repr=False)
    packages: dict[str, Package] = field(default_factory=dict, repr=False)
    over_quota: bool = False
    """Whether they are over their soft quota (Forgejo): to 14.0.3 the uploader's counts, from 14.0.4 on the owner's."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "visibility":
            value = words.visibility(value)
        if name == "over_quota" and value is True and self.issuer is not None:
            self.issuer.require(features.QUOTA)
        super().__setattr__(name, value)

    def rename(self, name: str) -> None:
        """Give it another name; the former one leads to it.

        Raises:
            ValueError: there can be no such name, or another has it.
        """
        assert self.issuer is not None, "a world makes its owners"
        self.issuer.rename(self, name)

    def repository(self, name: str, *, private: bool | None = None, teams: Iterable[str] | None = None) -> Repository:
        """Return the repository of that name, made if there is none, with these facts changed.

        Args:
            name: its name.
            private: whether only who has a right to it sees it.
            teams: the organisation's teams that it is given to; all if never said.

        Raises:
            ValueError: there can be no such name, or there is no such team.
        """
        wanted = None if teams is None else frozenset(map(self._team_named, _several(teams, "teams", str)))
        words.check_plain(name, "a repository")
        found = self.repositories.get(name.lower())
        if found is None:
            found = Repository(self.id * 1000 + len(self.repositories) + 1, name, self)
            self.repositories[name.lower()] = found
        found.private = found.private if private is None else private
        found.teams = found.teams if wanted is None else wanted
        return found

    def _team_named(self, name: object) -> str:
        raise ValueError(f"{self.name!r} is a user, who has no teams, and no {name!r}")

    @property
    def reference(self) -> str:
        """How an address names it."""
        return self.name


@dataclass(eq=False, repr=False)
class User(Owner):
    """A person with an account."""

    password: str = field(default="", repr=False)
    """What they sign in with; none works if it is empty."""
    admin: bool = False
    restricted: bool = False
    """Sees only the organisations that they are a member of."""
    active: bool = True
    prohibit_login: bool = False
    two_factor: str = ""
    """`totp` or `webauthn` if enrolled."""
    otp: str = field(default="", repr=False)
    """The one-time password that is good now."""
    must_change_password: bool = False
    """Whether the REST API waits for another password; packages do not ask."""
    email: str = ""
    """What they may sign in with besides their name."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "password":
            words.check_password(value)
        if name == "otp":
            words.check_otp(value)
        if name == "two_factor" and value:
            words.word(value, SECOND_FACTORS, "second factor")
        super().__setattr__(name, value)

    def token(self, scopes: Iterable[str] | None = None) -> Credential:
        """Make an access token.  It never expires: no release has such tokens.

        Args:
            scopes: such as `read:package`, `write:package` (if left out), `all` and `public-only`.  Releases
                before 1.19 have none: there every token does all.

        Raises:
            ValueError: there is no such scope at this release.
        """
        assert self.issuer is not None, "a world makes its owners"
        return self.issuer.issue_token(self, scopes)

    def oauth_token(self, scopes: Iterable[str] = ()) -> Credential:
        """Make an OAuth2 access token, such as an application gets that the user lets in.

        Args:
            scopes: as of an access token, from Gitea 1.23 and Forgejo 9 on; besides `openid`, `profile`, `email` and
                `groups`, which are none to packages.  One without any may do all.  Shown as Basic, the password or the
                user name, it may do all whatever they are, but from Gitea 1.26.2 and Forgejo 14.0.3 on, and in 11.0.11.

        Raises:
            ValueError: there is no such scope at this release.
        """
        assert self.issuer is not None, "a world makes its owners"
        return self.issuer.issue_oauth_token(self, scopes)

    def enroll_totp(self, code: str = "123456") -> None:
        """Let them sign in with one-time passwords: a password alone is refused from 1.21 on, tokens go on.

        Args:
            code: the one that is good, as `X-Gitea-OTP` carries it; it stays good.

        Raises:
            ValueError: it is no six digits.
        """
        words.check_otp(code, empty=False)
        self.two_factor, self.otp = "totp", code

    def enroll_webauthn(self) -> None:
        """Let them sign in with a security key: passwords are refused where that is demanded, tokens go on."""
        self.two_factor, self.otp = "webauthn", ""


@dataclass(eq=False, repr=False)
class Team(Checked):
    """A team of an organisation."""

    name: str
    access: str
    """What its members may do with packages: `none`, `read`, `write` or `admin`."""
    members: set[User] = field(default_factory=set)
    code: str = "none"
    """What they may do with the organisation's code."""

    @property
    def base(self) -> str:
        """The least that it may do with any unit that it may do something with (models/organization/team.go)."""
        return min((level for level in (self.access, self.code) if level != "none"), key=LEVELS.index, default="none")

    def __setattr__(self, name: str, value: object) -> None:
        if name in {"access", "code"}:
            known = LEVELS if getattr(self, "name", "") == OWNERS else ACCESS
            words.word(value, known, "access level")
        super().__setattr__(name, value)


@dataclass(eq=False, repr=False)
class Organization(Owner):
    """An organisation."""

    teams: dict[str, Team] = field(default_factory=dict)

    def team(
        self, name: str, *, access: Access | None = None, members: Iterable[User] = (), code: Access | None = None
    ) -> Team:
        """Return the team of that name, made if there is none, with these members besides and these facts changed.

        Args:
            name: its name; `Owners` may do everything, always.
            access: what it may do with packages: `none`, `read` (if left out), `write` or `admin`.
            members: who is in it.
            code: what it may do with the organisation's code; `none` if left out.

        Raises:
            ValueError: there is no such level, or a member is no user of this registry.
        """
        words.check_plain(name, "a team")
        joining = {self._mine(user) for user in _several(members, "members", User)}
        team = self.found_team(name)
        if team is None:
            team = Team(OWNERS, "owner") if name.lower() == OWNERS.lower() else Team(name, "read")
        if team.name == OWNERS and not {access, code} <= {None, "owner"}:
            raise ValueError(f"the team {OWNERS!r} may do everything; leave access and code out")
        team.access = team.access if access is None else access
        team.code = team.code if code is None else code
        team.members |= joining
        self.teams[team.name] = team
        return team

    def found_team(self, name: str) -> Team | None:
        """Find a team by its name, in any case."""
        return next((team for team in self.teams.values() if team.name.lower() == name.lower()), None)

    def add_owner(self, user: User) -> None:
        """Make a user an owner of the organisation."""
        self.team(OWNERS, members=[user])

    def remove_member(self, user: User) -> None:
        """Take a user out of every team; one who is in none is no error."""
        for team in self.teams.values():
            team.members.discard(user)

    def _mine(self, user: object) -> User:
        if not isinstance(user, User) or user.issuer is not self.issuer:
            raise ValueError(f"{user!r} is no user of this registry; make one with its own user()")
        return user

    def _team_named(self, name: object) -> str:
        team = self.found_team(name) if isinstance(name, str) else None
        return team.name if team is not None else words.word(name, self.teams, "team")


def _several(given: object, what: str, kind: type[T]) -> list[T]:
    """Return a list of things; one by itself is what people write for it.

    Raises:
        ValueError: it is none.
    """
    if isinstance(given, (str, kind)) or not isinstance(given, Iterable):
        raise ValueError(f"{what} is a list, as in {what}=[...], not {given!r}")  # noqa: TRY004 - a text is a collection too.
    return list(given)


@dataclass(frozen=True)
class Caller(Identity):
    """Who asks."""

    user: User | None = None
    public_only: bool = False
    """Whether their token is for public owners alone."""
    oauth: bool = False
    """Whether it is an OAuth2 access token."""


__all__ = [
    "LEVELS",
    "OWNERS",
    "VISIBILITIES",
    "Caller",
    "Organization",
    "Owner",
    "Package",
    "Repository",
    "Team",
    "User",
]
