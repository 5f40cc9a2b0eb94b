"""`given.stored` and its kin: what is in the registry before the request."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from packaging.utils import canonicalize_name

from tests.conformance.cases import CannotExpress
from tests.conformance.inside import inside
from tests.conformance.scenes import CONTENT, OLDER, flag
from tests.conformance.wires import Request, in_process

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.flavours.gitlab.places import Project
    from pytest_pyreg.model import File, Release
    from tests.conformance.cases import Row
    from tests.conformance.scenes import Scene

NAME, VERSION, REQUIRES_PYTHON = "pypi-package-1", "1.0.0", ">=3.7"
UPLOADED = "sample_project-1.0.0-py3-none-any.whl"
ABSENT = 987654321
NOT_STORED = ("unknown", "absent", "missing", "other", "wrong")
"""How file names in addresses begin that no stored file has."""
STORED_KEYS = {"name", "version", "file", "sha256", "required_python"}
EXISTING = re.compile(
    r"(?P<name>\S+) (?P<version>\S+)"
    r"(?:,? same digest)?(?:,? (?P<file>same|other) file name)?(?:,? same digest)?"
    r"(?:,? (?P<gone>(?:file )?pending_destruction))?"
)
PACKAGES = {None, "absent", "of another project", "pending_destruction"}
FILES = {None, "absent", "of another package"}


def fill(scene: Scene) -> None:
    """Store what the row says, or one package if it says nothing and asks for something."""
    given = scene.row.given
    scene.name = name_of(scene.row)
    for key, known in (("package", PACKAGES), ("package_file", FILES)):
        if given.get(key) not in known:
            raise CannotExpress(f"given.{key} = {given[key]!r}")
    present = flag(given.get("package_present", True), "given.package_present")
    upload = scene.row.when.get("method") == "POST"
    if "stored" in given:
        _store_listed(scene, given["stored"])
    elif "existing" in given:
        for text in given["existing"]:
            _store_existing(scene, text)
    elif present and not (upload and "stored_name" not in given):
        _store(scene, scene.project, scene.name, file=_file_asked(scene.row))
    scene.release_number = scene.release.id if scene.release is not None else ABSENT
    scene.file_number = scene.file.id if scene.file is not None else ABSENT
    _displace(scene, given.get("package"), given.get("package_file"))
    announced = scene.file.hashes.get("sha256", "") if scene.file is not None else hashlib.sha256(CONTENT).hexdigest()
    filename = scene.file.filename if scene.file is not None else f"{scene.name}-{VERSION}.tar.gz"
    base = f"{scene.registry.url}/api/v4/projects/{scene.project.id}/packages/pypi"
    scene.words |= {
        "<file_name>": filename,
        "<package.name>": scene.name,
        "<normalised>": canonicalize_name(scene.name),
        "<hex>": announced,
        "<url>": f"{base}/files/{announced}/{filename}",
    }


def name_of(row: Row) -> str:
    """Return the name of the package that a row is about."""
    stored, path = row.given.get("stored"), str(row.when.get("path"))
    if "stored_name" in row.given:
        return str(row.given["stored_name"])
    if isinstance(stored, dict) and "name" in stored:
        return str(stored["name"])
    if isinstance(row.when.get("fields"), dict) and "name" in row.when["fields"]:
        return str(row.when["fields"]["name"])
    found = re.search(r"/simple/([^/:]+)/?$", path)
    asked = _file_asked(row)
    if asked is not None:
        return re.split(r"-[0-9]", asked)[0]
    return unquote(found[1]) if found else NAME


def _file_asked(row: Row) -> str | None:
    """Return the file name that a row's address or answer writes out, if it is one of a file that is stored."""
    found = re.search(r"/files/[^/]+/([^/:]+)$", str(row.when.get("path")))
    if found and "%" not in found[1] and not found[1].startswith(NOT_STORED):
        return found[1]
    body = row.then.get("body")
    files = body.get("files") if isinstance(body, dict) else None
    return str(files[0]["filename"]) if files and not files[0].get("filename", "<").startswith("<") else None


