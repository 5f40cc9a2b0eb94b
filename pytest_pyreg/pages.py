"""Rendered pages, each kept until what it shows has changed.

Rendering a page of 5000 files takes tens of milliseconds, sending it again takes one.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from pytest_pyreg.render.replies import Reply

MOST_PAGES = 4096
"""How many pages are kept; the oldest goes first."""


class PageCache:
    """Pages by what they show."""

    def __init__(self) -> None:
        self._pages: dict[Hashable, tuple[int, Reply]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, serial: int, render: Callable[[], Reply]) -> Reply:
        """Return the page, rendered anew if its content's serial has moved on.

        Args:
            key: what the page shows.
            serial: the content's, read *before* this call, so that a page is never older than it says.
            render: makes the page.
        """
        kept = self._pages.get(key)
        if kept is not None and kept[0] == serial:
            return kept[1]
        reply = render()
        with self._lock:
            self._pages.pop(key, None)
            if len(self._pages) >= MOST_PAGES:
                del self._pages[next(iter(self._pages))]
            self._pages[key] = serial, reply
        return reply

    def memento(self) -> Callable[[], None]:
        """Return what empties it: a page may be newer than its serial, which is good again once the index goes back."""
        return self._emptied

    def _emptied(self) -> None:
        with self._lock:
            self._pages.clear()
