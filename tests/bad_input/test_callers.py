"""Who may not upload or read is told so in GitLab's words, and nothing changes."""

from __future__ import annotations

import base64
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ANONYMOUS, Credential
from pytest_pyreg.flavours.gitlab.roles import DEVELOPER, GUEST, MAINTAINER, OWNER, REPORTER

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg import Registry
    from pytest_pyreg.flavours.gitlab.world import GitLabWorld
    from pytest_pyreg.identity import Role

    Answer = tuple[int, dict[str, str], bytes]
    Ask = Callable[..., Answer]

BEARER = 'Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="{}"'
EXPIRED = "Token is expired. You can either do re-authorization or token refresh."
SCOPE = "The request requires higher privileges than provided by the access token."
REVOKED = "Token was revoked. You have to re-authorize from the user."

SAYS: dict[str, tuple[int, str, dict[str, str]]] = {
    "401": (401, '{"message":"401 Unauthorized"}', {"WWW_Authenticate": 'Basic realm="GitLab Packages Registry"'}),
    "403": (403, '{"message":"403 Forbidden"}', {}),
    "404": (404, '{"message":"404 Not Found"}', {}),
    "expired": (
        401,
        f'{{"error":"invalid_token","error_description":"{EXPIRED}"}}',
        {"WWW_Authenticate": BEARER.format(EXPIRED)},
    ),
    "revoked": (
        401,
        f'{{"error":"invalid_token","error_description":"{REVOKED}"}}',
        {"WWW_Authenticate": BEARER.format(REVOKED)},
    ),
    "scope": (
        403,
        f'{{"error":"insufficient_scope","error_description":"{SCOPE}","scope":"api read_api"}}',
        {},
    ),
}


def member(world: GitLabWorld, role: Role | None, *scopes: str) -> Credential:
    """Return the token of a member of the ready project and of the public one; of nobody's if there is no role."""
    user = world.user("ada")
    for project in (world.home, world.project("open/source")):
        if role is not None:
            project.add_member(user, role)
    return user.personal_token(scopes or ("api",))


def job(world: GitLabWorld, role: Role, *, ended: bool = False) -> Credential:
    """Return the token of a job that a member has started."""
    user = world.user("ada")
    world.home.add_member(user, role)
    token = world.home.job_token(user)
    if ended:
        world.revoke(token)
    return token


def expired(world: GitLabWorld) -> Credential:
    """Return a token that was good last year."""
    user = world.user("ada")
    world.home.add_member(user, OWNER)
    return user.personal_token(["api"], expires=datetime(2025, 12, 31, tzinfo=timezone.utc))


def revoked(world: GitLabWorld) -> Credential:
    """Return a token that was good until it was revoked."""
    token = member(world, OWNER)
    world.revoke(token)
    return token


