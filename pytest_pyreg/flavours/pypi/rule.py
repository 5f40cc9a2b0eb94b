"""What a rule of the public index is made of."""

from __future__ import annotations

from typing import NamedTuple

MORE = " for more information."
"""How most of its messages end, after a link."""


class Rule(NamedTuple):
    """One way to be refused."""

    number: int
    """Where it stands in the order of checks; several rules may share a place."""
    status: int
    words: str
    """A template of the facts that `refuse` is given and of the links."""


class Before(NamedTuple):
    """What a rule was before something changed."""

    feature: str
    """It holds where the index still has this; see `features`."""
    status: int | None = None
    """The same if None."""
    words: str | None = None
    """The same if None."""
