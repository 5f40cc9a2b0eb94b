"""What `compare_live` asks for, as data; who asks, and of which owner, is up to `live_cases`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.gitea.live_wire import sha256

if TYPE_CHECKING:
    from collections.abc import Sequence

File = tuple[str, str]
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Operation:
    """What is asked for; `{n}` is a number of its own, `{owner}` and `{OWNER}` the owner's name."""

    group: str
    name: str
    method: str = "GET"
    path: str = ""
    """Below the owner's registry, unless it begins with `/api/`."""
    headers: Headers = ()
    fields: Sequence[tuple[str, str]] | None = None
    """Of an upload's form."""
    file: File | None = None
    """The name and the content of an upload's file."""
    body: bytes | None = None
    """What is sent in place of a form."""
    before: tuple[Operation, ...] = ()
    """What the owner does first."""
    after: str = ""
    """The page that the owner looks at in the end."""
    pause: bool = False
    """Whether a second passes before it: some releases have versions in the order of their seconds."""


def upload(
    title: str = "",
    name: str = "up{n}",
    version: str = "1.0",
    *,
    file: File | None = ("up{n}-1.0.tar.gz", "up"),
    without: tuple[str, ...] = (),
    after: str = "",
    before: tuple[Operation, ...] = (),
    headers: Headers = (),
    path: str = "",
    pause: bool = False,
    more: tuple[tuple[str, str], ...] = (),
    **changed: str,
) -> Operation:
    """Return an upload.

    Args:
        title: what is special about it.
        name: the package's.
        version: its version.
        file: the file's name and content.
        without: fields that are left out.
        after: the page to look at in the end.
        before: what the owner does first.
        headers: what is sent besides.
        path: where to, if elsewhere.
        pause: whether a second passes before it.
        more: fields besides, in this order.
        changed: fields with another value.
    """
    fields = {
        ":action": "file_upload",
        "name": name,
        "version": version,
        "sha256_digest": sha256((file or ("", ""))[1]),
    }
    kept = [(key, value) for key, value in {**fields, **changed}.items() if key not in without]
    return Operation(
        "upload",
        title or f"upload {name} {version}",
        "POST",
        path,
        headers,
        (*kept, *more),
        file,
        before=before,
        after=after or "/simple/up{n}",
        pause=pause,
    )


_HTML, _JSON = "text/html", "application/vnd.pypi.simple.v1+json"
_PIP = f"{_JSON}, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
_DEMO = "/files/demo/1.0/demo-1.0.tar.gz"
_FUTURE, _PAST = "Fri, 01 Jan 2100 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT"


def _got(group: str, paths: Sequence[str], *, method: str = "GET") -> list[Operation]:
    return [Operation(group, f"{method} {path or '(root)'}", method, path) for path in paths]


def _asked(group: str, path: str, headers: Sequence[tuple[str, str]]) -> list[Operation]:
    return [Operation(group, f"{path} with {name}: {value}", "GET", path, ((name, value),)) for name, value in headers]


STOCK = (
    upload("stock 1", "demo", file=("demo-1.0.tar.gz", "test"), requires_python=">=3.8", summary="A demo & more"),
    upload("stock 2", "demo", file=("demo-1.0-py3-none-any.whl", "wheel"), requires_python=">=3.9"),
    upload("stock 3", "demo", "1.10.0", file=("demo-1.10.0.tar.gz", "test ten")),
    upload("stock 4", "demo", "1.2.0", file=("Demo-1.2.0.zip", "test two"), requires_python="<4,>=3"),
    upload("stock 5", "Foo_Bar", file=("Foo_Bar-1.0.tar.bz2", "foo")),
    upload("stock 6", "foo__baz", "1.0.post1", file=("foo baz.txt", "baz")),
)

