"""A keyring for clients that ask one: it has what a test puts there, and notes what it was asked for.

Clients ask for passwords in processes of their own, so the keyring lies in a client's environment: a backend module on
its path, the answers in a variable, and a file that the backend notes the questions in.  No password is written there.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.checked import a
from pytest_pyreg.identity import Credential
from pytest_pyreg.redaction import Hidden

if TYPE_CHECKING:
    from collections.abc import Callable

BACKEND = "pyreg_keyring_backend"
ANSWERS, NOTES = "PYREG_KEYRING_ANSWERS", "PYREG_KEYRING_NOTES"


@dataclass(frozen=True)
class Asked:
    """A question that the keyring was asked."""

    how: str
    """`password`, of a user by name, or `credential`: any user's, or this user's."""
    service: str
    """As the client calls what it wants to log in to: usually a URL, or the host in it."""
    username: str | None
    """None if the client did not say."""
    answered: bool
    """Whether the keyring had something."""


class Keyring:
    """What clients find when they ask keyring.

    As long as it is empty and nobody listens, clients have a keyring that never has anything, and find their password
    in their environment.  A client run as somebody who is in it is told the user's name alone: it has to ask.

    Args:
        folder: makes a folder of its own, when it is first needed.
        secret: is told what no report may show.
    """

    def __init__(self, folder: Callable[[], Path], secret: Callable[[str], None]) -> None:
        self._folder = folder
        self._secret = secret
        self._held: list[tuple[str | None, Credential]] = []
        self._listens = False

    def add(self, credential: Credential, *, service: str | None = None) -> None:
        """Put a credential in; what was there for that service and user name is replaced.

        Args:
            credential: user name and secret; a wrong secret is how one tests a keyring that has gone stale.
            service: for which, as the client calls it: see `Asked.service`; for whatever it asks about if left out.
        """
        if not isinstance(credential, Credential):
            raise TypeError(
                f"a keyring holds credentials, such as registry.publisher, not {a(type(credential).__name__)}"
            )
        if not credential.secret:
            raise ValueError("a keyring holds user names with secrets; this credential has no secret")
        self._secret(credential.secret)
        place = service, credential.username
        self._held = [(at, held) for at, held in self._held if (at, held.username) != place]
        self._held.append((service, credential))

    def listen(self) -> None:
        """Note what is asked even though nothing is in here."""
        self._listens = True

    def clear(self) -> None:
        """Take everything out; what was asked stays noted."""
        self._held.clear()

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Every question so far, in order."""
        path = self._notes
        lines = path.read_text(encoding="utf-8").splitlines() if self._used and path.exists() else []
        return tuple(Asked(**json.loads(line)) for line in lines)

    def knows(self, username: str) -> bool:
        """Tell whether a user is in it."""
        return username in self.usernames

    @property
    def usernames(self) -> set[str]:
        """Who is in it; of a URL that has a user name alone, the name is no secret if it is one of these."""
        return {held.username for _, held in self._held}

    def settings(self) -> dict[str, str]:
        """Return the variables of a client that has this keyring; none if it is not used."""
        if not self._used:
            return {}
        folder = self._folder()
        backend = folder / f"{BACKEND}.py"
        if not backend.exists():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(__file__).with_name("keyring_backend.py"), backend)
        answers = [[service, held.username, held.secret] for service, held in reversed(self._held)]
        return {
            "PYTHON_KEYRING_BACKEND": f"{BACKEND}.Backend",
            "PYTHONPATH": str(folder),
            ANSWERS: Hidden(json.dumps(answers)),
            NOTES: str(self._notes),
        }

    @property
    def _used(self) -> bool:
        return bool(self._held) or self._listens

    @property
    def _notes(self) -> Path:
        return self._folder() / "asked.jsonl"

    def __repr__(self) -> str:
        return f"<Keyring of {', '.join(held.username for _, held in self._held) or 'nobody'}>"
