"""The rows of a case file, and what we know of some of them that they do not say.

Owns the files' outer form.  What a row's words mean is the business of the product that it is about.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COMMON_KEYS = {"id", "given", "when", "then", "source", "confidence", "spec_asserts", "note"}
RANGE_KEYS = COMMON_KEYS | {"era", "era_from", "era_to"}
"""Of a row that holds from one version to another."""
AREA_KEYS = COMMON_KEYS | {"area", "family", "oracle"}
"""Of a row whose world is told in sentences, and which has no versions: it is about the public index."""
LIST_KEYS = COMMON_KEYS | {"system", "versions", "also"}
"""Of a row that lists its versions, product by product."""


class BadFile(ValueError):
    """A file that holds no cases."""


class CannotExpress(AssertionError):
    """A row says something for which the runner has no words; its test fails."""


def status_number(expected: object) -> None:
    """Refuse a status that is no number: it would be none of any answer, and say so in confusing words.

    Raises:
        CannotExpress: it is a text, or anything else.
    """
    if not isinstance(expected, int) or isinstance(expected, bool):
        raise CannotExpress(f"then.status: a status is a number, not {expected!r}")


@dataclass(frozen=True)
class Row:
    """One case: in such a world, such a request gets such an answer."""

    id: str
    since: str
    until: str | None
    given: Mapping[str, Any] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=dict)
    then: Mapping[str, Any] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    """Keys that no row has."""
    broken: str = ""
    """Why it cannot be read; its test fails and says so."""
    listed: tuple[tuple[str, str], ...] = ()
    """Products and versions at which it holds, if it lists them."""
    area: str = ""
    """What it is about, if that is how its rows are sorted."""
    prose: str = ""
    """What is given, if that is told in sentences."""


@dataclass(frozen=True)
class RowNote:
    """What one row leaves out."""

    id: str
    why: str
    since: str = ""
    """The first version at which the row holds, if that is not the one that it names."""
    versions: tuple[str, str] = ("", "")
    """From which to which version the changes below apply."""
    when: Mapping[str, Any] = field(default_factory=dict)
    then: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HeaderNote:
    """A header that rows which begin early have from later releases."""

    name: str
    value: str
    versions: tuple[str, str]
    why: str
    instead: str = ""
    """The value that these versions send."""
    line: str = ""
    """Or the line that they send, if it is no proper header."""


@dataclass(frozen=True)
class BodyNote:
    """Words in a body that rows which begin early have from later releases."""

    text: str
    versions: tuple[str, str]
    instead: str
    why: str


@dataclass(frozen=True)
class Notes:
    """All that we know besides."""

    rows: tuple[RowNote, ...] = ()
    headers: tuple[HeaderNote, ...] = ()
    bodies: tuple[BodyNote, ...] = ()

    def since(self, row: Row) -> str:
        """Return the first version at which a row holds."""
        return next((note.since for note in self.rows if note.id == row.id and note.since), row.since)

    def applied(self, row: Row, version: str) -> Row:
        """Return a row as it is to be read at a version."""
        when, then = dict(row.when), dict(row.then)
        for note in self.rows:
            if note.id == row.id and _within(version, note.versions):
                when, then = {**when, **note.when}, {**then, **note.then}
        for earlier in self.bodies:
            if "body" in then and _within(version, earlier.versions):
                then["body"] = _replaced(then["body"], earlier)
        lines = []
        for name, value in dict(then.get("headers") or {}).items():
            found = next((each for each in self.headers if _fits(each, name, value, version)), None)
            if found is None:
                continue
            then["headers"] = {key: other for key, other in then["headers"].items() if key != name or found.instead}
            if found.instead:
                then["headers"][name] = found.instead
            else:
                lines.append(found.line)
        if lines:
            assert "raw_header_line" not in then, "a row has one or the other"
            then["raw_header_line"] = lines
        return replace(row, when=when, then=then)


def _fits(note: HeaderNote, name: str, value: object, version: str) -> bool:
    return note.name.lower() == name.lower() and note.value == value and _within(version, note.versions)


def _replaced(body: Any, note: BodyNote) -> Any:  # noqa: ANN401 - it is JSON.
    if isinstance(body, dict):
        return {key: _replaced(value, note) for key, value in body.items()}
    return body.replace(note.text, note.instead) if isinstance(body, str) else body


def _within(version: str, versions: tuple[str, str]) -> bool:
    first, last = versions
    return bool(last) and Version(first) <= Version(version) <= Version(last)


def load(path: Path) -> list[Row]:
    """Read the rows of a file; one that cannot be read is a row all the same, and its test says why.

    Raises:
        BadFile: it holds none; the message is one line that says why.
    """
    found = _read(path)
    if not isinstance(found, list) or not found:
        raise BadFile(f"{path}: a case file is a JSON list of rows, at least one")
    return [_row(path, number, row) for number, row in enumerate(found, 1)]


def _row(path: Path, number: int, row: object) -> Row:
    name = row.get("id") if isinstance(row, dict) else None
    known = name if isinstance(name, str) and name else f"row-{number}"
    try:
        return _read_row(row)
    except BadFile as error:
        return Row(known, "?", None, broken=f"{path}: row {known!r} {error}")


def _read_row(row: object) -> Row:
    if not isinstance(row, dict):
        raise BadFile("is no JSON object")
    if not isinstance(row.get("id"), str) or not row["id"]:
        raise BadFile("has no id")
    if "area" in row and not {"era_from", "system"} & set(row):
        return _sorted(row)
    for key in ("given", "when", "then"):
        if not isinstance(row.get(key), dict):
            raise BadFile(f"has no {key!r}, or it is no JSON object")
    if not set(row["then"]) - {"note"}:
        raise BadFile("says nothing: its 'then' demands nothing of the answer")
    if "system" in row and "era_from" not in row:
        return _listed(row)
    since: Any = row.get("era_from")
    until: Any = row.get("era_to")
    try:
        Version(since)
        Version(until or since)
    except (InvalidVersion, TypeError):
        raise BadFile(f"has no versions in 'era_from' and 'era_to': {since!r}, {until!r}") from None
    unknown = tuple(sorted(set(row) - RANGE_KEYS))
    return Row(row["id"], since, until, row["given"], row["when"], row["then"], unknown)


def _sorted(row: Mapping[str, Any]) -> Row:
    """Read a row that has an area."""
    for key, kind in (("area", str), ("given", str), ("when", dict), ("then", dict)):
        if not isinstance(row.get(key), kind) or not row[key]:
            raise BadFile(f"has no {key!r}, or it is no {'text' if kind is str else 'JSON object'}")
    if not set(row["then"]) - {"note"}:
        raise BadFile("says nothing: its 'then' demands nothing of the answer")
    unknown = tuple(sorted(set(row) - AREA_KEYS))
    return Row(row["id"], "", None, {}, row["when"], row["then"], unknown, area=row["area"], prose=row["given"])


def _listed(row: Mapping[str, Any]) -> Row:
    """Read a row that lists its versions; a branch's name, `17-dev`, stands for the release that comes of it."""
    also = row.get("also", {})
    systems = [(row["system"], row.get("versions")), *(also.items() if isinstance(also, dict) else [("", also)])]
    for system, versions in systems:
        strings = isinstance(versions, list) and all(isinstance(version, str) for version in versions)
        if not versions or not strings or not isinstance(system, str) or not system:
            raise BadFile(f"has no list of versions of a product: {system!r}, {versions!r}")
    listed = tuple((system, version.removesuffix("-dev")) for system, versions in systems for version in versions)
    unknown = tuple(sorted(set(row) - LIST_KEYS))
    return Row(row["id"], listed[0][1], None, row["given"], row["when"], row["then"], unknown, listed=listed)


def load_notes(path: Path) -> Notes:
    """Read our notes.

    Raises:
        BadFile: they cannot be read.
    """
    found = _read(path)
    for note in (*found["rows"], *found["headers"], *found["bodies"]):
        note["versions"] = tuple(note.get("versions", ("", "")))
    return Notes(
        tuple(RowNote(**note) for note in found["rows"]),
        tuple(HeaderNote(**note) for note in found["headers"]),
        tuple(BodyNote(**note) for note in found["bodies"]),
    )


def _read(path: Path) -> Any:  # noqa: ANN401 - it is JSON.
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise BadFile(f"{path}: is no JSON: {error}") from None
