"""How the public index says yes and no: one message in the body that the client's `Accept` asks for.

Pyramid's `httpexceptions` (2.1) as Warehouse uses them; section by section measured with WebOb 1.8.10.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from pytest_pyreg.render.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_pyreg.refusals import Problem

EXPLANATIONS = {
    400: "The server could not comply with the request since it is either malformed or otherwise incorrect.",
    403: "Access was denied to this resource.",
    404: "The resource could not be found.",
    405: "The method {method} is not allowed for this resource.",
    409: "There was a conflict when trying to complete your request.",
    410: "This resource is no longer available.  No forwarding address is given.",
    429: "The action could not be performed because there were too many requests by the client.",
    308: "The resource has been moved to {location}; you should be redirected automatically.",
}
_HTML = (
    "<html>\n <head>\n  <title>{title}</title>\n </head>\n <body>\n  <h1>{title}</h1>\n"
    "  {explanation}<br/><br/>\n{detail}\n\n\n </body>\n</html>"
)
"""The title is not escaped, the detail is."""


def said(
    status: int,
    message: str,
    accept: str,
    *,
    detail: bool = True,
    explanation: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
    reason: bool = False,
) -> Reply:
    """Return a message in the body that is asked for.

    Args:
        status: the number.
        message: what is said beside it; the standard words if empty.
        accept: the request's header, empty if there is none.
        detail: whether it is said in the body too.
        explanation: what the standard says of the status; the usual if None.
        headers: of the reply besides.
        reason: whether the status line has the message (before 2026), with question marks for what it cannot hold.
    """
    phrase = HTTPStatus(status).phrase
    title = f"{status} {message or phrase}"
    text = message if detail else ""
    explained = EXPLANATIONS.get(status, "") if explanation is None else explanation
    kind = _offered(accept)
    if kind == "text/html":
        shown = escape(text)
        body = _HTML.format(title=title, explanation=explained, detail=shown)
        content_type = "text/html; charset=UTF-8"
    elif kind == "application/json":
        told = {"message": f"{explained}\n\n\n{text}\n\n", "code": title, "title": phrase}
        body, content_type = json.dumps(told), "application/json"
    else:
        body, content_type = f"{title}\n\n{explained}\n\n\n{text}\n\n", "text/plain; charset=UTF-8"
    line = " ".join(message.encode("latin-1", "replace").decode("latin-1").split()) if reason else ""
    return Reply(status, (("Content-Type", content_type), *headers), body.encode(), line)


def _offered(accept: str) -> str:
    """Return what is acceptable of the two that there are; nothing stands for plain text."""
    if not accept:
        return ""
    return parse_accept_header(accept, MIMEAccept).best_match(("text/html", "application/json")) or ""


@dataclass(frozen=True)
class Said:
    """A reply that is a message, as `ReplyShape` is one with a body of its own."""

    status: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    by_where: Mapping[str, str] = field(default_factory=dict)
    """Other messages by the fact `where`."""

    def filled(self, facts: Mapping[str, object], problems: Iterable[Problem] = ()) -> Reply:
        """Return the reply with the facts in place: `accept` and `reason` say in which form, `beside` adds headers."""
        del problems
        message = self.by_where.get(str(facts.get("where")), self.message).format_map(facts)
        status = self.status or int(str(facts["status"]))
        headers = tuple((name, value.format_map(facts)) for name, value in self.headers.items())
        beside = facts.get("beside", ())
        headers += beside if isinstance(beside, tuple) else ()
        explanation = EXPLANATIONS.get(status, "").format_map({"method": "", "location": "", **facts})
        return said(
            status,
            message,
            str(facts.get("accept", "*/*")),
            detail=facts.get("detail") is not False,
            explanation=explanation,
            headers=headers,
            reason=bool(facts.get("reason")),
        )
