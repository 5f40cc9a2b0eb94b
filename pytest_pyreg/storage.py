"""Object storage beside a registry: where a download is sent to when the product keeps its files elsewhere.

Answers signed addresses as S3 does: the signature is checked, and how long it holds.  Another origin than the
registry's, so a client that sends its credentials along would be seen.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from pytest_pyreg.conditions import conditioned
from pytest_pyreg.exchanges import NOTES, Notes
from pytest_pyreg.refusals import Refused
from pytest_pyreg.render.replies import Reply
from pytest_pyreg.sending import respond

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from pytest_pyreg.blobs import BlobStore
    from pytest_pyreg.clock import Clock

EXPIRES_SECONDS = 600
"""How long an address holds: ten minutes, as products sign them."""
_STAMP = "%Y%m%dT%H%M%SZ"


class Storage:
    """A bucket.

    Args:
        blobs: its bytes.
        clock: whether an address still holds.
        key: signs the addresses.
    """

    def __init__(self, blobs: BlobStore, clock: Clock, key: bytes) -> None:
        self._blobs = blobs
        self._clock = clock
        self._key = key

    def path(self, digest: str) -> str:
        """Return the signed path of a blob."""
        stamp = self._clock.now().strftime(_STAMP)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(EXPIRES_SECONDS),
            "X-Amz-SignedHeaders": "host",
            "X-Amz-Signature": self._signature(digest, stamp),
        }
        return f"/packages/{digest[:2]}/{digest}?{urlencode(query)}"

    def _signature(self, digest: str, stamp: str) -> str:
        return hmac.new(self._key, f"{digest} {stamp}".encode(), hashlib.sha256).hexdigest()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI."""
        notes: Notes = environ.setdefault(NOTES, Notes())
        notes.action, notes.who = "storage", "a caller with a signed address"
        digest = environ["PATH_INFO"].rpartition("/")[2]
        query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        try:
            made = datetime.strptime(query.get("X-Amz-Date", ""), _STAMP).replace(tzinfo=timezone.utc)
        except ValueError:
            made = None
        signed = hmac.compare_digest(
            query.get("X-Amz-Signature", ""), self._signature(digest, query.get("X-Amz-Date", ""))
        )
        if made is None or not signed:
            reply = _error(403, "SignatureDoesNotMatch")
        elif self._clock.now() > made + timedelta(seconds=EXPIRES_SECONDS):
            reply = _error(403, "AccessDenied")
        else:
            try:
                blob = self._blobs.get(digest)
                headers = (("Content-Type", "application/octet-stream"), ("Accept-Ranges", "bytes"))
                reply = conditioned(Reply(200, headers, blob), environ)
            except KeyError:
                reply = _error(404, "NoSuchKey")
            except Refused:
                reply = _error(416, "InvalidRange")
        if isinstance(reply.body, bytes):
            notes.why = "the address is not signed, or too old, or its file is gone"
        return respond(reply, environ, start_response)


def _error(status: int, code: str) -> Reply:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code></Error>'
    return Reply(status, (("Content-Type", "application/xml"),), body.encode())
