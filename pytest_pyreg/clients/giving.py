"""The secrets that a command is given: in its words, and in its environment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pytest_pyreg.clients.secret_names import holds_secret
from pytest_pyreg.redaction import Hidden

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

_OPTION = re.compile(r"--(?:[a-z-]+-)?(?:password|passphrase|token|secret|auth)")
_SHORT: Mapping[str, Collection[frozenset[str]]] = {
    "-a": (frozenset({"hatch", "publish"}),),
    "-p": (frozenset({"twine"}), frozenset({"poetry", "publish"})),
    "-t": (frozenset({"uv", "publish"}),),
}
"""An option before a secret -> the words of commands of which it is one: to others it says something else."""
_USER = re.compile(r"--(?:[a-z-]+-)?user|-u")
"""Before a user name, which to some is followed by a colon and the password."""
_LOGIN = re.compile(r"://([^\s/@'\"<>]+)@")


def given(argv: Iterable[str], env: Mapping[str, str]) -> set[str]:
    """Return what of a command is secret by where it stands: after `--password`, in a URL, in a variable `..._TOKEN`.

    Args:
        argv: the command.
        env: its environment.
    """
    words = list(argv)
    found = {value for name, value in env.items() if holds_secret(name) and not _is_path(value)}
    names = {re.split(r"[/\\]", word)[-1] for word in words}
    for word, after in zip(words, [*words[1:], ""], strict=True):
        option, equals, value = word.partition("=")
        value = value if equals else after
        if _OPTION.fullmatch(option) or (not equals and any(one <= names for one in _SHORT.get(option, ()))):
            found.add(value)
        elif _USER.fullmatch(option):
            found.add(value.partition(":")[2])
        elif re.match(r"-u[^-:=]+:", word):
            found.add(word.partition(":")[2])
    found.update(part for text in (*words, *env.values()) for part in _logins(text))
    return {str(secret) for secret in found if secret}


def hidden(env: Mapping[str, str], secret: str) -> dict[str, str]:
    """Return an environment whose secret values do not show when it is printed.

    Args:
        env: the environment.
        secret: what is secret wherever it stands.
    """
    return {
        name: Hidden(value) if holds_secret(name) or _LOGIN.search(value) or (secret and value == secret) else value
        for name, value in env.items()
    }


def _is_path(value: str) -> bool:
    """Tell whether a variable says where a secret lies, as `GOOGLE_APPLICATION_CREDENTIALS` does."""
    try:
        return value.startswith("/") and Path(value).exists()
    except (OSError, ValueError):  # Too long for a path, or with a zero in it.
        return False


def _logins(text: str) -> Iterator[str]:
    """Yield the passwords of a text's URLs, and a user name without one, which is a token."""
    if "@" in text:
        for login in _LOGIN.findall(text):
            user, colon, password = login.partition(":")
            yield unquote(password) if colon and password else unquote(user)
