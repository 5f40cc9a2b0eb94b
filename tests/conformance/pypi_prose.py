"""`given` of a row about the public index: sentences, read with a table of phrases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.conformance.cases import CannotExpress
from tests.conformance.pypi_phrases_files import FILE_PHRASES
from tests.conformance.pypi_phrases_people import PEOPLE_PHRASES
from tests.conformance.pypi_phrases_projects import PROJECT_PHRASES
from tests.conformance.pypi_phrases_tokens import TOKEN_PHRASES
from tests.conformance.pypi_told import Told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.pypi_phrases_words import Phrase

PHRASES: Mapping[str, Phrase] = {**PEOPLE_PHRASES, **TOKEN_PHRASES, **PROJECT_PHRASES, **FILE_PHRASES}
"""Patterns of a whole phrase, and what each says.  The first that fits is meant."""
_COMPILED = [(re.compile(pattern, re.IGNORECASE), phrase) for pattern, phrase in PHRASES.items()]
_REMARK = re.compile(
    r" ?\((?:e\.g\.|i\.e\.|production|before|since|Warehouse|default|or |PEP |the |[^()]* itself)[^()]*\)",
    re.IGNORECASE,
)
"""Brackets that only explain what stands before them."""
_BRACKETS = re.compile(r" ?\(([^()]*)\)")
_JOINT = re.compile(
    r" (?=(?:is |was )?(?:older|younger|exactly|just|[0-9]+ ?(?:s|seconds|minutes|h|hours|days?)\b)|who |after )"
    r"|[;,] (?:and |but )?|(?:;|,| and| but| with| while| which is| that is|:| whose) "
)


def told(prose: str) -> Told:
    """Return what sentences say.

    Raises:
        CannotExpress: one of them means nothing here; the message has it.
    """
    text = " ".join(_REMARK.sub("", prose).strip().rstrip(".").split())
    found = Told()
    for sentence in re.split(r"; ?", text) if _read(text) is None else [text]:
        phrases = _read(sentence) or _read(_BRACKETS.sub(r", \1,", sentence).replace(",,", ",").rstrip(","))
        if phrases is None:
            raise CannotExpress(f"given: {sentence!r} of {prose!r}")
        for phrase, match in phrases:
            phrase(found, match)
    return found


def _read(text: str) -> list[tuple[Phrase, re.Match[str]]] | None:
    """Return the phrases that a text consists of, the longest first ones; None if some of it is no phrase."""
    joints = [(joint.start(), joint.end()) for joint in _JOINT.finditer(text)]
    for start, end in [(len(text), len(text)), *reversed(joints)]:
        whole = _phrase(text[:start])
        if whole is None:
            continue
        if start == len(text):
            return [whole]
        rest = _read(re.sub(r"^(?:and|but|with) ", "", text[end:]))
        if rest is not None:
            return [whole, *rest]
    return None


def _phrase(text: str) -> tuple[Phrase, re.Match[str]] | None:
    for pattern, phrase in _COMPILED:
        found = pattern.fullmatch(text.strip())
        if found is not None:
            return phrase, found
    return None
