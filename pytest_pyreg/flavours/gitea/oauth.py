"""OAuth2 access tokens: what they look like, and what their grant's scopes are to packages.

services/oauth2_provider/access_token.go, `GrantAdditionalScopes` (Gitea 1.23 and 1.27), services/auth/oauth2.go
(Forgejo 12).
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitea import features, words

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

    from pytest_pyreg.flavours.gitea.making import Makers
    from pytest_pyreg.identity import Scope

KNOWN = (*words.OAUTH_GENERAL, *words.SCOPES)
"""The scopes that a grant can have, where they say anything."""
_LETTERS = string.ascii_letters + string.digits + "-_"
_LENGTHS = (33, 117, 86)
"""Of a token's three parts: header, claims, signature."""


def limits(wanted: Iterable[str], world: Makers) -> frozenset[Scope]:
    """Return the scopes of a grant that limit what a token may do; none if it may do all.

    Raises:
        ValueError: there is no such scope, or the release's tokens have none, or they are one text.
    """
    if isinstance(wanted, str):
        raise ValueError(f"scopes is a list, as in scopes=[{wanted!r}]")  # noqa: TRY004 - a text is a collection too.
    several = [scope for scope in wanted if scope not in words.OAUTH_GENERAL]
    if not several or several == ["all"]:
        return frozenset()
    world.require(features.OAUTH_SCOPES)
    return words.scopes(several, KNOWN)


def secret(chance: random.Random) -> str:
    """Return what looks like the JWT that such a token is; nothing can be read from it."""
    header, claims, signature = ("".join(chance.choices(_LETTERS, k=length)) for length in _LENGTHS)
    return f"eyJ{header}.eyJ{claims}.{signature}"
