"""What a registry is, and what it answers, in a form that two moments can be compared in.

The picture is drawn without the code that it holds to account: it goes through everything that a registry leads to,
whatever it is, and tells objects by their identity.
"""

from __future__ import annotations

import itertools
import random
import re
import types
from collections import deque
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client

from pytest_pyreg import ANONYMOUS, Registry
from pytest_pyreg.blobs import BlobStore
from pytest_pyreg.flavours import Flavour
from pytest_pyreg.index import Index
from pytest_pyreg.shelves import ProjectShelf, Shelf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_pyreg.identity import Credential

# The log and the clients' places go on; kept pages are made anew; serials never come twice.
APART = {
    "log",
    "_log",
    "_tls",
    "_workplace",
    "_server",
    "_wsgi",
    "_gate",
    "_app",
    "_keeper",
    "_pages",
    "_serials",
    "era",
    "_era",
    "_lock",
}
APART |= {"_lock", "_snapshots", "_let_go", "_folder", "_serial", "_fresh"}
ATOMS = (str, bytes, int, float, type(None), types.FunctionType, types.MethodType, type)
BY_VALUE = (Index, BlobStore, Shelf, ProjectShelf)
PASSING = {"Date", "X-Request-Id", "X-Runtime", "X-Gitlab-Meta"}


class Picture(dict[int, Any]):
    """Every object that a registry leads to, by its identity, with what its attributes are."""

    def __init__(self, root: object) -> None:
        super().__init__()
        self.objects: dict[int, object] = {}
        self.of(root)

    def of(self, thing: Any) -> Any:  # noqa: ANN401, PLR0911 - anything, each in its way.
        """Return what stands for a thing."""
        if isinstance(thing, (list, tuple, deque)):
            return type(thing), [self.of(one) for one in thing]
        if isinstance(thing, (dict, types.MappingProxyType)):
            return dict, [(self.of(key), self.of(value)) for key, value in thing.items()]
        if isinstance(thing, (set, frozenset)):
            return set, frozenset(map(repr, map(self.of, thing)))
        if isinstance(thing, itertools.count):
            return repr(thing)
        if isinstance(thing, (*ATOMS, Flavour)):
            return thing
        if isinstance(thing, random.Random):
            return id(thing), None if isinstance(thing, random.SystemRandom) else thing.getstate()
        if type(thing).__module__.partition(".")[0] not in {"pytest_pyreg", "tests"}:
            return repr(thing)
        attributes = attributes_of(thing)
        if isinstance(thing, BY_VALUE):
            return {name: self.of(value) for name, value in attributes.items()}
        if id(thing) not in self.objects:
            self.objects[id(thing)] = thing
            self[id(thing)] = type(thing), {name: self.of(value) for name, value in attributes.items()}
        return "the object", id(thing)


def attributes_of(thing: object) -> dict[str, Any]:
    """Return what an object has, in a dict or in slots, but for what is apart."""
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ()) if name[:2] != "__"]
    found = {name: getattr(thing, name) for name in slots if hasattr(thing, name)} | getattr(thing, "__dict__", {})
    return {name: value for name, value in found.items() if name not in APART}


ADDRESSES = {
    "gitlab": (
        "/api/v4/projects/1",
        "/api/v4/projects/2",
        "/api/v4/projects/acme%2Fother/packages",
        "/api/v4/projects/1/packages",
        "/api/v4/projects/1/packages/1",
        "/api/v4/projects/1/packages/1/package_files",
        "/api/v4/projects/1/packages/3",
        "/api/v4/groups/acme",
        "/api/v4/groups/acme/-/packages/pypi/simple",
        "/api/v4/groups/acme/-/packages/pypi/simple/demo",
        "/api/v4/user",
    ),
    "gitea": ("/api/v1/user", "/api/v1/packages/acme", "/api/v1/packages/acme/pypi/demo/1.0", "/api/v1/orgs/acme"),
    "pypi": ("/pypi/demo/json", "/pypi/demo/1.0/json", "/pypi/later/json", "/simple/demo/?format=x"),
}
ADDRESSES["forgejo"] = ADDRESSES["gitea"]
KINDS = ("text/html", "application/vnd.pypi.simple.v1+json")


def answers(registry: Registry, credentials: Iterable[Credential] = ()) -> dict[tuple[str, str, str], Any]:
    """Return what every address says to everybody: status, headers and body."""
    client = Client(registry.wsgi)
    index = registry.index_url.removeprefix(registry.url)
    pages = [f"{index}/", *(f"{index}/{name}/" for name in ("demo", "other", "later", "nothing"))]
    found: dict[tuple[str, str, str], Any] = {}
    links: set[str] = set()
    callers = (registry.publisher, registry.reader, registry.stranger, ANONYMOUS, *credentials)

    def ask(path: str, number: int, caller: Credential, kind: str) -> str:
        auth = (caller.username, caller.secret) if caller is not ANONYMOUS else None
        with client.get(path, auth=auth, headers={"Accept": kind}) as response:
            headers = [header for header in response.headers if header[0] not in PASSING]
            found[path, f"caller {number}", kind] = response.status, headers, response.data
            return str(response.data, "utf-8", "replace")

    for number, caller in enumerate(callers):
        for kind in KINDS:
            for path in pages:
                text = ask(path, number, caller, kind)
                links |= {link.removeprefix(registry.url) for link in re.findall(r'"([^"]+\.whl)[#"]', text)}
        for path in ADDRESSES.get(registry.flavour.product, ()):
            ask(path, number, caller, "*/*")
        for path in sorted(links):
            if path.startswith("/"):
                ask(path, number, caller, "*/*")
    return found
