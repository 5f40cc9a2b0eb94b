"""Objects as text and back: what a world is made of, each object a row of its own.

A walk over all that some roots lead to.  Nothing is left out by accident: what is neither known to be plain data nor a
record of this package's is an error.  Rows name classes of this package alone, so that reading them runs no code of
anybody else's, and a field that came later has its default.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
import types
from collections import defaultdict, deque
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from pytest_pyreg.durable.classes import (
    PACKAGE,
    NotReadable,
    Unforeseen,
    called,
    class_called,
    fill,
    held,
    is_value,
    unforeseen,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_PLAIN = (bool, int, float, str, type(None))
_COUNT = re.compile(r"count\((\d+)\)")
_CODE = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, type(lambda: None))
_LOCKS: Mapping[type, Callable[[], object]] = {
    type(threading.Lock()): threading.Lock,
    type(threading.RLock()): threading.RLock,
}
_FACTORIES: Mapping[str, Callable[[], object]] = {kind.__name__: kind for kind in (deque, list, set, dict, int)}
_SEVERAL: Mapping[str, Callable[[Iterable[Any]], object]] = {
    kind.__name__: kind for kind in (tuple, set, frozenset, deque)
}


class Graph:
    """What stands for what: objects by their numbers, and those that are known on both sides by their names.

    Args:
        known: objects that are not kept, or are roots, by their names.
    """

    def __init__(self, known: Mapping[str, object]) -> None:
        self._known = dict(known)
        self._names = {id(thing): name for name, thing in known.items()}
        self._objects: dict[int, object] = {}
        """Kept alive: an address is good only as long as its thing is."""
        self._numbers: dict[int, int] = {}
        self._next = 1
        self._waiting: list[int] = []
        self._walking = False

    # -- to rows -------------------------------------------------------------------------------------------------------

    def rows(self, roots: Iterable[str], others: Mapping[str, object]) -> dict[str, str]:
        """Return a row for each root, for each other thing, and for each object that these lead to.

        Args:
            roots: the names of known objects whose attributes are kept.
            others: things that are kept as they are, by their names.

        Raises:
            Unforeseen: something in them is of a kind that nobody knows how to keep.
        """
        self._waiting, self._walking = [], True
        met: set[int] = set()
        rows = {name: _text(self._attributes(self._known[name], root=True)) for name in roots}
        rows |= {name: _text(self.said(thing)) for name, thing in others.items()}
        while self._waiting:
            number = self._waiting.pop()
            if number not in met:
                met.add(number)
                thing = self._objects[number]
                rows[str(number)] = _text({"class": called(type(thing)), "has": self._attributes(thing)})
        for number in self._objects.keys() - met:
            del self._numbers[id(self._objects.pop(number))]
        self._walking = False
        return rows

    def said(self, value: Any) -> Any:  # noqa: ANN401 - anything.
        """Return what stands for a value, as JSON has it.

        Raises:
            Unforeseen: nobody knows how to keep it.
        """
        kind = type(value)
        if kind in _PLAIN:
            return value
        if id(value) in self._names:
            return {"known": self._names[id(value)]}
        if kind in _SAYING:
            return _SAYING[kind](self, value)
        if not kind.__module__.startswith(PACKAGE):
            raise unforeseen(value)
        for base, say in _SAYING_OURS:
            if issubclass(kind, base):
                return {**say(self, value), "class": called(kind)}
        if is_value(kind):
            return {"value": self._attributes(value), "class": called(kind)}
        return {"object": self._number(value)}

    def several(self, value: Iterable[Any]) -> list[Any]:
        """Return what stands for each of several values, as they are at this moment."""
        return [self.said(one) for one in tuple(value)]

    def _said_items(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        return {"items": [[self.said(key), self.said(one)] for key, one in tuple(value.items())]}

    def _said_method(self, value: types.MethodType) -> dict[str, Any]:
        if id(value.__self__) not in self._names:
            raise unforeseen(value)
        return {"method": [self._names[id(value.__self__)], value.__name__]}

    def _attributes(self, thing: Any, *, root: bool = False) -> dict[str, Any]:  # noqa: ANN401 - any object.
        if callable(getattr(type(thing), "memento", None)):
            raise unforeseen(thing)
        found = {}
        for name, value in held(thing).items():
            # What a root is made with it has when it is made again: code, and what can be made anew.
            if not (root and (isinstance(value, _CODE) or callable(getattr(type(value), "memento", None)))):
                found[name] = self.said(value)
        return found

    def _number(self, thing: object) -> int:
        number = self._numbers.get(id(thing))
        if number is None:
            if not self._walking:  # It would have no row.
                raise Unforeseen(f"no root leads to {thing!r}, which something that is kept belongs to")
            number = self._numbers[id(thing)] = self._next
            self._objects[number] = thing
            self._next += 1
        self._waiting.append(number)
        return number

    # -- from rows -----------------------------------------------------------------------------------------------------

    def restore(self, rows: Mapping[str, str], roots: Iterable[str]) -> None:
        """Make the objects that rows stand for, and give known roots what they had.

        Raises:
            NotReadable: a row says what this version does not know.
        """
        said = {name: json.loads(text) for name, text in rows.items()}
        for name, row in said.items():
            if name.isdecimal():
                kind = class_called(row["class"])
                thing = self._objects[int(name)] = kind.__new__(kind)
                self._numbers[id(thing)] = int(name)
        self._next = max(self._objects, default=0) + 1
        for number, thing in self._objects.items():
            fill(thing, self._attributes_meant(said[str(number)]["has"]))
        for name in said.keys() & set(roots):
            root = self._known[name]
            if unknown := [attribute for attribute in said[name] if not hasattr(root, attribute)]:
                raise NotReadable(f"a {type(root).__name__} has {', '.join(unknown)}, which this version does not know")
            for attribute, value in said[name].items():
                object.__setattr__(root, attribute, self.meant(value))

    def meant(self, said: Any) -> Any:  # noqa: ANN401 - anything.
        """Return the value that something stands for.

        Raises:
            NotReadable: it stands for nothing that this version knows.
        """
        if isinstance(said, list):
            return [self.meant(one) for one in said]
        if not isinstance(said, dict):
            return said
        for key, reading in _MEANING.items():
            if key in said:
                return reading(self, said)
        raise NotReadable(f"there is something of a kind that is unknown here: {', '.join(said)}")

    def _known_as(self, said: Mapping[str, Any]) -> object:
        return self._known[said["known"]]

    def _items(self, said: Mapping[str, Any]) -> object:
        items = {self.meant(key): self.meant(value) for key, value in said["items"]}
        if "each" in said:
            return defaultdict(_FACTORIES[said["each"]], items)
        return types.MappingProxyType(items) if "fixed" in said else items

    def _method(self, said: Mapping[str, Any]) -> object:
        owner, name = said["method"]
        return getattr(self._known[owner], name)

    def _object(self, said: Mapping[str, Any]) -> object:
        return self._objects[said["object"]]

    def _value(self, said: Mapping[str, Any]) -> object:
        kind = class_called(said["class"])
        made = kind.__new__(kind)
        fill(made, self._attributes_meant(said["value"]))
        return made

    def _attributes_meant(self, said: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.meant(value) for name, value in said.items()}

    def _several(self, said: Mapping[str, Any]) -> object:
        return _SEVERAL[said["kind"]](self.meant(one) for one in said["several"])


def _position(_: Graph, value: itertools.count[int]) -> dict[str, Any]:
    found = _COUNT.fullmatch(repr(value))
    if found is None:
        raise unforeseen(value)
    return {"count": int(found[1])}


def _each(kind: type) -> Callable[[Graph, Any], dict[str, Any]]:
    return lambda graph, value: {"kind": kind.__name__, "several": graph.several(value)}


def _sorted(kind: type) -> Callable[[Graph, Any], dict[str, Any]]:
    """Say what has no order always in the same one."""
    return lambda graph, value: {"kind": kind.__name__, "several": sorted(graph.several(value), key=_text)}


_SAYING: Mapping[type, Callable[[Graph, Any], Any]] = {
    list: Graph.several,
    dict: Graph._said_items,  # noqa: SLF001 - a table of its own methods.
    types.MappingProxyType: lambda graph, value: {**graph._said_items(value), "fixed": True},  # noqa: SLF001 - as above.
    defaultdict: lambda graph, value: {**graph._said_items(value), "each": value.default_factory.__name__},  # noqa: SLF001 - as above.
    types.MethodType: Graph._said_method,  # noqa: SLF001 - as above.
    tuple: _each(tuple),
    deque: _each(deque),
    set: _sorted(set),
    frozenset: _sorted(frozenset),
    bytes: lambda _, value: {"bytes": value.hex()},
    datetime: lambda _, value: {"at": value.isoformat()},
    timedelta: lambda _, value: {"time": [value.days, value.seconds, value.microseconds]},
    itertools.count: _position,
    **{kind: lambda _, value: {"lock": type(value).__name__} for kind in _LOCKS},
}
"""How things of a class are said; of exactly that class."""
_SAYING_OURS: tuple[tuple[type, Callable[[Graph, Any], dict[str, Any]]], ...] = (
    (Enum, lambda _, value: {"one": value.name}),
    (str, lambda _, value: {"word": str(value)}),
    (tuple, lambda graph, value: {"named": graph.several(value)}),
)
"""How things of classes of this package are said that derive from these."""
_MEANING: Mapping[str, Callable[[Graph, Mapping[str, Any]], object]] = {
    "known": Graph._known_as,  # noqa: SLF001 - as above.
    "items": Graph._items,  # noqa: SLF001 - as above.
    "method": Graph._method,  # noqa: SLF001 - as above.
    "object": Graph._object,  # noqa: SLF001 - as above.
    "value": Graph._value,  # noqa: SLF001 - as above.
    "several": Graph._several,  # noqa: SLF001 - as above.
    "one": lambda _, said: class_called(said["class"])[said["one"]],
    "word": lambda _, said: class_called(said["class"])(said["word"]),
    "named": lambda graph, said: class_called(said["class"])(*map(graph.meant, said["named"])),
    "bytes": lambda _, said: bytes.fromhex(said["bytes"]),
    "at": lambda _, said: datetime.fromisoformat(said["at"]),
    "time": lambda _, said: timedelta(*said["time"]),
    "count": lambda _, said: itertools.count(said["count"]),
    "lock": lambda _, said: next(make for kind, make in _LOCKS.items() if kind.__name__ == said["lock"])(),
}


def _text(said: object) -> str:
    return json.dumps(said, sort_keys=True, separators=(",", ":"))
