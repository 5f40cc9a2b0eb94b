"""Listing and showing packages: the exact JSON of each release, filters, orders, pages, and who sees what."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_pyreg import ManualClock, Registry
    from tests.rest.conftest import Api

STAMP = "2026-01-01T12:00:00.123Z"  # Of the clock.
DEMO = "projects/acme%2Fdemo"
LATER = "2026-01-01T12:30:00.123Z"

# The keys of a package of a list, in order; what stands in braces is there only sometimes.
_FROM_13_12 = "id name version package_type status _links created_at {group} tags {pipeline} {pipelines}"
_FROM_15_7 = _FROM_13_12.replace("created_at", "created_at last_downloaded_at")
FIELDS = {
    "12.10": "id name version package_type _links created_at {group} tags {pipeline} versions",
    "13.12": _FROM_13_12,
    "15.3": _FROM_13_12,
    "15.7": _FROM_15_7,
    "17.4": _FROM_15_7,
    "19": _FROM_15_7.replace("last_downloaded_at", "last_downloaded_at creator_id"),
}
FILE_FIELDS = "id package_id created_at file_name size file_md5 file_sha1 file_sha256 {pipelines}"
PIPELINE_FIELDS = {
    "13.4": "id sha ref status created_at updated_at web_url user",
    "13.12": "id project_id sha ref status created_at updated_at web_url user",
    "15.3": "id iid project_id sha ref status source created_at updated_at web_url user",
    "17.4": "id iid project_id sha ref status source created_at updated_at web_url user",
    "19": "id iid project_id sha ref status source created_at updated_at web_url user",
}


def keys(fields: str, **sometimes: str) -> list[str]:
    """Return the keys of a line of the tables, with what stands in braces replaced, by nothing if nothing is given."""
    blank = dict.fromkeys(("group", "pipeline", "pipelines"), "")
    return fields.format_map(blank | sometimes).split()


def eras(table: dict[str, str]) -> pytest.MarkDecorator:
    """Run a test with every release of a table."""
    return pytest.mark.parametrize(("gitlab", "fields"), list(table.items()), indirect=["gitlab"])


# -- exact JSON --------------------------------------------------------------------------------------------------------


@eras(FIELDS)
def test_a_listed_package(gitlab: Registry, api: Api, clock: ManualClock, fields: str) -> None:
    """Every key with its value, in order; who may not delete is shown no address to do it."""
    [number] = api.stock("1.0")
    clock.advance(minutes=30)

    [package] = api.get(f"{DEMO}/packages").json()
    [without] = api.get(f"{DEMO}/packages", gitlab.reader).json()

    values = {
        "id": number,
        "name": "demo",
        "version": "1.0",
        "package_type": "pypi",
        "status": "default",
        "_links": {
            "web_path": f"/acme/demo/-/packages/{number}",
            "delete_api_path": f"{gitlab.url}/api/v4/projects/1/packages/{number}",
        },
        "created_at": STAMP,
        "last_downloaded_at": None,
        "creator_id": None,
        "tags": [],
        "versions": [],
    }
    assert list(package.items()) == [(key, values[key]) for key in keys(fields)]
    assert without == package | {"_links": {"web_path": f"/acme/demo/-/packages/{number}"}}


@eras(FIELDS)
def test_a_package_of_a_group(api: Api, clock: ManualClock, fields: str) -> None:
    """A group's list says which project it is."""
    maintainer = api.maintainer
    api.world.group("acme").add_member(api.world.user("a-maintainer"), "maintainer")
    api.stock("1.0")
    clock.advance(minutes=30)

    [package] = api.get("groups/acme/packages", maintainer).json()

    assert list(package) == keys(fields, group="project_id project_path")
    assert (package["project_id"], package["project_path"]) == (1, "acme/demo")


