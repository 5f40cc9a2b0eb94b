"""Who a GitLab credential belongs to, and what that lets them do: the decision matrix of the project level."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Credential, ManualClock, Refusal, Refused, lookup
from pytest_pyreg.flavours import Action
from pytest_pyreg.flavours.gitlab import GitLabWorld
from pytest_pyreg.flavours.gitlab.roles import DEVELOPER, GUEST, MAINTAINER, OWNER, PLANNER, REPORTER
from pytest_pyreg.identity import ASK_WHO, Decision, Identity, Permission, Role, Via, decide

if TYPE_CHECKING:
    from pytest_pyreg.flavours.gitlab.words import Seen
    from pytest_pyreg.model import Namespace

FLAVOUR = lookup("gitlab@17")
ACCEPTED = FLAVOUR.route(Action.UPLOAD).accepted
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


def may(world: GitLabWorld, identity: Identity | None, permission: Permission, place: Namespace) -> Decision:
    """Return what the registry would decide."""
    return decide(world.granted(identity, place), permission, ASK_WHO, known=identity is not None)


@pytest.fixture(name="clock")
def _clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture(name="world")
def _world(clock: ManualClock) -> GitLabWorld:
    return GitLabWorld(FLAVOUR, clock, random.Random(7))  # noqa: S311 - tokens of a test.


ALLOW, FORBIDDEN, HIDDEN, UNAUTHENTICATED = (
    Decision.ALLOW,
    Decision.FORBIDDEN,
    Decision.HIDDEN,
    Decision.UNAUTHENTICATED,
)


@pytest.mark.parametrize(
    ("role", "visibility", "read", "publish"),
    [
        (OWNER, "private", ALLOW, ALLOW),
        (MAINTAINER, "private", ALLOW, ALLOW),
        (DEVELOPER, "private", ALLOW, ALLOW),
        (DEVELOPER, "public", ALLOW, ALLOW),
        (REPORTER, "private", ALLOW, FORBIDDEN),
        (REPORTER, "public", ALLOW, FORBIDDEN),
        (PLANNER, "private", FORBIDDEN, FORBIDDEN),
        (GUEST, "private", FORBIDDEN, FORBIDDEN),
        (GUEST, "public", ALLOW, FORBIDDEN),
        (None, "private", HIDDEN, HIDDEN),
        (None, "internal", ALLOW, FORBIDDEN),
        (None, "public", ALLOW, FORBIDDEN),
        ("anonymous", "private", UNAUTHENTICATED, UNAUTHENTICATED),
        ("anonymous", "internal", UNAUTHENTICATED, UNAUTHENTICATED),
        ("anonymous", "public", ALLOW, UNAUTHENTICATED),
    ],
)
def test_the_matrix(
    world: GitLabWorld, role: Role | str | None, visibility: Seen, read: Decision, publish: Decision
) -> None:
    """Contract section 3: what each role may do in a project of each visibility."""
    project = world.project("thing/thing", visibility=visibility)
    user = world.user("ada")
    if isinstance(role, Role):
        project.add_member(user, role)
    identity = None if role == "anonymous" else world.identify([user.personal_token(["api"])], ACCEPTED)

    assert may(world, identity, Permission.READ, project) is read
    assert may(world, identity, Permission.PUBLISH, project) is publish


@pytest.mark.parametrize(
    ("scopes", "read", "publish"),
    [
        (["write_package_registry"], ALLOW, ALLOW),
        (["read_package_registry", "write_package_registry"], ALLOW, ALLOW),
        (["read_package_registry"], ALLOW, FORBIDDEN),
        (["read_repository"], HIDDEN, HIDDEN),
    ],
)
def test_deploy_tokens(world: GitLabWorld, scopes: list[str], read: Decision, publish: Decision) -> None:
    """A deploy token holds in its own project alone, and its user name does not matter."""
    token = world.home.deploy_token(scopes, username="ci")
    identity = world.identify([Credential("anything", token.secret)], ACCEPTED)
    elsewhere = world.project("acme/elsewhere")

    assert may(world, identity, Permission.READ, world.home) is read
    assert may(world, identity, Permission.PUBLISH, world.home) is publish
    assert may(world, identity, Permission.READ, elsewhere) is HIDDEN


def test_a_job_token_holds_in_its_own_project(world: GitLabWorld) -> None:
    """A job has its user's role, where it runs and nowhere else."""
    user = world.user("ada")
    other = world.project("acme/other")
    for project in (world.home, other):
        project.add_member(user, DEVELOPER)

    identity = world.identify([world.home.job_token(user)], ACCEPTED)

    assert may(world, identity, Permission.PUBLISH, world.home) is ALLOW
    assert may(world, identity, Permission.PUBLISH, other) is HIDDEN


