"""The part of a registry that makes clean environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.clients import interpreters
from pytest_pyreg.identity import as_whom

if TYPE_CHECKING:
    import os

    from pytest_pyreg.clients.site import Site
    from pytest_pyreg.clients.workplace import Workplace
    from pytest_pyreg.identity import Credential


class Venvs:
    """What makes environments."""

    _workplace: Workplace

    @property
    def reader(self) -> Credential:
        """A credential that may only install."""
        raise NotImplementedError

    def env(self, credential: Credential | None = None) -> dict[str, str]:
        """Return the whole environment for a client's process."""
        raise NotImplementedError

    def venv(self, python: str | os.PathLike[str] | None = None, *, credential: Credential | None = None) -> Site:
        """Make a clean environment with nothing in it, which goes with the registry.

        Args:
            python: a version, such as `3.11`, of which an interpreter is on PATH or in pyenv; or the path of one; the
                Python that runs this if left out.
            credential: as whom commands in it use the registry; the reader if left out or None, nobody if `ANONYMOUS`.

        Raises:
            LookupError: there is no such Python; the message has those that there are.
            TypeError: it is no text and no path, such as the number 3.11.
        """
        found = interpreters.find(python)
        return self._workplace.site(self.env(as_whom(credential, self.reader)), self._install_into, found)

    def _install_into(
        self, site: Site, requirements: tuple[str, ...], credential: Credential | None, client: str
    ) -> None:
        """Install with a client into an environment; see `Site.install`."""
        raise NotImplementedError
