"""What the command's words mean: which task, with which options; and what is said of words that mean nothing."""

from __future__ import annotations

import importlib
import sys
from importlib import metadata
from typing import TYPE_CHECKING, NoReturn

from pytest_pyreg.checked import nearest
from pytest_pyreg.cli import streams
from pytest_pyreg.cli.manual import Manual, Parser
from pytest_pyreg.cli.reports import Usage
from pytest_pyreg.durable.errors import NotKept, NotUsable
from pytest_pyreg.flavours import UnknownFlavour
from pytest_pyreg.metadata import NotADistribution
from pytest_pyreg.rehearsal.outside import NotRehearsable
from pytest_pyreg.tls import NoCertificate
from pytest_pyreg.worldfile import WorldFileError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol

    class Task(Protocol):
        """A module that is a task of the command."""

        MANUAL: Manual
        """What its help says besides its arguments."""

        def declare(self, tasks: argparse._SubParsersAction[Parser]) -> None:
            """Add the task to the command."""

        def show(self, options: argparse.Namespace) -> int:
            """Do the task, and return the exit code."""


USAGE = 2
_MISTAKES = (
    *(UnknownFlavour, WorldFileError, NotADistribution, NotRehearsable, NoCertificate, NotUsable, NotKept),
    Usage,
)
"""What is wrong with a call, in words for the caller."""
TASKS: Mapping[str, str] = {
    "serve": "serve",
    "exec": "execute",
    "rehearse": "rehearse",
    "check": "check",
    "flavours": "flavours",
    "completion": "completion",
}
"""The modules of the tasks, in the order in which help shows them."""
SPELLINGS = {"--flavor": "--flavour", "--flavors": "--flavour", "--flavours": "--flavour"}
"""Other spellings of options, each of which means the one that help shows."""
TASK_SPELLINGS = {"flavors": "flavours", "flavour": "flavours", "flavor": "flavours"}
MANUAL = Manual(
    exit_codes={
        "0": "all is well",
        "1": "a registry would refuse the release, or it does not work",
        "2": "the call is wrong, or nothing can be done with what it names; standard error says what would be right",
        "130": "ended by Ctrl-C; 128 and its number for another signal",
    },
    environment={
        "NO_COLOR": "no colours, if it is set to anything; there are none but on a terminal (no-color.org)",
        "COLUMNS": "how wide help is; the terminal's width if not set",
    },
    examples=(
        ("Publish as a CI job does, against a registry that is gone afterwards", "pyreg exec -- twine upload dist/*"),
        ("Ask whether every registry would take what was built", "pyreg check dist"),
        ("Have one that runs until Ctrl-C", "pyreg serve gitea"),
    ),
    see=("pyreg TASK --help", "README.md", "docs/command.md"),
)


def run(argv: Sequence[str] | None, begun: Callable[[], None]) -> int:
    """Do what the words say.

    Args:
        argv: the words; the process's own if None.
        begun: is called when they are understood, before anything is done.

    Returns:
        The exit code.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        with streams.guarded():
            try:
                options = parsed(words)
                begun()
                return module(options.task).show(options)
            except _MISTAKES as error:
                print(f"pyreg: {error}", file=sys.stderr)
                return USAGE
    except streams.Unwritable as error:
        print(f"pyreg: {error}", file=sys.stderr)
        return USAGE


def module(task: str) -> Task:
    """Return the module that is a task."""
    return importlib.import_module(f"pytest_pyreg.cli.{TASKS[task]}")


def parser() -> Parser:
    """Return the parser of the command, with all of its tasks."""
    found = Parser(
        prog="pyreg",
        usage="pyreg TASK [ARGUMENT ...]",
        summary="a real Python package registry on this machine",
        manual=MANUAL,
        description=(
            "Runs an ephemeral, faithful Python package registry here: GitLab's, Gitea's, Forgejo's or the public "
            "index.  Publish to it with twine, install from it with pip; nothing leaves this machine."
        ),
    )
    version = f"pyreg {metadata.version('pytest-pyreg')}"
    found.add_argument("--version", action="version", version=version, help="show the version and exit")
    tasks: argparse._SubParsersAction[Parser] = found.add_subparsers(dest="task", metavar="TASK", prog="pyreg")
    for name in TASKS:
        module(name).declare(tasks)
        tasks.choices[name].manual = module(name).MANUAL
    found.tasks = tasks.choices
    for action in tasks._get_subactions():  # noqa: SLF001 - the only place that has a task's own line.
        found.tasks[action.dest].summary = action.help or ""
    return found


def parsed(words: list[str]) -> argparse.Namespace:
    """Return what the words say; `options.command` is what stands after two dashes.

    Raises:
        Usage: they say nothing that can be done.
        SystemExit: help was asked for, or an option has no value that it can have.
    """
    # The command of `exec` is its own: argparse is not to look for options in it.
    split = words.index("--") if words[:1] == ["exec"] and "--" in words else len(words)
    own, command = [_respelled(word) for word in words[:split]], words[split + 1 :]
    if own:
        own[0] = TASK_SPELLINGS.get(own[0], own[0])
    _named(own)
    known = parser()
    options, unknown = known.parse_known_args(own)
    options.command = command
    if options.task is None:
        raise Usage(f"say what to do: pyreg TASK, one of {', '.join(TASKS)}; pyreg --help tells what each does")
    if options.task == "exec" and split == len(words):
        options.misplaced += unknown  # An option of a command before which there are no dashes.
    elif wrong := unknown + getattr(options, "misplaced", []):
        _refuse(known.tasks[options.task], wrong)
    return options


def _respelled(word: str) -> str:
    name, equals, value = word.partition("=")
    return SPELLINGS.get(name, name) + equals + value


def _named(own: list[str]) -> None:
    """Refuse a task that there is not, before anything else is looked at."""
    if own and not own[0].startswith("-") and own[0] not in TASKS:
        near = nearest(own[0], TASKS)
        hint = f"did you mean {near!r}? " if near else ""
        raise Usage(f"there is no task {own[0]!r}; {hint}the tasks are {', '.join(TASKS)}; pyreg --help has more")


def _refuse(task: Parser, unknown: list[str]) -> NoReturn:
    """Say that a word is too much."""
    word = next((one for one in unknown if one.startswith("-")), unknown[0])
    name = word.partition("=")[0]
    if not name.startswith("-"):
        raise Usage(f"{name!r} is too much for {task.prog}: {' '.join(task.format_usage().split())}")
    # Without their dashes: these are alike in all of them.
    known = [one.lstrip("-") for one in task._option_string_actions]  # noqa: SLF001 - the only list of them.
    near = nearest(name.lstrip("-"), known)
    hint = f"did you mean --{near}? " if near else ""
    raise Usage(f"{task.prog} has no option {name}; {hint}{task.prog} --help has them all")
