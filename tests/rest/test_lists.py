"""Lists of packages: filters, orders, what is refused, pages and their headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_pyreg import ManualClock, Registry
    from tests.rest.conftest import Api

DEMO = "projects/acme%2Fdemo"
UNKNOWN = "does not have a valid value"


# -- filters and orders ------------------------------------------------------------------------------------------------


@pytest.fixture(name="shelf")
def _shelf(api: Api, clock: ManualClock) -> None:
    """Five packages: two at the same time, two of one name, one that is spelt otherwise."""
    for name, version in (("my-pkg", "1.9"), ("my-pkg", "1.10"), ("other", "1.9"), ("My_Pkg", "2.0")):
        api.stock(version, name=name)
        clock.advance(minutes=1 if name != "other" else 0)
    api.stock("1.0", name="zebra")
    clock.advance(minutes=10)


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("package_name=my-pkg", [1, 2]),
        ("package_name=Y-P", [1, 2]),
        ("package_name=my_pkg", [4]),
        ("package_name=pkg+my", [1, 2, 4]),
        ("package_name=pkg%20zebra", []),
        ("package_name=", [1, 2, 3, 4, 5]),
        ("package_name=%25", []),
        ("package_version=1.9", [1, 3]),
        ("package_version=1", []),
        ("package_version=1.9&package_name=other&include_versionless=true", [3]),
        ("package_version=", [1, 2, 3, 4, 5]),
        ("package_type=pypi", [1, 2, 3, 4, 5]),
        ("package_type=npm", []),
        ("status=default", [1, 2, 3, 4, 5]),
        ("status=hidden", []),
        ("status=pending_destruction", []),
        ("include_versionless=1", [1, 2, 3, 4, 5]),
        ("include_versionless=", [1, 2, 3, 4, 5]),
        ("unheard=of", [1, 2, 3, 4, 5]),
        ("sort=desc", [5, 3, 4, 2, 1]),
        ("order_by=created_at", [1, 2, 3, 4, 5]),
        ("order_by=name", [4, 1, 2, 3, 5]),
        ("order_by=name&sort=desc", [5, 3, 1, 2, 4]),
        ("order_by=version", [5, 2, 1, 3, 4]),
        ("order_by=version&sort=desc", [4, 1, 3, 2, 5]),
        ("order_by=type", [1, 2, 3, 4, 5]),
        ("order_by=type&sort=desc", [1, 2, 3, 4, 5]),
        ("order_by=name&package_version=1.9&per_page=1&page=2", [3]),
        ("page=&per_page=", [1, 2, 3, 4, 5]),
    ],
)
def test_filters_and_orders(api: Api, query: str, found: list[int]) -> None:
    """Names are searched as text, every word of them; versions are compared and sorted as text; ties go by id."""
    assert api.listed(f"{DEMO}/packages?{query}", "id") == found


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("order_by=size", f"order_by {UNKNOWN}"),
        ("order_by=project_path", f"order_by {UNKNOWN}"),
        ("order_by=", f"order_by {UNKNOWN}"),
        ("sort=up", f"sort {UNKNOWN}"),
        ("package_type=egg", f"package_type {UNKNOWN}"),
        ("status=gone", f"status {UNKNOWN}"),
        ("include_versionless=maybe", "include_versionless is invalid"),
        ("page=one", "page is invalid"),
        ("page=1.5", "page is invalid"),
        ("page=%D9%A1", "page is invalid"),
        ("per_page=many", "per_page is invalid"),
        ("per_page=0", "per_page has a value not allowed"),
        (
            "status=x&sort=x&order_by=x&per_page=x&page=x",
            f"page is invalid, per_page is invalid, order_by {UNKNOWN}, sort {UNKNOWN}, status {UNKNOWN}",
        ),
    ],
)
def test_queries_refused(api: Api, query: str, error: str) -> None:
    """All problems are named together, in the order of declaration; who may not read learns of none."""
    answer = api.get(f"{DEMO}/packages?{query}")

    assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert api.get(f"{DEMO}/packages?{query}", api.registry.stranger).json() == {"message": "404 Project Not Found"}
    assert api.get(f"{DEMO}/packages?{query}", api.member("guest")).json() == {"message": "403 Forbidden"}


@pytest.mark.parametrize(
    ("gitlab", "ignored", "refused"),
    [
        ("13.4", ["package_version=9", "include_versionless=maybe", "status=x"], ["package_type=x"]),
        ("13.8", ["package_version=9", "status=x"], ["include_versionless=maybe"]),
        ("13.9", ["package_version=9"], ["status=x", "status=deprecated"]),
        ("16.5", ["package_version=9"], ["status=deprecated"]),
        ("17.8", [], ["status=deprecated"]),
    ],
    indirect=["gitlab"],
)
def test_parameters_come_with_their_release(api: Api, ignored: list[str], refused: list[str]) -> None:
    """One that a release does not know yet is ignored, whatever it says; a known one is validated."""
    api.stock("1.0")

    for query in ignored:
        assert api.listed(f"{DEMO}/packages?{query}", "version") == ["1.0"]
    for query in refused:
        assert api.get(f"{DEMO}/packages?{query}").status_code == 400


@pytest.mark.parametrize("gitlab", ["16.6", "17.9", "19"], indirect=True)
def test_later_parameters(api: Api) -> None:
    """The version is a filter from 16.6 on, `deprecated` a status from 17.9 on."""
    api.stock("1.0", "2.0")

    assert api.listed(f"{DEMO}/packages?package_version=2.0", "version") == ["2.0"]
    expected = 400 if api.world.release == "16.6" else 200
    assert api.get(f"{DEMO}/packages?status=deprecated").status_code == expected


@pytest.mark.parametrize(("gitlab", "sorts"), [("17.4", False), ("19", True)], indirect=["gitlab"])
def test_the_order_of_files(api: Api, *, sorts: bool) -> None:
    """The list of files has an order to choose about from 18.4 on."""
    api.upload("b.tar.gz")
    api.upload("a.tar.gz")
    path = f"{DEMO}/packages/1/package_files"

    assert api.listed(path, "file_name") == ["b.tar.gz", "a.tar.gz"]
    by_name = api.listed(f"{path}?order_by=file_name", "file_name")
    assert by_name == (["a.tar.gz", "b.tar.gz"] if sorts else ["b.tar.gz", "a.tar.gz"])
    assert api.listed(f"{path}?order_by=file_name&sort=desc", "file_name") == ["b.tar.gz", "a.tar.gz"]
    assert api.get(f"{path}?order_by=size").status_code == (400 if sorts else 200)


# -- pages -------------------------------------------------------------------------------------------------------------


PAGES = ["X-Per-Page", "X-Page", "X-Next-Page", "X-Prev-Page", "X-Total", "X-Total-Pages"]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("query", "found", "headers", "links"),
    [
        ("", [1, 2, 3, 4, 5], "20,1,,,5,1", "first=1 last=1"),
        ("per_page=2", [1, 2], "2,1,2,,5,3", "next=2 first=1 last=3"),
        ("per_page=2&page=2", [3, 4], "2,2,3,1,5,3", "prev=1 next=3 first=1 last=3"),
        ("per_page=2&page=3", [5], "2,3,,2,5,3", "prev=2 first=1 last=3"),
        ("per_page=2&page=4", [], "2,4,,,5,3", "first=1 last=3"),
        ("page=2", [], "20,2,,,5,1", "first=1 last=1"),
        (f"page={'9' * 30}", [], f"20,{10**18},,,5,1", "first=1 last=1"),
        ("per_page=500", [1, 2, 3, 4, 5], "100,1,,,5,1", "first=1 last=1"),
        ("page=0&per_page=3", [1, 2, 3], "3,1,2,,5,2", "next=2 first=1 last=2"),
        ("page=-7", [1, 2, 3, 4, 5], "20,1,,,5,1", "first=1 last=1"),
        ("per_page=-1", [1, 2, 3, 4, 5], "20,1,,,5,1", "first=1 last=1"),
        ("package_name=absent", [], "20,1,,,0,1", "first=1 last=1"),
    ],
)
def test_pages(gitlab: Registry, api: Api, query: str, found: list[int], headers: str, links: str) -> None:
    """Headers tell where one is; `Link` has the addresses, each with the whole query in alphabetical order."""
    answer = api.get(f"{DEMO}/packages?{query}")

    assert [package["id"] for package in answer.json()] == found
    expected = dict(zip(PAGES, headers.split(","), strict=True))
    assert {name: answer.headers.get(name, "") for name in PAGES} == expected
    sent = [name for name in answer.headers if name in {*PAGES, "Link"} and answer.headers[name]]
    order = ["X-Per-Page", "X-Page", "X-Next-Page", "X-Prev-Page", "Link", "X-Total", "X-Total-Pages"]
    assert sent == [name for name in order if name == "Link" or expected[name]]

    name = "&package_name=absent" if "absent" in query else ""
    per_page = expected["X-Per-Page"]
    expected_links = [
        f"<{gitlab.url}/api/v4/{DEMO}/packages?id=acme%2Fdemo&order_by=created_at{name}&page={page}"
        f'&per_page={per_page}&sort=asc>; rel="{relation}"'
        for relation, _, page in (link.partition("=") for link in links.split())
    ]
    assert answer.headers["Link"] == ", ".join(expected_links)


def test_a_page_that_is_not_there_has_an_empty_header(api: Api) -> None:
    """`X-Next-Page` and `X-Prev-Page` are sent, empty."""
    answer = api.get(f"{DEMO}/packages")

    assert (answer.headers["X-Next-Page"], answer.headers["X-Prev-Page"]) == ("", "")


def test_whoever_follows_the_links_gets_everything_once(api: Api) -> None:
    """To the end and back, whatever else was asked for, in words that have to be escaped."""
    api.stock(*(f"1.{number}" for number in range(7)), name="a.b")
    api.stock("9.0", name="other")
    path = f"{DEMO}/packages?per_page=3&package_name=a.b%20a&order_by=version&sort=desc&mark=%C3%A4%26"
    seen: list[str] = []

    answer = api.get(path)
    seen += [package["version"] for package in answer.json()]
    while "next" in answer.links:
        answer = api.get(answer.links["next"]["url"])
        seen += [package["version"] for package in answer.json()]

    assert seen == [f"1.{number}" for number in range(6, -1, -1)]
    assert answer.url.endswith(
        "?id=acme%2Fdemo&mark=%C3%A4%26&order_by=version&package_name=a.b+a&page=3&per_page=3&sort=desc"
    )
    while "prev" in answer.links:
        answer = api.get(answer.links["prev"]["url"])
    assert [package["version"] for package in answer.json()] == ["1.6", "1.5", "1.4"]


def test_links_of_files_and_groups(api: Api) -> None:
    """They say again what the path names, in GitLab's words."""
    api.world.group("acme").add_member(api.world.user("a-maintainer"), "maintainer")
    api.stock("1.0")

    files = api.get("projects/1/packages/1/package_files")
    group = api.get("groups/acme/packages?exclude_subgroups=1")

    assert files.links["first"]["url"] == (
        f"{api.registry.url}/api/v4/projects/1/packages/1/package_files?id=1&package_id=1&page=1&per_page=20"
    )
    assert group.links["first"]["url"] == (
        f"{api.registry.url}/api/v4/groups/acme/packages?exclude_subgroups=true&id=acme&order_by=created_at&page=1&per_page=20&sort=asc"
    )
    assert api.get("projects/1/packages/1/package_files?page=x").json() == {"error": "page is invalid"}
    assert api.get("projects/1/packages/x/package_files?page=x").json() == {
        "error": "package_id is invalid, page is invalid"
    }
