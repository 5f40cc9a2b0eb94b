"""The line on which each key of a TOML text stands, which no TOML reader tells.

Only for texts that a reader has accepted: this one scans, and refuses nothing.
"""

from __future__ import annotations

import re
import sys

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Address = tuple[str | int, ...]
"""The keys that lead to a value, from the top; a number counts the elements of an array."""

_BLANK = re.compile(r"(?:[ \t\n\r]|#[^\n]*)*")
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[A-Za-z0-9_-]+')
# A string of several lines may end in up to two quotes of its own.
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\]|\\.)*"|\'[^\']*\'',
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}\n#]*")


def lines(text: str) -> dict[Address, int]:
    """Return the line of every table, key and array element, the first line being 1.

    A table that is only named in passing, as `a` in `[a.b]`, stands where it is named first.
    """
    return _Scan(text).found


class _Scan:
    def __init__(self, text: str) -> None:
        self.found: dict[Address, int] = {}
        self._text = text
        self._at = 0
        self._counted = (0, 1)
        self._lengths: dict[Address, int] = {}
        """How many tables each array of tables has by now."""
        table: Address = ()
        while self._skipped() < len(text):
            if text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)

    def _skipped(self) -> int:
        """Go on to the next thing that is neither blank nor comment."""
        self._take(_BLANK)
        return self._at

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        assert found is not None, "a text that TOML's own reader has accepted"
        self._at = found.end()
        return found[0]

    def _line(self) -> int:
        at, line = self._counted
        self._counted = self._at, line + self._text.count("\n", at, self._at)
        return self._counted[1]

    def _keys(self) -> list[str]:
        """Read a key, its dots and the sign after it."""
        names = []
        while True:
            self._skipped()
            raw = self._take(_KEY)
            names.append(tomllib.loads(f"key = {raw}")["key"] if raw[0] in "\"'" else raw)
            self._skipped()
            self._at += 1
            if self._text[self._at - 1] != ".":
                return names

    def _header(self) -> Address:
        line, several = self._line(), self._text.startswith("[[", self._at)
        self._at += 1 + several
        names = self._keys()
        self._at += several
        address: Address = ()
        for number, name in enumerate(names, 1):
            address += (name,)
            last = number == len(names)
            if last:
                self.found[address] = line
            else:
                self.found.setdefault(address, line)
            if last and several:
                self._lengths[address] = self._lengths.get(address, 0) + 1
            if address in self._lengths:
                address += (self._lengths[address] - 1,)
                self.found.setdefault(address, line)
        return address

    def _pair(self, table: Address) -> None:
        line = self._line()
        for name in self._keys():
            table += (name,)
            self.found.setdefault(table, line)
        self._value(table)

    def _value(self, address: Address) -> None:
        self._skipped()
        self.found.setdefault(address, self._line())
        sign = self._text[self._at]
        if sign in "\"'":
            self._take(_STRING)
        elif sign in "[{":
            self._at += 1
            self._inside(address, "]" if sign == "[" else "}")
        else:
            self._take(_BARE)

    def _inside(self, address: Address, end: str) -> None:
        """Read what stands between the brackets of an array or of a table in one line."""
        count = 0
        self._skipped()
        while self._text[self._at] != end:
            if end == "]":
                self._value((*address, count))
                count += 1
            else:
                self._pair(address)
            self._skipped()
            self._at += self._text[self._at] == ","
            self._skipped()
        self._at += 1
