"""What `compare_live` asks of the REST API."""

from __future__ import annotations

from dataclasses import replace

from tests.gitea.live_operations import Operation, upload

_ALL = "/api/v1/packages/{owner}"
_PYPI = f"{_ALL}/pypi"
_FIRST = upload("first")
_LINKED = Operation("rest", "link", "POST", f"{_PYPI}/up{{n}}/-/link/repo1")
_DELETED = Operation("rest", "delete", "DELETE", f"{_PYPI}/up{{n}}/1.0")


def _got(group: str, paths: list[str], method: str = "GET", root: str = _ALL) -> list[Operation]:
    return [Operation(group, f"{method} {root}{path}", method, f"{root}{path}") for path in paths]


def _done(group: str, method: str, path: str, *before: Operation, after: str = "/simple/up{n}") -> Operation:
    title = f"{method} {path} after {', '.join(one.name for one in before) or 'nothing'}"
    return Operation(group, title, method, f"{_PYPI}{path}", before=before, after=after)


LISTS = [
    *_got(
        "list", ["?q=demo", "?q=DEMO&type=pypi", "?q=o%25o", "?q=foo_b", "?q=nope", "?type=npm&q=demo", "?type=x&q=foo"]
    ),
    *_got("list", ["?q=demo&limit=1", "?q=demo&limit=2&page=2", "?q=demo&limit=1&page=9", "?q=demo&page=-1&limit=x"]),
    *_got("list", ["?q=demo&limit=0", "?q=demo&limit=100", "/?q=foo", "?q=demo&limit=2&page=1&type=all&a=%20b"]),
    *_got("list", ["/pypi/demo", "/pypi/demo?limit=1", "/pypi/nope", "/npm/demo", "/pypi/demo/"]),
]
SHOWN = [
    *_got("rest", ["/demo/1.0", "/DEMO/1.0", "/foo_bar/1.0", "/foo-bar/1.0", "/nope/1.0", "/demo/9"], root=_PYPI),
    *_got("rest", ["/demo/1.0/files", "/demo/1.2.0/files", "/demo/9/files", "/foo--baz/1.0.POST1/files"], root=_PYPI),
    *_got("rest", ["/demo/-/latest", "/nope/-/latest", "/demo/1.0/", "/demo/1.0/files/"], root=_PYPI),
    *_got("rest", ["/npm/demo/1.0", "/nope/demo/1.0", "/npm/demo/1.0/files", "/npm/demo/-/latest", "/pypi/demo/1.0/x"]),
    *_got("rest", ["/demo/1.0", "/demo/1.0/files"], "HEAD", _PYPI),
    *_got("rest", ["/demo/1.0", "/demo"], "POST", _PYPI),
    *_got("rest", [""], "POST"),
]
CHANGES = [
    _done("change", "DELETE", "/up{n}/1.0", _FIRST),
    _done("change", "DELETE", "/UP{n}/1.0", _FIRST),
    _done("change", "DELETE", "/up{n}/2.0", _FIRST),
    _done("change", "DELETE", "/up{n}", _FIRST),
    _done("change", "DELETE", "/up{n}", replace(_FIRST, name="second", file=("x.whl", "up")), _FIRST),
    _done("change", "DELETE", "/nope{n}/1.0"),
    _done("change", "DELETE", "/nope{n}"),
    _done("change", "GET", "/up{n}", _FIRST, _DELETED),
    _done("change", "GET", "/up{n}/-/latest", _FIRST, _DELETED),
    _done("change", "GET", "/up{n}/1.0", _FIRST, _LINKED),
    replace(upload("after deletion", "UP{n}", before=(_FIRST, _DELETED)), group="change"),
    _done("change", "POST", "/up{n}/-/link/repo1", _FIRST),
    _done("change", "POST", "/up{n}/-/link/REPO1", _FIRST),
    _done("change", "POST", "/up{n}/-/link/secret", _FIRST),
    _done("change", "POST", "/up{n}/-/link/nope", _FIRST),
    _done("change", "POST", "/up{n}/-/link/repo1", _FIRST, _LINKED),
    _done("change", "POST", "/up{n}/-/link/repo1", _FIRST, _DELETED),
    _done("change", "POST", "/nope{n}/-/link/repo1"),
    _done("change", "POST", "/up{n}/-/unlink", _FIRST, _LINKED),
    _done("change", "POST", "/up{n}/-/unlink", _FIRST),
    _done("change", "POST", "/nope{n}/-/unlink"),
]
INSTANCE = [
    *_got(
        "instance", ["/version", "/user", "/users/{owner}", "/orgs/{owner}", "/nope", "/packages", ""], root="/api/v1"
    ),
    *_got("instance", ["/version", "/user"], "POST", "/api/v1"),
]
