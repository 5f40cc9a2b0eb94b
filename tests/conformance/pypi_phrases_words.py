"""Words that phrases about the public index are made of: names, people, times."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from tests.conformance.pypi_told import SOMEONE_ELSE, Told

Phrase = Callable[[Told, re.Match[str]], None]
"""What a phrase adds to what is told."""
NOBODY = (
    r"(?:user|owner|the|a|an|token|it|its|account|caller|uploader|she|he|they|who|also|someone|somebody|project|release"
    r"|has|had|is|was|did|with|without|no|not|both|all|new|other|another|(?:new-)?uploads?|registration|file|index"
    r"|maintainer|organi[sz]ation|attestations?|provenance|PEP)\b"
)
WHO = (
    rf"(?:(?:the )?(?:user|account) )?(?P<who>(?!{NOBODY})[\w-]+|"
    r"(?:the |its |demo's )?(?:project |same |token )?(?:owner|user|caller|uploader|account)(?: of the token)?"
    r"|she|he|who|they|someone else|somebody else)"
)
_NO_NAME = (
    r"(?:is|was|has|of|exists?|the|an?|with|without|by|and|name|unknown|project|release|file|token|user|owner|sdist"
    r"|wheel|it|not|no|new|only|already|also|files|releases|exist|limit|total|both|all|index|filename)\b"
    r"|[0-9]+(?:\.[0-9]\w*)+|[\w.+!-]*\.(?:tar\.gz|whl|zip)\b"
)
"""Words of the phrases, versions, files."""
NAME = rf"(?P<name>(?!{_NO_NAME})[A-Za-z0-9][\w.-]*)"
"""A project's."""
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def who(found: re.Match[str]) -> str:
    """Return the name of whom a phrase speaks; nothing of who calls."""
    name = found.groupdict().get("who") or ""
    if name.lower() in {"someone else", "somebody else"}:
        return SOMEONE_ELSE
    return "" if " " in name or re.fullmatch(NOBODY[:-2], name, re.IGNORECASE) else name


def span(found: re.Match[str]) -> timedelta:
    """Return how long a time is."""
    return timedelta(**{UNITS[found["unit"][0].lower()]: int(found["count"])})


AGE = (
    r"(?:is |was )?(?:created |uploaded |minted )?(?P<more>older than |more than )?"
    r"(?P<less>(?:just |a little )?(?:under|younger than) |less than |almost |nearly )?"
    r"(?:exactly )?(?P<count>[0-9]+) ?(?P<unit>s|seconds?|min|minutes?|h|hours?|days?|weeks?)"
    r"(?: and (?P<seconds>[0-9]+) ?(?:s|seconds?))?(?: old| ago| earlier)?"
)


def aged(found: re.Match[str]) -> timedelta:
    """Return how old something is: a second more, or less, where that is what is said."""
    second = timedelta(seconds=1)
    more = timedelta(seconds=int(found["seconds"] or 0))
    return span(found) + more + (second if found["more"] else timedelta()) - (second if found["less"] else timedelta())


def nothing(_: Told, __: re.Match[str]) -> None:
    """Say nothing that is not so anyway."""
