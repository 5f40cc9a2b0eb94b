"""A world file: TOML that tells which users, projects and tokens a registry has.

Reads the file, keeps the line of every key, and hands it out as tables whose values are asked for by key and type, so
that everything wrong with it is one sentence: file, line, key, what is wrong, what would be right.  Knows no product:
which keys there are is the flavour's.  No sentence quotes a value that was not understood: it may be a secret.
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_pyreg import toml_lines
from pytest_pyreg.checked import nearest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterator, Mapping

    from pytest_pyreg.identity import Credential
    from pytest_pyreg.toml_lines import Address

Kind = TypeVar("Kind", bool, int, str)
Word = TypeVar("Word", bound=str)

_CALLED: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number with a point",
    str: "a text in quotes",
    list: "a list in square brackets",
    dict: "a table",
    datetime: "a date and time",
    date: "a date",
    time: "a time of day",
}
_PLACE = re.compile(r" \((?:at line (?P<line>\d+), column (?P<column>\d+)|at end of document)\)$")


class WorldFileError(ValueError):
    """A world file that cannot be read, or means nothing."""


@dataclass(frozen=True)
class Named:
    """A token that a world file describes, under the file's name for it."""

    credential: Credential
    about: str
    """What it is, for a person."""
    given: bool = False
    """Whether its secret is the caller's own, and not made by chance."""
    variable: str = ""
    """The environment variable that its secret was taken from, if it was; then no program here shows it."""


