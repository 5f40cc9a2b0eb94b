"""What nothing that is printed may show: the secrets of every registry that this process has, had, or is attached to.

A test may make its registries wherever it likes, and none of them tells pytest.  So whoever knows secrets is watched
from here, weakly, and asked when there is something to print; what it knew when it ended is kept for later texts.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Protocol

from pytest_pyreg.redaction import Redactor, joined, redactor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LASTING = 8
"""Characters of a secret that is left out for the rest of the run; a shorter one may be a word of another test."""
_KEY = 4
"""Characters of a key: the shortest secret has as many."""
_BEFORE_CUT = 200
"""Characters before "..." in which the beginning of a secret may stand."""


class Source(Protocol):
    """Something that knows secrets."""

    def secrets(self) -> Iterable[str]:
        """Return them."""
        ...


class Hush:
    """Leaves the secrets of a whole process out of texts.

    There may be thousands of them, so a text is first asked for a few letters of each.
    """

    def __init__(self) -> None:
        self._sources: weakref.WeakSet[Source] = weakref.WeakSet()
        self._known: set[str] = set()
        self._keys: dict[str, set[str]] = {}
        self._short: set[str] = set()
        self._recent = False
        # Tests start and stop registries from several threads.
        self._lock = threading.RLock()

    def watch(self, source: Source) -> None:
        """Ask somebody, as long as there is one, whenever there is something to print."""
        with self._lock:
            self._sources.add(source)
            self._recent = True

    def leave(self, source: Source) -> None:
        """Ask somebody a last time; who is not watched is not asked."""
        with self._lock:
            watched = source in self._sources
        if watched:
            self._ask(source)
            with self._lock:
                self._sources.discard(source)

    def keep(self, secrets: Iterable[str]) -> None:
        """Leave texts out of all that is printed from now on."""
        with self._lock:
            for secret in {str(one) for one in secrets if one} - self._known:
                self._known.add(secret)
                if len(secret) < LASTING:
                    self._short.add(secret)
                for key in _keys(secret):
                    self._keys.setdefault(key, set()).add(secret)

    def gather(self) -> None:
        """Ask everybody."""
        with self._lock:
            sources = list(self._sources)
        for source in sources:  # One of them may be in another process, or wait for a thread that is to be heard here.
            self._ask(source)

    def settle(self) -> None:
        """Forget short secrets of who is gone: the next test may use the same word for something else."""
        with self._lock:
            self._recent = False
            for secret in self._short:
                self._known.discard(secret)
                for key in _keys(secret):
                    self._keys[key].discard(secret)
            self._short.clear()

    def __call__(self, text: str) -> str:
        """Return a text without the secrets; one that has nothing to do with any registry is left as it is."""
        with self._lock:
            found = frozenset(one for key in self._keys.keys() & _grams(text) for one in self._keys[key])
            concerned = bool(found) or self._recent or bool(self._sources)
        return redactor(found)(text) if concerned else text

    def _ask(self, source: Source) -> None:
        try:
            self.keep(source.secrets())
        except Exception:  # noqa: BLE001 - whatever is wrong with it, a report of something else must come out.
            return


def _keys(secret: str) -> Iterator[str]:
    """Yield what a text has if it has a secret, in whatever form: the end of it, or its beginning before "..."."""
    for needle in Redactor((secret,)).needles:
        yield needle[-_KEY:]
        yield "..." + needle[:_KEY]


def _grams(text: str) -> set[str]:
    """Return the keys that a text has."""
    found = set()
    for whole in {text, joined(text)}:
        found |= {whole[at : at + _KEY] for at in range(len(whole) - _KEY + 1)}
    for part in text.split("...")[:-1]:
        end = part[-_BEFORE_CUT:]
        found |= {"..." + end[at : at + _KEY] for at in range(len(end) - _KEY + 1)}
    return found


HUSH = Hush()
"""That of this process."""
