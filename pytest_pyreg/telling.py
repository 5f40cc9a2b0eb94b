"""A log as a person reads it in the report of a failed test: short lines, long lists folded, refusals marked."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_pyreg.exchanges import Exchange

ENDS = 15
"""Lines that are shown of a long list's beginning, and of its end."""
REFUSED = 10
"""Refused requests that are shown of what is left out between."""
WIDTH = 150
"""Characters of a line; addresses are shortened in the middle."""
_DIGEST = re.compile(r"[0-9a-f]{40,}|(?<=/)[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{60}")


@dataclass
class _Line:
    """A request, and how many more like it came one after the other."""

    first: Exchange
    times: int = 1

    def text(self) -> str:
        one = self.first
        answer = f"{one.status} {one.reason}".strip() if one.status else "no reply"
        rest = f" -> {answer}"
        if one.action == "upload" and one.filename:
            rest += f"  {one.filename}"
        if one.who:
            rest += f"  [{one.who}]"
        if self.times > 1:
            rest += f"  ({self.times} times in a row)"
        head = f"{_mark(one)}{one.number:>4} {one.method} "
        path = _middle(_DIGEST.sub(lambda found: f"{found[0][:8]}..", one.path), max(40, WIDTH - len(head) - len(rest)))
        line = _clean(f"{head}{path}{rest}")
        return f"{line}\n        because {_clean(one.why)}" if one.why else line


def told(exchanges: Iterable[Exchange], notes: Iterable[str] = ()) -> str:
    """Return a list of requests for a person.

    Args:
        exchanges: the requests.
        notes: what else happened, such as a handshake that failed; what happened several times is said once.
    """
    times = [f"{note}  ({count} times)" if count > 1 else note for note, count in Counter(notes).items()]
    return "\n".join([*_listed(_folded(exchanges)), *times]) or "no request came"


def _listed(lines: list[_Line]) -> list[str]:
    if len(lines) <= 2 * ENDS:
        return [line.text() for line in lines]
    first, between, last = lines[:ENDS], lines[ENDS:-ENDS], lines[-ENDS:]
    refused = [line for line in between if not line.first.granted]
    shown, left = refused[-REFUSED:], [line for line in between if line.first.granted] + refused[:-REFUSED]
    middle = [f"     ... {_left_out(left)}"] if left else []
    return [*(line.text() for line in (*first, *shown)), *middle, *(line.text() for line in last)]


def counted(exchanges: Sequence[Exchange], count: int) -> str:
    """Return how many requests there were.

    Args:
        exchanges: those that are known.
        count: how many came in all.
    """
    refused = sum(not one.granted for one in exchanges)
    forgotten = count - len(exchanges)
    more = f", refused: {refused}" if refused else ""
    return f"requests: {count}{more}" + (f" (the first {forgotten} are not kept)" if forgotten else "")


def _folded(exchanges: Iterable[Exchange]) -> list[_Line]:
    lines: list[_Line] = []
    for one in exchanges:
        if lines and _likeness(lines[-1].first) == _likeness(one):
            lines[-1].times += 1
        else:
            lines.append(_Line(one))
    return lines


def _likeness(one: Exchange) -> tuple[object, ...]:
    return one.method, one.path, one.status, one.reason, one.who, one.why, one.filename, one.refusal


def _left_out(lines: list[_Line]) -> str:
    kinds: Counter[str] = Counter()
    for line in lines:
        kind = line.first.action or line.first.method
        kinds[kind if line.first.granted else f"refused {kind}"] += line.times
    what = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    return f"left out here: {sum(kinds.values())} ({what}); registry.log has them all"


def _mark(one: Exchange) -> str:
    return " " if one.granted else "!"


def _middle(text: str, longest: int) -> str:
    """Shorten a text in its middle."""
    if len(text) <= longest:
        return text
    half = (longest - 3) // 2
    return f"{text[:half]}...{text[-half:]}"


def _clean(text: str) -> str:
    """Return a text as one line that does nothing to a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