def _store_listed(scene: Scene, stored: object) -> None:
    """Store packages, each an object of facts or a text `name version`; the row is about the last."""
    for each in stored if isinstance(stored, list) else [] if stored is None else [stored]:
        if isinstance(each, str) and each.count(" ") == 1:
            name, version = each.split(" ")
            facts: dict[str, Any] = {"name": name, "version": version}
        elif isinstance(each, dict) and set(each) <= STORED_KEYS:
            facts = each
        else:
            raise CannotExpress(f"given.stored: {each!r}")
        scene.name = facts.get("name", NAME)
        _store(
            scene,
            scene.project,
            scene.name,
            version=facts.get("version", VERSION),
            file=facts.get("file"),
            announced=facts.get("sha256", ""),
            requires_python=facts.get("required_python", REQUIRES_PYTHON) or "",
        )


def _store_existing(scene: Scene, text: str) -> None:
    """Store what was uploaded before, and let it be deleted again if the row says so."""
    found = EXISTING.fullmatch(text)
    if found is None:
        raise CannotExpress(f"given.existing: {text!r}")
    fields: Mapping[str, Any] = scene.row.when.get("fields", {})
    uploaded, same = fields.get("content", UPLOADED), "same digest" in text
    other = found["file"] == "other" or not (found["file"] or found["gone"])
    _store(
        scene,
        scene.project,
        found["name"],
        version=found["version"],
        file=f"other-{uploaded}" if other else uploaded,
        announced=fields.get("sha256_digest", "") if same else "",
        content=CONTENT if same else OLDER,
    )
    if found["gone"]:
        _delete(scene, file=found["gone"].startswith("file"))


def _store(
    scene: Scene,
    project: Project,
    name: str,
    *,
    version: str = VERSION,
    file: str | None = None,
    announced: str | None = "",
    requires_python: str = REQUIRES_PYTHON,
    content: bytes = CONTENT,
) -> None:
    """Store a file; from now on the row's package and file are these.

    Args:
        scene: where the registry is.
        project: where to.
        name: as uploaded.
        version: of the package.
        file: its name; one that fits if left out.
        announced: the sha256 that was sent with it; the true one if empty, none if None.
        requires_python: as sent.
        content: its bytes.
    """
    rules, digest = scene.registry.flavour.rules, hashlib.sha256(content).hexdigest()
    fields = {"name": name, "version": version, "requires_python": requires_python}
    if announced is not None:
        fields[rules.announced["sha256"]] = announced or digest
    filename, now = file or f"{name}-{version}.tar.gz", scene.clock.now()
    scene.file = inside(scene.registry).store(project, fields, filename, content, at=now, again=True)
    scene.release = newest(scene, project)


def newest(scene: Scene, project: Project) -> Release:
    """Return the package of the file that was stored last."""
    return max(inside(scene.registry).releases(project), key=lambda release: max(file.id for file in release.files))


def _delete(scene: Scene, *, file: bool) -> None:
    """Delete the package, or its file, as an administrator would."""
    assert scene.release is not None
    assert scene.file is not None
    token = scene.world.user("janitor", admin=True).personal_token(["api"]).secret
    target = f"/api/v4/projects/{scene.project.id}/packages/{scene.release.id}"
    target += f"/package_files/{scene.file.id}" if file else ""
    answer = in_process(scene.registry, Request("DELETE", target, (("PRIVATE-TOKEN", token),)))
    if answer.status != 204:
        raise CannotExpress(f"it could not be deleted before: {answer.status} {answer.body!r}")
    scene.deleted = 0 if file else scene.release.id


def _displace(scene: Scene, package: str | None, package_file: str | None) -> None:
    """Let the row's address name a package or a file that is not there."""
    if package == "pending_destruction":
        _delete(scene, file=False)
    mine: tuple[Release | None, File | None] = (scene.release, scene.file)
    if package == "absent":
        scene.release_number = ABSENT
    elif package == "of another project":
        _store(scene, scene.other, scene.name)
        assert scene.release is not None
        assert scene.file is not None
        scene.release_number, scene.file_number = scene.release.id, scene.file.id
    if package_file == "absent":
        scene.file_number = ABSENT
    elif package_file == "of another package":
        _store(scene, scene.project, f"{scene.name}-2")
        assert scene.file is not None
        scene.file_number = scene.file.id
    scene.release, scene.file = mine
