"""`then`: the answer of a Gitea, and what it left behind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.conformance import gitea_effects, gitea_pages
from tests.conformance.cases import CannotExpress, status_number
from tests.conformance.gitea_scenes import known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conformance.gitea_scenes import Scene
    from tests.conformance.wires import Answer, Request, Wire


@dataclass(frozen=True)
class Result:
    """What there is to compare."""

    scene: Scene
    request: Request
    answer: Answer
    wire: Wire


def compare(result: Result) -> None:
    """Hold an answer against its row.

    Raises:
        AssertionError: it is another one.
        CannotExpress: the row says something that the runner does not understand.
    """
    expected = known("then", result.scene.row.then, CHECKS)
    for key, check in CHECKS.items():
        if key in expected:
            check(result, expected[key])


def _status(result: Result, expected: object) -> None:
    status_number(expected)
    found, body = result.answer.status, result.answer.body[:300]
    assert found == expected, f"status {found}, not {expected}: {body!r}"


def _headers(result: Result, expected: Mapping[str, Any]) -> None:
    for name, value in expected.items():
        found = result.answer.values(name)
        if value is None:
            assert not found, f"{name}: {found}, and there should be none"
        elif isinstance(value, list):
            wanted = [result.scene.rooted(str(each)) for each in value]
            assert found == wanted, f"{name}: {found}, not {wanted}"
        elif isinstance(value, dict):
            _matched(result, name, found, value)
        elif str(value).startswith("<") and "signed" in str(value):
            assert len(found) == 1, f"{name}: {found}"
            assert "X-Amz-Signature" in parse_qs(urlsplit(found[0]).query), f"{name}: {found} is not signed"
        elif str(value).startswith("<"):
            raise CannotExpress(f"then.headers.{name} = {value!r}")
        else:
            wanted = [result.scene.rooted(str(value))]
            assert found == wanted, f"{name}: {found}, not {wanted}"


def _matched(result: Result, name: str, found: list[str], matcher: Mapping[str, str]) -> None:
    """Hold a header against what only describes it."""
    known(f"then.headers.{name}", matcher, {"prefix", "http_date_of", "contains"})
    assert len(found) == 1, f"{name}: {found}, and there should be one"
    for how, value in matcher.items():
        if how == "prefix":
            assert found[0].startswith(result.scene.rooted(value)), f"{name}: {found}, not {value!r} first"
        elif how == "contains":
            assert result.scene.rooted(value) in found[0], f"{name}: {found}, without {value!r}"
        else:
            at = result.scene.uploaded_at
            if not value.startswith("upload time") or at is None:
                raise CannotExpress(f"then.headers.{name}.http_date_of = {value!r}")
            wanted = format_datetime(at, usegmt=True)
            assert found == [wanted], f"{name}: {found}, not {wanted!r}"


def _body(result: Result, expected: object) -> None:
    if expected is None or isinstance(expected, str):
        found, wanted = result.answer.body.decode(), result.scene.rooted(expected or "")
        assert found == wanted, f"{found!r}, not {wanted!r}"
        return
    parts = known("then.body", expected, BODY)
    for key, value in parts.items():
        BODY[key](result, value)


def _contains(result: Result, expected: str | list[str]) -> None:
    for text in [expected] if isinstance(expected, str) else expected:
        wanted = result.scene.rooted(text)
        assert wanted in result.answer.body.decode(), f"no {wanted!r} in {result.answer.body[:1000]!r}"


def _not_contains(result: Result, expected: str | list[str]) -> None:
    for text in [expected] if isinstance(expected, str) else expected:
        wanted = result.scene.rooted(text)
        assert wanted not in result.answer.body.decode(), f"{wanted!r} in {result.answer.body[:1000]!r}"


def _json(result: Result, expected: object) -> None:
    found, wanted = _parsed(result.answer.body), _rooted(result.scene, expected)
    assert found == wanted, f"{found}, not {wanted}"


def _json_contains(result: Result, expected: object) -> None:
    found, wanted = _parsed(result.answer.body), _rooted(result.scene, expected)
    assert _holds(found, wanted), f"{found} does not hold {wanted}"


def _version_order(result: Result, expected: list[str]) -> None:
    found = gitea_pages.versions(result.answer.body.decode())
    assert found == expected, f"versions in the order {found}, not {expected}"


def _requires_python(result: Result, expected: str | None) -> None:
    found = [link.get("data-requires-python") for link in gitea_pages.links(result.answer.body.decode())]
    assert found, "no links"
    assert set(found) == {expected}, f"links that require {found}, not {expected!r}"


def _note(result: Result, note: object) -> None:
    """Check what a note tells of the time after; the rest of it is prose."""
    gitea_effects.check(result.scene, result.request, result.answer, result.wire, str(note))


def _parsed(body: bytes) -> Any:  # noqa: ANN401 - it is JSON.
    try:
        return json.loads(body)
    except ValueError:
        raise AssertionError(f"{body[:300]!r} is no JSON") from None


def _rooted(scene: Scene, value: Any) -> Any:  # noqa: ANN401 - it is JSON.
    if isinstance(value, dict):
        return {key: _rooted(scene, each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rooted(scene, each) for each in value]
    return scene.rooted(value) if isinstance(value, str) else value


def _holds(found: Any, wanted: Any) -> bool:  # noqa: ANN401 - it is JSON.
    """Tell whether JSON holds other JSON: objects may have more keys, lists more elements between those wanted."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and _holds(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        if not isinstance(found, list):
            return False
        rest = iter(found)  # What comes before a match is not looked at again.
        return all(any(_holds(each, one) for each in rest) for one in wanted)
    return bool(found == wanted and isinstance(found, bool) is isinstance(wanted, bool))


BODY: Mapping[str, Callable[[Result, Any], None]] = {
    "contains": _contains,
    "not_contains": _not_contains,
    "json": _json,
    "json_contains": _json_contains,
    "version_order": _version_order,
    "every_link_requires_python": _requires_python,
    "note": _note,
}
CHECKS: Mapping[str, Callable[[Result, Any], None]] = {
    "status": _status,
    "headers": _headers,
    "body": _body,
    "note": _note,
}
