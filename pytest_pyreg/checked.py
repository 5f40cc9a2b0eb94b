"""Records that say no where they are changed: to an attribute that there is not, and to a value of another type.

A typo in a test would otherwise change nothing, and the test would pass for a wrong reason.  Dataclasses stand on top
of `Checked`; what more is wrong with a value only they know.  Owns no record; those are the flavours'.
"""

from __future__ import annotations

import difflib
from dataclasses import fields
from typing import TYPE_CHECKING, ClassVar, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_Known: TypeAlias = "Mapping[str, tuple[tuple[type, ...], bool]]"
_KNOWN: dict[type, _Known] = {}
_SIMPLE = {"bool": bool, "int": int, "str": str, "None": type(None)}
Word = TypeVar("Word", bound=str)


def nearest(name: object, known: Collection[Word], cutoff: float = 0.6) -> Word | None:
    """Return which of these words somebody may have meant, in whatever case they wrote it; None if none is like it."""
    if not isinstance(name, str):
        return None
    small = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), small, 1, cutoff)
    return small[near[0]] if near else None


def a(word: str) -> str:
    """Return a word with its article."""
    return f"an {word}" if word[0] in "aeio" else f"a {word}"  # A user, a uv.


def often(times: int) -> str:
    """Return a number of times, as a person says it."""
    return "once" if times == 1 else f"{times} times"


def whole(name: str, value: object, *, least: int, other: str = "") -> None:
    """Refuse an argument that is no whole number.

    Args:
        name: of the argument.
        value: what was given.
        least: the smallest that can be.
        other: what else can be, for the message.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name} is a whole number from {least} on{other}, not {value!r}")


class Checked:
    """What refuses an attribute that there is not, and a simple value of another type."""

    WHAT: ClassVar[str] = "attribute"
    """What an attribute is called."""
    CALLED: ClassVar[str] = "name"
    """The attribute that tells one from the others, for a person."""

    def __setattr__(self, name: str, value: object) -> None:
        self._check(name, value)
        super().__setattr__(name, value)

    def _check(self, name: str, value: object) -> None:
        """Refuse what an attribute cannot be.

        Raises:
            AttributeError: there is no such attribute.
            ValueError: it is of another type.
        """
        known = _known(type(self))
        if name not in known and not name.startswith("_"):
            there = ", ".join(one for one in known if not one.startswith("_"))
            near = nearest(name, known)
            hint = f"; did you mean {near!r}?" if near else f"; the {self.WHAT}s are {there}"
            owner = "" if self.WHAT != Checked.WHAT else f" of {a(type(self).__name__)}"
            raise AttributeError(f"there is no {self.WHAT} {name!r}{owner}{hint}")
        wanted, shown = known.get(name, ((), False))
        if wanted and type(value) not in wanted:
            right = " or ".join(a(kind.__name__) if kind is not type(None) else "None" for kind in wanted)
            # A secret of another type is not told.
            raise ValueError(f"{name} is {right}, not {repr(value) if shown else a(type(value).__name__)}")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, self.CALLED, '')!r}>"


def _known(kind: type) -> _Known:
    """Return a record's attributes, each with the types that it may have, none if any, and whether it may be shown."""
    if kind in _KNOWN:
        return _KNOWN[kind]
    found = {}
    for field in fields(kind):
        names = str(field.type).split(" | ")
        simple = tuple(_SIMPLE[name] for name in names if name in _SIMPLE)
        found[field.name] = (simple if len(simple) == len(names) else (), field.repr)
    return _KNOWN.setdefault(kind, found)
