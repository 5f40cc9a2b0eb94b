"""What a registry asks of a product's world."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pytest_pyreg.identity import Credential, Directory, Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_pyreg.index import Index
    from pytest_pyreg.model import File, Namespace, Release
    from pytest_pyreg.worldfile import Named, Table


class Ready(NamedTuple):
    """A namespace to begin with, and the credentials that hold there."""

    home: Namespace
    publisher: Credential
    """May upload."""
    reader: Credential
    """May only install."""
    stranger: Credential
    """May neither."""


def mark(taken: Callable[[str], bool]) -> str:
    """Return what to put behind the names of the next ready things, so that none of them is there yet: `-2` and so on.

    Args:
        taken: tells whether there is something already whose name ends so.
    """
    marks = ("" if number == 1 else f"-{number}" for number in itertools.count(1))
    return next(mark for mark in marks if not taken(mark))


class World(Directory, Protocol):
    """A product's users, tokens and namespaces, and the small ready world that every registry starts with."""

    publisher: Credential
    """May upload."""
    reader: Credential
    """May only install."""
    stranger: Credential
    """May neither."""
    upstream: Callable[[], str]
    """Tells the URL of the index that unknown projects are forwarded to; set by the registry."""
    storage: Callable[[str], str]
    """Tells where the bytes of a digest can be fetched without the registry; set by the registry."""
    url: str
    """The registry's own URL; set by the registry."""

    @property
    def home(self) -> Namespace:
        """Where the ready credentials hold."""
        ...

    def another(self) -> Ready:
        """Make one more ready namespace, which no other has a right to, and users of its own for it.

        A product with one namespace alone gives new users of that.
        """
        ...

    def load(self, file: Table) -> Mapping[str, Named]:
        """Make the users, namespaces and tokens that a world file describes; return the tokens by their names there.

        Raises:
            WorldFileError: it means nothing here.
        """
        ...

    def fix_secret(self, credential: Credential, secret: str) -> Credential:
        """Let a token that was issued have a secret that is known beforehand; return what it is now."""
        ...

    def revoke(self, credential: Credential) -> None:
        """Let a token be good for nothing any more."""
        ...

    def secrets(self) -> Secrets:
        """Return every secret that this world has issued, so that reports can leave them out."""
        ...

    def ci_environment(self, url: str, ca: str = "", folder: str = "") -> dict[str, str]:
        """Return the variables that a job of the product's own CI system would have; none if it has no such system.

        Args:
            url: the registry's base URL.
            ca: the path of the certificate of an authority of the instance's own, where it has one.
            folder: where the project is checked out; not said if empty.
        """
        ...

    def forwards(self, namespace: Namespace) -> bool:
        """Tell whether a project that is not in the namespace is looked for upstream."""
        ...

    def forward(self, *, on: bool) -> None:
        """Turn that on or off for the whole instance."""
        ...

    def offers_json(self) -> bool:
        """Tell whether pages are given as JSON to who wants it."""
        ...

    def stores_elsewhere(self) -> bool:
        """Tell whether a download is a redirect to a storage."""
        ...

    def stocked(self, index: Index) -> None:
        """Learn where the releases are; the registry says so once."""
        ...

    def forgotten(self, name: str) -> bool:
        """Delete what is known of a project besides its releases, which are gone; tell whether there was anything."""
        ...

    def deleted(self, release: Release, files: Iterable[File]) -> None:
        """Learn that somebody deleted these files of a release."""
        ...
