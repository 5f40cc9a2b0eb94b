"""The runner on rows about Gitea and Forgejo: what is not so fails, and so does what it does not understand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance import cases, gitea_callers, products
from tests.conformance.cases import CannotExpress, Notes
from tests.conformance.test_runner import FIXTURES, changed, played

if TYPE_CHECKING:
    from pathlib import Path

FORM = {
    "name": "test-package",
    "version": "1.0",
    "sha256_digest": "<sha256 of 'test'>",
    "content": {"filename": "test.whl", "data": "test"},
}
UPLOAD: dict[str, Any] = {
    "id": "upload",
    "system": "gitea",
    "versions": ["1.17.3", "1.27-dev"],
    "also": {"forgejo": ["12.0"]},
    "given": {"actor": "alice", "credential": "password"},
    "when": {"method": "POST", "path": "/api/packages/alice/pypi", "fields": FORM},
    "then": {"status": 201, "headers": {"Location": None}, "body": ""},
    "source": "code: none",
}
PAGE: dict[str, Any] = {
    "id": "page",
    "system": "forgejo",
    "versions": ["17-dev"],
    "given": {
        "owner": {"name": "alice", "kind": "user", "visibility": "public"},
        "actor": "anonymous",
        "packages": [{"owner": "alice", "name": "p", "versions_uploaded_in_order": ["1.0", "2.0"]}],
    },
    "when": {
        "method": "GET",
        "path": "/api/packages/alice/pypi/simple/p/",
        "headers": {"Accept": "application/vnd.pypi.simple.v1+json"},
        "fields": {},
    },
    "then": {
        "status": 200,
        "headers": {
            "Content-Type": ["application/vnd.pypi.simple.v1+json", "application/json"],
            "Content-Length": {"prefix": ""},
        },
        "body": {
            "contains": "http://127.0.0.1:3000/api/packages/alice/pypi/files/p/1.0/p-1.0.tar.gz",
            "not_contains": "<html>",
            "json_contains": {"name": "p", "versions": ["2.0", "1.0"], "files": [{"size": 4}]},
            "version_order": ["1.0", "2.0"],
            "every_link_requires_python": "",
            "note": "files[] is sorted ascending by version string",
        },
    },
}


@pytest.mark.parametrize("row", [UPLOAD, PAGE], ids=["upload", "page"])
def test_good_row(tmp_path: Path, row: dict[str, Any]) -> None:
    """What the next tests change is right as it is."""
    played(tmp_path, row)


@pytest.mark.parametrize(
    ("row", "path", "value"),
    [
        (UPLOAD, "then/status", 200),
        (UPLOAD, "then/headers", {"Location": "/"}),
        (UPLOAD, "then/headers", {"Content-Length": None}),
        (UPLOAD, "then/headers", {"Location": {"prefix": "/"}}),
        (UPLOAD, "then/body", "Created"),
        (UPLOAD, "then/body", {"contains": "Created"}),
        (UPLOAD, "then/body", {"json": {}}),
        (UPLOAD, "then/body", {"note": "file is then served as .../1.0/other.whl"}),
        (UPLOAD, "given/credential", "wrong-password"),
        (UPLOAD, "given/credential", "PAT(write:package) or unknown-user"),
        (UPLOAD, "given/credential", "none"),
        (UPLOAD, "given/config", {"[packages] ENABLED": False}),
        (UPLOAD, "given/packages", [{"owner": "alice", "name": "test-package", "files": ["TEST.whl"]}]),
        (UPLOAD, "when/fields/sha256_digest", "<sha256 of 'other'>"),
        (PAGE, "then/headers", {"Content-Type": ["application/json", "application/vnd.pypi.simple.v1+json"]}),
        (PAGE, "then/body", {"not_contains": "p-1.0.tar.gz"}),
        (PAGE, "then/body", {"json": {"name": "p"}}),
        (PAGE, "then/body", {"json_contains": {"versions": ["1.0", "2.0"]}}),
        (PAGE, "then/body", {"json_contains": {"files": [{"size": 5}]}}),
        (PAGE, "then/body", {"version_order": ["2.0", "1.0"]}),
        (PAGE, "then/body", {"every_link_requires_python": ">=3.8"}),
        (PAGE, "given/owner/visibility", "limited"),
    ],
)
def test_wrong_answer(tmp_path: Path, row: dict[str, Any], path: str, value: object) -> None:
    """A row that expects another answer fails, and not for want of words."""
    with pytest.raises(AssertionError) as caught:
        played(tmp_path, changed(row, path, value))
    assert not isinstance(caught.value, CannotExpress)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("weather", "fine", "unknown keys of a row: weather"),
        ("system", "gogs", "system = 'gogs'"),
        ("versions", ["1.16"], "too old"),
        ("also", {"forgejo": ["99"]}, "forgejo@99"),
        ("given/weather", "fine", "given.weather = 'fine'"),
        ("given/owner", {"name": "alice", "colour": "red"}, "given.owner.colour"),
        ("given/owner", {"name": "alice", "kind": "bot"}, "given.owner.kind = 'bot'"),
        ("given/owner", {"name": "alice", "visibility": "secret"}, "secret"),
        ("given/actor", 1, "given.actor = 1"),
        ("given/actor", "anonymous", "of an anonymous caller"),
        ("given/role", "king", "given.role = 'king'"),
        ("given/role", "owner", "is no organisation"),
        ("given/credential", "a cookie", "'a cookie'"),
        ("given/credential", 1, "given.credential = 1"),
        ("given/team_packages_access", "read", "is no organisation"),
        ("given/config", {"[mail] ENABLED": True}, "given.config.[mail] ENABLED"),
        ("given/config", {"[packages] ENABLED": "perhaps"}, "perhaps"),
        ("given/config", {"[packages] LIMIT_SIZE_PYPI": "much"}, "no size: 'much'"),
        ("given/storage", "tape", "given.storage = 'tape'"),
        ("given/state", "alice is tired", "given.state = 'alice is tired'"),
        ("given/packages", [{"name": "p", "colour": "red"}], "given.packages.colour"),
        ("given/packages", [{"version": "1"}], "one without a name"),
        ("given/packages", [{"name": "p", "files": [{"data": "x"}]}], "one without a name"),
        ("given/packages", [{"name": "p", "upload_order": "random"}], "upload_order = 'random'"),
        ("when/body", "x", "when.body = 'x'"),
        ("when/path", "<file url>", "<file url>"),
        ("when/headers", {"If-Match": "<the tag>"}, "<the tag>"),
        ("when/fields/name", {"a": 1}, "when.fields.name.a"),
        ("when/fields/name", None, "when.fields.name = None"),
        ("then/colour", "red", "then.colour = 'red'"),
        ("then/status", "201", "status is a number, not '201'"),
        ("given/actor", "allice", "given.actor = 'allice'"),
        ("then/headers", {"Content-Length": {"suffix": "0"}}, "then.headers.Content-Length.suffix"),
        ("then/headers", {"Content-Length": "<number>"}, "<number>"),
        ("then/headers", {"Content-Length": {"http_date_of": "birth"}}, "http_date_of = 'birth'"),
        ("then/body", {"colour": "red"}, "then.body.colour"),
        ("then/body", ["red"], "then.body = ['red'] is no object"),
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
        ("given/actor", "bob"),
        (
            "given",
            {"actor": "ada", "credential": "password", "owner": {"name": "acme", "kind": "org"}, "role": "owner"},
        ),
        ("given", {"actor": "ada", "credential": "password", "packages": [{"owner": "ada", "name": "p"}]}),
        ("given", {"actor": "ada", "credential": "password", "state": "ada is restricted"}),
    ],
    ids=["stranger", "role", "package", "state"],
)
def test_who_stands_in_the_world(tmp_path: Path, path: str, value: object) -> None:
    """Who asks is somebody whom every row knows, or of whom the row says something; then the row is understood."""
    with pytest.raises(AssertionError) as caught:
        played(tmp_path, changed({**UPLOAD, "then": {"status": 418}}, path, value))
    assert not isinstance(caught.value, CannotExpress)


def test_versions(tmp_path: Path) -> None:
    """A row runs at every version that it lists, of every product, over both wires, and at the newest as a sharer."""
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([{**UPLOAD, "also": {"forgejo": ["12.0", "17-dev"]}}]), encoding="utf-8")

    assert [case.id for case in products.expanded(cases.load(file), Notes())] == [
        *(
            f"upload@{flavour}{wire}"
            for flavour in ("gitea@1.17.3", "gitea@1.27", "forgejo@12.0", "forgejo@17")
            for wire in ("", "-socket")
        ),
        "upload@forgejo@17-remote",
    ]


@pytest.mark.parametrize("versions", [[], "1.23", [1.23], None])
def test_bad_file(tmp_path: Path, versions: object) -> None:
    """A row without versions fails, in one line."""
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([{**UPLOAD, "versions": versions}]), encoding="utf-8")

    (case,) = products.expanded(cases.load(file), Notes())

    with pytest.raises(CannotExpress, match=r"row 'upload' has no list of versions of a product: 'gitea'"):
        case.play()


def test_rows_of_the_fixture() -> None:
    """No row of ours is left out, and none is written in words that are not its form's."""
    rows = cases.load(FIXTURES / "gitea.json")

    assert len(rows) == len({row.id for row in rows}) == 100
    assert all(row.listed and not row.unknown for row in rows)


@pytest.mark.parametrize(
    ("credential", "meant"),
    [
        ("basic PAT:'' or PAT:'x-oauth-basic'", ["basic PAT:''", "basic PAT:'x-oauth-basic'"]),
        ("Bearer PAT or token PAT", ["Bearer PAT", "token PAT"]),
        ("?token=PAT or ?access_token=PAT", ["?token=PAT", "?access_token=PAT"]),
        (
            "OAuth2 access token as Bearer or as Basic password",
            ["OAuth2 access token as Bearer", "OAuth2 access token as Basic password"],
        ),
        ("password", ["password"]),
    ],
)
def test_alternatives(credential: str, meant: list[str]) -> None:
    """A row that names several credentials is held to each."""
    assert gitea_callers.alternatives(credential) == meant
