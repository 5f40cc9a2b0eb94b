"""What of a request may be kept: its address and headers without secrets, and which secrets it showed.

A secret is kept as a mark: a hash under a key that every log makes anew.  It tells whether a credential that somebody
holds is the one that was shown, and nothing to anybody else.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import quote, unquote, unquote_plus

from pytest_pyreg.credentials import authorization
from pytest_pyreg.redaction import MASK, Redactor, is_weak, redactor
from pytest_pyreg.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import WSGIEnvironment

_SECRET_HEADER = re.compile(r"TOKEN|SECRET|PASSW|AUTHORI[SZ]ATION|X_AUTH|COOKIE|API_?KEY|ACCESS_KEY|CREDENTIAL|_OTP$")
_SECRET_PARAMETER = re.compile(r"token|secret|passw|pwd|api.?key|access.?key|credential|authorization", re.IGNORECASE)
_PLAIN_HEADER = re.compile(
    r"HTTP_(HOST|USER_AGENT|CONNECTION|CACHE_CONTROL|CONTENT_.*|ACCEPT.*|IF_.*|RANGE|TE|EXPECT|PRAGMA|DATE|UPGRADE.*)"
)
"""Of headers that clients fill by themselves: a secret there is found if the registry knows it."""
_USERINFO = re.compile(r"://([^/@]*)@")


_REMEMBERED = 512
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Trace(NamedTuple):
    """What is kept of a request."""

    path: str
    headers: tuple[tuple[str, str], ...]
    texts: tuple[str, ...]
    """What the registry says about it."""
    marks: frozenset[bytes]
    """The secrets of the credentials that it showed."""
    others: frozenset[bytes]
    """What else in it may be a secret, or is known to be one."""


class _Heard(NamedTuple):
    """What a header says."""

    shown: tuple[str, str]
    """Its name and value, as they may be shown."""
    credentials: frozenset[str]
    others: frozenset[str]


class Tracer:
    """Keeps requests without secrets.

    Clients send the same headers again and again, so what was found out about one is remembered.

    Args:
        known: tells the secrets that are known at this moment.
    """

    def __init__(self, known: Callable[[], Iterable[str]] = frozenset) -> None:
        self._known = known
        self._key = secrets.token_bytes(32)  # Told to nobody and kept nowhere, so no test could want to choose it.
        self._heard: dict[tuple[str, str], _Heard] = {}
        self._marks: dict[str, bytes] = {}
        self._forms: dict[str, tuple[str, ...]] = {}

    def mark(self, secret: str) -> bytes:
        """Return the mark of a secret."""
        found = self._marks.get(secret)
        if found is None:
            data = secret.encode("utf-8", "surrogatepass")
            found = hashlib.blake2b(data, key=self._key, digest_size=16).digest()
            _remember(self._marks, secret, found)
        return found

    def redact(self, text: str) -> str:
        """Return a text without what is known to be secret."""
        return redactor(frozenset(self._known()))(text)

    def of(self, environ: WSGIEnvironment, texts: tuple[str, ...]) -> Trace:
        """Return what may be kept of a request.

        Args:
            environ: the request.
            texts: what the registry says about it.
        """
        credentials: set[str] = set()
        others: set[str] = set()
        address: str = environ.get("RAW_URI") or environ["PATH_INFO"]
        path, _, query = address.partition("?")
        if "@" in path:
            credentials.update(unquote(part) for found in _USERINFO.findall(path) for part in found.split(":")[1:])
        if query:
            path = f"{path}?{'&'.join(_parameter(part, credentials, others) for part in query.split('&'))}"
        headers = []
        for header in environ.items():
            if header[0][:5] == "HTTP_":
                heard = self._heard.get(header) or self._hear(*header)
                headers.append(heard.shown)
                credentials |= heard.credentials
                others |= heard.others
        whole = "\n".join((path, *[value for _, value in headers], *texts))
        leaked = set(redactor(frozenset(self._known())).found(whole))
        leaked |= {one for one in credentials if any(form in whole for form in self._in_texts(one))}
        others |= leaked
        if leaked or "@" in path:
            # What is a secret in one place of a request is not to be shown in another.
            shown = Redactor(leaked)
            path, texts = shown(path), tuple(map(shown, texts))
            headers = [(name, shown(value)) for name, value in headers]
        marks = frozenset(self.mark(secret) for secret in credentials if secret)
        return Trace(path, tuple(headers), texts, marks, frozenset(self.mark(one) for one in others if one))

    def _hear(self, key: str, value: str) -> _Heard:
        name, secret, plain = _header(key)
        credentials: set[str] = set()
        if secret:
            _shown(key, value, credentials)
        others = frozenset() if secret or plain else frozenset((value, value.rpartition(" ")[2]))
        heard = _Heard((name, MASK if secret else value), frozenset(credentials), others)
        _remember(self._heard, (key, value), heard)
        return heard

    def _in_texts(self, secret: str) -> tuple[str, ...]:
        """Return in which forms a secret may stand in a text; none if it is too common to be told from other words."""
        forms = self._forms.get(secret)
        if forms is None:
            forms = () if is_weak(secret) else tuple({secret, quote(secret, safe="")})
            _remember(self._forms, secret, forms)
        return forms


def _remember(kept: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    if len(kept) >= _REMEMBERED:
        kept.clear()
    kept[key] = value


def _shown(key: str, value: str, credentials: set[str]) -> None:
    """Add the secret of a header, in every way that it may be read."""
    credentials.add(value)
    credential = None
    if key.endswith("AUTHORIZATION"):
        with suppress(Refused):  # What is no text is nobody's credential.
            credential = authorization(value)
    if credential is not None:
        # Some show a token as the name of a user who has no password.
        credentials.add(credential.secret or credential.username)
    elif " " in value:
        credentials.add(value.rpartition(" ")[2])
    if key == "HTTP_COOKIE":
        credentials.update(part.partition("=")[2] for part in value.replace(" ", "").split(";"))


def _parameter(part: str, credentials: set[str], others: set[str]) -> str:
    name, equals, value = part.partition("=")
    if not _SECRET_PARAMETER.search(unquote(name)):
        others.update((unquote(value), unquote_plus(value)))
        return part
    credentials.update((unquote(value), unquote_plus(value)))
    return f"{name}{equals}{MASK if value else ''}"


@lru_cache(maxsize=256)
def _header(key: str) -> tuple[str, bool, bool]:
    """Return `User-Agent` for `HTTP_USER_AGENT`, whether it carries a secret, and whether certainly none."""
    name = key[5:].replace("_", "-").title()
    return name, bool(_SECRET_HEADER.search(key)), bool(_PLAIN_HEADER.fullmatch(key))
