"""What another process may do with a registry: a WSGI application in front of it, at `/-/pyreg/`.

Reads and sets public attributes, and calls public methods, of the registry and of what these return; see `passing`.  An
ordinary registry, which is not shared, has no such address.  Its requests are in no log.

Owns the handles of objects.  A secret of its own opens it, not a credential of the registry, and only to this machine.
"""

from __future__ import annotations

import hmac
import inspect
import itertools
import json
import threading
from http import HTTPStatus
from importlib import metadata
from typing import TYPE_CHECKING, Any

from pytest_pyreg.passing import KIND, Coder, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/-/pyreg/"
SPECIAL = frozenset(
    f"__{name}__" for name in ("len", "iter", "getitem", "setitem", "delitem", "contains", "str", "repr")
)
"""What can be called beside public methods: what makes a log a sequence, and so on."""
_LIVE: Mapping[type, str] = {list: "list", dict: "dict", set: "set"}


class Handles:
    """The objects that another process holds, each under a number; the same object has the same one.

    An object is kept until it is forgotten, or the registry ends.
    """

    def __init__(self) -> None:
        self._objects: dict[int, object] = {}
        self._numbers: dict[int, int] = {}
        self._counter = itertools.count()

    def given(self, value: object) -> dict[str, Any]:
        """Return what stands for an object."""
        if inspect.isroutine(value):
            return {KIND: "method"}
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = next(self._counter)
            self._objects[number] = value  # Which also keeps its id from being another's.
        return {KIND: "handle", "number": number, "type": name_of(type(value)), "as": _LIVE.get(type(value), "")}

    def taken(self, said: Mapping[str, Any]) -> object:
        """Return the object that something stands for.

        Raises:
            LookupError: there is none.
        """
        if said.get(KIND) != "handle" or said.get("number") not in self._objects:
            raise LookupError("there is no such object here: it is of another registry, or of an earlier one")
        return self._objects[said["number"]]

    def forget(self, said: Mapping[str, Any]) -> None:
        """Let an object go; one that is unknown is no error."""
        value = self._objects.pop(said.get("number", -1), None)
        self._numbers.pop(id(value), None)


class Control:
    """The door for other processes, in front of everything else.

    Args:
        app: what answers everything else.
        registry: what is behind the door; an error if it could not be made.
        token: the secret that opens it.
        done: called after everything that was done, before the reply.
    """

    def __init__(
        self, app: WSGIApplication, registry: object, token: str, done: Callable[[], None] = lambda: None
    ) -> None:
        self._done = done
        self._app = app
        self._registry = registry
        self._token = token.encode()
        self._handles = Handles()
        self._coder = Coder(self._handles.given, self._handles.taken)
        # Several processes change one world, and none of them is made for two at once.
        self._lock = threading.RLock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer what is asked of the control application; hand on everything else."""
        if not environ["PATH_INFO"].startswith(PATH):
            return self._app(environ, start_response)
        status, reply = self._answer(environ)
        body = json.dumps(reply).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> tuple[HTTPStatus, Mapping[str, Any]]:
        if not environ.get("REMOTE_ADDR", "").startswith("127."):
            return HTTPStatus.FORBIDDEN, {"problem": "a registry is controlled from its own machine alone"}
        shown = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        if not hmac.compare_digest(shown, b"Bearer " + self._token):
            return HTTPStatus.UNAUTHORIZED, {"problem": "the control token is not that of this registry"}
        if environ["REQUEST_METHOD"] != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED, {"problem": "what is wanted is posted here, as JSON"}
        try:
            said = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
            task = _TASKS[said["do"]]
        except (ValueError, KeyError, TypeError):
            return HTTPStatus.BAD_REQUEST, {"problem": "the body says nothing that can be done here"}
        try:
            with self._lock:
                try:
                    return HTTPStatus.OK, {"value": task(self, said)}
                finally:
                    self._done()
        except Exception as error:  # noqa: BLE001 - it is the caller's, who raises it again.
            return HTTPStatus.OK, {"error": self._coder.say_error(error)}

    # -- what can be done ----------------------------------------------------------------------------------------------

    def _hello(self, _: Mapping[str, Any]) -> Any:  # noqa: ANN401 - it is JSON.
        """Tell which version this is, and hand over the registry, or why there is none."""
        if isinstance(self._registry, Exception):
            raise self._registry
        return {"version": metadata.version("pytest-pyreg"), "registry": self._coder.say(self._registry)}

    def _get(self, said: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above.
        owner, name = self._named(said)
        value = getattr(owner, name)
        # What a property returns was made for whoever asked; an attribute is the thing itself, and may be changed.
        own = not isinstance(inspect.getattr_static(type(owner), name, None), property)
        return self._handles.given(value) if own and type(value) in _LIVE else self._coder.say(value)

    def _set(self, said: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above.
        owner, name = self._named(said)
        setattr(owner, name, self._coder.understood(said["value"]))

    def _call(self, said: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above.
        owner, name = self._named(said)
        positional = [self._coder.understood(one) for one in said["args"]]
        keywords = {key: self._coder.understood(value) for key, value in said["kwargs"].items()}
        return self._coder.say(getattr(owner, name)(*positional, **keywords))

    def _copy(self, said: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above.
        """Return what is in a collection now."""
        return self._coder.say(self._coder.understood(said["on"]))

    def _forget(self, said: Mapping[str, Any]) -> None:
        self._handles.forget(said["on"])

    def _named(self, said: Mapping[str, Any]) -> tuple[object, str]:
        owner, name = self._coder.understood(said["on"]), str(said["name"])
        if name.startswith("_") and not (said["do"] == "call" and name in SPECIAL):
            raise AttributeError(f"{name!r} is a private name; what is public can be used from another process")
        if name in getattr(owner, "here_alone", ()):
            raise AttributeError(f"{name!r} cannot be used from another process: it is of the one that started this")
        return owner, name


_TASKS: Mapping[str, Callable[[Control, Mapping[str, Any]], Any]] = {
    "hello": Control._hello,  # noqa: SLF001 - a table of its own methods.
    "get": Control._get,  # noqa: SLF001 - as above.
    "set": Control._set,  # noqa: SLF001 - as above.
    "call": Control._call,  # noqa: SLF001 - as above.
    "copy": Control._copy,  # noqa: SLF001 - as above.
    "forget": Control._forget,  # noqa: SLF001 - as above.
}
