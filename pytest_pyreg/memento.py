"""What things are at one moment, and the way back: in place, so that every object that somebody holds stays the same.

A walk over all that a root leads to: attributes of objects, whatever stands in lists, dicts, sets and tuples.  Nothing
is left out by accident: what is neither known to be unchanging nor known how to be put back is an error.  A class has
two ways to take part: a method `memento()` that returns what puts it back, where the walk would be slow or wrong, and
`LASTING`, the names of attributes that time moves in one direction only.
"""

from __future__ import annotations

import functools
import itertools
import pathlib
import random
import re
import sys
import threading
import types
import weakref
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time, timedelta, tzinfo
from enum import Enum
from typing import Any

PutBack = Callable[[], None]

_ATOMS = (
    *(str, bytes, int, float, complex, type(None), type, range, Enum, date, time, timedelta, tzinfo, pathlib.PurePath),
    *(types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial),
    *(type(functools.lru_cache(len)), re.Pattern, random.SystemRandom, weakref.ReferenceType, type(NotImplemented)),
    # What threads wait for says nothing about the past.
    *(type(threading.Lock()), type(threading.RLock()), threading.Event, threading.Condition, threading.local),
)
"""What does not change, or has nothing to put back."""
_COUNT = re.compile(r"count\((\d+)\)")
_HEAP_TYPE = 1 << 9


class Unforeseen(TypeError):
    """There is something in the state that nobody knows how to put back."""


@dataclass(frozen=True, slots=True)
class _Count:
    """Where an `itertools.count` was, which cannot be put back itself."""

    following: int


class Memento:
    """All that a root leads to, as it is now.

    Args:
        root: where the walk begins.
        outside: what is not entered, since it never changes.

    Raises:
        Unforeseen: something in it is of a kind that cannot be put back.
    """

    __slots__ = ("_first", "_records", "_seen")

    def __init__(self, root: object, outside: Iterable[object] = ()) -> None:
        self._first: list[PutBack] = []
        self._records: list[tuple[Callable[[Any, Any], None], object, object]] = []
        self._seen: dict[int, object] = {id(thing): thing for thing in outside}
        """Kept alive: an address is good only as long as its thing is."""
        seen, waiting = self._seen, [root]
        while waiting:
            thing = waiting.pop()
            if id(thing) not in seen:
                seen[id(thing)] = thing
                waiting += [one for one in _way_of(type(thing))(self, thing) if _way_of(type(one)) is not _atom]

    def put_back(self) -> None:
        """Make all of it what it was."""
        for put_back in self._first:
            put_back()
        for write, thing, kept in self._records:
            write(thing, kept)

    def note(self, write: Callable[[Any, Any], None], thing: object, kept: object) -> None:
        """Keep what is written into a thing on the way back."""
        self._records.append((write, thing, kept))

    def note_first(self, put_back: PutBack) -> None:
        """Keep what a thing does by itself on the way back, before all else: it may lead to shared things."""
        self._first.append(put_back)


Way = Callable[[Memento, Any], Collection[Any]]
"""How things of one class are kept; returns what they lead to."""


def _atom(_: Memento, __: object) -> Collection[Any]:
    return ()


def _items(_: Memento, thing: Iterable[Any]) -> Collection[Any]:
    return tuple(thing)


def _view(_: Memento, thing: types.MappingProxyType[Any, Any]) -> Collection[Any]:
    return (*thing, *thing.values())


def _mapping(memento: Memento, thing: dict[Any, Any]) -> Collection[Any]:
    memento.note(_write_items, thing, dict(thing))
    return (*thing, *thing.values())


def _sequence(memento: Memento, thing: list[Any] | deque[Any]) -> Collection[Any]:
    kept = tuple(thing)
    memento.note(_write_sequence, thing, kept)
    return kept


def _set(memento: Memento, thing: set[Any]) -> Collection[Any]:
    kept = tuple(thing)
    memento.note(_write_items, thing, kept)
    return kept


def _chance(memento: Memento, thing: random.Random) -> Collection[Any]:
    memento.note(random.Random.setstate, thing, thing.getstate())
    return ()


def _itself(memento: Memento, thing: Any) -> Collection[Any]:  # noqa: ANN401 - whatever has the method.
    memento.note_first(thing.memento())
    return ()


