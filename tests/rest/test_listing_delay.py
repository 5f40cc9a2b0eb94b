"""The list of packages of 12.10, which lags behind; docs 12.10: "may take up to ten minutes"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_pyreg import ManualClock, Registry
    from tests.rest.conftest import Api

LISTS = ["projects/1/packages", "groups/acme/packages"]


@pytest.mark.parametrize("gitlab", ["12.10"], indirect=True)
@pytest.mark.parametrize("path", LISTS)
def test_12_10_lists_a_package_after_ten_minutes(api: Api, clock: ManualClock, path: str) -> None:
    """Until then the list is empty, and says so in its headers; page, package and files are there at once."""
    api.world.group("acme").add_member(api.world.user("a-maintainer"), "maintainer")
    [number] = api.stock("1.0")

    for minutes, names in ((0, []), (9.99, []), (0.01, ["demo"]), (60, ["demo"])):
        clock.advance(minutes=minutes)
        answer = api.get(path)
        assert [package["name"] for package in answer.json()] == names
        assert answer.headers["X-Total"] == str(len(names))
        page = api.ask("GET", "projects/1/packages/pypi/simple/demo", auth=("any", api.maintainer.secret))
        assert "demo-1.0-py3-none-any.whl" in page.text
        assert api.get(f"projects/1/packages/{number}").json()["name"] == "demo"
        assert api.listed(f"projects/1/packages/{number}/package_files", "file_name") == ["demo-1.0-py3-none-any.whl"]


@pytest.mark.parametrize("gitlab", ["12.10"], indirect=True)
def test_a_package_can_be_deleted_before_it_is_listed(api: Api, clock: ManualClock) -> None:
    """What is gone by then is never listed."""
    [number] = api.stock("1.0")

    assert api.delete(f"projects/1/packages/{number}").status_code == 204

    clock.advance(minutes=10)
    assert api.listed("projects/1/packages", "name") == []


@pytest.mark.parametrize("gitlab", ["13.0", "13.4", "13.12", "17.4"], indirect=True)
@pytest.mark.parametrize("path", LISTS)
def test_later_releases_list_at_once(gitlab: Registry, api: Api, path: str) -> None:
    """There is nothing to wait for."""
    api.world.group("acme").add_member(api.world.user("a-maintainer"), "maintainer")
    api.stock("1.0")

    assert api.listed(path, "name") == ["demo"]
    assert gitlab.log.where(method="GET", status=200)
