"""The request log: what came, who asked, what was answered and why; immutable, and without secrets from the start.

The recorder is a WSGI middleware, the outermost one, so that it also sees what others inside it do to a request.  An
exchange is recorded before its reply is sent: a client that has its answer finds the exchange in the log.
"""

from __future__ import annotations

import threading
import weakref
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, overload

from pytest_pyreg.ledger import Ledger
from pytest_pyreg.traces import Tracer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from pytest_pyreg.clock import Clock

NOTES = "pyreg.notes"
"""Where in a WSGI environment the app leaves its `Notes`."""


@dataclass(slots=True)
class Notes:
    """What the app knows of a request and HTTP does not tell."""

    action: str = ""
    who: str = ""
    refusal: str = ""
    rule: str = ""
    said: str = ""
    why: str = ""
    project: str = ""
    filename: str = ""
    namespace: str = ""
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """What was shown to say who asks: for the moment at which the exchange is recorded, and never kept."""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply."""

    number: int
    """1 for the first request that this registry got."""
    at: datetime
    method: str
    path: str
    """As it was sent, with its query; secrets in the query are replaced."""
    status: int
    """0 if no reply was sent: the client went away, or a fault took it."""
    reason: str
    action: str
    """`upload`, `download`, `project page`, `project list`; empty if the address is none of the registry's."""
    who: str
    """The caller as a person would say it."""
    refusal: str
    """The name of the refusal; empty if the request was granted."""
    why: str
    """Why it was refused, in a sentence; more than the real server tells."""
    project: str
    filename: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    """The request's headers; the values of those that carry secrets are replaced."""
    rule: str = ""
    """Which of the product's own rules was broken, by our name for it, where it has names."""
    said: str = field(default="", repr=False)
    """The body of a refusal, as text: the product's own words."""
    namespace: str = ""
    """The path of what the address names, or how it names it if there is no such thing."""
    fault: str = ""
    """The fault that it met, as the test told it; empty if it met none."""
    marks: frozenset[bytes] = field(default=frozenset(), repr=False, compare=False)
    """What tells which credential was shown, to who holds it and the log; see `traces`."""
    others: frozenset[bytes] = field(default=frozenset(), repr=False, compare=False)
    """The same of what else in the request may be a secret."""

    @property
    def refused(self) -> bool:
        """Whether the registry declined the request."""
        return bool(self.refusal)

    @property
    def granted(self) -> bool:
        """Whether the client was told that it got what it wanted."""
        return not self.refusal and 0 < self.status < 400  # noqa: PLR2004 - what is no error.

    @property
    def line(self) -> str:
        """What came, and what was answered, without the reason."""
        answer = f"{self.status} {self.reason}" if self.status else "no reply"
        line = f"{self.method} {self.path} -> {answer}"
        if self.action == "upload" and self.filename:
            line += f"  {self.filename}"
        if self.who:
            line += f"  [{self.who}]"
        return line

    def __str__(self) -> str:
        return f"{self.line}\n    because {self.why}" if self.why else self.line


