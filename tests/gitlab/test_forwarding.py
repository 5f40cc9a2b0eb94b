"""What is not in the registry is looked for upstream: when, for whom, and never beyond this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import CommandFailed, PyPI
from pytest_pyreg.flavours.hosts import FILES

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from pytest_pyreg import GitLab

    Start = Callable[..., GitLab]
    Ask = Callable[..., requests.Response]


def test_an_unknown_project_is_elsewhere(start: Start, ask: Ask) -> None:
    """The name goes on as it was sent, with a slash behind it; the answer is Grape's."""
    gitlab = start()

    answer = ask(f"{gitlab.index_url}/My_Pkg", gitlab.reader)

    location = f"{gitlab.upstream.url}/simple/My_Pkg/"
    assert (answer.status_code, answer.headers["Location"]) == (302, location)
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.text == f'"This resource has been moved temporarily to {location}."'
    assert gitlab.log[0].why.endswith("so the client is sent to the index upstream")


def test_head_is_sent_on_too(start: Start, ask: Ask) -> None:
    """The same answer, without its body."""
    gitlab = start()

    answer = ask(f"{gitlab.index_url}/absent", gitlab.reader, "HEAD")

    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["Location"] == f"{gitlab.upstream.url}/simple/absent/"


@pytest.mark.parametrize("who", ["nobody", "stranger"])
def test_who_may_not_read_is_not_sent_on(start: Start, ask: Ask, who: str) -> None:
    """Rights come first."""
    gitlab = start()

    answer = ask(f"{gitlab.index_url}/absent", *([gitlab.stranger] if who == "stranger" else []))

    assert answer.status_code == (404 if who == "stranger" else 401)


def test_lists_and_files_are_never_elsewhere(start: Start, ask: Ask) -> None:
    """Only a project's page is."""
    gitlab = start()

    assert ask(gitlab.index_url, gitlab.reader).status_code == 200
    assert ask(f"{gitlab.upload_url}/files/{'a' * 64}/absent-1.0.tar.gz", gitlab.reader).status_code == 404


@pytest.mark.parametrize(
    ("instance", "locked", "above", "locked_above", "group", "forwards"),
    [
        (True, False, None, False, None, True),
        (False, False, None, False, None, False),
        (True, False, None, False, False, False),
        (False, False, None, False, True, True),
        (False, True, None, False, True, False),
        (True, False, False, False, None, False),
        (True, False, False, False, True, True),
        (True, False, False, True, True, False),
        (True, True, False, True, False, True),
    ],
)
def test_the_nearest_setting_counts_unless_one_above_is_locked(
    start: Start,
    ask: Ask,
    instance: bool,
    locked: bool,
    above: bool | None,
    locked_above: bool,
    group: bool | None,
    forwards: bool,
) -> None:
    """Instance, group above, group: each may leave it to the one above it, and each may lock those below."""
    gitlab = start()
    settings = gitlab.settings
    settings.pypi_package_requests_forwarding, settings.lock_pypi_package_requests_forwarding = instance, locked
    outer, inner = gitlab.group("above"), gitlab.group("above/here")
    outer.forwarding, outer.lock_forwarding, inner.forwarding = above, locked_above, group
    project = gitlab.project("above/here/demo")

    for address in (f"projects/{project.id}", f"groups/{inner.id}/-"):
        answer = ask(
            f"{gitlab.url}/api/v4/{address}/packages/pypi/simple/absent", gitlab.user("x", admin=True).personal_token()
        )
        assert answer.status_code == (302 if forwards else 404)


def test_a_public_group_sends_on_what_it_hides(start: Start, ask: Ask) -> None:
    """The trap of uv#7359: without credentials, a private package in a public group is looked for upstream."""
    gitlab = start()
    gitlab.group("open", visibility="public")
    project = gitlab.project("open/internal", visibility="private")
    project.add_member(gitlab.user("ada"), "developer")
    gitlab.upstream.add(gitlab.make_wheel("internal", "9.0"))
    url = f"{gitlab.url}/api/v4/groups/open/-/packages/pypi/simple"
    token = gitlab.user("ada").personal_token()
    uploading = gitlab.run(
        *(
            "python",
            "-m",
            "twine",
            "upload",
            "--repository-url",
            f"{gitlab.url}/api/v4/projects/{project.id}/packages/pypi",
        ),
        str(gitlab.make_wheel("internal", "1.0").write_to(gitlab._workplace.folder)),
        credential=token,
    )
    assert uploading.returncode == 0

    assert ask(f"{url}/internal").status_code == 302
    assert ask(f"{url}/internal", token).status_code == 200


def test_real_pip_follows(start: Start) -> None:
    """What is here comes from here, what is not comes from upstream; with forwarding off it is not found."""
    gitlab = start()
    gitlab.add(gitlab.make_wheel("here", "1.0"))
    gitlab.upstream.add(gitlab.make_wheel("here", "9.0"), gitlab.make_wheel("there", "2.0"))

    assert gitlab.install("here", "there").distributions() == {"here": "1.0", "there": "2.0"}
    assert {exchange.project for exchange in gitlab.upstream.log if exchange.project} == {"there"}

    gitlab.world.forward(on=False)
    with pytest.raises(CommandFailed, match="No matching distribution"):
        gitlab.install("there")


def test_a_file_upstream_by_its_address_here(start: Start, ask: Ask) -> None:
    """The address of 19 leads to the file itself, by the path that the public index has for it."""
    gitlab = start()
    gitlab.settings.edition = "ee"
    wheel = gitlab.make_wheel("there", "2.0")
    gitlab.upstream.add(wheel)
    page = ask(f"{gitlab.upstream.index_url}/there/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}).json()
    path = page["files"][0]["url"].removeprefix(gitlab.upstream.url)

    answer = ask(f"{gitlab.upload_url}/forward/there/{FILES}{path}", gitlab.reader)

    assert (answer.status_code, answer.headers["Location"]) == (302, gitlab.upstream.url + path)
    assert ask(answer.headers["Location"]).content == wheel.data


def test_before_14_2_nothing_is_sent_on(start: Start, ask: Ask) -> None:
    """An older release says that there is no such package, whatever is set."""
    gitlab = start("14.1")

    answer = ask(f"{gitlab.index_url}/absent", gitlab.reader)

    assert (answer.status_code, answer.json()) == (404, {"message": "404 Package Not Found"})


def test_the_index_upstream_starts_when_it_is_needed(start: Start) -> None:
    """Who has no use for it pays nothing."""
    gitlab = start()
    gitlab.upload(gitlab.make_wheel("demo", "1.0"))
    gitlab.install("demo")

    assert gitlab._companions.started_upstream is None
    assert isinstance(gitlab.upstream, PyPI)
    assert gitlab._companions.started_upstream is gitlab.upstream
