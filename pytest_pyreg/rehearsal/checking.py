"""Would this file be taken, and if not, why?  All that a flavour has against it, without a server or a client.

The real server stops at its first refusal.  What it says comes from the flavour as it is; what stands behind that, from
the same flavour with every step told to go on.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from pytest_pyreg.clock import SystemClock
from pytest_pyreg.flavours import Action
from pytest_pyreg.refusals import Refused
from pytest_pyreg.rehearsal.advice import advice_for
from pytest_pyreg.rehearsal.desk import Desk, package_of
from pytest_pyreg.rehearsal.verdicts import Checked, Objection
from pytest_pyreg.rehearsal.words import own_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from requests import Response

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.exchanges import Notes
    from pytest_pyreg.flavours import Flavour
    from pytest_pyreg.visit import Step, Visit


def check(paths: Iterable[Path], flavour: Flavour, clock: Clock | None = None) -> list[Checked]:
    """Hold the files of a release against a flavour, in this order, each after those that were taken before it.

    Args:
        paths: wheels and sdists.
        flavour: which registry.
        clock: tells the time of uploads; the machine's if left out.

    Raises:
        NotADistribution: one of them is no archive at all.
    """
    clock = clock or SystemClock()
    found: list[Refused] = []
    with Desk(flavour, clock) as real, Desk(_listening(flavour, found), clock) as listening:
        return [_one(path, flavour, real, listening, found) for path in paths]


def _one(path: Path, flavour: Flavour, real: Desk, listening: Desk, found: list[Refused]) -> Checked:
    package, unsent = package_of(path)
    objections: list[Objection] = []
    answer = ""
    if package is not None:
        reply, notes = real.upload(package)
        answer = f"{reply.status_code} {reply.reason}"
        found.clear()
        listening.upload(package)
        objections += [objection(path.name, reply, notes)] if notes.refusal else []
        heard = {one.words for one in objections}
        for refused in found:
            words = _words(flavour, refused)
            if words not in heard:
                heard.add(words)
                objections.append(_behind(path.name, refused, words, first=not objections))
    if not unsent:
        return Checked(flavour.name, path.name, answer, tuple(objections))
    first = Objection(path.name, f"twine {version('twine')}", unsent, advice=advice_for("", "", unsent))
    behind = (dataclasses.replace(one, said=False) for one in objections)
    return Checked(flavour.name, path.name, "", (first, *behind))


def objection(filename: str, reply: Response, notes: Notes) -> Objection:
    """Return what a registry said to an upload."""
    words = own_words(reply.text, reply.reason)
    return Objection(
        filename,
        "registry",
        words,
        status=reply.status_code,
        reason=reply.reason,
        why=explained(notes.why, words),
        refusal=notes.refusal,
        rule=notes.rule,
        advice=advice_for(notes.refusal, notes.rule, f"{words} {notes.why}"),
    )


def explained(why: str, words: str) -> str:
    """Return our explanation, unless it is what the registry says itself."""
    return "" if why == words else why


def _behind(filename: str, refused: Refused, words: str, *, first: bool) -> Objection:
    rule = str(refused.facts.get("rule") or "")
    name = refused.refusal.name
    return Objection(
        filename,
        "registry",
        words,
        why=explained(refused.explanation, words),
        refusal=name,
        rule=rule,
        advice=advice_for(name, rule, f"{words} {refused.explanation}"),
        said=first,
    )


def _words(flavour: Flavour, refused: Refused) -> str:
    shape = flavour.route(Action.UPLOAD).replies.get(refused.refusal) or flavour.replies[refused.refusal]
    reply = shape.filled(refused.facts, refused.problems)
    body = reply.body.decode(errors="replace") if isinstance(reply.body, bytes) else ""
    return own_words(body, reply.reason)


# -- going on ----------------------------------------------------------------------------------------------------------


def _listening(flavour: Flavour, found: list[Refused]) -> Flavour:
    """Return the flavour with an upload that goes on after a refusal, which it puts into the list."""
    name, route = next((name, route) for name, route in flavour.routes.items() if route.action is Action.UPLOAD)
    steps: tuple[Step, ...] = (partial(_begin, found), *(partial(_attempt, step) for step in route.steps), _conclude)
    return flavour.evolve(routes={name: dataclasses.replace(route, steps=steps)})


def _begin(found: list[Refused], visit: Visit) -> None:
    visit.objections = found


def _attempt(step: Step, visit: Visit) -> None:
    found = visit.objections
    assert found is not None, "the first step of a listening flavour sees to it"
    try:
        step(visit)
    except Refused as refused:
        found.append(refused)
    except (KeyError, AssertionError, AttributeError, ValueError):
        # The step needs what an earlier one refused; alone it would be a bug.
        if not found:
            raise


def _conclude(visit: Visit) -> None:
    """Say no if anything was found, so that nothing is answered as if it had been stored."""
    if visit.objections:
        raise visit.objections[0]
