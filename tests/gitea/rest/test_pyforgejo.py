"""The real pyforgejo lists, shows, links and deletes packages, of Forgejo and of Gitea.

It was chosen among the clients that the package index has in November 2026: it alone knows the packages API (py-gitea
0.3.3, gitea-api 1.15.3, giteapy 1.0.8 and gitea-client 1.0.9 do not), it is kept up, typed, and in Fedora.  It is
generated from Forgejo's own description of its API, which is Gitea's but for what Gitea added in 1.24 and 1.26: that is
asked for by plain requests at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests
from pyforgejo import PyforgejoApi
from pyforgejo.core.api_error import ApiError

from pytest_pyreg import Credential, make_dists, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_pyreg import ManualClock, Registry
    from tests.gitea.rest.conftest import Api

ERAS = ["gitea@1.17.0", "gitea@1.20", "gitea@1.23", "gitea@1.24", "gitea@1.27", "forgejo@7", "forgejo@12", "forgejo@17"]
EVERY = pytest.mark.parametrize("gitea", ERAS, indirect=True)
LINKS = ["gitea@1.24", "gitea@1.27", "forgejo@11", "forgejo@17"]


@pytest.fixture(name="connect")
def _connect(gitea: Registry) -> Iterator[Callable[[Credential], PyforgejoApi]]:
    """Make a client with somebody's token that reads no configuration of this machine."""
    with httpx.Client(trust_env=False, timeout=10) as wire:
        yield lambda who: PyforgejoApi(base_url=f"{gitea.url}/api/v1", api_key=who.secret, httpx_client=wire)


@pytest.fixture(name="client")
def _client(api: Api, connect: Callable[[Credential], PyforgejoApi]) -> PyforgejoApi:
    """Ada's client: she may write packages of the organisation."""
    return connect(api.ada.token(["all"]))


def refusal(call: Callable[..., object], *arguments: str) -> tuple[int | None, Any]:
    """Return the status and the message of a call that is refused."""
    with pytest.raises(ApiError) as refused:
        call(*arguments)
    body = refused.value.body
    return refused.value.status_code, body["message"] if isinstance(body, dict) else body


@EVERY
def test_who_and_where(gitea: Registry, client: PyforgejoApi, connect: Callable[[Credential], PyforgejoApi]) -> None:
    """The release and the user; a wrong token signs nobody in."""
    told = client.miscellaneous.get_version().version
    assert told is not None
    assert told.startswith(gitea.flavour.version)
    assert client.user.get_current().login == "ada"
    assert client.organization.org_get("acme").visibility == "private"

    status, _ = refusal(connect(Credential("", "0" * 40)).user.get_current)
    assert status == 401


@EVERY
def test_packages_are_listed(gitea: Registry, client: PyforgejoApi, clock: ManualClock) -> None:
    """All, by name, by type, and page by page."""
    for version in ("1.0", "1.1", "1.2"):
        gitea.add(make_wheel("demo", version))
        clock.advance(minutes=1)
    gitea.add(make_wheel("other", "9.0"))

    def found(**asked: Any) -> list[str]:  # noqa: ANN401 - its options have many types.
        return [f"{one.name} {one.version}" for one in client.package.list_packages("acme", **asked)]

    assert found() == ["other 9.0", "demo 1.2", "demo 1.1", "demo 1.0"]
    assert found(type="pypi", q="dem") == ["demo 1.2", "demo 1.1", "demo 1.0"]
    assert found(type="npm") == []
    assert [found(limit=3, page=page) for page in (1, 2, 3)] == [
        ["other 9.0", "demo 1.2", "demo 1.1"],
        ["demo 1.0"],
        [],
    ]
    raw = client.package.with_raw_response.list_packages("acme", limit=3)
    assert raw.headers["x-total-count"] == "4"