@eras(FIELDS)
def test_a_single_package_has_the_other_versions(api: Api, clock: ManualClock, fields: str) -> None:
    """Those of exactly its name, as text in order, and nothing of another project."""
    first, _, _ = api.stock("1.10", "1.9", "1.2")
    api.stock("1.1", name="Demo")
    api.stock("3.0", name="demo", project=api.world.project("acme/other"))
    clock.advance(minutes=30)

    package = api.get(f"{DEMO}/packages/{first}").json()

    assert list(package) == keys(fields.removesuffix(" versions") + " versions")
    assert package["version"] == "1.10"
    assert package["versions"] == [
        {"id": 3, "version": "1.2", "created_at": STAMP, "tags": []},
        {"id": 2, "version": "1.9", "created_at": STAMP, "tags": []},
    ]


@pytest.mark.parametrize("gitlab", ["13.4", "13.12", "15.7", "17.4", "19"], indirect=True)
def test_the_files_of_a_package(gitlab: Registry, api: Api, clock: ManualClock) -> None:
    """In the order of arrival, with the digests that the client announced; sha256 is shown from 13.12 on."""
    [number] = api.stock("1.0")
    clock.advance(minutes=30)
    api.upload("demo-1.0.tar.gz", content=b"sdist")

    files = api.get(f"{DEMO}/packages/{number}/package_files", gitlab.reader).json()

    expected = {
        "id": 2,
        "package_id": number,
        "created_at": LATER,
        "file_name": "demo-1.0.tar.gz",
        "size": 5,
        "file_md5": hashlib.md5(b"sdist", usedforsecurity=False).hexdigest(),
        "file_sha1": None,
        "file_sha256": hashlib.sha256(b"sdist").hexdigest(),
    }
    if gitlab.flavour.version == "13.4":
        del expected["file_sha256"]
    assert list(files[1].items()) == list(expected.items())
    assert [file["file_name"] for file in files] == ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"]


def uploaded_by_jobs(api: Api) -> int:
    """Store a release whose wheel and sdist come from jobs of two pipelines; return its number."""
    user = api.world.user("a-maintainer")
    for filename in ("demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"):
        assert api.upload(filename, who=api.world.home.job_token(user)).status_code == 201
    [release] = api.registry._index.releases([api.world.home])
    return release.id


@eras(PIPELINE_FIELDS)
def test_pipelines_of_a_package(gitlab: Registry, api: Api, fields: str) -> None:
    """`pipeline` is the first one to 15, the last later; `pipelines` is there from 13.12 on, empty from 16.1 on."""
    number = uploaded_by_jobs(api)
    era = gitlab.flavour.version

    package = api.get(f"{DEMO}/packages/{number}").json()
    [listed] = api.get(f"{DEMO}/packages").json()
    files = api.get(f"{DEMO}/packages/{number}/package_files").json()

    ids = [2, 3]  # The first pipeline is that of the ready job.
    one = 3 if era in {"17.4", "19"} else 2
    user = {
        "id": 4,
        "username": "a-maintainer",
        "name": "a-maintainer",
        "state": "active",
        "avatar_url": None,
        "web_url": f"{gitlab.url}/a-maintainer",
    }
    values: dict[str, Any] = {
        "id": one,
        "iid": one,
        "project_id": 1,
        "sha": "0" * 40,
        "ref": "main",
        "status": "running",
        "source": "push",
        "created_at": STAMP,
        "updated_at": STAMP,
        "web_url": f"{gitlab.url}/acme/demo/-/pipelines/{one}",
        "user": user,
    }
    assert list(package["pipeline"].items()) == [(key, values[key]) for key in keys(fields)]
    names = ["id", "name", "username"] if era == "13.4" else ["id", "username", "name"]
    assert list(package["pipeline"]["user"])[:3] == names
    if era == "13.4":
        assert "pipelines" not in package
        assert "pipelines" not in files[0]
    else:
        shown = [pipeline["id"] for pipeline in package["pipelines"]]
        assert shown == ([] if one == 3 else ids)
        assert list(listed)[-2:] == ["pipeline", "pipelines"]
        assert [[pipeline["id"] for pipeline in file["pipelines"]] for file in files] == [[2], [3]]
        assert list(files[0]) == keys(FILE_FIELDS, pipelines="pipelines")


