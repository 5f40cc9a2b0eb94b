"""A GitLab instance from a world file: settings, flags, users, groups and projects, in GitLab's words.

Everything goes through the methods that a test calls, in an order in which it can be done; `worldfile_tokens` does the
tokens.  docs/world-file.md shows every key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitlab.places import SEGMENT, VISIBILITY_ORDER, Group, Project
from pytest_pyreg.flavours.gitlab.settings import FLAGS
from pytest_pyreg.flavours.gitlab.words import REGISTRY_LEVELS, SEEN, STATES
from pytest_pyreg.flavours.gitlab.worldfile_tokens import TokenReader
from pytest_pyreg.worldfile import Table, unknown
from pytest_pyreg.worldfile_shared import change

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_pyreg.flavours.gitlab.people import User
    from pytest_pyreg.flavours.gitlab.places import Place
    from pytest_pyreg.flavours.gitlab.words import Seen
    from pytest_pyreg.flavours.gitlab.world import GitLabWorld
    from pytest_pyreg.worldfile import Named

_READY = {"publisher": "developer", "reader": "reporter", "stranger": ""}
"""The users that every world has -> their role in the project that the registry's own URLs name."""
_TABLES = ("registry", "settings", "flags", "users", "groups", "projects", "tokens")
_USER = ("admin", "external", "state")
_GROUP = ("visibility", "members", "pypi_package_requests_forwarding", "lock_pypi_package_requests_forwarding")
_PROJECT = (
    *("visibility", "name", "package_registry", "archived", "deletion_pending", "former_paths", "members", "protect"),
    *("job_token_limit", "job_token_allowlist"),
)
# Fine-grained permissions (docs: ci/jobs/fine_grained_permissions); each is there to read and to administrate.
_RESOURCES = (
    *("containers", "deployments", "environments", "jobs", "packages", "pipelines", "releases", "repositories"),
    *("secure_files", "terraform_state", "work_items"),
)
_PERMISSIONS = [f"{verb}_{resource}" for resource in _RESOURCES for verb in ("read", "admin")]


def load(world: GitLabWorld, file: Table, now: datetime) -> dict[str, Named]:
    """Make what a world file describes.

    Args:
        world: where.
        file: the file.
        now: the time from which a token's days are counted.

    Returns:
        The tokens, by the file's names for them.

    Raises:
        WorldFileError: the file means nothing, or asks for what the release cannot do.
    """
    return _Reader(world, file, now).tokens()


