"""`pyreg completion`: a script that lets a shell complete tasks, options, flavours and files.

shtab makes it out of the parser: a text for bash, zsh or fish that needs neither shtab nor Python when the key is
pressed.  argcomplete, the other library that is well kept, starts the command at every press, which takes a third of a
second here, and wants a hook in each start of it.  shtab is an extra, because only who makes a script needs it.
"""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from pytest_pyreg.cli.manual import Manual
from pytest_pyreg.cli.reports import Usage
from pytest_pyreg.flavours import lineages

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pytest_pyreg.cli.manual import Parser

SHELLS = ("bash", "zsh", "fish")
EXTRA = "pytest-pyreg[completion]"
OLDEST = "1.11"
"""The first shtab that puts a slash behind a folder in bash; fish came with 1.9, and patterns of files after it."""
MANUAL = Manual(
    exit_codes={"0": "the script was printed", "2": "there is no such shell, or shtab is not installed"},
    files={
        "~/.local/share/bash-completion/completions/pyreg": "where bash finds it, with the package bash-completion",
        "~/.zfunc/_pyreg": "where zsh finds it, if .zshrc has `fpath+=~/.zfunc` before `compinit`",
        "~/.config/fish/completions/pyreg.fish": "where fish finds it",
    },
    examples=(
        ("In bash, for the shell that runs", 'eval "$(pyreg completion bash)"'),
        ("In zsh, from the next start on", "mkdir -p ~/.zfunc && pyreg completion zsh > ~/.zfunc/_pyreg"),
        (
            "In fish",
            "mkdir -p ~/.config/fish/completions && pyreg completion fish > ~/.config/fish/completions/pyreg.fish",
        ),
    ),
    see=("docs/command.md",),
)
_FLAVOURS, _FILES, _FOLDERS, _DISTS = "flavours", "files", "folders", "dists"
KINDS = {
    "f": _FLAVOURS,
    "flavour": _FLAVOURS,
    "file": _FILES,
    "path": _FILES,
    "dist": _DISTS,
    "dir": _FOLDERS,
    "folder": _FOLDERS,
    "project_dir": _FOLDERS,
    "index|folder": _FOLDERS,
}
"""What stands for an argument's value, by the name that help has for it."""
# Bash takes words apart at `@` and `=`, and puts what we reply in the place of $2, which is the last part or a little
# more: words are put together, and what stands before $2 is taken from the replies.
_JOINED = """
_pyreg_joined() {
  local -a words=()
  local number last=0 word
  for ((number = 0; number <= COMP_CWORD; number++)); do
    word="${COMP_WORDS[number]}"
    if [[ $number -gt 1 && ( $word == @* || ${words[last]} == *@ ) ]]; then
      words[last]+="$word"
    elif [[ $word == = && ${words[last]} == --* ]]; then
      [[ $number -eq $COMP_CWORD ]] && words[++last]=""
    else
      [[ $number -gt 0 ]] && ((++last))
      words[last]="$word"
    fi
  done
  local -a COMP_WORDS=("${words[@]}")
  local COMP_CWORD=$last begun="${words[last]%"$2"}"
  _shtab_pyreg "$@"
  COMPREPLY=("${COMPREPLY[@]#"$begun"}")
}
complete -o bashdefault -F _pyreg_joined pyreg
"""
_AFTERWARDS = {"bash": _JOINED}


def declare(tasks: argparse._SubParsersAction[Parser]) -> None:
    """Add the task to the command."""
    parser = tasks.add_parser(
        "completion",
        help="print a script that completes words of this command",
        description=(
            "Print a script for a shell, which then completes tasks, options, flavours, files and folders when the "
            "tabulator key is pressed.  It does not change by itself: make it anew after an update."
        ),
    )
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=f"one of {', '.join(SHELLS)}")


def show(options: argparse.Namespace) -> int:
    """Print the script.

    Returns:
        The exit code.

    Raises:
        Usage: shtab is not here, or too old.
    """
    from pytest_pyreg.cli import command

    try:
        import shtab
    except ImportError:
        raise Usage(f"completion needs shtab, which is not installed; pip install '{EXTRA}'") from None
    if Version(shtab.__version__) < Version(OLDEST):
        raise Usage(
            f"completion needs shtab {OLDEST}, and {shtab.__version__} is here; pip install --upgrade '{EXTRA}'"
        )
    parser = command.parser()
    kinds = _kinds()
    for action in _arguments(parser):
        if kind := KINDS.get(str(action.metavar or action.dest).lower()):
            action.complete = kinds[kind]  # type: ignore[attr-defined]  # Where shtab looks for it.
    sys.stdout.write(f"{shtab.complete(parser, options.shell)}\n{_AFTERWARDS.get(options.shell, '')}")
    return 0


def _arguments(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield all that take a value."""
    for action in parser._actions:  # noqa: SLF001 - as shtab does: there is no other way.
        if isinstance(action.choices, dict):
            for each in action.choices.values():
                yield from _arguments(each)
        elif action.nargs != 0 and action.choices is None:
            yield action


def _kinds() -> dict[str, Any]:
    """Return what shtab writes for each kind of value."""
    import shtab

    names = [
        name for product, lineage in lineages.items() for name in (product, *(one.name for one in lineage.flavours()))
    ]
    words = " ".join(names)
    return {
        _FILES: shtab.FILE,
        _FOLDERS: shtab.DIRECTORY,
        _DISTS: shtab.glob("*.whl", "*.tar.gz", "*.zip"),
        _FLAVOURS: {
            "bash": "_pyreg_flavours",
            "zsh": f"({words})",
            "fish": words,
            "preamble": {"bash": f'_pyreg_flavours() {{\n  compgen -W {shlex.quote(words)} -- "$1"\n}}'},
        },
    }
