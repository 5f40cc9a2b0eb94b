"""Help like a manual page: made out of a parser's arguments, and of what else a reader should know, which is data.

As wide as the terminal or `COLUMNS`; headings are bold on a terminal, unless `NO_COLOR` is set.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LEAST = 40
"""No narrower than this, in characters: a word must fit."""
_INDENT = 4
_TERM = 24
"""Where what is said of a term begins, if the term is short enough and there is room."""
_ROOM = 64
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True)
class Manual:
    """What help says of a task besides its arguments."""

    exit_codes: Mapping[str, str]
    examples: Sequence[tuple[str, str]] = ()
    """What each is for, and the line itself, which a test runs."""
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    see: Sequence[str] = ()


class Parser(argparse.ArgumentParser):
    """A parser whose help is a manual page, and which says in a sentence what is wrong.

    Args:
        summary: what it does, in a line; for a task, what stands beside it in the command's help.
        manual: what else help says.
    """

    def __init__(self, *args: object, summary: str = "", manual: Manual | None = None, **options: object) -> None:
        # An abbreviation that is clear today would mean two things once there is another option.
        super().__init__(*args, **{"allow_abbrev": False, "add_help": False, **options})  # type: ignore[arg-type]
        self.add_argument("-h", "--help", action="help", help="show this page and exit")
        self.summary = summary
        self.manual = manual or Manual({})
        self.tasks: Mapping[str, Parser] = {}

    def format_usage(self) -> str:
        """Return how it is called, in lines."""
        called = self.usage or " ".join([self.prog, *(_called(one) for one in self._shown() if one.dest != "help")])
        head, _, rest = " ".join(called.split()).partition(self.prog)
        wide = max(LEAST, shutil.get_terminal_size().columns)
        # An option stays on one line with its value.
        parts = re.findall(r"\[(?:[^\[\]]|\[[^\]]*\])*\](?:\.\.\.)?|\S+", rest)
        lines, line = [], f"{head}{self.prog}"
        for part in parts:
            if len(line) + 1 + len(part) > wide - _INDENT and line.strip():
                lines.append(line)
                line = " " * len(self.prog)
            line = f"{line} {part}"
        return "\n".join([*lines, line]) + "\n"

    def format_help(self) -> str:
        """Return the page, without colours."""
        return "".join(f"{line}\n" for line in self._page(str))

    def print_help(self, file: TextIO | None = None) -> None:  # type: ignore[override]  # As wide as it is used.
        """Print the page."""
        from pytest_pyreg.cli.reports import coloured

        stream = file or sys.stdout
        bold = coloured(stream)
        stream.writelines(f"{line}\n" for line in self._page(lambda head: f"{_BOLD}{head}{_PLAIN}" if bold else head))

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the call, and end with code 2."""
        for pattern, words in _SENTENCES:
            message = re.sub(pattern, words, message)
        usage = textwrap.indent(self.format_usage(), " " * _INDENT)
        print(
            f"pyreg: {self.prog.removeprefix('pyreg ')} {message}\n{usage}{self.prog} --help tells more",
            file=sys.stderr,
        )
        raise SystemExit(2)

    def _shown(self) -> list[argparse.Action]:
        """Return the arguments that help has, those with names last, as they are written."""
        shown = [action for action in self._actions if action.help is not argparse.SUPPRESS]
        return sorted(shown, key=lambda action: bool(action.option_strings))

    def _page(self, heading: object) -> Iterator[str]:
        wide = max(LEAST, shutil.get_terminal_size().columns)
        first = True
        for name, lines in self._sections(wide):
            told = list(lines)
            if told:
                yield from [] if first else [""]
                yield heading(name)  # type: ignore[operator]
                yield from told
                first = False

    def _sections(self, wide: int) -> Iterator[tuple[str, Iterable[str]]]:
        expanded = self._get_formatter()._expand_help  # noqa: SLF001 - has the rules for %(default)s.
        tasks = [action for action in self._actions if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001
        positional = [one for one in self._shown() if not one.option_strings and one not in tasks]
        named = [one for one in self._shown() if one.option_strings]
        manual = self.manual
        yield "NAME", _wrapped(f"{self.prog} - {self.summary}", wide)
        yield "USAGE", textwrap.indent(self.format_usage(), " " * _INDENT).splitlines()
        yield "DESCRIPTION", _wrapped(self.description or "", wide)
        listed = [(one.dest, one.help or "") for action in tasks for one in action._get_subactions()]  # noqa: SLF001
        yield "TASKS", _terms(listed, wide)
        yield "ARGUMENTS", _terms([(_name(one), expanded(one) + _default(one)) for one in positional], wide)
        options = [(", ".join(_with_value(one)), expanded(one) + _default(one)) for one in named]
        yield "OPTIONS", _terms(options, wide)
        yield "ENVIRONMENT", _terms(manual.environment.items(), wide)
        yield "FILES", _terms(manual.files.items(), wide)
        yield "EXIT CODES", _terms(manual.exit_codes.items(), wide)
        yield "EXAMPLES", _examples(manual.examples, wide)
        yield "SEE ALSO", _wrapped(", ".join(manual.see), wide)


_SENTENCES = (
    (r"^the following arguments are required: (.+)$", r"needs \1"),
    (r"^argument (\S+): expected one argument$", r"needs a value after \1"),
    (r"^argument (\S+): ignored explicit argument (.+)$", r"takes no value with \1, and was given \2"),
    (r"^argument (\S+): invalid choice: (.+) \(choose from (.+)\)$", r"knows no \1 \2; there are \3"),
    (r"^argument ([^:]+): ", r"\1: "),
)
"""What argparse says, and how we say it."""


def _name(action: argparse.Action) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else None
    return metavar or action.dest.upper()


def _with_value(action: argparse.Action) -> list[str]:
    value = "" if action.nargs == 0 else f" {_name(action)}"
    return [f"{name}{value}" for name in action.option_strings]


def _called(action: argparse.Action) -> str:
    """Return an argument as it stands in a call."""
    if action.option_strings:
        again = " ..." if isinstance(action, argparse._AppendAction) else ""  # noqa: SLF001 - there is no other name.
        return f"[{_with_value(action)[-1]}{again}]"
    name = _name(action)
    return {"?": f"[{name}]", "*": f"[{name} ...]", "+": f"{name} [{name} ...]"}.get(str(action.nargs), name)


def _default(action: argparse.Action) -> str:
    """Return what holds if an option is left out, unless its help says that or nothing does."""
    plain = action.default not in (None, False, [], argparse.SUPPRESS)
    return f" (default: {action.default})" if plain and "default" not in (action.help or "") else ""


def _wrapped(text: str, wide: int, indent: int = _INDENT) -> list[str]:
    space = " " * indent
    # A long word, as an address is, is not to be torn apart.
    fill = textwrap.TextWrapper(wide, initial_indent=space, subsequent_indent=space, break_long_words=False)
    fill.break_on_hyphens = False
    return fill.wrap(" ".join(text.split()))


def _terms(terms: Iterable[tuple[str, str]], wide: int) -> Iterator[str]:
    """Yield what there is to say of each term, beside it or below."""
    beside = wide >= _ROOM
    for term, text in terms:
        told = _wrapped(text, wide, _TERM if beside else 2 * _INDENT)
        head = f"{' ' * _INDENT}{term}"
        if beside and told and len(head) + 2 <= _TERM:
            head, *told = [f"{head:<{_TERM}}{told[0].strip()}", *told[1:]]
        yield head
        yield from told


def _examples(examples: Iterable[tuple[str, str]], wide: int) -> Iterator[str]:
    """Yield each with what it is for; its line is never wrapped: it is to be copied."""
    for number, (purpose, line) in enumerate(examples):
        yield from [""] if number else []
        yield from _wrapped(f"{purpose}:", wide)
        yield f"{' ' * 2 * _INDENT}{line}"