CALLERS: dict[str, tuple[Callable[[GitLabWorld], Credential], str, str]] = {
    # What an upload to the private and to the public project is answered with.
    "nobody": (lambda _: ANONYMOUS, "401", "401"),
    "unknown token": (lambda _: Credential("__token__", "glpat-wrong"), "401", "401"),
    "unknown token of a job": (lambda _: Credential("gitlab-ci-token", "wrong"), "401", "401"),
    "no password": (lambda world: Credential(world.publisher.username, ""), "401", "401"),
    "expired token": (expired, "expired", "expired"),
    "revoked token": (revoked, "revoked", "revoked"),
    "read_api token": (lambda world: member(world, DEVELOPER, "read_api"), "scope", "scope"),
    "token without scopes for this": (lambda world: member(world, OWNER, "read_user"), "scope", "scope"),
    "guest": (lambda world: member(world, GUEST), "403", "403"),
    "reporter": (lambda world: member(world, REPORTER), "403", "403"),
    "non-member": (lambda world: member(world, None), "404", "403"),
    "reading deploy token": (
        lambda world: world.home.deploy_token(["read_package_registry"]),
        "403",
        "403",
    ),
    "job of a reporter": (lambda world: job(world, REPORTER), "403", "403"),
    "job that has ended": (lambda world: job(world, OWNER, ended=True), "401", "401"),
    "job's token under another name": (
        lambda world: Credential("ada", job(world, OWNER).secret),
        "401",
        "401",
    ),
}
GRANTED: dict[str, Callable[[GitLabWorld], Credential]] = {
    "developer": lambda world: member(world, DEVELOPER),
    "maintainer under another name": lambda world: Credential("x", member(world, MAINTAINER).secret),
    "owner": lambda world: member(world, OWNER, "read_api", "api"),
    "deploy token": lambda world: world.home.deploy_token(["write_package_registry"]),
    "job of a developer": lambda world: job(world, DEVELOPER),
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("visibility", ["private", "public"])
def test_who_may_not_upload_is_refused(
    world: GitLabWorld, upload: Ask, rails: Ask, caller: str, visibility: str
) -> None:
    """The answer depends on who asks and on what they may see."""
    place = world.home if visibility == "private" else world.project("open/source", visibility="public")
    make, private, public = CALLERS[caller]
    status, body, headers = SAYS[private if visibility == "private" else public]

    answer = upload(who=make(world), path=f"/api/v4/projects/{place.id}/packages/pypi")

    assert answer == rails(status, body, **headers)


@pytest.mark.parametrize("caller", GRANTED)
def test_who_may_upload_uploads(
    registry: Registry, world: GitLabWorld, upload: Ask, created: Answer, caller: str
) -> None:
    """Developers and up, and tokens that stand for them."""
    assert upload(who=GRANTED[caller](world)) == created
    assert registry.files("sample-project") == {"sample_project-1.0.0-py3-none-any.whl"}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/simple", "/simple/demo/", f"/files/{'a' * 64}/f.whl"])
@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        ("nobody", "401"),
        ("unknown token", "401"),
        ("unknown token of a job", "401"),
        ("expired token", "expired"),
        ("revoked token", "revoked"),
        ("token without scopes for this", "scope"),
        ("guest", "403"),
        ("non-member", "404"),
    ],
)
def test_who_may_not_read_is_refused(  # Whether the file or project is there does not matter, so neither is.
    world: GitLabWorld, get: Ask, rails: Ask, path: str, caller: str, expected: str
) -> None:
    """Pages and files of a private project are for reporters and up."""
    status, body, headers = SAYS[expected]

    assert get(f"/api/v4/projects/1/packages/pypi{path}", who=CALLERS[caller][0](world)) == rails(
        status, body, **headers
    )


@pytest.mark.parametrize("caller", ["reporter", "read_api token", "reading deploy token", "job of a reporter"])
def test_who_may_read_reads(world: GitLabWorld, get: Ask, caller: str) -> None:
    """The same callers who may not upload may read."""
    assert get("/api/v4/projects/1/packages/pypi/simple", who=CALLERS[caller][0](world))[0] == 200


@pytest.mark.parametrize("caller", ["nobody", "unknown token", "guest", "non-member"])
def test_a_public_project_is_everybodys(world: GitLabWorld, get: Ask, caller: str) -> None:
    """To read, no credential is needed there, and a wrong one is as good as none."""
    place = world.project("open/source", visibility="public")

    assert get(f"/api/v4/projects/{place.id}/packages/pypi/simple", who=CALLERS[caller][0](world))[0] == 200


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic \xe9",
        f"Basic {base64.b64encode(b'no colon').decode()}",
        "Bearer",
        "Bearer wrong",
        "Digest username=x",
        "glpat-token",
    ],
    ids=ascii,
)
def test_a_garbled_authorization_is_none(upload: Ask, rails: Ask, header: str) -> None:
    """What cannot be read as a credential, or is none of ours, lets nobody in."""
    status, body, headers = SAYS["401"]

    answer = upload(who=ANONYMOUS, headers={"Authorization": header})

    assert answer == rails(status, body, **headers)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("text", [b"us\0er:x", b"user:\xff"])
def test_a_credential_that_no_database_holds_is_refused(upload: Ask, malformed: Answer, text: bytes) -> None:
    """Null bytes and what is not UTF-8 are refused before anybody looks a token up."""
    header = f"Basic {base64.b64encode(text).decode()}"

    assert upload(who=ANONYMOUS, headers={"Authorization": header}) == malformed


def test_a_bearer_token_is_a_credential(registry: Registry, upload: Ask, created: Answer) -> None:
    """A personal token may come without a user name."""
    header = f"bearer {registry.publisher.secret}"

    assert upload(who=ANONYMOUS, headers={"Authorization": header}) == created