@EVERY
def test_a_package_and_its_files(gitea: Registry, client: PyforgejoApi) -> None:
    """What the library makes of both; it reads the size in either spelling."""
    gitea.add(*make_dists("demo", "1.0"))

    package = client.package.get_package("acme", "pypi", "demo", "1.0")
    files = client.package.list_package_files("acme", "pypi", "demo", "1.0")

    assert (package.name, package.version, package.type) == ("demo", "1.0", "pypi")
    assert package.owner is not None
    assert package.owner.login == "acme"
    assert {file.name for file in files} == gitea.files("demo")
    assert {file.size for file in files} == {len(dist.data) for dist in make_dists("demo", "1.0")}
    # The releases for Python 3.10, to 2.0.5, call it `sha_256`.
    digests = {getattr(file, "sha256", None) or getattr(file, "sha_256", None) for file in files}
    assert digests == {dist.sha256 for dist in make_dists("demo", "1.0")}


@EVERY
def test_a_package_is_deleted(
    gitea: Registry, api: Api, client: PyforgejoApi, connect: Callable[[Credential], PyforgejoApi]
) -> None:
    """By who may; a reader, a stranger and a token that only reads are refused, and nothing is gone."""
    gitea.add(*make_dists("demo", "1.0"), *make_dists("demo", "2.0"))
    path = ("acme", "pypi", "demo", "1.0")
    for who in (api.rob.token(["all"]), api.sue.token(["all"])):
        assert refusal(connect(who).package.delete_package, *path) == (
            403,
            "user should have specific permission or be a site admin",
        )
    status, _ = refusal(connect(Credential("", "0" * 40)).package.delete_package, *path)
    assert status == (403 if gitea.flavour.name == "gitea@1.17.0" else 401)
    if gitea.flavour.name != "gitea@1.17.0":  # Which has no scopes.
        status, words = refusal(connect(api.ada.token(["read:package"])).package.delete_package, *path)
        assert (status, "token does not have" in words) == (403, True)
    assert gitea.versions("demo") == ["1.0", "2.0"]

    client.package.delete_package(*path)

    assert gitea.versions("demo") == ["2.0"]
    status, words = refusal(client.package.delete_package, *path)
    assert (status, words.rpartition(": ")[2].lower()) == (404, "package does not exist")


@pytest.mark.parametrize("gitea", LINKS, indirect=True)
def test_a_package_is_linked(gitea: Registry, api: Api, client: PyforgejoApi) -> None:
    """To a repository of its owner, and unlinked again; to one that is not there it is not."""
    api.stock(api.ada, "demo", "1.0")
    api.ada.repository("code")

    assert refusal(client.package.link_package, "ada", "pypi", "demo", "none")[0] == 404
    client.package.link_package("ada", "pypi", "demo", "code")
    (linked,) = client.package.list_packages("ada")
    assert linked.repository is not None
    assert linked.repository.full_name == "ada/code"
    client.package.unlink_package("ada", "pypi", "demo")
    assert refusal(client.package.unlink_package, "ada", "pypi", "demo") == (400, "invalid argument")
    assert gitea.log.where(method="POST", status=204)


@pytest.mark.parametrize("gitea", ["gitea@1.26", "gitea@1.27"], indirect=True)
def test_what_gitea_alone_has(gitea: Registry, api: Api, clock: ManualClock) -> None:
    """The versions of a package, its latest one, and deleting it whole: no client library has these."""
    gitea.add(*make_dists("demo", "1.0"))
    clock.advance(minutes=1)
    gitea.add(*make_dists("demo", "2.0"))
    base = f"{gitea.url}/api/v1/packages/acme/pypi/demo"
    header = {"Authorization": f"token {api.ada.token(['write:package']).secret}"}
    reader = {"Authorization": f"token {api.rob.token(['write:package']).secret}"}

    versions = requests.get(base, headers=header, timeout=10).json()
    assert [row["version"] for row in versions] == ["2.0", "1.0"]
    assert requests.get(f"{base}/-/latest", headers=header, timeout=10).json()["version"] == "2.0"
    assert requests.delete(base, headers=reader, timeout=10).status_code == 403
    assert requests.delete(base, headers=header, timeout=10).status_code == 204
    assert gitea.projects() == set()
