"""The JSON API: which release, in which words, and who gets none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from pytest_pyreg import Registry, make_sdist, make_wheel
from pytest_pyreg.flavours.pypi.page_facts import PageFacts

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from pytest_pyreg.flavours.pypi.world import PyPIWorld

    Ask = Callable[..., TestResponse]
    Opened = Callable[..., Registry]

TOP = {"info", "last_serial", "ownership", "releases", "urls", "vulnerabilities"}
INFO = {
    *("author", "author_email", "bugtrack_url", "classifiers", "description", "description_content_type", "docs_url"),
    *("download_url", "downloads", "dynamic", "home_page", "keywords", "license", "license_expression"),
    *("license_files", "maintainer", "maintainer_email", "name", "package_url", "platform", "project_url"),
    *("project_urls", "provides_extra", "release_url", "requires_dist", "requires_python", "summary", "version"),
    *("yanked", "yanked_reason"),
}
FILE = {
    *("comment_text", "core-metadata", "digests", "downloads", "filename", "has_sig", "md5_digest", "packagetype"),
    *("python_version", "requires_python", "size", "upload_time", "upload_time_iso_8601", "url", "yanked"),
    "yanked_reason",
}


@pytest.fixture(name="told")
def _told(ask: Ask) -> Callable[..., Any]:
    """Ask for a document that is there."""

    def asked(path: str) -> Any:  # noqa: ANN401 - whatever JSON holds.
        response = ask(path)
        assert response.status_code == 200
        return response.get_json()

    return asked


def test_a_project(index: Registry, ask: Ask) -> None:
    """Every key, on one line, and the headers."""
    index.add(make_wheel("Foo.Bar", "1.0"), make_sdist("Foo.Bar", "1.0"))

    response = ask("/pypi/foo-bar/json")

    told = response.get_json()
    assert response.text.startswith('{"info":{"author":null,')
    assert response.text.endswith(',"vulnerabilities":[]}\n')
    assert response.text.count("\n") == 1
    assert (set(told), set(told["info"]), set(told["urls"][0])) == (TOP, INFO, FILE)
    assert told["urls"] == told["releases"]["1.0"]
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "max-age=900, public"
    assert response.headers["X-PyPI-Last-Serial"] == str(told["last_serial"])
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert ask("/pypi/foo-bar/json", If_None_Match=response.headers["ETag"]).status_code == 304
    assert ask("/pypi/foo-bar/json/").data == response.data


def test_a_file(index: Registry, told: Callable[..., Any]) -> None:
    """All that is said of it, but for its digests and its size."""
    index.add(make_wheel("demo", "1.0", requires_python=">=3.8"), make_sdist("demo", "1.0"))

    wheel, sdist = told("/pypi/demo/1.0/json")["urls"]

    for name in ("digests", "size", "md5_digest", "url"):
        assert wheel.pop(name)
    assert wheel.pop("core-metadata").keys() == {"sha256"}
    assert wheel == {
        "comment_text": "",
        "downloads": -1,
        "filename": "demo-1.0-py3-none-any.whl",
        "has_sig": False,
        "packagetype": "bdist_wheel",
        "python_version": "py3",
        "requires_python": ">=3.8",
        "upload_time": "2026-08-21T12:00:00",
        "upload_time_iso_8601": "2026-08-21T12:00:00.000000Z",
        "yanked": False,
        "yanked_reason": None,
    }
    assert (sdist["core-metadata"], sdist["packagetype"], sdist["python_version"]) == (False, "sdist", "source")
    assert sdist["digests"].keys() == {"md5", "sha256", "blake2b_256"}
    assert sdist["md5_digest"] == sdist["digests"]["md5"]


def test_metadata(index: Registry, told: Callable[..., Any]) -> None:
    """What was sent is there, in its own shape; what was not is null."""
    index.add(
        make_wheel(
            "Foo.Bar",
            "1.0",
            summary="A thing",
            requires=["b>=1", "a"],
            requires_python=">=3.8",
            provides_extra=["x"],
            dynamic=["requires-dist"],
            platform=["any", "other"],
            license_file=["LICENSE"],
            classifiers=["Topic :: Utilities", "Environment :: Console"],
            home_page="https://example.com/home",
            project_urls=["Home-Page, https://example.com/home", "homepage, https://example.com/2", "Docs, https://d"],
        )
    )

    info = told("/pypi/foo-bar/json")["info"]

    assert {key: info[key] for key in ("name", "summary", "requires_dist", "requires_python", "provides_extra")} == {
        "name": "Foo.Bar",
        "summary": "A thing",
        "requires_dist": ["b>=1", "a"],
        "requires_python": ">=3.8",
        "provides_extra": ["x"],
    }
    assert info["classifiers"] == ["Environment :: Console", "Topic :: Utilities"]
    assert (info["platform"], info["dynamic"], info["license_files"]) == ("any", ["Requires-Dist"], ["LICENSE"])
    assert info["project_urls"] == {
        "Homepage": "https://example.com/home",
        "homepage": "https://example.com/2",
        "Docs": "https://d",
    }
    assert info["package_url"] == info["project_url"] == f"{index.url}/project/Foo.Bar/"
    assert info["release_url"] == f"{index.url}/project/Foo.Bar/1.0/"
    assert (info["author"], info["license"], info["keywords"], info["bugtrack_url"]) == (None, None, None, None)
    assert info["downloads"] == {"last_day": -1, "last_week": -1, "last_month": -1}


def test_a_release(index: Registry, told: Callable[..., Any]) -> None:
    """Any spelling of the version, and no list of releases."""
    index.add(make_wheel("demo", "1.0"), make_wheel("demo", "2.0"))

    found = told("/pypi/demo/1.0.0/json")

    assert set(found) == TOP - {"releases"}
    assert found["info"]["version"] == "1.0"
    assert [file["filename"] for file in found["urls"]] == ["demo-1.0-py3-none-any.whl"]
    assert told("/pypi/demo/1/json/") == found


@pytest.mark.parametrize(
    ("versions", "yanked", "latest"),
    [
        (["1.0", "2.0a1"], [], "1.0"),
        (["1.0", "2.0.dev1"], [], "1.0"),
        (["1.9", "1.10"], [], "1.10"),
        (["1.0", "2.0"], ["2.0"], "1.0"),
        (["1.0a1", "2.0"], ["2.0"], "1.0a1"),
        (["1.0", "2.0"], ["1.0", "2.0"], "2.0"),
        (["1.0a1", "1.0a2"], [], "1.0a2"),
        (["1.0", "1.0.post1"], [], "1.0.post1"),
    ],
)
def test_the_latest(
    index: Registry, told: Callable[..., Any], versions: list[str], yanked: list[str], latest: str
) -> None:
    """What was not taken back, then what is final, then the highest."""
    index.add(*(make_wheel("demo", version) for version in versions))
    for version in yanked:
        index.yank("demo", version, "oops")

    found = told("/pypi/demo/json")

    assert found["info"]["version"] == latest
    assert found["info"]["yanked"] is (latest in yanked)
    assert found["info"]["yanked_reason"] == ("oops" if latest in yanked else None)
    assert set(found["releases"]) == set(versions)


@pytest.mark.parametrize(
    "path", ["/pypi/nope/json", "/pypi/nope/json/", "/pypi/nope/1.0/json", "/pypi/demo/9/json", "/pypi/empty/json"]
)
def test_nothing_there(index: Registry, world: PyPIWorld, ask: Ask, path: str) -> None:
    """Neither a project nor a release, nor a project without any."""
    index.add(make_wheel("demo", "1.0"))
    world.project("empty")

    response = ask(path)

    assert (response.status_code, response.text) == (404, '{"message": "Not Found"}')
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_quarantine(index: Registry, world: PyPIWorld, ask: Ask) -> None:
    """As if it were not there: a release, then the whole."""
    index.add(make_wheel("demo", "1.0"), make_wheel("demo", "2.0"))
    project = world.project("demo")
    project.quarantined_releases.add("2")
    world.changed(project)

    assert ask("/pypi/demo/2.0/json").status_code == 404
    assert set(ask("/pypi/demo/json").get_json()["releases"]) == {"1.0"}
    project.quarantine()
    assert ask("/pypi/demo/json").status_code == 404


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/pypi/Foo.Bar/json", "/pypi/foo-bar/json"),
        ("/pypi/Foo.Bar/json/?a=1", "/pypi/foo-bar/json/?a=1"),
        ("/pypi/Foo_bar/1.0.0/json", "/pypi/foo-bar/1.0.0/json"),
    ],
)
def test_the_normalized_name(index: Registry, ask: Ask, path: str, location: str) -> None:
    """Another spelling leads to it."""
    index.add(make_wheel("Foo.Bar", "1.0"))

    response = ask(path)

    assert (response.status_code, response.location) == (301, index.url + location)
    assert response.headers["Cache-Control"] == "max-age=900, public"
    assert ask("/pypi/No.pe/json").status_code == 404


def test_ownership(index: Registry, world: PyPIWorld, told: Callable[..., Any]) -> None:
    """Owners first, then by name; a change of people is a change of the page."""
    index.add(make_wheel("demo", "1.0"))
    assert told("/pypi/demo/json")["ownership"] == {
        "organization": None,
        "roles": [{"role": "Owner", "user": "publisher"}],
    }

    world.project(
        "demo",
        owners=[world.user("zoe")],
        maintainers=[world.user("bob"), world.user("ann")],
        organization=world.organization("acme"),
    )
    world.changed(world.project("demo"))

    assert told("/pypi/demo/json")["ownership"] == {
        "organization": "acme",
        "roles": [
            {"role": "Owner", "user": "publisher"},
            {"role": "Owner", "user": "zoe"},
            {"role": "Maintainer", "user": "ann"},
            {"role": "Maintainer", "user": "bob"},
        ],
    }


def test_an_earlier_year(opened: Opened) -> None:
    """What it had not yet is not there, at any depth."""
    without = frozenset(
        {"ownership", "core-metadata", "license_expression", "license_files", "provides_extra", "dynamic"}
    )
    registry = opened(PageFacts(json_api_without=without))
    registry.add(make_wheel("demo", "1.0"))

    told = Client(registry.wsgi).get("/pypi/demo/json").get_json()

    assert set(told) == TOP - without
    assert set(told["info"]) == INFO - without
    assert set(told["urls"][0]) == FILE - without


def test_it_is_read_alone(ask: Ask) -> None:
    """No other method than those that read."""
    assert ask("/pypi/demo/json", "POST").status_code == 405
