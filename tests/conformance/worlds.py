"""`given`: the project, its group and the instance's settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from pytest_pyreg.flavours.gitlab import GitLabWorld
from pytest_pyreg.flavours.gitlab.places import Project
from pytest_pyreg.flavours.gitlab.settings import COMMUNITY, DISK, ENTERPRISE, OBJECT_STORAGE, PROXIED
from pytest_pyreg.model import Visibility
from tests.conformance import callers, stock, words
from tests.conformance.cases import CannotExpress
from tests.conformance.scenes import Scene, flag, of_group

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_pyreg import ManualClock, Registry
    from tests.conformance.cases import Row

EDITIONS = {
    **dict.fromkeys(("CE", "EE Free", "EE Starter", "EE Premium"), COMMUNITY),
    **dict.fromkeys(("EE", "EE Ultimate"), ENTERPRISE),
}
"""What the edition means here: whether the dependency firewall is licensed."""
STORAGES = {
    "disk": DISK,
    "local": DISK,
    "object storage": OBJECT_STORAGE,
    "object storage, direct download": OBJECT_STORAGE,
    "object storage, direct": OBJECT_STORAGE,
    "object storage, S3 direct": OBJECT_STORAGE,
    "S3": OBJECT_STORAGE,
    "S3 direct": OBJECT_STORAGE,
    "local disk": DISK,
    "object storage, proxied": PROXIED,
}
FIREWALLS = ("allow", "warn", "block")
LEVELS = {
    "private (members only)": "private",
    **{level: level for level in ("disabled", "private", "enabled", "public")},
}
FEATURES = ("all", "package_registry", "package_registry_access_level")
USER_NAMESPACE = "<user namespace id>"


def limit(row: Row) -> int | None:
    """Return the largest file that may be uploaded; None for the product's own limit."""
    limits = row.given.get("limits")
    if limits is None:
        return None
    _known("limits", limits, {"pypi_max_file_size"})
    return words.size(limits["pypi_max_file_size"])


def built(row: Row, registry: Registry, clock: ManualClock) -> Scene:
    """Build a row's world.

    Raises:
        CannotExpress: it says something that the runner does not understand, or that the product's world cannot do.
    """
    world = registry.world
    assert isinstance(world, GitLabWorld), "a row about GitLab runs on a GitLab"
    _known("given", row.given, {*SETTERS, *ELSEWHERE})
    owner = world.user("owner")
    project = _project(row, world)
    assert project.parent is not None, "a project lies somewhere"
    asked = row.given.get("id")
    if asked not in {None, USER_NAMESPACE} and not isinstance(asked, int):
        raise CannotExpress(f"given.id = {asked!r}")
    above = project.parent
    number = asked if isinstance(asked, int) else (above if of_group(row) or asked else project).id
    scene = Scene(row, registry, world, clock, project, above, owner, number)
    for key, setter in SETTERS.items():
        if key in row.given:
            try:
                setter(scene, row.given[key])
            except (ValueError, KeyError, TypeError) as error:
                raise CannotExpress(f"given.{key} = {row.given[key]!r}: {error}") from error
    callers.arrive(scene)
    stock.fill(scene)
    scene.words |= _words(scene)
    return scene


def _project(row: Row, world: GitLabWorld) -> Project:
    """Return the project, which has the number 1 as its group has, where the address has it, as visible as it says."""
    given = row.given
    try:
        inner = Visibility(given.get("visibility", given.get("group_visibility", "private")))
        outer = Visibility(given.get("group_visibility", inner.value))
    except ValueError as error:
        raise CannotExpress(f"given.visibility: {error}") from error
    if given.get("id") == USER_NAMESPACE:
        return world.project("owner/project", visibility=inner.value)
    project, path = world.home, _path(str(row.when["path"]))
    if path is not None:
        try:
            world.move(project, path)
        except ValueError as error:
            raise CannotExpress(f"when.path: {error}") from error
    assert isinstance(project, Project), "the ready world has a project"
    project.visibility = inner
    for group in project.ancestors():
        group.visibility = outer
    return project


