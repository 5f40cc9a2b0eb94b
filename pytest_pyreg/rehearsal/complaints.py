"""What a program said when it failed, out of all that it printed, and what to do about it, as data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

_RAISED = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning|NotFound|Invalid\w*)(?::.*)?$")
"""The line of a traceback that names the exception: it is not indented."""
_TRACEBACK = "Traceback (most recent call last)"
_MISSING = re.compile(
    r"^(?:ModuleNotFoundError: No module named|.*PackageNotFoundError: .* for) '?([\w.-]+)'?", re.MULTILINE
)
_LAST_LINES = 8
"""Lines of a message that are taken: some have a list in them."""

WHEEL = "look into the wheel: is all of it packed?"
ADVICE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (r"^FileNotFoundError|^NotADirectoryError", WHEEL),
        (r"^KeyError", "perhaps it reads an environment variable at import: here there is none but the usual ones"),
        (
            r"^EOFError|Inappropriate ioctl",
            "it asks, and nobody is there to answer: let it do without a terminal",
        ),
        (
            r"^ImportError: cannot import name|^AttributeError: module .* has no attribute",
            "is the name still there? if a command fails of it, mend its entry in `[project.scripts]`",
        ),
    )
)
"""By the words of the exception; the first that fits counts."""
OTHERWISE = "all that it printed is in the report that --html or --json writes"


def complaint(printed: str) -> str:
    """Return the message of the last exception in an output, with the lines that belong to it; else its last line."""
    lines = [line.rstrip() for line in printed.splitlines()]
    starts = [number for number, line in enumerate(lines) if _RAISED.match(line)]
    if starts and _TRACEBACK in printed:
        told: list[str] = []
        for line in lines[starts[-1] :][:_LAST_LINES]:
            if told and (not line.strip() or line.startswith("ERROR ")):
                break
            told.append(line.strip())
        return " ".join(told)
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def missing(printed: str) -> list[str]:
    """Return the top-level modules, or distributions, that any exception of an output says are not there."""
    return list(dict.fromkeys(name.partition(".")[0] for name in _MISSING.findall(printed)))


def advised(words: str, lacking: Iterable[str], own: AbstractSet[str]) -> str:
    """Return what to do about an exception.

    Args:
        words: its message.
        lacking: modules that it says are not there.
        own: the top-level modules of the release.
    """
    if not own.isdisjoint(lacking):
        return WHEEL
    return next((advice for pattern, advice in ADVICE if pattern.search(words)), OTHERWISE)
