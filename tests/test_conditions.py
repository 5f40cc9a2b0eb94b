"""Conditions and ranges are answered as Go's own file server answered them; its answers are kept as a fixture."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from pytest_pyreg.blobs import Blob
from pytest_pyreg.conditions import conditioned, kept_of
from pytest_pyreg.flavours import lookup
from pytest_pyreg.refusals import Refused
from pytest_pyreg.render.replies import Reply
from pytest_pyreg.sending import respond

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

RECORDED = json.loads((Path(__file__).parents[1] / "fixtures/measured/go-servecontent.json").read_text())
TEN = b"0123456789"
HEADERS = (
    ("Content-Type", "application/octet-stream"),
    ("Content-Disposition", "attachment"),
    ("Cache-Control", "private"),
    ("Last-Modified", "Tue, 02 Jan 2024 03:04:05 GMT"),
    ("Accept-Ranges", "bytes"),
)


@pytest.fixture(name="blob", params=["in memory", "on disk"])
def _blob(request: pytest.FixtureRequest, tmp_path: Path) -> Blob:
    digest = hashlib.sha256(TEN).hexdigest()
    if request.param == "in memory":
        return Blob(digest, len(TEN), TEN, None)
    path = tmp_path / "ten"
    path.write_bytes(TEN)
    return Blob(digest, len(TEN), None, path)


def answered(blob: Blob, method: str, asked: dict[str, str]) -> dict[str, Any]:
    """Return what our rules make of a request, in the words of the fixture."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        whole = Reply(200, HEADERS, blob)
        try:
            reply = conditioned(whole, environ)
        except Refused as refused:
            shape = lookup("gitea").replies[refused.refusal]
            reply = kept_of(whole, shape.filled(refused.facts))
        return respond(reply, environ, start_response)

    with Client(app).open("/f", method=method, headers=asked) as got:
        headers, body = dict(got.headers), got.get_data(as_text=True)
    if "boundary=" in headers.get("Content-Type", ""):
        kind, _, boundary = headers["Content-Type"].partition("boundary=")
        headers["Content-Type"], body = f"{kind}boundary=BOUNDARY", body.replace(boundary, "BOUNDARY")
    return {"status": got.status_code, "headers": headers, "body": body}


@pytest.mark.parametrize(
    "exchange", RECORDED["exchanges"], ids=lambda one: f"{one['method']} {one['asked']}".replace("::", ":")
)
def test_files_are_sent_as_go_sends_them(exchange: dict[str, Any], blob: Blob) -> None:
    """Status, headers and bytes are those of the real file server; lengths of refusals are its client's business."""
    expected = {key: exchange[key] for key in ("status", "headers", "body")}
    if exchange["method"] == "HEAD":  # It was recorded before the server drops it.
        expected["body"] = ""

    got = answered(blob, exchange["method"], exchange["asked"])

    if "Content-Length" not in expected["headers"]:
        got["headers"].pop("Content-Length", None)
    assert got == expected


def test_a_file_without_ranges_is_always_whole(blob: Blob) -> None:
    """A reply that does not say `Accept-Ranges` is left as it is, however it is asked for."""
    asked = {"HTTP_RANGE": "bytes=0-1", "HTTP_IF_MODIFIED_SINCE": HEADERS[3][1], "REQUEST_METHOD": "GET"}
    reply = Reply(200, HEADERS[:-1], blob)

    assert conditioned(reply, asked) is reply
    assert conditioned(Reply(200, HEADERS, blob), asked).status == 304
