"""`then.effect`: what rows say in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conformance.inside import inside
from tests.conformance.scenes import CONTENT
from tests.conformance.stock import UPLOADED, newest
from tests.conformance.wires import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conformance.scenes import Scene
    from tests.conformance.wires import Answer, Wire


def _second_record(scene: Scene, request: Request, _: Answer, wire: Wire) -> None:
    releases = inside(scene.registry).releases(scene.project)
    assert [len(release.files) for release in releases] == [2]
    base, showing = f"/api/v4/projects/{scene.project.id}/packages/pypi", request.headers[:1]
    page = wire(scene.registry, Request("GET", f"{base}/simple/{scene.name}", showing)).body.decode()
    filename = scene.row.when.get("fields", {}).get("content", UPLOADED)
    assert page.count(f">{filename}</a>") == 2
    for file in releases[0].files:
        announced = file.hashes.get("sha256")
        if announced is not None:
            answer = wire(scene.registry, Request("GET", f"{base}/files/{announced}/{filename}", showing))
            assert answer.body == CONTENT


def _new_record(scene: Scene, _: Request, __: Answer, ___: Wire) -> None:
    assert scene.deleted
    assert newest(scene, scene.project).id != scene.deleted


def _anchor_each(scene: Scene, _: Request, answer: Answer, __: Wire) -> None:
    page = answer.body.decode()
    href = f'<a href="{scene.registry.url}/api/v4/projects/{scene.project.id}/packages/pypi/simple/my-pkg"'
    assert page.count("<a ") == page.count(href) == page.count(">my.pkg</a>") == 2


EFFECTS: Mapping[str, Callable[[Scene, Request, Answer, Wire], None]] = {
    "second file record under the same package; simple page lists both, newest is served": _second_record,
    "new package record": _new_record,
    "one anchor per package record: two anchors with the same href .../simple/my-pkg and text my.pkg": _anchor_each,
}
