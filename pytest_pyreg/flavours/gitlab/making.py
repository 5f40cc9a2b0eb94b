"""Making a GitLab instance's users, groups and projects."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitlab.people import ACTIVE, DENIED, User
from pytest_pyreg.flavours.gitlab.places import (
    VISIBILITY_ORDER,
    Group,
    Project,
    UserNamespace,
    check_path,
    word,
)
from pytest_pyreg.flavours.gitlab.tokens import Tokens
from pytest_pyreg.model import Namespace, Visibility

if TYPE_CHECKING:
    import random

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours.gitlab.words import RegistryLevel, Seen, State


class Makers(Tokens):
    """What an instance has, and how more of it is made.

    Args:
        clock: tells when a token ends.
        chance: makes the tokens.
    """

    def __init__(self, clock: Clock, chance: random.Random) -> None:
        super().__init__(clock, chance)
        self._project_ids, self._namespace_ids = itertools.count(1), itertools.count(1)
        self._projects: dict[str, Project] = {}
        self._groups: dict[str, Group | UserNamespace] = {}
        self._users: dict[str, User] = {}

    def user(
        self, username: str, *, admin: bool | None = None, external: bool | None = None, state: State | None = None
    ) -> User:
        """Return the user of that name, made if there is none, with these facts changed.

        Args:
            username: the name.
            admin: whether they administrate the instance.
            external: whether they see no internal project.
            state: `active`, `blocked` or another state in which the account cannot be used.

        Raises:
            ValueError: no such state, or no such name can be, or a group has it.
        """
        if state is not None and state not in {ACTIVE, *DENIED}:
            raise ValueError(f"there is no state {state!r}; the states are {', '.join([ACTIVE, *DENIED])}")
        _text(username, "user")
        user = self._users.get(username.lower())
        if user is None:
            check_path(username, "name of a user", parts=1)
            if username.lower() in self._groups:
                raise ValueError(f"{username!r} is a group; choose another name")
            user = self._users[username.lower()] = User(username, self, next(self._user_ids))
        user.admin = user.admin if admin is None else admin
        user.external = user.external if external is None else external
        user.state = user.state if state is None else state
        return user

    def group(self, path: str, *, visibility: Seen | None = None) -> Group:
        """Return the group of that path, made if there is none, with the groups above it.

        Args:
            path: its full path, such as `acme/tools`.
            visibility: `private` (that of the group above if left out), `internal` or `public`.

        Raises:
            ValueError: a user has that name, or the group above is less visible.
        """
        _text(path, "group")
        found = self._groups.get(path.lower())
        if isinstance(found, UserNamespace):
            raise ValueError(f"{path!r} is the namespace of a user, not a group; choose another path")  # noqa: TRY004 - not a matter of types.
        above, _, name = path.rpartition("/")
        parent = self._parent(above, visibility) if above else None
        if found is None:
            check_path(path, "path of a group")
            if path.lower() in self._projects or path.lower() in self._users:
                kind = "project" if path.lower() in self._projects else "user"
                raise ValueError(f"{path!r} is a {kind}; choose another path")
            wanted = parent.visibility if parent else Visibility.PRIVATE
            wanted = word(Visibility, visibility, "visibility") if visibility else wanted
            self._check_visible(path, wanted, parent)
            found = Group(next(self._namespace_ids), path, name, wanted, self, parent)
            self._groups[path.lower()] = self._groups[str(found.id)] = found
        elif visibility is not None:
            self._check_visible(path, word(Visibility, visibility, "visibility"), parent)
            found.visibility = word(Visibility, visibility, "visibility")
        return found

    def namespace_of(self, user: User) -> UserNamespace:
        """Return the namespace of a user's own projects."""
        if user.namespace is None:
            number = next(self._namespace_ids)
            space = UserNamespace(number, user.username, user.username, Visibility.PUBLIC, user)
            user.namespace = self._groups[user.username.lower()] = self._groups[str(number)] = space
        return user.namespace

    def project(
        self,
        path: str,
        *,
        visibility: Seen | None = None,
        name: str | None = None,
        package_registry: RegistryLevel | None = None,
    ) -> Project:
        """Return the project of that path, made if there is none, with the groups that it lies in.

        Args:
            path: its full path, such as `acme/tools/demo`; a user's name is that user's own namespace.
            visibility: `private` (if left out), `internal` or `public`.
            name: what pages call it; the last part of the path if left out.
            package_registry: who uses it: `disabled`, `private`, `enabled` (if left out) or `public`.

        Raises:
            ValueError: the path lies in no group, or its group is less visible, or a word is none of these.
        """
        above, last = self._split(path)
        project = self._projects.get(path.lower())
        if project is None:
            if path.lower() in self._groups:
                raise ValueError(f"{path!r} is a group; choose another path")
            user = self._users.get(above.lower())
            parent: Namespace = self.namespace_of(user) if user is not None else self._parent(above, visibility)
            project = Project(next(self._project_ids), path, last, Visibility.PRIVATE, self, parent)
            self._projects[path.lower()] = self._projects[str(project.id)] = project
        if visibility is not None:
            self._check_visible(path, word(Visibility, visibility, "visibility"), project.parent)
            project.visibility = word(Visibility, visibility, "visibility")
        if package_registry is not None:
            project.set_package_registry(package_registry)
        project.name = project.name if name is None else name
        return project

    def _parent(self, path: str, visibility: Seen | None) -> Group:
        """Return the group in which something lies; one that is made for it is as visible as it."""
        return self.group(path, visibility=None if path.lower() in self._groups else visibility)

    @staticmethod
    def _check_visible(path: str, wanted: Visibility, parent: Namespace | None) -> None:
        above = VISIBILITY_ORDER.index(parent.visibility) if parent is not None else len(VISIBILITY_ORDER)
        if parent is not None and VISIBILITY_ORDER.index(wanted) > above:
            raise ValueError(
                f"{path!r} cannot be {wanted.value} in the {parent.visibility.value} group {parent.path!r}; "
                f"make the group {wanted.value} first: group({parent.path!r}, visibility={wanted.value!r})"
            )

    def move(self, project: Project, path: str) -> None:
        """Rename a project; its old path still leads to it.

        Raises:
            ValueError: something else has that path, or it lies in no group.
        """
        above, last = self._split(path)
        if self._projects.get(path.lower(), project) is not project or path.lower() in self._groups:
            raise ValueError(f"there is something at {path!r} already; choose another path")
        user = self._users.get(above.lower())
        project.parent = self.namespace_of(user) if user is not None else self._parent(above, project.visibility.value)
        if project.name == project.path.rpartition("/")[2]:
            project.name = last
        project.path = path
        self._projects[path.lower()] = project

    @staticmethod
    def _split(path: str) -> tuple[str, str]:
        _text(path, "project")
        above, _, last = path.rpartition("/")
        if not above:
            raise ValueError(f"a project lies in a group, as in 'acme/{path}', not alone as {path!r}")
        check_path(path, "path of a project")
        return above, last


def _text(name: object, what: str) -> None:
    """Refuse a name that is no text."""
    if not isinstance(name, str):
        raise ValueError(f"a {what}'s name is a text, not {name!r}")  # noqa: TRY004 - as all of these.
