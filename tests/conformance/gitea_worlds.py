"""`given`: owners, accounts and the configuration of a Gitea."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from pytest_pyreg.flavours.gitea import GiteaWorld
from pytest_pyreg.flavours.gitea.people import Organization
from tests.conformance import gitea_callers, gitea_states, gitea_stock
from tests.conformance.cases import CannotExpress
from tests.conformance.gitea_scenes import Scene, is_named, known
from tests.conformance.inside import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_pyreg import ManualClock, Registry
    from tests.conformance.cases import Row

GIVEN = {
    *("owner", "actor", "credential", "role", "packages", "config", "state", "storage"),
    *("team_packages_access", "team_code_access"),
}
ROLES: Mapping[str, str] = {
    **dict.fromkeys(("admin", "site-admin", "site admin"), "admin"),
    **dict.fromkeys(("owner", "org-owner", "org owner", "owner team"), "owner"),
    **dict.fromkeys(("member", "team member", "org member"), "member"),
    **dict.fromkeys(("user", "self", "other", "other user", "non-member", "anonymous"), "user"),
    "restricted": "restricted",
    "inactive": "inactive",
}
STRANGERS = {"bob", "carol", "mallory", "other", "stranger"}
"""Users with an account, and nothing else."""
_OWNER = re.compile(r"/api/(?:v1/)?packages/([^/?]+)")
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


def built(row: Row, registry: Registry, clock: ManualClock) -> Scene:
    """Build a row's world.

    Raises:
        CannotExpress: it says something that the runner does not understand, or that the product's world cannot do.
    """
    world = registry.world
    assert isinstance(world, GiteaWorld), "a row about Gitea runs on a Gitea"
    known("given", row.given, GIVEN)
    scene = Scene(row, registry, world, clock)
    _configure(scene, known("given.config", row.given.get("config", {}), SETTINGS))
    _store(scene, row.given.get("storage", "local"))
    _people(scene)
    gitea_stock.fill(scene)
    gitea_states.settle(scene)
    gitea_callers.show(scene)
    return scene


def _people(scene: Scene) -> None:
    """Make the owner that the row describes, those that every row knows, and who asks."""
    given = scene.row.given
    scene.owner("alice")
    if "owner" in given:
        scene.owner(str(known("given.owner", given["owner"], {"name", "kind", "visibility"}).get("name")))
    named = _OWNER.match(str(scene.row.when.get("path")))
    if named is not None and is_named(unquote(named[1])):
        scene.owner(unquote(named[1]))
    actor = given.get("actor", "anonymous")
    if not isinstance(actor, str):
        raise CannotExpress(f"given.actor = {actor!r}")
    scene.actor = None if actor == "anonymous" else scene.user(_placed(scene, actor))
    _role(scene, given.get("role"))
    access, code = given.get("team_packages_access"), given.get("team_code_access")
    if access is not None or code is not None:
        try:
            _organization(scene, "a team").team(
                "packagers", access=access or "none", code=code or "none", members=[scene.someone("a team")]
            )
        except ValueError as error:
            raise CannotExpress(f"given.team_packages_access = {access!r}: {error}") from error


def _placed(scene: Scene, actor: str) -> str:
    """Return who asks, if the row tells who that is: a slip in a name would make a stranger, and a row that passes."""
    given = scene.row.given
    owners = [given.get("owner"), *given.get("packages", [])]
    names = {str(each.get(key)) for each in owners if isinstance(each, dict) for key in ("name", "owner")}
    described = any(given.get(key) is not None for key in ("role", "state", "team_packages_access", "team_code_access"))
    if not (is_named(actor) or actor in STRANGERS or actor in names or described):
        raise CannotExpress(f"given.actor = {actor!r}: the row does not tell who that is")
    return actor


def _role(scene: Scene, role: object) -> None:
    if role is None:
        return
    if not isinstance(role, str) or role not in ROLES:
        raise CannotExpress(f"given.role = {role!r}")
    match ROLES[role]:
        case "admin":
            scene.someone("a role").admin = True
        case "owner":
            _organization(scene, "its owner").add_owner(scene.someone("a role"))
        case "member":
            _organization(scene, "its member").team("members", access="read", members=[scene.someone("a role")])
        case "restricted":
            scene.someone("a role").restricted = True
        case "inactive":
            scene.someone("a role").active = False


def _organization(scene: Scene, what: str) -> Organization:
    described = scene.row.given.get("owner")
    name = described.get("name") if isinstance(described, dict) else None
    found = scene.owner(str(name)) if name else None
    if not isinstance(found, Organization):
        raise CannotExpress(f"{what}, and given.owner = {described!r} is no organisation")
    return found


def _store(scene: Scene, storage: object) -> None:
    if not isinstance(storage, str) or not re.fullmatch(r"(?:local|minio|azureblob)?\W*(?:SERVE_DIRECT.*)?", storage):
        raise CannotExpress(f"given.storage = {storage!r}")
    if "SERVE_DIRECT" in storage:
        scene.world.settings.serve_direct = _switch(storage.partition("SERVE_DIRECT")[2].lstrip(" =:") or True)


def _configure(scene: Scene, config: Mapping[str, object]) -> None:
    for key, value in config.items():
        SETTINGS[key](scene, value)


def _switch(value: object) -> bool:
    """Return what a switch in the configuration says."""
    return {"true": True, "false": False, "on": True, "off": False}[str(value).lower()] if value != "" else False


def _size(value: object) -> int:
    """Return how many bytes a limit is: `4`, `10 MiB`."""
    found = re.fullmatch(r"(-?[0-9]+)\s*([KMG]?)i?B?", str(value))
    if found is None:
        raise CannotExpress(f"no size: {value!r}")
    return int(found[1]) * _UNITS[found[2]]


def _setting(name: str, read: Callable[[object], Any]) -> Callable[[Scene, object], None]:
    """Return what sets one of the world's settings."""

    def set_(scene: Scene, value: object) -> None:
        assert hasattr(scene.world.settings, name), f"the world has no setting {name}"
        try:
            setattr(scene.world.settings, name, read(value))
        except KeyError:
            raise CannotExpress(f"given.config: {name} = {value!r}") from None

    return set_


