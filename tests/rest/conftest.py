"""A running GitLab of one release whose clock stands still, and a client that shows every header and byte."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pytest_pyreg import ANONYMOUS, Credential, ManualClock, Registry
from pytest_pyreg.flavours.gitlab.world import GitLabWorld

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_pyreg.flavours.gitlab.places import Project

NOON = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=timezone.utc)


class Api:
    """GitLab's REST API, asked with a personal token unless something else is said.

    Args:
        registry: the GitLab.
        world: who is who there.
    """

    def __init__(self, registry: Registry, world: GitLabWorld) -> None:
        self.registry, self.world = registry, world
        self.maintainer = self.member("maintainer")

    def member(self, role: str, project: Project | None = None) -> Credential:
        """Make a user of that role in a project, the ready one if none is given; return a token of theirs."""
        user = self.world.user(f"a-{role}")
        (project or self.world.home).add_member(user, role)
        return user.personal_token()

    def ask(
        self,
        method: str,
        path: str,
        who: Credential | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> requests.Response:
        """Send a request to an address below `/api/v4/`, or to that of a link; a redirect is not followed."""
        url = path if path.startswith("http://") else f"{self.registry.url}/api/v4/{path}"
        who = self.maintainer if who is None and not headers and auth is None else who
        shown = {} if who is None or who == ANONYMOUS else {"PRIVATE-TOKEN": who.secret}
        return requests.request(
            method, url, headers=shown | (headers or {}), auth=auth, timeout=10, allow_redirects=False
        )

    def get(self, path: str, who: Credential | None = None, **headers: str) -> requests.Response:
        """Fetch."""
        return self.ask("GET", path, who, _named(headers))

    def delete(self, path: str, who: Credential | None = None, **headers: str) -> requests.Response:
        """Delete."""
        return self.ask("DELETE", path, who, _named(headers))

    def upload(
        self,
        filename: str,
        *,
        name: str = "demo",
        version: str = "1.0",
        content: bytes = b"PK",
        who: Credential | None = None,
        project: Project | None = None,
    ) -> requests.Response:
        """Upload a file as a client does, with the digests of its bytes."""
        who = who or self.registry.publisher
        project = project or self.world.home
        fields = {
            "name": name,
            "version": version,
            "requires_python": ">=3.8",
            "sha256_digest": hashlib.sha256(content).hexdigest(),
            "md5_digest": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        }
        return requests.post(
            f"{self.registry.url}/api/v4/projects/{project.id}/packages/pypi",
            data=fields,
            files={"content": (filename, content)},
            auth=(who.username, who.secret),
            timeout=10,
        )

    def stock(self, *versions: str, name: str = "demo", project: Project | None = None) -> list[int]:
        """Store a release for each version, each with a wheel; return the numbers of all that are there."""
        project = project or self.world.home
        maintainer = self.member("maintainer", project)
        for version in versions:
            filename = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
            stored = self.upload(filename, name=name, version=version, project=project, who=maintainer)
            assert stored.status_code == 201, stored.text
        return [release.id for release in self.registry._index.releases([project])]

    def listed(self, path: str, key: str, who: Credential | None = None) -> list[Any]:
        """Return one value of everything in a list."""
        answer = self.get(path, who)
        assert answer.status_code == 200, answer.text
        return [row[key] for row in answer.json()]


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture(name="clock")
def _clock() -> ManualClock:
    """A clock that shows noon."""
    return ManualClock(NOON)


@pytest.fixture(name="gitlab")
def _gitlab(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[Registry]:
    """A running GitLab; the parameter is its release, 17.4 if there is none."""
    with Registry(f"gitlab@{getattr(request, 'param', '17.4')}", clock=clock, forwarding=False) as registry:
        yield registry


@pytest.fixture(name="world")
def _world(gitlab: Registry) -> GitLabWorld:
    """Its users, groups and projects."""
    assert isinstance(gitlab.world, GitLabWorld)
    return gitlab.world


@pytest.fixture(name="api")
def _api(gitlab: Registry, world: GitLabWorld) -> Api:
    """Its REST API."""
    return Api(gitlab, world)


@pytest.fixture(name="rooted")
def _rooted(clock: ManualClock) -> Iterator[Api]:
    """A GitLab that lies below a path of its host."""
    with Registry("gitlab@17", clock=clock, url_root="/gitlab") as registry:
        assert isinstance(registry.world, GitLabWorld)
        yield Api(registry, registry.world)
