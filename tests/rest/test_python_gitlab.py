"""The real python-gitlab lists and deletes packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gitlab import Gitlab
from gitlab.exceptions import (
    GitlabAuthenticationError,
    GitlabDeleteError,
    GitlabGetError,
    GitlabListError,
    RedirectError,
)

from pytest_pyreg import CommandFailed, make_dists, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_pyreg import Credential, ManualClock, Registry
    from tests.rest.conftest import Api

ERAS = ["13.12", "15.7", "17.4", "19"]
EVERY = pytest.mark.parametrize("gitlab", ERAS, indirect=True)


@pytest.fixture(name="connect")
def _connect(gitlab: Registry) -> Iterator[Callable[[Credential | None], Gitlab]]:
    """Make a client of somebody's, or of nobody's, that reads no configuration of this machine."""
    clients: list[Gitlab] = []

    def connect(who: Credential | None) -> Gitlab:
        client = Gitlab(gitlab.url, private_token=who.secret if who is not None else None, retry_transient_errors=False)
        client.session.trust_env = False
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.session.close()


@pytest.fixture(name="client")
def _client(api: Api, connect: Callable[[Credential | None], Gitlab]) -> Gitlab:
    """A maintainer's client."""
    return connect(api.maintainer)


@EVERY
def test_who_and_where(gitlab: Registry, client: Gitlab, connect: Callable[[Credential | None], Gitlab]) -> None:
    """Sign-in and version; a wrong token, and none, sign nobody in and see no version."""
    client.auth()

    assert client.user is not None
    assert client.user.username == "a-maintainer"
    assert client.version()[0].startswith(gitlab.flavour.version)
    wrong = connect(gitlab.stranger)
    wrong.private_token = "glpat-wrong"
    wrong._set_auth_info()
    for other in (wrong, connect(None)):
        with pytest.raises(GitlabAuthenticationError) as refused:
            other.auth()
        assert (refused.value.response_code, refused.value.error_message) == (401, "401 Unauthorized")
        assert other.version() == ("unknown", "unknown")


@EVERY
def test_a_project_is_found(
    gitlab: Registry, api: Api, client: Gitlab, connect: Callable[[Credential | None], Gitlab]
) -> None:
    """By number, by path, and not at all until it is needed; a stranger does not find it."""
    api.stock("1.0")

    by_number, by_path = client.projects.get(1), client.projects.get("acme/demo")
    before = gitlab.log.count
    lazy = client.projects.get("acme/demo", lazy=True)

    assert gitlab.log.count == before
    assert by_number.id == by_path.id == 1
    assert by_path.path_with_namespace == "acme/demo"
    for project in (by_number, by_path, lazy):
        assert [package.version for package in project.packages.list(get_all=True)] == ["1.0"]
    assert client.groups.get("acme").full_path == "acme"
    stranger = connect(gitlab.stranger)
    for reference in (1, "acme/demo", "acme/unheard", "demo"):
        with pytest.raises(GitlabGetError) as hidden:
            stranger.projects.get(reference)
        assert (hidden.value.response_code, hidden.value.error_message) == (404, "404 Project Not Found")
    with pytest.raises(GitlabGetError, match="404 Group Not Found"):
        stranger.groups.get("acme")


@EVERY
def test_packages_are_listed(gitlab: Registry, api: Api, client: Gitlab, clock: ManualClock) -> None:
    """Over several pages, with filters and orders; it asks for as many pages as there are."""
    for number in range(5):
        api.stock(f"1.{number}")
        clock.advance(minutes=1)
    api.stock("9.0", name="other")
    project = client.projects.get("acme/demo")
    before = gitlab.log.count

    found = project.packages.list(package_type="pypi", order_by="created_at", sort="desc", per_page=2, get_all=True)

    assert [package.version for package in found] == ["9.0", "1.4", "1.3", "1.2", "1.1", "1.0"]
    asked = gitlab.log.since(before)
    assert [exchange.status for exchange in asked] == [200, 200, 200]
    assert [exchange.path.partition("&page=")[2][:1] for exchange in asked] == ["", "2", "3"]
    assert {exchange.who for exchange in asked} == {"user a-maintainer"}
    named = project.packages.list(package_name="oth", get_all=True)
    assert [package.name for package in named] == ["other"]
    walked = project.packages.list(iterator=True, per_page=4, order_by="version")
    assert [package.version for package in walked] == ["1.0", "1.1", "1.2", "1.3", "1.4", "9.0"]
    assert (walked.total, walked.total_pages, walked.per_page, walked.next_page) == (6, 2, 4, None)
    assert project.packages.list(package_type="npm", get_all=True) == []
    with pytest.raises(GitlabListError) as refused:
        project.packages.list(order_by="size", get_all=True)
    assert (refused.value.response_code, refused.value.error_message) == (400, "order_by does not have a valid value")


