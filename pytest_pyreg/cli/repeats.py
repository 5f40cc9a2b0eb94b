"""Changes that are the same in many places, said once, so that they do not drown the others.

For people alone: a program gets every change in its place.  Knows nothing of what the changes are about.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_pyreg.flavours.describe import Plain

MANY = 3
"""In so many places a change is said once."""
_REPLY = re.compile(r"(?P<before>.*\b)?replies (?P<refusal>[A-Z_]+)(?P<after>.*)")


def folded(changes: Iterable[Plain]) -> list[Plain]:
    """Return the changes of one thing, those that are the same in many of its replies as one, where the first stood."""
    found: dict[str, list[Plain]] = defaultdict(list)
    for number, change in enumerate(changes):
        reply = _REPLY.fullmatch(change["what"])
        same = [reply["before"], reply["after"], change["from"], change["to"]] if reply else number
        found[json.dumps(same)].append(change)
    return [one for same in found.values() for one in (same if len(same) < MANY else [_joined(same)])]


def _joined(changes: list[Plain]) -> Plain:
    replies = [reply for change in changes if (reply := _REPLY.fullmatch(change["what"]))]
    before, after = replies[0]["before"] or "", replies[0]["after"].strip()
    names = ", ".join(reply["refusal"] for reply in replies)
    what = f"{before}{after} in {len(replies)} replies ({names})".strip()
    return {"what": what, "from": changes[0]["from"], "to": changes[0]["to"]}


def shared(told: Mapping[str, list[tuple[str, ...]]]) -> list[tuple[list[str], list[str]]]:
    """Return lines with the names that they hold for: first those of many names, then each name with what is its own.

    Args:
        told: the changes of each name, each of them its lines.
    """
    where: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, changes in told.items():
        for change in dict.fromkeys(changes):
            where[change].append(name)
    common: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for change, names in where.items():
        if len(names) >= MANY:
            common[tuple(names)].extend(change)
    own = [
        ([name], [line for change in changes if len(where[change]) < MANY for line in change])
        for name, changes in told.items()
    ]
    return [(list(names), lines) for names, lines in common.items()] + [(names, lines) for names, lines in own if lines]