@dataclass(frozen=True, repr=False)
class Table:
    """One table of a world file."""

    file: str
    address: Address
    values: Mapping[str, Any]
    lines: Mapping[Address, int]

    def __repr__(self) -> str:
        # Its values may be secrets.
        return f"<table {_written(self.address) or 'at the top'} of {self.file}>"

    def error(self, message: str, *keys: str | int) -> WorldFileError:
        """Return what is wrong here, with its place.

        Args:
            message: the sentence.
            keys: the key, below this table, at which it is; the table itself if left out.
        """
        address = (*self.address, *keys)
        near = next((address[:end] for end in range(len(address), 0, -1) if address[:end] in self.lines), ())
        where = f"{self.file}:{self.lines.get(near, 1)}"
        return WorldFileError(f"{where}: {_written(address)}: {message}" if address else f"{where}: {message}")

    @contextmanager
    def at(self, *keys: str | int) -> Iterator[None]:
        """Give what somebody else finds wrong its place."""
        try:
            yield
        except WorldFileError:
            raise
        except ValueError as error:
            raise self.error(str(error), *keys) from None

    def only(self, known: Collection[str], what: str = "key", several: str = "") -> None:
        """Refuse keys that mean nothing.

        Args:
            known: what there is.
            what: one of these, for a person.
            several: all of these, if that is no plain plural.

        Raises:
            WorldFileError: there is one that is none of these.
        """
        for key in self.values:
            if key not in known:
                raise self.error(unknown(what, key, known, several), key)

    def value(self, key: str, kind: type[Kind]) -> Kind | None:
        """Return a value, None if it is not there.

        Raises:
            WorldFileError: it is of another type.
        """
        found = self.values.get(key)
        if found is None or type(found) is kind:
            return found
        raise self._wanted(kind, found, key)

    def demanded(self, key: str, why: str) -> str:
        """Return a text that must be there.

        Args:
            key: its key.
            why: what it says.

        Raises:
            WorldFileError: it is not there, or no text.
        """
        found = self.value(key, str)
        if found is None:
            raise self.error(f"{key} is missing: {why}")
        return found

    def choice(self, key: str, known: Collection[Word], what: str, several: str = "") -> Word | None:
        """Return a text that must be one of several.

        Args:
            key: its key.
            known: what there is.
            what: one of these, for a person.
            several: all of these, if that is no plain plural.

        Raises:
            WorldFileError: it is none of these.
        """
        found = self.value(key, str)
        if found is None:
            return None
        for one in known:
            if one == found:
                return one
        raise self.error(unknown(what, found, known, several), key)

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Return a list of texts, None if it is not there.

        Raises:
            WorldFileError: it is no list, or something else is in it.
        """
        if key not in self.values:
            return None
        found = self._typed(key, list)
        for number, one in enumerate(found):
            if not isinstance(one, str):
                raise self._wanted(str, one, key, number)
        return tuple(found)

    def table(self, key: str) -> Table:
        """Return a table, an empty one if it is not there.

        Raises:
            WorldFileError: it is none.
        """
        return self._below(self._typed(key, dict) if key in self.values else {}, key)

    def tables(self, key: str, alike: Callable[[str], str] = str.lower) -> list[tuple[str, Table]]:
        """Return a table whose values are tables, by their names.

        Args:
            key: its key.
            alike: what of two names must differ; a product that finds things in any case has one of each.

        Raises:
            WorldFileError: one is none, or two are one.
        """
        outer, seen = self.table(key), dict[str, str]()
        for name in outer.values:
            other = seen.setdefault(alike(name), name)
            if other != name:
                message = f"the {key} {other!r} and {name!r} are too much alike; rename one, or make them one table"
                raise outer.error(message, name)
        return [(name, outer.table(name)) for name in outer.values]

    def rows(self, key: str) -> list[str | Table]:
        """Return a list of tables, of which some may be texts.

        Raises:
            WorldFileError: it is no list, or something else is in it.
        """
        rows: list[str | Table] = []
        for number, one in enumerate(self._typed(key, list) if key in self.values else ()):
            if not isinstance(one, (str, dict)):
                raise self._wanted(dict, one, key, number)
            rows.append(one if isinstance(one, str) else self._below(one, key, number))
        return rows

    def _below(self, values: Mapping[str, Any], *keys: str | int) -> Table:
        return Table(self.file, (*self.address, *keys), values, self.lines)

    def _typed(self, key: str, kind: type) -> Any:  # noqa: ANN401 - what TOML holds.
        if not isinstance(self.values[key], kind):
            raise self._wanted(kind, self.values[key], key)
        return self.values[key]

    def _wanted(self, kind: type, found: object, *keys: str | int) -> WorldFileError:
        called = _CALLED.get(type(found), "something else")
        return self.error(f"{_CALLED[kind]} is wanted here, not {called}", *keys)


def unknown(what: str, name: str, known: Collection[str], several: str = "") -> str:
    """Return the sentence about a name that means nothing."""
    near = nearest(name, known, cutoff=0.7)
    hint = f", did you mean {near!r}? The" if near else "; the"
    there = f"{hint} {several or f'{what}s'} are {', '.join(known)}" if known else f": no {what} is described"
    return f"there is no {what} {name!r}{there}"


def read(path: str | os.PathLike[str]) -> Table:
    """Read a world file.

    Raises:
        WorldFileError: there is none, or it is no TOML.
    """
    try:
        return _read(str(path))
    except WorldFileError as error:
        # Without the frame that holds the whole text, secrets and all: some reports print variables.
        raise error.with_traceback(None) from None


def _read(file: str) -> Table:
    try:
        text = Path(file).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise WorldFileError(f"{file}: a world file cannot be read there: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise WorldFileError(f"{file}:{line}: this is not UTF-8, which TOML is written in") from None
    text = text.replace("\r\n", "\n")
    try:
        return Table(file, (), tomllib.loads(text), toml_lines.lines(text))
    except RecursionError:
        message = f"{file}: its lists or tables lie too deep in each other"
    except ValueError as error:
        message = _not_toml(file, text, str(error))
    raise WorldFileError(message)


def _not_toml(file: str, text: str, said: str) -> str:
    """Return what TOML's reader says, with its place in front."""
    found = _PLACE.search(said)
    if found is None:
        return f"{file}: this is not TOML: {said}"
    last = text.split("\n")
    line, column = found["line"] or len(last), found["column"] or len(last[-1]) + 1
    return f"{file}:{line}:{column}: this is not TOML: {said[: found.start()]}"


def _written(address: Address) -> str:
    """Return an address as TOML writes it."""
    text = ""
    for part in address:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += "." + (part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part, ensure_ascii=False))
    return text.removeprefix(".")
