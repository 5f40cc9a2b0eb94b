"""What notes of rows about Gitea tell of the time after the request."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from urllib3.filepost import encode_multipart_formdata

from tests.conformance.gitea_pages import versions
from tests.conformance.wires import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conformance.gitea_scenes import Scene
    from tests.conformance.wires import Answer, Wire

_BASE = re.compile(r"/api/(?:v1/)?packages/([^/]+)")


def check(scene: Scene, request: Request, answer: Answer, wire: Wire, note: str) -> None:
    """Check every effect that a note tells of."""

    def send(method: str, path: str, body: bytes = b"", content_type: str = "") -> Answer:
        found = _BASE.match(request.target)
        assert found is not None, "a note about packages stands at one of their addresses"
        kind = (("Content-Type", content_type),) if content_type else ()
        target = f"/api/packages/{found[1]}/pypi{path}"
        return wire(scene.registry, Request(method, target, (*scene.headers, *kind), body))

    for pattern, effect in EFFECTS.items():
        for told in re.finditer(pattern, note):
            effect(scene, answer, send, told)


def _status_of(_: Scene, __: Answer, send: Callable[..., Answer], told: re.Match[str]) -> None:
    answer = send("GET", told["path"])
    assert answer.status == int(told["status"]), f"{told[0]}: {answer.status} {answer.body!r}"


def _again(scene: Scene, _: Answer, send: Callable[..., Answer], told: re.Match[str]) -> None:
    """Upload the row's package again."""
    package = scene.row.given["packages"][0]
    content = str(package.get("content", "test")).encode()
    form = [("name", package["name"]), ("version", package["version"])]
    file = (package["files"][0], content, "application/octet-stream")
    digest = hashlib.sha256(content).hexdigest()
    answer = send("POST", "", *encode_multipart_formdata([*form, ("sha256_digest", digest), ("content", file)]))
    assert answer.status == int(told["status"]), f"{told[0]}: {answer.status} {answer.body!r}"


def _served(scene: Scene, _: Answer, send: Callable[..., Answer], told: re.Match[str]) -> None:
    fields = scene.row.when["fields"]
    answer = send("GET", f"/files/{fields['name']}{told['path']}")
    assert answer.status == 200, f"{told[0]}: {answer.status} {answer.body!r}"
    assert answer.body.decode() == fields["content"]["data"], f"{told[0]}: {answer.body!r}"


def _two_versions(scene: Scene, _: Answer, send: Callable[..., Answer], told: re.Match[str]) -> None:
    found = versions(send("GET", f"/simple/{scene.row.when['fields']['name']}").body.decode())
    assert {told["one"], told["other"]} <= set(found), f"{told[0]}: there are {found}"


def _ascending(_: Scene, answer: Answer, __: Callable[..., Answer], told: re.Match[str]) -> None:
    found = versions(json.dumps(json.loads(answer.body)))
    assert found == sorted(found), f"{told[0]}: {found}"


EFFECTS: Mapping[str, Callable[[Scene, Answer, Callable[..., Answer], re.Match[str]], None]] = {
    r"GET (?P<path>/(?:simple|files)/\S+) is (?P<status>[0-9]{3})": _status_of,
    r"the same file can be uploaded again \((?P<status>[0-9]{3})\)": _again,
    r"file is then served as \.\.\.(?P<path>/\S+)": _served,
    r"(?P<one>\S+) and (?P<other>\S+) become two versions": _two_versions,
    r"files\[\] is sorted ascending by version string": _ascending,
}
