"""What a registry does with real clients: their environment, uploads, installs, any command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg import dists
from pytest_pyreg.clients.venvs import Venvs
from pytest_pyreg.clients.workplace import Workplace, kit

if TYPE_CHECKING:
    import os
    import subprocess
    from collections.abc import Mapping

    from typing_extensions import Unpack

    from pytest_pyreg.clients.site import Site
    from pytest_pyreg.dists import Content, Dist
    from pytest_pyreg.identity import Credential


class Clients(Venvs):
    """The part of a registry that runs clients."""

    _workplace: Workplace

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
        raise NotImplementedError

    def env(self, credential: Credential | None = None) -> dict[str, str]:
        """Return the whole environment for a client's process: index, upload URL, credentials, a private home.

        Nothing of the caller's own configuration, credentials or CI tokens is in it.  It holds secrets: give it to a
        process, do not print it.

        Args:
            credential: as whom; the publisher if left out, nobody if `ANONYMOUS`.
        """
        return self._workplace.env(self.upload_url, self.index_url, credential or self.publisher, self.patience)

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
            credential: as whom; the publisher if left out, nobody if `ANONYMOUS`.
            cwd: where to run it; where the caller is if left out.
            check: whether failure is an error.
            env: variables to add; one that is None is taken away.

        Raises:
            CommandFailed: the command failed, and `check` is true; or its time was over.
            FileNotFoundError: there is no such command.
        """
        __tracebackhide__ = True
        whole = {**self.env(credential), **(env or {})}
        kept = {name: value for name, value in whole.items() if value is not None}
        return self._workplace.run(argv, kept, cwd or Path.cwd(), check)

    def upload(
        self,
        *distributions: Dist | Path | str,
        credential: Credential | None = None,
        client: str = "twine",
    ) -> subprocess.CompletedProcess[str]:
        """Upload with a real client.

        Args:
            distributions: what to upload, from `make_wheel` and the like or the paths of files.
            credential: as whom; the publisher if left out.
            client: `twine` or `uv`.

        Raises:
            CommandFailed: the client failed; the message has its output and what the registry answered.
            ValueError: no such client.
        """
        __tracebackhide__ = True
        command = kit(client, "upload").upload
        env = self.env(credential)
        return self._workplace.run((*command, *self._workplace.files(distributions)), env, None, check=True)

    def install(
        self, *requirements: str | os.PathLike[str], credential: Credential | None = None, client: str = "pip"
    ) -> Site:
        """Install with a real client into a clean environment of its own.

        Args:
            requirements: as on pip's command line.
            credential: as whom; the reader if left out, nobody if `ANONYMOUS`.
            client: `pip` or `uv`.

        Raises:
            CommandFailed: the client failed; the message has its output and what the registry answered.
            ValueError: no such client.
        """
        __tracebackhide__ = True
        kit(client, "install")  # Known before anything is made.
        return self.venv(credential=credential).install(*requirements, credential=credential, client=client)

    def _install_into(
        self, site: Site, requirements: tuple[str, ...], credential: Credential | None, client: str
    ) -> None:
        __tracebackhide__ = True
        command = kit(client, "install").install
        argv = (*(part.format(python=site.python) for part in command), *requirements)
        self._workplace.run(argv, self.env(credential or self.reader), None, check=True)

    make_wheel = staticmethod(dists.make_wheel)
    make_sdist = staticmethod(dists.make_sdist)
    make_dists = staticmethod(dists.make_dists)

    def make_big(self, project: str = "demo", version: str = "1.0", *, size: int, **content: Unpack[Content]) -> Path:
        """Make a valid wheel of any size as a sparse file, which is gone when the registry is stopped; return its path.

        Args and raises as `pytest_pyreg.make_big`.
        """
        return dists.make_big(project, version, size=size, folder=self._workplace.folder / "big", **content)
