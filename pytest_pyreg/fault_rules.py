"""Which request meets which fault: conditions, and the faults of a registry with their counts.

What a test says of them is in `faults`, what becomes of a request in `faulting`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.checked import often

if TYPE_CHECKING:
    from pytest_pyreg.exchanges import Exchange

ANY = "any"
"""The action that every request has."""


class Deed(Enum):
    """What happens."""

    REPLY = auto()
    DELAY = auto()
    TRUNCATE = auto()
    RESET = auto()
    HANG_UP = auto()
    LOSE_REPLY = auto()


@dataclass(frozen=True)
class Condition:
    """Which requests are meant; the arguments of `Faults.on`."""

    action: str
    nth: int = 1
    times: int | None = 1
    project: str | None = None
    filename: str | None = None
    method: str | None = None
    path: str | None = None

    @property
    def names(self) -> bool:
        """Whether it asks for what only an upload's form tells."""
        return self.project is not None or self.filename is not None

    def differences(self, seen: Seen) -> list[str]:
        """Return in what a request is another than those that are meant."""
        found = []
        if self.action not in {ANY, seen.action}:
            found.append(f"its action is {seen.action!r}" if seen.action else "its address leads nowhere")
        facts = (
            ("project", self.project and canonicalize_name(self.project), seen.project),
            ("filename", self.filename, seen.filename),
            ("method", self.method, seen.method),
            ("path", self.path, seen.path),
        )
        for name, wanted, value in facts:
            if wanted is not None and not fnmatchcase(value, wanted):
                found.append(f"its {name} is {value!r}" if value else f"it names no {name}")
        return found

    def __str__(self) -> str:
        usual = Condition(self.action)
        told = [f"{name}={value!r}" for name, value in vars(self).items() if value != getattr(usual, name)]
        return f"on({', '.join([repr(self.action), *told])})"


@dataclass(frozen=True)
class Seen:
    """What is known of a request."""

    action: str
    method: str
    path: str
    """Without its query."""
    project: str
    """Normalized; as the file's name tells it if the address does not."""
    filename: str

    @classmethod
    def named(cls, action: str, method: str, path: str, project: str, filename: str) -> Seen:
        """Return a request of that project and file."""
        name = project or filename.removesuffix(".tar.gz").partition("-" if filename.endswith(".whl") else "\0")[0]
        if not project and not filename.endswith(".whl"):
            name = name.rpartition("-")[0]
        return cls(action, method, path, str(canonicalize_name(name)), filename)

    @classmethod
    def of(cls, exchange: Exchange) -> Seen:
        """Return a request that is in the log."""
        path = exchange.path.partition("?")[0]
        return cls.named(exchange.action, exchange.method, path, exchange.project, exchange.filename)


@dataclass(frozen=True)
class Answer:
    """What is said instead of the registry's own reply."""

    status: str
    """Number and words."""
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(eq=False)
class Fault:
    """Something that goes wrong, for the requests that are meant."""

    condition: Condition
    deed: Deed
    words: str
    """As the test said it."""
    answer: Answer | None = None
    amount: float = 0
    """Seconds of a delay, bytes of what is left of a body."""
    since: int = 0
    """How many requests had come when it was told."""
    met: int = 0
    """Requests that were meant."""
    fired: int = 0
    """Requests to which it happened."""
    remark: str = ""
    """Why it could not happen to one."""

    @property
    def over(self) -> bool:
        """Whether it has happened as often as it was to."""
        return self.condition.times is not None and self.fired >= self.condition.times

    def __repr__(self) -> str:
        return f"<Fault {self.words}: met {often(self.met)}, fired {often(self.fired)}>"

    if not TYPE_CHECKING:  # Where a type checker sees for itself that there is no such thing.

        def __getattr__(self, name):  # noqa: ANN001, ANN204 - as above.
            """Say what to do to who goes on where a fault is told already."""
            if name.upper() in Deed.__members__:
                raise AttributeError(
                    f"{self.words} is a fault already: one request meets one deed; "
                    f"say on(...) once more: faults.on({self.condition.action!r}, ...).{name}(...)"
                )
            raise AttributeError(f"a fault has no attribute {name!r}")


@dataclass
class Rules:
    """The faults of one registry, in the order in which they were told; safe to use from many threads."""

    faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def add(self, fault: Fault) -> Fault:
        """Have one more."""
        with self._lock:
            self.faults = [*self.faults, fault]
        return fault

    def clear(self) -> None:
        """Have none."""
        with self._lock:
            self.faults = []

    def stop(self) -> None:
        """Let nobody wait any longer."""
        self._stopped.set()

    @property
    def by_name(self) -> bool:
        """Whether a fault that is not over asks for what only an upload's form tells."""
        return any(fault.condition.names and not fault.over for fault in self.faults)

    def take(self, seen: Seen) -> Fault | None:
        """Count a request; return the fault that it meets, which is the first that is due."""
        chosen = None
        with self._lock:
            for fault in self.faults:
                if fault.condition.differences(seen):
                    continue
                fault.met += 1
                if chosen is None and fault.met >= fault.condition.nth and not fault.over:
                    chosen = fault
            if chosen is not None:
                chosen.fired += 1
        return chosen

    def give_back(self, fault: Fault, remark: str) -> None:
        """Take note that a fault could not happen to a request; it waits for another."""
        with self._lock:
            fault.fired -= 1
            fault.remark = remark

    def wait(self, seconds: float) -> None:
        """Wait.

        Raises:
            ConnectionError: the registry was stopped meanwhile.
        """
        if self._stopped.wait(seconds):
            raise ConnectionAbortedError("the registry was stopped before it would have answered")
