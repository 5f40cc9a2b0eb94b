"""What a user may get wrong while they make a world: each is an error where it happens, with words, without secrets."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Credential, GitLab, ManualClock, NotRunning, NotYet, Registry
from pytest_pyreg.flavours.gitlab import words as gitlab_words
from pytest_pyreg.flavours.gitlab.people import ACTIVE, DENIED
from pytest_pyreg.flavours.gitlab.places import VISIBILITY_ORDER, AccessLevel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import requests

    Start = Callable[..., GitLab]
    Ask = Callable[..., requests.Response]


@pytest.mark.parametrize("name", ["", "a/b", "123", "a b", "grüppe", "a."])
def test_a_name_that_can_be_none(name: str) -> None:
    """Users, groups and projects have names that an address can carry."""
    gitlab = GitLab()

    for make in (gitlab.user, gitlab.group, lambda name: gitlab.project(f"g/{name}")):
        if name == "a/b" and make != gitlab.user:
            continue
        with pytest.raises(ValueError, match="letters, digits"):
            make(name)


def test_one_name_is_one_thing() -> None:
    """A user, a group and a project do not share a path."""
    gitlab = GitLab()
    gitlab.user("ada")
    gitlab.project("tools/widget")

    for make in (
        lambda: gitlab.user("acme"),
        lambda: gitlab.group("ada"),
        lambda: gitlab.group("tools/widget"),
    ):
        with pytest.raises(ValueError, match="choose another"):
            make()
    assert gitlab.namespace.path == "acme/demo"


def test_a_project_moves_to_a_place_that_is_free(start: Start, ask: Ask) -> None:
    """Its former path leads to it, its own name stays; what is taken, or no place, is refused."""
    gitlab = start("19", forwarding=False)
    project = gitlab.project("acme/other", name="Other", visibility="private")
    for path, words in (("acme/demo", "already"), ("moved", "lies in a group"), ("a b/c", "letters, digits")):
        with pytest.raises(ValueError, match=words):
            gitlab.world.move(project, path)

    gitlab.world.move(project, "else/where")

    assert (project.path, project.name) == ("else/where", "Other")
    for path in ("else%2Fwhere", "acme%2Fother"):
        url = f"{gitlab.url}/api/v4/projects/{path}/packages/pypi/simple"
        assert ask(url, project.deploy_token()).status_code == 200


def test_objects_of_another_registry_are_refused() -> None:
    """A user of one GitLab is nobody in another."""
    mine, other = GitLab(), GitLab()
    project, stranger = mine.project("acme/demo"), other.user("bob")

    for make in (
        lambda: project.add_member(stranger, "developer"),
        lambda: project.job_token(stranger),
        lambda: project.allow_jobs_of(other.project("acme/demo")),
        lambda: project.add_member("ada", "developer"),  # type: ignore[arg-type]
        lambda: project.add_member(mine.publisher, "developer"),  # type: ignore[arg-type]
        lambda: project.job_token("ada"),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValueError, match="of this registry"):
            make()


def test_a_foreign_credential_is_not_revoked_and_not_shown() -> None:
    """The error does not repeat the secret."""
    mine, other = GitLab(), GitLab()

    for credential in (other.publisher, Credential("ada", "hunter2-hunter2")):
        with pytest.raises(ValueError, match="no credential of this registry") as caught:
            mine.revoke(credential)
        assert credential.secret not in f"{caught.value!r}"
    mine.revoke(mine.publisher)


@pytest.mark.parametrize("expires", [datetime(2030, 1, 1), "in 30 days", 30])  # noqa: DTZ001 - that is the mistake.
def test_an_end_that_is_no_time(expires: object) -> None:
    """It is refused where it is said, not when the token is shown."""
    gitlab = GitLab()

    with pytest.raises(ValueError, match="no time with a zone"):
        gitlab.user("ada").personal_token(expires=expires)  # type: ignore[arg-type]


def test_a_token_ends_in_some_time(start: Start, ask: Ask, clock: ManualClock) -> None:
    """Counted by the registry's clock."""
    gitlab = start("19")
    ada = gitlab.user("ada", admin=True)
    token = ada.personal_token(expires=timedelta(days=2))
    deploy = gitlab.project("acme/demo").deploy_token(expires=clock.now() + timedelta(days=2))

    assert ask(gitlab.index_url, token).status_code == ask(gitlab.index_url, deploy).status_code == 200
    clock.advance(days=2)
    assert ask(gitlab.index_url, token).status_code == ask(gitlab.index_url, deploy).status_code == 401


@pytest.mark.parametrize(
    ("scopes", "words"),
    [
        ("api", r"scopes is a list, as in scopes=\['api'\]"),
        (["aip"], "no scope of a personal token"),
        (["read_package_registry"], "no scope"),
    ],
)
def test_scopes_that_are_none(scopes: object, words: str) -> None:
    """A scope that is misspelt is an error, not a token that may nothing."""
    with pytest.raises(ValueError, match=words):
        GitLab().user("ada").personal_token(scopes)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no scope of a deploy token"):
        GitLab().project("acme/demo").deploy_token(["api"])


@pytest.mark.parametrize(
    ("setting", "value", "error"),
    [
        ("package_enabled", False, AttributeError),
        ("storage", "s3", ValueError),
        ("fips", "no", ValueError),
        ("edition", "premium", ValueError),
        ("firewall", "maybe", ValueError),
        ("throttle_authenticated_packages_api", 5, ValueError),
    ],
)
def test_a_setting_that_is_none(setting: str, value: object, error: type[Exception]) -> None:
    """A wrong name has a hint, a wrong value the right ones."""
    gitlab = GitLab()

    with pytest.raises(error, match=setting):
        setattr(gitlab.settings, setting, value)
    with pytest.raises(ValueError, match="at least 1"):
        gitlab.settings.throttle_authenticated_packages_api.period_in_seconds = 0


