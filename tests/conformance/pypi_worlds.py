"""The world that a row about the public index speaks of, made of what its prose says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.flavours.pypi.world import PyPIWorld
from pytest_pyreg.identity import Credential
from tests.conformance import pypi_parcels, pypi_prose, pypi_stock
from tests.conformance.cases import CannotExpress
from tests.conformance.pypi_scenes import Scene
from tests.conformance.pypi_told import DEMO, Project, Told

if TYPE_CHECKING:
    from pytest_pyreg import ManualClock, Registry
    from pytest_pyreg.flavours.pypi.people import Project as RealProject
    from tests.conformance.cases import Row

ABSENT_TOKEN = "pypi-" + "NeverIssued" * 9
PLACES = {
    "GitHub": ("github", "octo/demo"),
    "GitLab": ("gitlab", "ns/demo"),
    "ActiveState": ("activestate", "org/demo"),
    "Google": ("google", "demo@example.iam.gserviceaccount.com"),
}


def built(row: Row, registry: Registry, clock: ManualClock) -> Scene:
    """Build a row's world.

    Raises:
        CannotExpress: it says something that the runner does not understand, or that the product's world cannot do.
    """
    world = registry.world
    assert isinstance(world, PyPIWorld), "a row about the public index runs on it"
    told = expected(row)
    parcel = pypi_parcels.made(row.when) if "preset" in row.when else None
    scene = Scene(row, registry, world, clock, told, parcel)
    _people(scene)
    pypi_stock.deleted(scene)
    for name, project in told.projects.items():
        _project(scene, name, project)
    pypi_stock.filled(scene)
    for name, project in told.projects.items():
        _settled(scene, name, project)
    for name, count in told.begun.items():
        for _ in range(count):
            world.rates.hit("ip 127.0.0.1" if name == "ip" else name)
    world.prohibited |= {canonicalize_name(name or (parcel.name if parcel else DEMO)) for name in told.prohibited}
    scene.credential = _credential(scene)
    for name, person in told.people.items():
        world.user(name, frozen=person.frozen or None)
    for setting, value in told.settings.items():
        setattr(world.settings, setting, value)
    pypi_stock.counted(scene)
    return scene


def expected(row: Row) -> Told:
    """Return what a row's prose says, with the project that is there if it names none."""
    told = pypi_prose.told(row.prose)
    absent = {canonicalize_name(name) for name in told.absent}
    named = {canonicalize_name(name) for name in told.projects}
    minted = told.token.kind == "minted"
    if (not told.projects and not told.nothing and DEMO not in absent) or (minted and DEMO not in named):
        told.projects.setdefault(DEMO, Project())
    for project in told.projects.values():
        project.owners = project.owners or [told.caller]
    return told


def _people(scene: Scene) -> None:
    for name in {*scene.told.people, scene.told.caller}:
        person = scene.told.person(name)
        scene.world.user(name, email_verified=person.email_verified, two_factor=person.two_factor)


def _project(scene: Scene, name: str, project: Project) -> RealProject:
    """Make a project with its people."""
    world = scene.world
    organization = None
    if project.organization:
        organization = world.organization(project.organization, good_standing=project.good_standing)
    made = world.project(
        name,
        owners=[world.user(owner) for owner in project.owners],
        maintainers=[world.user(maintainer) for maintainer in project.maintainers],
        organization=organization,
    )
    for limit, value in project.limits.items():
        setattr(made, limit, value)
    return made


def _settled(scene: Scene, name: str, project: Project) -> None:
    """Let become of a project what did, now that its files are there."""
    made = scene.world.project(name)
    if project.standing == "archived":
        made.archive()
    elif project.standing == "quarantined":
        made.quarantine()


def _credential(scene: Scene) -> Credential | None:
    """Return what the request shows."""
    told, world, clock = scene.told.token, scene.world, scene.clock
    if told.kind == "none":
        return None
    if told.kind == "password":
        return Credential(scene.told.caller, "a password")
    if told.kind in {"unknown", "garbled"}:
        return Credential("__token__", ABSENT_TOKEN)
    user = world.user(scene.told.caller)
    if told.kind == "minted":
        project = world.project(told.project or scene.told.last_project or DEMO)
        keyword, place = PLACES[told.publisher]
        try:
            publisher = project.trusted_publisher(
                **{keyword: told.place or place}, workflow=told.workflow, environment=told.environment
            )
        except (TypeError, ValueError) as error:
            raise CannotExpress(f"given: {scene.row.prose!r}: {error}") from error
        credential = publisher.mint()
        if told.disowned:
            project.publishers.remove(publisher)
    elif told.kind == "project":
        credential = user.api_token(world.project(told.project), lasts=told.lasts)
    else:
        credential = user.api_token(lasts=told.lasts)
    if told.revoked:
        world.revoke(credential)
    clock.advance(seconds=max(told.age, timedelta()).total_seconds())
    return credential
