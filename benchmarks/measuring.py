"""How a figure comes about: interleaved rounds, medians, and the memory of another process.

Knows nothing of what is measured.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Sample = tuple[float, ...]
"""What one contestant gives in one round: one number for each thing that is measured at once."""

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    rounds: int
    quick: bool = False
    huge: bool = False

    def scaled(self, full: float, quick: float) -> float:
        """Return the one or the other amount."""
        return quick if self.quick else full


def interleaved(contestants: Mapping[str, Callable[[], Sample]], rounds: int) -> dict[str, list[Sample]]:
    """Let each contestant run once in every round, after a round that does not count.

    Every second round runs backwards, so that nobody always comes after the same other one.
    """
    order = list(contestants.items())
    for _, measure in order:
        measure()
    samples: dict[str, list[Sample]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, measure in order:
            samples[name].append(measure())
        order.reverse()
    return samples


def medians(samples: Mapping[str, Sequence[Sample]], position: int = 0) -> dict[str, float]:
    """Return each contestant's median of one of the things that were measured."""
    return {name: statistics.median(sample[position] for sample in taken) for name, taken in samples.items()}


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


class Memory:
    """How far a process's memory goes up from here on; only Linux tells."""

    def __init__(self, pid: int) -> None:
        self._process = Path(f"/proc/{pid}")
        self._before = 0.0
        if known := (self._process / "clear_refs").exists():
            (self._process / "clear_refs").write_text("5")  # Forgets the highest mark so far (proc(5)).
            self._before = self._read("VmRSS")
        self._known = known

    def growth(self) -> float | None:
        """Return by how many megabytes it was up at the highest, or None where nobody tells."""
        return self._read("VmHWM") - self._before if self._known else None

    def _read(self, field: str) -> float:
        lines = (self._process / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) * 1024 / MEGABYTE
