"""A group's addresses: who gets in, and what they find there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import ANONYMOUS, Credential

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg import GitLab
    from pytest_pyreg.flavours.gitlab.words import Seen

    Start = Callable[..., GitLab]
    Ask = Callable[..., requests.Response]


@pytest.fixture(name="gitlab")
def _gitlab(start: Start) -> GitLab:
    """A tree of groups: `top` (public) with a public project, a private one, and one in a private subgroup."""
    gitlab = start("19", forwarding=False)
    gitlab.group("top", visibility="public")
    upload(gitlab, "top/open", "public")
    upload(gitlab, "top/closed", "private")
    upload(gitlab, "top/sub/deep", "private")
    return gitlab


def upload(gitlab: GitLab, path: str, visibility: Seen) -> None:
    """Publish a package, named after its project, with the project's own token."""
    if path.count("/") > 1:
        gitlab.group(path.rpartition("/")[0], visibility="private")
    project = gitlab.project(path, visibility=visibility)
    wheel = gitlab.make_wheel(project.name, "1.0")
    token = project.deploy_token()
    requests.post(
        f"{gitlab.url}/api/v4/projects/{project.id}/packages/pypi",
        auth=(token.username, token.secret),
        data={"name": project.name, "version": "1.0", "sha256_digest": "a" * 64},
        files={"content": (wheel.name, wheel.data)},
        timeout=10,
    ).raise_for_status()


def found(answer: requests.Response) -> list[str]:
    """Return the names that a list shows."""
    return re.findall(r">([^<]+)</a>", answer.text)


def test_a_group_shows_what_the_caller_may_read(gitlab: GitLab, ask: Ask) -> None:
    """Public projects to everybody, private ones to their members, all of them to who is a member of the group."""
    top = gitlab.group("top")
    url = f"{gitlab.url}/api/v4/groups/{top.id}/-/packages/pypi/simple"
    ada, bob = gitlab.user("ada"), gitlab.user("bob")
    top.add_member(ada, "reporter")
    gitlab.project("top/closed").add_member(bob, "reporter")

    assert found(ask(url)) == ["open"]
    assert found(ask(url, bob.personal_token())) == ["open", "closed"]
    assert found(ask(url, ada.personal_token())) == ["open", "closed", "deep"]
    assert found(ask(url, top.deploy_token())) == ["open", "closed", "deep"]
    assert found(ask(f"{gitlab.url}/api/v4/groups/top%2Fsub/-/packages/pypi/simple", ada.personal_token())) == ["deep"]


def test_anyone_may_pull_from_the_project_alone(gitlab: GitLab, ask: Ask) -> None:
    """A private project whose registry is for everyone is open at its own address, not listed at its group's."""
    top = gitlab.group("top")
    closed = gitlab.project("top/closed", package_registry="public")

    assert ask(f"{gitlab.url}/api/v4/projects/{closed.id}/packages/pypi/simple").status_code == 200
    assert found(ask(f"{gitlab.url}/api/v4/groups/{top.id}/-/packages/pypi/simple")) == ["open"]


def test_a_registry_that_is_off_is_not_listed(gitlab: GitLab, ask: Ask) -> None:
    """A project whose registry is disabled is not there."""
    top = gitlab.group("top")
    gitlab.project("top/open", package_registry="disabled")

    assert found(ask(f"{gitlab.url}/api/v4/groups/{top.id}/-/packages/pypi/simple")) == []


