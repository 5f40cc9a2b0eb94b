"""The runner itself: what is not so fails, and so does what it does not understand."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance import cases, products
from tests.conformance.cases import BadFile, CannotExpress, Notes

if TYPE_CHECKING:
    from collections.abc import Callable

FIXTURES = Path(__file__).parents[2] / "fixtures" / "conformance"
GOOD: dict[str, Any] = {
    "id": "upload",
    "era_from": "17.0",
    "era_to": "17.5",
    "given": {"visibility": "private", "role": "developer", "token": {"kind": "pat", "scopes": ["api"]}},
    "when": {
        "method": "POST",
        "path": "/api/v4/projects/:id/packages/pypi",
        "fields": {"content": "f-1.whl", "name": "f", "version": "1", "summary": "'x'*256"},
    },
    "then": {
        "status": 201,
        "headers": {"Content-Type": "application/json", "X-Nothing": None},
        "body": {"message": "201 Created"},
        "body_contains": "Created",
        "body_contains_json": {"message": "201 Created"},
        "stored": {"summary": "'x'*252+'...'", "sha256": None},
    },
}
PAGE: dict[str, Any] = {
    "id": "page",
    "era_from": "17.0",
    "era_to": "17.5",
    "given": {"visibility": "public", "role": "anonymous", "token": {"kind": "none"}},
    "when": {"method": "GET", "path": "/api/v4/projects/:id/packages/pypi/simple/:package_name"},
    "then": {"status": 200, "body_contains": "<file_name>"},
}


def played(tmp_path: Path, row: dict[str, Any], notes: Notes | None = None) -> None:
    """Run all tests of one row."""
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([row]), encoding="utf-8")
    for case in products.expanded(cases.load(file), notes or Notes()):
        case.play()


def changed(row: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a row with one value changed."""
    row = copy.deepcopy(row)
    *above, last = path.split("/")
    place = row
    for key in above:
        place = place.setdefault(key, {})
    place[last] = value
    return row


@pytest.mark.parametrize("row", [GOOD, PAGE], ids=["upload", "page"])
def test_good_row(tmp_path: Path, row: dict[str, Any]) -> None:
    """What the next tests change is right as it is."""
    played(tmp_path, row)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("then/status", 200),
        ("then/headers", {"Content-Type": "text/html"}),
        ("then/headers", {"X-Nothing": "something"}),
        ("then/headers", {"Content-Type": None}),
        ("then/headers", {"Vary": "Accept"}),
        ("then/headers", {"ETag": "<signed storage url>"}),
        ("then/headers", {"X-Nothing": "<message>"}),
        ("then/raw_header_line", "Www-Authenticate: Basic realm: GitLab Packages Registry"),
        ("then/body", {"message": "201 created"}),
        ("then/body", {"message": "201 Created", "more": 1}),
        ("then/body", "201 Created"),
        ("then/body", "<file bytes>"),
        ("then/body", None),
        ("then/body_contains", "created"),
        ("then/body_contains_json", {"message": "201"}),
        ("then/body_contains_json", {"error": "201 Created"}),
        ("then/stored/summary", "'x'*256"),
        ("then/stored/sha256", "0"),
        ("then/stored", None),
        ("then/effect", "new package record"),
        ("given/role", "guest"),
        ("given/token/valid", False),
    ],
)
def test_wrong_answer(tmp_path: Path, path: str, value: object) -> None:
    """A row that expects another answer fails, and not for want of words."""
    with pytest.raises(AssertionError) as caught:
        played(tmp_path, changed(GOOD, path, value))
    assert not isinstance(caught.value, CannotExpress)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("system", "gitlab", "system"),
        ("given/weather", "fine", "given.weather = 'fine'"),
        ("given/visibility", "secret", "secret"),
        ("given/role", "king", "given.role = 'king'"),
        ("given/member", "yes", "given.member = 'yes'"),
        ("given/id", "<another>", "given.id = '<another>'"),
        ("given/token/kind", "cookie", "given.token.kind = 'cookie'"),
        ("given/token/transport", "pigeon", "given.token.transport = 'pigeon'"),
        ("given/token/state", "tired", "given.token.state = 'tired'"),
        ("given/token/user_state", "tired", "tired"),
        ("given/token/username", "<group.name>", "<group.name>"),
        ("given/features", {"wiki": "private"}, "features.wiki"),
        ("given/features", {"package_registry": "open"}, "open"),
        ("given/flags", {"no_such_flag": True}, "no_such_flag"),
        ("given/flags", {"pypi_pep_691_json": True}, "pypi_pep_691_json"),
        ("given/instance", {"colour": True}, "given.instance.colour"),
        ("given/limits", {"npm": "N"}, "limits.npm"),
        ("given/file_size", "huge", "'huge'"),
        ("given/file_size", "1 GiB", "too large"),
        ("given/storage", "tape", "tape"),
        ("given/edition", "GE", "GE"),
        ("given/firewall", "burn", "burn"),
        ("given/archived", "yes", "given.archived = 'yes'"),
        ("given/protection", {"pattern": "match", "maximum": "owner"}, "protection.maximum"),
        ("given/stored", {"size": 1}, "size"),
        ("given/existing", ["one"], "given.existing: 'one'"),
        ("given/package", "sold", "given.package = 'sold'"),
        ("when/body", "x", "when.body = 'x'"),
        ("when/path", "/simple/", "/simple/"),
        ("when/path", "/api/v4/projects/:name/packages/pypi", ":name"),
        ("when/path", "/api/v4/projects/<name>/packages/pypi", "<name>"),
        ("when/headers", {"If-Match": "<tag>"}, "<tag>"),
        ("when/fields/name", {"a": 1}, "when.fields.name"),
        ("then/colour", "red", "then.colour = 'red'"),
        ("then/headers", {"Content-Type": "<type>"}, "<type>"),
        ("then/body", {"message": "<text>"}, "<text>"),
        ("then/body_contains", "<text>", "<text>"),
        ("then/effect", "magic", "then.effect = 'magic'"),
    ],
)
def test_unknown_words(tmp_path: Path, path: str, value: object, said: str) -> None:
    """A row that the runner cannot express fails and says why."""
    with pytest.raises(CannotExpress) as caught:
        played(tmp_path, changed(GOOD, path, value))
    assert said in str(caught.value)