def test_a_job_token_needs_its_user_name(world: GitLabWorld) -> None:
    """Under another name a job token is no credential at all; under its own a wrong one is always refused."""
    token = world.home.job_token(world.user("ada"))

    assert token.username == "gitlab-ci-token"
    assert world.identify([Credential("foo", token.secret)], ACCEPTED) is None
    with pytest.raises(Refused) as caught:
        world.identify([Credential("gitlab-ci-token", "wrong")], ACCEPTED)
    assert caught.value.refusal is Refusal.CREDENTIAL_UNKNOWN


def test_a_job_that_has_ended_takes_its_token_along(world: GitLabWorld) -> None:
    """The token of a finished job is refused."""
    token = world.home.job_token(world.user("ada"))
    assert world.identify([token], ACCEPTED) is not None

    world.revoke(token)

    with pytest.raises(Refused) as caught:
        world.identify([token], ACCEPTED)
    assert caught.value.refusal is Refusal.CREDENTIAL_UNKNOWN


def test_an_unknown_password_is_as_good_as_none(world: GitLabWorld) -> None:
    """A wrong basic password is anonymous; a wrong bearer token is refused."""
    assert world.identify([Credential("ada", "wrong")], ACCEPTED) is None
    with pytest.raises(Refused) as caught:
        world.identify([Credential("", "wrong", Via.BEARER)], ACCEPTED)
    assert caught.value.refusal is Refusal.CREDENTIAL_UNKNOWN


def test_a_personal_token_expires_by_the_registrys_clock(world: GitLabWorld, clock: ManualClock) -> None:
    """An expired personal token is refused wherever it is shown."""
    token = world.user("ada").personal_token(["api"], expires=NOON + timedelta(days=1))
    assert world.identify([token], ACCEPTED) is not None

    clock.advance(days=1)

    with pytest.raises(Refused) as caught:
        world.identify([token], ACCEPTED)
    assert caught.value.refusal is Refusal.TOKEN_EXPIRED


def test_a_revoked_personal_token_is_refused(world: GitLabWorld) -> None:
    """Revocation has words of its own."""
    token = world.user("ada").personal_token(["api"])

    world.revoke(token)

    with pytest.raises(Refused) as caught:
        world.identify([token], ACCEPTED)
    assert caught.value.refusal is Refusal.TOKEN_REVOKED


def test_a_deploy_token_that_is_over_is_none(world: GitLabWorld, clock: ManualClock) -> None:
    """Only active deploy tokens are looked for: an expired or revoked one makes its bearer anonymous."""
    expiring = world.home.deploy_token(["read_package_registry"], expires=NOON + timedelta(hours=1))
    revoked = world.home.deploy_token(["read_package_registry"])
    assert world.identify([expiring], ACCEPTED) is not None

    clock.advance(hours=1)
    world.revoke(revoked)

    assert world.identify([expiring], ACCEPTED) is None
    assert world.identify([revoked], ACCEPTED) is None


@pytest.mark.parametrize(
    ("reference", "found"),
    [("1", True), ("acme/demo", True), ("ACME/Demo", True), ("demo", False), ("2000", False), ("", False)],
)
def test_projects_are_found_by_number_or_full_path(world: GitLabWorld, reference: str, found: bool) -> None:
    """A path without its namespace finds nothing."""
    assert (world.namespace(reference, "project") is world.home) == found


def test_tokens_come_from_the_chance_that_is_passed_in(clock: ManualClock) -> None:
    """The same chance makes the same tokens; they look like GitLab's."""
    worlds = [GitLabWorld(FLAVOUR, clock, random.Random(seed)) for seed in (1, 1, 2)]  # noqa: S311 - tokens of a test.

    assert worlds[0].publisher == worlds[1].publisher
    assert worlds[0].publisher != worlds[2].publisher
    assert worlds[0].publisher.secret.startswith("glpat-")
    assert len(worlds[0].publisher.secret) == 26


def test_secrets_are_not_shown() -> None:
    """A credential that is printed keeps its secret."""
    assert "hunter2" not in f"{Credential('ada', 'hunter2')!r} {Credential('ada', 'hunter2')}"


def test_the_job_environment_is_a_gitlab_jobs(world: GitLabWorld) -> None:
    """The variables that publish jobs use, with HOST without and FQDN with the port."""
    env = world.ci_environment("http://127.0.0.1:8080")

    assert env["CI_API_V4_URL"] == "http://127.0.0.1:8080/api/v4"
    assert (env["CI_SERVER_HOST"], env["CI_SERVER_PORT"]) == ("127.0.0.1", "8080")
    assert env["CI_SERVER_FQDN"] == "127.0.0.1:8080"
    assert (env["CI_PROJECT_ID"], env["CI_PROJECT_PATH"]) == (str(world.home.id), "acme/demo")
    assert (env["CI_PROJECT_NAMESPACE"], env["CI_PROJECT_NAME"]) == ("acme", "demo")
    assert (env["CI"], env["GITLAB_CI"]) == ("true", "true")
    identity = world.identify([Credential("gitlab-ci-token", env["CI_JOB_TOKEN"])], ACCEPTED)
    assert may(world, identity, Permission.PUBLISH, world.home) is ALLOW
