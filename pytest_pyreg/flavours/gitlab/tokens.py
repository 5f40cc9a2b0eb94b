"""Issuing a GitLab instance's tokens: personal, project and group access, deploy and job tokens."""

from __future__ import annotations

import itertools
import string
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitlab.authentication import CI_JOB_USER
from pytest_pyreg.flavours.gitlab.people import Caller, Token, User
from pytest_pyreg.flavours.gitlab.places import Group, Place, Project
from pytest_pyreg.identity import Credential, Role, Scope, Secrets

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable
    from datetime import datetime

_LETTERS = string.ascii_letters + string.digits


class Tokens:
    """The tokens of an instance, by their secrets.

    Args:
        chance: makes the secrets.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._token_ids, self._pipeline_ids = itertools.count(1), itertools.count(1)
        self._tokens: dict[str, Token] = {}
        self._pipelines: dict[int, User] = {}

    def require(self, feature: str) -> None:
        """Refuse what the product could not do at this release."""
        raise NotImplementedError

    def revoke(self, credential: Credential) -> None:
        """Revoke a personal access or deploy token, or let the job of a job token end."""
        self._tokens[credential.secret].revoked = True

    def fix_secret(self, credential: Credential, secret: str) -> Credential:
        """Let a token that was issued have a secret that is known beforehand."""
        self._tokens[secret] = self._tokens.pop(credential.secret)
        return Credential(credential.username, secret)

    def issue_personal_token(self, user: User, scopes: Iterable[str], expires: datetime | None) -> Credential:
        """Make a personal access token; see `User.personal_token`."""
        caller = Caller(f"user {user.username}", frozenset(map(Scope, scopes)), user=user)
        return self._issue(user.username, "glpat-", Token("personal", caller, expires))

    def issue_access_token(
        self, place: Place, standing: Role, scopes: Iterable[str], expires: datetime | None
    ) -> Credential:
        """Make a project or group access token; see `Place.access_token`."""
        bot = User(f"{'group' if isinstance(place, Group) else 'project'}_{place.id}_bot_{next(self._token_ids)}", self)
        place.members[bot] = standing
        return self.issue_personal_token(bot, scopes, expires)

    def issue_deploy_token(
        self, place: Place, scopes: Iterable[str], username: str | None, expires: datetime | None
    ) -> Credential:
        """Make a deploy token; see `Place.deploy_token`."""
        username = username or f"gitlab+deploy-token-{next(self._token_ids)}"
        caller = Caller(f"deploy token {username}", deployed=place, deploy_scopes=frozenset(map(Scope, scopes)))
        return self._issue(username, "gldt-", Token("deploy", caller, expires))

    def issue_job_token(self, project: Project, user: User) -> Credential:
        """Make a job's token; see `Project.job_token`."""
        name = f"a CI job of {user.username} in {project.path}"
        number = next(self._pipeline_ids)
        self._pipelines[number] = user
        caller = Caller(name, pipeline=number, user=user, job=project)
        return self._issue(CI_JOB_USER, "glcbt-64_", Token("job", caller))

    def _issue(self, username: str, prefix: str, token: Token) -> Credential:
        secret = prefix + "".join(self._chance.choices(_LETTERS, k=20))
        self._tokens[secret] = token
        return Credential(username, secret)

    def user_of_pipeline(self, number: int) -> User:
        """Return the user whose pipeline it is."""
        return self._pipelines[number]

    def secrets(self) -> Secrets:
        """Return every token."""
        return Secrets(self._tokens)
