"""What the REST API says of a wrong credential: the errors of who looked at it (services/auth, models/user).

Gitea to 1.25.1 and Forgejo to 15 tell the last one, Forgejo 17 all of them (d883bd8f, services/auth/method/group.go).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitea import checks
from pytest_pyreg.flavours.gitea.authentication import AUTHORIZATION
from pytest_pyreg.identity import Credential, Via

if TYPE_CHECKING:
    from pytest_pyreg.visit import Visit

_EMPTY = Credential("", "")
_NO_JWT = "token is malformed: token contains an invalid number of segments"


def last_error(key: str, visit: Visit) -> str:
    """Return what was wrong in the end; a token that is none is an unknown user.

    Args:
        key: what the words say of a key besides, to 1.21.
        visit: the request.
    """
    basic = _basic(visit)
    return _of_password(basic, key, visit) if basic is not None else f"user does not exist [uid: 0, name: {key}]"


def all_errors(visit: Visit) -> str:
    """Return what everybody who looked had against it."""
    basic = _basic(visit)
    if basic is not None:
        token = basic.secret if basic.secret not in {"", "x-oauth-basic"} else basic.username
        return "\n".join([_NO_JWT, _of_password(basic, "", visit), _no_token(token), _no_task(token)])
    token = next((one.secret for one in visit.shown if one.via is Via.QUERY), "")
    in_header = not token
    if in_header:
        header = (
            next((one.secret for one in visit.shown if one.via is Via.BEARER), "") or _header(visit).partition(" ")[2]
        )
        token = header.strip()
    errors = [_NO_JWT, _no_token(token), _NO_JWT, _no_task(token)]
    return "\n".join(errors + [f"authorized integration: parse JWT error: {_NO_JWT}"] * in_header)


def _no_token(token: str) -> str:
    return f"access token does not exist [sha: {token}]" if token else "access token is empty"


def _no_task(token: str) -> str:
    return f'task with token "{token}": resource does not exist'


def _header(visit: Visit) -> str:
    return next((one.secret for one in visit.shown if one.via is Via.HEADER and one.username == AUTHORIZATION), "")


def _basic(visit: Visit) -> Credential | None:
    """Return the credential of Basic; one that cannot be read is an empty one."""
    scheme, _, value = _header(visit).partition(" ")
    if scheme.lower() != "basic" or not value:
        return None
    found = next((one for one in visit.shown if one.via is Via.BASIC), _EMPTY)
    try:
        decoded = base64.b64decode(value)
    except ValueError:
        return _EMPTY
    return found if b":" in decoded else _EMPTY


def _of_password(credential: Credential, key: str, visit: Visit) -> str:
    user = checks.world_of(visit).user_called(credential.username)
    if user is None and "@" in credential.username:
        return f"Email address does not exist [email: {credential.username}]"
    if user is None:
        return f"user does not exist [uid: 0, name: {credential.username}{key}]"
    if user.password and credential.secret == user.password and user.prohibit_login:
        return f"user is not allowed login [uid: {user.id}, name: {user.name}{key}]"
    return f"user's password is invalid [uid: {user.id}, name: {user.name}]"
