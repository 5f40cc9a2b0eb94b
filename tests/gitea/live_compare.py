"""How two answers differ, once what must differ is taken out of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.gitea.live_explained import EXPLAINED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.gitea.live_wire import Answer, Request

# How a body is cut up on the wire, and when it was sent, is the server's; so is a date in the past of a request.
_FRAMING = {"date", "content-length", "transfer-encoding", "connection", "server", "keep-alive"}
_STAMPED = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
# Numbers of rows, times, and what the live world is given besides: pictures, addresses and second names of people.
_OWN_FIELDS = {"id", "login_name", "created_at", "updated_at", "created", "last_login", "avatar_url", "email"}
# The emulation's repositories hold no code, and tell less of themselves.
_REPOSITORY = ("id", "owner", "name", "full_name", "private", "html_url", "clone_url")
_NUMBER = re.compile(r"\b((?:uid|id|owner_id): )\d+")
_PART = re.compile(r"\b[0-9a-f]{60}\b")


class Plain(NamedTuple):
    """An answer without what must differ."""

    status: int
    headers: dict[str, tuple[str, ...]]
    body: str


class Difference(NamedTuple):
    """Where two answers differ."""

    part: str
    """`status`, `body` or `header X`."""
    live: str
    emulated: str


def plain(answer: Answer, url: str) -> Plain:
    """Take out of an answer what must differ; `url` is where its server is."""
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in answer.headers:
        if name.lower() not in _FRAMING:
            text = _PART.sub("{part}", _STAMPED.sub("{date}", value.replace(url, "{root}")))
            headers[name.lower()] = (*headers.get(name.lower(), ()), text)
    if "allow" in headers:  # chi names the methods in any order, each in a line of its own.
        headers["allow"] = tuple(sorted(", ".join(headers["allow"]).split(", ")))
    body = answer.body.decode("utf-8", "backslashreplace").replace(url, "{root}")
    if headers.get("content-type", ("",))[0].startswith("application/json"):
        body = _json(body)
    return Plain(answer.status, headers, _PART.sub("{part}", _NUMBER.sub(r"\1{number}", body)))


def _json(text: str) -> str:
    """Write JSON again, its own fields blanked; text that is none stays."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return json.dumps(_blanked(found), ensure_ascii=False) + ("\n" if text.endswith("\n") else "")


def _blanked(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold.
    if isinstance(value, dict):
        if "clone_url" in value:
            value = {key: each for key, each in value.items() if key in _REPOSITORY}
        return {key: "*" if key in _OWN_FIELDS else _blanked(each) for key, each in value.items()}
    return [_blanked(each) for each in value] if isinstance(value, list) else value


def differences(live: Plain, emulated: Plain) -> Iterator[Difference]:
    """Find where two answers differ."""
    if live.status != emulated.status:
        yield Difference("status", str(live.status), str(emulated.status))
    for name in sorted({*live.headers, *emulated.headers}):
        if live.headers.get(name) != emulated.headers.get(name):
            yield Difference(f"header {name}", _lines(live, name), _lines(emulated, name))
    if live.body != emulated.body:
        yield Difference("body", live.body, emulated.body)


def _lines(answer: Plain, name: str) -> str:
    return " / ".join(answer.headers.get(name, ("(not there)",)))


def explained(product: str, request: Request, live: Plain, difference: Difference) -> str:
    """Return why a difference is left, or nothing if nobody knows."""
    for one in EXPLAINED:
        if (
            re.fullmatch(one.product, product)
            and re.fullmatch(one.part, difference.part)
            and re.search(one.target, f"{request.method} {request.target}")
            and re.search(one.sent, f"{dict(request.headers).get('Authorization', '')} {request.target}")
            and live.status in (one.statuses or (live.status,))
            and re.fullmatch(one.live, difference.live, re.DOTALL)
        ):
            return one.why
    return ""
