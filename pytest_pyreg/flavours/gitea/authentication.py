"""Who a credential belongs to: services/auth/basic.go, oauth2.go and auth.go (Gitea 1.23, Forgejo 12)."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pytest_pyreg.flavours.gitea.people import Caller
from pytest_pyreg.identity import Credential, Via
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_pyreg.flavours.gitea.people import User

AUTHORIZATION = "Authorization"
"""The header itself, shown besides what was read from it: one that means nothing is a wrong credential too."""
_OAUTH_BASIC = ("", "x-oauth-basic")
"""Passwords that say that the user name is the token."""


class Rules(NamedTuple):
    """What else decides."""

    jwt: bool
    """Whether a header that means nothing is a wrong credential: something looks into every one for a token."""
    unreadable_is_none: bool
    """Whether that holds for what wants to be Basic too."""
    wrong_is_anonymous: bool
    """Whether a wrong credential counts as none (to 1.17)."""
    basic_allowed: bool
    """`ENABLE_BASIC_AUTHENTICATION`: whether passwords are."""
    query_allowed: bool
    """Whether a token may stand in the address."""
    oauth_limited_as_basic: bool
    """Whether an OAuth2 access token keeps to its scopes where a password stands (services/auth/basic.go)."""
    second_factors: frozenset[str]
    """Which enrolled second factors keep a password alone from being enough."""


class Known(NamedTuple):
    """What a world has issued."""

    tokens: Mapping[str, Caller]
    users: Mapping[str, User]


def identify(shown: Sequence[Credential], known: Known, rules: Rules) -> Caller | None:
    """Find out whose credentials these are.

    Raises:
        Refused: CREDENTIAL_UNKNOWN, where a wrong one is not as good as none.
    """
    otp = next((one.secret for one in shown if one.via is Via.HEADER and one.username != AUTHORIZATION), "")
    presented = False
    lacking: User | None = None
    for credential in (_read(one, rules) for one in shown):
        if credential.via is Via.HEADER or (credential.via is Via.QUERY and not rules.query_allowed):
            continue
        if credential.via is Via.BASIC and _colonless(shown):
            presented = presented or rules.jwt or not rules.unreadable_is_none
            continue
        presented = True
        for secret in _tokens(credential):
            if secret in known.tokens:
                return _limited(known.tokens[secret], credential.via, rules)
        if credential.via is Via.BASIC and rules.basic_allowed:
            user = known.users.get(credential.username.lower())
            if user is not None and _password_right(user, credential):
                if _second_factor_shown(user, otp, rules):
                    return Caller(f"user {user.name}", user=user)
                lacking = user
    if presented and not rules.wrong_is_anonymous:
        said = lacking and f"user {lacking.name} has a second factor; a password alone is not enough"
        raise Refused(Refusal.CREDENTIAL_UNKNOWN, because=said or "")
    return None


def _limited(caller: Caller, via: Via, rules: Rules) -> Caller:
    """Return whose token it is, within what it is limited to here."""
    if not caller.oauth or via is not Via.BASIC or rules.oauth_limited_as_basic:
        return caller
    return replace(caller, scopes=None, public_only=False)


def _read(credential: Credential, rules: Rules) -> Credential:
    """Read the header itself: `token` is as good as `Bearer` (services/auth/oauth2.go).

    What wants to be Basic and is not is wrong; other things are if a JWT is looked for (services/packages/auth.go).
    """
    if credential.via is not Via.HEADER or credential.username != AUTHORIZATION:
        return credential
    scheme, _, value = credential.secret.strip().partition(" ")
    if scheme == "token" and len(value.split()) == 1:
        return Credential("", value.strip(), Via.BEARER)
    garbled = scheme.lower() == "basic" and value and not rules.unreadable_is_none
    return Credential("", "", Via.BEARER) if garbled or rules.jwt else credential


def _colonless(shown: Sequence[Credential]) -> bool:
    """Tell whether what is encoded in the header is no pair (modules/base/tool.go, `BasicAuthDecode`)."""
    headers = (one.secret for one in shown if one.via is Via.HEADER and one.username == AUTHORIZATION)
    return any(b":" not in base64.b64decode(header.strip().partition(" ")[2]) for header in headers)


def _tokens(credential: Credential) -> Iterator[str]:
    """Yield what may be a token: the password, or the user name if the password says so."""
    if credential.via is Via.BASIC and credential.secret in _OAUTH_BASIC:
        yield credential.username
    yield credential.secret


def _password_right(user: User, credential: Credential) -> bool:
    return bool(credential.secret) and credential.secret == user.password and not user.prohibit_login


def _second_factor_shown(user: User, otp: str, rules: Rules) -> bool:
    if user.two_factor not in rules.second_factors:
        return True
    return user.two_factor == "totp" and bool(user.otp) and otp == user.otp
