"""Parameters and pages of the REST API: Grape's validation, and GitLab's pagination headers.

lib/gitlab/pagination/offset_header_builder.rb (gitlabhq@8b573c94, @f61bb2a1), config/initializers/kaminari_config.rb;
lib/gitlab/pagination/cursor_based_keyset.rb and its neighbours for the one list that goes by cursor.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from pytest_pyreg.flavours.gitlab import checks
from pytest_pyreg.refusals import Problem, Refusal, Refused
from pytest_pyreg.render.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_pyreg.visit import Visit

DEFAULT_PER_PAGE = 20
MOST_PER_PAGE = 100
_BEYOND = 10**18  # What is longer finds nothing, and Python reads no number of any length.
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
_EVER = (0,)
_NEVER = (1000,)


@dataclass(frozen=True)
class Parameter:
    """A parameter of an address: its default, and what may stand there."""

    name: str
    default: str | None = None
    values: tuple[str, ...] = ()
    """Any text if empty."""
    boolean: bool = False
    number: bool = False
    within: tuple[int, int] | None = None
    """The least and the most that a number may be."""
    excluded: int | None = None
    segment: str = ""
    """Our name of the part of the path that it is; in the query if empty."""
    since: tuple[int, ...] = _EVER
    """The release that declared it; one that is not declared is ignored."""
    until: tuple[int, ...] = _NEVER
    """The release that no longer declared it like this."""


# lib/api/pagination_params.rb: `use :pagination`.
PAGE = Parameter("page", "1", number=True)
PER_PAGE = Parameter("per_page", str(DEFAULT_PER_PAGE), number=True, excluded=0)
PAGINATION = (PAGE, PER_PAGE)
PACKAGE_ID = Parameter("package_id", number=True, segment="release")
PACKAGE_FILE_ID = Parameter("package_file_id", number=True, segment="file")


def parameters(visit: Visit, declared: Sequence[Parameter]) -> dict[str, str]:
    """Return the parameters of a request, as Grape understands them, with their defaults.

    Raises:
        Refused: QUERY_INVALID; all problems are named together, in the order of declaration.
    """
    found: dict[str, str] = {}
    problems = []
    release = tuple(map(int, checks.world_of(visit).release.split(".")))
    for parameter in declared:
        if not parameter.since <= release < parameter.until:
            continue
        source = visit.names if parameter.segment else visit.query
        value = source.get(parameter.segment or parameter.name, parameter.default)
        if value is None:
            continue
        found[parameter.name], problem = _understood(parameter, value)
        if problem:
            problems.append(Problem(parameter.name, problem))
    if problems:
        raise Refused(Refusal.QUERY_INVALID, problems=tuple(problems))
    return found


def _understood(parameter: Parameter, value: str) -> tuple[str, str]:
    """Return what a value is read as, and what is wrong with it, if anything is."""
    if parameter.boolean:
        truth = _TRUTH.get(value.lower())
        return ("" if not value else str(truth).lower()), ("invalid" if truth is None else "")
    if parameter.number:
        found = number(value or parameter.default or "")
        return (value if found is None else str(found)), _wrong(parameter, found)
    return value, ("unknown" if parameter.values and value not in parameter.values else "")


def _wrong(parameter: Parameter, found: int | None) -> str:
    if found is None:
        return "invalid"
    if found == parameter.excluded:
        return "excluded"
    least, most = parameter.within or (found, found)
    return "" if least <= found <= most else "unknown"


def number(text: str) -> int | None:
    """Return the number that a text is; None if it is none."""
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        return None
    if len(text.lstrip("-+0")) > len(str(_BEYOND)):
        return -_BEYOND if text.startswith("-") else _BEYOND
    return int(text)


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
        f'<{_address(visit, {**chosen, "page": str(number), "per_page": str(per_page)})}>; rel="{name}"'
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


def by_cursor(
    visit: Visit, chosen: Mapping[str, str], rows: Sequence[int]
) -> tuple[list[int], tuple[tuple[str, str], ...]]:
    """Return the rows after a cursor, the greatest first, and where there are more the address of these.

    A cursor that cannot be read counts as none (inferred).
    """
    after = _cursor(chosen.get("cursor", ""))
    left = [row for row in sorted(rows, reverse=True) if after is None or row < after]
    count = int(chosen["per_page"])
    if len(left) <= count:
        return left, ()
    cursor = base64.urlsafe_b64encode(
        json.dumps({"id": str(left[count - 1]), "_kd": "n"}, separators=(",", ":")).encode()
    )
    address = _address(visit, {**chosen, "pagination": "keyset", "cursor": cursor.decode()})
    return left[:count], (("Link", f'<{address}>; rel="next"'),)


def _cursor(text: str) -> int | None:
    try:
        return number(str(json.loads(base64.urlsafe_b64decode(text))["id"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def listed(rows: Any, headers: Sequence[tuple[str, str]] = ()) -> Reply:  # noqa: ANN401 - whatever JSON can hold.
    """Return rows as JSON."""
    body = json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode()
    return Reply(200, (("Content-Type", "application/json"), *headers), body)


def _address(visit: Visit, chosen: Mapping[str, str]) -> str:
    """Return this request's address with other parameters; whatever else was sent is said again."""
    query = {**visit.query, **chosen, "id": visit.reference}
    path = visit.headers.get("RAW_URI", "").partition("?")[0]
    parts = urlsplit(visit.url)
    return f"{parts.scheme}://{parts.netloc}{path}?{urlencode(sorted(query.items()))}"


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
