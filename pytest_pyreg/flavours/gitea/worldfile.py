"""A Gitea or Forgejo instance from a world file: settings, users, organisations, teams and tokens, in Gitea's words.

Everything goes through the methods that a test calls, in an order in which it can be done; `worldfile_tokens` does the
tokens.  docs/world-file.md shows every key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitea import worldfile_tokens
from pytest_pyreg.flavours.gitea.people import OWNERS
from pytest_pyreg.flavours.gitea.words import ACCESS, SECOND_FACTORS, VISIBILITIES
from pytest_pyreg.flavours.gitea.worldfile_tokens import user_named
from pytest_pyreg.worldfile_shared import change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_pyreg.flavours.gitea.people import Organization, Owner, User
    from pytest_pyreg.flavours.gitea.world import GiteaWorld
    from pytest_pyreg.worldfile import Named, Table

_TABLES = ("registry", "settings", "users", "organizations", "tokens")
_OWNER = ("visibility", "former_names", "repositories", "over_quota")
_SWITCHES = ("admin", "restricted", "active", "prohibit_login", "must_change_password")
_USER = (*_OWNER, *_SWITCHES, "password", "two_factor", "otp")
_ORGANIZATION = (*_OWNER, "owners", "teams")
_TEAM = ("access", "code", "members")
_REPOSITORY = ("private", "teams")


def load(world: GiteaWorld, file: Table) -> dict[str, Named]:
    """Make what a world file describes.

    Args:
        world: where.
        file: the file.

    Returns:
        The tokens, by the file's names for them.

    Raises:
        WorldFileError: the file means nothing, or asks for what the release cannot do.
    """
    file.only(_TABLES, "table")
    reader = _Reader(world)
    change(file.table("settings"), world.settings)
    users = [(reader.user(name, table), table) for name, table in file.tables("users")]
    organizations = [(reader.organization(name, table), table) for name, table in file.tables("organizations")]
    for organization, table in organizations:
        reader.teams(organization, table)
    owners: Sequence[tuple[Owner, Table]] = [*users, *organizations]
    for owner, table in owners:
        reader.repositories(owner, table)
    for owner, table in owners:
        reader.former_names(owner, table)
    return worldfile_tokens.named(world, file)


class _Reader:
    def __init__(self, world: GiteaWorld) -> None:
        self._world = world

    def user(self, name: str, table: Table) -> User:
        """Make a user."""
        table.only(_USER)
        visibility = table.choice("visibility", VISIBILITIES, "visibility", "visibilities")
        with table.at():
            user = self._world.user(name, visibility=visibility)
        password = table.value("password", str)
        if password is not None:
            with table.at("password"):
                user.password = password
        for switch in _SWITCHES:
            on = table.value(switch, bool)
            if on is not None:
                setattr(user, switch, on)
        self._quota(user, table)
        self._second_factor(user, table)
        return user

    @staticmethod
    def _quota(owner: Owner, table: Table) -> None:
        over = table.value("over_quota", bool)
        if over is not None:
            with table.at("over_quota"):
                owner.over_quota = over

    @staticmethod
    def _second_factor(user: User, table: Table) -> None:
        factor = table.choice("two_factor", SECOND_FACTORS, "second factor")
        code = table.value("otp", str)
        if code is not None and factor != "totp":
            raise table.error("what is it good for? say two_factor = 'totp' too", "otp")
        if factor == "webauthn":
            user.enroll_webauthn()
        elif code is not None:
            with table.at("otp"):
                user.enroll_totp(code)
        elif factor is not None:
            user.enroll_totp()

    def organization(self, name: str, table: Table) -> Organization:
        """Make an organisation."""
        table.only(_ORGANIZATION)
        visibility = table.choice("visibility", VISIBILITIES, "visibility", "visibilities")
        with table.at():
            organization = self._world.organization(name, visibility=visibility)
        self._quota(organization, table)
        return organization

    def teams(self, organization: Organization, table: Table) -> None:
        """Make an organisation's owners and its other teams."""
        for owner in self._users(table, "owners"):
            organization.add_owner(owner)
        for name, team in table.tables("teams"):
            team.only(_TEAM)
            if name.lower() == OWNERS.lower():
                raise team.error("this team may do everything; say who is in it with owners = [...], one table above")
            access = team.choice("access", ACCESS, "access level")
            code = team.choice("code", ACCESS, "access level")
            with team.at():
                organization.team(name, access=access, code=code, members=self._users(team, "members"))

    def repositories(self, owner: Owner, table: Table) -> None:
        """Make an owner's repositories."""
        for name, repository in table.tables("repositories"):
            repository.only(_REPOSITORY)
            private, given = repository.value("private", bool), repository.texts("teams")
            with repository.at():
                owner.repository(name, private=private)
            for number, one in enumerate(given or ()):
                with repository.at("teams", number):
                    owner.repository(name, teams=[one])
            owner.repository(name, teams=given)

    def former_names(self, owner: Owner, table: Table) -> None:
        """Let an owner have had other names."""
        for number, former in enumerate(table.texts("former_names") or ()):
            other = self._world.renamed(former)
            if other is not None:
                raise table.error(f"{former!r} leads to {other.name!r} already", "former_names", number)
            name = owner.name
            if former.lower() == name.lower():
                raise table.error(f"{former!r} is its name now", "former_names", number)
            with table.at("former_names", number):
                owner.rename(former)
                owner.rename(name)

    def _users(self, table: Table, key: str) -> list[User]:
        return [user_named(self._world, table, name, key, number) for number, name in enumerate(table.texts(key) or ())]
