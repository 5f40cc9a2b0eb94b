"""What the public index holds before the request: files, each at its time, and what became of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

from pytest_pyreg.dists import Dist
from pytest_pyreg.flavours.pypi.versions import canonical
from tests.conformance import pypi_archives, pypi_parcels, pypi_requests
from tests.conformance.cases import CannotExpress
from tests.conformance.inside import inside
from tests.conformance.pypi_told import DEMO, FIRST, Release
from tests.conformance.wires import in_process

if TYPE_CHECKING:
    from tests.conformance.pypi_parcels import Parcel
    from tests.conformance.pypi_scenes import Scene

OTHER = {"sdist": "wheel", "wheel": "sdist"}
_PAGES = re.compile(r"^/(?:simple|pypi|integrity|packages)/")


class _Arrival(NamedTuple):
    """A file to come."""

    age: timedelta
    project: str
    version: str
    parcel: Parcel
    release: Release


def filled(scene: Scene) -> None:
    """Store everything, the oldest first, and let time go by until the request."""
    arrivals = sorted(_arrivals(scene), key=lambda arrival: arrival.age, reverse=True)
    oldest = arrivals[0].age if arrivals else timedelta()
    passed = timedelta()
    for arrival in arrivals:
        scene.clock.advance(seconds=(oldest - arrival.age - passed).total_seconds())
        passed = oldest - arrival.age
        _put(scene, arrival)
    scene.clock.advance(seconds=(oldest - passed).total_seconds())
    for name, project in scene.told.projects.items():
        for version, release in project.releases.items():
            _become(scene, name, version, release)
        if project.stored:
            _weigh(scene, name, project.stored)


def deleted(scene: Scene) -> None:
    """Let projects and files have been there that are gone."""
    names = [name or (scene.parcel.filename if scene.parcel else "") for name in scene.told.burned]
    for project, owner in scene.told.deleted:
        scene.world.project(project, owners=[scene.world.user(owner)])
        for filename in names or [f"{project}-{FIRST}.tar.gz"]:
            parcel = _named(filename, project, FIRST)
            _add(scene, parcel)
            scene.registry.delete(project, parcel.version)
        gone = scene.world.known(canonicalize_name(project))
        if gone is not None:
            scene.world.forgotten(gone.name)
    scene.world.burned |= {name for name in names if name}


def counted(scene: Scene) -> None:
    """Let the last serial be what the row says it is."""
    if scene.told.serial is None:
        return
    if not inside(scene.registry).count_to(scene.told.last_project or DEMO, scene.told.serial):
        raise CannotExpress(f"given: serial {scene.told.serial} is past when all is there that the row speaks of")


def _arrivals(scene: Scene) -> list[_Arrival]:
    found = []
    reads = bool(_PAGES.match(str(scene.row.when.get("path")))) and scene.parcel is None
    for name, project in scene.told.projects.items():
        if reads and not project.releases and not project.empty:
            project.releases[FIRST] = Release()
        for version, release in project.releases.items():
            found += [_Arrival(release.age, name, version, parcel, release) for parcel in _files(scene, name, version)]
    return found + _copies(scene)


def _files(scene: Scene, name: str, version: str) -> list[Parcel]:
    """Return the files of a release: those that the row names, or one of the kind that does not come now."""
    release, mine = scene.told.projects[name].releases[version], scene.parcel
    copied = mine is not None and scene.told.copies and canonical(version) == canonical(mine.version)
    kinds = release.kinds or ([] if release.filenames or copied else ["sdist" if mine is None else OTHER[mine.kind]])
    more = f"Requires-Python: {release.requires_python}\n" if release.requires_python else ""
    found = [pypi_parcels.plain(kind, name, version, more=more) for kind in dict.fromkeys(kinds)]
    return found + [_named(filename, name, version) for filename in release.filenames]


def _named(filename: str, project: str, version: str) -> Parcel:
    """Return a distribution of that name."""
    kind = "wheel" if filename.endswith(".whl") else "sdist"
    parcel = pypi_parcels.plain(kind, project, version, note="of an earlier time")
    return replace(parcel, filename=filename)


def _copies(scene: Scene) -> list[_Arrival]:
    """Return what is there of the very file that comes now."""
    mine, told = scene.parcel, scene.told
    if not told.copies or mine is None:
        if told.copies:
            raise CannotExpress("given: the same file as none")
        return []
    project = next((name for name in told.projects if canonicalize_name(name) == canonicalize_name(mine.name)), DEMO)
    releases = told.projects[project].releases if project in told.projects else {}
    release = next(
        (one for version, one in releases.items() if canonical(version) == canonical(mine.version)), Release()
    )
    other_name = re.sub(rf"-{re.escape(mine.version)}(?=[-.])", "-0.9", mine.filename, count=1)
    made = {
        "same": (project, mine),
        "other bytes": (project, replace(_named(mine.filename, mine.name, mine.version), kind=mine.kind)),
        "other name": (project, replace(mine, filename=other_name)),
        "other project": ("elsewhere", replace(mine, name="elsewhere", filename=f"elsewhere-{mine.filename}")),
    }
    return [_Arrival(release.age, made[how][0], mine.version, made[how][1], release) for how in told.copies]


def _put(scene: Scene, arrival: _Arrival) -> None:
    """Store a file: by an upload if it needs more than to be there."""
    if arrival.project not in scene.told.projects:
        scene.world.project(arrival.project, owners=[scene.world.user(scene.told.caller)])
    if not arrival.release.provenance:
        _add(scene, arrival.parcel)
        return
    publisher = scene.world.project(arrival.project).trusted_publisher(github="octo/demo")
    request = pypi_requests.upload(arrival.parcel, publisher.mint(), {"attestations": "[publish]"})
    answer = in_process(scene.registry, request)
    assert answer.status == 200, f"it could not be uploaded before: {answer.status} {answer.body[:300]!r}"
    scene.stored[arrival.parcel.filename] = arrival.parcel


def _add(scene: Scene, parcel: Parcel) -> None:
    core = pypi_archives.core_of(parcel.data) or pypi_archives.metadata(parcel.name, parcel.version)
    scene.registry.add(Dist(parcel.filename, parcel.name, parcel.version, parcel.data, core))
    scene.stored[parcel.filename] = parcel


def _become(scene: Scene, name: str, version: str, release: Release) -> None:
    """Let become of a release what did."""
    registry, project = scene.registry, scene.world.project(name)
    if release.deleted:
        registry.delete(name, version)
        return
    if release.bare:
        for filename in scene.registry.files(name):
            if canonical(filename.removesuffix(".tar.gz").split("-")[1]) == canonical(version):
                registry.delete(name, version, filename)
    if release.yanked is not None:
        registry.yank(name, version, release.yanked)
    if release.quarantined:
        project.quarantined_releases.add(canonical(version))
        scene.world.changed(project)


def _weigh(scene: Scene, name: str, size: int) -> None:
    """Let a project hold so many bytes, without as many."""
    _add(scene, pypi_parcels.plain("sdist", name, "0.1"))
    inside(scene.registry).weigh(name, "0.1", size)
