"""GitLab's users, projects and tokens, in GitLab's words, and the ready world that every GitLab registry starts with.

Who a credential belongs to follows lib/gitlab/auth/auth_finders.rb and lib/api/api_guard.rb: deploy token first, then
personal access token, then job token; the first hit wins, and the user name matters only for job tokens.
"""

from __future__ import annotations

import itertools
import string
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitlab.ci import job_environment
from pytest_pyreg.identity import Credential, Identity, Role, Scope, Secrets, Via
from pytest_pyreg.model import Namespace, Visibility
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable
    from datetime import datetime

    from pytest_pyreg.clock import Clock

GUEST = Role("guest")
PLANNER = Role("planner")
REPORTER = Role("reporter")
DEVELOPER = Role("developer")
MAINTAINER = Role("maintainer")
OWNER = Role("owner")
DEPLOY_READ = Role("deploy token that reads packages")
DEPLOY_WRITE = Role("deploy token that writes packages")

CI_JOB_USER = "gitlab-ci-token"  # lib/gitlab/auth.rb

_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class _Token:
    """A token, whatever its kind: who it makes its bearer, and until when."""

    identity: Identity
    kind: str
    expires: datetime | None = None
    revoked: bool = False


@dataclass
class GitLabUser:
    """A person with an account."""

    username: str
    roles: dict[str, Role] = field(default_factory=dict)
    """Path of a project -> role there."""


class GitLabWorld:
    """What one GitLab instance knows.

    Args:
        clock: tells when a token has expired.
        chance: makes the tokens.
    """

    def __init__(self, clock: Clock, chance: random.Random) -> None:
        self._clock = clock
        self._chance = chance
        self._ids = itertools.count(1)
        self._projects: dict[str, Namespace] = {}
        self._tokens: dict[str, _Token] = {}
        self.home = self.project("acme/demo")
        publisher, reader, stranger = self.user("publisher"), self.user("reader"), self.user("stranger")
        self.add_member(self.home, publisher, DEVELOPER)
        self.add_member(self.home, reader, REPORTER)
        self.publisher = self.personal_token(publisher, ["api"])
        self.reader = self.personal_token(reader, ["read_api"])
        self.stranger = self.personal_token(stranger, ["api"])
        self._job = self.job_token(self.home, publisher)

    # -- making things -------------------------------------------------------------------------------------------------

    def project(self, path: str, *, visibility: str = "private") -> Namespace:
        """Make a project.

        Args:
            path: its full path, such as `acme/demo`.
            visibility: `private`, `internal` or `public`.
        """
        project = Namespace(next(self._ids), path, path.rpartition("/")[2], Visibility(visibility))
        self._projects[path.lower()] = self._projects[str(project.id)] = project
        return project

    def user(self, username: str) -> GitLabUser:
        """Make a user."""
        return GitLabUser(username)

    def add_member(self, project: Namespace, user: GitLabUser, role: Role) -> None:
        """Give a user a role in a project; tokens made earlier have it too."""
        user.roles[project.path] = role

    def personal_token(self, user: GitLabUser, scopes: Iterable[str], *, expires: datetime | None = None) -> Credential:
        """Make a personal access token, which stands for its user within its scopes."""
        identity = Identity(f"user {user.username}", user.roles, frozenset(map(Scope, scopes)))
        return self._issue(user.username, "glpat-", _Token(identity, "personal", expires))

    def deploy_token(
        self,
        project: Namespace,
        scopes: Iterable[str],
        *,
        username: str | None = None,
        expires: datetime | None = None,
    ) -> Credential:
        """Make a deploy token of a project.

        `write_package_registry` uploads and reads, `read_package_registry` reads.
        """
        wanted = set(scopes)
        username = username or f"gitlab+deploy-token-{next(self._ids)}"
        roles = {}
        if "write_package_registry" in wanted:
            roles[project.path] = DEPLOY_WRITE
        elif "read_package_registry" in wanted:
            roles[project.path] = DEPLOY_READ
        return self._issue(username, "gldt-", _Token(Identity(f"deploy token {username}", roles), "deploy", expires))

    def job_token(self, project: Namespace, user: GitLabUser) -> Credential:
        """Make the `CI_JOB_TOKEN` of a running job: its user's role, in the job's own project alone."""
        roles = {project.path: user.roles[project.path]} if project.path in user.roles else {}
        identity = Identity(f"a CI job of {user.username} in {project.path}", roles)
        return self._issue(CI_JOB_USER, "glcbt-64_", _Token(identity, "job"))

    def revoke(self, credential: Credential) -> None:
        """Revoke a personal access or deploy token, or let the job of a job token end."""
        self._tokens[credential.secret] = replace(self._tokens[credential.secret], revoked=True)

    # -- what the registry asks ----------------------------------------------------------------------------------------

    def namespace(self, reference: str) -> Namespace | None:
        """Find a project by number or full path.  A path without a slash is never found (lib/api/helpers.rb)."""
        return self._projects.get(reference.lower())

    def identify(self, credential: Credential) -> Identity | None:
        """Find out whose credential this is; None if GitLab goes on as if none had been sent."""
        token = self._tokens.get(credential.secret)
        kind = token.kind if token is not None else ""
        over = token is not None and token.expires is not None and token.expires <= self._clock.now()
        if token is not None and kind == "deploy":
            # Only active deploy tokens are looked for, so another one is no token at all.
            return self._unknown(credential) if over or token.revoked else token.identity
        if token is not None and kind == "personal":
            if token.revoked or over:
                raise Refused(
                    Refusal.TOKEN_REVOKED if token.revoked else Refusal.TOKEN_EXPIRED, who=token.identity.name
                )
            return token.identity
        named_as_job = credential.via is Via.BEARER or credential.username == CI_JOB_USER
        if token is not None and named_as_job and not token.revoked:
            return token.identity
        return self._unknown(credential)

    @staticmethod
    def _unknown(credential: Credential) -> None:
        # A bearer token and the job user's password must be right; any other password is as good as none.
        if credential.via is Via.BEARER or credential.username == CI_JOB_USER:
            raise Refused(Refusal.CREDENTIAL_UNKNOWN)

    def secrets(self) -> Secrets:
        """Return every token."""
        return Secrets(self._tokens)

    def ci_environment(self, url: str) -> dict[str, str]:
        """Return the variables of a job that runs in the ready project."""
        return job_environment(url, self.home, self._job)

    def _issue(self, username: str, prefix: str, token: _Token) -> Credential:
        secret = prefix + "".join(self._chance.choices(_LETTERS, k=20))
        self._tokens[secret] = token
        return Credential(username, secret)
