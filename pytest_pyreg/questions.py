"""What assertions about requests ask: what makes an exchange the one that is meant, and how near another comes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

from packaging.utils import canonicalize_name

from pytest_pyreg.checked import nearest, whole
from pytest_pyreg.dists import Dist
from pytest_pyreg.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg.exchanges import Exchange
    from pytest_pyreg.identity import Credential

    Check = Callable[[Exchange], str]
    """Tells why an exchange is not what is asked about; nothing if it is."""

NEAREST = 10
"""Requests that a failed assertion shows."""
BESIDE = {".metadata": "metadata", ".provenance": "provenance"}
"""What lies beside a file, by the end of its name -> what the log calls a request for it."""
_FILE = re.compile(
    r"[^/]+\.(?:whl|tar\.gz|zip|egg|tar|tgz|tar\.bz2|tbz|exe|msi|rpm|deb|dmg)(?:\.asc|\.metadata|\.provenance)?",
    re.IGNORECASE,
)
"""What indexes have ever taken as a distribution, and what lies beside it."""
_PROJECT = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE)
"""A name as the specification of names and normalization has it."""


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


def name_of(what: object) -> str:
    """Return the name of a file, however it is named, or a project's, which is a text."""
    if isinstance(what, str):
        return what
    name = what.name if isinstance(what, PurePath) else getattr(what, "name", None)
    if not isinstance(name, str):
        raise TypeError(f"a file is its name, its path or a distribution, not {type(what).__name__}")
    return name


def file_of(file: object) -> str:
    """Return a file's name, however it is named.

    Raises:
        TypeError: that names nothing.
        ValueError: no file can have that name, so that no request would ever be about it.
    """
    name = name_of(file)
    if isinstance(file, Dist):  # Which may be a misfit, whatever its name.
        return name
    name = PurePath(name).name
    if not _FILE.fullmatch(name):
        raise ValueError(
            f"give a file's name, such as 'demo-1.0-py3-none-any.whl', not {str(file)!r}; "
            "for a project there is assert_not_asked(project)"
        )
    return name


def project_of(project: object) -> str:
    """Return a project's normalized name.

    Raises:
        TypeError: it is no text.
        ValueError: no project can have that name, or it is a file's.
    """
    if not isinstance(project, str):
        raise TypeError(f"assert_not_asked takes a project's name, such as 'demo', not {type(project).__name__}")
    if _FILE.fullmatch(project):
        raise ValueError(
            f"assert_not_asked takes a project, such as 'demo', not the file {project!r}; "
            "for a file there are assert_not_fetched(file) and assert_not_uploaded(file)"
        )
    if not _PROJECT.fullmatch(project):
        raise ValueError(f"assert_not_asked takes a project's name, such as 'demo', not {project!r}")
    return canonicalize_name(project)


def refusal_of(refusal: object) -> str:
    """Return the name of a refusal, nothing if it is empty.

    Raises:
        TypeError: it is neither a `Refusal` nor a text.
        ValueError: there is none of that name.
    """
    if isinstance(refusal, Refusal):
        return refusal.name
    if not isinstance(refusal, str):
        raise TypeError(f"refusal= is a Refusal or its name, such as 'FILE_EXISTS', not {refusal!r}")
    if refusal and refusal not in Refusal.__members__:
        near = nearest(refusal, Refusal.__members__)
        hint = f"did you mean {near!r}? " if near else ""
        raise ValueError(f"there is no refusal {refusal!r}; {hint}there are: {', '.join(Refusal.__members__)}")
    return refusal


def times_of(times: object) -> None:
    """Refuse what says no number of requests.

    Raises:
        ValueError: it says none.
    """
    if times is not None:
        whole("times", times, least=0, other=", or None for at least one")


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
        same = one.filename == name or canonicalize_name(name) in projects(one)
        return "" if unread(one) or same else f"about {one.filename or one.project or 'something else'}"

    return check


def honest(one: Exchange) -> bool:
    """Tell whether the client got the registry's own reply, whole: it met no fault, or none but a delay."""
    return not one.fault or ".delay(" in one.fault


def accepted(one: Exchange) -> str:
    """Ask whether the client was told that it got what it wanted, and got it."""
    if not honest(one):
        return f"it met a fault, {one.fault}"
    return "it was refused" if one.refusal else "" if one.granted else f"answered with {one.status or 'no reply'}"


def refused(one: Exchange) -> str:
    """Ask whether it was refused."""
    return "" if one.refusal or one.status >= 400 else "it was granted" if one.granted else "it got no reply"  # noqa: PLR2004


def complete(one: Exchange) -> str:
    """Ask whether a whole file was sent."""
    if one.method != "GET":
        return f"{one.method} asks for no bytes"
    if one.status == 206:  # noqa: PLR2004 - Partial Content.
        return "only a part was asked for"
    return "the client had it already" if one.status == 304 else ""  # noqa: PLR2004 - Not Modified.


def unread(one: Exchange) -> bool:
    """Tell whether it is an upload that was refused before its form was read: it may be of any project."""
    return one.action == "upload" and not one.filename and not one.project


def projects(one: Exchange) -> set[str]:
    """Return the normalized names of the projects that a request may be about."""
    if one.action in {"upload", "project list"} and not one.project and not one.filename:
        return set()
    if one.project:
        names = [one.project]
    elif one.filename:
        # A wheel's version stands behind the first hyphen, an sdist's behind the last.
        wheel = one.filename.endswith(".whl")
        names = [one.filename.partition("-")[0] if wheel else one.filename.rpartition("-")[0] or one.filename]
    else:
        path, _, query = one.path.partition("?")
        names = [unquote(part) for part in path.split("/") if part]
        names += [unquote_plus(part.partition("=")[2]) for part in query.split("&") if part]
    return {canonicalize_name(name) for name in names}