PAGES = [
    *_got("page", ["/simple/demo", "/simple/demo/", "/simple/DEMO/", "/simple/foo.bar", "/simple/foo_bar/"]),
    *_got("page", ["/simple/Foo-Bar/", "/simple/foo--baz/", "/simple/foo-baz/", "/simple/foo_.baz", "/simple/nope/"]),
    *_got(
        "page", ["//simple///demo//", "/simple/de%6Do", "/simple/demo%2F", "/simple/d%C3%A9mo/", "/simple/demo/?a=b"]
    ),
    Operation("page", "owner in capitals", "GET", "/api/packages/{OWNER}/pypi/simple/demo/"),
    *_asked("page", "/simple/demo/", [("Accept", kind) for kind in (_HTML, _JSON, _PIP, f"{_HTML}, {_JSON}", "*/*")]),
    *_asked("page", "/simple/demo/", [("Accept", "application/vnd.pypi.simple.latest+json"), ("Range", "bytes=0-1")]),
    *_asked("page", "/simple/demo/", [("If-Modified-Since", _FUTURE), ("If-None-Match", "*")]),
    *_asked("page", "/simple/nope/", [("Accept", _HTML), ("Accept", _PIP)]),
    *_asked("page", "/simple/Foo_Bar", [("Accept", _JSON)]),
]
FILES = [
    *_got("file", [_DEMO, "/files/demo/1.0/demo-1.0-py3-none-any.whl", "/files/DEMO/1.0/DEMO-1.0.TAR.GZ"]),
    *_got("file", ["/files/demo/1.2.0/demo-1.2.0.zip", "/files/foo.bar/1.0/Foo_Bar-1.0.tar.bz2", f"{_DEMO}/"]),
    *_got("file", ["/files/foo__baz/1.0.post1/foo%20baz.txt", "/files/foo--baz/1.0.POST1/foo%20baz.txt"]),
    *_got("file", ["/files/demo/1.0/nope", "/files/demo/9/nope", "/files/nope/1.0/nope", f"{_DEMO}.metadata"]),
    *_got("file", ["/files/demo/1.10.0/demo-1.0.tar.gz", f"{_DEMO}?a=b", "/files/demo/1.0", "/files/demo/1.0/"]),
    *_asked(
        "file", _DEMO, [("Range", f"bytes={what}") for what in ("0-1", "1-", "-2", "99-", "0-99", "0-0,2-2", "-0")]
    ),
    *_asked(
        "file", _DEMO, [("Range", what) for what in ("bytes=2-1", "bytes=x", "lines=0-1", "bytes=", "bytes=0-1,99-")]
    ),
    *_asked("file", _DEMO, [("If-Modified-Since", when) for when in (_FUTURE, _PAST, "yesterday")]),
    *_asked("file", _DEMO, [("If-Unmodified-Since", _PAST), ("If-None-Match", "*"), ("If-Match", '"x"')]),
    Operation("file", "a range if unchanged", path=_DEMO, headers=(("Range", "bytes=0-1"), ("If-Range", _PAST))),
    Operation("file", "a range unless known", path=_DEMO, headers=(("Range", "bytes=0-1"), ("If-None-Match", '"x"'))),
]
METHODS = [
    *(one for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH") for one in _got("method", ["", "/"], method=method)),
    *(one for method in ("HEAD", "POST", "PUT", "DELETE") for one in _got("method", ["/simple/demo/"], method=method)),
    *(one for method in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS") for one in _got("method", [_DEMO], method=method)),
    *_got("method", ["/simple/", "/nope/x"], method="HEAD"),
    *_got("method", ["/simple/", "/legacy/"], method="POST"),
    *_got("method", ["/simple/demo/"], method="OPTIONS"),
]
UNKNOWN = [
    *_got("unknown", ["/simple", "/simple/", "/demo/json", "/simple/demo/1.0", "/legacy/", "/files", "/files/demo"]),
    *_got("unknown", ["/api/packages", "/api/packages/{owner}", "/api/packages/{owner}/nope", "/api/packages/"]),
    *_got("unknown", ["/files/demo/1.0/demo-1.0.tar.gz/x", "/-/x", "/simple/../simple/demo", "/simple/demo/json"]),
]
