"""Faults: a registry that misbehaves, as a test says it.

`registry.faults.on("upload", nth=2).reply(503)`: which requests are meant, then what happens to them.  How it happens
is in `faulting`, who meets it in `fault_rules`.  A fault that never fired is an error: the test has shown nothing.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_pyreg.checked import often, whole
from pytest_pyreg.fault_rules import ANY, Answer, Condition, Deed, Fault, Rules, Seen
from pytest_pyreg.faulting import Faulty
from pytest_pyreg.render.replies import PHRASES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from wsgiref.types import WSGIApplication

    from pytest_pyreg.exchanges import Exchange, Log
    from pytest_pyreg.faulting import Ask

MOST_REQUESTS = 8
"""How many requests are shown beside a fault that never fired."""


class FaultNeverFired(AssertionError):
    """A fault was told, and no request met it."""


class When:
    """Which requests are meant; what happens to them is still to be said."""

    def __init__(self, condition: Condition, rules: Rules, since: int) -> None:
        self._condition = condition
        self._rules = rules
        self._since = since
        self.told = False
        """Whether it was said what happens."""

    def reply(
        self,
        status: int,
        *,
        retry_after: int | None = None,
        body: str | bytes | None = None,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Fault:
        """Answer instead of the registry: it is not asked, and nothing is stored.

        Args:
            status: the number, from 200 to 599.
            retry_after: seconds after which the client may try again.
            body: text, or bytes; a word about this fault if left out.
            reason: the words after the number; the usual ones if left out.
            headers: besides; `Content-Type` is plain text if left out.

        Raises:
            ValueError: that cannot be said in HTTP.
        """
        long = {"body": None if body is None else ..., "headers": None if headers is None else ...}
        told = _words(retry_after=retry_after, reason=reason, **long)
        words = f"{self._condition}.reply({', '.join([repr(status), *told])})"
        return self._fault(Deed.REPLY, words, _answer(status, words, retry_after, body, reason, headers))

    def delay(self, seconds: float) -> Fault:
        """Answer as usual, after so many seconds by the machine's clock."""
        _require(0 <= _number(seconds) < math.inf, f"a delay is a number of seconds, not {seconds!r}; try 0.2")
        return self._fault(Deed.DELAY, f"{self._condition}.delay({seconds!r})", amount=seconds)

    def truncate(self, bytes: int) -> Fault:  # noqa: A002 - what it is for whoever writes it out.
        """Send so many bytes of the reply's body and end the connection; `Content-Length` says more."""
        whole("bytes", bytes, least=0)
        return self._fault(Deed.TRUNCATE, f"{self._condition}.truncate({bytes!r})", amount=bytes)

    def reset(self) -> Fault:
        """Break the connection off (RST) without a word; the registry is not asked."""
        return self._fault(Deed.RESET, f"{self._condition}.reset()")

    def hang_up(self) -> Fault:
        """Close the connection without a word; the registry is not asked."""
        return self._fault(Deed.HANG_UP, f"{self._condition}.hang_up()")

    def lose_reply(
        self, status: int | None = None, *, body: str | bytes | None = None, reason: str | None = None
    ) -> Fault:
        """Let the registry do what it was asked, and tell the client something else, or nothing.

        Args:
            status: what the client is told, as a proxy that has waited in vain would (502, 504); nothing at all, the
                connection closed, if left out.
            body: as in `reply`.
            reason: as in `reply`.

        Raises:
            ValueError: that cannot be said in HTTP.
        """
        if status is None and (body is not None or reason is not None):
            raise ValueError("a reply that is lost has no words of its own; say its status too: lose_reply(502, ...)")
        told = _words(status=status, body=None if body is None else ..., reason=reason)
        words = f"{self._condition}.lose_reply({', '.join(told)})"
        answer = None if status is None else _answer(status, words, None, body, reason, None)
        return self._fault(Deed.LOSE_REPLY, words, answer)

    def _fault(self, deed: Deed, words: str, answer: Answer | None = None, amount: float = 0) -> Fault:
        self.told = True
        return self._rules.add(Fault(self._condition, deed, words, answer, amount, self._since))

    def __repr__(self) -> str:
        return str(self._condition)


