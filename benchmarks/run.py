"""Measure the registry beside its peers and print one table: `python benchmarks/run.py [--quick] [--only ROW ...]`.

Nothing here asserts a time: the exit code is 0 whatever the figures, and 1 if a row could not be measured.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
import traceback
from typing import TYPE_CHECKING

import making
import processes
import reading
import rolling
import starting
import uploading
from measuring import Plan
from peers import versions
from table import Absent, Row, markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def missing(_: Plan) -> Iterator[Absent]:
    """The marks whose feature does not exist."""
    yield Absent("a whole test cycle with preloaded clients", "under 250 ms")


ROWS: dict[str, Callable[[Plan], Iterator[Row | Absent]]] = {
    "start": starting.start,
    "fresh": rolling.rolling,
    "import": starting.plugin_import,
    "first": starting.first,
    "page": reading.page,
    "download": reading.download,
    "upload": uploading.large,
    "small": uploading.small,
    "growth": uploading.growth,
    "share": processes.share,
    "factory": making.factory,
    "environment": processes.clean_environment,
    "crowd": processes.crowd,
    "cycle": processes.cycle,
    "missing": missing,
}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="three rounds and smaller loads: whether it works")
    parser.add_argument("--only", nargs="+", choices=ROWS, metavar="ROW", help=f"some of: {', '.join(ROWS)}")
    parser.add_argument("--rounds", type=int, help="how often each contestant is measured; 9 if left out, quick 3")
    parser.add_argument("--huge", action="store_true", help="also an upload of 5 GB, and pypiserver with 100,000 files")
    options = parser.parse_args()
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds is at least 1")
    plan = Plan(options.rounds or (3 if options.quick else 9), quick=options.quick, huge=options.huge)
    before = _load()
    print(_facts(plan), flush=True)
    rows: list[Row | Absent] = []
    failed = False
    for name in options.only or ROWS:
        begun = time.monotonic()
        try:
            rows += ROWS[name](plan)
        except Exception:  # noqa: BLE001 - a row that cannot be measured does not take the others with it.
            traceback.print_exc()
            rows.append(Absent(f"{name}: could not be measured, see standard error", "-"))
            failed = True
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print(markdown(rows))
    print(
        f"\nLoad of the machine in the last minute: {before} before, {_load()} after; the run itself makes one or two."
    )
    return int(failed)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _facts(plan: Plan) -> str:
    found = ", ".join(f"{name} {version}" for name, version in versions().items())
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    return (
        f"{machine}, {platform.python_implementation()} {platform.python_version()}; {found}.\n"
        f"Medians of at least {plan.rounds} interleaved rounds. A ratio says how many times as good as the other's "
        "our figure is; below 1.35 it is noise unless it repeats.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
