"""`given.role` and `given.token`: who asks, and what they show."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pytest_pyreg import Credential
from pytest_pyreg.flavours.gitlab.authentication import CI_JOB_USER
from pytest_pyreg.flavours.gitlab.places import Group, Place
from tests.conformance import words
from tests.conformance.cases import CannotExpress
from tests.conformance.scenes import Scene, flag, of_group

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

MEMBERS = {"guest", "planner", "reporter", "developer", "maintainer", "owner"}
EXTERNAL = {"external", "external_user_non_member"}
DEPLOYED = {"deploy_token", "deploy_token_of_other_project"}
NOBODY = {"anonymous", "non_member", "authenticated"}
"""Who has no role here; they may have an account."""
ROLES = {*MEMBERS, *EXTERNAL, *DEPLOYED, *NOBODY, "admin"}

TOKEN_KEYS = {
    *("kind", "transport", "username", "password", "valid", "state", "user_state", "scopes"),
    *("bound_to", "from", "allowlisted", "fine_grained", "granted"),
}
USER_STATES = {"pending_approval": "blocked_pending_approval", "internal_user": "internal"}
STATES = {None, "active", "expired", "revoked"}
PERMISSIONS = {"<another policy>": "read_deployments"}
DEPLOY_SCOPES = ("read_package_registry", "write_package_registry")
WRONG = "wrong"


def arrive(scene: Scene) -> None:
    """Make the caller, and what they show."""
    given = scene.row.given
    role = given.get("role", "anonymous")
    for key in ("role", "effective_role"):
        if given.get(key, role) not in ROLES:
            raise CannotExpress(f"given.{key} = {given[key]!r}")
    _settle(scene, role, member=flag(given.get("member", True), "given.member"))
    token: Mapping[str, Any] = given.get("token") or {"kind": "none" if role == "anonymous" else "pat"}
    for key in token:
        if key not in TOKEN_KEYS:
            raise CannotExpress(f"given.token.{key} = {token[key]!r}")
    kind = str(token.get("kind"))
    if kind == "none":
        return
    if kind not in KINDS:
        raise CannotExpress(f"given.token.kind = {kind!r}")
    credential = KINDS[kind](scene, token)
    _spoil(scene, token, credential)
    secret = credential.secret if flag(token.get("valid", True), "given.token.valid") else WRONG
    assert scene.caller is not None, "there always is an account"
    names = {"<user.username>": scene.caller.username, "<deploy_token.username>": scene.username or "deployer"}
    said = token.get("username")
    username = words.filled(credential.username if said is None else said, names, "given.token.username")
    _show(scene, token.get("transport", "basic"), username, secret)


def _spoil(scene: Scene, token: Mapping[str, Any], credential: Credential) -> None:
    """Let the token, or its user's account, be over; a job's token is over with the job."""
    state = token.get("state")
    if state not in STATES:
        raise CannotExpress(f"given.token.state = {state!r}")
    if state == "revoked" or (state == "expired" and token["kind"] == "job"):
        scene.world.revoke(credential)
    if token.get("user_state"):
        assert scene.caller is not None, "there always is an account"
        state = USER_STATES.get(token["user_state"], token["user_state"])
        try:
            scene.world.user(scene.caller.username, state=state)
        except ValueError as error:
            raise CannotExpress(f"given.token.user_state: {error}") from error


def _settle(scene: Scene, role: str, *, member: bool) -> None:
    """Make the caller's account, a member where the row's address is."""
    if role == "owner" and not isinstance(scene.above, Group):
        scene.caller = scene.owner
        return
    scene.caller = scene.world.user("caller", admin=role == "admin", external=role in EXTERNAL)
    if role in MEMBERS and member:
        place = scene.above if of_group(scene.row) and isinstance(scene.above, Group) else scene.project
        place.add_member(scene.caller, role)


def _expires(scene: Scene, token: Mapping[str, Any]) -> datetime | None:
    return scene.clock.now() - timedelta(days=1) if token.get("state") == "expired" else None


def _personal(scene: Scene, token: Mapping[str, Any]) -> Credential:
    assert scene.caller is not None, "there always is an account"
    return scene.caller.personal_token(token.get("scopes", ("api",)), expires=_expires(scene, token))


def _access(scene: Scene, token: Mapping[str, Any]) -> Credential:
    """Make a project or group access token, of a bot that has the row's role."""
    place = scene.above if token["kind"] == "group_access_token" and isinstance(scene.above, Group) else scene.project
    role = scene.row.given.get("role")
    if role not in MEMBERS:
        raise CannotExpress(f"given.role = {role!r} of an access token")
    return place.access_token(role=role, scopes=token.get("scopes", ("api",)), expires=_expires(scene, token))


