"""The requests of a rehearsal along the time: a lane for each flavour, a bar for each act, a tick for each request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.rehearsal.verdicts import AGAIN, Outcome
from pytest_pyreg.rehearsal.visible import escaped as escape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pytest_pyreg.exchanges import Exchange
    from pytest_pyreg.rehearsal.verdicts import Performance, Rehearsal, Verdict

LOOKS = {
    Outcome.FINE: "good",
    Outcome.REFUSED: "bad",
    Outcome.BROKEN: "bad",
    Outcome.OPEN: "bad",
    Outcome.UNTOLD: "open",
    Outcome.SKIPPED: "none",
}
"""The class of each outcome in the page's style."""


def look(verdict: Verdict) -> str:
    """Return the class of a verdict: a job that fails if it runs again is worth a look, though nothing is wrong."""
    return (
        "open" if verdict.act == AGAIN and verdict.objections and not verdict.outcome.failed else LOOKS[verdict.outcome]
    )


_MARKS = 5
_ERROR = 400
_NAMED = 12
"""A bar has its name in it if it is longer than this part of the scale."""


def timeline(rehearsal: Rehearsal) -> Iterator[str]:
    """Return the lanes as HTML; all of them begin at zero, and share one scale."""
    longest = max((_length(one) for one in rehearsal.performances), default=0.0) or 1.0
    for performance in rehearsal.performances:
        began = _begin(performance)
        yield f'<div class="lane"><b>{escape(performance.flavour)}</b><div class="track">'
        for verdict in performance.verdicts:
            if began is not None and verdict.began is not None and verdict.outcome is not Outcome.SKIPPED:
                yield from _act(verdict, began, longest)
        yield "</div></div>"
    yield '<div class="lane"><b></b><div class="axis">'
    for number in range(_MARKS):
        share = number / (_MARKS - 1)
        yield f'<span style="left:{100 * share:.2f}%">{longest * share:.1f} s</span>'
    yield "</div></div>"


def _act(verdict: Verdict, began: datetime, longest: float) -> Iterator[str]:
    assert verdict.began is not None, "only acts that were played have a bar"
    left = (verdict.began - began).total_seconds()
    title = f"{verdict.act}: {verdict.summary} ({verdict.seconds:.1f} s)"
    name = escape(verdict.act) if verdict.seconds > longest / _NAMED else ""
    yield (
        f'<span class="bar {look(verdict)}" title="{escape(title)}" '
        f'style="left:{_share(left, longest)}%;width:{_share(verdict.seconds, longest)}%">{name}</span>'
    )
    for exchange in verdict.exchanges:
        yield _tick(exchange, (exchange.at - began).total_seconds(), longest)


def _tick(exchange: Exchange, at: float, longest: float) -> str:
    kind = "tick no" if exchange.refused or exchange.status >= _ERROR else "tick"
    title = f"{exchange.method} {exchange.path} -> {exchange.status} {exchange.reason}"
    return f'<i class="{kind}" title="{escape(title)}" style="left:{_share(at, longest)}%"></i>'


def _share(seconds: float, longest: float) -> str:
    return f"{100 * min(max(seconds / longest, 0.0), 1.0):.2f}"


def _begin(performance: Performance) -> datetime | None:
    return min((one.began for one in performance.verdicts if one.began is not None), default=None)


def _length(performance: Performance) -> float:
    began = _begin(performance)
    ends = [(one.began - began).total_seconds() + one.seconds for one in performance.verdicts if one.began and began]
    return max(ends, default=0.0)
