"""`then`: the answer, and what it left behind."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.conformance import words
from tests.conformance.cases import CannotExpress, status_number
from tests.conformance.effects import EFFECTS
from tests.conformance.inside import inside
from tests.conformance.scenes import CONTENT
from tests.conformance.stock import newest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conformance.scenes import Scene
    from tests.conformance.wires import Answer, Request, Wire

HASHES = {"sha256": "sha256", "sha256_digest": "sha256", "file_sha256": "sha256"}
HASHES |= {"md5": "md5", "md5_digest": "md5", "file_md5": "md5"}
WHEN_NON_EMPTY = "<only when non-empty>"


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
    expected = result.scene.row.then
    for key, value in expected.items():
        if key not in CHECKS:
            raise CannotExpress(f"then.{key} = {value!r}")
    for key, check in CHECKS.items():
        if key in expected:
            check(result, expected[key])


def _status(result: Result, expected: object) -> None:
    status_number(expected)
    found, body = result.answer.status, result.answer.body[:300]
    assert found == expected, f"status {found}, not {expected}: {body!r}"


def _headers(result: Result, expected: Mapping[str, str | None]) -> None:
    for name, value in expected.items():
        found = result.answer.values(name)
        if value is None:
            assert not found, f"{name}: {found}, and there should be none"
        elif name.lower() == "vary":
            tokens = {token.strip().lower() for line in found for token in line.split(",")}
            assert value.lower() in tokens, f"{name}: {found}, without {value}"
        elif value == "<message>":
            assert any(found), f"{name}: {found}, and there should be a message"
        elif value == "<signed storage url>":
            assert len(found) == 1, f"{name}: {found}"
            assert "X-Amz-Signature" in parse_qs(urlsplit(found[0]).query), f"{name}: {found} is not signed"
        else:
            wanted = words.filled(value, _elsewhere(result, value), f"then.headers.{name}")
            assert found == [wanted], f"{name}: {found}, not {wanted!r}"


def _elsewhere(result: Result, value: str) -> dict[str, str]:
    """Return the words of the scene, and those for the public index if they are needed: it starts when it is asked."""
    if "{" not in value:
        return result.scene.words
    url = result.scene.registry.upstream.url
    return {**result.scene.words, "https://{PYPI}": url, "https://{FILES}": url}


def _raw(result: Result, expected: str | list[str]) -> None:
    for line in [expected] if isinstance(expected, str) else expected:
        assert line in result.answer.lines, f"no line {line!r} in {result.answer.lines}"


def _body(result: Result, expected: object) -> None:
    found = result.answer.body
    if expected == "<file bytes>":
        assert found == CONTENT, f"{found[:300]!r}, not the file"
    elif expected is None:
        assert not found, f"{found[:300]!r}, and there should be none"
    elif isinstance(expected, str):
        wanted = _text(result, expected, "then.body")
        assert found.decode() == wanted, f"{found.decode()!r}, not {wanted!r}"
    else:
        wanted_json = _meant(result, expected)
        assert _json(found) == wanted_json, f"{found[:1000]!r}, not {wanted_json}"


def _body_contains(result: Result, expected: str | list[str]) -> None:
    for text in [expected] if isinstance(expected, str) else expected:
        wanted = _text(result, text, "then.body_contains")
        assert wanted in result.answer.body.decode(), f"no {wanted!r} in {result.answer.body[:1000]!r}"


def _body_contains_json(result: Result, expected: object) -> None:
    found, wanted = _json(result.answer.body), _meant(result, expected)
    assert _holds(found, wanted), f"{found} does not hold {wanted}"


def _text(result: Result, expected: str, where: str) -> str:
    """Return a text with its placeholders filled; only one that is nothing else must be known: the rest may be HTML."""
    if re.fullmatch(r"<[a-z][\w. ]*>", expected):
        return words.filled(expected, result.scene.words, where)
    return words.partly_filled(expected, _elsewhere(result, expected))


def _meant(result: Result, expected: Any) -> Any:  # noqa: ANN401 - it is JSON.
    """Return JSON with its placeholders filled."""
    if isinstance(expected, dict):
        stored = result.scene.release.metadata.get("requires_python", "") if result.scene.release else ""
        known = {key: stored if value == WHEN_NON_EMPTY else value for key, value in expected.items()}
        kept = {key: value for key, value in known.items() if value or expected[key] != WHEN_NON_EMPTY}
        return {key: value if expected[key] == WHEN_NON_EMPTY else _meant(result, value) for key, value in kept.items()}
    if isinstance(expected, list):
        return [_meant(result, each) for each in expected]
    return words.filled(expected, result.scene.words, "then.body") if isinstance(expected, str) else expected


def _json(body: bytes) -> Any:  # noqa: ANN401 - it is JSON.
    try:
        return json.loads(body)
    except ValueError:
        raise AssertionError(f"{body[:300]!r} is no JSON") from None


def _holds(found: Any, wanted: Any) -> bool:  # noqa: ANN401 - it is JSON.
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and _holds(found[key], wanted[key]) for key in wanted)
    return bool(found == wanted)


def _stored(result: Result, expected: Mapping[str, str | None] | None) -> None:
    """Hold what is stored now against a row; None if nothing should be."""
    scene = result.scene
    if expected is None:
        assert not inside(scene.registry).releases(scene.project), "something is stored"
        return
    release = newest(scene, scene.project)
    file = release.files[-1]
    facts = {"name": release.name, "version": release.version, "file_name": file.filename, **release.metadata}
    for key, value in expected.items():
        found = file.hashes.get(HASHES[key]) if key in HASHES else facts.get(key)
        wanted = words.text(value) if value is not None else None
        assert (found or None) == (wanted or None), f"stored {key}: {found!r}, not {wanted!r}"


def _effect(result: Result, expected: str) -> None:
    if expected not in EFFECTS:
        raise CannotExpress(f"then.effect = {expected!r}")
    EFFECTS[expected](result.scene, result.request, result.answer, result.wire)


CHECKS: Mapping[str, Callable[[Result, Any], None]] = {
    "status": _status,
    "headers": _headers,
    "raw_header_line": _raw,
    "body": _body,
    "body_contains": _body_contains,
    "body_contains_json": _body_contains_json,
    "stored": _stored,
    "effect": _effect,
}
