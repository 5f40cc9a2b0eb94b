"""`when`: the request of a row about Gitea."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from urllib3.filepost import encode_multipart_formdata

from tests.conformance import words
from tests.conformance.cases import CannotExpress
from tests.conformance.gitea_scenes import known
from tests.conformance.wires import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.gitea_scenes import Scene
    from tests.conformance.wires import Wire

WHEN_KEYS = {"method", "path", "headers", "fields"}
_DIGEST = re.compile(r"<(?P<kind>md5|sha1|sha256|sha512) of '(?P<text>[^']*)'>")
_PREVIOUS = re.compile(r"<(?:the )?(?P<header>[A-Z][\w-]+) value of (?:a|the) previous (?P<status>[0-9]{3})>")


def made(scene: Scene, wire: Wire) -> Request:
    """Make a row's request; one that repeats what an earlier answer said sends the earlier one first.

    Raises:
        CannotExpress: it says something that the runner does not understand.
    """
    when = known("when", scene.row.when, WHEN_KEYS)
    method, path, fields = when.get("method", "GET"), when.get("path"), when.get("fields") or {}
    if not isinstance(method, str) or not isinstance(path, str) or not path.startswith("/"):
        raise CannotExpress(f"when: {method!r} {path!r}")
    target = path + (f"{'&' if '?' in path else '?'}{urlencode(scene.query)}" if scene.query else "")
    if not isinstance(fields, dict):
        raise CannotExpress(f"when.fields = {fields!r}")
    headers, body, content_type = list(scene.headers), b"", ""
    if set(fields) == {"raw_body"}:
        body = str(fields["raw_body"]).encode()
    elif fields:
        body, content_type = _form(fields)
    asked = when.get("headers") or {}
    if not isinstance(asked, dict):
        raise CannotExpress(f"when.headers = {asked!r}")
    for name, value in asked.items():
        found = _PREVIOUS.fullmatch(str(value))
        said = _previous(scene, wire, Request(method, target, tuple(headers), body), found) if found else None
        values = value if isinstance(value, list) else [value if said is None else said]
        headers += [(name, _text(str(each), f"when.headers.{name}")) for each in values]
    if content_type and "content-type" not in {name.lower() for name, _ in headers}:
        headers.append(("Content-Type", content_type))
    return Request(method, target, tuple(headers), body)


def _previous(scene: Scene, wire: Wire, request: Request, found: re.Match[str]) -> str:
    answer = wire(scene.registry, request)
    values = answer.values(found["header"])
    assert answer.status == int(found["status"]), f"status {answer.status} of the request before"
    assert len(values) == 1, f"{found['header']}: {values} of the request before"
    return values[0]


def _text(value: str, where: str) -> str:
    """Return a text with what it stands for, if that is something else.

    Raises:
        CannotExpress: it looks like a description of something that the runner does not know.
    """
    found = _DIGEST.fullmatch(value)
    if found is not None:
        return hashlib.new(found["kind"], found["text"].encode()).hexdigest()
    if re.fullmatch(r"<[A-Za-z][\w-]*(?: [^<>]+)>", value):
        raise CannotExpress(f"{where} has the unknown placeholder {value}")
    return words.text(value)


def _form(fields: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return an upload's body, and its content type."""
    parts: list[tuple[str, Any]] = []
    for name, value in fields.items():
        for each in value if isinstance(value, list) else [value]:
            where = f"when.fields.{name}"
            if isinstance(each, dict):
                known(where, each, {"filename", "data", "content_type"})
                if "filename" not in each:
                    raise CannotExpress(f"{where} = {each!r} has no filename")
                data = _text(str(each.get("data", "")), where).encode()
                parts.append((name, (each["filename"], data, each.get("content_type", "application/octet-stream"))))
            elif isinstance(each, (str, int)):
                parts.append((name, _text(str(each), where)))
            else:
                raise CannotExpress(f"{where} = {each!r}")
    return encode_multipart_formdata(parts)
