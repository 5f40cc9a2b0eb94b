"""What rows need of a registry's inside that no facade has: files with any fields, serials, sizes.

It stands beside the registry, in whatever process that is, and is reached as the rest of it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_pyreg import RemoteRegistry
from pytest_pyreg.steps import stored_upload

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pytest_pyreg import Registry
    from pytest_pyreg.model import File, Namespace, Release


class Inside:
    """The inside of a registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def store(
        self, owner: Namespace, fields: Mapping[str, str], filename: str, content: bytes, *, at: datetime, again: bool
    ) -> File:
        """Store a file with these fields, as an upload would.

        Args:
            owner: where.
            fields: of the form.
            filename: its name.
            content: its bytes.
            at: when it comes.
            again: whether there may be one of that name.
        """
        registry = self._registry
        with registry._blobs.writer() as writer:
            writer.write(content)
            with writer.committed() as blob:
                upload = stored_upload(registry.flavour.rules, fields, filename, blob)
                return registry._index.add(owner, upload, at=at, by="the row", again=again)

    def releases(self, owner: Namespace) -> tuple[Release, ...]:
        """Return what is stored there."""
        return tuple(self._registry._index.releases([owner]))

    def count_to(self, project: str, serial: int) -> bool:
        """Let the last serial of a project be that; return whether it is."""
        index, home, name = self._registry._index, self._registry.world.home, canonicalize_name(project)
        while index.serial(home, name) < serial:
            index.touch(home, name)
        return index.serial(home, name) == serial

    def weigh(self, project: str, version: str, size: int) -> None:
        """Let the first file of a release have so many bytes, without as many."""
        shelf = self._registry._index._shelves[self._registry.world.home.id]
        releases = shelf.projects[canonicalize_name(project)].releases
        for key, release in releases.items():
            if Version(release.version) == Version(version):
                releases[key] = replace(release, files=(replace(release.files[0], size=size),))

    def show(self, url: str) -> None:
        """Let pages show another URL; the registry has no option for it, so its application is told."""
        assert self._registry._app is not None, "a registry that runs has an application"
        self._registry._app.url = self._registry.world.url = url


def inside(registry: Registry) -> Inside:
    """Return the inside of a registry, wherever that is."""
    if isinstance(registry, RemoteRegistry):
        return cast("Inside", registry.inside)
    return Inside(registry)
