"""The classes of what a world is made of: what of an object is kept, and which class a row means."""

from __future__ import annotations

import importlib
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

PACKAGE = "pytest_pyreg."
_CLASSES: dict[str, Any] = {}


class NotReadable(Exception):
    """A row says what this version does not know."""


class Unforeseen(TypeError):
    """There is something in the state that nobody knows how to keep."""


def is_value(kind: type) -> bool:
    """Tell whether two of a class that say the same are the same."""
    parameters = getattr(kind, "__dataclass_params__", None)
    return parameters is not None and parameters.frozen and parameters.eq


def called(kind: type) -> str:
    """Return what rows call a class of this package."""
    return f"{kind.__module__.removeprefix(PACKAGE)}:{kind.__qualname__}"


def class_called(name: str) -> Any:  # noqa: ANN401 - any class.
    """Return the class of this package that rows call so.

    Raises:
        NotReadable: there is none.
    """
    if name not in _CLASSES:
        module, _, own = name.partition(":")
        try:
            found = getattr(importlib.import_module(PACKAGE + module), own)
        except (ImportError, AttributeError):
            found = None
        if not isinstance(found, type) or not found.__module__.startswith(PACKAGE):
            raise NotReadable(f"there is a {own} of {module}, which this version does not have")
        _CLASSES[name] = found
    return _CLASSES[name]


def held(thing: object) -> dict[str, Any]:
    """Return an object's attributes, wherever it has them."""
    slots = [name for base in type(thing).__mro__ for name in vars(base).get("__slots__", ()) if name[:2] != "__"]
    found = {name: getattr(thing, name) for name in slots if hasattr(thing, name)}
    return found | dict(getattr(thing, "__dict__", {}))


def fill(thing: object, has: dict[str, Any]) -> None:
    """Give an object its attributes, past what its class says of changes to them: they held before.

    Raises:
        NotReadable: they are not those of its class.
    """
    known = {field.name: field for field in fields(thing)} if is_dataclass(thing) else {}
    unknown = [name for name in has if known and name not in known and not hasattr(type(thing), name)]
    if unknown:
        raise NotReadable(f"a {type(thing).__name__} has {', '.join(unknown)}, which this version does not know")
    for name, field in known.items():
        if name not in has:
            object.__setattr__(thing, name, _default(thing, field))
    for name, value in has.items():
        object.__setattr__(thing, name, value)


def _default(thing: object, field: Field[Any]) -> object:
    if field.default is not MISSING:
        return field.default
    if field.default_factory is not MISSING:
        return field.default_factory()
    raise NotReadable(f"a {type(thing).__name__} needs a {field.name}, which was not there when it was written")


def unforeseen(value: object) -> Unforeseen:
    """Return the error about something that nobody knows how to keep."""
    kind = type(value)
    return Unforeseen(f"a registry holds a {kind.__module__}.{kind.__qualname__}, which nobody knows how to keep")
