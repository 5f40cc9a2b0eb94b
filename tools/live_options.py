"""What `compare_live` is told.  Each mistake is one line, said before the live server is touched."""

from __future__ import annotations

import argparse
import difflib
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from pytest_pyreg import UnknownFlavour, lookup
from pytest_pyreg.flavours.gitea import FORGEJO, GITEA
from tests.gitea.live_cases import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

GROUPS = tuple(dict.fromkeys(operation.group for operation in OPERATIONS))
"""Of operations."""
FEW = 20
"""Names that fit into a line."""
PRODUCTS = (GITEA.product, FORGEJO.product)


class _Parser(argparse.ArgumentParser):
    """A parser that complains in one line; `--help` has the rest."""

    def error(self, message: str) -> NoReturn:
        """End with 2, and say why."""
        self.exit(2, f"compare_live: {message}\n")


def read(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of a call; a wrong one ends the process with 2."""
    parser = _Parser(description="Compare a live Gitea or Forgejo with the emulation.")
    parser.add_argument("url", type=_url, help="where the live server is, such as http://127.0.0.1:3000")
    parser.add_argument("flavour", type=_flavour, help="what it is, such as forgejo@17")
    parser.add_argument(
        "--admin", type=_admin, required=True, metavar="NAME:PASSWORD", help="an administrator of the live server"
    )
    parser.add_argument("--seed", type=int, default=1, help="begins the choice of requests")
    parser.add_argument("--every", type=_count, default=1, help="take every so many of them")
    parser.add_argument("--requests", type=_count, default=2000, help="how many are sent")
    parser.add_argument("--record", type=_writable, metavar="FILE.json", help="keep what the live server said")
    parser.add_argument("--only", type=_group, metavar="GROUP", help=f"the one group to ask for: {', '.join(GROUPS)}")
    parser.add_argument(
        "--without", action="append", default=[], metavar="OPERATION", help="leave one out by its name (repeatable)"
    )
    parser.add_argument("--keep", action="store_true", help="leave people and packages in the live server")
    options = parser.parse_args(arguments)
    names = {one.name for one in OPERATIONS if options.only in {None, one.group}}
    for name in options.without:
        if name not in names:
            parser.error(f"argument --without: {_not_among('an operation', name, sorted(names))}")
    if names <= set(options.without):
        parser.error("argument --without: no operation is left to ask for; leave out fewer")
    return options


def _url(text: str) -> str:
    wanted = "a URL is http://HOST:PORT without a path, such as http://127.0.0.1:3000"
    try:
        parts = urlsplit(text)
        good = parts.scheme == "http" and parts.hostname and parts.port != 0 and not parts.username
    except ValueError:  # No number of a port, or a broken address in brackets.
        good = False
        parts = urlsplit("")
    if not good or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError(f"{wanted}, not {text!r}")
    return text.rstrip("/")


def _flavour(text: str) -> str:
    try:
        found = lookup(text)
    except UnknownFlavour as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if found.product not in PRODUCTS:
        message = f"only {' and '.join(PRODUCTS)} can be compared, not {text!r}; try {GITEA.newest.name!r}"
        raise argparse.ArgumentTypeError(message)
    return text


def _admin(text: str) -> tuple[str, str]:
    name, _, password = text.partition(":")
    if not name or not password:
        # Not what was given: it may be a password.
        raise argparse.ArgumentTypeError("a name and a password with a colon between them are expected: root:secret")
    return name, password


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"a whole number from 1 on is expected, not {text!r}")
    return int(text)


def _writable(text: str) -> Path:
    path = Path(text)
    existed = path.exists()
    try:
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        message = f"{text!r} cannot be written: {error.strerror}; try a file in a folder of your own"
        raise argparse.ArgumentTypeError(message) from None
    if not existed:
        path.unlink()
    return path


def _group(text: str) -> str:
    if text not in GROUPS:
        raise argparse.ArgumentTypeError(_not_among("a group", text, GROUPS))
    return text


def _not_among(what: str, text: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(text, known, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    # There are hundreds of operations, and commas in their names.
    listed = ", ".join(known) if len(known) < FEW else "".join(f"\n  {name}" for name in known)
    return f"{text!r} is not {what}; {hint}there are: {listed}"
