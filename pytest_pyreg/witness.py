"""What a registry tells of what came: its report, what it leaves behind, and who else was shown a credential."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.identity import Secrets
from pytest_pyreg.redaction import redactor
from pytest_pyreg.telling import counted, told

if TYPE_CHECKING:
    import os
    import threading

    from pytest_pyreg.blobs import BlobStore
    from pytest_pyreg.clients.workplace import Workplace
    from pytest_pyreg.companions import Companions
    from pytest_pyreg.exchanges import Log
    from pytest_pyreg.faults import Faults
    from pytest_pyreg.flavours import Flavour
    from pytest_pyreg.identity import Credential
    from pytest_pyreg.index import Index
    from pytest_pyreg.lies import Lies


class Witness:
    """The part of a registry that tells what came."""

    flavour: Flavour
    log: Log
    _workplace: Workplace
    _companions: Companions
    _index: Index
    _blobs: BlobStore
    _url: str
    faults: Faults
    lies: Lies
    _over: threading.Event

    def _conceal(self, secret: str) -> None:
        """Leave a text out of every report."""
        self._workplace.keep_secret(secret)

    def report(self) -> str:
        """Return what came and what was answered, for a person, without secrets."""
        self._settle()
        upstream = self._companions.started_upstream
        behind = upstream is not None and (upstream.log.count or upstream.log.noted)
        more = f"\nupstream: {upstream.report()}" if upstream is not None and behind else ""
        title = f"{self._title}: {counted(tuple(self.log), self.log.count)}"
        return self.redacted(f"{title}\n{told(self.log, self.log.notes)}{self.faults.report()}{more}")

    def _settle(self) -> None:
        """Wait for clients that are in the middle of a handshake."""
        raise NotImplementedError

    @property
    def _title(self) -> str:
        return f"{self.flavour.name} at {self._url or 'no address: never started'}"

    def keep(self, folder: str | os.PathLike[str]) -> Path:
        """Write what is stored and what came into a folder, which is made, for a person, without secrets.

        Args:
            folder: gets `requests.txt`, `requests.json`, `projects.json` and `files/`, and the same of what stands
                upstream in `upstream/`.  Of a registry that has stopped only the requests are left.

        Raises:
            OSError: it cannot be written.
        """
        from pytest_pyreg.keeping import keep  # Seldom needed.

        place, upstream = Path(folder), self._companions.started_upstream
        logs = {"": self.log, "storage": self._companions.log}
        keep(
            place,
            self._title,
            logs,
            None if self._over.is_set() else self._index,
            self._blobs,
            redactor(self.secrets()),
        )
        if upstream is not None:
            upstream._workplace.keep_secrets(self._workplace.secrets())  # noqa: SLF001 - of the same kind.
            upstream.keep(place / "upstream")
        return place

    def assert_kept(self, credential: Credential) -> None:
        """Assert that a credential was shown neither upstream nor to the storage that files may be kept in.

        Raises:
            AssertionError: it was; the message has the requests.
        """
        __tracebackhide__ = True
        self._companions.assert_never_shown(credential)

    def _log_behind(self) -> Log | None:
        upstream = self._companions.started_upstream
        return upstream.log if upstream is not None else None

    def check(self) -> None:
        """Fail if a fault never fired, or a lie was never told, here or upstream; leaving a `with` block does it.

        Raises:
            FaultNeverFired: a fault did not.
            LieNeverTold: a lie was not.
        """
        __tracebackhide__ = True
        self.faults.check()
        self.lies.check()
        upstream = self._companions.started_upstream
        if upstream is not None:
            upstream.check()

    def secrets(self) -> Secrets:
        """Return all that is not to be shown: what was issued here, upstream too, and what clients were given."""
        upstream = self._companions.started_upstream
        return Secrets(self._workplace.secrets() | (upstream.secrets() if upstream is not None else frozenset()))

    def redacted(self, text: str) -> str:
        """Return a text without the secrets of this registry."""
        return redactor(self.secrets())(text)
