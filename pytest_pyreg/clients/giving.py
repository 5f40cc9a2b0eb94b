"""The secrets that a command is given: in its words, and in its environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pytest_pyreg.redaction import Hidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NAME = re.compile(r"(?i)(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|API_?KEY|KEYRING_ANSWERS)$")
_OPTION = re.compile(r"--(?:[a-z-]+-)?(?:password|token|secret)")
_LOGIN = re.compile(r"://([^\s/@'\"<>]+)@")


def given(argv: Iterable[str], env: Mapping[str, str]) -> set[str]:
    """Return what of a command is secret by where it stands: after `--password`, in a URL, in a variable `..._TOKEN`.

    Args:
        argv: the command.
        env: its environment.
    """
    words = list(argv)
    found = {value for name, value in env.items() if _NAME.search(name) and not value.startswith("/")}
    for word, after in zip(words, [*words[1:], ""], strict=True):
        option, equals, value = word.partition("=")
        if _OPTION.fullmatch(option) or (option == "-p" and not equals and any("twine" in one for one in words)):
            found.add(value if equals else after)
    found.update(part for text in (*words, *env.values()) for part in _logins(text))
    return {str(secret) for secret in found if secret}


def hidden(env: Mapping[str, str], secret: str) -> dict[str, str]:
    """Return an environment whose secret values do not show when it is printed.

    Args:
        env: the environment.
        secret: what is secret wherever it stands.
    """
    return {
        name: Hidden(value) if _NAME.search(name) or _LOGIN.search(value) or (secret and value == secret) else value
        for name, value in env.items()
    }


def _logins(text: str) -> Iterator[str]:
    """Yield the passwords of a text's URLs, and a user name without one, which is a token."""
    if "@" in text:
        for login in _LOGIN.findall(text):
            user, colon, password = login.partition(":")
            yield unquote(password) if colon and password else unquote(user)
