"""What GitLab's documents promise of packages that are on the public index: rows 11 to 13 of the promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Credential, make_wheel

if TYPE_CHECKING:
    from pytest_pyreg import Registry
    from pytest_pyreg.flavours.gitlab.world import GitLabWorld
    from tests.promises.conftest import Addresses, Shell

FROM_17 = ["17.4", "18.2"]
NOTHING = "No matching distribution found"


@pytest.mark.parametrize("gitlab", FROM_17, indirect=True)
@pytest.mark.parametrize("client", ["pip", "uv pip"])
@pytest.mark.parametrize("place", ["project", "group"])
def test_what_is_not_here_is_forwarded(
    gitlab: Registry,
    world: GitLabWorld,
    at: Addresses,
    shell: Shell,
    reader: Credential,
    client: str,
    place: str,
) -> None:
    """Row 11: what the registry does not have is looked for on the public index, and pip installs from there."""
    world.group("acme").add_member(world.user("reader"), "reporter")
    gitlab.add(make_wheel("app", "1.0", requires=["public-thing"]))
    gitlab.upstream.add(make_wheel("public-thing", "3.0"))
    index = at.index(world.home, reader) if place == "project" else at.group(world.group("acme"), reader)

    # Who may not read is not sent on either.
    stranger = index.replace(reader.secret, gitlab.stranger.secret)
    shell.fail(f"{client} install --index-url {stranger} app")
    assert {exchange.status for exchange in shell.new()} == {404}
    assert not gitlab.upstream.log

    shell.run(f"{client} install --index-url {index} app")

    assert shell.installed == {"app": "1.0", "public-thing": "3.0"}
    (sent_on,) = (exchange for exchange in shell.new() if exchange.status == 302)
    assert sent_on.path.endswith("/simple/public-thing/")
    page, *files = gitlab.upstream.log
    assert (page.action, page.status, page.project) == ("project page", 200, "public-thing")
    assert {exchange.filename for exchange in files} == {"public_thing-3.0-py3-none-any.whl"}
    assert not any(exchange.refused for exchange in files)
    # The token stays here: the client takes it to no other host.
    assert all("Authorization" not in dict(exchange.headers) for exchange in gitlab.upstream.log)
    # What is nowhere is nowhere.
    shell.fail(f"{client} install --index-url {index} no-such-thing")
    assert gitlab.upstream.log[-1].status == 404


@pytest.mark.parametrize("gitlab", ["12.10", "13.4"], indirect=True)
def test_nothing_is_forwarded_before_17(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential
) -> None:
    """Row 11, before it is promised: what is not there is not found."""
    gitlab.upstream.add(make_wheel("public-thing", "3.0"))

    shell.fail(f"pip install --index-url {at.index(world.home, reader)} public-thing")

    assert [exchange.status for exchange in shell.new()] == [404]
    assert not gitlab.upstream.log


@pytest.mark.parametrize("gitlab", FROM_17, indirect=True)
def test_an_administrator_turns_forwarding_off(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential
) -> None:
    """Row 12: then what the registry does not have is a 404, and pip finds nothing; what it has is there still."""
    gitlab.add(make_wheel("ours", "1.0"))
    gitlab.upstream.add(make_wheel("public-thing", "3.0"))
    line = f"pip install --index-url {at.index(world.home, reader)} --no-deps"

    world.forward(on=False)
    assert NOTHING in shell.fail(f"{line} public-thing")
    assert [exchange.status for exchange in shell.new()] == [404]
    shell.run(f"{line} ours")
    assert shell.installed == {"ours": "1.0"}
    assert not gitlab.upstream.log

    world.forward(on=True)
    shell.run(f"{line} public-thing")
    assert shell.installed == {"ours": "1.0", "public-thing": "3.0"}


@pytest.mark.parametrize("gitlab", ["18.2"], indirect=True)
def test_a_group_owner_turns_forwarding_off(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential
) -> None:
    """Row 12, in 18: a group has the setting too; it holds for its projects and its subgroups', and for no others."""
    gitlab.upstream.add(make_wheel("public-thing", "3.0"))
    deep, other = world.project("acme/tools/deep"), world.project("other/thing")
    for place in (world.group("acme"), other):
        place.add_member(world.user("reader"), "reporter")

    world.group("acme").forward(on=False)

    for index in (
        at.index(world.home, reader),
        at.index(deep, reader),
        at.group(world.group("acme"), reader),
    ):
        assert NOTHING in shell.fail(f"pip install --index-url {index} public-thing")
        assert [exchange.status for exchange in shell.new()] == [404]
    assert not gitlab.upstream.log
    shell.run(f"pip install --index-url {at.index(other, reader)} public-thing")
    assert shell.installed == {"public-thing": "3.0"}


@pytest.mark.parametrize("gitlab", FROM_17, indirect=True)
@pytest.mark.parametrize("option", ["--extra-index-url", "--index-url"])
def test_dependency_confusion(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential, option: str
) -> None:
    """Row 13: somebody plants a higher version of our package on the public index.

    With the project as an extra index pip takes theirs, as the highest of all; with the project as the only index it
    takes ours, and the public index is not even asked: what the registry has is not forwarded.
    """
    planted, ours = (
        make_wheel("our-thing", version, files={"our_thing.py": f"WHOSE = {whose!r}\n"})
        for version, whose in (("99.0", "theirs"), ("1.0", "ours"))
    )
    gitlab.upstream.add(planted)
    shell.dist(ours)
    shell.pypirc(at.upload(world.home), gitlab.publisher)
    shell.run("twine upload --repository gitlab dist/*")

    shell.run(
        f"pip install {option} {at.index(world.home, reader)} --no-deps our-thing",
        PIP_INDEX_URL=gitlab.upstream.index_url,
    )

    whose = shell.python("import our_thing; print(our_thing.WHOSE)").strip()
    if option == "--extra-index-url":
        assert (whose, shell.installed) == ("theirs", {"our-thing": "99.0"})
        assert gitlab.log.downloads() == ()
        assert [exchange.filename for exchange in gitlab.upstream.log.downloads()] == [planted.name]
    else:
        assert (whose, shell.installed) == ("ours", {"our-thing": "1.0"})
        assert [exchange.filename for exchange in gitlab.log.downloads()] == [ours.name]
        assert not gitlab.upstream.log
