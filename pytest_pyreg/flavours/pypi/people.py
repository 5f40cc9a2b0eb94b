"""The public index's users, organisations, projects and publishers: what a test makes and changes, in its words."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from packaging.utils import canonicalize_name

from pytest_pyreg.checked import Checked
from pytest_pyreg.identity import Identity

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from packaging.utils import NormalizedName

    from pytest_pyreg.flavours.pypi.tokens import Caveat
    from pytest_pyreg.identity import Credential


class Standing(str, Enum):
    """What a project's owners, or administrators, have made of it (PEP 792)."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    QUARANTINED = "quarantined"


class Office(Protocol):
    """What people and projects ask of their world."""

    def issue_token(self, user: User, project: Project | str | None, lasts: timedelta | None) -> Credential:
        """Make an API token."""
        ...

    def mint(self, publisher: Publisher) -> Credential:
        """Make the token that a run of a trusted publisher gets."""
        ...

    def changed(self, project: Project) -> None:
        """Note that a project's standing or people have changed."""
        ...


@dataclass(eq=False, repr=False)
class User(Checked):
    """A person with an account."""

    name: str
    office: Office = field(repr=False)
    email_verified: bool = True
    """Whether their primary e-mail address is."""
    two_factor: bool = True
    """Whether they have a second factor."""
    frozen: bool = False
    """Whether the account cannot be used."""

    def api_token(self, project: Project | str | None = None, *, lasts: timedelta | None = None) -> Credential:
        """Make an API token.

        Args:
            project: what it is limited to; the whole account if left out.
            lasts: after how long it expires; never if left out.
        """
        return self.office.issue_token(self, project, lasts)


@dataclass(eq=False, repr=False)
class Organization(Checked):
    """What may own projects."""

    name: str
    good_standing: bool = True


@dataclass(eq=False, repr=False)
class Publisher(Checked):
    """A trusted publisher of projects: a workflow elsewhere whose runs need no secret."""

    CALLED = "kind"

    kind: str
    """`GitHub`, `GitLab`, `Google` or `ActiveState`."""
    office: Office = field(repr=False)
    facts: dict[str, str | None] = field(default_factory=dict)
    """What the index shows of it beside files: repository, workflow, environment."""
    projects: list[Project] = field(default_factory=list, repr=False)

    def mint(self) -> Credential:
        """Make the token that a run of it gets: good for 900 seconds, for its projects."""
        return self.office.mint(self)


@dataclass(eq=False, repr=False)
class Project(Checked):
    """A project: it is there as long as somebody owns its name, with releases or without."""

    name: str
    office: Office = field(repr=False)
    created: datetime
    owners: list[User] = field(default_factory=list)
    maintainers: list[User] = field(default_factory=list)
    organization: Organization | None = None
    standing: Standing = Standing.ACTIVE
    publishers: list[Publisher] = field(default_factory=list)
    max_file_bytes: int | None = None
    """A larger limit than the index's own, once granted."""
    max_total_bytes: int | None = None
    quarantined_releases: set[str] = field(default_factory=set)
    """Versions that are kept from view, in any spelling."""

    @property
    def normalized(self) -> NormalizedName:
        """What makes two names one project (PEP 503)."""
        return canonicalize_name(self.name)

    def add_owner(self, user: User) -> None:
        """Let somebody upload, and decide who may."""
        self._add(self.owners, user)

    def add_maintainer(self, user: User) -> None:
        """Let somebody upload."""
        self._add(self.maintainers, user)

    def remove(self, user: User) -> None:
        """Take somebody's role away."""
        for people in (self.owners, self.maintainers):
            if user in people:
                people.remove(user)
        self.office.changed(self)

    def archive(self) -> None:
        """Close the project to uploads; it stays where it is."""
        self._stand(Standing.ARCHIVED)

    def unarchive(self) -> None:
        """Open it again."""
        self._stand(Standing.ACTIVE)

    def quarantine(self) -> None:
        """Take it out of the index for the time being, which freezes its owners' accounts."""
        for user in self.owners:
            user.frozen = True
        self._stand(Standing.QUARANTINED)

    def release_quarantine(self) -> None:
        """Give it back; frozen accounts stay frozen until somebody thaws them."""
        self._stand(Standing.ACTIVE)

    def quarantine_release(self, version: str) -> None:
        """Keep a release from view for the time being.

        Args:
            version: which, in any spelling.
        """
        self.quarantined_releases.add(version)
        self.office.changed(self)

    def trusted_publisher(
        self,
        *,
        github: str | None = None,
        gitlab: str | None = None,
        activestate: str | None = None,
        google: str | None = None,
        workflow: str = "release.yml",
        environment: str | None = None,
    ) -> Publisher:
        """Let the runs of a workflow upload without a secret.

        Args:
            github: `owner/repository` there; one of these four.
            gitlab: `namespace/project` there.
            activestate: `organization/project` there.
            google: a service account's e-mail address.
            workflow: the file that describes the workflow.
            environment: the environment that it has to run in; any if left out.

        Raises:
            ValueError: not exactly one place was named.
        """
        places = {"GitHub": github, "GitLab": gitlab, "ActiveState": activestate, "Google": google}
        named = {kind: place for kind, place in places.items() if place}
        if len(named) != 1:
            said = ", ".join(named) or "none"
            raise ValueError(f"name one place of {', '.join(places).lower()}; these were named: {said}")
        kind, place = next(iter(named.items()))
        shown: dict[str, dict[str, str | None]] = {
            "GitHub": {"environment": environment, "repository": place, "workflow": workflow},
            "GitLab": {"environment": environment, "repository": place, "workflow_filepath": workflow},
            "ActiveState": {"organization": place.partition("/")[0], "project": place.partition("/")[2]},
            "Google": {"email": place},
        }
        made = Publisher(kind, self.office, shown[kind], [self])
        self.publishers.append(made)
        return made

    def _add(self, people: list[User], user: User) -> None:
        if not isinstance(user, User):
            raise ValueError(f"a project's people are users, such as pypi.user('ada'), not {user!r}")  # noqa: TRY004 - as all of these.
        if user.office is not self.office:
            raise ValueError(f"{user.name!r} is a user of another registry; make one here")
        if user not in people:
            people.append(user)
        self.office.changed(self)

    def _stand(self, standing: Standing) -> None:
        self.standing = standing
        self.office.changed(self)


@dataclass(frozen=True)
class Caller(Identity):
    """Who a request comes from: a user or a publisher, with what the token is limited to."""

    user: User | None = None
    publisher: Publisher | None = None
    caveats: tuple[Caveat, ...] = ()
