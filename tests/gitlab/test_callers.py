"""Whose credential counts, and what jobs, archived projects and protection rules let them do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Credential, GitLab, NotYet
from pytest_pyreg.flavours.gitlab.checks import matches

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from pytest_pyreg import ManualClock
    from pytest_pyreg.flavours.gitlab.words import RegistryLevel, Seen, State

    Start = Callable[..., GitLab]
    Ask = Callable[..., requests.Response]

GARBAGE = "glpat-garbage"


def upload(gitlab: GitLab, ask: Ask, who: Credential, name: str = "demo", project: str = "1") -> requests.Response:
    """Upload by hand."""
    url = f"{gitlab.url}/api/v4/projects/{project}/packages/pypi"
    form = {"name": name, "version": "1.0", "requires_python": ""}
    return ask(url, who, "POST", data=form, files={"content": (f"{name}-1.0.tar.gz", b"PK")})


@pytest.mark.parametrize(
    ("headers", "query", "basic", "status"),
    [
        # good: a personal token that reads; deploy: a deploy token; bad: a token that nobody issued.
        ({"PRIVATE-TOKEN": "good"}, "", None, 200),
        ({"PRIVATE-TOKEN": "bad"}, "", None, 401),
        ({"PRIVATE-TOKEN": "bad"}, "", ("ada", "good"), 401),
        ({"PRIVATE-TOKEN": "good"}, "", ("ada", "bad"), 200),
        ({"PRIVATE-TOKEN": "good"}, "", ("gitlab-ci-token", "bad"), 200),
        ({"PRIVATE-TOKEN": "bad"}, "?private_token=good", None, 200),
        ({"PRIVATE-TOKEN": "good"}, "?private_token=bad", None, 401),
        ({"Deploy-Token": "deploy"}, "", None, 200),
        ({"Deploy-Token": "deploy", "PRIVATE-TOKEN": "bad"}, "", None, 200),
        ({"Deploy-Token": "deploy"}, "", ("ada", "bad"), 401),
        ({"Deploy-Token": "bad"}, "", None, 401),
        ({"Authorization": "Bearer deploy"}, "", None, 200),
        ({"Authorization": "Bearer good"}, "", None, 200),
        ({"Authorization": "Bearer bad"}, "", None, 401),
        ({"Authorization": "Bearer job"}, "", None, 200),
        ({"JOB-TOKEN": "job"}, "", None, 401),
        ({}, "?job_token=job", None, 401),
        ({}, "", ("gitlab-ci-token", "job"), 200),
        ({}, "", ("gitlab-ci-token", "good"), 200),
        ({}, "", ("gitlab-ci-token", "deploy"), 200),
        ({}, "", ("ada", "job"), 401),
    ],
)
def test_of_several_credentials_one_counts(
    start: Start, ask: Ask, headers: dict[str, str], query: str, basic: tuple[str, str] | None, status: int
) -> None:
    """Deploy token, then parameter, header, bearer, then basic auth, then the job (auth_finders.rb)."""
    gitlab = start("17")
    ada = gitlab.user("ada")
    home = gitlab.world.home
    home.add_member(ada, "reporter")
    secrets = {
        "good": ada.personal_token().secret,
        "bad": GARBAGE,
        "deploy": home.deploy_token().secret,
        "job": home.job_token(ada).secret,
    }

    def filled(text: str) -> str:
        for word, secret in secrets.items():
            text = text.replace(word, secret)
        return text

    answer = ask(
        gitlab.index_url + filled(query),
        *([Credential(basic[0], secrets[basic[1]])] if basic else []),
        headers={name: filled(value) for name, value in headers.items()},
    )

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("version", "header", "status"),
    [
        ("12.10", "PRIVATE-TOKEN", 401),
        ("13.4", "PRIVATE-TOKEN", 401),
        ("13.5", "PRIVATE-TOKEN", 200),
        ("13.0", "Deploy-Token", 200),
    ],
)
def test_headers_count_from_their_release_on(start: Start, ask: Ask, version: str, header: str, status: int) -> None:
    """An older release does not look at them, so even a good one is none."""
    gitlab = start(version, forwarding=False)
    gitlab.add(gitlab.make_wheel("demo", "1.0"))
    ada = gitlab.user("ada")
    gitlab.world.home.add_member(ada, "reporter")
    token = ada.personal_token() if header == "PRIVATE-TOKEN" else gitlab.world.home.deploy_token()

    assert ask(f"{gitlab.index_url}/demo", headers={header: token.secret}).status_code == status


def test_an_expired_token_is_told_so_before_its_user_is(start: Start, ask: Ask, clock: ManualClock) -> None:
    """Expired, then the account, then the scope; and an unknown project before all of them."""
    gitlab = start("17")
    ada = gitlab.user("ada", state="blocked")
    token = ada.personal_token(["read_user"], expires=clock.now() + timedelta(days=1))

    blocked = ask(gitlab.index_url, token)
    clock.advance(days=1)
    expired = ask(gitlab.index_url, token)
    unknown = ask(gitlab.index_url.replace("/1/", "/999/"), token)
    gitlab.user("ada", state="active")
    scope = ask(gitlab.index_url, ada.personal_token(["read_user"]))

    assert (blocked.status_code, blocked.json()["message"]) == (
        403,
        "403 Forbidden - Your account has been blocked.",
    )
    assert (expired.status_code, expired.json()["error"]) == (401, "invalid_token")
    assert unknown.status_code == 404
    assert (scope.status_code, scope.json()["error"]) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("banned", "Your account has been blocked."),
        ("internal", "This action cannot be performed by internal users"),
        ("terms_not_accepted", "please access GitLab from a web browser at {url}."),
        ("deactivated", "Please log back in from a web browser to reactivate your account at {url}"),
        ("unconfirmed", "you can request a new confirmation email at {url}/users/confirmation/new"),
    ],
)
def test_an_account_that_cannot_be_used(start: Start, ask: Ask, state: State, words: str) -> None:
    """Each state has its sentence, on a public project too."""
    gitlab = start("17")
    project = gitlab.project("open/source", visibility="public")
    token = gitlab.user("ada", state=state).personal_token()

    answer = ask(f"{gitlab.url}/api/v4/projects/{project.id}/packages/pypi/simple", token)

    assert answer.status_code == 403
    assert answer.json()["message"].endswith(words.format(url=gitlab.url))


@pytest.mark.parametrize(
    ("version", "visibility", "level", "read", "publish"),
    [
        ("15.7", "private", "enabled", 200, 201),  # No allowlist yet: a job has its user's rights everywhere.
        ("16.0", "private", "enabled", 404, 404),
        ("16.0", "public", "enabled", 200, 403),
        ("17", "public", "private", 404, 404),
        ("19", "public", "private", 403, 403),
        ("19", "private", "public", 200, 404),
    ],
)
def test_a_job_from_elsewhere(
    start: Start, ask: Ask, version: str, visibility: Seen, level: RegistryLevel, read: int, publish: int
) -> None:
    """A job of a developer whose project is not on the allowlist."""
    gitlab = start(version)
    target = gitlab.project("there/target", visibility=visibility, package_registry=level)
    ada = gitlab.user("ada")
    target.add_member(ada, "developer")
    job = gitlab.world.home.job_token(ada)

    assert ask(f"{gitlab.url}/api/v4/projects/{target.id}/packages/pypi/simple", job).status_code == read
    assert upload(gitlab, ask, job, project=str(target.id)).status_code == publish


@pytest.mark.parametrize(
    ("permissions", "read", "publish"),
    [
        (None, 200, 201),
        (["read_packages"], 200, 403),
        (["admin_packages"], 403, 201),
        (["read_packages", "admin_packages"], 200, 201),
        (["read_jobs"], 403, 403),
        ([], 403, 403),
    ],
)
@pytest.mark.parametrize("entry", ["project", "group"])
def test_a_job_from_the_allowlist(
    start: Start, ask: Ask, entry: str, permissions: list[str] | None, read: int, publish: int
) -> None:
    """Its user's rights, within the permissions of the entry, which may be of the project or of a group above it."""
    gitlab = start("17.11")
    target = gitlab.project("there/target")
    ada = gitlab.user("ada")
    target.add_member(ada, "developer")
    target.allow_jobs_of(gitlab.world.home if entry == "project" else gitlab.group("acme"), permissions)
    job = gitlab.world.home.job_token(ada)

    reading = ask(f"{gitlab.url}/api/v4/projects/{target.id}/packages/pypi/simple", job)
    publishing = upload(gitlab, ask, job, project=str(target.id))

    assert (reading.status_code, publishing.status_code) == (read, publish)
    for answer, needed in ((reading, "read_packages"), (publishing, "admin_packages")):
        if answer.status_code == 403:
            assert answer.json()["message"] == (
                "403 Forbidden - Insufficient permissions to access this resource in project target. "
                f"The following token permission is required: {needed}."
            )


