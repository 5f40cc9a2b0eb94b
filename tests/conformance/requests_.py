"""`when`: the request."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode

from packaging.utils import canonicalize_name
from urllib3.filepost import encode_multipart_formdata

from pytest_pyreg.flavours.hosts import FILES
from tests.conformance import words
from tests.conformance.cases import CannotExpress
from tests.conformance.scenes import CONTENT, of_group
from tests.conformance.stock import UPLOADED
from tests.conformance.wires import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.scenes import Scene

WHEN_KEYS = {"method", "path", "headers", "fields"}
GOOD_FORM = {"content": UPLOADED, "name": "sample-project", "version": "1.0.0", "requires_python": ""}
"""What an upload sends if the row leaves it open."""
PROJECT_FILE = "/api/v4/projects/:project/packages/pypi/files/:sha256/:file_name"
GROUP_FILE = "/api/v4/groups/:group/-/packages/pypi/files/:sha256/:file_name"


def made(scene: Scene) -> Request:
    """Make a row's request, and note what the answer may mention of it.

    Raises:
        CannotExpress: it says something that the runner does not understand.
    """
    when = scene.row.when
    for key, value in when.items():
        if key not in WHEN_KEYS:
            raise CannotExpress(f"when.{key} = {value!r}")
    name = _name(scene)
    path = _path(scene, str(when["path"]), name)
    headers, body = list(scene.headers), b""
    for header, value in (when.get("headers") or {}).items():
        headers.append((header, words.filled(str(value), _times(scene), f"when.headers.{header}")))
    method = when.get("method", "GET")
    upload = method == "POST" and path.endswith("/packages/pypi")
    if "fields" in when or upload:
        body, content_type = _form(scene, when.get("fields", GOOD_FORM))
        headers.append(("Content-Type", content_type))
    sent = re.search(r"/simple/([^/]+)/?$", path)
    name = unquote(sent[1]) if sent else name
    scene.words |= {"<package_name>": name, "<name as sent>": name}
    target = path + (f"{'&' if '?' in path else '?'}{urlencode(scene.query)}" if scene.query else "")
    return Request(method, target, tuple(headers), body)


def _name(scene: Scene) -> str:
    """Return the name by which the package is asked for: one under which the release finds it."""
    return scene.name if scene.registry.flavour.exact_names else canonicalize_name(scene.name)


def _path(scene: Scene, path: str, name: str) -> str:
    """Fill the path's placeholders."""
    urls = {
        "<file url>": GROUP_FILE if of_group(scene.row) else PROJECT_FILE,
        "<project file url>": PROJECT_FILE,
        "<group file url>": GROUP_FILE,
    }
    parts = {
        "id": scene.number,
        "project": scene.project.id,
        "group": scene.above.id,
        "url_encoded_full_path": scene.above.path if of_group(scene.row) else scene.project.path,
        "package_name": name,
        "sha256": scene.words["<hex>"],
        "file_name": scene.words["<file_name>"],
        "package_id": scene.release_number,
        "package_file_id": scene.file_number,
    }

    def part(found: re.Match[str]) -> str:
        if found[1] not in parts:
            raise CannotExpress(f"when.path has the unknown placeholder :{found[1]}")
        return "/" + quote(str(parts[found[1]]), safe="")

    path = re.sub(r"/:(\w+)", part, urls.get(path, path)).replace("{FILES}", FILES)
    if re.search(r"[<>{}]|/:", path):
        raise CannotExpress(f"when.path has an unknown placeholder: {path}")
    return path


def _times(scene: Scene) -> dict[str, str]:
    """Return the dates that a header can mention."""
    now, hour = scene.clock.now(), timedelta(hours=1)
    return {
        "<before updated_at>": format_datetime(now - hour, usegmt=True),
        "<updated_at>": format_datetime(now, usegmt=True),
        "<after updated_at>": format_datetime(now + hour, usegmt=True),
    }


def _form(scene: Scene, fields: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return an upload's body, and its content type."""
    size = scene.row.given.get("file_size")
    content = CONTENT if size is None else b"\0" * words.size(size)
    parts: list[tuple[str, Any]] = []
    for name, value in fields.items():
        if name == "content":
            parts.append((name, (str(value), content, "application/octet-stream")))
            continue
        for each in value if isinstance(value, list) else [value]:
            if each == "<file>":
                parts.append((name, (f"{name}.asc", b"a signature", "application/octet-stream")))
            elif isinstance(each, str) and not re.fullmatch(r"<[\w. ]+>", each):
                parts.append((name, words.text(each)))
            else:
                raise CannotExpress(f"when.fields.{name} = {each!r}")
    return encode_multipart_formdata(parts)