def _frozen(_: Memento, thing: Any) -> Collection[Any]:  # noqa: ANN401 - any dataclass.
    return [getattr(thing, field.name) for field in fields(thing)]


def _write_items(thing: dict[Any, Any] | set[Any], kept: Any) -> None:  # noqa: ANN401 - what it is made of.
    thing.clear()
    thing.update(kept)


def _write_sequence(thing: list[Any] | deque[Any], kept: tuple[Any, ...]) -> None:
    thing.clear()
    thing.extend(kept)


def _write_attributes(thing: Any, kept: dict[str, Any]) -> None:  # noqa: ANN401 - any object.
    """Put attributes back past what the class says of changes to them: they held before."""
    now = vars(thing)
    for name in [name for name in now if name not in kept and name not in _lasting(type(thing))]:
        del now[name]
    now.update({name: _begun(value) for name, value in kept.items()})


def _write_slots(thing: Any, kept: dict[str, Any]) -> None:  # noqa: ANN401 - any object.
    for name in _slots(type(thing)):
        if name in kept:
            object.__setattr__(thing, name, _begun(kept[name]))
        elif name not in _lasting(type(thing)) and hasattr(thing, name):
            object.__delattr__(thing, name)


def _begun(value: Any) -> Any:  # noqa: ANN401 - any attribute.
    return itertools.count(value.following) if type(value) is _Count else value


def _attributes(memento: Memento, thing: Any) -> Collection[Any]:  # noqa: ANN401 - any object.
    kind = type(thing)
    found: list[Any] = []
    for write, now in (
        (_write_attributes, getattr(thing, "__dict__", {})),
        (_write_slots, {name: getattr(thing, name) for name in _slots(kind) if hasattr(thing, name)}),
    ):
        kept = {name: value for name, value in now.items() if name not in _lasting(kind)}
        for name, value in kept.items():
            if type(value) is itertools.count:
                position = _COUNT.fullmatch(repr(value))
                if position is None:
                    raise _unforeseen(type(value))
                kept[name] = _Count(int(position[1]))
        if now:
            memento.note(write, thing, kept)
        found += [value for value in kept.values() if type(value) is not _Count]
    return found


def _lasting(kind: type) -> frozenset[str]:
    if kind not in _LASTING:
        _LASTING[kind] = frozenset().union(*(vars(base).get("LASTING", ()) for base in kind.__mro__))
    return _LASTING[kind]


def _slots(kind: type) -> tuple[str, ...]:
    if kind not in _SLOTS:
        named = [vars(base).get("__slots__", ()) for base in kind.__mro__]
        several = [(slots,) if isinstance(slots, str) else tuple(slots) for slots in named]
        _SLOTS[kind] = tuple(name for slots in several for name in slots if name not in {"__dict__", "__weakref__"})
    return _SLOTS[kind]


def _way_of(kind: type) -> Way:
    """Return how things of a class are kept."""
    if kind not in _WAYS:
        _WAYS[kind] = _found_way(kind)
    return _WAYS[kind]


def _found_way(kind: type) -> Way:
    if callable(getattr(kind, "memento", None)):
        return _itself
    if issubclass(kind, _ATOMS):
        return _atom
    for base, way in _CONTAINERS:
        if issubclass(kind, base):
            return way
    own = kind.__flags__ & _HEAP_TYPE and kind.__module__.partition(".")[0] not in sys.stdlib_module_names
    if not own:
        raise _unforeseen(kind)
    if is_dataclass(kind) and kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]  # Of every dataclass.
        return _frozen
    return _attributes


_LASTING: dict[type, frozenset[str]] = {}
_SLOTS: dict[type, tuple[str, ...]] = {}
_WAYS: dict[type, Way] = {}
_CONTAINERS: tuple[tuple[type, Way], ...] = (
    (tuple, _items),
    (frozenset, _items),
    (types.MappingProxyType, _view),
    (dict, _mapping),
    (list, _sequence),
    (deque, _sequence),
    (set, _set),
    (random.Random, _chance),
)


def _unforeseen(kind: type) -> Unforeseen:
    return Unforeseen(
        f"the registry holds a {kind.__module__}.{kind.__qualname__}, and a snapshot does not know how to put that "
        "back; give the class that holds it a method memento(), or name the attribute in its LASTING"
    )