def _sign_in(value: object) -> bool:
    """Return whether everybody must sign in: `expensive` is about other pages than those of packages."""
    return value != "expensive" and _switch(value)


def _production(value: object) -> bool:
    return {"prod": True, "dev": False}[str(value)]


def _root_url(scene: Scene, value: object) -> None:
    """Let pages show another URL."""
    inside(scene.registry).show(str(value).rstrip("/"))


def _nothing(_: Scene, __: object) -> None:
    """Change nothing: these products' packages do not depend on it here."""


SETTINGS: Mapping[str, Callable[[Scene, object], None]] = {
    "RUN_MODE": _setting("production", _production),
    "[server] ROOT_URL": _root_url,
    "[packages] ENABLED": _setting("packages_enabled", _switch),
    "[packages] LIMIT_SIZE_PYPI": _setting("limit_size_pypi", _size),
    "[packages] LIMIT_TOTAL_OWNER_COUNT": _setting("limit_total_owner_count", _size),
    "[packages] LIMIT_TOTAL_OWNER_SIZE": _setting("limit_total_owner_size", _size),
    "[quota] ENABLED": _setting("quota_enabled", _switch),
    "[service] REQUIRE_SIGNIN_VIEW": _setting("require_signin_view", _sign_in),
    "[service] ENABLE_BASIC_AUTHENTICATION": _setting("enable_basic_authentication", _switch),
    "[security] DISABLE_QUERY_AUTH_TOKEN": _setting("disable_query_auth_token", _switch),
    **{
        f"[{section}] {key}": _setting("serve_direct", _switch)
        for section in ("packages", "storage", "storage.packages", "storage.minio")
        for key in ("SERVE_DIRECT", "MINIO_SERVE_DIRECT")
    },
    **{f"[{section}] STORAGE_TYPE": _nothing for section in ("packages", "storage", "storage.packages")},
}
