"""Texts without secrets: in whatever form a client, a header or a report writes one.

A secret is found as it is, percent-encoded, escaped as in a `repr`, JSON or XML, in base64 wherever in it it stands (so
in a basic header of any user name), and cut off by "..." as reports shorten long values.  What stands where only
secrets stand (the password in a URL, after "Basic" and "Bearer") is left out whether it is known or not.
A secret that is a common word or very short is left out there alone: else one "demo" would blacken the whole report.
"""

from __future__ import annotations

import base64
import html
import itertools
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "[redacted]"
SHORTEST = 4
"""Characters; what is shorter stands in every other word."""
_SUBSTRING = 8
"""Characters from which on a secret is looked for inside words too."""
_REMEMBERED = 1000
"""Texts whose secrets are remembered, and their characters."""
_CUT = 4
"""Characters of a secret beside "..." that count as a part of it."""
_COMMON = frozenset(
    [
        "admin",
        "anonymous",
        "bearer",
        "basic",
        "build",
        "changeme",
        "client",
        "demo",
        "dist",
        "download",
        "error",
        "false",
        "files",
        "from",
        "guest",
        "host",
        "http",
        "https",
        "index",
        "install",
        "internal",
        "localhost",
        "login",
        "main",
        "name",
        "none",
        "null",
        "oauth2",
        "package",
        "packages",
        "pass",
        "passed",
        "passwd",
        "password",
        "pip",
        "pipeline",
        "private",
        "project",
        "projects",
        "public",
        "publisher",
        "pypi",
        "pyreg",
        "pytest",
        "python",
        "reader",
        "refused",
        "registry",
        "release",
        "request",
        "requests",
        "root",
        "secret",
        "server",
        "simple",
        "status",
        "stranger",
        "test",
        "tests",
        "token",
        "true",
        "twine",
        "upload",
        "uploads",
        "user",
        "username",
        "version",
        "wheel",
    ]
)
_URL = re.compile(r"(://[^\s/:@'\"<>]*:)(?!\[redacted\]@|\*+@)[^\s/@'\"<>]+@")
_SCHEME = re.compile(
    r"(?i)(\bbasic )[A-Za-z0-9+/_-]{6,}={0,2}|(\bauthorization['\"]?\s*[:=,]\s*b?['\"]?(?:bearer|token) )[^\s'\",]+"
)
_WORD = "A-Za-z0-9+/_-"
_FOLD = re.compile(r"(?:['\"]?(?:\r?\n|\\n)(?:[E>] )?[ \t]*(?:[-+?] +)?b?['\"]?)?")
"""Where a text may be folded: between two quoted pieces, at the margin of a report too."""


