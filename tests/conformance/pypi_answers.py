"""`then`: the answer of the public index, and what it left behind."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.conformance import pypi_notes
from tests.conformance.cases import CannotExpress, status_number
from tests.conformance.pypi_scenes import known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conformance.pypi_scenes import Scene
    from tests.conformance.wires import Answer, Request, Wire

PATTERNS: Mapping[str, str] = {
    "<hex>": "[0-9a-f]{64}",
    "<sha256>": "[0-9a-f]{64}",
    "<blake2_256>": "[0-9a-f]{64}",
    "<md5>": "[0-9a-f]{32}",
    "<serial>": "[0-9]+",
    "<number>": "[0-9]+",
    "<size>": "[0-9]+",
    "<seconds>": "[0-9]+",
    "<remaining>": "[0-9]+",
    "<reset>": "[0-9]+",
    "<unix>": "[0-9]+",
    "<time>": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]{6}Z?)?",
    "<timestamp>": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(?:\.[0-9]{6}Z?)?",
    "<url>": r"https?://[^\s\"<>#]+",
    "<file url>": r"https?://[^\s\"<>#]+",
    "<etag>": r"\"[A-Za-z0-9+/]{22}\"",
    "<token>": r"pypi-[A-Za-z0-9_-]{85,}",
}
"""Placeholders, and what may stand there."""


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


def pattern(text: str) -> str:
    """Return the pattern of a text with placeholders."""
    placeholders = "|".join(map(re.escape, PATTERNS))
    return "".join(PATTERNS.get(part) or re.escape(part) for part in re.split(f"({placeholders})", text))


def _status(result: Result, expected: object) -> None:
    status_number(expected)
    found, body = result.answer.status, result.answer.body[:500]
    assert found == expected, f"status {found}, not {expected}: {body!r}"


def _reason(result: Result, expected: str) -> None:
    found = result.answer.reason
    assert found == expected, f"reason {found!r}, not {expected!r}"


def _headers(result: Result, expected: Mapping[str, Any]) -> None:
    for name, value in expected.items():
        found = result.answer.values(name)
        if value is None:
            assert not found, f"{name}: {found}, and there should be none"
            continue
        if not isinstance(value, str):
            raise CannotExpress(f"then.headers.{name} = {value!r}")
        for expression, check in HEADERS.items():
            match = re.fullmatch(expression, value, re.DOTALL)
            if match is not None:
                assert len(found) == 1 or "contains" in expression, f"{name}: {found}, and there should be one"
                check(result, name, found, match)
                break


def _header_contains(_: Result, name: str, found: list[str], match: re.Match[str]) -> None:
    tokens = {token.strip().lower() for line in found for token in line.split(",")}
    for wanted in re.split(r", | and ", match["tokens"]):
        whole = any(wanted.lower() in line.lower() for line in found)
        assert wanted.lower() in tokens or (whole and "," not in "".join(found)), f"{name}: {found}, without {wanted}"


def _header_begins(result: Result, name: str, found: list[str], match: re.Match[str]) -> None:
    wanted = result.scene.meant(match["start"])
    assert found[0].startswith(wanted), f"{name}: {found}, not {wanted!r} first"


def _header_absolute(result: Result, name: str, found: list[str], match: re.Match[str]) -> None:
    wanted = f"{result.scene.registry.url}{match['path']}"
    assert found == [wanted], f"{name}: {found}, not {wanted!r}"


def _header_link(result: Result, name: str, found: list[str], match: re.Match[str]) -> None:
    """Hold a link against a row's: to this registry, and a path by itself is the same link."""
    wanted = result.scene.linked(match[0])
    meant = {wanted, f"{result.scene.registry.url}{wanted}"} if wanted.startswith("/") else {wanted}
    assert found[0] in meant, f"{name}: {found}, not {wanted!r}"


def _header_text(result: Result, name: str, found: list[str], match: re.Match[str]) -> None:
    unknown = re.search(r"<[a-z][\w ]*>", re.sub("|".join(map(re.escape, PATTERNS)), "", match[0]))
    if unknown is not None:
        raise CannotExpress(f"then.headers.{name} has the unknown placeholder {unknown[0]}")
    wanted = result.scene.meant(match[0])
    if "<serial>" in wanted and result.scene.told.serial is not None:
        wanted = wanted.replace("<serial>", str(result.scene.told.serial))
    assert re.fullmatch(pattern(wanted), found[0]), f"{name}: {found}, not {wanted!r}"


