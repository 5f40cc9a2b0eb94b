"""A GitLab instance's users, groups, projects, tokens and settings, and the ready world that every one starts with."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitlab import authentication, features, forwarding, policy
from pytest_pyreg.flavours.gitlab.ci import job_environment
from pytest_pyreg.flavours.gitlab.people import ACTIVE, DENIED, Caller, User
from pytest_pyreg.flavours.gitlab.places import VISIBILITY_ORDER, AccessLevel, Group, Project, UserNamespace, word
from pytest_pyreg.flavours.gitlab.settings import DISK, FLAGS, PROXIED, Settings
from pytest_pyreg.flavours.gitlab.throttle import Throttles
from pytest_pyreg.flavours.gitlab.tokens import Tokens
from pytest_pyreg.identity import Credential, Permission
from pytest_pyreg.model import Namespace, Visibility

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Collection, Sequence

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours.base import Flavour
    from pytest_pyreg.identity import Identity
    from pytest_pyreg.worldfile import Named, Table


class NotYet(ValueError):
    """Something was asked of a GitLab that its release could not do yet."""


class GitLabWorld(Tokens):
    """What one GitLab instance knows.

    Args:
        flavour: which release it is.
        clock: tells when a token has expired.
        chance: makes the tokens.
    """

    upstream: Callable[[], str]
    storage: Callable[[str], str]
    url: str = ""

    def __init__(self, flavour: Flavour, clock: Clock, chance: random.Random) -> None:
        super().__init__(chance)
        self._flavour = flavour
        self._clock = clock
        self._project_ids, self._namespace_ids = itertools.count(1), itertools.count(1)
        self._projects: dict[str, Project] = {}
        self._groups: dict[str, Group | UserNamespace] = {}
        self._users: dict[str, User] = {}
        self._release_facts = tuple(map(self.can, (features.ALLOWLIST, features.JOBS_SEE_CLOSED, features.ARCHIVED)))
        self.settings = Settings()
        self.throttles = Throttles(clock)
        self.home = self.project("acme/demo")
        publisher, reader, stranger = self.user("publisher"), self.user("reader"), self.user("stranger")
        self.home.add_member(publisher, "developer")
        self.home.add_member(reader, "reporter")
        self.publisher = publisher.personal_token(["api"])
        self.reader = reader.personal_token(["read_api"])
        self.stranger = stranger.personal_token(["api"])
        self.job = self.issue_job_token(self.home, publisher)

    # -- making things -------------------------------------------------------------------------------------------------

    def user(
        self, username: str, *, admin: bool | None = None, external: bool | None = None, state: str | None = None
    ) -> User:
        """Return the user of that name, made if there is none, with these facts changed.

        Args:
            username: the name.
            admin: whether they administrate the instance.
            external: whether they see no internal project.
            state: `active`, `blocked` or another state in which the account cannot be used.

        Raises:
            ValueError: no such state.
        """
        if state is not None and state not in {ACTIVE, *DENIED}:
            raise ValueError(f"there is no state {state!r}; the states are {', '.join([ACTIVE, *DENIED])}")
        user = self._users.get(username.lower())
        if user is None:
            user = self._users[username.lower()] = User(username, self)
        user.admin = user.admin if admin is None else admin
        user.external = user.external if external is None else external
        user.state = user.state if state is None else state
        return user

    def group(self, path: str, *, visibility: str | None = None) -> Group:
        """Return the group of that path, made if there is none, with the groups above it.

        Args:
            path: its full path, such as `acme/tools`.
            visibility: `private` (that of the group above if left out), `internal` or `public`.

        Raises:
            ValueError: a user has that name, or the group above is less visible.
        """
        found = self._groups.get(path.lower())
        if isinstance(found, UserNamespace):
            raise ValueError(f"{path!r} is the namespace of a user, not a group; choose another path")  # noqa: TRY004 - not a matter of types.
        above, _, name = path.rpartition("/")
        parent = self._parent(above, visibility) if above else None
        if found is None:
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
        self, path: str, *, visibility: str | None = None, name: str | None = None, package_registry: str | None = None
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
        above, _, last = path.rpartition("/")
        if not above:
            raise ValueError(f"a project lies in a group, as in 'acme/{path}', not alone as {path!r}")
        project = self._projects.get(path.lower())
        if project is None:
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

    def _parent(self, path: str, visibility: str | None) -> Group:
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
        """Rename a project; its old path still leads to it."""
        parent, _, last = path.rpartition("/")
        project.parent = self.group(parent)
        project.path, project.name = path, last
        self._projects[path.lower()] = project

    def flag(self, name: str, *, on: bool = True) -> None:
        """Turn a feature flag on or off.

        Raises:
            NotYet: the release has no such flag.
        """
        if name not in FLAGS:
            raise ValueError(f"there is no flag {name!r} here; the flags are {', '.join(FLAGS)}")
        if on:
            self.require(name)
        self.settings.flags[name] = on

    def load(self, file: Table) -> dict[str, Named]:
        """Make what a world file describes; see `worldfile.load`."""
        from pytest_pyreg.flavours.gitlab import worldfile

        return worldfile.load(self, file, self._clock.now())

    # -- what it can do ------------------------------------------------------------------------------------------------

    def require(self, feature: str) -> None:
        """Refuse what the product could not do at this release.

        Raises:
            NotYet: it could not.
        """
        if not self.can(feature):
            raise NotYet(
                f"{self._flavour.name} has no {feature}; choose a later release ('pyreg flavours' lists what came when)"
            )

    def can(self, feature: str) -> bool:
        """Tell whether the product can do something at this release."""
        return bool(self._flavour.features.get(feature))

    # -- what the registry asks ----------------------------------------------------------------------------------------

    def namespace(self, reference: str, kind: str) -> Namespace | None:
        """Find a project or a group by number or full path; a project's path without a slash is never found."""
        if kind == "group":
            group = self._groups.get(reference.lower())
            return group if isinstance(group, Group) else None
        project = self._projects.get(reference.lower())
        return None if project is None or project.deletion_pending else project

    def identify(self, shown: Sequence[Credential], accepted: Collection[str]) -> Caller | None:
        """Find out whose credentials these are; None if GitLab goes on as if none had been sent."""
        return authentication.identify(shown, accepted, self._tokens, self._clock.now(), self.url)

    def granted(self, identity: Identity | None, namespace: Namespace) -> frozenset[Permission]:
        """Return all that the caller may do in a project or a group."""
        caller = identity if isinstance(identity, Caller) else None
        if isinstance(namespace, Group):
            return policy.in_group(caller, namespace, self.projects_in(namespace), self._facts())
        assert isinstance(namespace, Project), "an address names a project or a group"
        return policy.in_project(caller, namespace, self._facts())

    def searched(
        self, identity: Identity | None, namespace: Namespace, *, everything: bool = False
    ) -> tuple[Namespace, ...]:
        """Return the project itself, or the projects of a group whose packages the caller may read."""
        if not isinstance(namespace, Group):
            return (namespace,)
        caller = identity if isinstance(identity, Caller) else None
        # "Anyone may pull" holds at the project's own address alone (content id 58655005).
        facts = self._facts()._replace(anyone_pulls=False)
        return tuple(
            project
            for project in self.projects_in(namespace)
            if everything or Permission.READ in policy.in_project(caller, project, facts)
        )

    def projects_in(self, group: Group) -> tuple[Project, ...]:
        """Return every project of a group and of the groups below it."""
        return tuple(
            project
            for key, project in self._projects.items()
            if key == str(project.id) and group in project.ancestors() and not project.deletion_pending
        )

    def _facts(self) -> policy.Facts:
        settings = self.settings
        pull = settings.flags[features.GUESTS_PULL], settings.package_registry_allow_anyone_to_pull_option
        return policy.Facts(*pull, *self._release_facts)

    def forwards(self, namespace: Namespace) -> bool:
        """Tell whether a project that is not in the namespace is looked for on the public index."""
        return self.can(features.FORWARDING) and forwarding.cascaded(self.settings, namespace)

    def forward(self, *, on: bool) -> None:
        """Turn forwarding to the public index on or off for the whole instance."""
        self.settings.pypi_package_requests_forwarding = on

    def offers_json(self) -> bool:
        """Tell whether pages are given as JSON to who wants it."""
        return self.settings.flags[features.JSON]

    def stores_elsewhere(self) -> bool:
        """Tell whether a download is a redirect to object storage."""
        return self.settings.storage not in {DISK, PROXIED}

    @property
    def release(self) -> str:
        """The release that this is, such as `17.4`."""
        return self._flavour.version

    @property
    def listing_delay(self) -> timedelta:
        """How long a package may be missing from the list of packages; pages show it at once."""
        return timedelta(minutes=10 if self.can(features.LATE_LISTING) else 0)

    def number_of(self, user: User) -> int:
        """Return a user's id."""
        return list(self._users.values()).index(user) + 1

    def ci_environment(self, url: str) -> dict[str, str]:
        """Return the variables of a job that runs in the ready project."""
        return job_environment(url, self.home, self.job)


__all__ = ["AccessLevel", "GitLabWorld", "NotYet"]
