"""A registry in another process, from the side of who attaches it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, cast

import pytest

from pytest_pyreg import (
    CommandFailed,
    Credential,
    Exchange,
    Gitea,
    GitLab,
    LieNeverTold,
    ManualClock,
    NotYet,
    PyPI,
    Refused,
    Registry,
    RegistryGone,
    RemoteRegistry,
    attach,
    make_wheel,
)
from pytest_pyreg.flavours.gitlab.people import User

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Share = Callable[..., tuple[Registry, RemoteRegistry]]

WHEEL = make_wheel("demo", "1.0")


@pytest.mark.parametrize("flavour", ["gitlab@17", "gitea@1.23", "forgejo@12", "pypi", "pep503"])
def test_the_main_job(share: Share, flavour: str) -> None:
    """Upload and install with real clients that run here; what is stored is the same on both sides."""
    registry, far = share(flavour)

    far.upload(WHEEL)

    assert far.install("demo").distributions() == {"demo": "1.0"}
    assert far.files("demo") == registry.files("demo") == {WHEEL.name}
    assert [one.action for one in far.log.uploads()] == ["upload"]
    assert (far.upload_url, far.index_url, far.flavour) == (registry.upload_url, registry.index_url, registry.flavour)
    with pytest.raises(CommandFailed, match="the registry saw:\n  POST"):
        far.upload(make_wheel("demo", "2.0"), credential=far.stranger)
    far.delete("demo", "1.0")
    assert registry.files("demo") == set()


@pytest.mark.parametrize(("flavour", "kind"), [("gitlab@17", GitLab), ("gitea", Gitea), ("pypi", PyPI)])
def test_it_passes_for_what_it_stands_for(share: Share, flavour: str, kind: type[Registry]) -> None:
    """And for nothing else."""
    _, far = share(flavour)

    assert isinstance(far, kind)
    assert isinstance(far, RemoteRegistry)
    assert not isinstance(far, ({GitLab, Gitea, PyPI} - {kind}).pop())


def test_the_words_of_gitlab(share: Share) -> None:
    """Users, projects, tokens and settings are made there; the same object there is the same one here."""
    registry, far = share("gitlab@17")
    gitlab = cast("GitLab", far)

    ada = gitlab.user("ada")
    project = gitlab.project("acme/tools/widget", visibility="private")
    project.add_member(ada, "developer")
    token = ada.personal_token(["read_api"], expires=timedelta(days=30))
    gitlab.settings.flags["pypi_pep_691_json"] = True
    gitlab.settings.packages_enabled = False

    assert gitlab.user("ada") is ada
    assert isinstance(ada, User)
    assert project.members == {ada: "developer"}
    assert (ada.username, ada.admin, next(iter(project.ancestors())).path) == ("ada", False, "acme/tools")
    assert isinstance(token, Credential)
    there = cast("GitLab", registry)
    assert there.world.secrets() >= {token.secret}
    assert there.settings.flags["pypi_pep_691_json"] is True
    assert there.settings.packages_enabled is False
    gitlab.revoke(token)


def test_the_words_of_the_public_index(share: Share) -> None:
    """Collections that are attributes are those there: what changes them here changes them there."""
    registry, far = share("pypi")
    pypi, there = cast("PyPI", far), cast("PyPI", registry)

    project = pypi.project("demo", owners=[pypi.user("ada")])
    publisher = project.trusted_publisher(github="octo/demo")
    project.publishers.remove(publisher)
    pypi.world.burned |= {"demo-1.0.tar.gz"}
    pypi.world.burned.discard("nothing")

    assert [user.name for user in project.owners] == ["ada"]
    assert not there.project("demo").publishers
    assert there.world.burned == {"demo-1.0.tar.gz"} == pypi.world.burned
    assert type(there.world.burned) is set


def test_errors_are_raised_here(share: Share) -> None:
    """Of the same type, in the same words."""
    registry, far = share("gitlab@14.0")

    for ask, kind in (
        (lambda one: one.user("ada", state="tired"), ValueError),
        (lambda one: one.delete("nothing"), LookupError),
        (lambda one: one.log.where(colour="red"), AttributeError),
        (lambda one: setattr(one.user("ada"), "adminn", True), AttributeError),
        (lambda one: one.project("acme/demo").protect("demo*", push="owner"), NotYet),
        (lambda one: one.colour, AttributeError),
    ):
        with pytest.raises(kind) as there:
            ask(registry)
        with pytest.raises(kind) as here:
            ask(far)
        assert type(here.value) is type(there.value)
        if kind is not AttributeError or "object has no attribute" not in str(there.value):
            assert str(here.value) == str(there.value)
    far.add(WHEEL)
    with pytest.raises(Refused) as refused:
        far.upstream.add(WHEEL, WHEEL)
    assert refused.value.refusal.name == "FILE_EXISTS"


def test_files_are_those_of_this_process(share: Share, tmp_path: Path) -> None:
    """By paths, and by folders; what is none is refused here."""
    registry, far = share("gitlab@17")
    make_wheel("one", "1").write_to(tmp_path)
    (tmp_path / "two.whl").write_text("no wheel")

    far.add(tmp_path / "one-1-py3-none-any.whl")

    assert registry.files("one") == {"one-1-py3-none-any.whl"}
    with pytest.raises(ValueError, match="not a readable wheel"):
        far.add(tmp_path)
    with pytest.raises(FileNotFoundError):
        far.add(tmp_path / "..", tmp_path / "nothing")


def test_the_clock_is_the_one_there(share: Share) -> None:
    """Time passes for both."""
    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    registry, far = share("gitlab@17", clock=ManualClock(start))

    far.clock.advance(days=30)

    assert registry.clock.now() == far.clock.now() == start + timedelta(days=30)


def test_the_log_is_one_of_exchanges(share: Share) -> None:
    """Which come as they are; what is asked of the control application is not among them."""
    registry, far = share("gitlab@17")
    far.upload(WHEEL)

    assert isinstance(far.log[0], Exchange)
    assert list(far.log) == list(registry.log)
    assert (len(far.log), far.log.count, bool(far.log), str(far.log)) == (1, 1, True, str(registry.log))
    assert far.log[:1] == tuple(far.log)
    assert far.report() == registry.report()


def test_upstream_is_a_registry_too(share: Share) -> None:
    """Clients install through it."""
    _, far = share("gitlab@17")
    far.upstream.add(make_wheel("public", "2.0"))

    assert far.install("public").distributions() == {"public": "2.0"}
    assert isinstance(far.upstream, PyPI)


def test_what_cannot_be_passed(share: Share) -> None:
    """Objects of another registry, or of this process; and what is private, or not for others."""
    _, far = share("gitlab@17")
    _, other = share("gitlab@17")
    project = far.project("acme/demo")

    with Registry("gitlab@17") as local, pytest.raises(ValueError, match="cannot be given to a registry in another"):
        project.add_member(cast("GitLab", local).world.user("ada"), "developer")
    with pytest.raises(ValueError, match="an object of another registry"):
        project.add_member(other.user("ada"), "developer")
    with pytest.raises(AttributeError, match="private name"):
        _ = far._index
    with pytest.raises(AttributeError, match="cannot be used from another process"):
        far._far.call(far, "stop")
    with pytest.raises(AttributeError, match="private name"):
        far._far.call(far, "_require_running")
    with pytest.raises(AttributeError, match="private name"):
        far._far.call(far, "__init__")


def test_a_wrong_token(share: Share) -> None:
    """Is told so, and shows in no error."""
    registry, _ = share("gitlab@17")

    with pytest.raises(PermissionError, match="control token is not that of the registry") as caught:
        attach(registry.url, "a-wrong-token")
    assert "a-wrong-token" not in str(caught.value)


def test_an_ordinary_registry_has_no_such_door() -> None:
    """It answers like the product; whoever attaches it is told what to do."""
    with Registry("gitlab@17") as registry:
        with pytest.raises(ValueError, match=r"no registry that is shared .*pyreg serve --control"):
            attach(registry.url, "token")
        assert registry.log.count == 1


@pytest.mark.parametrize("url", ["http://example.com", "https://127.0.0.1", "127.0.0.1:80", "", None])
def test_no_registry_of_this_machine(url: str) -> None:
    """A token is not sent anywhere else."""
    with pytest.raises(ValueError, match="on this machine only"):
        attach(url, "token")


def test_a_registry_that_is_gone(share: Share) -> None:
    """The error names it."""
    registry, far = share("gitlab@17")
    url = registry.url
    registry.stop()

    with pytest.raises(RegistryGone, match=rf"the registry at {url} does not answer"):
        far.files("demo")
    with pytest.raises(RegistryGone, match="does not answer"):
        attach(url, "token")


def test_several_at_once(share: Share) -> None:
    """Each has a namespace that nobody else has."""
    registry, far = share("gitea@1.23")
    found: list[str] = []

    def work() -> None:
        with attach(registry.url, "the-control-token-of-a-test") as mine:
            found.extend(mine.another().namespace.path for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == len(set(found)) == 20
    assert far.another().namespace.path == "acme-22"


def test_faults_and_the_way_back(share: Share) -> None:
    """Who attaches a whole registry has all of it: what is misbehaviour here, and what it was before."""
    registry, far = share("pypi")
    before = far.snapshot()
    far.faults.on("upload").reply(400, reason="Not today")

    with pytest.raises(CommandFailed, match="Not today"):
        far.upload(WHEEL)
    far.upload(WHEEL)
    far.check()
    far.lies.hide(WHEEL.name)
    with pytest.raises(LieNeverTold, match="a lie was never told: hide"):
        far.check()
    far.restore(before)

    assert registry.files("demo") == set()
    far.check()


def test_mistakes_are_told_from_there_as_here(share: Share, tmp_path: Path) -> None:
    """What is refused in the other process is refused in the same words; so is what is refused here."""
    world = tmp_path / "world.toml"
    world.write_text('[users.ada]\n[tokens.deploy]\nkind = "personal"\nuser = "ada"\n', encoding="utf-8")
    _, far = share("gitlab@17", world=world)

    assert far.tokens["deploy"].secret
    with pytest.raises(KeyError, match="there is no token 'ci' in the world file; there are: deploy"):
        _ = far.tokens["ci"]
    with pytest.raises(TypeError, match="a project's name is a text"):
        far.files(None)
    with pytest.raises(ValueError, match="give a file's name"):
        far.log.assert_not_uploaded("demo")
