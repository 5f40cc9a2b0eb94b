"""What two processes tell each other of a registry, as JSON: values by value, everything else by a handle.

By value go numbers, texts, bytes, times, collections that a call returns, the members of enums, flavours by their name,
and frozen records without a private field, such as a `Credential`, a `Dist`, an `Exchange`.  An object that changes (a
user, a log, a list that is an attribute) stays where it is, and a handle stands for it.  So a new method, or a new
kind of object, needs no code here.

A field named `$` says what an object of JSON is.  Owns no connection and no object.
"""

from __future__ import annotations

import builtins
import importlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_pyreg.flavours import Flavour, lookup
from pytest_pyreg.identity import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable

OURS = "pytest_pyreg"
KIND = "$"
FAR = "far_away"
"""An attribute of classes whose objects stand for others, in another process."""
_PLAIN = (bool, int, float, str, type(None))


def name_of(kind: type) -> str:
    """Return the name by which the other side finds a class: that of the nearest class of this package or Python's."""
    for one in kind.__mro__:
        if one.__module__ == "builtins" or one.__module__.split(".")[0] == OURS:
            return f"{one.__module__}:{one.__qualname__}"
    return "builtins:object"


def named(name: str) -> Any:  # noqa: ANN401 - whatever is called so.
    """Return the class of a name.

    Raises:
        ValueError: it is none of this package, and none of Python's own.
    """
    module, _, qualname = name.partition(":")
    if module.split(".")[0] != OURS and module != builtins.__name__:
        raise ValueError(f"{name!r} is no class of this package")
    found: Any = importlib.import_module(module)
    for part in qualname.split("."):
        found = getattr(found, part)
    if not isinstance(found, type):
        raise ValueError(f"{name!r} is no class")  # noqa: TRY004 - as above.
    return found


def by_value(kind: type) -> bool:
    """Tell whether a class is a record that is the same wherever it is."""
    if name_of(kind).split(":")[0] == builtins.__name__:
        return False
    if hasattr(kind, "_fields"):
        return True
    frozen = is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return bool(frozen) and not any(field.name.startswith("_") for field in fields(kind))


class Coder:
    """Says values and understands them.

    Args:
        given: returns what stands for an object that is not said by value.
        taken: returns the object that something stands for.
    """

    def __init__(self, given: Callable[[object], dict[str, Any]], taken: Callable[[Mapping[str, Any]], object]) -> None:
        self._given = given
        self._taken = taken

    def say(self, value: object) -> Any:  # noqa: ANN401 - it is JSON.
        """Return a value as JSON."""
        if hasattr(type(value), FAR):
            return self._given(value)
        if type(value) in _PLAIN:
            return value
        form = next((form for form in _FORMS if form.holds(value)), None)
        return self._given(value) if form is None else {KIND: form.name, **form.said(self, value)}

    def understood(self, said: Any) -> Any:  # noqa: ANN401 - it is JSON.
        """Return the value that JSON says.

        Raises:
            ValueError: it says none.
        """
        if not isinstance(said, dict):
            return said
        form = next((form for form in _FORMS if form.name == said.get(KIND)), None)
        return self._taken(said) if form is None else form.understood(self, said)

    def record(self, value: object) -> dict[str, Any]:
        """Return the fields of a record as JSON."""
        names = getattr(value, "_fields", ()) or [field.name for field in fields(value)]  # type: ignore[arg-type]
        return {"type": name_of(type(value)), "fields": {name: self.say(getattr(value, name)) for name in names}}

    def remade(self, said: Mapping[str, Any]) -> Any:  # noqa: ANN401 - one of many records.
        """Return the record that JSON says."""
        kind = named(said["type"])
        if not by_value(kind):
            raise ValueError(f"{said['type']!r} is no record")
        return kind(**{key: self.understood(value) for key, value in said["fields"].items()})

    # -- errors --------------------------------------------------------------------------------------------------------

    def say_error(self, error: Exception) -> Any:  # noqa: ANN401 - it is JSON.
        """Return an error as JSON: its type, its words, and what it tells by attributes."""
        told = {key: self.say(value) for key, value in vars(error).items() if not key.startswith("_")}
        kind = next(one for one in type(error).__mro__ if f"{one.__module__}:{one.__qualname__}" == name_of(one))
        return {"type": name_of(kind), "args": [self.say(one) for one in error.args], "told": told, "text": str(error)}

    def error(self, said: Mapping[str, Any]) -> Exception:
        """Return the same error again."""
        kind = named(said["type"])
        if not issubclass(kind, Exception):
            return RuntimeError(said["text"])
        error: Exception = kind.__new__(kind, *map(self.understood, said["args"]))
        error.args = tuple(map(self.understood, said["args"]))
        vars(error).update({key: self.understood(value) for key, value in said["told"].items()})
        return error


class _Form(NamedTuple):
    """How values of one kind are said."""

    name: str
    holds: Callable[[Any], bool]
    """Tells whether a value is of the kind."""
    said: Callable[[Coder, Any], dict[str, Any]]
    understood: Callable[[Coder, Mapping[str, Any]], Any]


def _simple(
    name: str, kind: type | tuple[type, ...], say: Callable[[Any], Any], understood: Callable[[Any], Any]
) -> _Form:
    """Return the form of values that JSON can say in one text, or in a few numbers."""
    return _Form(
        name,
        lambda value: isinstance(value, kind),
        lambda _, value: {"of": say(value)},
        lambda _, said: understood(said["of"]),
    )


def _several(name: str, kind: type | tuple[type, ...], understood: Callable[[list[Any]], Any]) -> _Form:
    """Return the form of a collection."""
    return _Form(
        name,
        lambda value: isinstance(value, kind),
        lambda coder, value: {"of": [coder.say(one) for one in value]},
        lambda coder, said: understood([coder.understood(one) for one in said["of"]]),
    )


_FORMS = (
    _Form(
        "enum",
        lambda value: isinstance(value, Enum),
        lambda _, value: {"type": name_of(type(value)), "name": value.name},
        lambda _, said: named(said["type"])[said["name"]],
    ),
    _simple("text", str, str.__str__, str),
    _simple("flavour", Flavour, lambda flavour: flavour.name, lookup),
    _Form("record", lambda value: by_value(type(value)), Coder.record, Coder.remade),
    _simple("bytes", bytes, lambda value: b64encode(value).decode(), b64decode),
    _simple("time", datetime, datetime.isoformat, datetime.fromisoformat),
    _simple("span", timedelta, lambda it: [it.days, it.seconds, it.microseconds], lambda of: timedelta(*of)),
    _simple("path", Path, lambda path: str(path.absolute()), Path),
    _simple("slice", slice, lambda it: [it.start, it.stop, it.step], lambda of: slice(*of)),
    _Form(
        "dict",
        lambda value: isinstance(value, Mapping),
        lambda coder, value: {"of": [[coder.say(key), coder.say(one)] for key, one in value.items()]},
        lambda coder, said: {coder.understood(key): coder.understood(one) for key, one in said["of"]},
    ),
    _several("secrets", Secrets, Secrets),
    _several("list", (list, Iterator), list),
    _several("tuple", tuple, tuple),
    _several("set", AbstractSet, set),
)
"""The first that holds is a value's."""
