"""A private place in which a registry's clients run: their home, the files they upload, the environments they fill."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.clients import running
from pytest_pyreg.clients.arguments import present, words_of
from pytest_pyreg.clients.environment import hermetic
from pytest_pyreg.clients.giving import given, hidden
from pytest_pyreg.clients.keyring import Keyring
from pytest_pyreg.clients.kit import Target
from pytest_pyreg.clients.kits import settings
from pytest_pyreg.clients.running import CommandFailed
from pytest_pyreg.clients.site import Site
from pytest_pyreg.dists import Dist
from pytest_pyreg.hush import HUSH
from pytest_pyreg.identity import Secrets
from pytest_pyreg.redaction import redacted

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Mapping

    from pytest_pyreg.clients.interpreters import Interpreter
    from pytest_pyreg.clients.site import Installer
    from pytest_pyreg.exchanges import Exchange, Log
    from pytest_pyreg.identity import Credential


class Workplace:
    """Where clients run; nothing is made on disk before the first one does.

    Args:
        log: the registry's, for what it answered while a client ran.
        secrets: tells what is not to be shown.
        timeout: seconds that a client may run.
        behind: tells the log of what stands behind the registry, once that is there.
        ca: the authority that the clients are to trust, as PEM; none if the registry speaks plain HTTP.
        settle: waits until the log knows of every client that has ended.
        retries: whether clients ask again by themselves when something fails that may pass.
    """

    def __init__(
        self,
        log: Log,
        secrets: Callable[[], Secrets],
        timeout: float,
        behind: Callable[[], Log | None] = lambda: None,
        *,
        ca: bytes | None = None,
        settle: Callable[[], None] = lambda: None,
        retries: bool = False,
    ) -> None:
        if not 0 < timeout < float("inf"):
            raise ValueError(f"a timeout is a number of seconds above zero, not {timeout!r}")
        self._log = log
        self._behind = behind
        self._ca = ca
        self._settle = settle
        self._retries = retries
        self._issued = secrets
        self._given: set[str] = set()
        self._timeout = timeout
        self._folder: Path | None = None
        self._making = threading.RLock()
        self._sites = 0
        self._process = os.getpid()
        self._jobs = 0
        self._around: Workplace | None = None
        self.keyring = Keyring(lambda: self.folder / "keyring", self._given.add)

    def beside(self, log: Log) -> Workplace:
        """Return another place, whose clients' errors speak of another log; it is removed with this one."""
        other = Workplace(log, self._issued, self._timeout, self._behind, ca=self._ca, settle=self._settle)
        other._retries = self._retries
        other._around, other._given = self, self._given
        return other

    @property
    def folder(self) -> Path:
        """A folder of its own, made when it is first asked for."""
        with self._making:  # Tests run clients from several threads.
            if self._folder is None:
                around = self._around.folder if self._around is not None else None
                self._folder = Path(tempfile.mkdtemp(prefix="pyreg-", dir=around))
            return self._folder

    @property
    def ca(self) -> Path | None:
        """Where the authority's certificate lies; None if there is none."""
        if self._ca is None:
            return None
        with self._making:
            path = self.folder / "ca.pem"
            if not path.exists():
                path.write_bytes(self._ca)
            return path

    def secrets(self) -> Secrets:
        """Return what is not to be shown: what the registry has issued, and what a caller brought along."""
        return Secrets(self._issued() | frozenset(self._given))

    def keep_secret(self, secret: str) -> None:
        """Leave a text out of all that is shown."""
        self._given.add(secret)

    def keep_secrets(self, secrets: Iterable[str]) -> None:
        """Leave texts out of all that is shown."""
        self._given.update(secrets)

    def close(self) -> None:
        """Remove everything."""
        HUSH.leave(self)
        folder, self._folder = self._folder, None
        if folder is not None and os.getpid() == self._process:  # Not in a child, whose parent goes on with it.
            shutil.rmtree(folder, ignore_errors=True)

    def env(self, upload_url: str, index_url: str, credential: Credential, patience: int) -> dict[str, str]:
        """Return the whole environment for a client that is to use these URLs as this caller.

        Args:
            upload_url: where uploads go.
            index_url: the simple index.
            credential: as whom.
            patience: seconds without a word after which the client gives up.
        """
        if credential.secret:
            self._given.add(credential.secret)
        home = self.folder / "home"
        asks = self.keyring.knows(credential.username)
        ca = str(self.ca or "")
        target = Target(upload_url, index_url, credential, home, patience, ca, retries=self._retries, asks=asks)
        whole = {**hermetic(os.environ, home), **settings(target), **self.keyring.settings()}
        return hidden(whole, credential.secret)

    def files(self, distributions: Iterable[Dist | Path | str]) -> list[str]:
        """Return the paths of distributions; those in memory are written, once all are known to be some."""
        items = [present(item) for item in distributions]
        folder = self.folder / "dists"
        return [str(item.write_to(folder) if isinstance(item, Dist) else item.resolve()) for item in items]

    def site(
        self, env: Mapping[str, str], installer: Installer | None = None, interpreter: Interpreter | None = None
    ) -> Site:
        """Make a clean environment to install into; see `Site`."""
        self._sites += 1
        return Site(self.folder / f"site-{self._sites}", env, self.run, installer, interpreter)

    def found(self, path: Path, env: Mapping[str, str], installer: Installer) -> Site:
        """Take the environment that a client has made."""
        return Site(path, env, self.run, installer, make=False)

    def scratch(self) -> Path:
        """Make an empty folder for a job."""
        self._jobs += 1
        folder = self.folder / "jobs" / str(self._jobs)
        folder.mkdir(parents=True)
        return folder

    def run(
        self,
        argv: tuple[str | os.PathLike[str], ...],
        env: Mapping[str, str],
        cwd: Path | None,
        check: bool,  # noqa: FBT001 - internal; the facade takes it by name.
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end.

        Raises:
            CommandFailed: it failed, and `check` is true; or its time was over.
            FileNotFoundError: there is no such command.
            TypeError: its words are not given one by one.
            ValueError: there are none.
        """
        __tracebackhide__ = True  # A failing client is the test's affair: pytest ends the traceback at its line.
        before, behind = self._log.count, self._behind()
        passed = behind.count if behind is not None else 0
        noted = self._log.noted
        command = words_of(argv)
        self._given |= given(command, env) - self.keyring.usernames
        secrets = self.secrets()
        shown = [redacted(part, secrets) for part in command]
        # What clients print is read by people in reports, where colours and folded lines are noise.
        env = {**env, "NO_COLOR": "1", "COLUMNS": "200"}
        where = cwd or Path(env["TMPDIR"])
        try:
            result = running.run(command, env, cwd=where, timeout=self._timeout, secrets=secrets)
        except TimeoutError as error:
            raise CommandFailed(
                shown, None, str(error), self._log.since(before), self._timeout, *self._besides(passed, noted)
            ) from None
        if check and result.returncode:
            output = result.stdout + result.stderr
            raise CommandFailed(
                shown, result.returncode, output, self._log.since(before), self._timeout, *self._besides(passed, noted)
            )
        return result

    def doubted(self, result: subprocess.CompletedProcess[str], before: int, but: str) -> CommandFailed:
        """Return the error of a client that says it has done what it has not.

        Args:
            result: what it said.
            before: how many exchanges there were when it was started.
            but: what is wrong, in words.
        """
        output = result.stdout + result.stderr
        came = self._log.since(before)
        return CommandFailed(result.args, result.returncode, output, came, self._timeout, but=but)

    def _besides(self, before: int, noted: int) -> tuple[tuple[Exchange, ...], tuple[str, ...]]:
        """Return what came to the index behind the registry since then, and what came instead of requests."""
        self._settle()
        behind = self._behind()
        return behind.since(before) if behind is not None else (), self._log.notes_since(noted)
