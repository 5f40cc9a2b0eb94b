"""Releases in words: `helper 2.0 requires demo>=1`.

    LINE  = NAME VERSION WORD*
    WORD  = wheel | sdist                       what there is of it; both if neither is said
          | requires REQUIREMENT, REQUIREMENT   each as in Requires-Dist
          | python SPECIFIER                    as in Requires-Python
          | tag TAG                             of the wheel
          | yanked | yanked (REASON)

The words stand in any order, one space or more apart.  Whatever says more than this is made by `make_wheel`.  Owns the
little grammar and its errors; does not know registries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_pyreg.checked import nearest
from pytest_pyreg.dists import Dist, make_sdist, make_wheel
from pytest_pyreg.dists.naming import PURE, compressed, stem
from pytest_pyreg.metadata_text import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORDS = ("wheel", "sdist", "requires", "python", "tag", "yanked")
_KINDS = ("wheel", "sdist")
_WORD = re.compile(r"\s*(python(?=[<>=!~])|yanked(?=\()|\S+)")
_REASON = re.compile(r"\s*\(([^()]*)\)(?=\s|$)")
_NEXT = re.compile(r"(?<![,\s])\s+(?:(?:wheel|sdist|requires|tag)(?=\s|$)|python\s*[<>=!~]|yanked(?=[\s(]|$))")
"""Where the next word begins; straight after a comma it is a requirement's name."""
_ANOTHER = re.compile(r",\s*(?=[A-Za-z0-9])")


class SeedError(ValueError):
    """A line that says nothing, and where."""

    def __init__(self, line: str, start: int, end: int, message: str) -> None:
        self.line = line
        self.column = start + 1
        """Where what was not understood begins, the first character of the line being 1."""
        super().__init__(f"{message}\n  {line}\n  {' ' * start}{'^' * max(1, end - start)} column {self.column}")


@dataclass
class Seed:
    """A release, as a line describes it."""

    line: str
    project: str
    version: str
    kinds: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    requires_python: str | None = None
    tag: str = PURE
    yanked: str | None = None
    """Why, perhaps an empty text; None if it is not."""

    def dists(self) -> Iterator[Dist]:
        """Make what there is of it."""
        kinds = self.kinds or _KINDS
        if "wheel" in kinds:
            yield make_wheel(
                self.project, self.version, requires=self.requires, requires_python=self.requires_python, tag=self.tag
            )
        if "sdist" in kinds:
            yield make_sdist(self.project, self.version, requires=self.requires, requires_python=self.requires_python)


def read(text: str) -> list[Seed]:
    """Read lines; empty ones, and those that begin with `#`, say nothing.

    Raises:
        SeedError: a line is none.
    """
    if not isinstance(text, str):
        raise TypeError(f"a seed is a text, such as 'demo 1.0', not {text!r}; registry.add() takes distributions")
    lines = [line.strip() for line in text.splitlines()]
    return [_Reader(line).read() for line in lines if line and not line.startswith("#")]


class _Reader:
    """One line, read from left to right."""

    def __init__(self, line: str) -> None:
        self.line = line
        self.at = 0
        self.said: dict[str, int] = {}
        """Which words came, and where."""

    def read(self) -> Seed:
        """Return what it says.

        Raises:
            SeedError: it says nothing.
        """
        project = self._checked(self._word("a project's name"), lambda name: stem(name, "1"))
        version = self._checked(self._word("a version"), lambda text: stem("demo", text))
        seed = Seed(self.line, project[0], version[0])
        while self.at < len(self.line):
            self._read_word(seed)
        if "tag" in self.said and seed.kinds == ("sdist",):
            start = self.said["tag"]
            raise SeedError(self.line, start, start + 3, "an sdist has no tag; leave it out, or say 'wheel' too")
        return seed

    def _read_word(self, seed: Seed) -> None:
        word, start = self._word("a word")
        if word not in WORDS:
            near = nearest(word, WORDS)
            hint = f"did you mean {near!r}? " if near else ""
            raise self._error(
                start, f"{word!r} is nothing that is said of a release; {hint}there are {', '.join(WORDS)}"
            )
        if word in self.said and word != "requires":
            raise self._error(start, f"{word!r} is said twice")
        self.said[word] = start
        if word in _KINDS:
            seed.kinds = (*seed.kinds, word)
        elif word == "requires":
            seed.requires += tuple(self._requirements())
        elif word == "python":
            text = self._checked(
                self._text("a specifier, such as >=3.10"), lambda each: checked("requires_python", each)
            )
            seed.requires_python = text[0]
        elif word == "tag":
            seed.tag = self._checked(self._word("a tag, such as py3-none-any"), compressed)[0]
        else:
            seed.yanked = self._reason()

    def _reason(self) -> str:
        match = _REASON.match(self.line, self.at)
        if match is not None:
            self.at = match.end()
            return match[1].strip()
        rest = self.line[self.at :].lstrip()
        if rest.startswith("("):
            start = len(self.line) - len(rest)
            self.at = len(self.line)
            raise self._error(start, "a reason stands in one pair of round brackets, with a space after it")
        return ""

    def _requirements(self) -> Iterator[str]:
        text, start = self._text("a requirement, such as demo>=1")
        for piece, offset in _split(text):
            yield self._checked((piece, start + offset), lambda each: checked("requires", each))[0]

    def _word(self, expected: str) -> tuple[str, int]:
        """Return the next word and where it begins."""
        match = _WORD.match(self.line, self.at)
        if match is None:
            self.at = len(self.line)
            raise self._error(self.at, f"the line ends where {expected} should be")
        self.at = match.end()
        return match[1], match.start(1)

    def _text(self, expected: str) -> tuple[str, int]:
        """Return what stands before the word after the next, and where it begins."""
        _, start = self._word(expected)
        following = _NEXT.search(self.line, start)
        self.at = following.start() if following is not None else len(self.line)
        return self.line[start : self.at], start

    def _checked(self, found: tuple[str, int], check: Callable[[str], object]) -> tuple[str, int]:
        text, start = found
        try:
            check(text)
        except ValueError as error:
            raise SeedError(self.line, start, start + len(text), str(error)) from None
        return found

    def _error(self, start: int, message: str) -> SeedError:
        return SeedError(self.line, start, self.at, message)


def _split(text: str) -> Iterator[tuple[str, int]]:
    """Return the requirements between commas, and where each begins: a comma also stands between specifiers."""
    start, depth, quote = 0, 0, ""
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif depth == 0 and (match := _ANOTHER.match(text, at)) is not None:
            yield text[start:at], start
            start = match.end()
    yield text[start:], start