class Faults:
    """The faults of one registry.

    Args:
        flavour: its name, for errors.
        actions: what the log calls the things that can be asked of it.
        log: what came.
    """

    LASTING: ClassVar = frozenset({"_log"})
    """A snapshot does not take back what came."""

    def __init__(self, flavour: str, actions: Iterable[str], log: Log) -> None:
        self._flavour = flavour
        self._actions = frozenset(actions)
        self._log = log
        self._rules = Rules()
        self._begun: list[When] = []

    def on(
        self,
        action: str,
        *,
        nth: int = 1,
        times: int | None = 1,
        project: str | None = None,
        filename: str | None = None,
        method: str | None = None,
        path: str | None = None,
    ) -> When:
        """Say which requests are meant; say next what happens to them.

        A request meets one fault: the first, in the order in which they were told, that means it and is not over.  Each
        counts its own requests, a client's repetitions among them.

        Args:
            action: as the log calls it: `upload`, `download`, `project page`, ...; `any` for every request.
            nth: from which of the requests that are meant on, the first being 1.
            times: how many of them; None for all that come.
            project: its name in any spelling.  This and the next three may have wildcards, as in a shell.
            filename: of the file that is uploaded or downloaded.
            method: of the request.
            path: of the request, as it was sent, without its query.

        Raises:
            ValueError: there is no such action, or an argument is none that can be.
        """
        if action not in self._actions | {ANY}:
            raise ValueError(
                f"{self._flavour} has no action {action!r}; there are: {', '.join(sorted(self._actions))}; "
                f"and {ANY!r} for every request"
            )
        whole("nth", nth, least=1)
        if times is not None:
            whole("times", times, least=1, other=", or None for all that come")
        texts = {"project": project, "filename": filename, "method": method, "path": path}
        for name, value in texts.items():
            text = value is None or (_of(value, str) and value != "")
            _require(text, f"{name} is a text, perhaps with wildcards, not {value!r}")
        method = method.upper() if method else None
        when = When(Condition(action, nth, times, project, filename, method, path), self._rules, self._log.count)
        self._begun.append(when)
        return when

    def check(self) -> None:
        """Fail if a fault never fired.

        Raises:
            FaultNeverFired: the fault as it was told, and the requests that came, those that were most like it first.
        """
        __tracebackhide__ = True
        silent = [f"{when!r} does not say what happens; add .reply(503), .reset(), ..." for when in self._unsaid()]
        missing = [self._missing(fault) for fault in self._rules.faults if not fault.fired]
        if silent or missing:
            raise FaultNeverFired("\n".join([*silent, *missing]))

    def report(self) -> str:
        """Return what came of each fault, a line each, for a person; a request that still waits is in no log."""
        return "".join(f"\na fault: {fault.words}: fired {often(fault.fired)}" for fault in self._rules.faults)

    def clear(self) -> None:
        """Forget every fault: from now on the registry behaves, and `check` is content."""
        self._begun.clear()
        self._rules.clear()

    def before(self, app: WSGIApplication, ask: Ask) -> Faulty:
        """Return the application to which these faults happen; `ask` tells where a request leads."""
        return Faulty(app, ask, self._rules)

    def stop(self) -> None:
        """End every delay: the registry stops."""
        self._rules.stop()

    def _unsaid(self) -> list[When]:
        return [when for when in self._begun if not when.told]

    def _missing(self, fault: Fault) -> str:
        condition, came = fault.condition, list(self._log)
        if fault.remark:
            why = fault.remark
        elif fault.met:
            why = f"it begins with request number {condition.nth}, and {fault.met} like it came"
        else:
            why = "no request like it came"
        nearest = sorted(((_differences(fault, exchange), exchange) for exchange in came), key=_distance)
        lines = [f"a fault never fired: {fault.words}; {why}"]
        if nearest:
            lines.append("requests that came, those most like it first:")
        for differences, exchange in nearest[:MOST_REQUESTS]:
            lines += [f"  {exchange.line}", f"    not meant: {', '.join(differences)}"][: 2 if differences else 1]
        if len(nearest) > MOST_REQUESTS:
            lines.append(f"  and {len(nearest) - MOST_REQUESTS} more")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Faults: {', '.join(fault.words for fault in self._rules.faults) or 'none'}>"


def _differences(fault: Fault, exchange: Exchange) -> list[str]:
    early = ["it came before the fault was told"] if exchange.number <= fault.since else []
    return [*fault.condition.differences(Seen.of(exchange)), *early]


def _distance(found: tuple[list[str], Exchange]) -> tuple[int, int]:
    differences, exchange = found
    return len(differences), exchange.number


def _words(**given: Any) -> list[str]:  # noqa: ANN401 - arguments of any type.
    """Return arguments as they were written; of a long one only that it was there."""
    return [f"{name}={'...' if value is ... else repr(value)}" for name, value in given.items() if value is not None]


def _require(right: bool, said: str) -> None:  # noqa: FBT001 - as `assert` has it.
    if not right:
        raise ValueError(said)


def _of(value: object, *types: type) -> bool:
    """Tell whether a value is of a type; what is given by people need not be what is annotated."""
    return isinstance(value, types) and not isinstance(value, bool)


def _number(value: object) -> float:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan


def _answer(  # noqa: PLR0917 - as they came.
    status: int,
    words: str,
    retry_after: int | None,
    body: str | bytes | None,
    reason: str | None,
    headers: Mapping[str, str] | None,
) -> Answer:
    known = _of(status, int) and 200 <= status <= 599  # noqa: PLR2004 - replies.
    _require(known, f"a status is a number from 200 to 599, not {status!r}")
    if retry_after is not None:
        whole("retry_after", retry_after, least=0, other=" (seconds)")
    if reason is None:
        phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"
        reason = PHRASES.get(status, phrase)
    said = [("Retry-After", str(retry_after))] if retry_after is not None else []
    said += list((headers or {}).items())
    for text in (reason, *[part for header in said for part in header]):
        plain = _of(text, str) and all(" " <= character <= "\xff" for character in text)
        _require(plain, f"the head of a reply is lines of plain text (Latin-1), not {text!r}")
        if text.lower() in {"content-length", "transfer-encoding"}:
            raise ValueError(f"{text} is said by itself; for a body that is shorter than it says, try truncate(...)")
    _require(body is None or _of(body, str, bytes), f"a body is text or bytes, not {body!r}; try json.dumps(...)")
    content = f"{status} {reason} (because of a fault: {words})\n" if body is None else body
    raw = content if isinstance(content, bytes) else content.encode()
    if not any(name.lower() == "content-type" for name, _ in said):
        said.append(("Content-Type", "text/plain; charset=utf-8"))
    if status in {204, 304}:  # RFC 9110: neither has a body.
        raw, said = b"", [header for header in said if header[0].lower() != "content-type"]
    else:
        said.append(("Content-Length", str(len(raw))))
    return Answer(f"{status} {reason}", tuple(said), raw)
