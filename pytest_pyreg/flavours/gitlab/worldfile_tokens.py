"""The tokens of a world file, and which of them are the registry's own."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Protocol

from pytest_pyreg.flavours.gitlab import features
from pytest_pyreg.flavours.gitlab.scopes import SCOPES
from pytest_pyreg.worldfile import Named, unknown
from pytest_pyreg.worldfile_shared import CALLERS, choose, from_variable, tokens, with_its_secret

if TYPE_CHECKING:
    from pytest_pyreg.flavours.gitlab.people import User
    from pytest_pyreg.flavours.gitlab.places import Group, Place, Project
    from pytest_pyreg.flavours.gitlab.world import GitLabWorld
    from pytest_pyreg.identity import Credential
    from pytest_pyreg.worldfile import Table

_COMMON = ("kind", "secret", "revoked")
_KEYS = {
    "personal": (*_COMMON, "user", "scopes", "expires"),
    "access": (*_COMMON, "project", "group", "role", "scopes", "expires"),
    "deploy": (*_COMMON, "project", "group", "username", "scopes", "expires"),
    "job": (*_COMMON, "project", "user"),
}
_NEEDS = {"deploy": features.DEPLOY_TOKENS, "job": features.JOB_TOKENS}
_REGISTRY = ("project", *CALLERS, "job")
_SPAN = re.compile(r"(?:in )?(\d{1,6}) (minute|hour|day|week)s?( ago)?")
_WHEN = "2030-01-31, 2030-01-31T12:00:00Z, 30 (days) or 'in 30 days'"


class Finder(Protocol):
    """What finds the users and places that a table mentions."""

    @property
    def ready(self) -> dict[User, str]:
        """The users of every world who have a role where the registry's own URLs point, and which."""
        ...

    def user(self, table: Table, name: str, *keys: str | int) -> User:
        """Return a user."""
        ...

    def project(self, table: Table, path: str, *keys: str | int) -> Project:
        """Return a project."""
        ...

    def group(self, table: Table, path: str, *keys: str | int) -> Group:
        """Return a group."""
        ...


