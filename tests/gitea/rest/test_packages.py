"""One version, its files, and one package in the REST API: what is shown, and to whom.

routers/api/v1/packages/package.go, services/context/package.go and modules/structs/package.go.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ANONYMOUS

if TYPE_CHECKING:
    from pytest_pyreg import ManualClock
    from tests.gitea.rest.conftest import Api

EVERY = [
    *("gitea@1.17.0", "gitea@1.18", "gitea@1.19", "gitea@1.20", "gitea@1.21", "gitea@1.23", "gitea@1.24", "gitea@1.26"),
    *("gitea@1.27", "forgejo@7", "forgejo@11", "forgejo@12", "forgejo@17"),
]
ENDS = ["gitea@1.17.0", "gitea@1.27", "forgejo@7", "forgejo@17"]
NEW = {"gitea@1.24", "gitea@1.26", "gitea@1.27"}
# models/packages/package.go: the capital went between v1.18.0-0 and v1.19.4-0.
ABSENT = {
    **dict.fromkeys(("gitea@1.17.0", "gitea@1.18"), (404, "Package does not exist")),
    **dict.fromkeys(NEW, (404, "GetVersionByNameAndVersion: package does not exist")),
}
PLAIN_ABSENT = (404, "package does not exist")
NO_ROUTE = (404, "404 page not found\n")
NO_RIGHT = (403, "user should have specific permission or be a site admin")


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_a_version(api: Api) -> None:
    """What is known of it; the page that a person can open is named from 1.21 on."""
    api.stock(api.ada, "Demo_Pkg".lower(), "1.0")
    flavour = api.registry.flavour.name

    shown = api.get("packages/ada/pypi/demo-pkg/1.0").get_json()

    page = set() if flavour in {"gitea@1.17.0", "gitea@1.18", "gitea@1.19", "gitea@1.20"} else {"html_url"}
    assert set(shown) == page | {
        *("id", "owner", "repository", "creator", "type", "name", "version", "created_at"),
    }
    assert (shown["type"], shown["name"], shown["version"]) == ("pypi", "demo-pkg", "1.0")
    assert shown["created_at"] == "2026-01-01T12:00:00Z"
    assert shown["repository"] is None
    assert shown["owner"]["login"] == shown["creator"]["login"] == "ada"
    assert shown["owner"]["username"] == "ada"
    if page:
        assert shown["html_url"] == f"{api.registry.url}/ada/-/packages/pypi/demo-pkg/1.0"
    assert api.get("packages/ada").get_json() == [shown]


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_a_version_that_is_not_there(api: Api) -> None:
    """The name is compared in any case but not normalized, the version in any case; a type is to the letter."""
    api.stock(api.ada, "demo_pkg", "1.0.post1")
    absent = ABSENT.get(api.registry.flavour.name, PLAIN_ABSENT)

    assert api.get("packages/ADA/pypi/DEMO-PKG/1.0.POST1").status_code == 200
    for path in ("pypi/demo_pkg/1.0.post1", "pypi/demo-pkg/1.0", "pypi/other/1.0", "npm/demo-pkg/1.0.post1"):
        assert api.says("GET", f"packages/ada/{path}") == absent
        assert api.says("GET", f"packages/ada/{path}/files") == absent
        assert api.says("DELETE", f"packages/ada/{path}") == absent
    assert api.registry._index.releases([api.ada])


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_files(api: Api) -> None:
    """Every digest is that of the bytes; the size is `Size` to 1.23 and in Forgejo, `size` from 1.24 on.

    They come as they arrived, from 1.26.2 on by their lower-case names.
    """
    api.stock(api.ada, "demo", "1.0", filename="demo-1.0.tar.gz")
    api.stock(api.ada, "demo", "1.0", filename="demo-1.0-py3-none-any.whl")
    flavour = api.registry.flavour.name

    files = api.get("packages/ada/pypi/demo/1.0/files").get_json()

    names = ["demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"]
    assert [file["name"] for file in files] == (sorted(names) if flavour in {"gitea@1.26", "gitea@1.27"} else names)
    content = b"demo 1.0"
    for file in files:
        assert {name: file[name] for name in ("md5", "sha1", "sha256", "sha512")} == {
            name: hashlib.new(name, content).hexdigest() for name in ("md5", "sha1", "sha256", "sha512")
        }
        assert file["size" if flavour in NEW else "Size"] == len(content)
        assert len(file) == 7


@pytest.mark.parametrize("gitea", ["gitea@1.23", "forgejo@17"], indirect=True)
def test_the_files_of_a_large_upload(api: Api) -> None:
    """What lies on disk is hashed too."""
    api.stock(api.ada, "demo", "1.0", content=(large := b"0123456789" * 10_000))

    (file,) = api.get("packages/ada/pypi/demo/1.0/files").get_json()

    assert (file["Size"], file["md5"]) == (100_000, hashlib.md5(large, usedforsecurity=False).hexdigest())


@pytest.mark.parametrize("gitea", ENDS, indirect=True)
def test_who_may_see_a_version(api: Api) -> None:
    """The members of a private organisation; a stranger learns that a version is not there, and else nothing."""
    api.stock(api.acme, "hidden", "1.0")
    absent = ABSENT.get(api.registry.flavour.name, PLAIN_ABSENT)
    for path in ("packages/acme/pypi/hidden/1.0", "packages/acme/pypi/hidden/1.0/files"):
        for who in (api.ada, api.rob, api.root):
            assert api.get(path, who).status_code == 200
        assert api.says("GET", path, api.sue) == NO_RIGHT
        # Gitea asks first who is signed in, since 1.24.
        first = api.registry.flavour.name == "gitea@1.27"
        assert api.says("GET", path, ANONYMOUS) == ((401, "token is required") if first else NO_RIGHT)
    assert api.says("GET", "packages/acme/pypi/hidden/9.9", api.sue) == absent


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_the_latest_version(api: Api, clock: ManualClock) -> None:
    """That which was uploaded last, from 1.24 on in Gitea alone."""
    for version in ("2.0", "1.0"):
        api.stock(api.ada, "demo", version)
        clock.advance(seconds=1)
    flavour = api.registry.flavour.name

    answer = api.get("packages/ada/pypi/demo/-/latest")

    if flavour not in NEW:
        assert (answer.status_code, answer.text) == NO_ROUTE
        return
    assert answer.get_json()["version"] == "1.0"
    assert api.says("GET", "packages/ada/pypi/demo/-/latest", ANONYMOUS) == (401, "token is required")
    for version in ("1.0", "2.0"):
        api.ask("DELETE", f"packages/ada/pypi/demo/{version}")
    said = "not found" if flavour == "gitea@1.27" else "%!s(<nil>)"
    assert api.says("GET", "packages/ada/pypi/demo/-/latest") == (404, said)


@pytest.mark.parametrize(
    ("gitea", "readable"), [("gitea@1.17.0", False), ("gitea@1.17.4", True), ("forgejo@7", True)], indirect=["gitea"]
)
def test_a_version_with_an_epoch(api: Api, readable: bool) -> None:
    """To 1.17.3 it is stored and then breaks whatever shows it (go-gitea/gitea#21707)."""
    api.stock(api.ada, "fine", "1.0")
    api.stock(api.ada, "broken", "1!1.0", expect=201 if readable else 500)

    paths = ("packages/ada", "packages/ada/pypi/broken/1!1.0", "packages/ada/pypi/broken/1!1.0/files")
    for path in paths:
        if readable:
            assert api.get(path).status_code == 200
        else:
            assert api.says("GET", path) == (500, "")
    assert api.get("packages/ada/pypi/fine/1.0").status_code == 200


@pytest.mark.parametrize(
    ("gitea", "cache"),
    [
        ("gitea@1.17.0", "no-store, no-transform"),
        ("gitea@1.23", "max-age=0, private, must-revalidate, no-transform"),
        ("gitea@1.27", "max-age=0, private, must-revalidate"),
        ("forgejo@12", "max-age=0, private, must-revalidate, no-transform"),
        ("forgejo@17", "max-age=0, private, must-revalidate"),
    ],
    indirect=["gitea"],
)
def test_headers(api: Api, cache: str) -> None:
    """The same on answers and refusals, measured on each of these."""
    api.stock(api.ada, "demo", "1.0")
    for path, status in (("packages/ada/pypi/demo/1.0/files", 200), ("packages/ada/pypi/demo/9", 404)):
        answer = api.get(path)
        assert answer.status_code == status
        assert answer.headers["Cache-Control"] == cache
        assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("gitea", ["gitea@1.17.0", "gitea@1.23", "gitea@1.27", "forgejo@17"], indirect=True)
def test_what_a_client_asks_first(api: Api) -> None:
    """The release, who I am, an account, an organisation; what is hidden is not there."""
    product, _, version = api.registry.flavour.name.partition("@")
    told = api.get("version", ANONYMOUS).get_json()["version"]
    assert told.startswith(version)
    assert ("gitea" in told) is (product == "forgejo")
    assert api.get("user").get_json()["login"] == "ada"
    assert api.says("GET", "user", ANONYMOUS) == (401, "token is required")
    assert api.get("users/rob").get_json()["id"] == api.rob.id
    assert api.get("users/nobody").status_code == 404
    assert api.get("orgs/acme", api.rob).get_json()["username"] == "acme"
    for who in (api.sue, ANONYMOUS):
        assert api.get("orgs/acme", who).status_code == 404