class Log(Ledger):
    """Every exchange of a registry, in the order in which they were answered.

    Args:
        longest: how many exchanges to keep, the newest; all if left out.
        secrets: tells what is known to be secret, for addresses and headers that have it where nobody would look.
    """

    def __init__(self, longest: int | None = None, secrets: Callable[[], Iterable[str]] = frozenset) -> None:
        self._tracer = Tracer(secrets)
        self._exchanges: deque[Exchange] = deque(maxlen=longest)
        self._notes: deque[str] = deque(maxlen=longest)
        self._lock = threading.Lock()
        self._count = 0
        self._noted = 0
        self._parts: weakref.WeakSet[Part] = weakref.WeakSet()
        self._divided = False
        """Whether there ever was a part."""

    def part(self, belongs: Callable[[Exchange, Notes], bool]) -> Log:
        """Return a log of the exchanges from now on that belong there, filled for as long as somebody holds it.

        Args:
            belongs: tells by an exchange, and by what is known of its request, whether it does.
        """
        part = Part(belongs, self._exchanges.maxlen)
        part._tracer = self._tracer  # noqa: SLF001 - of the same kind; it made the marks.
        self._parts.add(part)
        self._divided = True
        return part

    def record(self, at: datetime, environ: WSGIEnvironment, status: str) -> None:
        """Add an exchange.

        Args:
            at: when it was answered.
            environ: the request.
            status: status number and reason phrase; empty if there was no reply.
        """
        notes: Notes = environ[NOTES]
        number, _, reason = status.partition(" ")
        texts = (reason, notes.who, notes.why, notes.project, notes.filename, notes.said)
        trace = self._tracer.of(environ, texts)
        reason, who, why, project, filename, said = trace.texts
        with self._lock:
            self._count += 1
            exchange = Exchange(
                number=self._count,
                at=at,
                method=environ["REQUEST_METHOD"],
                path=trace.path,
                status=int(number or 0),
                reason=reason,
                action=notes.action,
                who=who,
                refusal=notes.refusal,
                why=why,
                project=project,
                filename=filename,
                headers=trace.headers,
                namespace=notes.namespace,
                rule=notes.rule,
                said=said,
                marks=trace.marks,
                others=trace.others,
                fault=notes.fault,
            )
            self._exchanges.append(exchange)
        if self._divided:
            for part in tuple(self._parts):
                if part.belongs(exchange, notes):
                    part.append(exchange)

    def note(self, what: str) -> None:
        """Add what happened on a connection that did not come as far as a request."""
        with self._lock:
            self._noted += 1
            self._notes.append(what)

    @property
    def notes(self) -> tuple[str, ...]:
        """What happened besides the exchanges: clients that did not come as far as a request, and why."""
        with self._lock:
            return tuple(self._notes)

    @property
    def noted(self) -> int:
        """How many notes there were in all."""
        return self._noted

    def notes_since(self, number: int) -> tuple[str, ...]:
        """Return the notes after that many."""
        with self._lock:
            return tuple(self._notes)[max(0, len(self._notes) - self._noted + number) :]

    def since(self, number: int) -> tuple[Exchange, ...]:
        """Return the exchanges after the one of that number."""
        return tuple(exchange for exchange in self if exchange.number > number)

    def where(self, **facts: object) -> tuple[Exchange, ...]:
        """Return the exchanges that have all these facts, such as `where(status=403, method="POST")`.

        Raises:
            AttributeError: an exchange has no such fact.
        """
        for name in facts:
            getattr(Exchange, name)  # A misspelt question must not be answered with "none".
        return tuple(
            exchange for exchange in self if all(getattr(exchange, key) == value for key, value in facts.items())
        )

    def uploads(self) -> tuple[Exchange, ...]:
        """Return the attempts to upload, refused ones too."""
        return self.where(action="upload")

    def downloads(self) -> tuple[Exchange, ...]:
        """Return the attempts to download a file, refused ones too."""
        return self.where(action="download")

    @property
    def count(self) -> int:
        """How many exchanges there were in all."""
        return self._count

    def __iter__(self) -> Iterator[Exchange]:
        with self._lock:
            return iter(tuple(self._exchanges))

    def __len__(self) -> int:
        return len(self._exchanges)

    @overload
    def __getitem__(self, position: int) -> Exchange: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[Exchange, ...]: ...
    def __getitem__(self, position: int | slice) -> Exchange | tuple[Exchange, ...]:
        return tuple(self)[position]

    def __str__(self) -> str:
        return came(self, self.notes)

    def __repr__(self) -> str:
        return f"<Log of {len(self)} exchanges>"


class Part(Log):
    """What belongs to one of several who share a registry."""

    def __init__(self, belongs: Callable[[Exchange, Notes], bool], longest: int | None) -> None:
        super().__init__(longest)
        self.belongs = belongs

    def append(self, exchange: Exchange) -> None:
        """Add an exchange, under a number of its own."""
        with self._lock:
            self._count += 1
            self._exchanges.append(replace(exchange, number=self._count))


def came(exchanges: Iterable[Exchange], notes: Iterable[str]) -> str:
    """Return what came to a registry, for a person; what happened several times is said once."""
    times = [f"{note}  ({count} times)" if count > 1 else note for note, count in Counter(notes).items()]
    return "\n".join([*map(str, exchanges), *times]) or "no request came"


class Recorder:
    """The middleware that fills a log."""

    def __init__(self, app: WSGIApplication, log: Log, clock: Clock) -> None:
        self._app = app
        self._log = log
        self._clock = clock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request on, and record it with its reply."""
        notes = environ[NOTES] = Notes()

        def recording(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:  # noqa: ANN401 - as WSGI has it.
            self._log.record(self._clock.now(), environ, status)
            return start_response(status, headers, *error)

        try:
            return self._app(environ, recording)
        except ConnectionError:
            notes.why = notes.why if notes.fault else "the client went away in the middle of its request"
            self._log.record(self._clock.now(), environ, "")
            raise
        except Exception as error:
            notes.why = notes.why if notes.fault else f"of a bug in pyreg: {type(error).__name__}"
            self._log.record(self._clock.now(), environ, "500 Internal Server Error")
            raise
