"""The public index's users, projects and tokens, and the ready world of every one."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.checked import a
from pytest_pyreg.flavours.alone import Alone
from pytest_pyreg.flavours.by_secret import BySecret
from pytest_pyreg.flavours.pypi import features, ready, tokens
from pytest_pyreg.flavours.pypi.form import NAME
from pytest_pyreg.flavours.pypi.names import PROHIBITED
from pytest_pyreg.flavours.pypi.people import Caller, Organization, Project, Publisher, User
from pytest_pyreg.flavours.pypi.rates import Rates
from pytest_pyreg.flavours.pypi.settings import Settings
from pytest_pyreg.flavours.pypi.tokens import Caveat
from pytest_pyreg.flavours.releases import OfARelease
from pytest_pyreg.identity import Credential, Permission, Via
from pytest_pyreg.model import Namespace, Visibility
from pytest_pyreg.pages import PageCache

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Collection, Iterable, Sequence

    from packaging.utils import NormalizedName

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours.base import Flavour
    from pytest_pyreg.flavours.worlds import Ready
    from pytest_pyreg.identity import Identity
    from pytest_pyreg.index import Index
    from pytest_pyreg.model import File, Release
    from pytest_pyreg.worldfile import Named, Table

MINTED_LASTS = timedelta(seconds=900)
_READING = frozenset({Permission.SEE, Permission.READ})


class PyPIWorld(OfARelease, BySecret, Alone):
    """What the index knows of people and projects.

    Args:
        flavour: which era it is.
        clock: the time of what is made, and whether a token has expired.
        chance: makes the tokens.
    """

    upstream: Callable[[], str]
    storage: Callable[[str], str]
    url: str = ""

    def __init__(self, flavour: Flavour, clock: Clock, chance: random.Random) -> None:
        self._flavour = flavour
        self._clock = clock
        self._chance = chance
        self._users: dict[str, User] = {}
        self._organizations: dict[str, Organization] = {}
        self._projects: dict[NormalizedName, Project] = {}
        self._tokens: dict[str, Caller] = {}
        self._index: Index | None = None
        self.burned: set[str] = set()
        """File names that were used once and never can be again."""
        self.prohibited = set(PROHIBITED)
        """Names that no project may have."""
        self.settings = Settings()
        for name, value in flavour.settings.items():
            setattr(self.settings, name, value)
        self.rates = Rates(clock)
        self.pages = PageCache()
        self.receiving = threading.Lock()
        """Held from the first look at what is stored to the moment at which an upload is: one at a time."""
        self.home = Namespace(1, "", "index", Visibility.PUBLIC)
        _, self.publisher, self.reader, self.stranger = self.another()

    def another(self) -> Ready:
        """Make users of the ready kinds besides those that there are; see `ready.made`."""
        return ready.made(self)

    def has_user(self, name: str) -> bool:
        """Tell whether there is such a user."""
        return name.lower() in self._users

    # -- making things -------------------------------------------------------------------------------------------------

    def user(
        self,
        name: str,
        *,
        email_verified: bool | None = None,
        two_factor: bool | None = None,
        frozen: bool | None = None,
    ) -> User:
        """Return the user of that name, made if there is none, with these facts changed.

        Args:
            name: the name.
            email_verified: whether their primary e-mail address is.
            two_factor: whether they have a second factor.
            frozen: whether the account cannot be used.

        Raises:
            ValueError: the name is none.
        """
        _text(name, "user")
        found = self._users.setdefault(name.lower(), User(name, self))
        found.email_verified = found.email_verified if email_verified is None else email_verified
        found.two_factor = found.two_factor if two_factor is None else two_factor
        found.frozen = found.frozen if frozen is None else frozen
        return found

    def organization(self, name: str, *, good_standing: bool | None = None) -> Organization:
        """Return the organisation of that name, made if there is none.

        Args:
            name: the name.
            good_standing: whether it is paid for and not under suspicion.

        Raises:
            ValueError: the name is none.
        """
        _text(name, "organization")
        found = self._organizations.setdefault(name.lower(), Organization(name))
        found.good_standing = found.good_standing if good_standing is None else good_standing
        return found

    def project(
        self,
        name: str,
        *,
        owners: Iterable[User] = (),
        maintainers: Iterable[User] = (),
        organization: Organization | None = None,
    ) -> Project:
        """Return the project of that name, made if there is none, with these people added.

        Args:
            name: the name, in any spelling.
            owners: who may upload and decide.
            maintainers: who may upload.
            organization: what it belongs to.

        Raises:
            ValueError: the name is none that the index would take, or the people or the organization are none of here.
        """
        _text(name, "project")
        if not NAME.match(name):
            raise ValueError(f"{name!r} is no name of a project; use letters, digits and, between them, - _ or .")
        if organization is not None and organization not in self._organizations.values():
            raise ValueError(f"{organization!r} is no organization of this index; make one by organization(name)")
        found = self.known(canonicalize_name(name))
        if found is None:
            found = self.register(Project(name, self, self._clock.now()))
        for user in owners:
            found.add_owner(user)
        for user in maintainers:
            found.add_maintainer(user)
        found.organization = organization or found.organization
        return found

    def issue_token(self, user: User, project: Project | str | None, lasts: timedelta | None) -> Credential:
        """Make an API token; see `User.api_token`."""
        caveats = [Caveat("user")]
        if project is not None:
            target = self.known(canonicalize_name(project)) if isinstance(project, str) else project
            if target is None or target.office is not self:
                raise ValueError(f"there is no project {project!r} here; make it first, by `project(...)` or an upload")
            # The name and the id, each a caveat of its own (warehouse/macaroons/caveats/__init__.py).
            caveats = [Caveat("name", project=target), Caveat("id", project=target)]
        if lasts is not None:
            caveats.append(Caveat("expires", until=self._clock.now() + lasts))
        return self._issued(Caller(f"user {user.name}", user=user, caveats=tuple(caveats)))

    def mint(self, publisher: Publisher) -> Credential:
        """Make the token that a run of a trusted publisher gets; see `Publisher.mint`."""
        caveats = (
            Caveat("publisher", projects=tuple(publisher.projects)),
            Caveat("expires", until=self._clock.now() + MINTED_LASTS),
        )
        return self._issued(Caller(f"a {publisher.kind} publisher", publisher=publisher, caveats=caveats))

    def revoke(self, credential: Credential) -> None:
        """Delete a token."""
        self._tokens.pop(credential.secret, None)

    def _issued(self, caller: Caller) -> Credential:
        secret = tokens.opaque(self._chance)
        self._tokens[secret] = caller
        return Credential("__token__", secret)

    @property
    def rules_off(self) -> frozenset[str]:
        """The rules that there are not yet."""
        known = self._flavour.features
        return frozenset(
            name.removeprefix(features.RULE) for name in known if name.startswith(features.RULE) and not known[name]
        )

    # -- projects ------------------------------------------------------------------------------------------------------

    def stocked(self, index: Index) -> None:
        """Learn where the releases are; the registry says so once."""
        self._index = index

    def known(self, normalized: NormalizedName) -> Project | None:
        """Return a project; one that was only ever filled by hand belongs to the ready publisher."""
        found = self._projects.get(normalized)
        if found is None and self._index is not None:
            page = self._index.page([self.home], normalized)
            if page is not None:
                found = self.register(Project(page.name, self, page.releases[0].created_at, [self.user("publisher")]))
        return found

    def projects(self) -> list[Project]:
        """Return all projects, by normalized name."""
        if self._index is not None:
            for release in self._index.releases([self.home]):
                self.known(release.normalized)
        return [self._projects[name] for name in sorted(self._projects)]

    def register(self, project: Project) -> Project:
        """Give a project its name."""
        found = self._projects.setdefault(project.normalized, project)
        self.changed(found)
        return found

    def changed(self, project: Project) -> None:
        """Note that a project's standing or people have changed."""
        if self._index is not None:
            self._index.touch(self.home, project.normalized)

    def forgotten(self, name: str) -> bool:
        """Delete a project whose releases are gone: its name is free for anybody, its files' names never are."""
        found = self._projects.pop(canonicalize_name(name), None)
        if found is not None:
            self.changed(found)
        return found is not None

    def deleted(self, release: Release, files: Iterable[File]) -> None:
        """Burn the names of files that were deleted."""
        del release
        self.burned |= {file.filename for file in files}

    # -- what the registry asks ----------------------------------------------------------------------------------------

    @property
    def metadata_versions(self) -> frozenset[str]:
        """The metadata versions that uploads may have."""
        return frozenset(version for version, feature in features.METADATA.items() if self.can(feature))

    def namespace(self, reference: str, kind: str) -> Namespace:
        """Return the one there is."""
        del reference, kind
        return self.home

    def identify(self, shown: Sequence[Credential], accepted: Collection[str]) -> Caller | None:
        """Find out whose token it is; a wrong one, or that of a frozen account, is nobody's."""
        del accepted
        for credential in shown:
            secret = credential.secret
            if credential.via is Via.HEADER:
                # The header itself is shown too: `token SECRET` is read here (warehouse/macaroons/security_policy.py).
                scheme, _, rest = secret.partition(" ")
                secret = rest.strip() if scheme.lower() == "token" else ""
            caller = self._tokens.get(secret)
            if caller is not None and not (caller.user is not None and caller.user.frozen):
                return caller
        return None

    def granted(self, identity: Identity | None, namespace: Namespace) -> frozenset[Permission]:
        """Everybody reads; who may upload at all, that is: to which projects is asked of these."""
        del namespace
        user = identity.user if isinstance(identity, Caller) else None
        trusted = identity is not None and (user is None or (user.email_verified and user.two_factor))
        return _READING | ({Permission.PUBLISH} if trusted else frozenset())

    def offers_json(self) -> bool:
        """Give pages as JSON to who wants them."""
        return self.settings.json and self.can(features.JSON)

    def load(self, file: Table) -> dict[str, Named]:
        """Make what a world file describes."""
        raise file.error("the public index takes no world file yet; make the world from Python")

    def ci_environment(self, url: str, ca: str = "", folder: str = "") -> dict[str, str]:
        """Return nothing: no CI system belongs to it."""
        del url, ca, folder
        return {}


def _text(name: object, what: str) -> None:
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"the name of {a(what)} is a text with something in it, not {name!r}")
