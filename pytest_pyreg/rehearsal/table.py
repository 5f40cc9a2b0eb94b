"""Verdicts for a terminal: a table, then what was said, in the registry's own words, and what to do about it."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING

from pytest_pyreg.rehearsal.conclusion import concluded, untried
from pytest_pyreg.rehearsal.verdicts import AGAIN, Outcome, merged
from pytest_pyreg.rehearsal.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_pyreg.rehearsal.verdicts import Checked, Objection, Rehearsal, Verdict

WIDTH = 118
"""Columns at most, and where nobody says how many there are."""
_NARROW = 40
TELLING = (AGAIN, "stranger uploads", "stranger installs")
"""Acts that may go well in several ways, so that it is said in which."""
_COLOURS = {
    Outcome.FINE: "32",
    Outcome.REFUSED: "1;31",
    Outcome.BROKEN: "1;31",
    Outcome.OPEN: "1;31",
    Outcome.UNTOLD: "33",
    Outcome.SKIPPED: "2",
}


def _colour(verdict: Verdict) -> str:
    known = verdict.act == AGAIN and verdict.objections and not verdict.outcome.failed
    return _COLOURS[Outcome.UNTOLD if known else verdict.outcome]  # A job that fails is not green.


def cell(verdict: Verdict) -> str:
    """Return a verdict in a word or two."""
    telling = verdict.act in TELLING and verdict.outcome is Outcome.FINE
    return visible(_word(verdict.outcome, verdict.summary if telling else verdict.outcome.value))


def word(verdict: Verdict) -> str:
    """Return a verdict in a line, for the progress."""
    return (
        f"{cell(verdict)}: {visible(verdict.summary)}" if cell(verdict) != visible(verdict.summary) else cell(verdict)
    )


def rehearsed(rehearsal: Rehearsal, *, colour: bool) -> Iterator[str]:
    """Return the lines about a rehearsal."""
    acts = [verdict.act for verdict in rehearsal.performances[0].verdicts]
    rows: list[list[tuple[str, str | None]]] = [[(title, None) for title in ("", *acts)]]
    rows += [
        [(performance.flavour, None), *((cell(one), _colour(one)) for one in performance.verdicts)]
        for performance in rehearsal.performances
    ]
    yield visible(f"{rehearsal.project} {rehearsal.version}: {', '.join(name for name, _ in rehearsal.files)}")
    yield from _table(rows, colour=colour)
    open_ends = untried(rehearsal)
    if open_ends:
        yield ""
        for reason in open_ends:
            yield from _wrapped(f"not tried: {reason}", 0)
    for verdict, flavours in groups(rehearsal):
        yield ""
        yield visible(f"{verdict.act}, {', '.join(flavours)}: {_word(verdict.outcome, verdict.summary)}")
        yield from _objections(verdict.objections)
    yield ""
    for remark in rehearsal.remarks:
        yield from textwrap.wrap(visible(remark), _width())
    yield from _wrapped(concluded(rehearsal), 0)


def groups(rehearsal: Rehearsal) -> list[tuple[Verdict, list[str]]]:
    """Return the verdicts that need words, each with the flavours that said the same; failures first."""
    found: dict[tuple[object, ...], tuple[Verdict, list[str]]] = {}
    for performance in rehearsal.performances:
        for verdict in performance.verdicts:
            untold = verdict.outcome is Outcome.UNTOLD
            if verdict.outcome.failed or untold or (verdict.act == AGAIN and verdict.objections):
                key = verdict.act, verdict.outcome, verdict.summary, verdict.objections
                found.setdefault(key, (verdict, []))[1].append(performance.flavour)
    return sorted(found.values(), key=lambda one: not one[0].outcome.failed)


def checked(results: Sequence[Checked], *, colour: bool) -> Iterator[str]:
    """Return the lines about files that were held against flavours."""
    flavours = list(dict.fromkeys(one.flavour for one in results))
    files = list(dict.fromkeys(one.filename for one in results))
    found = {(one.filename, one.flavour): one for one in results}
    rows: list[list[tuple[str, str | None]]] = [[(title, None) for title in ("", *flavours)]]
    for file in files:
        outcomes = [Outcome.REFUSED if found[file, flavour].failed else Outcome.FINE for flavour in flavours]
        rows.append(
            [(visible(file), None), *((_word(outcome, outcome.value), _COLOURS[outcome]) for outcome in outcomes)]
        )
    yield from _table(rows, colour=colour)
    troubles: dict[tuple[str, tuple[Objection, ...]], list[str]] = {}
    for one in results:
        if one.failed:
            troubles.setdefault((one.filename, one.objections), []).append(one.flavour)
    for (_, objections), names in troubles.items():
        yield ""
        yield f"{', '.join(names)}: refused"
        yield from _objections(objections)
    yield ""
    yield _result([name for name in flavours if any(found[file, name].failed for file in files)], len(flavours))


def _word(outcome: Outcome, otherwise: str) -> str:
    return outcome.value.upper() if outcome.failed else otherwise


def _result(refusing: list[str], number: int) -> str:
    if not refusing:
        return "every registry would take this release" if number > 1 else "it would take this release"
    return f"not fit for {', '.join(refusing)} ({len(refusing)} of {number})"


def _objections(objections: tuple[Objection, ...]) -> Iterator[str]:
    shown: tuple[str, ...] = ()
    for files, one in merged(objections):
        if files != shown:
            shown = files
            yield from _wrapped(", ".join(files), 2)
        who = one.answer or one.by
        yield from _wrapped(f"{who if one.said else 'next'}: {one.words}", 4)
        if one.why:
            yield from _wrapped(f"because {one.why}", 6)
        if one.advice:
            yield from _wrapped(f"-> {one.advice}", 6)


def _width() -> int:
    """Return the terminal's columns, or what COLUMNS says."""
    return max(_NARROW, min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns))


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        visible(text),
        _width(),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(rows: list[list[tuple[str, str | None]]], *, colour: bool) -> Iterator[str]:
    widths = [max(len(row[column][0]) for row in rows) for column in range(len(rows[0]))]
    paint: Callable[[str, str | None], str] = _painted if colour else lambda text, _: text
    for row in rows:
        cells = [paint(f"{text:<{wide}}", own) for (text, own), wide in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _painted(text: str, colour: str | None) -> str:
    return text if colour is None else f"\x1b[{colour}m{text}\x1b[0m"
