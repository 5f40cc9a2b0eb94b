"""`given.packages`: what a Gitea's owners have before the request."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from tests.conformance.cases import CannotExpress
from tests.conformance.gitea_scenes import CONTENT, known
from tests.conformance.inside import inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.conformance.gitea_scenes import Scene

METADATA = {
    *("author", "summary", "description", "long_description", "license"),
    *("requires_python", "home_page", "project_urls"),
}
FILE_KEYS = METADATA | {"file", "filename", "content", "data", "version", "name"}
PACKAGE_KEYS = METADATA | {
    *("owner", "name", "uploaded_name", "version", "files", "content", "upload_order"),
    *("versions_uploaded_in_order", "uploads"),
}


def fill(scene: Scene) -> None:
    """Store what the row says, a second apart, and let an hour go by."""
    packages = scene.row.given.get("packages", [])
    if not isinstance(packages, list):
        raise CannotExpress(f"given.packages = {packages!r}")
    for package in packages:
        facts = known("given.packages", package, PACKAGE_KEYS)
        if facts.get("upload_order", "as listed") not in {"as listed", "reversed"}:
            raise CannotExpress(f"given.packages.upload_order = {facts['upload_order']!r}")
        uploads = list(_uploads(facts))
        for upload in reversed(uploads) if facts.get("upload_order") == "reversed" else uploads:
            _store(scene, str(facts.get("owner", "alice")), upload)
    scene.clock.advance(hours=1)


def _uploads(facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the uploads of a package: its files, its versions with a file each, or what it lists as uploads."""
    name = facts.get("uploaded_name", facts.get("name"))
    if not isinstance(name, str):
        raise CannotExpress(f"given.packages: one without a name: {facts!r}")
    common = {key: facts[key] for key in METADATA if key in facts}
    common |= {"name": name, "content": facts.get("content", CONTENT), "version": facts.get("version", "1.0")}
    if "versions_uploaded_in_order" in facts:
        for version in facts["versions_uploaded_in_order"]:
            yield {**common, "version": version, "file": f"{name}-{version}.tar.gz"}
    elif "uploads" in facts:
        for upload in facts["uploads"]:
            yield {**common, **_file(upload)}
    else:
        for file in facts.get("files", [f"{name}-{common['version']}.tar.gz"]):
            yield {**common, **_file(file)}


def _file(file: object) -> dict[str, Any]:
    if isinstance(file, str):
        return {"file": file}
    found = dict(known("given.packages.files", file, FILE_KEYS))
    for key, other in (("filename", "file"), ("data", "content")):
        if key in found:
            found[other] = found.pop(key)
    if "file" not in found:
        raise CannotExpress(f"given.packages.files: one without a name: {file!r}")
    return found


def _store(scene: Scene, owner: str, facts: Mapping[str, Any]) -> None:
    """Store a file with its metadata, as an upload would; the first upload's metadata stays."""
    rules, content = scene.registry.flavour.rules, str(facts["content"]).encode()
    fields = {key: str(value) for key, value in facts.items() if key not in {"file", "content"}}
    fields[rules.announced["sha256"]] = hashlib.sha256(content).hexdigest()
    scene.clock.advance(seconds=1)
    scene.uploaded_at = scene.clock.now()
    inside(scene.registry).store(
        scene.owner(owner), fields, str(facts["file"]), content, at=scene.uploaded_at, again=False
    )
