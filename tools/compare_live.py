"""Compare a live Gitea or Forgejo with the emulation: the same people, the same packages, the same requests.

`python tools/compare_live.py http://127.0.0.1:3000 forgejo@17 --admin NAME:PASSWORD`; exits with 1 if they differ in a
way that `tests/gitea/live_explained.py` does not explain.  It leaves its people and packages in the live server.
"""

from __future__ import annotations

import argparse
import re
import secrets
import sys
import time
from collections import Counter, defaultdict
from datetime import datetime, timezone
from itertools import chain, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from live_server import Server, Wire

from pytest_pyreg import Registry
from tests.gitea.live_cases import Case, chosen, stocked
from tests.gitea.live_compare import Difference, differences, explained, plain
from tests.gitea.live_record import Exchange, Record, written
from tests.gitea.live_wire import Request, filled, masked
from tests.gitea.live_world import built

SHOWN = 400
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
    """Compare."""
    options = _options()
    prefix = "".join(secrets.choice(_LETTERS) for _ in range(4)) + "-"
    name, _, password = options.admin.partition(":")
    server = Server(options.url, (name, password), prefix)
    server.build()
    with Registry(options.flavour) as registry:
        tokens = built(registry, prefix, server.keys, renamed=server.renamed)
        comparison = Comparison(registry.flavour.name, server, registry.url, tokens)
        without = tuple(options.without)
        cases = chosen(server.keys, options.seed, only=options.only, without=without)
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
    comparison.show()
    return 1 if comparison.found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", help="where the live server is")
    parser.add_argument("flavour", help="what it is, such as forgejo@17")
    parser.add_argument("--admin", required=True, metavar="NAME:PASSWORD", help="an administrator of the live server")
    parser.add_argument("--seed", type=int, default=1, help="begins the choice of requests")
    parser.add_argument("--every", type=int, default=1, help="take every so many of them")
    parser.add_argument("--requests", type=int, default=2000, help="how many are sent")
    parser.add_argument("--record", type=Path, metavar="FILE.json", help="keep what the live server said")
    parser.add_argument("--only", default="", metavar="GROUP", help="the one group of operations to ask for")
    parser.add_argument(
        "--without", action="append", default=[], metavar="OPERATION", help="leave one out (repeatable)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
