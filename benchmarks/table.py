"""What the rows say: figures with their units, the marks, whether they are met, and the Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OURS = "ours"
PYPISERVER = "pypiserver"
HTTPSERVER = "pytest-httpserver"
NGINX = "nginx"
NOTHING = "a server that does nothing"
"""Reads what comes, drops it, and sends bytes that were ready: what the client and the interpreter leave to win."""
PEERS = (PYPISERVER, HTTPSERVER, NGINX)
"""Who has a column; any other contestant stands in the column "besides" with its name."""


@dataclass(frozen=True)
class Unit:
    """What a figure counts."""

    text: str
    scale: float = 1.0
    """The figure shown is the one measured times this."""
    rising: bool = False
    """Whether more is better."""

    def shown(self, figure: float) -> str:
        """Return the figure as people read it."""
        figure *= self.scale
        digits = 0 if abs(figure) >= 100 else 1 if abs(figure) >= 10 else 2
        return f"{figure:.{digits}f}{self.text}"


MILLISECONDS = Unit(" ms", 1000)
SECONDS = Unit(" s")
RATE = Unit("/s", rising=True)
SPEED = Unit(" MB/s", rising=True)
MEGABYTES = Unit(" MB")
COUNT = Unit("")


@dataclass(frozen=True)
class AtMost:
    """A mark on our own figure, in the unit that is measured."""

    limit: float

    def met(self, row: Row) -> bool | None:
        """Tell whether the row meets it; None if it has no figure."""
        ours = row.figures.get(OURS)
        return None if ours is None else ours <= self.limit


@dataclass(frozen=True)
class Times:
    """A mark on our figure against another's: at least so many times as good."""

    peer: str
    factor: float

    def met(self, row: Row) -> bool | None:
        """Tell whether the row meets it; None if there is nothing to compare with."""
        ratio = row.ratio(self.peer)
        return None if ratio is None else ratio >= self.factor


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    title: str
    unit: Unit
    figures: Mapping[str, float | None]
    """Contestant -> figure; None for one that is not there."""
    mark: str = ""
    """In words; empty for a figure that only helps to read the others."""
    demands: tuple[AtMost | Times, ...] = ()
    """The same as something to compare with."""

    def ratio(self, peer: str) -> float | None:
        """Return how many times as good as the peer's our figure is."""
        ours, theirs = self.figures.get(OURS), self.figures.get(peer)
        if not ours or not theirs:
            return None
        return ours / theirs if self.unit.rising else theirs / ours

    @property
    def verdict(self) -> str:
        """Whether the mark is met, as far as it can be told."""
        answers = [demand.met(self) for demand in self.demands]
        if not self.mark:
            return ""
        if False in answers:
            return "MISSED"
        if True not in answers:
            return "not judged"
        return "met" if None not in answers else "met, in part not judged"


@dataclass(frozen=True)
class Absent:
    """A line for a mark that nothing here can meet yet."""

    title: str
    mark: str


def markdown(rows: Iterable[Row | Absent]) -> str:
    """Return the table."""
    head = ("row", OURS, *PEERS, "besides", "times as good as", "mark", "")
    lines = [head, ("---",) * len(head), *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(row: Row | Absent) -> tuple[str, ...]:
    if isinstance(row, Absent):
        return (row.title, "not there yet", *["-"] * (len(PEERS) + 2), row.mark, "")
    others = [name for name in row.figures if name not in {OURS, *PEERS}]
    ratios = ((name, row.ratio(name)) for name in (*PEERS, *others))
    return (
        row.title,
        _figure(row, OURS),
        *(_figure(row, peer) for peer in PEERS),
        ", ".join(f"{name}: {_figure(row, name)}" for name in others) or "-",
        ", ".join(f"{name} {_times(ratio)}" for name, ratio in ratios if ratio is not None) or "-",
        row.mark or "-",
        row.verdict,
    )


def _figure(row: Row, name: str) -> str:
    if name not in row.figures:
        return "-"
    figure = row.figures[name]
    if figure is None:
        return "not installed" if name in PEERS else "not measured"
    return row.unit.shown(figure)


def _times(ratio: float) -> str:
    return f"{ratio:.0f}x" if ratio >= 20 else f"{ratio:.1f}x" if ratio >= 2 else f"{ratio:.2f}x"
