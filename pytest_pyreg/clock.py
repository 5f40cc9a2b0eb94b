"""Time, passed in.  Nothing else in the package asks the machine what time it is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Protocol


class Clock(Protocol):
    """Whatever can tell the time of day, and let it pass."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Let time pass at once."""
        ...


class SystemClock:
    """The machine's clock, plus what a test has added to it."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the machine's time in UTC, ahead by what `advance` added."""
        return datetime.now(timezone.utc) + self._ahead

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Let time pass at once: tokens expire, delays are over."""
        self._ahead += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


class ManualClock:
    """A clock that stands still until it is advanced; for tests that compare times.

    Args:
        start: the time it shows first; must be aware.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            message = f"a clock needs an aware time, got {start!r}; add tzinfo=timezone.utc"
            raise ValueError(message)
        self._now = start.astimezone(timezone.utc)

    def now(self) -> datetime:
        """Return the time it was set or advanced to."""
        return self._now

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the hands forward."""
        self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