def _deploy(scene: Scene, token: Mapping[str, Any]) -> Credential:
    """Make a deploy token of what the row's address names, if it does not say another place."""
    group = scene.above if isinstance(scene.above, Group) else scene.project
    places: dict[str, Place] = {"project": scene.project, "group": group, "other_project": scene.other}
    default = "group" if of_group(scene.row) else "project"
    if scene.row.given.get("role") == "deploy_token_of_other_project":
        default = "other_project"
    bound = token.get("bound_to", default)
    if bound not in places:
        raise CannotExpress(f"given.token.bound_to = {bound!r}")
    found = places[bound].deploy_token(token.get("scopes", DEPLOY_SCOPES), expires=_expires(scene, token))
    scene.username = found.username
    return found


def _job(scene: Scene, token: Mapping[str, Any]) -> Credential:
    """Make the token of a job, which runs in the project itself if the row does not say another."""
    places = {"other_project": scene.other, "project": scene.project, "same_project": scene.project}
    source = token.get("from", "project")
    if source not in places:
        raise CannotExpress(f"given.token.from = {source!r}")
    if flag(token.get("allowlisted", False), "given.token.allowlisted"):
        fine = flag(token.get("fine_grained", False), "given.token.fine_grained")
        granted = [PERMISSIONS.get(each, each) for each in token.get("granted", ())]
        if any(each.startswith("<") for each in granted):
            raise CannotExpress(f"given.token.granted = {granted!r}")
        try:
            scene.project.allow_jobs_of(places[source], granted if fine else None)
        except ValueError as error:
            raise CannotExpress(f"given.token.allowlisted: {error}") from error
    assert scene.caller is not None, "there always is an account"
    return places[source].job_token(scene.caller)


def _unknown(_: Scene, token: Mapping[str, Any]) -> Credential:
    return Credential("foo", token.get("password", WRONG))


def _password(scene: Scene, token: Mapping[str, Any]) -> Credential:
    """Return an account's name and password, which no world keeps: this API never looks at it."""
    assert scene.caller is not None, "there always is an account"
    return Credential(scene.caller.username, token.get("password", "the password of the account"))


KINDS: Mapping[str, Callable[[Scene, Mapping[str, Any]], Credential]] = {
    "pat": _personal,
    "project_access_token": _access,
    "group_access_token": _access,
    "deploy": _deploy,
    "job": _job,
    "unknown": _unknown,
    "account_password": _password,
}
assert CI_JOB_USER == "gitlab-ci-token", "the rows write it out"


def _show(scene: Scene, transport: str, username: str, secret: str) -> None:
    """Put a credential into the request."""
    how, _, name = transport.partition(" ")
    if transport == "basic":
        value = base64.b64encode(f"{username}:{secret}".encode()).decode()
        scene.headers.append(("Authorization", f"Basic {value}"))
    elif how.lower() == "bearer" or name.lower().startswith(("authorization", "bearer")):
        scene.headers.append(("Authorization", f"Bearer {secret}"))
    elif how == "header" and name:
        scene.headers.append((name, secret))
    elif how == "param" and name:
        scene.query.append((name, secret))
    else:
        raise CannotExpress(f"given.token.transport = {transport!r}")
