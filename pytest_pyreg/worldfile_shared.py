"""What the world files of every product have in common, beyond the file itself.

Reading one, its settings, the names and secrets of its tokens, and which of these are the registry's own.  Which tables
and keys there are besides is the flavour's.
"""

from __future__ import annotations

import os
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Protocol

from pytest_pyreg.settings import Configured
from pytest_pyreg.worldfile import Table, WorldFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from pytest_pyreg.identity import Credential
    from pytest_pyreg.worldfile import Named

CALLERS = ("publisher", "reader", "stranger")
"""Whose credentials a file may choose among its tokens."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
# Capitals, as they are called: a secret that stands here by mistake is seldom like that, and is told to nobody.
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
# Long enough not to be found in other words by who blacks it out, and such as a header carries.
SECRET = re.compile(r"[!-~]{8,}")


class UnknownToken(KeyError):
    """A token was asked for that the world file does not describe."""

    def __str__(self) -> str:
        return str(self.args[0])  # As it was said, not as a key is shown.


class Tokens(dict[str, "Credential"]):
    """Credentials by the world file's names for them; asked for another, it says which there are."""

    def __missing__(self, name: object) -> Credential:
        there = (
            f"there are: {', '.join(self)}" if self else "there are none; a world file describes some in [tokens.NAME]"
        )
        raise UnknownToken(f"there is no token {name!r} in the world file; {there}")


class World(Protocol):
    """What has the ready credentials, and issues tokens."""

    publisher: Credential
    reader: Credential
    stranger: Credential

    def secrets(self) -> Collection[str]:
        """Return every secret."""
        ...

    def fix_secret(self, credential: Credential, secret: str) -> Credential:
        """Let a token that was issued have a secret that is known beforehand."""
        ...


def loaded(file: Table, load: Callable[[Table], Mapping[str, Named]]) -> Mapping[str, Named]:
    """Return the tokens of a world file, once all that it describes is made.

    Args:
        file: what it says, as `worldfile.read` returns it.
        load: makes what it describes.

    Raises:
        WorldFileError: it means nothing.
    """
    try:
        return load(file)
    except WorldFileError as error:
        # Without the frames below, whose variables may be secrets: some reports print them.
        raise error.with_traceback(None) from None


def change(table: Table, settings: Configured) -> None:
    """Change settings as a table says.

    Args:
        table: the table.
        settings: what it changes.

    Raises:
        WorldFileError: there is no such setting, or not yet, or it cannot be that.
    """
    simple = [field.name for field in fields(settings) if "[" not in str(field.type)]  # type: ignore[arg-type]
    table.only(simple, "setting")
    for name in table.values:
        before = getattr(settings, name)
        if isinstance(before, Configured):
            change(table.table(name), before)
            continue
        what, words = settings.CHOICES.get(name, ("", ()))
        value = table.choice(name, words, what) if words else table.value(name, type(before))
        if type(value) is int and value < settings.LEAST:
            raise table.error(f"a number from {settings.LEAST} on is wanted here", name)
        with table.at(name):
            setattr(settings, name, value)


def tokens(file: Table) -> list[tuple[str, Table]]:
    """Return the tables of tokens by their names, each of which can be told from the others in an environment.

    Raises:
        WorldFileError: a name can be none.
    """
    found = file.tables("tokens", variable)
    for name, table in found:
        if not _NAME.fullmatch(name):
            raise table.error("the name of a token has letters, digits, '-' and '_', and begins with a letter")
    return found


def variable(name: str) -> str:
    """Return what a token's name is in an environment."""
    return name.upper().replace("-", "_")


def with_its_secret(table: Table, credential: Credential, world: World) -> Credential:
    """Give a token the secret that its table says, if it does.

    Raises:
        WorldFileError: it can be none, or another's.
    """
    secret = _secret(table)
    if secret is None:
        return credential
    name = from_variable(table)
    what = f"the value of ${name} is no secret: one" if name else "a secret"
    if not SECRET.fullmatch(secret):
        raise table.error(f"{what} has at least 8 characters, all of them printable ASCII, no blank", "secret")
    if secret in world.secrets():
        raise table.error("another token has this secret", "secret")
    return world.fix_secret(credential, secret)


def from_variable(table: Table) -> str:
    """Return the name of the environment variable that has a token's secret; nothing if the file has it, or chance.

    Raises:
        WorldFileError: it is none.
    """
    if not isinstance(table.values.get("secret"), dict):
        return ""
    where = table.table("secret")
    where.only(("env",))
    name = where.demanded("env", "the name of the environment variable that has the secret")
    if not _VARIABLE.fullmatch(name):
        # Without the name: it may be the secret itself.
        raise where.error("the name of a variable has capital letters, digits and '_', and no digit first", "env")
    return name


def _secret(table: Table) -> str | None:
    name = from_variable(table)
    if not name:
        return table.value("secret", str)
    secret = os.environ.get(name, "")
    if not secret:
        raise table.error(f"${name} is not set, or empty; put the secret there: {name}=... pyreg ...", "secret")
    return secret


def choose(table: Table, world: World, named: Mapping[str, Named]) -> dict[str, str]:
    """Let the registry's own credentials be tokens of the file.

    Returns:
        Who -> the name of their token, where the file says.

    Raises:
        WorldFileError: there is no such token.
    """
    chosen: dict[str, str] = {}
    for who in CALLERS:
        name = table.choice(who, named, "token")
        if name is not None:
            chosen[who] = name
            setattr(world, who, named[name].credential)
    return chosen
