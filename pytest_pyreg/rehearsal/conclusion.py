"""What a rehearsal comes to, in a sentence: that it works is said only of what was installed and imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.rehearsal.verdicts import Outcome

if TYPE_CHECKING:
    from pytest_pyreg.rehearsal.verdicts import Performance, Rehearsal

NEEDED = ("install", "import")
"""The acts that show that a release works."""
INSTEAD = "from sdist"
"""The act that installs and imports too."""
_UNSURE = {Outcome.SKIPPED, Outcome.UNTOLD}


def untried(rehearsal: Rehearsal) -> list[str]:
    """Return what does not show whether the release works, each reason once, with the flavours if not with all."""
    found: dict[str, list[str]] = {}
    for performance in rehearsal.performances:
        for reason in _reasons(performance):
            found.setdefault(reason, []).append(performance.flavour)
    everywhere = len(rehearsal.performances)
    return [reason + ("" if len(names) == everywhere else f" [{', '.join(names)}]") for reason, names in found.items()]


def concluded(rehearsal: Rehearsal) -> str:
    """Return the last sentence."""
    unfit = [one.flavour for one in rehearsal.performances if one.failed]
    number = len(rehearsal.performances)
    if unfit:
        return f"not fit for {', '.join(unfit)} ({len(unfit)} of {number})"
    who = "every registry" if number > 1 else "it"
    open_ends = untried(rehearsal)
    if open_ends:
        return f"{who} would take this release; not tried: {'; '.join(open_ends)}"
    return f"{who} would take this release, and it works"


def _reasons(performance: Performance) -> list[str]:
    acts = {verdict.act: verdict for verdict in performance.verdicts}
    if INSTEAD in acts and acts[INSTEAD].outcome is Outcome.FINE:
        return [f"{act}: {one.summary}" for act, one in acts.items() if one.outcome is Outcome.UNTOLD]
    unsure = [acts[act] for act in NEEDED if act in acts and acts[act].outcome in _UNSURE]
    # What was not installed was not imported either: one reason is enough.
    shown = unsure[:1] if unsure and unsure[0].act == NEEDED[0] else unsure
    shown += [one for one in acts.values() if one.outcome is Outcome.UNTOLD and one not in shown]
    return [f"{one.act}: {one.summary}" for one in shown]
