"""What came of a rehearsal, as frozen plain data: verdicts, objections and requests, without any secret."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pytest_pyreg.exchanges import Exchange


AGAIN = "again"
"""The act that does what was done once more."""


class Outcome(Enum):
    """How one act went."""

    FINE = "ok"
    """As it should: also a stranger who is turned away, and a second upload whatever is said to it."""
    REFUSED = "refused"
    """The registry, or the client before it, says no where a yes is needed."""
    BROKEN = "broken"
    """What was installed does not work, or could not be installed although nobody refused it."""
    OPEN = "open"
    """Somebody got what they should not."""
    UNTOLD = "untold"
    """Nobody can tell from here: a dependency is missing, which was not to be installed."""
    SKIPPED = "-"
    """Not tried, because of what went wrong before, or because there is nothing to try."""

    @property
    def failed(self) -> bool:
        """Whether the release should not go out like this."""
        return self in {Outcome.REFUSED, Outcome.BROKEN, Outcome.OPEN}


@dataclass(frozen=True)
class Objection:
    """One thing that somebody has against an upload."""

    filename: str
    by: str
    """Who: `registry`, or a client that refuses before it has asked."""
    words: str
    """Their own."""
    status: int = 0
    """Of the reply; 0 if there was none."""
    reason: str = ""
    why: str = ""
    """Our explanation, which the real server keeps to itself; empty if the words say it."""
    refusal: str = ""
    """The name of the refusal."""
    rule: str = ""
    """The product's own rule, by our name for it."""
    advice: str = ""
    """What to do about it."""
    said: bool = True
    """Whether it would be said; else it stands behind one that is, and would be said next."""

    @property
    def answer(self) -> str:
        """Status and reason as they are in the reply; empty if there was none."""
        return f"{self.status} {self.reason}".strip() if self.status else ""


def merged(objections: Iterable[Objection]) -> list[tuple[tuple[str, ...], Objection]]:
    """Return each objection once, with the files that it is about; what is said before what stands behind it."""
    found: dict[Objection, list[str]] = {}
    for one in sorted(objections, key=lambda one: not one.said):
        found.setdefault(replace(one, filename=""), []).append(one.filename)
    return [(tuple(dict.fromkeys(filter(None, files))), one) for one, files in found.items()]


@dataclass(frozen=True)
class Verdict:
    """One act, and how it went."""

    act: str
    outcome: Outcome
    summary: str
    """In a few words."""
    objections: tuple[Objection, ...] = ()
    command: str = ""
    """What was run, for a shell; empty if nothing was."""
    output: str = ""
    """What it printed."""
    began: datetime | None = None
    seconds: float = 0.0
    exchanges: tuple[Exchange, ...] = ()
    """The requests that came meanwhile."""


@dataclass(frozen=True)
class Performance:
    """All acts with one flavour."""

    flavour: str
    verdicts: tuple[Verdict, ...]

    @property
    def failed(self) -> bool:
        """Whether the release should not go out to such a registry."""
        return any(verdict.outcome.failed for verdict in self.verdicts)


@dataclass(frozen=True)
class Rehearsal:
    """One release with every flavour."""

    project: str
    version: str
    files: tuple[tuple[str, int], ...]
    """Names and sizes in bytes."""
    remarks: tuple[str, ...]
    """What a reader should know of how this was done."""
    clients: tuple[str, ...]
    """Which clients at which versions."""
    began: datetime
    seconds: float
    performances: tuple[Performance, ...]

    @property
    def failed(self) -> bool:
        """Whether any flavour would not take the release."""
        return any(performance.failed for performance in self.performances)


@dataclass(frozen=True)
class Checked:
    """One file held against one flavour."""

    flavour: str
    filename: str
    answer: str
    """Status and reason of the reply; empty if the client would send nothing."""
    objections: tuple[Objection, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the file would be refused."""
        return bool(self.objections)
