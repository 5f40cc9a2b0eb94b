"""The little language of the rows: placeholders, repeated letters, sizes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.conformance.cases import CannotExpress

if TYPE_CHECKING:
    from collections.abc import Mapping

_TERM = r"'([^']*)'(?:\*([0-9]+))?"
_SUM = re.compile(rf"{_TERM}(?:\+{_TERM})*")
_SIZE = re.compile(r"(N|[0-9]+)(?: (KiB|MiB|GiB))?(?: ?([+-]) ?([0-9]+))?")
_PLACEHOLDER = re.compile(r"<([a-z][\w. ]*)>")
_UNITS = {None: 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_LARGEST = 64 * 1024**2
N = 1000
"""What a size `N` stands for."""


def text(value: str) -> str:
    """Return what a text stands for: `'x'*3+'...'` is `xxx...`, and any other is itself."""
    if not _SUM.fullmatch(value):
        return value
    return "".join(letters * int(times or 1) for letters, times in re.findall(_TERM, value))


def size(value: object) -> int:
    """Return how many bytes a size is: `N+1`, `50 MiB + 1`, or a number.

    Raises:
        CannotExpress: it is none, or more than a test should send.
    """
    found = _SIZE.fullmatch(str(value))
    if found is None:
        raise CannotExpress(f"no size: {value!r}")
    amount, unit, sign, more = found.groups()
    count = (N if amount == "N" else int(amount)) * _UNITS[unit] + int(f"{sign or '+'}{more or 0}")
    if count > _LARGEST:
        raise CannotExpress(f"a size that is too large for a test: {value!r}")
    return count


def filled(value: str, words: Mapping[str, str], where: str) -> str:
    """Return a text with its placeholders filled.

    Raises:
        CannotExpress: one is not known.
    """

    def word(found: re.Match[str]) -> str:
        if found[0] not in words:
            raise CannotExpress(f"{where} has the unknown placeholder {found[0]}")
        return words[found[0]]

    # The names of hosts are no placeholders in angle brackets.
    hosts = {word: meaning for word, meaning in words.items() if not word.startswith("<")}
    return _PLACEHOLDER.sub(word, partly_filled(value, hosts))


def partly_filled(value: str, words: Mapping[str, str]) -> str:
    """Return a text, which may be HTML, with the placeholders filled that are known."""
    for placeholder, meaning in words.items():
        value = value.replace(placeholder, meaning)
    return value
