"""A Gitea or Forgejo of one release whose clock stands still, and its REST API, asked without a socket."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from pytest_pyreg import ANONYMOUS, Credential, ManualClock, Registry
from pytest_pyreg.flavours.gitea import GiteaWorld
from pytest_pyreg.flavours.gitea.people import Organization

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from pytest_pyreg.flavours.gitea.people import Owner, User

NOON = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)


class Api:
    """The REST API below `/api/v1/`.

    Who is who: `ada` is public, and in the private organisation `acme` she may write packages; `rob` reads them there;
    `sue` is a stranger; `root` administrates the site.  It is ada who asks if nothing else is said.
    """

    def __init__(self, registry: Registry, world: GiteaWorld) -> None:
        self.registry, self.world = registry, world
        self._client = Client(registry.wsgi)
        people = (world.user(name, password=f"password-of-{name}") for name in ("ada", "rob", "sue"))
        self.ada, self.rob, self.sue = people
        self.root = world.user("root", password="password-of-root", admin=True)
        assert isinstance(world.home, Organization), "the ready owner is one"
        self.acme = world.home
        self.acme.team("publishers", access="write", members=[self.ada])
        self.acme.team("readers", access="read", members=[self.rob])

    def ask(self, method: str, path: str, who: User | Credential | None = None) -> TestResponse:
        """Send a request; a user signs in with their password."""
        who = self.ada if who is None else who
        shown = who if isinstance(who, Credential) else Credential(who.name, who.password)
        auth = None if shown == ANONYMOUS else (shown.username, shown.secret)
        return self._client.open(f"/api/v1/{path}", method=method, auth=auth)

    def get(self, path: str, who: User | Credential | None = None) -> TestResponse:
        """Fetch."""
        return self.ask("GET", path, who)

    def says(self, method: str, path: str, who: User | Credential | None = None) -> tuple[int, str]:
        """Return the status of a refusal, and its message."""
        answer = self.ask(method, path, who)
        told = answer.get_json()
        assert set(told) == {"message", "url"}, told
        assert told["url"] == f"{self.registry.url}/api/swagger"
        assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
        return answer.status_code, told["message"]

    def listed(self, path: str, who: User | Credential | None = None) -> list[Any]:
        """Return the names and versions in a list."""
        answer = self.get(path, who)
        assert answer.status_code == 200, answer.text
        return [f"{row['name']} {row['version']}" for row in answer.json or ()]

    def page(self, owner: str, name: str) -> str:
        """Return a page of the simple index; nothing if there is none."""
        answer = self._client.get(f"/api/packages/{owner}/pypi/simple/{name}/", auth=(self.ada.name, self.ada.password))
        assert answer.status_code in {200, 404}
        return answer.text

    def linked(self, owner: str) -> list[str]:
        """Return the repositories that an owner's packages are linked to."""
        rows = self.get(f"packages/{owner}").get_json()
        return sorted({row["repository"]["full_name"] for row in rows if row["repository"]})

    def stock(
        self, owner: Owner, name: str, *versions: str, filename: str = "", content: bytes = b"", expect: int = 201
    ) -> None:
        """Upload a file for each version, as ada."""
        for version in versions:
            data = content or f"{name} {version}".encode()
            stored = self._client.post(
                f"/api/packages/{owner.name}/pypi",
                data={
                    "name": name,
                    "version": version,
                    "sha256_digest": hashlib.sha256(data).hexdigest(),
                    "content": (io.BytesIO(data), filename or f"{name}-{version}.tar.gz"),
                },
                auth=(self.ada.name, self.ada.password),
            )
            assert stored.status_code == expect, stored.text


@pytest.fixture(name="clock")
def _clock() -> ManualClock:
    """A clock that shows noon."""
    return ManualClock(NOON)


@pytest.fixture(name="gitea")
def _gitea(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[Registry]:
    """A running Gitea, or Forgejo; the parameter is its release, 1.23 if there is none."""
    with Registry(getattr(request, "param", "gitea@1.23"), clock=clock) as registry:
        yield registry


@pytest.fixture(name="world")
def _world(gitea: Registry) -> GiteaWorld:
    """Its users and organisations."""
    assert isinstance(gitea.world, GiteaWorld)
    return gitea.world


@pytest.fixture(name="api")
def _api(gitea: Registry, world: GiteaWorld) -> Api:
    """Its REST API."""
    return Api(gitea, world)
