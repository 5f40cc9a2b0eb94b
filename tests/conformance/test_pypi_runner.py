"""The runner on rows about the public index: all of them are read, and what it does not understand fails."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg.flavours import hosts, lineages
from tests.conformance import (
    cases,
    products,
    pypi_answers,
    pypi_clients,
    pypi_forms,
    pypi_later,
    pypi_parcels,
    pypi_prose,
    pypi_worlds,
)
from tests.conformance.cases import CannotExpress, Notes
from tests.conformance.pypi_told import Told
from tests.conformance.test_runner import FIXTURES, changed, played

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = cases.load(FIXTURES / "pypi.json")
DUE = [row for row in ROWS if not pypi_later.later(row)]
OWNED = "project demo exists; account token of its owner; owner has verified e-mail and 2FA"
UPLOAD: dict[str, Any] = {
    "id": "upload",
    "area": "upload.file",
    "given": OWNED,
    "when": {"method": "POST", "host": "upload.{PYPI}", "path": "/legacy/", "preset": "sdist", "set": {}, "file": {}},
    "then": {"status": 200, "headers": {}, "body_contains": "200 OK", "note": "nothing to see"},
    "source": "none",
    "confidence": "I",
}


def read(tmp_path: Path, row: object) -> list[products.Case]:
    """Return the tests of a row."""
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([row]), encoding="utf-8")
    return products.expanded(cases.load(file), Notes())


def test_rows_of_the_fixture() -> None:
    """No row of ours is left out, none is written in words that are not its form's, and none names a host."""
    assert len(ROWS) == len({row.id for row in ROWS}) == 267
    assert all(row.area and row.prose and not row.unknown and not row.broken for row in ROWS)
    text = (FIXTURES / "pypi.json").read_text(encoding="utf-8")
    assert not any(host in text for host in (hosts.WEB, hosts.FILES))


def test_rows_that_wait() -> None:
    """What waits is about trusted publishing; with a file of one's own it fails, and says so."""
    waiting = [row for row in ROWS if pypi_later.later(row)]

    assert {row.area for row in waiting} == {*pypi_later.LATER_AREAS, "client"}
    assert len(waiting) == 40
    for case in products.expanded(waiting, Notes()):
        assert case.waits
        with pytest.raises(CannotExpress, match=r"this row is a later issue's: trusted publishing"):
            case.play()


@pytest.mark.parametrize("row", [row for row in DUE if row.area != "client"], ids=lambda row: row.id)
def test_row_is_understood(row: cases.Row) -> None:
    """What a row gives and uploads is understood without any server, and so is what it wants to see."""
    pypi_worlds.expected(row)
    if "preset" in row.when:
        parcel = pypi_parcels.made(row.when)
        fields = pypi_forms.filled(
            pypi_forms.preset(parcel), row.when.get("set", {}), row.when.get("unset", []), parcel
        )
        body, content_type = pypi_forms.encoded(fields)
        assert body.count(pypi_forms.BOUNDARY.encode()) == len(fields) + 1
        assert content_type.startswith("multipart/form-data")
    assert set(row.then) <= set(pypi_answers.CHECKS)


@pytest.mark.parametrize("row", [row for row in DUE if row.area == "client"], ids=lambda row: row.id)
def test_client_row_is_understood(row: cases.Row) -> None:
    """What a row about a client gives is understood, and so is what becomes of it."""
    setting, client = pypi_clients.understood(row)

    assert client in pypi_clients.COMMANDS
    assert setting != pypi_clients.Setting() or row.prose == "any"
    assert any(re.fullmatch(pattern, row.then["client_outcome"]) for pattern in pypi_clients.OUTCOMES)


