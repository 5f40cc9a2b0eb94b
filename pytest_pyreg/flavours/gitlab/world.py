"""A GitLab instance's users, groups, projects, tokens and settings, and the ready world that every one starts with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitlab import authentication, features, forwarding, policy
from pytest_pyreg.flavours.gitlab.ci import Job, job_environment
from pytest_pyreg.flavours.gitlab.making import Makers
from pytest_pyreg.flavours.gitlab.people import Caller
from pytest_pyreg.flavours.gitlab.places import AccessLevel, Group, Project
from pytest_pyreg.flavours.gitlab.settings import DISK, FLAGS, PROXIED, Settings
from pytest_pyreg.flavours.gitlab.throttle import Throttles
from pytest_pyreg.flavours.stockless import Stockless
from pytest_pyreg.flavours.worlds import Ready, mark
from pytest_pyreg.identity import Credential, Permission

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Collection, Sequence

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours.base import Flavour
    from pytest_pyreg.identity import Identity
    from pytest_pyreg.model import Namespace
    from pytest_pyreg.worldfile import Named, Table


class GitLabWorld(Makers, Stockless):
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
        super().__init__(clock, chance)
        self._flavour = flavour
        self._release_facts = tuple(map(self.can, (features.ALLOWLIST, features.JOBS_SEE_CLOSED, features.ARCHIVED)))
        self.settings = Settings()
        self.settings.of(self.require)
        self.throttles = Throttles(clock)
        home, self.publisher, self.reader, self.stranger = self.another()
        assert isinstance(home, Project), "what is ready here is a project"
        self.home = home
        self.job = self.issue_job_token(home, self.user("publisher"))

    def another(self) -> Ready:
        """Make one more private project, with a publisher, a reader and a stranger of its own."""
        end = mark(lambda end: f"acme/demo{end}" in self._projects or f"publisher{end}" in self._users)
        home = self.project(f"acme/demo{end}")
        publisher, reader, stranger = (self.user(f"{name}{end}") for name in ("publisher", "reader", "stranger"))
        home.add_member(publisher, "developer")
        home.add_member(reader, "reporter")
        tokens = publisher.personal_token(["api"]), reader.personal_token(["read_api"])
        return Ready(home, *tokens, stranger.personal_token(["api"]))

    # -- settings -----------------------------------------------------------------------------------------------------

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
            for key, project in tuple(self._projects.items())  # Somebody may add one meanwhile.
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
        """Turn forwarding to the public index on for the whole instance, or off for every group and project of it."""
        # What the release does not have is off already.
        if self.can(features.FORWARDING):
            self.settings.pypi_package_requests_forwarding = on
        if self.can(features.GROUP_FORWARDING):
            self.settings.lock_pypi_package_requests_forwarding = not on

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

    def ci_environment(self, url: str, ca: str = "", folder: str = "") -> dict[str, str]:
        """Return the variables of a job that runs in the ready project."""
        project, token = self.home, self._tokens.get(self.job.secret)
        user = token.caller.user if token is not None else None
        starter = (user.id, user.username) if user is not None else (0, "")
        namespace = next((place.id for place in project.ancestors()), 0)
        return job_environment(
            Job(url, self.release, project, namespace, self.job.secret, starter, ca=ca, folder=folder)
        )


__all__ = ["AccessLevel", "GitLabWorld"]
