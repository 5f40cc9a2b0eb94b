"""A running Gitea or Forgejo of one release, a person's shell beside it, and the addresses of Gitea's document.

The document is docs/content/doc/packages/pypi.en-us.md of v1.17.3: its commands are run as they are shown, but for the
host and for the paths of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import Credential, Registry, make_dists
from pytest_pyreg.flavours.gitea import GiteaWorld, features

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_pyreg import Dist
    from pytest_pyreg.flavours.gitea.people import Owner, User
    from tests.promises.conftest import Shell


class Addresses:
    """The addresses of Gitea's document."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def upload(self, owner: Owner) -> str:
        """Where an owner's packages are uploaded to."""
        return f"{self._registry.url}/api/packages/{owner.name}/pypi"

    def index(self, owner: Owner, who: Credential | None = None) -> str:
        """An owner's index, with a credential inside."""
        url = f"{self.upload(owner)}/simple"
        return url if who is None else url.replace("http://", f"http://{who.username}:{who.secret}@")

    def version(self, owner: Owner, name: str, version: str) -> str:
        """A version in the REST API."""
        return f"{self._registry.url}/api/v1/packages/{owner.name}/pypi/{name}/{version}"


class People:
    """A user who may upload, one who may only read and one who may neither, and what they own."""

    def __init__(self, world: GiteaWorld) -> None:
        self.publisher, self.reader, self.stranger = (
            world.user(name, password=f"password-of-{name}") for name in ("publisher", "reader", "stranger")
        )
        self.organization = world.home
        self._scoped = world.can(features.SCOPES)

    def reading(self) -> Credential:
        """Return a token of the reader that is good for reading alone, where tokens have scopes."""
        return self.reader.token(["read:package"] if self._scoped else None)

    def owner(self, kind: str) -> Owner:
        """Return the private organisation, or the publisher, who is public."""
        return self.organization if kind == "organisation" else self.publisher


def password(user: User) -> Credential:
    """Return what a user signs in with."""
    return Credential(user.name, user.password)


def deleted(url: str, who: Credential) -> int:
    """Delete something through the REST API; return the status."""
    return requests.delete(url, auth=(who.username, who.secret), timeout=10).status_code


@pytest.fixture(name="gitea")
def _gitea(request: pytest.FixtureRequest) -> Iterator[Registry]:
    """A running Gitea, or Forgejo; the parameter is the flavour."""
    with Registry(request.param) as registry:
        yield registry


@pytest.fixture(name="world")
def _world(gitea: Registry) -> GiteaWorld:
    """Its users and organisations."""
    assert isinstance(gitea.world, GiteaWorld)
    return gitea.world


@pytest.fixture(name="people")
def _people(world: GiteaWorld) -> People:
    """Who is who there, with passwords."""
    return People(world)


@pytest.fixture(name="at")
def _at(gitea: Registry) -> Addresses:
    """Its addresses."""
    return Addresses(gitea)


@pytest.fixture(name="password_of")
def _password_of() -> Callable[[User], Credential]:
    return password


@pytest.fixture(name="delete")
def _delete() -> Callable[[str, Credential], int]:
    return deleted


@pytest.fixture(name="shell")
def _shell(gitea: Registry, shell_beside: Callable[[Registry], Shell]) -> Shell:
    """A shell beside it."""
    return shell_beside(gitea)


@pytest.fixture(name="demo")
def _demo() -> tuple[Dist, Dist]:
    """A wheel and an sdist, under the name that the document uses."""
    return make_dists("test_package", "0.0.1", requires_python=">=3.6")
