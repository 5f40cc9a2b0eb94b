"""`when`: the request of a row about the public index."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from tests.conformance import pypi_forms
from tests.conformance.cases import CannotExpress
from tests.conformance.pypi_scenes import HOSTS, known, public
from tests.conformance.wires import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_pyreg import Credential
    from tests.conformance.pypi_parcels import Parcel
    from tests.conformance.pypi_scenes import Scene

WHEN_KEYS = {
    *("method", "host", "path", "preset", "set", "unset", "file", "accept", "auth", "query", "raw", "json", "headers"),
}
_WHITE = re.compile(r"<[a-z][^<>]*>")


def made(scene: Scene) -> Request:
    """Make a row's request.

    Raises:
        CannotExpress: it says something that the runner does not understand.
    """
    when = known("when", scene.row.when, WHEN_KEYS)
    method, path, host = when.get("method", "POST" if "preset" in when else "GET"), when.get("path"), when.get("host")
    if not isinstance(method, str) or not isinstance(path, str) or not path.startswith("/"):
        raise CannotExpress(f"when: {method!r} {path!r}")
    if host is not None and host not in HOSTS:
        raise CannotExpress(f"when.host = {host!r}")
    headers = [*_accept(when.get("accept", "*/*")), *_auth(scene, when)]
    for name, value in known("when.headers", when.get("headers", {}), _Anything()).items():
        headers.append((name, _plain(value, f"when.headers.{name}")))
    body, content_type = _body(scene, when)
    if content_type:
        headers.append(("Content-Type", content_type))
    query = _plain(when.get("query", ""), "when.query")
    target = _path(scene, path)
    return Request(method, target + (f"{'&' if '?' in target else '?'}{query}" if query else ""), tuple(headers), body)


def upload(parcel: Parcel, credential: Credential | None, more: Mapping[str, Any]) -> Request:
    """Make an upload of what is right, with some fields more."""
    fields = pypi_forms.filled(pypi_forms.preset(parcel), more, (), parcel)
    body, content_type = pypi_forms.encoded(fields)
    headers = [("Accept", "*/*"), ("Content-Type", content_type)]
    if credential is not None:
        headers.append(("Authorization", basic(credential.username, credential.secret)))
    return Request("POST", "/legacy/", tuple(headers), body)


def basic(username: str, password: str) -> str:
    """Return what shows a name and a password."""
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


class _Anything:
    def __contains__(self, key: object) -> bool:
        return True


def _plain(value: object, where: str) -> str:
    """Return a text that stands for itself."""
    if not isinstance(value, str) or _WHITE.search(value):
        raise CannotExpress(f"{where} = {value!r}")
    return public(value)


def _accept(value: object) -> Iterator[tuple[str, str]]:
    if value is not None:
        yield "Accept", _plain(value, "when.accept")


def _auth(scene: Scene, when: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what shows who asks: an upload shows the token that the world speaks of, if it says nothing else."""
    mine = scene.credential
    if "auth" not in when:
        if "preset" in when and scene.told.token.kind == "garbled":
            yield "Authorization", "Basic garbage"
        elif "preset" in when and mine is not None:
            yield "Authorization", basic(mine.username, mine.secret)
        return
    if when["auth"] is None:
        return
    text = str(when["auth"])
    for pattern, write in AUTH.items():
        found = re.fullmatch(pattern, text, re.IGNORECASE)
        if found is not None:
            yield "Authorization", write(scene, found)
            return
    raise CannotExpress(f"when.auth = {text!r}")


def _secret(scene: Scene, word: str) -> str:
    """Return the token that a word stands for."""
    if word.lower() in {"<token>", "<valid token>", "<valid>", "pypi-...", "<account token>", "<api token>"}:
        mine = scene.credential
        if mine is None:
            raise CannotExpress(f"when.auth: {word!r} of a caller who has none")
        return mine.secret
    if word.lower() in {"<deleted>", "<revoked>", "<burned>", "<deleted token>"}:
        other = scene.world.user(scene.told.caller).api_token()
        scene.world.revoke(other)
        return other.secret
    if word.lower() in {"<unknown>", "<never issued>", "<garbage>", "<malformed>"}:
        return "pypi-" + "Unknown" * 14 if word.lower() in {"<unknown>", "<never issued>"} else "pypi-garbage"
    if re.fullmatch(r"<[^<>]*>", word):
        raise CannotExpress(f"when.auth: {word!r}")
    return word


AUTH: Mapping[str, Callable[[Scene, re.Match[str]], str]] = {
    r"basic (?P<user>[^:]*):(?P<word>.*)": lambda scene, found: basic(found["user"], _secret(scene, found["word"])),
    r"(?P<scheme>bearer|token) (?P<word>\S+|<[^<>]*>)": lambda scene, found: (
        f"{found['scheme'].capitalize()} {_secret(scene, found['word'])}"
    ),
    r"(?P<scheme>digest|negotiate|macaroon|basic) ?(?P<rest>.*)": lambda _, found: f"{found['scheme']} {found['rest']}",
    r"(?P<word>garbage|pypi-\S+)": lambda scene, found: _secret(scene, found["word"]),
}
"""Ways to show something."""


def _path(scene: Scene, path: str) -> str:
    """Return the path; one of a file with an ellipsis in it is that of the stored file of that name."""
    if "/.../" not in path and not _WHITE.search(path):
        return path
    filename = path.rpartition("/")[2]
    parcel = scene.stored.get(filename.removesuffix(".metadata"))
    if not path.startswith("/packages/") or parcel is None:
        raise CannotExpress(f"when.path = {path!r}")
    digest = parcel.digest("blake2_256")
    return f"/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{filename}"


def _body(scene: Scene, when: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return the body, and its content type."""
    if "json" in when:
        value = when["json"]
        if value in {"<not json>", "not json"}:
            return b"not json", "application/json"
        if _WHITE.search(json.dumps(value)):
            raise CannotExpress(f"when.json = {value!r}")
        return json.dumps(value).encode(), "application/json"
    if "preset" not in when and not {"set", "raw"} & set(when):
        return b"", ""
    parcel = scene.parcel
    fields = pypi_forms.filled(
        pypi_forms.preset(parcel) if parcel else [], when.get("set", {}), when.get("unset", []), parcel
    )
    return pypi_forms.raw(fields, when["raw"]) if "raw" in when else pypi_forms.encoded(fields)
