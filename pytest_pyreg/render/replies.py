"""Replies: the shape in which a product says something, as data, and what becomes of it with the facts filled in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from pytest_pyreg.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_pyreg.blobs import Blob
    from pytest_pyreg.refusals import Problem


# RFC 9110's words, where Python's own changed with 3.13.
PHRASES = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes | Blob
    reason: str = ""
    """The words after the status number; the standard ones if empty."""
    parts: tuple[tuple[int, int], ...] = ()
    """The parts of the body to send, each from and to; the whole if there is none."""

    @property
    def bounds(self) -> tuple[int, int]:
        """The bytes of the body to send, from and to, if they are one part."""
        if self.parts:
            return self.parts[0]
        return 0, len(self.body) if isinstance(self.body, bytes) else self.body.size

    def header(self, name: str) -> str | None:
        """Return the value of a header, named as it was set; None if it is not there."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def status_line(self) -> str:
        """Status and reason phrase, as WSGI wants them."""
        return f"{self.status} {self.reason or PHRASES.get(self.status) or HTTPStatus(self.status).phrase}"


class Shape(Protocol):
    """How a product says one thing."""

    @property
    def status(self) -> int:
        """The status number."""
        ...

    def filled(self, facts: Mapping[str, object], problems: Iterable[Problem] = ()) -> Reply:
        """Return the reply with the facts in place."""
        ...


@dataclass(frozen=True)
class ReplyShape:
    """How a product says one thing: fixed bytes with places for facts, written `{like_this}`.

    Exactly one of `json` and `text` gives the body.
    """

    status: int
    json: Mapping[str, str] | None = None
    text: str | None = None
    content_type: str = "application/json"
    """With places for facts too."""
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    """Kind of problem -> the words for it, with `{field}` for the field; the fact `{problems}` is made of these.

    A kind without words is said as the problem says itself.
    """
    field_names: Mapping[str, str] = field(default_factory=dict)
    """Our name of a field -> the name that the product's words use."""

    def filled(self, facts: Mapping[str, object], problems: Iterable[Problem] = ()) -> Reply:
        """Return the reply with the facts in place."""
        named = {
            **facts,
            "problems": ", ".join(map(self._problem, problems)),
            "field": self._named(str(facts.get("field", ""))),
        }
        if self.json is not None:
            filled = {key: value.format_map(named) for key, value in self.json.items()}
            body = json.dumps(filled, separators=(",", ":"), ensure_ascii=False)
        else:
            body = (self.text or "").format_map(named)
        headers = (
            ("Content-Type", self.content_type.format_map(named)),
            *((name, value.format_map(named)) for name, value in self.headers.items()),
        )
        return Reply(self.status, headers, body.encode(), self.reason.format_map(named))

    def _problem(self, problem: Problem) -> str:
        words = self.problems.get(problem.kind, "{field} is " + problem.kind)
        return words.format(field=self._named(problem.field), limit=problem.limit)

    def _named(self, name: str) -> str:
        return self.field_names.get(name, name)


TROUBLED: Mapping[Refusal, Shape] = {
    refusal: ReplyShape(
        status, text="pytest-pyreg: {explanation}\n", content_type="text/plain; charset=utf-8", reason=reason
    )
    for refusal, status, reason in (
        (Refusal.SOURCE_FAILED, 502, "Cannot Be Recorded"),
        # As of a cache that may not ask anybody (RFC 9111, 5.2.1.7).
        (Refusal.NOT_RECORDED, 504, "Not Recorded"),
        (Refusal.RECORDING_BROKEN, 502, "Recording Broken"),
        (Refusal.NOT_KEPT, 500, "Cannot Be Kept"),
    )
}
"""How this emulator says what no product says ; clients show the words behind the number."""
