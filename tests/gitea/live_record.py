"""Recorded exchanges: what a live server was asked and what it said, with its secrets and its names replaced."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.gitea.live_wire import Answer, Request

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "w000-"
"""What every name in a record begins with; any other prefix is as long, and so are the bodies."""
ROOT = "http://127.0.0.1:30000"
"""Where a recorded server is."""


class Exchange(NamedTuple):
    """A request and its answer."""

    request: Request
    answer: Answer


class Record(NamedTuple):
    """Exchanges with one server, in their order."""

    product: str
    """A flavour."""
    version: str
    """What the server says of itself."""
    date: str
    tokens: tuple[str, ...]
    """The keys of the tokens that there were."""
    renamed: bool
    exchanges: tuple[Exchange, ...]


def written(record: Record, prefix: str, url: str) -> str:
    """Return a record as JSON, one exchange to a line."""
    head = {key: value for key, value in record._asdict().items() if key != "exchanges"}
    lines = [json.dumps(_flat(one), ensure_ascii=False) for one in record.exchanges]
    text = json.dumps(head, ensure_ascii=False)[:-1] + ', "exchanges": [\n' + ",\n".join(lines) + "\n]}\n"
    return text.replace(prefix, PREFIX).replace(prefix.upper(), PREFIX.upper()).replace(url, ROOT)


def _flat(exchange: Exchange) -> dict[str, Any]:
    request, answer = exchange
    headers = [[name, value] for name, value in answer.headers if name != "Date"]
    return {
        "request": [request.method, request.target, [list(one) for one in request.headers], _text(request.body)],
        "answer": [answer.status, headers, _text(answer.body)],
    }


def read(path: Path) -> Record:
    """Read a record."""
    found = json.loads(path.read_text(encoding="utf-8"))
    exchanges = []
    for one in found.pop("exchanges"):
        (method, target, asked, sent), (status, said, body) = one["request"], one["answer"]
        request = Request(method, target, tuple((name, value) for name, value in asked), _bytes(sent))
        exchanges.append(Exchange(request, Answer(status, tuple((name, value) for name, value in said), _bytes(body))))
    return Record(**{**found, "tokens": tuple(found["tokens"]), "exchanges": tuple(exchanges)})


def _text(data: bytes) -> Any:  # noqa: ANN401 - JSON.
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _bytes(found: Any) -> bytes:  # noqa: ANN401 - JSON.
    return found.encode() if isinstance(found, str) else base64.b64decode(found["base64"])