def test_a_job_in_its_own_project_needs_no_allowlist(start: Start, ask: Ask) -> None:
    """Nor one where the limit is off."""
    gitlab = start("19")
    ada = gitlab.user("ada")
    target = gitlab.project("there/target")
    for project in (target, gitlab.world.home):
        project.add_member(ada, "developer")
    job = gitlab.world.home.job_token(ada)

    assert upload(gitlab, ask, job).status_code == 201
    target.job_token_limit = False
    assert upload(gitlab, ask, job, project=str(target.id)).status_code == 201


@pytest.mark.parametrize(("version", "status"), [("14.10", 201), ("15.0", 403), ("19", 403)])
def test_an_archived_project(start: Start, ask: Ask, version: str, status: int) -> None:
    """It is read, and from 15.0 on not published to."""
    gitlab = start(version)
    gitlab.world.home.archive()

    assert upload(gitlab, ask, gitlab.publisher).status_code == status
    assert ask(f"{gitlab.index_url}/absent", gitlab.reader).status_code == 302
    gitlab.world.home.archive(archived=False)
    assert upload(gitlab, ask, gitlab.publisher, "other").status_code == 201


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("demo", "demo", True),
        ("demo", "Demo", True),
        ("demo*", "demo-pkg", True),
        ("*demo*", "a-demo-b", True),
        ("d*o", "dem", False),
        ("demo", "demo2", False),
        ("de_o", "demo", False),
        ("de.o", "demo", False),
        ("*", "anything", True),
        ("demo-*", "demo", False),
    ],
)
def test_patterns_of_protection_rules(pattern: str, name: str, fits: bool) -> None:
    """Any case, the whole name, `*` for any run and nothing else special."""
    assert matches(pattern, name) is fits


