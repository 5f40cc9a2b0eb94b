"""Lists of the REST API: who is in them, in what order, how many, and who may see them.

routers/api/v1/packages/package.go and routers/api/v1/utils/page.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ANONYMOUS, Credential, NotYet

if TYPE_CHECKING:
    from pytest_pyreg import ManualClock
    from pytest_pyreg.flavours.gitea import GiteaWorld
    from tests.gitea.rest.conftest import Api

EVERY = [
    *("gitea@1.17.0", "gitea@1.18", "gitea@1.19", "gitea@1.20", "gitea@1.21", "gitea@1.22", "gitea@1.23", "gitea@1.24"),
    *("gitea@1.26", "gitea@1.27", "forgejo@7", "forgejo@9", "forgejo@11", "forgejo@12", "forgejo@17"),
]
OPEN = {"gitea@1.17.0", "gitea@1.18", "forgejo@12", "forgejo@17"}
"""Where nobody has to sign in to read: to 1.18, and in Forgejo again from 12 on (#7716)."""
WITH_VERSIONS = {"gitea@1.24", "gitea@1.26", "gitea@1.27"}
SIGN_IN = (401, "token is required")
NO_RIGHT = (403, "user should have specific permission or be a site admin")


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_newest_first(api: Api, clock: ManualClock) -> None:
    """Every version is a row of its own, the newest first, of this owner alone."""
    for name, version in (("demo", "2.0"), ("other", "1.0"), ("demo", "1.10.0")):
        api.stock(api.ada, name, version)
        clock.advance(seconds=1)
    api.stock(api.acme, "hidden", "1.0")

    answer = api.get("packages/ada")

    assert api.listed("packages/ada") == ["demo 1.10.0", "other 1.0", "demo 2.0"]
    assert api.listed("packages/ADA") == api.listed("packages/ada")
    assert answer.headers["X-Total-Count"] == "3"
    assert answer.headers["Access-Control-Expose-Headers"] == "X-Total-Count"
    assert "Link" not in answer.headers


@pytest.mark.parametrize("gitea", ["gitea@1.17.0", "gitea@1.27", "forgejo@17"], indirect=True)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=pypi", ["my-pkg", "demo"]),
        ("type=", ["my-pkg", "demo"]),
        ("type=all", ["my-pkg", "demo"]),
        ("type=npm", []),
        ("type=PyPI", []),
        ("q=dem", ["demo"]),
        ("q=DEM", ["demo"]),
        ("q=e", ["demo"]),
        ("q=my_pkg", ["my-pkg"]),  # An underscore is any character to SQL's LIKE.
        ("q=d%25o", ["demo"]),  # And a percent sign any text.
        ("q=nothing", []),
        ("q=dem&type=npm", []),
    ],
)
def test_filters(api: Api, clock: ManualClock, query: str, found: list[str]) -> None:
    """`type` is the word for it or nothing; `q` is part of the name, in any case."""
    api.stock(api.ada, "demo", "1.0")
    clock.advance(seconds=1)
    api.stock(api.ada, "my_pkg", "1.0")

    assert [name.partition(" ")[0] for name in api.listed(f"packages/ada?{query}")] == found