@pytest.mark.parametrize("gitlab", ["16.1", "17.4", "19"], indirect=True)
def test_the_pipelines_have_an_address(gitlab: Registry, api: Api) -> None:
    """The newest first, one page after the other by cursor, which is the only header."""
    number = uploaded_by_jobs(api)
    path = f"{DEMO}/packages/{number}/pipelines"

    whole, first = api.get(path), api.get(f"{path}?per_page=1")

    assert [pipeline["id"] for pipeline in whole.json()] == [3, 2]
    assert list(whole.json()[0]) == keys(PIPELINE_FIELDS["17.4"])
    assert not [name for name in whole.headers if name in {"Link", "X-Total", "X-Page", "X-Per-Page"}]
    assert [pipeline["id"] for pipeline in first.json()] == [3]
    cursor = "eyJpZCI6IjMiLCJfa2QiOiJuIn0%3D"  # {"id":"3","_kd":"n"}
    query = f"cursor={cursor}&id=acme%2Fdemo&package_id={number}&page=1&pagination=keyset&per_page=1"
    assert first.headers["Link"] == f'<{gitlab.url}/api/v4/{path}?{query}>; rel="next"'
    second = api.get(first.links["next"]["url"])
    assert [pipeline["id"] for pipeline in second.json()] == [2]
    assert "Link" not in second.headers


def test_pipelines_refused(api: Api) -> None:
    """A page has 1 to 20 of them; a package without pipelines has none; an unknown package is not there."""
    [number] = api.stock("1.0")
    path = f"{DEMO}/packages/{number}/pipelines"

    assert api.get(path).json() == []
    for per_page in ("-2", "0", "21"):
        answer = api.get(f"{path}?per_page={per_page}")
        assert (answer.status_code, answer.json()) == (400, {"error": "per_page does not have a valid value"})
    assert api.get(f"{path}?per_page=20&cursor=nonsense").json() == []
    assert api.get(f"{DEMO}/packages/999/pipelines").status_code == 404
    assert api.get(path, api.registry.stranger).json() == {"message": "404 Project Not Found"}


@pytest.mark.parametrize("gitlab", ["12.10", "13.12", "16.0"], indirect=True)
def test_before_16_1_pipelines_have_no_address(api: Api) -> None:
    """There is no such route."""
    [number] = api.stock("1.0")

    answer = api.get(f"{DEMO}/packages/{number}/pipelines")

    assert (answer.status_code, answer.json()) == (404, {"error": "404 Not Found"})


def test_the_last_download(api: Api, clock: ManualClock) -> None:
    """It is shown once there was one; another package's does not count."""
    first, _ = api.stock("1.0", "2.0")
    clock.advance(minutes=30)
    digest = hashlib.sha256(b"PK").hexdigest()
    url = f"projects/1/packages/pypi/files/{digest}/demo-1.0-py3-none-any.whl"

    assert api.ask("GET", url, auth=("any", api.maintainer.secret)).status_code == 200

    assert api.listed(f"{DEMO}/packages", "last_downloaded_at") == [LATER, None]
    assert api.get(f"{DEMO}/packages/{first}").json()["last_downloaded_at"] == LATER


def test_the_body_is_compact_json(api: Api) -> None:
    """No blank between, the type without a charset (old releases of python-gitlab compare it whole), and a tag."""
    api.stock("1.0")

    answer = api.get(f"{DEMO}/packages")

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.text == json.dumps(answer.json(), separators=(",", ":"))
    assert answer.headers["ETag"].startswith('W/"')
    assert api.get(f"{DEMO}/packages", api.maintainer, If_None_Match=answer.headers["ETag"]).status_code == 304