class _Reader:
    def __init__(self, world: GitLabWorld, file: Table, now: datetime) -> None:
        self._world, self._file, self._now = world, file, now
        self.users: dict[str, User] = {name: world.user(name) for name in _READY}
        self.projects: dict[str, Project] = {world.home.path: world.home}
        file.only(_TABLES, "table")
        change(file.table("settings"), world.settings)
        flags = file.table("flags")
        flags.only(FLAGS, "flag")
        for name in flags.values:
            with flags.at(name):
                world.flag(name, on=bool(flags.value(name, bool)))
        for name, table in file.tables("users"):
            self._user(name, table)
        # A group after the one that it lies in, however they stand in the file.
        groups = sorted(file.tables("groups"), key=lambda group: group[0].count("/"))
        for path, table in groups:
            self._group(path, table)
        projects = file.tables("projects")
        for path, table in projects:
            self._project(path, table)
        for path, table in projects:
            self._details(self.projects[path.lower()], table)

    def tokens(self) -> dict[str, Named]:
        """Make the tokens and choose the registry's own; then let go of what is to be gone."""
        named = TokenReader(self._world, self._file, self._now, self).named()
        for path, table in self._file.tables("projects"):
            self.projects[path.lower()].deletion_pending = bool(table.value("deletion_pending", bool))
        return named

    @property
    def ready(self) -> dict[User, str]:
        """The users of every world who have a role where the registry's own URLs point, and which."""
        return {self.users[name]: role for name, role in _READY.items() if role}

    # -- finding -------------------------------------------------------------------------------------------------------

    def user(self, table: Table, name: str, *keys: str | int) -> User:
        """Return a user who is mentioned in a table."""
        for user in self.users.values():
            if user.username.lower() == name.lower():
                return user
        raise table.error(unknown("user", name, self.users), *keys)

    def project(self, table: Table, path: str, *keys: str | int) -> Project:
        """Return a project that is mentioned in a table."""
        found = self.projects.get(path.lower())
        if found is None:
            raise table.error(unknown("project", path, self.projects), *keys)
        return found

    def group(self, table: Table, path: str, *keys: str | int) -> Group:
        """Return a group that is mentioned in a table, or in which something lies."""
        found = self._group_at(path)
        if found is None:
            raise table.error(f"there is no group {path!r}; describe it as [groups.{path!r}]", *keys)
        return found

    def _group_at(self, path: str) -> Group | None:
        found = self._world.namespace(path, "group")
        # Not by its number.
        return found if isinstance(found, Group) and found.path.lower() == path.lower() else None

    # -- making --------------------------------------------------------------------------------------------------------

    def _user(self, name: str, table: Table) -> None:
        table.only(_USER)
        if "/" in name:
            raise table.error(f"{name!r} is no user name: it has no slash")
        _check_path(table, name, "user name")
        if self._group_at(name) is not None:
            raise table.error(f"a user cannot be called {name!r}: a group is")
        self.users[name] = self._world.user(
            name,
            admin=table.value("admin", bool),
            external=table.value("external", bool),
            state=table.choice("state", STATES, "state"),
        )

    def _group(self, path: str, table: Table) -> None:
        table.only(_GROUP)
        _check_path(table, path, "path of a group")
        self._check_owner(table, path.partition("/")[0], path)
        visibility = self._visibility(table, path)
        group = self._world.group(path, visibility=visibility)
        self._members(table, group)
        _, _, forwards, locks = _GROUP
        on, lock = table.value(forwards, bool), table.value(locks, bool)
        if on is None and lock is not None:
            raise table.error(f"what is locked? say {forwards} = true, or false, too", locks)
        if on is not None:
            with table.at(forwards):
                group.forward(on=on, lock=bool(lock))

    def _project(self, path: str, table: Table) -> None:
        table.only(_PROJECT)
        _check_path(table, path, "path of a project")
        above = path.rpartition("/")[0]
        if not above:
            raise table.error(f"a project lies in a group, as in [projects.'acme/{path}']")
        if above.lower() not in {name.lower() for name in self.users}:
            self._check_owner(table, above.partition("/")[0], above)
        visibility = self._visibility(table, path)
        registry = table.choice("package_registry", REGISTRY_LEVELS, "package registry level")
        with table.at(*(("package_registry",) if registry is not None else ())):
            self.projects[path.lower()] = self._world.project(
                path, visibility=visibility, name=table.value("name", str), package_registry=registry
            )

    def _details(self, project: Project, table: Table) -> None:
        path, name = project.path, project.name
        for number, former in enumerate(table.texts("former_paths") or ()):
            _check_path(table, former, "path of a project", "former_paths", number)
            if "/" not in former:
                raise table.error(f"a project lay in a group, as in 'acme/{former}'", "former_paths", number)
            if self._world.namespace(former, "project") is not None:
                raise table.error(f"there is a project {former!r}", "former_paths", number)
            with table.at("former_paths", number):
                self._world.move(project, former)
                self._world.move(project, path)
        project.name = name
        project.archive(archived=bool(table.value("archived", bool)))
        limit = table.value("job_token_limit", bool)
        project.job_token_limit = project.job_token_limit if limit is None else limit
        self._members(table, project)
        for number, rule in enumerate(table.rows("protect")):
            if isinstance(rule, str):
                raise table.error("a rule is a table, as { pattern = 'demo*', push = 'owner' }", "protect", number)
            self._protect(project, rule)
        for number, entry in enumerate(table.rows("job_token_allowlist")):
            self._allow(project, table, number, entry)

    @staticmethod
    def _protect(project: Project, rule: Table) -> None:
        rule.only(("pattern", "push", "delete"))
        pattern = rule.demanded("pattern", "which names are protected, as 'demo*'")
        push, delete = rule.value("push", str), rule.value("delete", str)
        if push is None and delete is None:
            raise rule.error("who at least may do it? say push = 'maintainer', delete = 'owner' or both")
        with rule.at():
            project.protect(pattern, push=push, delete=delete)

    def _allow(self, project: Project, table: Table, number: int, entry: str | Table) -> None:
        path, permissions = entry, None
        if isinstance(entry, Table):
            entry.only(("path", "permissions"))
            path = entry.demanded("path", "the project or group whose jobs may come in")
            permissions = entry.texts("permissions")
            for place, one in enumerate(permissions or ()):
                if one.lower() not in _PERMISSIONS:
                    raise entry.error(unknown("permission", one, _PERMISSIONS), "permissions", place)
        assert isinstance(path, str), "either the entry, or its path"
        where = self.projects.get(path.lower()) or self._group_at(path)
        if where is None:
            raise table.error(f"there is no project and no group {path!r}", "job_token_allowlist", number)
        with table.at("job_token_allowlist", number):
            project.allow_jobs_of(where, None if permissions is None else [one.lower() for one in permissions])

    def _members(self, table: Table, place: Place) -> None:
        members = table.table("members")
        for name in members.values:
            user = self.user(members, name, name)
            with members.at(name):
                place.add_member(user, members.demanded(name, "a role"))

    def _check_owner(self, table: Table, first: str, path: str) -> None:
        if first.lower() in {name.lower() for name in self.users}:
            raise table.error(f"{path!r} cannot be a group: {first!r} is a user, in whose namespace projects alone lie")

    def _visibility(self, table: Table, path: str) -> Seen | None:
        """Return the visibility that is wanted, once the groups above are there, and as visible."""
        wanted = table.choice("visibility", SEEN, "visibility", "visibilities")
        parts = path.split("/")
        above = ["/".join(parts[:end]) for end in range(1, len(parts))]
        for outer in above:
            group = self._group_at(outer)
            if outer.lower() in {name.lower() for name in self.users}:
                break
            if group is None:
                self._world.group(outer, visibility=wanted)
            elif wanted is not None and SEEN.index(wanted) > VISIBILITY_ORDER.index(group.visibility):
                raise table.error(
                    f"what is {wanted} cannot lie in the {group.visibility.value} group {group.path!r}; "
                    f"make the group {wanted} too, with visibility = '{wanted}' in [groups.'{group.path}']",
                    "visibility",
                )
        return wanted


def _check_path(table: Table, path: str, what: str, *keys: str | int) -> None:
    if not all(SEGMENT.fullmatch(part) for part in path.split("/")):
        raise table.error(f"{path!r} is no {what}: letters, digits, '_', '-' and '.', and not digits alone", *keys)