class Hidden(str):
    """A text that does not show in a `repr`: not in an assertion, nor among a traceback's variables."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)


def is_weak(secret: str) -> bool:
    """Tell whether a secret is so short or common that other words would go with it."""
    return (
        len(secret) < SHORTEST
        or secret.lower() in _COMMON
        or (secret.isdigit() and len(secret) < _SUBSTRING)
        or len(set(secret)) == 1
    )


class Redactor:
    """Leaves secrets out of texts.

    Args:
        secrets: what is not to be shown.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        strong = sorted({secret for secret in secrets if secret and not is_weak(secret)}, key=len, reverse=True)
        self._plain = {form: secret for secret in strong for form in _forms(secret)}
        self._coded = {core: secret for secret in strong for core in _cores(secret)}
        self.needles = {**self._coded, **self._plain}
        """What a text with a secret has in it -> the secret."""
        self._seen: dict[str, frozenset[str]] = {}

    def found(self, text: str) -> frozenset[str]:
        """Return the secrets that are in a text; short ones are remembered, as requests say much the same."""
        known = self._seen.get(text)
        if known is None:
            known = frozenset(secret for needle, secret in self.needles.items() if needle in text)
            if len(text) < _REMEMBERED:
                if len(self._seen) == _REMEMBERED:
                    self._seen.clear()
                self._seen[text] = known
        return known

    def __call__(self, text: str) -> str:
        """Return a text without them."""
        for form in self._plain:
            if form in text:
                text = _pattern(form).sub(MASK, text)
        for core in self._coded:
            if core in text:
                text = re.sub(rf"[{_WORD}]*{re.escape(core)}[{_WORD}]*=*", MASK, text)
        if "..." in text:
            text = self._uncut(text)
        if "\n" in text or "\\n" in text:
            text = self._unfolded(text)
        text = _URL.sub(rf"\1{MASK}@", text)
        return _SCHEME.sub(lambda found: f"{found[1] or found[2]}{MASK}", text)

    def _unfolded(self, text: str) -> str:
        """Leave out what was folded over several lines: by `pprint`, or base64 at its 76th column."""
        whole = joined(text)
        for needle in self.needles if whole != text else ():
            if len(needle) >= _SUBSTRING and needle in whole:
                around = rf"[{_WORD}]*" if needle in self._coded else ""
                folded = _FOLD.pattern.join(re.escape(char) for char in needle)
                text = re.sub(f"{around}{folded}{around}", MASK, text)
        return text

    def _uncut(self, text: str) -> str:
        """Leave out what "..." has left of a secret."""
        parts = text.split("...")
        for form in self.needles:
            parts = [*(_without_tail(part, form) for part in parts[:-1]), parts[-1]]
            parts = [parts[0], *(_without_head(part, form) for part in parts[1:])]
        return "...".join(parts)


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return the text with every secret, and every password of a URL or basic auth header, replaced."""
    return redactor(frozenset(secrets))(text)


def joined(text: str) -> str:
    """Return a text with its lines and quoted pieces put together."""
    return _FOLD.sub("", text)


@lru_cache(maxsize=64)
def _pattern(form: str) -> re.Pattern[str]:
    escaped = re.escape(form)
    if len(form) >= _SUBSTRING:
        return re.compile(escaped)
    # A short one is a word of its own, perhaps behind an escape such as %3A or \n.
    return re.compile(rf"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{{2}})|(?<=\\[nrt])){escaped}(?![A-Za-z0-9])")


_last: list[tuple[frozenset[str], Redactor]] = []


def redactor(secrets: frozenset[str]) -> Redactor:
    """Return the redactor of these secrets; the last one is kept, as they seldom change between two texts."""
    for known, made in _last:
        if known == secrets:
            return made
    made = Redactor(secrets)
    _last[:] = [(frozenset(secrets), made), *_last[:3]]
    return made


def _forms(secret: str) -> list[str]:
    percent = quote(secret, safe="")
    lower = re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), percent)
    every = "".join(f"%{byte:02X}" for byte in secret.encode("utf-8", "surrogateescape"))
    written = [
        *(secret, percent, lower, every, every.lower(), quote(secret), quote_plus(secret), quote(percent, safe="")),
        *(repr(secret)[1:-1], json.dumps(secret)[1:-1], html.escape(secret), html.escape(secret, quote=False)),
    ]
    written.append(repr(repr(secret)[1:-1])[1:-1])
    data = secret.encode("utf-8", "surrogateescape")
    written += [quote(secret, safe="!~*'()"), ascii(secret)[1:-1], repr(data)[2:-1], repr(str(data))[3:-2]]
    return list(dict.fromkeys(written))


def _cores(secret: str) -> list[str]:
    """Return what base64 has of a secret, whatever stands before and after it."""
    found = []
    codings = ("utf-8",) if secret.isascii() else ("utf-8", "latin-1")
    for before, coding in itertools.product(range(3), codings):
        data = secret.encode(coding, "surrogateescape" if coding == "utf-8" else "replace")
        whole = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        first = (0, 2, 3)[before]
        last = (before + len(data)) * 8 // 6
        core = whole[first:last]
        if len(core) >= SHORTEST:
            found += [core, core.translate(str.maketrans("+/", "-_"))]
    return list(dict.fromkeys(found))


def _without_tail(text: str, form: str) -> str:
    for size in range(min(len(form), len(text)) - 1, _CUT - 1, -1):
        if text.endswith(form[:size]):
            return text[:-size] + MASK
    return text


def _without_head(text: str, form: str) -> str:
    for size in range(min(len(form), len(text)) - 1, _CUT - 1, -1):
        if text.startswith(form[-size:]):
            return MASK + text[size:]
    return text
