"""The index as rows: one for each release, one for each project, few for the rest; only what has changed is written."""

from __future__ import annotations

import itertools
import json
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from packaging.utils import NormalizedName

from pytest_pyreg.model import Release
from pytest_pyreg.shelves import ProjectShelf, Shelf, include

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_pyreg.durable.database import Database, Key
    from pytest_pyreg.durable.graph import Graph
    from pytest_pyreg.index import Index

RELEASE, PROJECT, REST = "release", "project", "rest"
_Rows = dict[tuple[str, str], str]
_Place = tuple[int, NormalizedName]
"""A namespace's number, and a project's name."""


class Shelving:
    """What is written of an index.

    Args:
        index: which.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._era = -1
        self._serials: dict[int, int] = {}
        self._written: dict[_Place, tuple[int, dict[int, Release]]] = {}
        """Namespace and project -> its serial, and its releases by their numbers."""
        self._rest: dict[str, str] = {}

    def changes(self, graph: Graph) -> tuple[_Rows, list[Key], Callable[[], None]]:
        """Return the rows that are new or others, and those that go; and what is to be run once they are written.

        Args:
            graph: says what namespaces are.
        """
        index = self._index
        rows: _Rows = {}
        gone: list[Key] = []
        found: dict[_Place, tuple[int, dict[int, Release]]] = {}
        with index._lock:
            every = self._era != index._era  # A snapshot was taken, or restored.
            shelves = {
                number: shelf
                for number, shelf in index._shelves.items()
                if every or shelf.serial != self._serials.get(number)
            }
            for number, shelf in shelves.items():
                for place, (name, project) in enumerate(shelf.projects.items()):
                    if project.serial != self._written.get((number, name), (0, {}))[0]:
                        releases = {one.id: one for one in project.releases.values()}
                        found[number, name] = project.serial, releases
                        rows[PROJECT, f"{number}/{name}"] = f"[{place}, {project.serial}]"
            rest = self._rest_of(index)
            serials, era = {number: shelf.serial for number, shelf in index._shelves.items()}, index._era
            absent = [
                (number, name)
                for number, name in (self._written if every else ())
                if number not in index._shelves or name not in index._shelves[number].projects
            ]
        for (number, name), (_, releases) in found.items():
            before = self._written.get((number, name), (0, {}))[1]
            rows |= {
                (RELEASE, str(one.id)): json.dumps(_said(one, graph))
                for one in releases.values()
                if before.get(one.id) is not one
            }
            gone += [(RELEASE, str(one)) for one in before.keys() - releases.keys()]
        for number, name in absent:
            gone += [(PROJECT, f"{number}/{name}")]
            gone += [(RELEASE, str(one)) for one in self._written[number, name][1]]
        rows |= {(REST, name): text for name, text in rest.items() if self._rest.get(name) != text}

        def written() -> None:
            self._era, self._serials, self._rest = era, serials, rest
            for key in absent:
                del self._written[key]
            self._written |= found

        return rows, [key for key in gone if key not in rows], written

    @staticmethod
    def _rest_of(index: Index) -> dict[str, str]:
        taken = [
            [number, *key, until.isoformat()]
            for number, shelf in index._shelves.items()
            for key, until in shelf.taken.items()
        ]
        downloads = {str(number): at.isoformat() for number, at in tuple(index._downloads.items())}
        last = [index._last_release, index._last_file]
        # Objects of rows come in no order; this is that in which they came.
        return {
            "shelves": json.dumps(list(index._shelves)),
            "taken": json.dumps(taken),
            "downloads": json.dumps(downloads),
            "last": json.dumps(last),
        }

    def fill(self, database: Database, graph: Graph) -> None:
        """Put into the index what was written of it."""
        rest = {name: json.loads(text) for name, text in database.rows(REST).items()}
        shelves = {number: Shelf() for number in rest["shelves"]}
        projects = [(*json.loads(text), key) for key, text in database.rows(PROJECT).items()]
        for _, serial, key in sorted(projects):
            number, _, name = key.partition("/")
            shelf = shelves[int(number)]
            shelf.projects[NormalizedName(name)] = ProjectShelf(0, serial)
            shelf.serial = max(shelf.serial, serial)
        releases = database.rows(RELEASE)
        for text in (releases[key] for key in sorted(releases, key=int)):
            release = _meant(json.loads(text), graph)
            shelf = shelves[release.namespace.id]
            project = shelf.projects[release.normalized]
            project.releases[release.key] = release
            shelf.order[release.id] = release.normalized, release.key
            for file in release.files:
                include(project.filenames, file.key, release.key)
                include(shelf.filenames, file.key, release.normalized)
        for number, release_id, filename, until in rest["taken"]:
            shelves[number].taken[release_id, filename] = datetime.fromisoformat(until)
        index = self._index
        with index._lock:
            index._shelves = shelves
            index._downloads = {int(key): datetime.fromisoformat(at) for key, at in rest["downloads"].items()}
            index._last_release, index._last_file = rest["last"]
            index._serials = itertools.count(max((one.serial for one in shelves.values()), default=0) + 1)
        self.changes(graph)[2]()


def _said(release: Release, graph: Graph) -> dict[str, Any]:
    return {field.name: graph.said(getattr(release, field.name)) for field in fields(Release)}


def _meant(said: Mapping[str, Any], graph: Graph) -> Release:
    return Release(**{name: graph.meant(value) for name, value in said.items()})