@pytest.mark.parametrize("gitea", ["gitea@1.17.0", "gitea@1.27", "forgejo@17"], indirect=True)
def test_pages(api: Api) -> None:
    """30 a page, 50 at most; the total, and links to other pages with the query kept."""
    api.stock(api.ada, "demo", *(f"1.{number}" for number in range(53)))
    base = f"{api.registry.url}/api/v1/packages/ada"

    def links(query: str) -> dict[str, str]:
        answer = api.get(f"packages/ada?{query}")
        assert answer.headers["X-Total-Count"] == "53"
        found = [part.partition("; rel=") for part in answer.headers.get("Link", "").split(",") if part]
        return {rel.strip('"'): url.strip("<>") for url, _, rel in found}

    sizes = {"": 30, "limit=50": 50, "limit=51": 50, "limit=0": 30, "limit=-1": 30, "limit=x": 30, "limit=2": 2}
    assert {query: len(api.listed(f"packages/ada?{query}")) for query in sizes} == sizes
    assert len(api.listed("packages/ada?page=2")) == 23
    assert api.listed("packages/ada?page=0") == api.listed("packages/ada?page=1") == api.listed("packages/ada")
    assert api.listed("packages/ada?page=9") == []
    assert links("limit=20&type=pypi") == {
        "next": f"{base}?limit=20&page=2&type=pypi",
        "last": f"{base}?limit=20&page=3&type=pypi",
    }
    assert links("limit=20&page=3") == {"first": f"{base}?limit=20&page=1", "prev": f"{base}?limit=20&page=2"}
    assert set(links("limit=20&page=2")) == {"next", "last", "first", "prev"}
    assert api.get("packages/ada?limit=20").headers["Access-Control-Expose-Headers"] == "Link, X-Total-Count"


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_the_versions_of_one_package(api: Api, clock: ManualClock) -> None:
    """From 1.24 on in Gitea; no release of Forgejo has the address.  1.26 says that a package is not there."""
    for version in ("1.0", "2.0"):
        api.stock(api.ada, "demo", version)
        clock.advance(seconds=1)
    api.stock(api.ada, "demo-two", "1.0")

    answer = api.get("packages/ada/pypi/demo")
    if api.registry.flavour.name not in WITH_VERSIONS:
        assert (answer.status_code, answer.text) == (404, "404 page not found\n")
        return
    assert api.listed("packages/ada/pypi/demo") == ["demo 2.0", "demo 1.0"]
    assert api.listed("packages/ada/pypi/demo?limit=1&page=2") == ["demo 1.0"]
    assert answer.headers["X-Total-Count"] == "2"
    if api.registry.flavour.name == "gitea@1.24":
        assert api.listed("packages/ada/pypi/nothing") == []
    else:
        absent = (404, "GetPackageByName: package does not exist")
        assert api.says("GET", "packages/ada/pypi/nothing") == absent
        assert api.says("GET", "packages/ada/npm/demo") == absent


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_who_may_list(api: Api) -> None:
    """A public owner's packages: everybody, once signed in where that is asked for; a private one's: its members."""
    api.stock(api.ada, "demo", "1.0")
    api.stock(api.acme, "hidden", "1.0")
    flavour = api.registry.flavour.name

    for who in (api.ada, api.rob, api.root):
        assert api.listed("packages/ada", who) == ["demo 1.0"]
        assert api.listed("packages/acme", who) == ["hidden 1.0"]
    assert api.listed("packages/ada", api.sue) == ["demo 1.0"]
    assert api.says("GET", "packages/acme", api.sue) == NO_RIGHT
    if flavour in OPEN:
        assert api.listed("packages/ada", ANONYMOUS) == ["demo 1.0"]
    else:
        assert api.says("GET", "packages/ada", ANONYMOUS) == SIGN_IN
    # Where it is asked first who is signed in, nobody learns more; else the right is asked for first.
    first = flavour in {*WITH_VERSIONS, "forgejo@11"}
    assert api.says("GET", "packages/acme", ANONYMOUS) == (SIGN_IN if first else NO_RIGHT)
    assert api.says("GET", "packages/nobody") == (404, "user redirect does not exist [name: nobody]")


@pytest.mark.parametrize(
    ("gitea", "said"),
    [
        ("gitea@1.18", "user's password is invalid [uid: {id}, name: ada]"),
        ("gitea@1.23", "user's password is invalid [uid: {id}, name: ada]"),
        ("gitea@1.25", "user's password is invalid [uid: {id}, name: ada]"),
        ("gitea@1.25.2", "invalid username, password or token"),
        ("gitea@1.27", "invalid username, password or token"),
        ("forgejo@7", "user's password is invalid [uid: {id}, name: ada]"),
        ("forgejo@12", "user's password is invalid [uid: {id}, name: ada]"),
        (
            "forgejo@17",  # Measured on d883bd8f.
            (
                "token is malformed: token contains an invalid number of segments\n"
                "user's password is invalid [uid: {id}, name: ada]\n"
                "access token does not exist [sha: wrong]\n"
                'task with token "wrong": resource does not exist'
            ),
        ),
    ],
    indirect=["gitea"],
)
def test_a_wrong_password(api: Api, said: str) -> None:
    """It is refused even where nobody has to sign in; what the words are depends on the release."""
    api.stock(api.ada, "demo", "1.0")

    assert api.says("GET", "packages/ada", Credential("ada", "wrong")) == (401, said.format(id=api.ada.id))
    status, words = api.says("GET", "packages/ada", Credential("zoe", "wrong"))
    assert status == 401
    assert "zoe" in words or words == "invalid username, password or token"