def test_a_list_that_is_cut_warns(api: Api, client: Gitlab) -> None:
    """The pagination headers say that there is more than the first page; a list that fits is quiet."""
    api.stock(*(f"1.{number}" for number in range(21)))
    project = client.projects.get(1)

    with pytest.warns(UserWarning, match="21 total results|get_all"):
        assert len(project.packages.list()) == 20
    assert len(project.packages.list(package_version="1.7")) == 1


@EVERY
def test_files_and_packages_are_deleted(gitlab: Registry, api: Api, client: Gitlab) -> None:
    """One file, then a whole package, then another by its number."""
    api.stock("1.0", "2.0", "3.0")
    api.upload("demo-1.0.tar.gz")
    packages = client.projects.get("acme/demo").packages
    package = packages.get(1)

    assert (package.name, package.version, package._links["web_path"]) == ("demo", "1.0", "/acme/demo/-/packages/1")
    wheel, sdist = package.package_files.list(get_all=True)
    assert (wheel.file_name, sdist.file_name) == ("demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz")
    wheel.delete()
    assert gitlab.files("demo") == {
        "demo-1.0.tar.gz",
        "demo-2.0-py3-none-any.whl",
        "demo-3.0-py3-none-any.whl",
    }
    package.package_files.delete(sdist.id)
    assert package.package_files.list(get_all=True) == []
    package.delete()
    packages.delete(3)
    assert gitlab.versions("demo") == ["2.0"]
    for gone in (package.delete, wheel.delete):
        with pytest.raises(GitlabDeleteError) as refused:
            gone()
        assert (refused.value.response_code, refused.value.error_message) == (404, "404 Not found")
    with pytest.raises(GitlabGetError, match="404 Not found"):
        packages.get(3)


@EVERY
def test_who_may_not_delete(gitlab: Registry, api: Api, connect: Callable[[Credential | None], Gitlab]) -> None:
    """Someone who reads is forbidden, a stranger finds nothing, a wrong token is nobody's; the package stays."""
    api.stock("1.0")
    reporter = connect(api.member("reporter")).projects.get(1)
    assert [package.version for package in reporter.packages.list(get_all=True)] == ["1.0"]

    wrong = connect(gitlab.stranger)
    wrong.private_token = "glpat-wrong"
    wrong._set_auth_info()
    for client, status, words in (
        (connect(api.member("reporter")), 403, "403 Forbidden"),
        (connect(gitlab.stranger), 404, "404 Project Not Found"),
        (connect(None), 404, "404 Project Not Found"),
    ):
        project = client.projects.get(1, lazy=True)
        with pytest.raises(GitlabDeleteError) as refused:
            project.packages.delete(1)
        assert (refused.value.response_code, refused.value.error_message) == (status, words)
    with pytest.raises(GitlabAuthenticationError) as unknown:
        wrong.projects.get(1, lazy=True).packages.delete(1)
    assert unknown.value.response_code == 401
    with pytest.raises(GitlabDeleteError, match="insufficient_scope"):  # `gitlab.reader` has the scope `read_api`.
        connect(gitlab.reader).projects.get(1, lazy=True).packages.delete(1)
    assert gitlab.versions("demo") == ["1.0"]
    assert [exchange.status for exchange in gitlab.log.where(method="DELETE")] == [403, 404, 404, 401, 403]


