"""OAuth2 access tokens: services/auth/basic.go and oauth2.go, services/oauth2_provider/access_token.go."""

from __future__ import annotations

import re
from random import Random

import pytest

from pytest_pyreg import Credential, Gitea, NotYet, Via
from pytest_pyreg.identity import Permission, scope_allows
from pytest_pyreg.refusals import Refused

READ, PUBLISH = {Permission.SEE, Permission.READ}, set(Permission)


def rights(gitea: Gitea, name: str, *shown: Credential) -> set[Permission]:
    """Return what who shows these may do with an owner's packages."""
    identity = gitea.world.identify(shown, ())
    owner = gitea.world.namespace(name, "")
    assert owner is not None
    granted = gitea.world.granted(identity, owner)
    return {one for one in granted if identity is None or scope_allows(identity, one, gitea.flavour.scopes)}


def bearer(credential: Credential) -> Credential:
    """Return how it goes in a header of its own kind."""
    return Credential("", credential.secret, Via.BEARER)


@pytest.mark.parametrize("flavour", ["gitea@1.17", "gitea@1.23", "gitea", "forgejo@7", "forgejo"])
def test_a_token_may_do_all(flavour: str) -> None:
    """As Bearer, as a password, as a user name, in the address: all that its user may, and nothing elsewhere."""
    gitea = Gitea(flavour)
    ada = gitea.user("ada", visibility="private")
    gitea.user("bob", visibility="private")

    for scopes in ((), ("openid", "profile"), ("all",)):
        token = ada.oauth_token(scopes)
        for shown in (
            token,
            bearer(token),
            Credential("anything", token.secret),
            Credential(token.secret, ""),
            Credential(token.secret, "x-oauth-basic"),
            Credential("access_token", token.secret, Via.QUERY),
        ):
            assert rights(gitea, "ada", shown) == PUBLISH
            assert rights(gitea, "bob", shown) == set()


def test_it_looks_like_a_jwt_and_is_a_secret() -> None:
    """Three parts; the same chance makes the same; revoked it is none."""
    gitea, again = (Gitea(chance=Random(7)) for _ in "ab")  # noqa: S311 - the same twice is what is wanted.
    token = gitea.user("ada").oauth_token()

    assert re.fullmatch(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+", token.secret)
    assert token.secret == again.user("ada").oauth_token().secret
    assert token.secret in gitea.world.secrets()
    gitea.revoke(token)
    with pytest.raises(Refused):
        rights(gitea, "ada", token)


@pytest.mark.parametrize(
    ("flavour", "as_basic"),
    [
        *(("gitea@" + release, PUBLISH) for release in ("1.23", "1.26", "1.26.1")),
        *(("gitea@" + release, READ) for release in ("1.26.2", "1.27")),
        *(("forgejo@" + release, PUBLISH) for release in ("9", "11", "12", "14.0.2")),
        *(("forgejo@" + release, READ) for release in ("11.0.11", "14.0.3", "15", "17")),
    ],
)
def test_scopes_hold_as_bearer_and_later_as_basic(flavour: str, as_basic: set[Permission]) -> None:
    """Gitea #32573 and #37503, Forgejo #4449, #11514 and #11515."""
    gitea = Gitea(flavour)
    ada = gitea.user("ada", visibility="private")
    reads, other = ada.oauth_token(["openid", "read:package"]), ada.oauth_token(["read:user"])

    assert rights(gitea, "ada", bearer(reads)) == READ
    assert rights(gitea, "ada", bearer(other)) == set()
    assert rights(gitea, "ada", reads) == as_basic
    assert rights(gitea, "ada", Credential(reads.secret, "")) == as_basic
    assert rights(gitea, "ada", ada.token(["read:package"])) == READ


@pytest.mark.parametrize("flavour", ["gitea@1.17", "gitea@1.22.4", "forgejo@8"])
def test_a_release_without_such_scopes(flavour: str) -> None:
    """Asking for one is an error; the general ones there always were."""
    ada = Gitea(flavour).user("ada")

    with pytest.raises(NotYet, match="no scopes of OAuth2 access tokens; choose a later release, from "):
        ada.oauth_token(["read:package"])
    ada.oauth_token(["openid", "groups"])


@pytest.mark.parametrize(
    ("scopes", "words"),
    [
        ("openid", r"scopes is a list, as in scopes=\['openid'\]"),
        (["opnid"], "there is no scope 'opnid', did you mean 'openid'"),
        (["read:packages"], "there is no scope 'read:packages', did you mean 'read:package'"),
    ],
)
def test_scopes_that_are_none(scopes: object, words: str) -> None:
    """The real products take them for nothing said; a test means something."""
    with pytest.raises(ValueError, match=words):
        Gitea().user("ada").oauth_token(scopes)  # type: ignore[arg-type]


def test_tokens_for_public_owners() -> None:
    """`public-only` is such a scope too."""
    gitea = Gitea()
    token = gitea.user("ada").oauth_token(["write:package", "public-only"])
    identity, unlimited = (gitea.world.identify([shown], ()) for shown in (token, gitea.user("ada").oauth_token()))

    assert identity is not None
    assert unlimited is not None
    assert (identity.public_only, unlimited.public_only) == (True, False)