@pytest.mark.parametrize("gitea", ["gitea@1.17.0"], indirect=True)
def test_a_wrong_password_in_1_17(api: Api) -> None:
    """It counts as none: a public owner's list is shown, a private one's is not."""
    api.stock(api.ada, "demo", "1.0")

    assert api.listed("packages/ada", Credential("ada", "wrong")) == ["demo 1.0"]
    assert api.says("GET", "packages/acme", Credential("ada", "wrong")) == NO_RIGHT


@pytest.mark.parametrize("gitea", ["forgejo@16"], indirect=True)
def test_a_wrong_token_in_forgejo(api: Api) -> None:
    """A user name stands for the token where the password says so; the words name it (read, not measured)."""
    status, words = api.says("GET", "packages/ada", Credential("0" * 40, "x-oauth-basic"))

    assert status == 401
    assert f"access token does not exist [sha: {'0' * 40}]" in words.split("\n")


_SCOPE = "token does not have at least one of required scope(s)"
_HELD = f"{_SCOPE}, required=[read:package], token scope=read:user"
SCOPES = {
    "gitea@1.19": "token does not have required scope: read:package",
    **dict.fromkeys(("gitea@1.20", "gitea@1.22", "forgejo@7", "forgejo@17"), f"{_SCOPE}: [read:package]"),
    **dict.fromkeys(("gitea@1.23", "gitea@1.27"), _HELD),
}


@pytest.mark.parametrize(("gitea", "said"), SCOPES.items(), indirect=["gitea"])
def test_scopes_of_tokens(api: Api, said: str) -> None:
    """A token needs a scope of packages, for a public owner too; to 1.18 there are no scopes."""
    api.stock(api.ada, "demo", "1.0")

    for scope in ("read:package", "write:package", "all"):
        assert api.listed("packages/ada", api.ada.token([scope])) == ["demo 1.0"]
    assert api.says("GET", "packages/ada", api.ada.token(["read:user"])) == (403, said)


@pytest.mark.parametrize("gitea", ["gitea@1.17.0", "gitea@1.18"], indirect=True)
def test_tokens_without_scopes(api: Api) -> None:
    """To 1.18 a token may do whatever its user may."""
    api.stock(api.ada, "demo", "1.0")

    with pytest.raises(NotYet, match=r"has no scopes of tokens; choose a later release, from gitea@1\.19 on"):
        api.ada.token(["read:user"])
    assert api.listed("packages/ada", api.ada.token()) == ["demo 1.0"]
    assert api.ask("DELETE", "packages/ada/pypi/demo/1.0", api.ada.token()).status_code == 204


@pytest.mark.parametrize(
    ("gitea", "private", "limited"),
    [
        ("gitea@1.22", True, True),
        ("gitea@1.23", False, True),
        ("gitea@1.27", False, False),
        ("forgejo@11", True, True),
        ("forgejo@12", False, True),
    ],
    indirect=["gitea"],
)
def test_tokens_for_public_owners(api: Api, world: GiteaWorld, private: bool, limited: bool) -> None:
    """`public-only` keeps a token from private owners, and in 1.27 from limited ones; before 1.22.3 from none."""
    lim = world.organization("lim", visibility="limited")
    lim.team("readers", members=[api.ada])
    token = api.ada.token(["public-only", "read:package"])

    assert api.get("packages/ada", token).status_code == 200
    for owner, allowed in (("acme", private), ("lim", limited)):
        if allowed:
            assert api.get(f"packages/{owner}", token).status_code == 200
        else:
            assert api.says("GET", f"packages/{owner}", token) == (403, "token scope is limited to public packages")


@pytest.mark.parametrize("gitea", ["gitea@1.17.0", "gitea@1.27", "forgejo@17"], indirect=True)
def test_accounts_and_settings(api: Api, world: GiteaWorld) -> None:
    """Who may not sign in, whoever did not where that is a must, and everybody where there are no packages."""
    api.sue.active = False
    answer = api.get("packages/ada", api.sue)
    assert (answer.status_code, answer.get_json()) == (
        403,
        {"message": "This account is prohibited from signing in, please contact your site administrator."},
    )
    api.sue.active = True
    assert api.get("packages/ada", api.sue).status_code == 200

    world.settings.require_signin_view = True
    answer = api.get("packages/ada", ANONYMOUS)
    assert (answer.status_code, answer.get_json()) == (
        403,
        {"message": "Only signed in user is allowed to call APIs."},
    )
    assert api.get("packages/ada").status_code == 200

    world.settings.packages_enabled = False
    assert (api.get("packages/ada").status_code, api.get("packages/ada").text) == (404, "404 page not found\n")
