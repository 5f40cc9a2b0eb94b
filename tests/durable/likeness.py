"""What a registry is, in a form in which two of them can be compared: objects are told by the order in which they come.

Drawn without the code that it holds to account.
"""

from __future__ import annotations

import itertools
import random
import types
from collections import deque
from typing import Any

from pytest_pyreg.clock import ManualClock
from pytest_pyreg.flavours import Flavour
from tests.snapshots.pictures import attributes_of

APART = frozenset({"pages", "era"})
"""Made anew with every registry."""
ATOMS = (str, bytes, int, float, type(None))


class Likeness:
    """Every object that a world leads to, in the order in which they are met.

    Args:
        roots: where the walk begins.
    """

    def __init__(self, *roots: object) -> None:
        self._numbers: dict[int, int] = {}
        self._alive: list[object] = []
        self.objects: dict[int, Any] = {}
        self.seen = [self._of(root) for root in roots]

    def _of(self, thing: Any) -> Any:  # noqa: ANN401, PLR0911 - anything, each in its way.
        if isinstance(thing, (list, tuple, deque)):
            return type(thing).__name__, [self._of(one) for one in thing]
        if isinstance(thing, (dict, types.MappingProxyType)):
            return "dict", [(self._of(key), self._of(value)) for key, value in thing.items()]
        if isinstance(thing, (set, frozenset)):
            return "set", [self._of(one) for one in sorted(thing, key=_named)]
        if isinstance(thing, ATOMS):
            return type(thing).__name__, thing
        if isinstance(thing, itertools.count):
            return repr(thing)
        if isinstance(thing, (Flavour, random.Random, ManualClock, types.FunctionType, types.MethodType)):
            return type(thing).__name__
        if type(thing).__module__.partition(".")[0] != "pytest_pyreg":
            return repr(thing) if "lock" not in repr(type(thing)) else "a lock"
        if id(thing) not in self._numbers:
            number = self._numbers[id(thing)] = len(self._numbers)
            self._alive.append(thing)
            self.objects[number] = (
                type(thing).__qualname__,
                {name: self._of(value) for name, value in sorted(attributes_of(thing).items()) if name not in APART},
            )
        return "the object", self._numbers[id(thing)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Likeness) and (self.seen, self.objects) == (other.seen, other.objects)

    __hash__ = None  # type: ignore[assignment]


def _named(thing: object) -> str:
    return str(getattr(thing, "name", getattr(thing, "username", thing)))
