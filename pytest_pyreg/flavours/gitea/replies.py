"""How Gitea and Forgejo say no: three styles of bodies, and the words of every refusal.

E1 is what the package handlers write (routers/api/packages/helper/helper.go), E2 is Go's `http.Error`, E3 is the REST
API's JSON.
"""

from __future__ import annotations

from pytest_pyreg.refusals import Refusal
from pytest_pyreg.render.replies import ReplyShape

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Gitea Package API"'}
_NOSNIFF = {"X-Content-Type-Options": "nosniff"}


def plain(status: int, text: str, **headers: str) -> ReplyShape:
    """Return what a handler writes (E1): no blank in the content type, no line end."""
    return ReplyShape(
        status,
        text=text,
        content_type="text/plain;charset=utf-8",
        headers={**_NOSNIFF, **{name.replace("_", "-"): value for name, value in headers.items()}},
    )


def bare(status: int, text: str) -> ReplyShape:
    """Return what a handler of 1.17 writes: the status goes first, so its headers are lost, and Go guesses the type."""
    return ReplyShape(status, text=text, content_type="text/plain; charset=utf-8" if text else "")


def error(status: int, text: str, **headers: str) -> ReplyShape:
    """Return what `http.Error` makes (E2)."""
    return ReplyShape(
        status,
        text=f"{text}\n",
        content_type="text/plain; charset=utf-8",
        headers={**_NOSNIFF, **{name.replace("_", "-"): value for name, value in headers.items()}},
    )


def api(status: int, text: str) -> ReplyShape:
    """Return what the REST API says (E3), as Go writes JSON: with a line end."""
    return ReplyShape(
        status,
        text=f'{{{{"message":"{text}","url":"{{root}}/api/swagger"}}}}\n',
        content_type="application/json;charset=utf-8",
        headers=_NOSNIFF,
    )


DENIED = ReplyShape(
    401,
    text="reqPackageAccess\n",
    content_type="text/plain; charset=utf-8",
    headers={**_NOSNIFF, **CHALLENGE},
)
_ABSENT = "package does not exist"

# What these products never say, since their steps never ask: a law wants a reply for every refusal.
_NEVER = (
    *(Refusal.JOB_LIMITED, Refusal.JOB_NOT_ALLOWED, Refusal.DELETE_PROTECTED, Refusal.PROTECTED),
    *(Refusal.POLICY_VIOLATED, Refusal.DIGEST_REQUIRED, Refusal.CHANGED_SINCE, Refusal.ACCOUNT_UNUSABLE),
    *(Refusal.TOKEN_EXPIRED, Refusal.TOKEN_REVOKED, Refusal.NAMESPACE_INVALID, Refusal.RATE_LIMITED),
    *(Refusal.RELEASE_UNKNOWN, Refusal.STORED_FILE_UNKNOWN, Refusal.QUERY_INVALID),
    Refusal.RULE_BROKEN,
)

REPLIES = {
    **dict.fromkeys(_NEVER, plain(400, "")),
    # chi: no route, and no such method on one.
    Refusal.ROUTE_UNKNOWN: error(404, "404 page not found"),
    Refusal.METHOD_NOT_ALLOWED: ReplyShape(405, text="", content_type="", headers={"Allow": "{allowed}"}),
    # The web pages answer then, to every method (measured in all five; their cookies and Cache-Control are left out).
    Refusal.REGISTRY_OFF: plain(404, "Not found.\n", X_Frame_Options="SAMEORIGIN"),
    Refusal.PATH_INVALID: error(404, "404 page not found"),
    Refusal.TEXT_MALFORMED: error(400, "400 Bad Request"),  # Unverified.
    Refusal.NAMESPACE_UNKNOWN: ReplyShape(
        404, text="{words}", content_type="{words_type}", headers={"X-Content-Type-Options": "{nosniff}"}
    ),
    Refusal.PAGE_FAILS: error(500, "Internal Server Error"),  # To 1.20.
    # Go's `http.Redirect`: words for who reads, and only for GET and HEAD.
    Refusal.NAMESPACE_MOVED: ReplyShape(
        307, text="{anchor}", content_type="{anchor_type}", headers={"Location": "{location}"}
    ),
    Refusal.CREDENTIAL_UNKNOWN: error(401, "authGroup.Verify"),
    Refusal.UNAUTHENTICATED: DENIED,
    Refusal.FORBIDDEN: DENIED,
    Refusal.HIDDEN: DENIED,
    Refusal.SCOPE_INSUFFICIENT: DENIED,
    Refusal.TOKEN_PUBLIC_ONLY: error(403, "reqToken"),
    Refusal.QUOTA_EXCEEDED: error(413, "enforcePackagesQuota"),
    # The form, as Go's mime/multipart says it.
    Refusal.FORM_EXPECTED: plain(400, "{words}"),
    Refusal.BODY_MALFORMED: plain(400, "multipart: NextPart: EOF"),
    Refusal.BODY_BROKEN_OFF: plain(400, "unexpected EOF"),
    Refusal.FORM_TOO_LARGE: plain(400, "multipart: message too large"),
    Refusal.FILE_REPEATED: plain(400, "http: no such file"),
    Refusal.FILES_TOO_MANY: plain(400, "multipart: message too large"),
    Refusal.FILENAME_ILLEGAL: plain(400, "http: no such file"),
    Refusal.FIELDS_INVALID: plain(400, "http: no such file"),
    Refusal.DIGEST_MISMATCH: plain(400, "hash mismatch"),
    Refusal.RELEASE_INVALID: plain(400, "invalid name or version"),
    Refusal.VERSION_UNREADABLE: ReplyShape(500, text="", content_type=""),
    Refusal.COUNT_LIMIT: plain(403, "maximum allowed package count exceeded"),
    Refusal.FILE_TOO_LARGE: plain(403, "maximum allowed package type size exceeded"),
    Refusal.OWNER_SIZE_LIMIT: plain(403, "maximum allowed package storage quota exceeded"),
    Refusal.FILE_EXISTS: plain(409, "package file already exists"),
    # Reading.
    Refusal.PROJECT_UNKNOWN: plain(404, ""),
    Refusal.RELEASE_ABSENT: plain(404, _ABSENT),
    Refusal.FILE_UNKNOWN: plain(404, "package file does not exist"),
    Refusal.RANGE_INVALID: error(416, "invalid range"),
    Refusal.RANGE_UNSATISFIABLE: error(416, "invalid range: failed to overlap", Content_Range="bytes */{size}"),
}

# models/packages/package.go and package_file.go, v1.17.3 and v1.18.0-0; other words in v1.19.4-0.
_EARLY = {
    Refusal.FILE_EXISTS: (400, "Package file does exist already"),
    Refusal.RELEASE_ABSENT: (404, "Package does not exist"),
    Refusal.FILE_UNKNOWN: (404, "Package file does not exist"),
}
OF_1_18 = {refusal: plain(status, words) for refusal, (status, words) in _EARLY.items()}
"""What 1.18 says in other words than later releases."""
OF_1_17 = {
    refusal: bare(shape.status, shape.text or "")
    for refusal, shape in REPLIES.items()
    if shape.content_type == "text/plain;charset=utf-8"
} | {
    Refusal.METHOD_NOT_ALLOWED: ReplyShape(405, text="", content_type=""),
    Refusal.NAMESPACE_UNKNOWN: ReplyShape(404, text="{words}", content_type="text/plain; charset=utf-8"),
    **{refusal: bare(status, words) for refusal, (status, words) in _EARLY.items()},
}
"""How 1.17 says it: the headers of its handlers are lost."""