class TokenReader:
    """Makes the tokens of one file.

    Args:
        world: where.
        file: the file.
        now: the time from which days are counted.
        finder: knows the users, projects and groups.
    """

    def __init__(self, world: GitLabWorld, file: Table, now: datetime, finder: Finder) -> None:
        self._world, self._file, self._now, self._finder = world, file, now, finder
        self._users: dict[str, User] = {}
        """Whose a personal token is."""
        self._jobs: dict[str, Project] = {}
        """Where a job token's job runs."""

    def named(self) -> dict[str, Named]:
        """Make them, by their names, and choose the registry's own."""
        named: dict[str, Named] = {}
        for name, table in tokens(self._file):
            named[name] = self._token(name, table)
        self._choose(self._file.table("registry"), named)
        return named

    def _token(self, name: str, table: Table) -> Named:
        kind = table.choice("kind", tuple(_KEYS), "kind")
        if kind is None:
            raise table.error(f"kind is missing: what kind of token it is, one of {', '.join(_KEYS)}")
        table.only(_KEYS[kind], several=f"keys of {'an' if kind == 'access' else 'a'} {kind} token")
        with table.at("kind"):
            if kind in _NEEDS:
                self._world.require(_NEEDS[kind])
        scopes, expires = self._scopes(table, kind), self._expires(table)
        credential, about = self._issued(name, table, kind, scopes, expires)
        credential = with_its_secret(table, credential, self._world)
        if table.value("revoked", bool):
            self._world.revoke(credential)
            about += ", revoked"
        elif expires is not None:
            about += f", {'expired' if expires <= self._now else 'expires'} {expires:%Y-%m-%d %H:%M} UTC"
        return Named(credential, about, given="secret" in table.values, variable=from_variable(table))

    def _issued(
        self, name: str, table: Table, kind: str, scopes: tuple[str, ...] | None, expires: datetime | None
    ) -> tuple[Credential, str]:
        chosen = {} if scopes is None else {"scopes": scopes}
        shown = f" ({', '.join(scopes)})" if scopes is not None else ""
        if kind == "personal":
            user = self._users[name] = self._user(table)
            return user.personal_token(**chosen, expires=expires), f"personal token of {user.username}{shown}"
        if kind == "job":
            user, project = self._user(table), self._project(table)
            self._jobs[name] = project
            return project.job_token(user), f"job token of {user.username} in {project.path}"
        place = self._place(table)
        if kind == "deploy":
            username = table.value("username", str)
            if username is not None and (not username or ":" in username):
                raise table.error("a user name that basic auth can carry is not empty and has no colon", "username")
            return (
                place.deploy_token(**chosen, username=username, expires=expires),
                f"deploy token of {place.path}{shown}",
            )
        role = table.value("role", str) or "maintainer"
        with table.at("role"):
            credential = place.access_token(role=role, **chosen, expires=expires)
        return credential, f"access token of {place.path}, {role}{shown}"

    def _user(self, table: Table) -> User:
        return self._finder.user(table, table.demanded("user", "the name of the user whose it is"), "user")

    def _project(self, table: Table) -> Project:
        return self._finder.project(table, table.demanded("project", "the path of the project"), "project")

    def _place(self, table: Table) -> Place:
        group = table.value("group", str)
        if (group is None) == (table.value("project", str) is None):
            raise table.error("where does it hold? say project = 'acme/demo' or group = 'acme', one of them")
        return self._project(table) if group is None else self._finder.group(table, group, "group")

    @staticmethod
    def _scopes(table: Table, kind: str) -> tuple[str, ...] | None:
        scopes = table.texts("scopes")
        for number, scope in enumerate(scopes or ()):
            if scope not in SCOPES[kind]:
                raise table.error(unknown("scope", scope, SCOPES[kind]), "scopes", number)
        if scopes == ():
            raise table.error("a token has at least one scope", "scopes")
        return scopes

    def _expires(self, table: Table) -> datetime | None:
        found = table.values.get("expires")
        if found is None:
            return None
        span = _SPAN.fullmatch(found) if isinstance(found, str) else None
        if type(found) is date:  # The first moment of that day, as GitLab has it.
            return datetime(found.year, found.month, found.day, tzinfo=timezone.utc)
        try:
            if isinstance(found, datetime) and found.tzinfo is not None:
                return found.astimezone(timezone.utc)
            if type(found) is int:
                return self._now + timedelta(days=found)
            if span is not None:
                ahead = timedelta(**{f"{span[2]}s": int(span[1])})
                return self._now - ahead if span[3] else self._now + ahead
        except OverflowError:
            raise table.error("so far away there is no date", "expires") from None
        zone = isinstance(found, datetime)
        why = "this time has no zone; put a Z after it, as in" if zone else "this is no time; say"
        raise table.error(f"{why} {_WHEN}", "expires")

    def _choose(self, table: Table, named: dict[str, Named]) -> None:
        table.only(_REGISTRY)
        chosen = choose(table, self._world, named)
        job = table.choice("job", named, "token")
        path = table.value("project", str)
        home = self._world.home if path is None else self._finder.project(table, path, "project")
        moved = home is not self._world.home
        if moved:
            self._world.home = home
            # The ready users may do there what they are called after, whatever else the file says of it.
            for user, standing in self._finder.ready.items():
                home.add_member(user, standing)
        if job is not None:
            if self._jobs.get(job) is not home:
                raise table.error(f"a token of a job in {home.path!r} is wanted here, of the kind 'job'", "job")
            self._world.job = named[job].credential
        elif moved or chosen.get("publisher") in self._users:
            user = self._users.get(chosen.get("publisher", ""), self._world.user("publisher"))
            self._world.job = home.job_token(user)
