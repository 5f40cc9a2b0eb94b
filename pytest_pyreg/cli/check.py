"""`pyreg check`: files held against flavours, without a server or a client; what each has against them, as a table."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.cli.manual import Manual
from pytest_pyreg.cli.reports import FLAVOURS, coloured, flavours_of, writable, written

if TYPE_CHECKING:
    import argparse

    from pytest_pyreg.cli.manual import Parser

MANUAL = Manual(
    exit_codes={
        "0": "all would take all of the files",
        "1": "a registry would refuse one, or twine would not send it",
        "2": "a wrong call, or a file that is no distribution",
    },
    examples=(
        ("Before a release, with the newest of each product", "pyreg check dist"),
        ("With those that you publish to, for a program", "pyreg check dist/* --flavour gitlab@17.4,pypi --json -"),
    ),
    see=("docs/rehearse.md", "pyreg rehearse --help"),
)


def declare(tasks: argparse._SubParsersAction[Parser]) -> None:
    """Add the task to the command."""
    parser = tasks.add_parser(
        "check",
        help="which registries would take these files, and why not",
        description=(
            "Hold wheels and sdists against registries, without starting, building or uploading anything.  A registry "
            "stops at its first refusal; here what stands behind it is told too, marked as next."
        ),
    )
    parser.add_argument("dists", nargs="+", metavar="DIST", help="a wheel, an sdist, or a folder of them")
    parser.add_argument("--flavour", **FLAVOURS)
    parser.add_argument("--json", metavar="FILE", help="write the verdicts there; - for standard output")


def show(options: argparse.Namespace) -> int:
    """Check files and print the verdicts.

    Returns:
        The exit code.

    Raises:
        NotADistribution, NotRehearsable, UnknownFlavour: the call is wrong.
    """
    from pytest_pyreg.rehearsal import checking, plain, table
    from pytest_pyreg.rehearsal.building import found

    wanted = flavours_of(options.flavour)
    json_file: str | None = options.json
    writable(json_file)
    files = found([Path(path) for pattern in options.dists for path in _matching(pattern)]).files
    results = [one for flavour in wanted for one in checking.check(files, flavour)]
    if json_file is not None:
        written(json_file, plain.checked(results))
    if json_file != "-":
        sys.stdout.write("\n".join([*table.checked(results, colour=coloured(sys.stdout)), ""]))
    return int(any(one.failed for one in results))


def _matching(pattern: str) -> list[str]:
    """Return the files that a pattern means, where no shell has seen to that; a file's own name comes first."""
    import glob

    if os.path.lexists(pattern) or not glob.has_magic(pattern):
        return [pattern]
    return sorted(glob.glob(pattern)) or [pattern]  # noqa: PTH207 - a pattern may begin at the root.
