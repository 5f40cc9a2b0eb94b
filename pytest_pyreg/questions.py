"""What assertions about requests ask: what makes an exchange the one that is meant, and how near another comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg.exchanges import Exchange
    from pytest_pyreg.identity import Credential

    Check = Callable[[Exchange], str]
    """Tells why an exchange is not what is asked about; nothing if it is."""

NEAREST = 10
"""Requests that a failed assertion shows."""


@dataclass
class Question:
    """What an assertion asks about: exchanges that pass every check."""

    words: str
    """What is looked for, behind a number: "accepted upload of x"."""
    checks: list[Check] = field(default_factory=list)
    name: str = ""
    """The file or project, for what resembles it."""

    def reasons(self, exchange: Exchange) -> list[str]:
        """Return why an exchange is none of them."""
        return [reason for check in self.checks if (reason := check(exchange))]

    def distance(self, exchange: Exchange) -> tuple[int, float, int]:
        """Return how little an exchange resembles what is looked for: the nearest first, of equals the newest."""
        texts = (exchange.filename, exchange.project, exchange.path.partition("?")[0].rstrip("/").rpartition("/")[2])
        alike = max(SequenceMatcher(None, self.name, text).ratio() for text in texts)
        return len(self.reasons(exchange)), -alike, -exchange.number


def listed(title: str, exchanges: list[Exchange], question: Question | None) -> list[str]:
    """Return lines with exchanges, and why each is not what was asked about, if that is given."""
    lines = [title] if exchanges else []
    for one in exchanges[:NEAREST]:
        lines.append(f"  #{one.number} " + str(one).replace("\n", "\n  "))
        if question is not None:
            lines.append(f"      not it: {'; '.join(question.reasons(one)) or 'this is one of them'}")
    if len(exchanges) > NEAREST:
        lines.append(f"  and {len(exchanges) - NEAREST} more")
    return lines


def name_of(file: object) -> str:
    """Return a file's name, however it is named."""
    if isinstance(file, str):
        return file
    name = file.name if isinstance(file, PurePath) else getattr(file, "name", None)
    if not isinstance(name, str):
        raise TypeError(f"a file is its name, its path or a distribution, not {type(file).__name__}")
    return name


def secret_of(credential: Credential) -> str:
    """Return what makes a credential; some show a token as the name of a user without a password."""
    return credential.secret or credential.username


def described(credential: Credential) -> str:
    """Return how a message names a credential, without its secret."""
    return f"{credential.username!r}" if credential.username and credential.secret else "a credential without a name"


def action(wanted: str) -> Check:
    """Ask for what was done."""
    return lambda one: "" if one.action == wanted else f"it is {one.action or 'no address of the registry'}"


def named(name: str) -> Check:
    """Ask for a file."""
    return lambda one: "" if one.filename == name else f"of {one.filename or 'no file that is known'}"


def about(name: str) -> Check:
    """Ask for a file or a project; an upload whose form nobody read may be of any."""

    def check(one: Exchange) -> str:
        unread = one.action == "upload" and not one.filename and not one.project
        same = one.filename == name or canonicalize_name(name) in projects(one)
        return "" if unread or same else f"about {one.filename or one.project or 'something else'}"

    return check


def accepted(one: Exchange) -> str:
    """Ask whether the client was told that it got what it wanted."""
    return "it was refused" if one.refusal else "" if one.granted else f"answered with {one.status or 'no reply'}"


def refused(one: Exchange) -> str:
    """Ask whether it was refused."""
    return "" if one.refusal or one.status >= 400 else "it was granted" if one.granted else "it got no reply"  # noqa: PLR2004


def whole(one: Exchange) -> str:
    """Ask whether a whole file was sent."""
    if one.method != "GET":
        return f"{one.method} asks for no bytes"
    if one.status == 206:  # noqa: PLR2004 - Partial Content.
        return "only a part was asked for"
    return "the client had it already" if one.status == 304 else ""  # noqa: PLR2004 - Not Modified.


def projects(one: Exchange) -> set[str]:
    """Return the normalized names of the projects that a request may be about."""
    if one.project:
        names = [one.project]
    elif one.filename:
        # A wheel's version stands behind the first hyphen, an sdist's behind the last.
        wheel = one.filename.endswith(".whl")
        names = [one.filename.partition("-")[0] if wheel else one.filename.rpartition("-")[0] or one.filename]
    else:
        names = [unquote(part) for part in one.path.partition("?")[0].split("/") if part]
    return {canonicalize_name(name) for name in names}