@pytest.mark.parametrize(("version", "status"), [("18.10", 201), ("19", 403)])
def test_protection_compares_normalized_names_from_19_on(start: Start, ask: Ask, version: str, status: int) -> None:
    """Before, another spelling goes past the rule."""
    gitlab = start(version)
    gitlab.world.home.protect("my-pkg", push="owner")

    assert upload(gitlab, ask, gitlab.publisher, "my-pkg").status_code == 403
    assert upload(gitlab, ask, gitlab.publisher, "my_pkg").status_code == status


def test_a_deploy_token_ranks_below_every_rule(start: Start, ask: Ask) -> None:
    """Even below one that keeps from deletion alone; a name without a rule is free."""
    gitlab = start("19")
    home = gitlab.world.home
    home.protect("demo", delete="owner")

    assert upload(gitlab, ask, home.deploy_token(), "demo").status_code == 403
    assert upload(gitlab, ask, home.deploy_token(), "other").status_code == 201
    assert upload(gitlab, ask, gitlab.publisher, "demo").status_code == 201


@pytest.mark.parametrize(
    ("version", "make", "words"),
    [
        ("17.5", lambda gitlab: gitlab.world.home.protect("x", push="owner"), "package protection rules"),
        ("17.9", lambda gitlab: gitlab.world.home.protect("x", delete="owner"), "package deletion protection rules"),
        ("15.11", lambda gitlab: gitlab.world.home.allow_jobs_of(gitlab.group("acme")), "job token allowlist"),
        ("17.10", lambda gitlab: gitlab.world.home.allow_jobs_of(gitlab.group("acme"), []), "fine-grained job token"),
        (
            "15.6",
            lambda gitlab: gitlab.project("acme/demo", package_registry="public"),
            "package registry for everyone",
        ),
        ("15.6", lambda gitlab: gitlab.group("acme").forward(on=False), "forwarding by group"),
    ],
)
def test_what_a_release_cannot_do_yet(version: str, make: Callable[[GitLab], object], words: str) -> None:
    """The error names the release and the feature."""
    with pytest.raises(NotYet, match=f"gitlab@{version} has no .*{words}"):
        make(GitLab(f"gitlab@{version}"))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda gitlab: gitlab.world.home.protect("x"), "needs push=, delete= or both"),
        (lambda gitlab: gitlab.world.home.protect("x", push="developer"), "push='developer' is no level"),
        (lambda gitlab: gitlab.world.home.add_member(gitlab.user("ada"), "devloper"), "there is no role 'devloper'"),
        (lambda gitlab: gitlab.project("demo"), "a project lies in a group, as in 'acme/demo'"),
        (lambda gitlab: gitlab.project("acme/open", visibility="public"), "make the group public first"),
        (lambda gitlab: gitlab.group("acme/sub", visibility="internal"), "make the group internal first"),
        (lambda gitlab: gitlab.user("ada", state="asleep"), "there is no state 'asleep'; the states are active"),
        (
            lambda gitlab: gitlab.project("acme/x", package_registry="open"),
            "there is no access level",
        ),
        (
            lambda gitlab: gitlab.project("acme/x", visibility="open"),
            "no visibility .open.; try one of private",
        ),
    ],
)
def test_a_wrong_word_is_an_error_that_helps(make: Callable[[GitLab], object], words: str) -> None:
    """It says what was said, and what could be."""
    with pytest.raises(ValueError, match=words):
        make(GitLab("gitlab@19"))


