"""Who a credential belongs to.

lib/gitlab/auth/auth_finders.rb and lib/api/api_guard.rb: deploy token first, then personal access token, then job
token; the first hit wins.  The user name matters only for job tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitlab.people import ACTIVE, DENIED
from pytest_pyreg.identity import Via
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from pytest_pyreg.flavours.gitlab.people import Caller, Token
    from pytest_pyreg.identity import Credential

CI_JOB_USER = "gitlab-ci-token"  # lib/gitlab/auth.rb

# The ways of showing a credential, which a route accepts or does not.
BASIC_PERSONAL = "a personal token by basic auth"
PERSONAL = "a personal token by header, bearer or parameter"
BASIC_DEPLOY = "a deploy token by basic auth"
DEPLOY = "a deploy token by header or bearer"
BASIC_JOB = "a job token by basic auth"
JOB = "a job token by header or parameter"

_DEPLOY_FIELDS = {"Deploy-Token"}
_PERSONAL_FIELDS = {"PRIVATE-TOKEN", "private_token"}
_JOB_FIELDS = {"JOB-TOKEN", "job_token", "token"}
_FIRST = (Via.QUERY, Via.HEADER, Via.BEARER)
"""Of several tokens the first of these counts."""


def identify(
    shown: Sequence[Credential], accepted: Collection[str], tokens: Mapping[str, Token], now: datetime, url: str
) -> Caller | None:
    """Find out whose credentials these are; None if GitLab goes on as if none had been sent.

    Args:
        shown: every credential of the request.
        accepted: the ways of showing one that hold at this address.
        tokens: all that were issued, by their secrets.
        now: the time.
        url: the instance's own URL.

    Raises:
        Refused: CREDENTIAL_UNKNOWN, TOKEN_REVOKED, TOKEN_EXPIRED or ACCOUNT_UNUSABLE.
    """
    caller = (
        _deploy(shown, accepted, tokens, now)
        or _personal(shown, accepted, tokens, now)
        or _job(shown, accepted, tokens)
    )
    user = caller.user if caller is not None else None
    if caller is not None and user is not None and user.state != ACTIVE:
        raise Refused(
            Refusal.ACCOUNT_UNUSABLE, who=caller.name, reason=DENIED[user.state].format(url=url, username=user.username)
        )
    return caller


def _deploy(
    shown: Sequence[Credential], accepted: Collection[str], tokens: Mapping[str, Token], now: datetime
) -> Caller | None:
    """Find a deploy token.  Only active ones are looked for, so another one is no token at all."""
    basic = [credential for credential in shown if credential.via is Via.BASIC and BASIC_DEPLOY in accepted]
    others = [credential for credential in shown if _carries(credential, _DEPLOY_FIELDS) and DEPLOY in accepted]
    for credential in basic or others:  # Basic auth replaces the header, even if it is wrong.
        token = tokens.get(credential.secret)
        if token is not None and token.kind == "deploy" and not token.revoked and not _over(token, now):
            return token.caller
    return None


def _personal(
    shown: Sequence[Credential], accepted: Collection[str], tokens: Mapping[str, Token], now: datetime
) -> Caller | None:
    """Find a personal token: one that is known but over, and an unknown one that is no password, are refused."""
    basic = [credential for credential in shown if credential.via is Via.BASIC and BASIC_PERSONAL in accepted]
    others = [credential for credential in shown if _carries(credential, _PERSONAL_FIELDS) and PERSONAL in accepted]
    others.sort(key=lambda credential: _FIRST.index(credential.via))
    for credential in others[:1] or basic:
        token = tokens.get(credential.secret)
        if token is not None and token.kind == "personal":
            if token.revoked or _over(token, now):
                raise Refused(Refusal.TOKEN_REVOKED if token.revoked else Refusal.TOKEN_EXPIRED, who=token.caller.name)
            return token.caller
        jobs = credential.via is Via.BEARER and (BASIC_JOB in accepted or JOB in accepted)
        if jobs and token is not None and token.kind == "job" and not token.revoked:
            return token.caller
        if others:
            raise Refused(Refusal.CREDENTIAL_UNKNOWN)
    return None


def _job(shown: Sequence[Credential], accepted: Collection[str], tokens: Mapping[str, Token]) -> Caller | None:
    """Find a job token: under the job's user name, and in a field of its own, it must be right."""
    for credential in shown:
        if credential.via is Via.BASIC:
            fits = BASIC_JOB in accepted and credential.username == CI_JOB_USER
        else:
            fits = JOB in accepted and credential.via is not Via.BEARER and credential.username in _JOB_FIELDS
        if not fits:
            continue
        token = tokens.get(credential.secret)
        if token is None or token.kind != "job" or token.revoked:
            raise Refused(Refusal.CREDENTIAL_UNKNOWN)
        return token.caller
    return None


def _carries(credential: Credential, fields: Collection[str]) -> bool:
    return credential.via is Via.BEARER or (credential.via is not Via.BASIC and credential.username in fields)


def _over(token: Token, now: datetime) -> bool:
    return token.expires is not None and token.expires <= now