@pytest.mark.parametrize(
    ("prose", "fact"),
    [
        ("any", lambda told: told == Told()),
        (OWNED, lambda told: list(told.projects) == ["demo"]),
        ("alice owns demo, no 2FA", lambda told: not told.people["alice"].two_factor),
        ("demo is owned by bob; token of alice", lambda told: told.projects["demo"].owners == ["bob"]),
        ("project demo belongs to someone else", lambda told: told.projects["demo"].owners == ["bob"]),
        ("alice has no role on demo", lambda told: told.projects["demo"].owners == ["bob"]),
        ("alice is Maintainer of demo", lambda told: told.projects["demo"].maintainers == ["alice"]),
        ("user without a verified e-mail address", lambda told: not told.people["alice"].email_verified),
        ("primary e-mail unverified; 2FA enabled", lambda told: not told.people["alice"].email_verified),
        ("no credentials", lambda told: told.token.kind == "none"),
        ("revoked token", lambda told: told.token.revoked),
        ("token was deleted", lambda told: told.token.revoked),
        (
            "minted GitLab token for other",
            lambda told: (told.token.publisher, told.token.project) == ("GitLab", "other"),
        ),
        ("minted token, 16 minutes old", lambda told: told.token.age.total_seconds() == 960),
        ("project token scoped to other; user also owns demo", lambda told: set(told.projects) == {"other", "demo"}),
        ("project archived", lambda told: told.projects["demo"].standing == "archived"),
        ("project demo is quarantined; owner's token", lambda told: told.projects["demo"].standing == "quarantined"),
        ("owner's account is frozen", lambda told: told.people["alice"].frozen),
        ("read-only flag on", lambda told: told.settings == {"read_only": True}),
        ("new uploads are disabled", lambda told: told.settings == {"disallow_new_upload": True}),
        (
            "new-project registration disabled",
            lambda told: told.settings == {"disallow_new_project_registration": True},
        ),
        ("attestations temporarily disabled", lambda told: told.settings == {"disable_pep740": True}),
        ("alice created 20 projects in the last hour", lambda told: told.begun == {"user alice": 20}),
        ("the same IP created 40 projects within an hour", lambda told: told.begun == {"ip": 40}),
        ("name foo is prohibited", lambda told: told.prohibited == ["foo"]),
        ("project demo holds 10 GiB", lambda told: told.projects["demo"].stored == 10 * 1024**3),
        ("file limit of demo is 200 MiB", lambda told: told.projects["demo"].limits["max_file_bytes"] == 200 * 1024**2),
        ("demo belongs to an inactive organization", lambda told: not told.projects["demo"].good_standing),
        ("projects a, b and c", lambda told: list(told.projects) == ["a", "b", "c"]),
        ("project demo with releases 1.0 and 2.0", lambda told: list(told.projects["demo"].releases) == ["1.0", "2.0"]),
        ("release 1.0 is 15 days old", lambda told: told.projects["demo"].releases["1.0"].age.days == 15),
        (
            "release older than 14 days",
            lambda told: told.projects["demo"].releases["1.0"].age.total_seconds() == 1209601,
        ),
        ("release 1.0 yanked with reason 'oops'", lambda told: told.projects["demo"].releases["1.0"].yanked == "oops"),
        ("releases 1.0 (yanked) and 2.0", lambda told: told.projects["demo"].releases["2.0"].yanked is None),
        ("release 1.0 has an sdist and a wheel", lambda told: len(told.projects["demo"].releases["1.0"].kinds) == 2),
        ("demo-1.0.tar.gz was deleted", lambda told: told.burned == ["demo-1.0.tar.gz"]),
        ("the file was deleted before", lambda told: told.burned == [""]),
        ("same filename, other content", lambda told: told.copies == ["other bytes"]),
        ("identical file exists", lambda told: told.copies == ["same"]),
        ("attestations disabled", lambda told: told.settings == {"disable_pep740": True}),
        ("token of another user", lambda told: told.projects["demo"].owners == ["bob"]),
        ("account token of a maintainer", lambda told: told.projects["demo"].maintainers == ["alice"]),
        ("demo exists; organization is inactive", lambda told: not told.projects["demo"].good_standing),
        ("release 1.0 exists; 2.0 is quarantined", lambda told: told.projects["demo"].releases["2.0"].quarantined),
        ("the filename was deleted", lambda told: told.burned == [""]),
        ("the user created 20 projects", lambda told: told.begun == {"user alice": 20}),
        ("last serial 7", lambda told: told.serial == 7),
        ("project unknown", lambda told: told.nothing),
        ("wheel with provenance", lambda told: told.projects["demo"].releases["1.0"].provenance),
    ],
)
def test_prose(prose: str, fact: Callable[[Told], bool]) -> None:
    """Sentences of other rows than ours are understood too."""
    told = pypi_prose.told(prose)

    assert fact(told), told


