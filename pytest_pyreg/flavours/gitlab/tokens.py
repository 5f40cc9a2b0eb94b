"""Issuing a GitLab instance's tokens: personal, project and group access, deploy and job tokens."""

from __future__ import annotations

import itertools
import string
from datetime import timedelta
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.by_secret import BySecret
from pytest_pyreg.flavours.gitlab.authentication import CI_JOB_USER
from pytest_pyreg.flavours.gitlab.people import Caller, Token, User
from pytest_pyreg.flavours.gitlab.places import Group, Place, Project
from pytest_pyreg.flavours.gitlab.scopes import chosen
from pytest_pyreg.flavours.releases import OfARelease
from pytest_pyreg.identity import Credential, Role

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable
    from datetime import datetime

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours.gitlab.people import Expiry

_LETTERS = string.ascii_letters + string.digits


class Tokens(OfARelease, BySecret):
    """The tokens of an instance, by their secrets.

    Args:
        clock: tells when a token ends.
        chance: makes the secrets.
    """

    def __init__(self, clock: Clock, chance: random.Random) -> None:
        self._clock = clock
        self._chance = chance
        self._user_ids = itertools.count(1)
        self._token_ids, self._pipeline_ids = itertools.count(1), itertools.count(1)
        self._tokens: dict[str, Token] = {}
        self._pipelines: dict[int, User] = {}

    def revoke(self, credential: Credential) -> None:
        """Revoke a personal access or deploy token, or let the job of a job token end.

        Raises:
            ValueError: it is none of this registry's.
        """
        token = self._tokens.get(getattr(credential, "secret", ""))
        if token is None:
            # Without the frame's own words: the credential may be a secret of another place.
            raise ValueError("that is no credential of this registry: it was made by hand, or by another one")
        token.revoked = True

    def issue_personal_token(self, user: User, scopes: Iterable[str], expires: Expiry) -> Credential:
        """Make a personal access token; see `User.personal_token`."""
        caller = Caller(f"user {user.username}", chosen("personal", scopes), user=user)
        return self._issue(user.username, "glpat-", Token("personal", caller, self._until(expires)))

    def issue_access_token(self, place: Place, standing: Role, scopes: Iterable[str], expires: Expiry) -> Credential:
        """Make a project or group access token; see `Place.access_token`."""
        kind = "group" if isinstance(place, Group) else "project"
        bot = User(f"{kind}_{place.id}_bot_{next(self._token_ids)}", self, next(self._user_ids))
        place.members[bot] = standing
        return self.issue_personal_token(bot, scopes, expires)

    def issue_deploy_token(
        self, place: Place, scopes: Iterable[str], username: str | None, expires: Expiry
    ) -> Credential:
        """Make a deploy token; see `Place.deploy_token`."""
        username = username or f"gitlab+deploy-token-{next(self._token_ids)}"
        caller = Caller(f"deploy token {username}", deployed=place, deploy_scopes=chosen("deploy", scopes))
        return self._issue(username, "gldt-", Token("deploy", caller, self._until(expires)))

    def issue_job_token(self, project: Project, user: User) -> Credential:
        """Make a job's token; see `Project.job_token`."""
        name = f"a CI job of {user.username} in {project.path}"
        number = next(self._pipeline_ids)
        self._pipelines[number] = user
        caller = Caller(name, pipeline=number, user=user, job=project)
        return self._issue(CI_JOB_USER, "glcbt-64_", Token("job", caller))

    def _until(self, expires: datetime | timedelta | None) -> datetime | None:
        """Return when a token ends.

        Raises:
            ValueError: it is no time, or one without a zone.
        """
        if isinstance(expires, timedelta):
            return self._clock.now() + expires
        if expires is None or getattr(expires, "tzinfo", None) is not None:
            return expires
        raise ValueError(
            f"expires={expires!r} is no time with a zone, such as datetime(2030, 1, 31, tzinfo=timezone.utc), "
            "and no timedelta(days=30)"
        )

    def _issue(self, username: str, prefix: str, token: Token) -> Credential:
        secret = prefix + "".join(self._chance.choices(_LETTERS, k=20))
        self._tokens[secret] = token
        return Credential(username, secret)

    def user_of_pipeline(self, number: int) -> User:
        """Return the user whose pipeline it is."""
        return self._pipelines[number]
