"""Deleting, linking and unlinking through the REST API, and who may not.

routers/api/v1/api.go, packages/package.go and services/packages/package_update.go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ANONYMOUS, Credential

if TYPE_CHECKING:
    from tests.gitea.rest.conftest import Api

EVERY = [
    *("gitea@1.17.0", "gitea@1.18", "gitea@1.19", "gitea@1.20", "gitea@1.21", "gitea@1.23", "gitea@1.24", "gitea@1.26"),
    *("gitea@1.27", "forgejo@7", "forgejo@9", "forgejo@11", "forgejo@12", "forgejo@17"),
]
WHOLE = {"gitea@1.26", "gitea@1.27"}
LINKS = ["gitea@1.24", "gitea@1.27", "forgejo@11", "forgejo@12", "forgejo@17"]
SIGN_IN = (401, "token is required")
NO_RIGHT = (403, "user should have specific permission or be a site admin")
NO_ROUTE = (404, "404 page not found\n")


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_a_version_is_deleted(api: Api) -> None:
    """204 without a body; then it is gone everywhere and its file may come again, under the first spelling."""
    api.stock(api.ada, "Demo" if api.registry.flavour.name != "gitea@1.17.0" else "demo", "1.0", "2.0")

    answer = api.ask("DELETE", "packages/ada/pypi/demo/1.0")

    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert [name.lower() for name in api.listed("packages/ada")] == ["demo 2.0"]
    assert api.page("ada", "demo").count("1.0.tar.gz") == 0
    assert api.ask("DELETE", "packages/ada/pypi/demo/1.0").status_code == 404
    api.ask("DELETE", "packages/ada/pypi/demo/2.0")
    assert api.page("ada", "demo") == ""
    api.stock(api.ada, "demo", "1.0")
    first = "demo" if api.registry.flavour.name == "gitea@1.17.0" else "Demo"
    assert api.listed("packages/ada") == [f"{first} 1.0"]


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_who_may_not_delete(api: Api) -> None:
    """A reader, a stranger and nobody; 401 for nobody where that is asked before, or the owner may be read.

    To 1.18 nobody asks whether the caller is signed in.
    """
    api.stock(api.acme, "hidden", "1.0")
    api.stock(api.ada, "demo", "1.0")
    flavour = api.registry.flavour.name

    for who in (api.rob, api.sue):
        assert api.says("DELETE", "packages/acme/pypi/hidden/1.0", who) == NO_RIGHT
        assert api.says("DELETE", "packages/ada/pypi/demo/1.0", who) == NO_RIGHT
    early = flavour in {"gitea@1.17.0", "gitea@1.18"}
    first = flavour in {"gitea@1.24", "gitea@1.26", "gitea@1.27", "forgejo@11"}
    assert api.says("DELETE", "packages/ada/pypi/demo/1.0", ANONYMOUS) == (NO_RIGHT if early else SIGN_IN)
    assert api.says("DELETE", "packages/acme/pypi/hidden/1.0", ANONYMOUS) == (SIGN_IN if first else NO_RIGHT)
    wrong = api.ask("DELETE", "packages/ada/pypi/demo/1.0", Credential("ada", "wrong"))
    assert wrong.status_code == (403 if flavour == "gitea@1.17.0" else 401)
    assert len(api.registry._index.releases([api.ada, api.acme])) == 2

    assert api.ask("DELETE", "packages/acme/pypi/hidden/1.0", api.root).status_code == 204
    assert api.ask("DELETE", "packages/ada/pypi/demo/1.0", api.root).status_code == 204


_SCOPE = "token does not have at least one of required scope(s)"


@pytest.mark.parametrize(
    ("gitea", "scope", "said"),
    [
        ("gitea@1.19", "read:package", "token does not have required scope: delete:package"),
        ("gitea@1.19", "write:package", "token does not have required scope: delete:package"),
        ("gitea@1.20", "read:package", f"{_SCOPE}: [write:package]"),
        ("gitea@1.23", "read:package", f"{_SCOPE}, required=[write:package], token scope=read:package"),
        ("gitea@1.27", "read:package", f"{_SCOPE}, required=[write:package], token scope=read:package"),
        ("forgejo@12", "read:package", f"{_SCOPE}: [write:package]"),
        ("forgejo@17", "read:package", f"{_SCOPE}: [write:package]"),
    ],
    indirect=["gitea"],
)
def test_scopes_to_delete(api: Api, scope: str, said: str) -> None:
    """1.19 has a scope for deletion; later writing includes it."""
    api.stock(api.ada, "demo", "1.0")

    assert api.says("DELETE", "packages/ada/pypi/demo/1.0", api.ada.token([scope])) == (403, said)

    enough = "delete:package" if api.registry.flavour.name == "gitea@1.19" else "write:package"
    assert api.ask("DELETE", "packages/ada/pypi/demo/1.0", api.ada.token([enough])).status_code == 204


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_a_whole_package_is_deleted(api: Api) -> None:
    """From 1.26 on in Gitea alone; before, the address is none, or not for DELETE (1.24)."""
    api.stock(api.ada, "demo", "1.0", "2.0")
    api.stock(api.ada, "other", "1.0")
    flavour = api.registry.flavour.name

    if flavour in WHOLE:
        for who in (api.rob, api.sue):
            assert api.says("DELETE", "packages/ada/pypi/demo", who) == NO_RIGHT
        assert api.says("DELETE", "packages/ada/pypi/demo", ANONYMOUS) == SIGN_IN
        assert api.says("DELETE", "packages/ada/pypi/none") == (404, "GetPackageByName: package does not exist")
        assert len(api.listed("packages/ada")) == 3
    answer = api.ask("DELETE", "packages/ada/pypi/demo")

    if flavour in WHOLE:
        assert (answer.status_code, answer.data) == (204, b"")
        assert api.listed("packages/ada") == ["other 1.0"]
        assert api.page("ada", "demo") == ""
    else:
        assert answer.status_code == (405 if flavour == "gitea@1.24" else 404)
        assert len(api.listed("packages/ada")) == 3


@pytest.mark.parametrize("gitea", LINKS, indirect=True)
def test_a_package_is_linked_to_a_repository(api: Api) -> None:
    """Every version of it shows the repository then, to who sees it; and it is unlinked again."""
    api.stock(api.ada, "demo", "1.0", "2.0")
    api.ada.repository("code", private=True)

    assert (api.ask("POST", "packages/ada/pypi/demo/-/link/code").status_code, api.linked("ada")) == (201, ["ada/code"])
    assert [row["repository"] for row in api.get("packages/ada", api.sue).get_json()] == [None, None]
    assert api.says("POST", "packages/ada/pypi/demo/-/link/code") == (400, "invalid argument")
    assert api.ask("POST", "packages/ada/pypi/demo/-/unlink").status_code == 204
    assert api.linked("ada") == []
    assert api.says("POST", "packages/ada/pypi/demo/-/unlink") == (400, "invalid argument")


@pytest.mark.parametrize("gitea", LINKS, indirect=True)
def test_who_and_what_is_not_linked(api: Api) -> None:
    """A repository or package that is not there, of somebody else, or that the caller may not write."""
    api.stock(api.ada, "demo", "1.0")
    api.ada.repository("code")
    api.sue.repository("theirs")
    link = "packages/ada/pypi/demo/-/link"

    absent = "repository does not exist [id: 0, uid: {}, owner_name: , name: {}]"
    assert api.says("POST", f"{link}/none") == (404, absent.format(api.ada.id, "none"))
    assert api.says("POST", f"{link}/theirs") == (404, absent.format(api.ada.id, "theirs"))
    status, words = api.says("POST", "packages/ada/pypi/none/-/link/code")
    assert (status, words.rpartition(": ")[2]) == (404, "package does not exist")
    assert api.says("POST", f"{link}/code", api.sue) == NO_RIGHT
    assert api.says("POST", f"{link}/code", ANONYMOUS) == SIGN_IN
    assert api.says("POST", f"{link}/code", api.ada.token(["read:package"]))[0] == 403
    assert api.linked("ada") == []
    assert api.ask("POST", f"{link}/code", api.root).status_code == 201


@pytest.mark.parametrize("gitea", LINKS, indirect=True)
def test_links_within_an_organization(api: Api) -> None:
    """The caller's team must have the repository to link it; who does not administrate gets a 500 from unlinking."""
    api.stock(api.acme, "demo", "1.0")
    api.acme.repository("code", teams=["publishers"])
    api.acme.repository("other", teams=["readers"])
    link, unlink = "packages/acme/pypi/demo/-/link", "packages/acme/pypi/demo/-/unlink"

    assert api.says("POST", f"{link}/other") == (403, "permission denied")
    assert api.says("POST", f"{link}/code", api.rob) == NO_RIGHT
    assert api.ask("POST", f"{link}/code").status_code == 201
    assert api.says("POST", unlink) == (500, "")
    assert api.linked("acme") == ["acme/code"]
    api.acme.add_owner(api.ada)
    assert api.ask("POST", unlink).status_code == 204


@pytest.mark.parametrize("gitea", ["gitea@1.17.0", "gitea@1.23", "forgejo@7", "forgejo@9"], indirect=True)
def test_no_links_before(api: Api) -> None:
    """To Gitea 1.23 and Forgejo 10 there are no such addresses."""
    api.stock(api.ada, "demo", "1.0")
    api.ada.repository("code")

    for path in ("link/code", "unlink"):
        answer = api.ask("POST", f"packages/ada/pypi/demo/-/{path}")
        assert (answer.status_code, answer.text) == NO_ROUTE
    assert api.linked("ada") == []
