"""Objects that stand for others in another process: what is asked of them is asked there.

They pass for what they stand for (`isinstance(user, User)`), the same object there is the same object here, and what
changes it changes it there.  Owns no connection; what is passed by value instead is in `passing`.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Iterator, MutableMapping, MutableSequence, MutableSet
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from pytest_pyreg.control import SPECIAL
from pytest_pyreg.link import Link, Told
from pytest_pyreg.passing import FAR, KIND, Coder, named

if TYPE_CHECKING:
    from collections.abc import Mapping


class Far:
    """One registry's objects, and the way to them.

    Args:
        link: the way.
        kinds: classes there -> the class here whose objects stand for theirs; the nearest counts.
    """

    def __init__(self, link: Link, kinds: Mapping[type, type[Proxy]]) -> None:
        self.link = link
        self._kinds = kinds
        self._coder = Coder(self._given, self._taken)
        self._proxies: weakref.WeakValueDictionary[int, Proxy] = weakref.WeakValueDictionary()

    def first(self) -> Proxy:
        """Return what stands for the registry itself."""
        __tracebackhide__ = True
        return cast("Proxy", self._understood(self.link.hello))

    def ask(self, task: str, proxy: Proxy, **more: object) -> Any:  # noqa: ANN401 - whatever comes of it.
        """Ask for something, and raise the error that comes of it as if it were raised here."""
        __tracebackhide__ = True
        return self._understood(lambda: self.link.ask({"do": task, "on": self._given(proxy), **more}))

    def _understood(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - as above.
        __tracebackhide__ = True
        try:
            said = ask()
        except Told as told:
            error = self._coder.error(told.said)
        else:
            return self._coder.understood(said)
        raise error

    def call(self, proxy: Proxy, name: str, *args: object, **kwargs: object) -> Any:  # noqa: ANN401 - as above.
        """Call a method."""
        __tracebackhide__ = True
        said = {key: self._coder.say(value) for key, value in kwargs.items()}
        return self.ask("call", proxy, name=name, args=[self._coder.say(one) for one in args], kwargs=said)

    def set(self, proxy: Proxy, name: str, value: object) -> None:
        """Set an attribute."""
        __tracebackhide__ = True
        self.ask("set", proxy, name=name, value=self._coder.say(value))

    def _given(self, value: object) -> dict[str, Any]:
        if isinstance(value, Proxy) and value._far is self:  # noqa: SLF001 - the other half of this.
            return {KIND: "handle", "number": value._number()}  # noqa: SLF001 - as above.
        if hasattr(type(value), FAR):
            raise ValueError("that is an object of another registry; make it with this one's own words")
        raise ValueError(
            f"{value!r} cannot be given to a registry in another process; give it what its own words make, "
            "or plain values, such as texts, numbers and times"
        )

    def _taken(self, said: Mapping[str, Any]) -> object:
        if said[KIND] == "method":
            return Method
        number = said["number"]
        known = self._proxies.get(number)
        if known is None:
            kind = named(said["type"])
            here = next((here for there, here in self._kinds.items() if issubclass(kind, there)), None)
            known = (here or _COLLECTIONS.get(said["as"]) or _standing_for(kind))(self, number, kind)
            self._proxies[number] = known
        return known


class Method:
    """A method of an object in another process."""

    def __init__(self, proxy: Proxy, name: str) -> None:
        self._proxy = proxy
        self._name = name
        self.__name__ = name

    def __call__(self, *args: object, **kwargs: object) -> Any:  # noqa: ANN401 - whatever it returns.
        """Call it there."""
        __tracebackhide__ = True
        return self._proxy._far.call(self._proxy, self._name, *args, **kwargs)  # noqa: SLF001 - as above.

    def __repr__(self) -> str:
        return f"<method {self._name} of {self._proxy!r}>"


class Proxy:
    """What stands for an object in another process.

    Args:
        far: where that is.
        number: its number there.
        kind: its class there.
    """

    far_away = True

    def __init__(self, far: Far, number: int, kind: type) -> None:
        self._far = far
        self._at = number
        self._kind = kind

    def _passed_for(self) -> type:
        return self._kind

    __class__ = property(_passed_for)

    def _number(self) -> int:
        return self._at

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever it is there.
        __tracebackhide__ = True
        if name.startswith("_"):
            raise AttributeError(f"{name!r} is a private name; what is public can be used from another process")
        if inspect.isroutine(inspect.getattr_static(self._kind, name, None)):
            return Method(self, name)
        found = self._far.ask("get", self, name=name)
        return Method(self, name) if found is Method else found

    def __setattr__(self, name: str, value: object) -> None:
        __tracebackhide__ = True
        if name.startswith("_"):
            object.__setattr__(self, name, value)
        else:
            self._far.set(self, name, value)

    def __dir__(self) -> list[str]:
        return dir(self._kind)

    def __repr__(self) -> str:
        return f"<{self._kind.__name__} in another process>"

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@cache
def _standing_for(kind: type) -> type[Proxy]:
    """Return a class of proxies that have the special methods that a class has."""
    own = [name for name in SPECIAL if getattr(kind, name, None) is not getattr(object, name, None)]
    return type(Proxy.__name__, (Proxy,), {name: _special(name) for name in own})


def _special(name: str) -> Callable[..., Any]:
    def there(self: Proxy, *args: object) -> Any:  # noqa: ANN401 - whatever it returns.
        __tracebackhide__ = True
        found = self._far.call(self, name, *args)
        return iter(found) if name == "__iter__" else found

    return there


class _Collection(Proxy):
    """A list, a dictionary or a set that is an attribute there: what changes it changes it there."""

    def _now(self) -> Any:  # noqa: ANN401 - a copy of it.
        return self._far.ask("copy", self)

    def __len__(self) -> int:
        return len(self._now())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._now())

    def __contains__(self, value: object) -> bool:
        return value in self._now()

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401 - whatever it has.
        __tracebackhide__ = True
        return self._far.call(self, "__getitem__", key)

    def __setitem__(self, key: Any, value: Any) -> None:  # noqa: ANN401 - as above.
        self._far.call(self, "__setitem__", key, value)

    def __delitem__(self, key: Any) -> None:  # noqa: ANN401 - as above.
        self._far.call(self, "__delitem__", key)

    def __eq__(self, other: object) -> bool:
        return bool(self._now() == (other._now() if type(other) is type(self) else other))

    def __hash__(self) -> int:
        raise TypeError(f"unhashable type: {self._kind.__name__!r}")

    def __repr__(self) -> str:
        return repr(self._now())


class _List(_Collection, MutableSequence[Any]):
    def insert(self, index: int, value: object) -> None:
        self._far.call(self, "insert", index, value)


class _Dict(_Collection, MutableMapping[Any, Any]):
    pass


class _Set(_Collection, MutableSet[Any]):
    @classmethod
    def _from_iterable(cls, it: Any) -> Any:  # noqa: ANN401 - what sets are made from.
        return set(it)

    def add(self, value: object) -> None:
        self._far.call(self, "add", value)

    def discard(self, value: object) -> None:
        self._far.call(self, "discard", value)


_COLLECTIONS: Mapping[object, type[Proxy]] = {"list": _List, "dict": _Dict, "set": _Set}