def test_attributes_take_gitlabs_words(start: Start, ask: Ask) -> None:
    """A text becomes what it stands for; one that stands for nothing is refused."""
    gitlab = start("19")
    project = gitlab.project("open/source")
    gitlab.group("open", visibility="public")
    project.visibility = "public"  # type: ignore[assignment]

    assert ask(f"{gitlab.url}/api/v4/projects/{project.id}").json()["visibility"] == "public"
    project.package_registry = "disabled"  # type: ignore[assignment]
    assert ask(f"{gitlab.url}/api/v4/projects/{project.id}/packages/pypi/simple").status_code == 403
    for owner, name in ((project, "visibility"), (project, "package_registry"), (gitlab.user("ada"), "state")):
        with pytest.raises(ValueError, match="there is no"):
            setattr(owner, name, "opne")


def test_the_words_of_types_are_those_that_there_are() -> None:
    """What a type checker takes is what is taken when it runs, in the same order."""
    assert [visibility.value for visibility in VISIBILITY_ORDER] == list(gitlab_words.SEEN)
    assert [level.value for level in AccessLevel] == list(gitlab_words.REGISTRY_LEVELS)
    assert {ACTIVE, *DENIED} == set(gitlab_words.STATES)


@pytest.mark.parametrize(("version", "what"), [("12.10", "deploy_token"), ("13.3", "job_token")])
def test_tokens_that_a_release_does_not_have(version: str, what: str) -> None:
    """They are refused when they are made."""
    gitlab = GitLab(f"gitlab@{version}")
    project = gitlab.project("acme/demo")

    with pytest.raises(NotYet, match=what.replace("_", " ")):
        project.deploy_token() if what == "deploy_token" else project.job_token(gitlab.user("ada"))


@pytest.mark.parametrize(
    "options",
    [
        {"flavour": 17},
        {"port": 99999},
        {"port": "80"},
        {"max_file_bytes": "1000"},
        {"max_file_bytes": -1},
        {"timeout": "x"},
        {"timeout": 0},
        {"url_root": 3},
        {"url_root": "/git lab/ü"},
    ],
)
def test_arguments_that_can_be_none(options: dict[str, object]) -> None:
    """Each is an error at once, that names the argument."""
    with pytest.raises(ValueError, match=f"{next(iter(options))}|a flavour is a name"):
        Registry(**options)  # type: ignore[arg-type]


def test_a_stopped_registry_keeps_nothing() -> None:
    """What it is given then would be lost, so it says so."""
    with GitLab() as gitlab:
        gitlab.add(gitlab.make_wheel("demo", "1.0"))

    with pytest.raises(NotRunning, match="was stopped"):
        gitlab.add(gitlab.make_wheel("demo", "2.0"))


def test_forwarding_off_is_off_whatever_else_says(tmp_path: Path, ask: Ask) -> None:
    """The option wins over a world file, and over a group."""
    world = tmp_path / "world.toml"
    world.write_text("[groups.acme]\npypi_package_requests_forwarding = true\n")

    with GitLab(world=world, forwarding=False) as gitlab:
        gitlab.group("acme").forward(on=True)
        assert ask(f"{gitlab.index_url}/absent", gitlab.reader).status_code == 404
    with GitLab(world=world) as gitlab:
        assert ask(f"{gitlab.index_url}/absent", gitlab.reader).status_code == 302


def test_who_is_in_a_subgroup_sees_the_group_above(start: Start, ask: Ask) -> None:
    """As a member of a project in it does; who is in neither does not."""
    gitlab = start("19", forwarding=False)
    gitlab.project("a/b/p")
    gitlab.group("a/b").add_member(gitlab.user("ada"), "developer")
    url = f"{gitlab.url}/api/v4/groups/a/-/packages/pypi/simple"

    assert ask(url, gitlab.user("ada").personal_token()).status_code == 403
    assert ask(url, gitlab.user("bob").personal_token()).status_code == 404


def test_a_clock_that_goes_back_hides_nothing(start: Start, ask: Ask, clock: ManualClock) -> None:
    """The REST list shows what is stored, whatever time it is."""
    gitlab = start("19")
    gitlab.add(gitlab.make_wheel("demo", "1.0"))
    clock.advance(hours=-5)

    answer = ask(f"{gitlab.url}/api/v4/projects/1/packages", headers={"PRIVATE-TOKEN": gitlab.reader.secret})

    assert [package["name"] for package in answer.json()] == ["demo"]


def test_a_bot_is_a_user(start: Start, ask: Ask) -> None:
    """The bearer of a project access token can ask who they are."""
    gitlab = start("19")
    bot = gitlab.project("acme/demo").access_token(role="developer")

    answer = ask(f"{gitlab.url}/api/v4/user", headers={"PRIVATE-TOKEN": bot.secret})

    assert (answer.status_code, answer.json()["username"]) == (200, bot.username)


def test_naive_start_of_a_clock_is_still_refused() -> None:
    """The clock's own twin of the mistake above."""
    with pytest.raises(ValueError, match="aware"):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the mistake.
    assert ManualClock(datetime(2026, 1, 1, tzinfo=timezone.utc)).now().year == 2026
