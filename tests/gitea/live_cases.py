"""Who asks what of whom: operations x owners x actors x credentials."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.gitea.live_operations import FILES, METHODS, PAGES, STOCK, UNKNOWN, Operation
from tests.gitea.live_rest import CHANGES, INSTANCE, LISTS, SHOWN
from tests.gitea.live_uploads import EPOCHS, UPLOADS
from tests.gitea.live_wire import BOUNDARY, Request, form
from tests.gitea.live_world import LEADER, ORGANIZATIONS, OWNERS, PASSWORD, PEOPLE, RENAMED, TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator

OPERATIONS = (*PAGES, *FILES, *METHODS, *UNKNOWN, *UPLOADS, *EPOCHS, *LISTS, *SHOWN, *CHANGES, *INSTANCE)
ASKED = (*OWNERS, "nobody", "old")
ACTORS = ("self", *(name for name in PEOPLE if name not in {"pub", "lim", "priv", LEADER, "old"}))
_UNKNOWN = "f" * 40
# Basic credentials: user name and secret.
_BASIC = {
    "password": "{name}:{password}",
    "wrong password": "{name}:wrong",
    "name in capitals": "{NAME}:{password}",
    "e-mail address": "{name}@example.org:{password}",
    "no password": "{name}:",
    **{f"token {key}": "{name}:" + f"${{who/{key}}}" for key in TOKENS},
    "token as user": "${who/write}:",
    "token as user, x-oauth-basic": "${who/write}:x-oauth-basic",
    "token as user, another word": "${who/write}:word",
    "token of __token__": "__token__:${who/write}",
    "token of another's name": "nobody-else:${who/write}",
    "token and read token": "${who/read}:${who/write}",
    "unknown token": "{name}:" + _UNKNOWN,
}
_HEADER = {
    "bearer": "Bearer ${who/write}",
    "bearer read": "Bearer ${who/read}",
    "bearer all": "Bearer ${who/all}",
    "bearer unrelated": "Bearer ${who/unrelated}",
    "bearer in small letters": "bearer ${who/write}",
    "token scheme": "token ${who/write}",
    "bearer with two blanks": "Bearer  ${who/write}",
    "basic in small letters": "basic base64({name}:{password})",
}
_QUERY = {"query token": "token=${who/write}", "query access_token": "access_token=${who/read}"}
# What needs no account; a question mark begins a query.
_ANYONE = {
    "none": "",
    "unknown user": "Basic base64(no-such-user:word)",
    "unknown bearer": f"Bearer {_UNKNOWN}",
    "unknown token scheme": f"token {_UNKNOWN}",
    "empty bearer": "Bearer",
    "digest": "Digest username=x",
    "no scheme": _UNKNOWN,
    "basic that is no base64": "Basic !!!",
    "basic without colon": "Basic base64(word)",
    "basic of nothing": "Basic base64(:)",
    "bearer, short": "Bearer abc",
    "unknown query token": f"?token={_UNKNOWN}",
    "empty query token": "?token=",
}
_SHOWN = {**{name: f"Basic base64({pair})" for name, pair in _BASIC.items()}, **_HEADER, **_QUERY}


@dataclass(frozen=True)
class Case:
    """One point of the product."""

    owner: str
    actor: str
    credential: str
    operation: Operation
    number: int

    @property
    def master(self) -> str:
        """Who may do everything there."""
        return LEADER if self.owner in ORGANIZATIONS else self.owner if self.owner in PEOPLE else "pub"

    def requests(self, prefix: str) -> list[Request]:
        """Return what is sent: what the owner does before, the request itself, what they look at after it."""
        person = self.master if self.actor == "self" else self.actor
        mine = (self.master, "password")
        sent = [(one, mine) for one in self.operation.before] + [(self.operation, (person, self.credential))]
        if self.operation.after:
            sent.append((Operation("after", "after", path=self.operation.after), mine))
        return [_made(operation, prefix, self, *caller) for operation, caller in sent]


def _made(operation: Operation, prefix: str, case: Case, person: str, credential: str) -> Request:
    owner = f"{prefix}{case.owner}"
    names = {"owner": owner, "OWNER": owner.upper(), "n": str(case.number)}

    def said(text: str) -> str:
        for name, value in names.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    path = operation.path if operation.path.startswith("/api/") else f"/api/packages/{{owner}}/pypi{operation.path}"
    headers, body = operation.headers, operation.body or b""
    if operation.fields is not None:
        file = None if operation.file is None else (said(operation.file[0]), operation.file[1])
        body = form([(name, said(value)) for name, value in operation.fields], file)
        if not any(name == "Content-Type" for name, _ in headers):
            headers = (*headers, ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"))
        headers = tuple((name, value) for name, value in headers if value)
    target = quote(said(path), safe="/?&=%!+:@~")
    shown = _ANYONE[credential] if credential in _ANYONE else _SHOWN[credential]
    actor = f"{prefix}{RENAMED[1] if person == RENAMED[0] else person}"
    shown = shown.replace("${who/", f"${{{person}/").replace("{name}", actor).replace("{NAME}", actor.upper())
    shown = shown.replace("{password}", PASSWORD)
    if credential in _QUERY or shown.startswith("?"):
        target += f"{'&' if '?' in target else '?'}{shown.removeprefix('?')}"
    elif shown:
        headers = (("Authorization", shown), *headers)
    return Request(operation.method, target, headers, body)


def stocked() -> Iterator[Case]:
    """Fill the world with packages; what comes later is to be later by a second, since lists go by that."""
    for operation in STOCK:
        yield from (Case(owner, "self", "password", operation, 0) for owner in OWNERS)


def chosen(keys: set[str], seed: int, *, only: str = "", without: tuple[str, ...] = ()) -> Iterator[Case]:
    """Go through the product, one operation after another, each in an order by chance, so that a part is a sample.

    Args:
        keys: which of `TOKENS` there are.
        seed: begins the chance.
        only: the one group of operations to go through; all if empty.
        without: the names of operations that are left out.
    """
    chance, number = random.Random(seed), 0  # noqa: S311 - no secret.
    columns = []
    for operation in OPERATIONS:
        if operation.name in without or (only and operation.group != only):
            continue
        column = [(owner, *caller) for owner in ASKED for caller in _callers(owner, keys)]
        chance.shuffle(column)
        # What succeeds stands first: who may do it all, and how they mostly show it.
        first = [(chance.choice(OWNERS), "self", chance.choice(("password", "token write", "bearer")))]
        columns.append([(operation, *each) for each in first + column])
    for row in zip_longest(*columns):
        for each in row:
            if each is not None:
                number += 1
                yield Case(each[1], each[2], each[3], each[0], number)


def _callers(owner: str, keys: set[str]) -> Iterator[tuple[str, str]]:
    yield from (("anonymous", credential) for credential in _ANYONE)
    for actor in ACTORS:
        if not (owner == "nobody" and actor == "self"):
            yield from ((actor, credential) for credential, text in _SHOWN.items() if _used(text) <= keys)


def _used(text: str) -> set[str]:
    return {key for key in TOKENS if f"${{who/{key}}}" in text}
