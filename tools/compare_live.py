"""Compare a live Gitea or Forgejo with the emulation: the same people, the same packages, the same requests.

`python tools/compare_live.py http://127.0.0.1:3000 forgejo@17 --admin NAME:PASSWORD`; exits with 1 if they differ in a
way that `tests/gitea/live_explained.py` does not explain, and with 2 if it could not ask.  It removes its people and
packages from the live server in the end, unless it is told to keep them.
"""

from __future__ import annotations

import re
import secrets
import sys
import time
from collections import Counter, defaultdict
from datetime import datetime, timezone
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import live_options
from live_server import CannotSetUp, Server, Wire

from pytest_pyreg import Registry
from tests.gitea.live_cases import Case, chosen, stocked
from tests.gitea.live_compare import Difference, differences, explained, plain
from tests.gitea.live_record import Exchange, Record, written
from tests.gitea.live_wire import Request, filled, masked
from tests.gitea.live_world import built

if TYPE_CHECKING:
    import argparse

SHOWN = 400
INTERRUPTED = 130
"""What a shell says of a command that Ctrl-C ended."""
SECOND = 1.05
"""Between packages whose order in lists shall not be by chance."""
_LETTERS = "bcdfghjkmnpqrstvwxz"


class Comparison:
    """What was asked, and how the answers differ.

    Args:
        flavour: which emulation it is.
        server: the live server.
        url: where the emulation is.
        tokens: those of the emulation.
    """

    def __init__(self, flavour: str, server: Server, url: str, tokens: dict[tuple[str, str], str]) -> None:
        self.asked = 0
        self.exchanges: list[Exchange] = []
        self.found: dict[str, list[tuple[Case, Request, Difference]]] = defaultdict(list)
        """What differs, by the operation's group, the part and the two values."""
        self.explained: Counter[str] = Counter()
        self.times = [0.0, 0.0]
        self._flavour = flavour
        self._sides = ((Wire(server.url), server.tokens), (Wire(url), tokens))

    def send(self, case: Case, prefix: str) -> None:
        """Send what a case consists of to both."""
        for turn, request in enumerate(case.requests(prefix)):
            if case.operation.pause and turn == len(case.operation.before):
                time.sleep(SECOND)
            answers = []
            for number, (wire, tokens) in enumerate(self._sides):
                started = time.perf_counter()
                answer = masked(wire.send(filled(request, tokens)), tokens)
                self.times[number] += time.perf_counter() - started
                answers.append((answer, plain(answer, wire.url)))
            self.asked += 1
            self.exchanges.append(Exchange(request, answers[0][0]))
            live, emulated = answers[0][1], answers[1][1]
            for difference in differences(live, emulated):
                why = explained(self._flavour, request, live, difference)
                if why:
                    self.explained[why] += 1
                else:
                    self.found[_key(case, difference)].append((case, request, difference))

    def show(self) -> None:
        """Print all differences, grouped, the most frequent last."""
        for key, each in sorted(self.found.items(), key=lambda item: len(item[1])):
            case, request, difference = each[0]
            who = f"{case.owner}, {case.actor}, {case.credential}, {case.operation.name}"
            print(f"\n== {len(each)} x {key}\n   {request.method} {request.target}  ({who})")
            if difference.part == "body":
                values = (difference.live, difference.emulated)
                pairs = enumerate(zip(*values, strict=False))
                start = max(0, next((at for at, (one, other) in pairs if one != other), 0) - SHOWN // 3)
                print("   live     {!r}\n   emulated {!r}".format(*(value[start:][:SHOWN] for value in values)))
            others = Counter(
                f"{one.operation.name} | {one.owner} {one.actor} {one.credential}" for one, _, _ in each[1:]
            )
            print("".join(f"   also {name}\n" for name, _ in others.most_common(4)), end="")
        print("\nexplained:")
        for why, count in self.explained.most_common():
            print(f"  {count} x {why}")
        unexplained = sum(map(len, self.found.values()))
        print(
            f"{self.asked} requests, {unexplained} differences in {len(self.found)} groups, "
            f"{sum(self.explained.values())} explained; "
            f"live {self.times[0]:.1f} s, emulated {self.times[1]:.1f} s"
        )


def _key(case: Case, difference: Difference) -> str:
    """Return what makes two differences much the same: what they say, but for names and numbers in it."""
    if difference.part == "status":
        return f"{case.operation.group}: status: {difference.live} {difference.emulated}"
    values = [re.sub(r"\d+", "N", value[:60]) for value in (difference.live, difference.emulated)]
    values = [re.sub(r"[bcdfghjkmnpqrstvwxz]{4}-\w+", "NAME", value) for value in values]
    return f"{case.operation.group}: {difference.part}: {values[0]!r} {values[1]!r}"


def main() -> int:
    """Compare; return 0 if nothing differs, 1 if something does, 2 if it could not be asked."""
    options = live_options.read()
    prefix = "".join(secrets.choice(_LETTERS) for _ in range(4)) + "-"
    server = Server(options.url, options.admin, prefix)
    try:
        server.check()
        try:
            server.build()
            comparison = _compared(options, server)
        finally:
            if not options.keep:
                _say(server.removed())
    except CannotSetUp as error:
        _say([str(error)])
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED
    comparison.show()
    return 1 if comparison.found else 0


def _say(lines: list[str]) -> None:
    for line in lines:
        print(f"compare_live: {line}", file=sys.stderr)


def _compared(options: argparse.Namespace, server: Server) -> Comparison:
    """Ask both, and keep what the live server said if that is wanted."""
    prefix = server.prefix
    with Registry(options.flavour) as registry:
        tokens = built(registry, prefix, server.keys, renamed=server.renamed)
        comparison = Comparison(registry.flavour.name, server, registry.url, tokens)
        cases = chosen(server.keys, options.seed, only=options.only or "", without=tuple(options.without))
        cases = islice(cases, 0, options.requests * options.every, options.every)
        last = ""
        for case in chain(stocked(), cases):
            if case.operation.name != last and not case.number:
                time.sleep(SECOND)
            last = case.operation.name
            if server.renamed or case.owner != "old":
                comparison.send(case, prefix)
            if comparison.asked >= options.requests:
                break
    if options.record is not None:
        date = datetime.now(timezone.utc).date().isoformat()
        keys = tuple(sorted(server.keys))
        record = Record(registry.flavour.name, server.version, date, keys, server.renamed, tuple(comparison.exchanges))
        options.record.write_text(written(record, prefix, server.url), encoding="utf-8")
    return comparison


if __name__ == "__main__":
    sys.exit(main())
