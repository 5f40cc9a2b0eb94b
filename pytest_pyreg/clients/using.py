"""What a registry does with real clients: their environment, uploads, installs, any command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg import dists
from pytest_pyreg.clients.arguments import project_folder, variables, wishes
from pytest_pyreg.clients.finding import find
from pytest_pyreg.clients.jobs import not_installed, not_stored, perform, releases
from pytest_pyreg.clients.kit import Job
from pytest_pyreg.clients.venvs import Venvs
from pytest_pyreg.identity import as_whom

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

    from typing_extensions import Unpack

    from pytest_pyreg.clients.keyring import Keyring
    from pytest_pyreg.clients.site import Site
    from pytest_pyreg.clients.workplace import Workplace
    from pytest_pyreg.companions import Companions
    from pytest_pyreg.dists import Content, Dist
    from pytest_pyreg.exchanges import Log
    from pytest_pyreg.identity import Credential

PATIENCE = 15
RECORDING_PATIENCE = 600
"""Seconds that a client waits for a word; a file that is recorded is here as a whole before its first byte is sent."""


class Clients(Venvs):
    """The part of a registry that runs clients."""

    _workplace: Workplace
    _companions: Companions
    _records: bool
    log: Log

    @property
    def upload_url(self) -> str:
        """Where uploads go."""
        raise NotImplementedError

    @property
    def index_url(self) -> str:
        """The simple index."""
        raise NotImplementedError

    @property
    def publisher(self) -> Credential:
        """A credential that may upload, and install."""
        raise NotImplementedError

    @property
    def reader(self) -> Credential:
        """A credential that may only install."""
        raise NotImplementedError

    @property
    def patience(self) -> int:
        """Seconds that the registry may take to say a word."""
        upstream = self._companions.started_upstream
        records = self._records or (upstream is not None and upstream._records)  # noqa: SLF001 - of the same kind.
        return RECORDING_PATIENCE if records else PATIENCE

    def env(self, credential: Credential | None = None) -> dict[str, str]:
        """Return the whole environment for a client's process: index, upload URL, credentials, a private home.

        Nothing of the caller's own configuration, credentials or CI tokens is in it.  It holds secrets: give it to a
        process, do not print it.

        Args:
            credential: as whom; the publisher if left out or None, nobody if `ANONYMOUS`.
        """
        return self._workplace.env(self.upload_url, self.index_url, as_whom(credential, self.publisher), self.patience)

    def run(
        self,
        *argv: str | os.PathLike[str],
        credential: Credential | None = None,
        cwd: Path | None = None,
        check: bool = True,
        env: Mapping[str, str | None] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run any command in a client's environment, its output captured, without secrets.

        Args:
            argv: the command.
            credential: as whom; the publisher if left out or None, nobody if `ANONYMOUS`.
            cwd: where to run it; where the caller is if left out.
            check: whether failure is an error.
            env: variables to add; one that is None is taken away.

        Raises:
            CommandFailed: the command failed, and `check` is true; or its time was over.
            FileNotFoundError: there is no such command.
            TypeError: its words are not given one by one, as texts, or a variable is no text.
            ValueError: there are none.
        """
        __tracebackhide__ = True
        whole = {**self.env(credential), **variables(env)}
        kept = {name: value for name, value in whole.items() if value is not None}
        return self._workplace.run(argv, kept, cwd or Path.cwd(), check)

    @property
    def keyring(self) -> Keyring:
        """What clients find when they ask keyring for a password; nothing, unless a test puts something there."""
        return self._workplace.keyring

    def upload(
        self,
        *distributions: Dist | Path | str,
        credential: Credential | None = None,
        client: str = "twine",
    ) -> subprocess.CompletedProcess[str]:
        """Upload with a real client.

        Args:
            distributions: what to upload, from `make_wheel` and the like or the paths of files.
            credential: as whom; the publisher if left out or None.
            client: `twine`, `uv`, `hatch`, `pdm`, `poetry`, or the path of one.

        Raises:
            CommandFailed: the client failed, or a file is not stored although it ended well; the message has its output
                and what the registry answered.
            FileNotFoundError: there is no such file; then no client is run.
            ValueError: no such client.
        """
        __tracebackhide__ = True
        found = find(client, "upload")
        env = self.env(credential)
        paths = tuple(Path(path) for path in self._workplace.files(distributions))
        before = self.log.count
        result = None
        for files in releases(paths) if found.task.alone else [paths]:
            job = Job(self._workplace.scratch(), self.index_url, files=files)
            result = perform(found, job.gathered() if found.task.gathers else job, env, self._workplace.run)
        if result is None:
            raise ValueError("there is nothing to upload; give distributions, or paths of files")
        self._believe(result, before, not_stored(self.log.since(before), {path.name for path in paths}))
        return result

    def publish(
        self, project: Path | str, *, credential: Credential | None = None, client: str = "twine"
    ) -> subprocess.CompletedProcess[str]:
        """Build a project's distributions and upload them with a client's own command, in the project's folder.

        What the client builds with comes from the registry too.  It leaves there what it leaves: `dist`, mostly.

        Args:
            project: the folder with its `pyproject.toml`.
            credential: as whom; the publisher if left out or None.
            client: `twine` (after `python -m build`), `flit`, `hatch`, `pdm`, `poetry`, `uv`, or the path of one.

        Raises:
            CommandFailed: the client failed, or nothing is stored although it ended well.
            NotADirectoryError: there is no such folder.
            ValueError: no such client.
        """
        __tracebackhide__ = True
        found = find(client, "publish")
        before = self.log.count
        job = Job(project_folder(project), self.index_url)
        result = perform(found, job, self.env(credential), self._workplace.run)
        self._believe(result, before, not_stored(self.log.since(before)))
        return result

    def build(
        self, project: Path | str, *, credential: Credential | None = None, client: str = "build"
    ) -> tuple[Path, ...]:
        """Build a project's distributions in isolation, with the build requirements from the registry.

        Args:
            project: the folder with its `pyproject.toml`.
            credential: as whom the requirements are fetched; the reader if left out or None.
            client: `build`, `hatch`, `pdm`, `poetry`, `uv`, or the path of one.

        Returns:
            The built files, in a folder that is there as long as the registry.

        Raises:
            CommandFailed: the client failed, or built nothing.
            NotADirectoryError: there is no such folder.
            ValueError: no such client.
        """
        __tracebackhide__ = True
        found = find(client, "build")
        before = self.log.count
        job = Job(project_folder(project), self.index_url, out=self._workplace.scratch())
        result = perform(found, job, self.env(as_whom(credential, self.reader)), self._workplace.run)
        assert job.out is not None
        built = tuple(sorted(path for path in job.out.iterdir() if path.name.endswith((".whl", ".tar.gz"))))
        self._believe(result, before, "" if built else "it built nothing")
        return built

    def install(
        self, *requirements: str | os.PathLike[str], credential: Credential | None = None, client: str = "pip"
    ) -> Site:
        """Install with a real client into a clean environment of its own.

        Args:
            requirements: as on pip's command line; one with a program for pipx; as in `pyproject.toml` for poetry, pdm,
                hatch, tox and nox.
            credential: as whom; the reader if left out or None, nobody if `ANONYMOUS`.
            client: `pip`, `uv`, `poetry`, `pdm`, `hatch`, `tox`, `nox`, `pipx`, or the path of one.

        Raises:
            CommandFailed: the client failed, or a requirement is not there although it ended well; the message has its
                output and what the registry answered.
            ValueError: no such client, or it does not install as much at once.
        """
        __tracebackhide__ = True
        requirements = wishes(requirements)
        found = find(client, "install")
        if not found.task.leaves:
            return self.venv(credential=credential).install(*requirements, credential=credential, client=client)
        if found.task.alone and len(requirements) != 1:
            raise ValueError(f"{found.name} installs one requirement into one environment, not {len(requirements)}")
        env = self.env(as_whom(credential, self.reader))
        given = tuple(os.fspath(requirement) for requirement in requirements)
        job = Job(self._workplace.scratch(), self.index_url, requirements=given)
        before = self.log.count
        result = perform(found, job, env, self._workplace.run)
        made = next(job.folder.glob(f"{found.task.leaves}/pyvenv.cfg"), None)
        site = self._workplace.found(made.parent, env, self._install_into) if made else None
        self._believe(result, before, not_installed(given, site.distributions() if site else {}))
        if site is None:
            raise self._workplace.doubted(result, before, "there is no environment")
        return site

    def _install_into(
        self, site: Site, requirements: tuple[str, ...], credential: Credential | None, client: str
    ) -> None:
        __tracebackhide__ = True
        found = find(client, "install")
        if found.task.leaves:
            raise ValueError(f"{found.name} installs only into environments that it makes; use registry.install()")
        job = Job(
            self._workplace.scratch(),
            self.index_url,
            python=str(site.python),
            version=lambda: site.version,
            site=str(site.path),
            requirements=requirements,
        )
        before = self.log.count
        result = perform(found, job, self.env(as_whom(credential, self.reader)), self._workplace.run)
        self._believe(result, before, not_installed(requirements, site.distributions()))

    def _believe(self, result: subprocess.CompletedProcess[str], before: int, but: str) -> None:
        """Raise the error of a client that ended well, unless there is nothing to say against that."""
        __tracebackhide__ = True
        if but and len(self.log.since(before)) == self.log.count - before:  # A short log may have forgotten it.
            raise self._workplace.doubted(result, before, but)

    make_wheel = staticmethod(dists.make_wheel)
    make_sdist = staticmethod(dists.make_sdist)
    make_dists = staticmethod(dists.make_dists)

    def make_big(
        self,
        project: str = "demo",
        version: str = "1.0",
        *,
        size: int,
        folder: str | os.PathLike[str] | None = None,
        **content: Unpack[Content],
    ) -> Path:
        """Make a valid wheel of any size as a sparse file; return its path.

        Args and raises as `pytest_pyreg.make_big`; without a folder it is gone when the registry is stopped.
        """
        place = self._workplace.folder / "big" if folder is None else folder
        return dists.make_big(project, version, size=size, folder=place, **content)
