"""Gitea's words: who sees an owner, what a team may do, what a token is good for, and what names can be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeVar, get_args

from pytest_pyreg.checked import nearest
from pytest_pyreg.identity import Scope
from pytest_pyreg.model import Visibility

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Seen = Literal["public", "limited", "private"]
"""Who sees an owner: everybody, who is signed in, or who has a right to."""
Access = Literal["none", "read", "write", "admin"]
"""What can be given to a team; `owner` is what the team `Owners` has."""
VISIBILITIES: dict[Seen, Visibility] = {
    "public": Visibility.PUBLIC,
    "limited": Visibility.INTERNAL,
    "private": Visibility.PRIVATE,
}
LEVELS = ("none", "read", "write", "admin", "owner")
"""What a team may do with a unit, such as packages, in rising order (models/perm/access_mode.go)."""
ACCESS: tuple[Access, ...] = get_args(Access)
SECOND_FACTORS = ("totp", "webauthn")
LEAST_PASSWORD = 8
"""`[security] MIN_PASSWORD_LENGTH`, as it is if nobody says (modules/setting/security.go)."""

_CATEGORIES = (
    *("activitypub", "admin", "misc", "notification", "organization", "package", "issue", "repository", "user"),
)
# models/auth/access_token_scope.go from 1.20 on (G1.23, G1.27, F12 and F17 alike).
SCOPES = ("all", "public-only", *(f"{level}:{category}" for category in _CATEGORIES for level in ("read", "write")))
# The same file at 1.19.
SCOPES_1_19 = (
    *("all", "repo", "repo:status", "public_repo", "admin:org", "write:org", "read:org", "admin:public_key"),
    *("write:public_key", "read:public_key", "admin:repo_hook", "write:repo_hook", "read:repo_hook", "admin:org_hook"),
    *("admin:user_hook", "notification", "user", "read:user", "user:email", "user:follow", "delete_repo", "package"),
    *("write:package", "read:package", "delete:package", "admin:gpg_key", "write:gpg_key", "read:gpg_key"),
    *("admin:application", "write:application", "read:application", "sudo"),
)

OAUTH_GENERAL = ("openid", "profile", "email", "groups")
"""Scopes of a grant that say nothing of packages; see `oauth`."""

# modules/validation/helpers.go (G1.23); 1.17 is less strict (unverified from when on).
_NAME = re.compile(r"(?!.*[-._]{2})[0-9a-zA-Z](?:[-.\w]*[0-9a-zA-Z])?", re.ASCII)
_LONGEST_NAME = 40
_PLAIN = re.compile(r"[-.\w]+", re.ASCII)
# models/user/user.go: those that every release reserves, of 1.17, 1.23, 1.27, Forgejo 12 and 17.
_RESERVED = {
    *("api", "assets", "attachments", "avatar", "avatars", "captcha", "explore", "favicon.ico", "ghost", "issues"),
    *("login", "manifest.json", "metrics", "milestones", "notifications", "org", "pulls", "repo", "repo-avatars"),
    *("robots.txt", "ssh_info", "swagger.v1.json", "user", "v2"),
}
_RESERVED_ENDS = (".keys", ".gpg", ".rss", ".atom")


Word = TypeVar("Word", bound=str)


def word(text: object, known: Collection[Word], what: str, several: str = "") -> Word:
    """Return a word that must be one of several.

    Raises:
        ValueError: it is none of these.
    """
    for one in known:
        if one == text:
            return one
    near = nearest(text, known)
    hint = f", did you mean {near!r}? The" if near else "; the"
    raise ValueError(f"there is no {what} {text!r}{hint} {several or f'{what}s'} are {', '.join(known)}")


def visibility(text: object) -> Visibility:
    """Return who sees an owner, as the word for it or as what that stands for.

    Raises:
        ValueError: there is no such word.
    """
    if isinstance(text, Visibility):
        return text
    return VISIBILITIES[word(text, VISIBILITIES, "visibility", "visibilities")]


def scopes(wanted: Iterable[str], known: Collection[str]) -> frozenset[Scope]:
    """Return a token's scopes.

    Raises:
        ValueError: one is none that the release has, or they are one text, or none at all.
    """
    if isinstance(wanted, str):
        raise ValueError(f"scopes is a list, as in scopes=[{wanted!r}]")  # noqa: TRY004 - a text is a collection too.
    found = frozenset(Scope(word(scope, known, "scope")) for scope in wanted)
    if not found:
        raise ValueError(f"a token has at least one scope; the scopes are {', '.join(known)}")
    return found


def check_name(name: object, what: str) -> None:
    """Refuse what can be no user and no organisation.

    Raises:
        ValueError: it is made of other letters, or reserved.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise ValueError(
            f"{name!r} is no name of {what}: at most {_LONGEST_NAME} letters and digits, with single '-', '_' and '.' "
            "between them"
        )
    if name.lower() in _RESERVED or name.lower().endswith(_RESERVED_ENDS):
        raise ValueError(f"{name!r} is no name of {what}: it is reserved; choose another name")


def check_plain(name: object, what: str) -> None:
    """Refuse what can be no repository and no team.

    Raises:
        ValueError: it is made of other letters, or reserved.
    """
    if not isinstance(name, str) or not _PLAIN.fullmatch(name) or name in {".", "..", "-"}:
        raise ValueError(f"{name!r} is no name of {what}: letters, digits, '-', '_' and '.'")


def check_password(password: object) -> None:
    """Refuse a password that is too short; an empty one is none, and lets nobody in.

    Raises:
        ValueError: it is.
    """
    if not isinstance(password, str) or 0 < len(password) < LEAST_PASSWORD:
        # The password itself is not told.
        raise ValueError(f"a password is a text of at least {LEAST_PASSWORD} characters")


def check_otp(code: object, *, empty: bool = True) -> None:
    """Refuse what can be no one-time password (modules/auth: TOTP as of RFC 6238, six digits).

    Raises:
        ValueError: it is none.
    """
    if not isinstance(code, str) or not re.fullmatch("[0-9]{6}|" if empty else "[0-9]{6}", code):
        # The code itself is not told.
        raise ValueError("a one-time password is a text of six digits")