HEADERS: Mapping[str, Callable[[Result, str, list[str], re.Match[str]], None]] = {
    r"contains (?P<tokens>.+)": _header_contains,
    r"starts with (?P<start>.+)": _header_begins,
    r"(?P<path>/\S*) \(absolute\)": _header_absolute,
    r"(?:https?:/)?/\S*": _header_link,
    r".*": _header_text,
}
"""How a header is described, and how it is held against that."""


def _body_contains(result: Result, expected: str | list[str]) -> None:
    for text in [expected] if isinstance(expected, str) else expected:
        wanted, found = result.scene.meant(text), result.answer.body.decode()
        assert re.search(pattern(wanted), found), f"no {wanted!r} in {found[:1500]!r}"


def _body_exact(result: Result, expected: str) -> None:
    wanted, found = result.scene.meant(expected), result.answer.body.decode()
    assert re.fullmatch(pattern(wanted), found), f"{found[:1500]!r}, not {wanted!r}"


def parsed(result: Result) -> Any:  # noqa: ANN401 - it is JSON.
    """Return the body as JSON."""
    try:
        return json.loads(result.answer.body)
    except ValueError:
        raise AssertionError(f"{result.answer.body[:500]!r} is no JSON") from None


def _json_equals(result: Result, expected: object) -> None:
    found = parsed(result)
    wanted = json.loads(result.scene.meant(json.dumps(expected)))
    assert found == wanted, f"{found}, not {wanted}"


def _json_keys(result: Result, expected: list[str]) -> None:
    found = parsed(result)
    assert isinstance(found, dict), f"{found} has no keys"
    assert sorted(found) == sorted(expected), f"keys {sorted(found)}, not {sorted(expected)}"


def _file_keys(result: Result, expected: list[str]) -> None:
    files = parsed(result).get("files", [])
    assert files, "no files"
    for file in files:
        assert sorted(file) == sorted(expected), f"keys {sorted(file)}, not {sorted(expected)}"


def _absent_keys(result: Result, expected: list[str]) -> None:
    found = {key for place in _objects(parsed(result)) for key in place}
    assert not found & set(expected), f"keys {sorted(found & set(expected))}, and there should be none"


def _objects(found: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - it is JSON.
    """Return every object in JSON."""
    within = list(found.values()) if isinstance(found, dict) else found if isinstance(found, list) else []
    return [found] * isinstance(found, dict) + [each for one in within for each in _objects(one)]


def _error_code(result: Result, expected: str) -> None:
    found = [error.get("code") for error in parsed(result).get("errors", [])]
    assert found == [expected], f"error codes {found}, not {expected!r}"


def _api_version(result: Result, expected: str) -> None:
    found = parsed(result).get("meta", {}).get("api-version")
    assert found == expected, f"API version {found!r}, not {expected!r}"


def _files(result: Result, expected: list[Any]) -> None:
    """Hold the files of a page against their names, or against some of their facts."""
    found = parsed(result)["files"]
    assert len(found) == len(expected), f"files {[file['filename'] for file in found]}, not {expected}"
    for file, wanted in zip(found, expected, strict=True):
        facts = {"filename": wanted} if isinstance(wanted, str) else wanted
        assert facts.items() <= file.items(), f"{file} is not {facts}"


def _versions(result: Result, expected: list[str]) -> None:
    found = parsed(result)["versions"]
    assert found == expected, f"versions {found}, not {expected}"


def _note(result: Result, note: object) -> None:
    """Check what a note says of the answer, or of the time after; the rest of it is prose."""
    pypi_notes.check(result.scene, result.answer, result.wire, str(note))


CHECKS: Mapping[str, Callable[[Result, Any], None]] = {
    "status": _status,
    "reason": _reason,
    "headers": _headers,
    "body_contains": _body_contains,
    "body_exact": _body_exact,
    "json_equals": _json_equals,
    "json_keys": _json_keys,
    "absent_keys": _absent_keys,
    "error_code": _error_code,
    "api_version": _api_version,
    "file_keys": _file_keys,
    "files": _files,
    "versions": _versions,
    "note": _note,
}