@pytest.mark.parametrize("visibility", ["private", "internal", "public"])
@pytest.mark.parametrize(
    ("caller", "answers"),
    [
        # research of group_policy.rb: what a private, an internal and a public group answer.
        ("nobody", (401, 401, 200)),
        ("stranger", (404, 403, 200)),
        ("external", (404, 404, 200)),
        ("member of a project inside", (403, 403, 200)),
        ("guest", (403, 403, 200)),
        ("planner", (403, 403, 200)),
        ("reporter", (200, 200, 200)),
        ("owner", (200, 200, 200)),
        ("admin", (200, 200, 200)),
        ("its deploy token", (200, 200, 200)),
        ("deploy token of the group above", (404, 403, 200)),
        ("deploy token of a project inside", (404, 403, 200)),
        ("job of a reporter", (200, 200, 200)),
        ("wrong job token", (401, 401, 401)),
        ("owner under the job's name", (200, 200, 200)),
    ],
)
def test_who_gets_in(start: Start, ask: Ask, visibility: Seen, caller: str, answers: tuple[int, int, int]) -> None:
    """Members from reporters up, everybody where the group is public; who sees no group is not told of it."""
    gitlab = start("19", forwarding=False)
    gitlab.group("above", visibility=visibility)
    group = gitlab.group("above/here", visibility=visibility)
    project = gitlab.project("above/here/demo")
    ada = gitlab.user("ada", external=caller == "external", admin=caller == "admin")
    if caller in {"guest", "planner", "reporter", "owner"}:
        group.add_member(ada, caller)
    if caller == "member of a project inside":
        project.add_member(ada, "maintainer")
    if caller in {"job of a reporter", "owner under the job's name"}:
        group.add_member(ada, "reporter")
    who = {
        "nobody": ANONYMOUS,
        "its deploy token": group.deploy_token(),
        "deploy token of the group above": gitlab.group("above").deploy_token(),
        "deploy token of a project inside": project.deploy_token(),
        "job of a reporter": project.job_token(ada),
        "wrong job token": Credential("gitlab-ci-token", "wrong"),
        "owner under the job's name": Credential("gitlab-ci-token", ada.personal_token().secret),
    }.get(caller) or ada.personal_token()
    expected = answers[("private", "internal", "public").index(visibility)]

    answer = ask(f"{gitlab.url}/api/v4/groups/{group.id}/-/packages/pypi/simple", who)

    assert answer.status_code == expected


def test_a_group_gives_any_file_of_its_projects(gitlab: GitLab, ask: Ask) -> None:
    """The group is asked, its projects are not: who knows the digest gets a private file from a public group."""
    address = f"packages/pypi/files/{'a' * 64}/closed-1.0-py3-none-any.whl"

    group = ask(f"{gitlab.url}/api/v4/groups/top/-/{address}")
    project = ask(f"{gitlab.url}/api/v4/projects/top%2Fclosed/{address}")
    wrong = ask(f"{gitlab.url}/api/v4/groups/top/-/{address.replace('aa', 'bb')}")

    assert (group.status_code, project.status_code, wrong.status_code) == (200, 401, 404)
    assert wrong.json() == {"message": "404 Not found"}


def test_a_page_of_a_group_links_to_the_group(gitlab: GitLab, ask: Ask) -> None:
    """By the group's number, even if it was asked for by its path."""
    top = gitlab.group("top")

    answer = ask(f"{gitlab.url}/api/v4/groups/top/-/packages/pypi/simple/open")

    assert f'href="{gitlab.url}/api/v4/groups/{top.id}/-/packages/pypi/files/{"a" * 64}/open-1.0' in answer.text


def test_a_user_is_no_group(start: Start, ask: Ask) -> None:
    """Projects of a user have no group address, and their namespace is found by nobody."""
    gitlab = start("19")
    ada = gitlab.user("ada")
    project = gitlab.project("ada/thing", visibility="public")

    assert project.parent is ada.namespace
    for reference in ("ada", str(ada.namespace.id if ada.namespace else "")):
        answer = ask(f"{gitlab.url}/api/v4/groups/{reference}/-/packages/pypi/simple", ada.personal_token())
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Not Found"})
    assert ask(f"{gitlab.url}/api/v4/projects/ada%2Fthing/packages/pypi/simple", ada.personal_token()).ok


def test_there_are_no_groups_before_13_12(start: Start, ask: Ask) -> None:
    """An older release knows no such address."""
    gitlab = start("13.11")

    answer = ask(f"{gitlab.url}/api/v4/groups/acme/-/packages/pypi/simple/demo", gitlab.publisher)

    assert (answer.status_code, answer.json()) == (404, {"error": "404 Not Found"})
