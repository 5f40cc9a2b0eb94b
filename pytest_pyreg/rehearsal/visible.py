"""Texts of others for a reader: without paths of this machine, and without what moves a terminal's cursor."""

from __future__ import annotations

import re
import sys
import unicodedata
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of characters that control a terminal or the direction of writing, or are no text at all."""
_KEPT = "\n\t"
_SITE = re.compile(r"(?<![\w./\\-])(?:[A-Za-z]:)?[/\\][^\s'\"<>|*?,;()]*?[/\\]site-packages(?=[/\\'\"\s:,;)]|$)")


def visible(text: str) -> str:
    """Return a text with what would not be seen, or would do something, as escapes of Python."""
    text = text.replace("\r\n", "\n")
    return "".join(
        letter if letter in _KEPT or unicodedata.category(letter) not in _UNSEEN else repr(letter)[1:-1]
        for letter in text
    )


def escaped(text: str) -> str:
    """Return a text for a page, its letters as they can be seen."""
    return escape(visible(text))


def placeless(text: str, places: Mapping[str, str]) -> str:
    """Return a text without the folders of this machine: what is said of two flavours is then the same.

    Args:
        text: what was printed.
        places: folders, and what is shown instead.
    """
    text = _SITE.sub(".../site-packages", text)
    # The longest first: one may lie in another.
    for place, shown in sorted([*places.items(), (sys.base_prefix, "...")], key=lambda one: -len(one[0])):
        if len(place) > 1:
            text = re.sub(rf"{re.escape(place)}(?=[/\\'\"\s:,;)]|$)", shown.replace("\\", r"\\"), text)
    return text
