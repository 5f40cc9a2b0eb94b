"""The command `pyreg`: the same registry for people who are not in pytest.

Results go to standard output, talk to standard error.  Exit codes: 0 fine, 1 refused, 2 usage; `exec` exits with the
command's own.
"""

from __future__ import annotations

import argparse
import signal
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from pytest_pyreg.cli import check, execute, flavours, rehearse, serve
from pytest_pyreg.cli.reports import SIGNALLED, Usage
from pytest_pyreg.durable.errors import NotKept, NotUsable
from pytest_pyreg.flavours import UnknownFlavour
from pytest_pyreg.metadata import NotADistribution
from pytest_pyreg.rehearsal.building import NotRehearsable
from pytest_pyreg.tls import NoCertificate
from pytest_pyreg.worldfile import WorldFileError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    class Task(Protocol):
        """A module that is a task of the command."""

        def declare(self, tasks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
            """Add the task to the command."""

        def show(self, options: argparse.Namespace) -> int:
            """Do the task, and return the exit code."""


USAGE = 2
_MISTAKES = (
    *(UnknownFlavour, WorldFileError, NotADistribution, NotRehearsable, NoCertificate, NotUsable, NotKept),
    Usage,
)
"""What is wrong with a call, in words for the caller."""
_TASKS: Mapping[str, Task] = {
    "serve": serve,
    "exec": execute,
    "rehearse": rehearse,
    "check": check,
    "flavours": flavours,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: the arguments; the process's own if left out.

    Returns:
        The exit code.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    # The command of `exec` is its own: argparse is not to look for options in it.
    command: list[str] = []
    if "--" in arguments:
        split = arguments.index("--")
        arguments, command = arguments[:split], arguments[split + 1 :]
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown and options.task != "exec":
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    options.command = command
    try:
        if options.task == "exec":
            options.misplaced += unknown  # An option of a command before which there are no dashes.
        return _TASKS[options.task].show(options)
    except (
        UnknownFlavour,
        WorldFileError,
        NotADistribution,
        NotRehearsable,
        NoCertificate,
        NotUsable,
        NotKept,
        Usage,
    ) as error:
        print(f"pyreg: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return SIGNALLED + signal.SIGINT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pyreg",
        description="A real Python package registry on this machine: publish with twine, install with pip, offline.",
    )
    parser.add_argument("--version", action="version", version=f"pyreg {metadata.version('pytest-pyreg')}")
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    for task in _TASKS.values():
        task.declare(tasks)
    return parser
