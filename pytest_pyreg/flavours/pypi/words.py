"""Every way in which the public index refuses an upload: the rule, its place in the order, its status and its words.

`wh:` stands for pypi/warehouse@6b621571 here and in this folder.  The numbers are places in the order in which the real
server asks (wh:warehouse/forklift/decorators.py and legacy.py); 35, the same file once more, is no refusal and is not
here.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.hosts import LINKS
from pytest_pyreg.flavours.pypi.words_of_files import FILES_BEFORE, OF_FILES
from pytest_pyreg.flavours.pypi.words_of_forms import BEFORE_FILES, FORMS_BEFORE
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from pytest_pyreg.flavours.pypi.rule import Before, Rule

RULES: Mapping[str, Rule] = {**BEFORE_FILES, **OF_FILES}
BEFORE: Mapping[str, tuple[Before, ...]] = {**FORMS_BEFORE, **FILES_BEFORE}


@contextmanager
def enforced(off: Collection[str]) -> Iterator[None]:
    """Let pass what is refused inside by a rule that there is not yet.

    Args:
        off: the names of these rules.
    """
    try:
        yield
    except Refused as refused:
        if refused.facts.get("rule") not in off:
            raise


def refuse(rule: str, **facts: object) -> Refused:
    """Return the refusal for a broken rule, to be raised.

    Args:
        rule: its name in `RULES`.
        facts: what its words mention.
    """
    number, status, words = RULES[rule]
    refused = Refused(Refusal.RULE_BROKEN, rule=rule, number=number, status=status)
    # What its words mention is kept, for `as_it_was`.
    refused.facts |= {**facts, "words": words.format_map({**LINKS, **facts})}
    return refused


def heard(check: Callable[[], object]) -> Refused | None:
    """Return a check's refusal, if it refuses."""
    try:
        check()
    except Refused as refused:
        return refused
    return None


def as_it_was(refused: Refused, can: Callable[[str], bool]) -> None:
    """Let a refusal say what its rule said at the time.

    Args:
        refused: the refusal of a broken rule; any other is left alone.
        can: tells what the index has in its era.
    """
    for before in BEFORE.get(str(refused.facts.get("rule")), ()):
        if can(before.feature):
            if before.status is not None:
                refused.facts["status"] = before.status
            if before.words is not None:
                refused.facts["words"] = before.words.format_map({**LINKS, **refused.facts})