def test_no_such_era(tmp_path: Path) -> None:
    """A row about releases before the first one fails; it is not left out."""
    with pytest.raises(CannotExpress, match=r"no release lies between 11\.9 and 12\.9"):
        played(tmp_path, {**GOOD, "era_from": "11.9", "era_to": "12.9"})


def test_eras(tmp_path: Path) -> None:
    """A row runs in process in every era of its range, over a socket at both ends, and at the last as a sharer."""
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([{**PAGE, "era_from": "17.4", "era_to": "17.10"}]), encoding="utf-8")

    assert [case.id for case in products.expanded(cases.load(file), Notes())] == [
        *("page@17.4", "page@17.6", "page@17.9", "page@17.10"),
        *("page@17.4-socket", "page@17.10-socket", "page@17.10-remote"),
    ]


def test_notes(tmp_path: Path) -> None:
    """Early releases are held to their own challenge and words, whichever row asks."""
    notes = cases.load_notes(FIXTURES / "notes.json")
    refused = changed(changed(PAGE, "given/visibility", "private"), "then", {"status": 401})
    refused = changed(refused, "then/headers", {"WWW-Authenticate": 'Basic realm="GitLab Packages Registry"'})
    refused |= {"era_from": "12.10", "era_to": None}

    played(tmp_path, refused, notes)
    for era in ("13.2", "13.11"):
        with pytest.raises(AssertionError, match="WWW-Authenticate"):
            played(tmp_path, {**refused, "era_to": era})


def test_notes_speak_of_rows_that_there_are() -> None:
    """A note whose row is gone, or called otherwise, would be forgotten."""
    files = ("gitlab.json", "gitea.json", "pypi.json")
    rows = {row.id for name in files for row in cases.load(FIXTURES / name)}

    assert {note.id for note in cases.load_notes(FIXTURES / "notes.json").rows} <= rows


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "a case file is a JSON list of rows, at least one"),
        ("{}", "a case file is a JSON list of rows, at least one"),
    ],
)
def test_bad_file(tmp_path: Path, text: str, said: str) -> None:
    """What is wrong with a file is said in one line that names it."""
    file = tmp_path / "rows.json"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(BadFile) as caught:
        cases.load(file)

    assert str(caught.value).startswith(f"{file}: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (1, "row 'row-1' is no JSON object"),
        ({}, "row 'row-1' has no id"),
        ({"id": "a"}, "row 'a' has no 'given', or it is no JSON object"),
        ({**GOOD, "era_from": "soon"}, "row 'upload' has no versions"),
        ({**GOOD, "then": {}}, "row 'upload' says nothing"),
        ({**GOOD, "then": {"note": "fine"}}, "row 'upload' says nothing"),
    ],
)
def test_bad_row(tmp_path: Path, row: object, said: str) -> None:
    """A row that cannot be read fails by itself, in one line; the others of its file run."""
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([row, PAGE]), encoding="utf-8")

    bad, *others = products.expanded(cases.load(file), Notes())

    with pytest.raises(CannotExpress) as caught:
        bad.play()
    assert str(caught.value).startswith(f"{file}: ")
    assert said in str(caught.value)
    assert others
    assert all(case.row.id == PAGE["id"] for case in others)


@pytest.fixture(name="run")
def _run(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """Run pytest on this folder, from the root of the checkout."""
    root = Path(__file__).parents[2]

    def run(*options: str | Path) -> pytest.RunResult:
        pytester.chdir()
        arguments = ("-p", "no:cacheprovider", "--rootdir", str(root), "-c", str(root / "pyproject.toml"))
        return pytester.runpytest_subprocess(*arguments, str(Path(__file__).with_name("test_cases.py")), *options)

    return run


def test_option(run: Callable[..., pytest.RunResult], tmp_path: Path) -> None:
    """`--cases` runs other files instead of ours; a row that cannot be run fails."""
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps([GOOD, PAGE]), encoding="utf-8")
    bad.write_text(json.dumps([changed(PAGE, "when/path", "/legacy/")]), encoding="utf-8")

    result = run("--cases", good, "--cases", bad)

    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["*CannotExpress: when.path = '/legacy/' belongs to no product that the runner knows"])


def test_option_with_a_bad_file(run: Callable[..., pytest.RunResult], tmp_path: Path) -> None:
    """A file that holds no rows is an error, in one line."""
    result = run("--cases", tmp_path / "none.json")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"{tmp_path / 'none.json'}: cannot be read: No such file or directory"])
