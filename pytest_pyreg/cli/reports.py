"""What the tasks of the command share: wrong calls, which flavours are meant, colours, and files that are written."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pytest_pyreg.flavours import DEFAULT, USUAL, lookup
from pytest_pyreg.rehearsal.outside import NotRehearsable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_pyreg.flavours import Flavour

FLAVOURS: dict[str, Any] = {
    "action": "append",
    "metavar": "F",
    "default": [],
    "help": f"such as {DEFAULT}@17.4; repeated, or several with commas (default: the newest of {', '.join(USUAL)})",
}
"""The option `--flavour`."""
SIGNALLED = 128
"""A shell adds the number of the signal that ended a command."""


class Usage(Exception):
    """A wrong call, in words for the caller."""


def flavours_of(named: Sequence[str]) -> list[Flavour]:
    """Return the flavours that are meant, each once.

    Raises:
        UnknownFlavour: one of them means nothing.
    """
    names = [name.strip() for text in named for name in text.split(",") if name.strip()]
    return list({flavour.name: flavour for flavour in map(lookup, names or USUAL)}.values())


def coloured(stream: TextIO) -> bool:
    """Tell whether a stream shows colours (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def written(file: str, report: dict[str, Any] | str) -> None:
    """Write a report, data as JSON.

    Args:
        file: where to; `-` for standard output.
        report: what.

    Raises:
        NotRehearsable: it cannot be written there.
    """
    # An escape of JSON is read by whoever reads JSON; one of the stream's encoding is not.
    escaped = file == "-" and not (sys.stdout.encoding or "").lower().startswith("utf")
    text = report if isinstance(report, str) else json.dumps(report, indent=2, ensure_ascii=escaped) + "\n"
    if file == "-":
        sys.stdout.write(text)
        return
    try:
        # A file's name may be no text, which UTF-8 does not have.
        Path(file).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise NotRehearsable(f"{file!r} cannot be written: {reason}; name a file in a folder that is there") from None


def writable(file: str | None) -> None:
    """Refuse a file that cannot be written before the work is done.

    Raises:
        NotRehearsable: it cannot.
    """
    if file is None or file == "-":
        return
    folder = Path(file).resolve().parent
    if not folder.is_dir() or Path(file).is_dir() or not os.access(folder, os.W_OK):
        raise NotRehearsable(f"{file!r} cannot be written; name a file in a folder that is there")