@EVERY
def test_a_jobs_pipeline(gitlab: Registry, api: Api, client: Gitlab) -> None:
    """What a job uploads has its pipeline; from 16.1 on at an address of its own; what a person uploads has none."""
    for number in range(3):
        job = api.world.home.job_token(api.world.user("a-maintainer"))
        assert api.upload(f"demo-1.0-{number}-py3-none-any.whl", who=job).status_code == 201
    api.stock("2.0")
    project = client.projects.get(1)

    package, other = project.packages.list(get_all=True)

    assert package.pipeline["user"]["username"] == "a-maintainer"
    assert not hasattr(other, "pipeline")
    if gitlab.flavour.version in {"17.4", "19"}:
        assert [pipeline.id for pipeline in package.pipelines.list(get_all=True, per_page=2)] == [4, 3, 2]
        assert other.pipelines.list(get_all=True) == []
    else:
        assert [pipeline["id"] for pipeline in project.packages.get(1).attributes["pipelines"]] == [2, 3, 4]


@EVERY
def test_the_packages_of_a_group(
    gitlab: Registry, api: Api, client: Gitlab, connect: Callable[[Credential | None], Gitlab]
) -> None:
    """Of all its projects, page by page, with their paths; a stranger finds no group."""
    api.world.group("acme").add_member(api.world.user("a-maintainer"), "maintainer")
    api.stock("1.0", "2.0")
    api.stock("3.0", name="inner", project=api.world.project("acme/sub/inner"))
    group = client.groups.get("acme")

    found = group.packages.list(get_all=True, per_page=2, order_by="project_path")
    direct = group.packages.list(get_all=True, exclude_subgroups=True)

    assert [(package.name, package.project_path) for package in found] == [
        ("demo", "acme/demo"),
        ("demo", "acme/demo"),
        ("inner", "acme/sub/inner"),
    ]
    assert [package.version for package in direct] == ["1.0", "2.0"]
    client.projects.get(found[2].project_id).packages.delete(found[2].id)
    assert len(group.packages.list(get_all=True)) == 2
    with pytest.raises(GitlabListError) as hidden:
        connect(gitlab.stranger).groups.get("acme", lazy=True).packages.list(get_all=True)
    assert hidden.value.response_code == 404


@EVERY
def test_uploaded_again_after_a_deletion(gitlab: Registry, client: Gitlab) -> None:
    """Real twine uploads a wheel and an sdist; what is deleted here, it can upload again, what is not, not."""
    dists = make_dists("demo", "1.0", requires_python=">=3.8")
    gitlab.upload(*dists)
    packages = client.projects.get("acme/demo").packages
    [package] = packages.list(get_all=True)
    with pytest.raises(CommandFailed, match="400 Bad Request"):
        gitlab.upload(make_wheel("demo", "1.0", requires_python=">=3.8", summary="changed"))
    assert [exchange.refusal for exchange in gitlab.log.uploads()] == ["", "", "FILE_EXISTS"]

    package.delete()

    assert gitlab.files("demo") == set()
    gitlab.upload(*dists)
    assert gitlab.files("demo") == {dist.name for dist in dists}
    [again] = packages.list(get_all=True)
    assert again.id > package.id


@pytest.mark.parametrize("gitlab", ["17.4"], indirect=True)
def test_a_moved_project(gitlab: Registry, api: Api, client: Gitlab) -> None:
    """Reading follows to its number; deleting at the former path does not."""
    project = api.world.project("acme/old")
    api.member("maintainer", project)
    api.stock("1.0", project=project)
    lazy = client.projects.get("acme/old", lazy=True)
    api.world.move(project, "acme/new")

    assert client.projects.get("acme/old").path_with_namespace == "acme/new"
    assert [package.version for package in lazy.packages.list(get_all=True)] == ["1.0"]
    with pytest.raises((GitlabDeleteError, RedirectError), match="moved projects"):
        lazy.packages.delete(1)
    client.projects.get("acme/old").packages.delete(1)
    assert gitlab._index.releases([project]) == ()


def test_below_a_path(rooted: Api) -> None:
    """A GitLab with a relative URL root: the links lead to where the client began."""
    rooted.stock("1.0", "2.0", "3.0")
    with Gitlab(rooted.registry.url, private_token=rooted.maintainer.secret) as client:
        client.auth()
        packages = client.projects.get("acme/demo").packages

        found = packages.list(get_all=True, per_page=1)

        assert [package.version for package in found] == ["1.0", "2.0", "3.0"]
        found[1].delete()
    assert rooted.registry.versions("demo") == ["1.0", "3.0"]