@pytest.mark.parametrize(
    "prose", ["the moon is full", "project demo exists; the moon is full", "any, and the moon is full"]
)
def test_unknown_prose(prose: str) -> None:
    """What means nothing is named."""
    with pytest.raises(CannotExpress, match="the moon is full"):
        pypi_prose.told(prose)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("given", {"project": "demo"}, "has no 'given', or it is no text"),
        ("area", 1, "has no 'area', or it is no text"),
        ("when", [], "has no 'when', or it is no JSON object"),
        ("then", {"note": "x"}, "its 'then' demands nothing"),
        ("weather", "fine", "unknown keys of a row: weather"),
    ],
)
def test_bad_row(tmp_path: Path, path: str, value: object, said: str) -> None:
    """A row that cannot be read fails by itself."""
    (case,) = read(tmp_path, changed(UPLOAD, path, value))

    with pytest.raises(CannotExpress) as caught:
        case.play()
    assert said in str(caught.value)
    assert not case.waits


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("given", "the moon is full", "given: 'the moon is full'"),
        ("when/host", "example.com", "when.host = 'example.com'"),
        ("when/path", "legacy", "when: 'POST' 'legacy'"),
        ("when/weather", "fine", "when.weather = 'fine'"),
        ("when/preset", "egg", "when.preset = 'egg'"),
        ("when/set/name", None, "when.set.name = None"),
        ("when/set/name", {"colour": "red"}, "when.set.name.colour"),
        ("when/set/sha256_digest", "<the digest>", "when.set.sha256_digest = '<the digest>'"),
        ("when/set/attestations", "[secret]", "when.set.attestations"),
        ("when/unset", ["colour"], "when.unset: there is no 'colour'"),
        ("when/file/colour", "red", "when.file.colour = 'red'"),
        ("when/file/zip_quirk", "a smell", "when.file.zip_quirk = 'a smell'"),
        ("when/file/omit", ["COLOUR"], "when.file.omit: there is no 'COLOUR'"),
        ("when/file/size", "much", "no size: 'much'"),
        ("when/file/compression", "tape", "when.file.compression = 'tape'"),
        ("when/auth", "pigeon", "when.auth = 'pigeon'"),
        ("when/auth", "basic __token__:<the token>", "when.auth: '<the token>'"),
        ("when/raw", "a song", "when.raw = 'a song'"),
        ("when/accept", "<anything>", "when.accept = '<anything>'"),
        ("then/colour", "red", "then.colour = 'red'"),
        ("then/status", "fine", "status is a number, not 'fine'"),
        ("then/headers", {"Content-Type": "<a type>"}, "<a type>"),
        ("then/headers", {"Content-Type": ["text/html"]}, "then.headers.Content-Type"),
    ],
)
def test_unknown_words(tmp_path: Path, path: str, value: object, said: str) -> None:
    """A row that the runner cannot express fails and says why."""
    with pytest.raises(CannotExpress) as caught:
        played(tmp_path, changed(UPLOAD, path, value))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("then/status", 400),
        ("then/reason", "Fine"),
        ("then/headers", {"Content-Type": None}),
        ("then/headers", {"Content-Type": "text/plain"}),
        ("then/headers", {"Vary": "contains Accept-Language"}),
        ("then/headers", {"Location": "/legacy/"}),
        ("then/headers", {"Location": "/legacy/ (absolute)"}),
        ("then/body_contains", "201"),
        ("then/body_exact", "200 OK"),
        ("then/json_equals", {}),
        ("then/json_keys", []),
        ("then/error_code", "invalid"),
        ("then/note", "GET /simple/demo/ is 404"),
        ("then/note", "attached to the existing release"),
        ("given", "project demo exists; no credentials"),
        ("given", "demo is owned by bob"),
        ("when/file/truncated", True),
    ],
)
def test_wrong_answer(tmp_path: Path, path: str, value: object) -> None:
    """A row that expects another answer fails, and not for want of words."""
    with pytest.raises(AssertionError) as caught:
        played(tmp_path, changed(UPLOAD, path, value))
    assert not isinstance(caught.value, CannotExpress)


def test_eras(tmp_path: Path) -> None:
    """A row runs in the newest era, one about an earlier one there too, over both wires; in the newest as a sharer."""
    found = [case.id for case in read(tmp_path, UPLOAD)]

    newest = lineages["pypi"].newest.version
    assert found == [f"upload@pypi@{newest}{wire}" for wire in ("", "-socket", "-remote")]
    earlier = {**UPLOAD, "given": "profile reason=message (Warehouse itself; production before 2026)"}
    assert len(read(tmp_path, earlier)) == 5
