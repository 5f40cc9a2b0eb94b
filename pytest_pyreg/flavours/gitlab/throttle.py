"""The rate limiter of the packages API: how many requests in a period, by caller or by address.

Rack::Attack counts in fixed periods: the time is divided by the period, and each quotient has a counter of its own.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_pyreg.clock import Clock


class Throttles:
    """Counters of requests.

    Args:
        clock: tells the period.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, int]] = {}

    def count(self, key: str, period_in_seconds: int) -> tuple[int, int]:
        """Count a request.

        Args:
            key: whose.
            period_in_seconds: how long a counter lives.

        Returns:
            How many there were in this period, this one too, and the time (seconds since 1970) at which it ends.
        """
        now = int(self._clock.now().timestamp())
        period = now // period_in_seconds
        with self._lock:
            last, count = self._counts.get(key, (period, 0))
            count = count + 1 if last == period else 1
            self._counts[key] = period, count
        return count, (period + 1) * period_in_seconds
