"""Parameters and pages of the REST API: Grape's validation, and GitLab's pagination headers.

lib/gitlab/pagination/offset_header_builder.rb (gitlabhq@8b573c94, @f61bb2a1), config/initializers/kaminari_config.rb.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from pytest_pyreg.refusals import Problem, Refusal, Refused
from pytest_pyreg.render.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_pyreg.steps import Visit

DEFAULT_PER_PAGE = 20
MOST_PER_PAGE = 100
_TRUTH = {
    "true": True,
    "1": True,
    "t": True,
    "on": True,
    "false": False,
    "0": False,
    "f": False,
    "off": False,
    "": False,
}


@dataclass(frozen=True)
class Parameter:
    """A parameter of an address: its default, and what may stand there."""

    name: str
    default: str | None = None
    values: tuple[str, ...] = ()
    """Any text if empty."""
    boolean: bool = False


def parameters(visit: Visit, declared: Sequence[Parameter]) -> dict[str, str]:
    """Return the parameters of a request with their defaults.

    Raises:
        Refused: QUERY_INVALID; all problems are named together.
    """
    found: dict[str, str] = {}
    problems = []
    for parameter in declared:
        value = visit.query.get(parameter.name, parameter.default)
        if value is None:
            continue
        if parameter.boolean and value.lower() not in _TRUTH:
            problems.append(Problem(parameter.name, "invalid"))
        if parameter.values and value not in parameter.values:
            problems.append(Problem(parameter.name, "unknown"))
        found[parameter.name] = value
    for name, default in (("page", 1), ("per_page", DEFAULT_PER_PAGE)):
        value = visit.query.get(name, str(default))
        if not re.fullmatch(r"[-+]?[0-9]+", value):
            problems.append(Problem(name, "invalid"))
        elif name == "per_page" and int(value) == 0:
            problems.append(Problem(name, "excluded"))
        found[name] = value
    if problems:
        raise Refused(Refusal.QUERY_INVALID, problems=tuple(problems))
    return found


def flag(value: str | None) -> bool:
    """Return what a boolean parameter says."""
    return _TRUTH.get((value or "").lower(), False)


def paged(
    visit: Visit, chosen: Mapping[str, str], rows: Sequence[Any]
) -> tuple[list[Any], tuple[tuple[str, str], ...]]:
    """Return one page of rows, and the headers that tell of the others."""
    per_page = min(int(chosen["per_page"]), MOST_PER_PAGE)
    per_page = per_page if per_page > 0 else DEFAULT_PER_PAGE
    page = max(1, int(chosen["page"]))
    last = max(1, -(-len(rows) // per_page))
    inside = page <= last
    after, before = (page + 1 if page < last else None), (page - 1 if inside and page > 1 else None)
    links = [
        f'<{_address(visit, chosen, number, per_page)}>; rel="{name}"'
        for name, number in (("prev", before), ("next", after), ("first", 1), ("last", last))
        if number is not None
    ]
    headers = (
        ("X-Per-Page", str(per_page)),
        ("X-Page", str(page)),
        ("X-Next-Page", _text(after)),
        ("X-Prev-Page", _text(before)),
        ("Link", ", ".join(links)),
        ("X-Total", str(len(rows))),
        ("X-Total-Pages", str(last)),
    )
    return list(rows[(page - 1) * per_page : page * per_page]), headers


def listed(rows: Any, headers: Sequence[tuple[str, str]] = ()) -> Reply:  # noqa: ANN401 - whatever JSON can hold.
    """Return rows as JSON."""
    body = json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode()
    return Reply(200, (("Content-Type", "application/json"), *headers), body)


def _address(visit: Visit, chosen: Mapping[str, str], page: int, per_page: int) -> str:
    query = {**visit.names, **chosen, "id": visit.reference, "page": str(page), "per_page": str(per_page)}
    path = visit.headers.get("RAW_URI", "").partition("?")[0]
    parts = urlsplit(visit.url)
    return f"{parts.scheme}://{parts.netloc}{path}?{urlencode(sorted(query.items()))}"


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