def test_an_administrator_may_everything(start: Start, ask: Ask) -> None:
    """Without being a member anywhere; an ordinary user may not."""
    gitlab = start("19")
    root = gitlab.user("root", admin=True).personal_token()

    assert upload(gitlab, ask, root).status_code == 201
    assert upload(gitlab, ask, gitlab.user("ada").personal_token(), "other").status_code == 404


def test_a_file_without_a_dot_is_not_found(start: Start, ask: Ask) -> None:
    """It is stored and listed; its address takes what follows the last dot for a format."""
    gitlab = start("19")
    form = {"name": "demo", "version": "1.0", "sha256_digest": "1" * 64}
    for name in ("nodot", "one.dot"):
        ask(gitlab.upload_url, gitlab.publisher, "POST", data=form, files={"content": (name, b"PK")})

    answers = [ask(f"{gitlab.upload_url}/files/{'1' * 64}/{name}", gitlab.reader) for name in ("nodot", "one.dot")]

    assert [answer.status_code for answer in answers] == [404, 200]
    assert gitlab.files("demo") == {"nodot", "one.dot"}


def test_the_firewall_needs_its_licence(start: Start, ask: Ask) -> None:
    """Its flag alone does nothing; with the licence it blocks, or warns."""
    gitlab = start("19")
    gitlab.flag("dependency_firewall_phase1")
    gitlab.settings.firewall = "block"

    unlicensed = upload(gitlab, ask, gitlab.publisher)
    gitlab.settings.edition = "ee"
    blocked = upload(gitlab, ask, gitlab.publisher, "other")
    gitlab.settings.firewall = "warn"
    warned = upload(gitlab, ask, gitlab.publisher, "other")

    assert (unlicensed.status_code, blocked.status_code, warned.status_code) == (201, 403, 201)
    assert blocked.json()["error"] == "Dependency Firewall policy violation"
    assert warned.headers["X-Gitlab-Dependency-Firewall-Warning"]
