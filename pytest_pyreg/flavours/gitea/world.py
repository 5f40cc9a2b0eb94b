"""A Gitea or Forgejo instance's users, organisations, tokens and settings, and the ready world of every one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.alone import Alone
from pytest_pyreg.flavours.gitea import authentication, ci, features, policy
from pytest_pyreg.flavours.gitea.making import Makers
from pytest_pyreg.flavours.gitea.people import Caller, Organization, Owner, User
from pytest_pyreg.flavours.gitea.settings import Settings
from pytest_pyreg.flavours.stockless import Stockless
from pytest_pyreg.flavours.worlds import Ready, mark

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Collection, Sequence

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours.base import Flavour
    from pytest_pyreg.identity import Credential, Identity, Permission
    from pytest_pyreg.model import Namespace
    from pytest_pyreg.worldfile import Named, Table


class GiteaWorld(Makers, Stockless, Alone):
    """What one instance knows.

    Args:
        flavour: which product and release it is.
        clock: unused yet: tokens of these products do not expire.
        chance: makes the tokens.
    """

    upstream: Callable[[], str]
    storage: Callable[[str], str]
    url: str = ""
    _job: Credential | None = None
    """The token of a running job, once somebody has asked for it."""

    def __init__(self, flavour: Flavour, clock: Clock, chance: random.Random) -> None:
        del clock
        super().__init__(flavour, chance)
        self.settings = Settings()
        self.settings.of(self.require)
        for name, value in flavour.settings.items():
            setattr(self.settings, name, value)
        self.home: Owner
        home, self.publisher, self.reader, self.stranger = self.another()
        assert isinstance(home, Owner), "what is ready here is an organisation"
        self.home = home

    def another(self) -> Ready:
        """Make one more private organisation, with a publisher, a reader and a stranger of its own."""
        end = mark(lambda end: not {f"acme{end}", f"publisher{end}"}.isdisjoint(self._owners))
        publisher, reader, stranger = (self.user(f"{name}{end}") for name in ("publisher", "reader", "stranger"))
        tokens = publisher.token(), self._reading(reader), stranger.token()
        home = self.organization(f"acme{end}", visibility="private")
        self._enrol(home, publisher, reader)
        return Ready(home, *tokens)

    def settle(self, home: Owner) -> None:
        """Let the registry's own URLs point to an owner, and the ready users do there what they are called after.

        In an organisation they are in teams.  What a user owns nobody else may write to: there the user publishes.

        Raises:
            ValueError: it is no owner of this registry.
        """
        self.check_mine(home)
        self.home = home
        if isinstance(home, Organization):
            self._enrol(home, self.user("publisher"), self.user("reader"))
        elif isinstance(home, User):
            self.publisher = home.token()
            if self.can(features.SCOPES):
                self.reader = self._reading(home)

    @staticmethod
    def _enrol(home: Organization, publisher: User, reader: User) -> None:
        home.team("publishers", access="write", members=[publisher])
        home.team("readers", access="read", members=[reader])

    def _reading(self, user: User) -> Credential:
        return user.token(["read:package"] if self.can(features.SCOPES) else None)

    @property
    def release(self) -> str:
        """The release as the instance itself says it; Forgejo names the Gitea that it is compatible with."""
        parts = [*self._flavour.version.split("."), "0", "0"][:3]
        return ".".join(parts) + ("+gitea-1.22.0" if self._flavour.product == "forgejo" else "")

    def load(self, file: Table) -> dict[str, Named]:
        """Make what a world file describes; see `worldfile.load`."""
        from pytest_pyreg.flavours.gitea import worldfile

        return worldfile.load(self, file)

    # -- what the registry asks ----------------------------------------------------------------------------------------

    def namespace(self, reference: str, kind: str) -> Owner | None:
        """Find an owner by name, whatever its case."""
        del kind
        return self._owners.get(reference.lower())

    def user_called(self, name: str) -> User | None:
        """Find a user by what they sign in with: their name, or their e-mail address."""
        users = self.users()
        return next((user for user in users if name.lower() in {user.name.lower(), user.email.lower() or None}), None)

    def renamed(self, reference: str) -> Owner | None:
        """Find an owner by a former name."""
        return next((owner for owner in self.owners() if reference.lower() in owner.former_names), None)

    def identify(self, shown: Sequence[Credential], accepted: Collection[str]) -> Caller | None:
        """Find out whose credentials these are."""
        users = {user.name.lower(): user for user in self.users()}
        users |= {user.email.lower(): user for user in users.values() if user.email}
        rules = authentication.Rules(
            jwt="jwt" in accepted,
            unreadable_is_none=self.can(features.UNREADABLE_IS_NONE),
            wrong_is_anonymous=not self.can(features.WRONG_IS_REFUSED),
            basic_allowed=self.settings.enable_basic_authentication,
            query_allowed=not self.settings.disable_query_auth_token,
            oauth_limited_as_basic=self.can(features.OAUTH_SCOPES_AS_BASIC),
            second_factors=frozenset({"totp"} if self.can(features.TOTP) else ())
            | ({"webauthn"} if self.can(features.WEBAUTHN) else frozenset()),
        )
        return authentication.identify(shown, authentication.Known(self._tokens, users), rules)

    def granted(self, identity: Identity | None, namespace: Namespace) -> frozenset[Permission]:
        """Return all that the caller may do with an owner's packages."""
        assert isinstance(namespace, Owner), "an address names an owner"
        limited = isinstance(identity, Caller) and identity.public_only and self.can(features.PUBLIC_ONLY_IS_NO_ADMIN)
        facts = policy.Facts(
            sign_in_required=self.settings.require_signin_view,
            accounts_checked=self.can(features.ACCOUNTS_CHECKED),
            administrators=not limited,
            teams_by_unit=self.can(features.TEAMS_BY_UNIT),
            public_for_restricted=self.can(features.PUBLIC_FOR_RESTRICTED) and not self.settings.require_signin_view,
        )
        return policy.granted(identity.user if isinstance(identity, Caller) else None, namespace, facts)

    def offers_json(self) -> bool:
        """Give pages as JSON to who wants them, where the product has them."""
        return self.can(features.JSON)

    def stores_elsewhere(self) -> bool:
        """Tell whether a download is a redirect to a storage."""
        return self.settings.serve_direct and self.can(features.SERVE_DIRECT)

    def ci_environment(self, url: str, ca: str = "", folder: str = "") -> dict[str, str]:
        """Return the variables of a job of the product's own CI system, which says nothing of certificates."""
        del ca
        if not self.can(features.ACTIONS):
            return {}
        if self._job is None or self._job.secret not in self._tokens:
            self._job = self.issue_job_token(f"{self.home.name}/demo")
        return ci.job_environment(self._flavour.product, url, self.home.name, self._job.secret, folder)
