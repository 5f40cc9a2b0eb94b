"""Which packages there are, and for whom: unknown ones, readers, groups, moved projects, a path before it all."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from pytest_pyreg import ANONYMOUS

if TYPE_CHECKING:
    from pytest_pyreg import Registry
    from pytest_pyreg.flavours.gitlab.words import Seen
    from tests.rest.conftest import Api

DEMO = "projects/acme%2Fdemo"
UNKNOWN = "does not have a valid value"


# -- one package -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gitlab", ["12.10", "13.12", "17.4", "19"], indirect=True)
@pytest.mark.parametrize("suffix", ["", "/package_files"])
def test_a_package_that_is_not_there(api: Api, suffix: str) -> None:
    """Unknown, of another project, zero, negative, longer than any number: 404; no number at all: 400."""
    api.stock("1.0")
    [foreign] = api.stock("1.0", project=api.world.project("acme/other"))

    assert api.get(f"{DEMO}/packages/1{suffix}").status_code == 200
    for number in (str(foreign), "999", "0", "-1", "9" * 30, "9" * 5000):
        answer = api.get(f"{DEMO}/packages/{number}{suffix}")
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Not found"}), number
    for text in ("pypi", "--1", "1abc", "%D9%A1"):
        answer = api.get(f"{DEMO}/packages/{text}{suffix}")
        assert (answer.status_code, answer.json()) == (400, {"error": "package_id is invalid"}), text


def test_packages_pypi_is_no_upload_probe(api: Api) -> None:
    """`GET packages/pypi` is the package of the id "pypi"; whether it is valid is asked after who may read."""
    path = f"{DEMO}/packages/pypi"

    assert api.get(path).json() == {"error": "package_id is invalid"}
    assert api.get(path, api.member("guest")).json() == {"message": "403 Forbidden"}
    assert api.get(path, api.registry.stranger).json() == {"message": "404 Project Not Found"}
    assert api.get(path, ANONYMOUS).json() == {"message": "404 Project Not Found"}
    assert api.get(path, PRIVATE_TOKEN="wrong").json() == {"message": "401 Unauthorized"}
    by_basic_auth = api.ask("GET", path, auth=("__token__", api.maintainer.secret))
    assert (by_basic_auth.status_code, by_basic_auth.json()) == (404, {"message": "404 Project Not Found"})
    refused = api.delete(path, api.registry.publisher)
    assert (refused.status_code, refused.json()) == (400, {"error": "package_id is invalid"})


# -- who reads ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["packages", "packages/1", "packages/1/package_files", "packages/1/pipelines"])
def test_who_reads_a_project(api: Api, path: str) -> None:
    """Reporters and up; everybody in a public one; nobody where packages are off."""
    api.stock("1.0")
    home, wrong = api.world.home, {"PRIVATE-TOKEN": "wrong"}

    def statuses() -> list[int]:
        callers = [api.member("reporter"), api.member("guest"), api.registry.stranger, ANONYMOUS]
        return [api.get(f"projects/1/{path}", who).status_code for who in callers]

    assert statuses() == [200, 403, 404, 404]
    assert api.ask("GET", f"projects/1/{path}", headers=wrong).status_code == 401
    assert api.ask("GET", f"projects/999/{path}", headers=wrong).status_code == 401
    assert api.get(f"projects/999/{path}", ANONYMOUS).json() == {"message": "404 Project Not Found"}
    api.world.group("acme", visibility="public")
    api.world.project("acme/demo", visibility="public")
    assert statuses() == [200, 200, 200, 200]
    assert api.ask("GET", f"projects/1/{path}", headers=wrong).json() == {"message": "401 Unauthorized"}
    home.set_package_registry("disabled")
    assert statuses() == [403, 403, 403, 403]
    api.world.settings.packages_enabled = False
    assert api.get(f"projects/1/{path}").json() == {"message": "404 Not Found"}
    assert api.get(f"projects/999/{path}").json() == {"message": "404 Project Not Found"}


def test_anyone_can_pull_is_no_membership(api: Api) -> None:
    """A private project whose packages everybody may pull is still hidden here: REST wants to see the project."""
    api.stock("1.0")
    api.world.home.set_package_registry("public")

    assert api.get("projects/1/packages/pypi/simple/demo", ANONYMOUS).status_code == 200
    assert api.get("projects/1/packages", ANONYMOUS).status_code == 404
    assert api.get("projects/1/packages", api.registry.stranger).status_code == 404
    assert api.get("projects/1/packages", api.registry.reader).status_code == 200


def test_anyone_can_pull_lets_no_job_in(api: Api) -> None:
    """A job of another project is told that it is not allowed, as anywhere it sees no project."""
    api.stock("1.0")
    api.world.home.set_package_registry("public")
    job = api.world.project("acme/other").job_token(api.world.user("stranger"))

    answer = api.ask("GET", "projects/1/packages", headers={"JOB-TOKEN": job.secret})

    words = "403 Forbidden - Authentication by CI/CD job token not allowed from other to demo."
    assert (answer.status_code, answer.json()) == (403, {"message": words})


def test_a_group_lists_what_the_caller_reads(api: Api) -> None:
    """Each project by its own right, subgroups included unless they are excluded."""
    group = api.world.group("acme", visibility="public")
    places: dict[str, Seen] = {
        "acme/demo": "private",
        "acme/open": "public",
        "acme/sub/inner": "internal",
        "acme/zoo": "private",
    }
    api.world.group("acme/sub", visibility="public")
    for path, visibility in places.items():
        api.stock("1.0", name=path.rpartition("/")[2], project=api.world.project(path, visibility=visibility))
    elsewhere = api.world.project("beta/other", visibility="private")
    api.stock("1.0", name="foreign", project=elsewhere)
    api.world.project("acme/zoo").set_package_registry("public")
    owner = api.world.user("owner").personal_token()
    group.add_member(api.world.user("owner"), "owner")
    path = "groups/acme/packages"

    assert api.listed(path, "name", owner) == ["demo", "open", "inner", "zoo"]
    assert api.listed(path, "name", api.registry.reader) == ["demo", "open", "inner"]
    assert api.listed(path, "name", api.registry.stranger) == ["open", "inner"]
    assert api.listed(path, "name", ANONYMOUS) == ["open"]
    assert api.listed(f"{path}?exclude_subgroups=true", "name", owner) == ["demo", "open", "zoo"]
    assert api.listed(f"{path}?exclude_subgroups=false", "name", owner) == ["demo", "open", "inner", "zoo"]
    assert api.listed("groups/acme%2Fsub/packages", "name", owner) == ["inner"]
    assert api.listed(f"{path}?order_by=project_path", "name", owner) == ["demo", "inner", "open", "zoo"]
    assert api.listed(f"{path}?order_by=project_path&sort=desc", "name", owner) == ["zoo", "open", "inner", "demo"]
    assert api.listed(f"{path}?package_name=o", "name", owner) == ["demo", "open", "zoo"]
    assert api.get(f"{path}?exclude_subgroups=maybe", owner).json() == {"error": "exclude_subgroups is invalid"}
    assert api.get(f"{path}?order_by=size", owner).json() == {"error": f"order_by {UNKNOWN}"}


@pytest.mark.parametrize(("gitlab", "guest"), [("13.12", 403), ("17.4", 403), ("19", 200)], indirect=["gitlab"])
def test_who_reads_a_private_group(api: Api, guest: int) -> None:
    """A guest is refused, or from 19 on gets a list without what they may not read; a stranger sees nothing."""
    api.stock("1.0")
    group = api.world.group("acme")
    for role in ("guest", "reporter"):
        group.add_member(api.world.user(role), role)
    path = "groups/acme/packages"

    assert api.listed(path, "name", api.world.user("reporter").personal_token()) == ["demo"]
    answer = api.get(path, api.world.user("guest").personal_token())
    assert answer.status_code == guest
    assert answer.json() == ([] if guest == 200 else {"message": "403 Forbidden"})
    for who in (api.registry.stranger, ANONYMOUS):
        assert api.get(path, who).json() == {"message": "404 Group Not Found"}
    assert api.get("groups/unheard/packages").json() == {"message": "404 Group Not Found"}
    assert api.ask("GET", path, headers={"PRIVATE-TOKEN": "wrong"}).json() == {"message": "401 Unauthorized"}
    job = api.world.home.job_token(api.world.user("reporter"))
    assert api.ask("GET", path, headers={"JOB-TOKEN": job.secret}).status_code == 404  # Read by no group address.


# -- a project that moved ----------------------------------------------------------------------------------------------


@pytest.fixture(name="moved")
def _moved(api: Api) -> str:
    """The former address of a project that was renamed."""
    project = api.world.project("acme/old")
    api.member("maintainer", project)
    api.stock("1.0", project=project)
    api.world.move(project, "acme/new")
    return "projects/acme%2Fold"


def test_a_moved_project_redirects(gitlab: Registry, api: Api, moved: str) -> None:
    """To its number, query and all, before anything is validated; a client that follows is there."""
    query = "page=x&mark=%26"
    answer = api.get(f"{moved}/packages?{query}")

    location = f"{gitlab.url}/api/v4/projects/2/packages?{query}"
    assert (answer.status_code, answer.headers["Location"]) == (301, location)
    assert answer.text == f"This resource has been moved permanently to {location}"
    followed = api.get(api.get(f"{moved}/packages").headers["Location"])
    assert [package["name"] for package in followed.json()] == ["demo"]
    assert api.get("projects/acme%2Fnew/packages").status_code == 200
    assert api.get("projects/ACME%2FNew/packages").status_code == 200
    project = api.get(moved)
    assert (project.status_code, project.headers["Location"]) == (301, f"{gitlab.url}/api/v4/projects/2")


@pytest.mark.parametrize("path", ["acme%2fold", "acme%2Fol%64"])
@pytest.mark.usefixtures("moved")
def test_a_former_path_in_another_spelling(gitlab: Registry, api: Api, path: str) -> None:
    """However its characters are escaped, the redirect leads to the number, not to itself."""
    connection = HTTPConnection(urlsplit(gitlab.url).netloc, timeout=10)
    connection.request("GET", f"/api/v4/projects/{path}/packages", headers={"PRIVATE-TOKEN": api.maintainer.secret})
    answer = connection.getresponse()
    connection.close()

    assert (answer.status, answer.headers["Location"]) == (301, f"{gitlab.url}/api/v4/projects/2/packages")


def test_only_who_sees_a_moved_project_is_told(api: Api, moved: str) -> None:
    """A guest, who may not read its packages, is told of its new address all the same; a stranger of nothing."""
    assert api.get(f"{moved}/packages", api.member("guest", api.world.project("acme/new"))).status_code == 301
    for who in (api.registry.stranger, ANONYMOUS):
        assert api.get(f"{moved}/packages", who).json() == {"message": "404 Project Not Found"}


def test_nothing_is_deleted_at_a_former_address(api: Api, moved: str) -> None:
    """405, and the package is still there; at the new one it can be deleted."""
    answer = api.delete(f"{moved}/packages/1")

    message = {"message": "Non GET methods are not allowed for moved projects"}
    assert (answer.status_code, answer.json()) == (405, message)
    assert "Location" not in answer.headers
    assert api.listed("projects/2/packages", "id") == [1]
    assert api.delete("projects/acme%2Fnew/packages/1").status_code == 204


# -- below a path ------------------------------------------------------------------------------------------------------


def test_a_relative_url_root(rooted: Api) -> None:
    """It stands in every address that is shown, and outside it nothing is."""
    rooted.stock("1.0", "2.0")
    host = rooted.registry.url.removesuffix("/gitlab")
    assert rooted.registry.url.endswith("/gitlab")

    answer = rooted.get(f"{DEMO}/packages?per_page=1")

    [package] = answer.json()
    assert package["_links"] == {
        "web_path": "/gitlab/acme/demo/-/packages/1",
        "delete_api_path": f"{host}/gitlab/api/v4/projects/1/packages/1",
    }
    assert answer.links["next"]["url"].startswith(f"{host}/gitlab/api/v4/{DEMO}/packages?id=acme%2Fdemo&")
    assert [package["version"] for package in rooted.get(answer.links["next"]["url"]).json()] == ["2.0"]
    assert rooted.delete(package["_links"]["delete_api_path"]).status_code == 204
    assert rooted.get(f"{host}/api/v4/{DEMO}/packages").status_code == 404