def _path(address: str) -> str | None:
    """Return where an address that writes a path out expects the project; None if it writes none."""
    found = re.match(r"/api/v4/(projects|groups)/([^/:]+)(/(?!-/)[^/:]+(?=/packages/))?/", address)
    if found is None or found[2].isdecimal():
        return None
    place = unquote(found[2])
    if found[1] == "groups":
        return f"{place}/project"
    return place + found[3] if found[3] else place if "/" in place else f"group/{place}"


def _features(scene: Scene, features: Mapping[str, str]) -> None:
    _known("features", features, FEATURES)
    for level in features.values():
        scene.project.set_package_registry(LEVELS[level])


def _flags(scene: Scene, flags: Mapping[str, Any]) -> None:
    for name, value in flags.items():
        scene.world.flag(name, on=flag(value, f"given.flags.{name}"))


def _instance(scene: Scene, settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        if not isinstance(getattr(scene.world.settings, name, None), bool):
            raise CannotExpress(f"given.instance.{name} = {value!r}")
        setattr(scene.world.settings, name, flag(value, f"given.instance.{name}"))


def _forwarding(scene: Scene, value: object) -> None:
    scene.world.forward(on=flag(value, "given.forwarding"))


def _archived(scene: Scene, value: object) -> None:
    scene.project.archive(archived=flag(value, "given.archived"))


def _fips(scene: Scene, value: object) -> None:
    scene.world.settings.fips = flag(value, "given.fips")


def _storage(scene: Scene, value: str) -> None:
    scene.world.settings.storage = STORAGES[value]


def _edition(scene: Scene, value: str) -> None:
    scene.world.settings.edition = EDITIONS[value]


def _firewall(scene: Scene, value: str) -> None:
    scene.world.settings.firewall = FIREWALLS[FIREWALLS.index(value)]


def _project_name(scene: Scene, value: str) -> None:
    scene.project.name = value


def _group_name(scene: Scene, value: str) -> None:
    scene.above.name = value


def _protection(scene: Scene, rule: Mapping[str, str]) -> None:
    """Make a rule; `match` and `no_match` say whether its pattern is that of the row's package."""
    push, delete = "minimum_access_level_for_push", "minimum_access_level_for_delete"
    _known("protection", rule, {"pattern", push, delete})
    name = stock.name_of(scene.row)
    pattern = {"match": f"{name[:-1]}*", "no_match": f"{name}-no-match"}.get(rule["pattern"], rule["pattern"])
    scene.project.protect(pattern, push=rule.get(push), delete=rule.get(delete))


SETTERS: Mapping[str, Callable[[Scene, Any], None]] = {
    "features": _features,
    "flags": _flags,
    "instance": _instance,
    "forwarding": _forwarding,
    "archived": _archived,
    "fips": _fips,
    "storage": _storage,
    "edition": _edition,
    "firewall": _firewall,
    "project_name": _project_name,
    "group_name": _group_name,
    "protection": _protection,
}
ELSEWHERE = {
    *("visibility", "group_visibility", "id", "limits", "file_size"),  # This module and `requests_`.
    *("role", "member", "effective_role", "token"),  # `callers`.
    *("stored", "stored_name", "existing", "package", "package_file", "package_present"),  # `stock`.
}


def _known(where: str, found: object, known: object) -> None:
    if not isinstance(found, dict):
        raise CannotExpress(f"{where} = {found!r} is no object")
    for key, value in found.items():
        if key not in known:  # type: ignore[operator]
            raise CannotExpress(f"{where}.{key} = {value!r}")


def _words(scene: Scene) -> dict[str, str]:
    """Return what the rows' placeholders stand for, as far as this module knows."""
    return {
        "<project.path>": scene.project.path.rpartition("/")[2],
        "<project.full_path>": scene.project.path,
        "<user.username>": scene.caller.username if scene.caller is not None else "",
        "https://gitlab.example.com": scene.registry.url,
    }
