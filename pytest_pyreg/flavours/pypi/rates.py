"""How many new projects an address and a user may make in an hour (warehouse/rate_limiting, @6b621571)."""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_pyreg.clock import Clock

WINDOW = timedelta(hours=1)


class Rates:
    """What was done by whom in the last hour.

    Args:
        clock: the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._done: dict[str, deque[datetime]] = defaultdict(deque)

    def left(self, who: str, limit: int) -> int:
        """Return how often somebody may still do it."""
        return max(0, limit - len(self._recent(who)))

    def seconds(self, who: str) -> int:
        """Return after how many seconds they may do it once more than now; the whole hour if they did nothing yet."""
        recent = self._recent(who)
        return int((recent[0] + WINDOW - self._clock.now() if recent else WINDOW).total_seconds())

    def hit(self, *names: str) -> None:
        """Note that it was done."""
        for who in names:
            self._recent(who).append(self._clock.now())

    def _recent(self, who: str) -> deque[datetime]:
        done, now = self._done[who], self._clock.now()
        while done and done[0] + WINDOW <= now:
            done.popleft()
        return done
