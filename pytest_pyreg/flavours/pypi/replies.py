"""How the public index says no, refusal by refusal."""

from __future__ import annotations

from pytest_pyreg.flavours.pypi.bodies import Said
from pytest_pyreg.refusals import Refusal
from pytest_pyreg.render.replies import TROUBLED, ReplyShape, Shape

NOT_FOUND = ReplyShape(404, text="404 Not Found", content_type="text/plain; charset=UTF-8")
_BAD_FORM = Said(400, "Invalid Form Data.")

# What this index never says, since its steps never ask: a law wants a reply for every refusal.
_NEVER: dict[Refusal, Shape] = {
    refusal: Said(400, "")
    for refusal in Refusal
    if refusal
    not in {
        *TROUBLED,
        *(Refusal.ROUTE_UNKNOWN, Refusal.METHOD_NOT_ALLOWED, Refusal.PATH_INVALID, Refusal.PROJECT_UNKNOWN),
        *(Refusal.RELEASE_ABSENT, Refusal.FILE_UNKNOWN, Refusal.RULE_BROKEN, Refusal.TEXT_MALFORMED),
    }
}

REPLIES: dict[Refusal, Shape] = {
    **_NEVER,
    **dict.fromkeys(
        (
            *(Refusal.BODY_MALFORMED, Refusal.BODY_BROKEN_OFF, Refusal.FORM_TOO_LARGE, Refusal.FILE_REPEATED),
            *(Refusal.FILES_TOO_MANY, Refusal.FILENAME_ILLEGAL),
        ),
        _BAD_FORM,
    ),
    # Session, basic auth and macaroons are asked who it is, and leave their marks (warehouse/sessions.py and beside).
    Refusal.RULE_BROKEN: Said(0, "{words}", headers={"Vary": "Cookie, Authorization"}),
    # warehouse/sanity.py@6b621571.
    Refusal.TEXT_MALFORMED: Said(
        400,
        "Invalid Form Data.",
        by_where={"query string": "Invalid bytes in query string.", "URL": "Invalid bytes in URL."},
    ),
    Refusal.ROUTE_UNKNOWN: NOT_FOUND,
    Refusal.PATH_INVALID: NOT_FOUND,
    Refusal.PROJECT_UNKNOWN: NOT_FOUND,
    Refusal.RELEASE_ABSENT: NOT_FOUND,
    Refusal.FILE_UNKNOWN: NOT_FOUND,
    Refusal.METHOD_NOT_ALLOWED: Said(405, "", headers={"Allow": "{allowed}"}),
}
