"""What the notes of rows about the public index say of the answer, or of the time after it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conformance.pypi_archives import core_of
from tests.conformance.wires import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conformance.pypi_scenes import Scene
    from tests.conformance.wires import Answer, Wire

    Effect = Callable[[Scene, Answer, Wire, re.Match[str]], None]

JSON = "application/vnd.pypi.simple.v1+json"


def page(scene: Scene, wire: Wire, project: str) -> Answer:
    """Return a project's page as it is now."""
    path = f"/simple/{canonicalize_name(project)}/"
    return wire(scene.registry, Request("GET", path, (("Accept", JSON),)))


def check(scene: Scene, answer: Answer, wire: Wire, note: str) -> None:
    """Check every effect that a note tells of."""
    for expression, effect in EFFECTS.items():
        for found in re.finditer(expression, note):
            effect(scene, answer, wire, found)


def remember(scene: Scene, wire: Wire) -> None:
    """Keep how the request's project looks before it, if its row's note compares."""
    if scene.parcel is not None and "nothing changes" in str(scene.row.then.get("note", "")):
        scene.before = page(scene, wire, scene.parcel.name).body.decode()


def _nothing_changes(scene: Scene, _: Answer, wire: Wire, __: re.Match[str]) -> None:
    assert scene.parcel is not None
    assert page(scene, wire, scene.parcel.name).body.decode() == scene.before


def _get(scene: Scene, _: Answer, wire: Wire, found: re.Match[str]) -> None:
    answer = wire(scene.registry, Request("GET", found["path"]))
    assert answer.status == int(found["status"]), f"GET {found['path']}: {answer.status}"


def _metadata_served(scene: Scene, _: Answer, wire: Wire, __: re.Match[str]) -> None:
    """Fetch the metadata of every wheel on the page, and see that nothing else has any."""
    assert scene.parcel is not None
    files = json.loads(page(scene, wire, scene.parcel.name).body)["files"]
    assert any(file["filename"] == scene.parcel.filename for file in files)
    for file in files:
        path = file["url"].removeprefix(scene.registry.url)
        answer = wire(scene.registry, Request("GET", f"{path}.metadata"))
        if file["filename"] == scene.parcel.filename:
            assert answer.body == core_of(scene.parcel.data), f"{answer.status} {answer.body[:300]!r}"
        assert (answer.status == 200) is file["filename"].endswith(".whl"), f"{file['filename']}: {answer.status}"


def _one_release(scene: Scene, _: Answer, wire: Wire, __: re.Match[str]) -> None:
    assert scene.parcel is not None
    found = json.loads(page(scene, wire, scene.parcel.name).body)
    assert len({Version(version) for version in found["versions"]}) == len(found["versions"]) == 1, found["versions"]
    assert len(found["files"]) > 1


def _compact(_: Scene, answer: Answer, __: Wire, ___: re.Match[str]) -> None:
    found = json.loads(answer.body)
    wanted = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    assert answer.body.decode() == wanted, f"{answer.body[:300]!r}, not {wanted[:300]!r}"


def _upload_time(_: Scene, answer: Answer, __: Wire, ___: re.Match[str]) -> None:
    times = [file["upload-time"] for file in json.loads(answer.body)["files"]]
    assert times
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", time) for time in times), times


def _files_in_order(_: Scene, answer: Answer, __: Wire, ___: re.Match[str]) -> None:
    names = [file["filename"] for file in json.loads(answer.body)["files"]]

    def order(name: str) -> tuple[Version, str]:
        return Version(name.removesuffix(".tar.gz").split("-")[1]), name

    assert names == sorted(names, key=order), names


def _no_reason_key(_: Scene, answer: Answer, __: Wire, ___: re.Match[str]) -> None:
    assert set(json.loads(answer.body)["project-status"]) == {"status"}


def _question_marks(_: Scene, answer: Answer, __: Wire, ___: re.Match[str]) -> None:
    assert "?" in answer.reason, f"reason {answer.reason!r}"
    assert not answer.body.decode().isascii(), f"{answer.body[:300]!r}"


def _no_newline(_: Scene, answer: Answer, __: Wire, ___: re.Match[str]) -> None:
    assert not answer.body.endswith(b"\n"), f"{answer.body[-100:]!r}"


def _title_plain(_: Scene, answer: Answer, __: Wire, ___: re.Match[str]) -> None:
    text = answer.body.decode()
    assert all(f"<{tag}>400 '" in text for tag in ("title", "h1")), text[:500]
    assert "&#x27;" in text


EFFECTS: Mapping[str, Effect] = {
    r"GET (?P<path>/\S+) is (?P<status>[0-9]{3})": _get,
    r"nothing changes": _nothing_changes,
    r"\.metadata serves the wheel's METADATA": _metadata_served,
    r"attached to the existing release": _one_release,
    r"compact separators, keys sorted": _compact,
    r"YYYY-MM-DDTHH:MM:SS\.ffffffZ": _upload_time,
    r"files by \(PEP 440 version, filename\)": _files_in_order,
    r"never a reason key": _no_reason_key,
    r"become \? in the status line": _question_marks,
    r"no final newline": _no_newline,
    r"title and h1 carry the unescaped text": _title_plain,
}
