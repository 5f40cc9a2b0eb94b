"""Lies: what a project's page says that is not so, though what is stored stays as it is.

A lie is a transform of the frozen page on its way to the renderer.  Uploads, downloads and whoever asks the index see
the truth.  Knows no product: whether pages announce metadata (PEP 658, 714), and where that is kept, it is told.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.checked import often, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from packaging.utils import NormalizedName

    from pytest_pyreg.index import Index
    from pytest_pyreg.model import File, Namespace, ProjectPage

    Transform = Callable[[str, ProjectPage | None, frozenset[int]], ProjectPage | None]
    """Of a project, its page, and the ids of the namespaces where it was looked for."""

_USUAL = "no request came that it would have misled"
_MOST = 8
"""How many of the files or projects that there are a message names."""
_ENDINGS = (".whl", ".tar.gz", ".zip", ".egg")


class LieNeverTold(AssertionError):
    """A lie was prepared, and no page said it."""


@dataclass(eq=False)
class Lie:
    """One of them."""

    words: str
    """As the test said it."""
    about: str
    """The file or the project, as the test named it."""
    transform: Transform
    withheld: str = ""
    """The project whose metadata is announced and not there; empty if it is no such lie."""
    reads: int | None = None
    """How often it is told; None for always."""
    told: int = 0
    """How often it was."""

    def __repr__(self) -> str:
        return f"<Lie {self.words}: told {often(self.told)}>"


@dataclass(frozen=True)
class Reading:
    """A project's page as one request reads it."""

    page: Callable[[], ProjectPage | None]
    lies: tuple[Lie, ...] = ()
    """Those that are told: pages are kept by them."""
    truth: Mapping[int, File] = field(default_factory=dict)

    def true(self, file: File) -> File:
        """Return a file as it is: addresses are made of what is so."""
        return self.truth.get(file.id, file)

    @property
    def remark(self) -> str:
        """What a person who reads the log should know."""
        return f"a lie was told: {', '.join(lie.words for lie in self.lies)}" if self.lies else ""


class Lies:
    """The lies of one registry; safe to use from many threads.

    Args:
        flavour: its name, for errors.
        index: what is stored.
        metadata: the fact of a file that is the sha256 of its metadata; empty if pages announce none.
    """

    def __init__(self, flavour: str, index: Index, metadata: str = "") -> None:
        self._flavour = flavour
        self._index = index
        self._metadata = metadata
        self._lies: tuple[Lie, ...] = ()
        self._pages: dict[str, None] = {}
        """The projects whose pages were read since there are lies."""
        self._lock = threading.Lock()

    def wrong_hash(self, project_or_filename: str) -> Lie:
        """Give another sha256 of a file, or of all files of a project, than it has."""

        def wrong(file: File) -> File:
            return replace(file, hashes={**file.hashes, "sha256": _other("sha256", file)})

        return self._of_files("wrong_hash", project_or_filename, wrong)

    def hide(self, filename: str) -> Lie:
        """Leave a file out; whoever knows its address gets it.

        Raises:
            ValueError: that is no file's name.
        """
        _named("hide", filename)
        if not filename.endswith(_ENDINGS):
            raise ValueError(f"hide is told a file's name, such as 'demo-1.0-py3-none-any.whl', not {filename!r}")
        return self._of_files("hide", filename, lambda _: None)

    def stale(self, project: str, reads: int | None = 3) -> Lie:
        """Show a project's page as it is at this moment, however it changes; not at all if there is no such project.

        Args:
            project: its name, in any spelling.
            reads: how many reads that would have shown something else see the old page; None for all.

        Raises:
            ValueError: the number is none.
        """
        _named("stale", project)
        if reads is not None:
            whole("reads", reads, least=1, other=", or None for all")
        name = canonicalize_name(project)
        then = self._index.page(None, name)

        def old(asked: str, page: ProjectPage | None, places: frozenset[int]) -> ProjectPage | None:
            if asked != name:
                return page
            releases = tuple(one for one in (then.releases if then else ()) if one.namespace.id in places)
            return replace(then, name=releases[0].name, releases=releases) if then and releases else None

        lie = Lie(f"stale({project!r}, reads={reads!r})", project, old, reads=reads)
        with self._lock:
            self._lies = (lie, *self._lies)  # The other lies are told of the page that is shown.
        return lie

    def without_metadata(self, project: str) -> Lie:
        """Announce no metadata (PEP 658, 714); the files are there for who asks all the same.

        Raises:
            ValueError: this product's pages announce none.
        """
        return self._of_metadata("without_metadata", project, lambda _: "")

    def wrong_metadata_hash(self, project_or_filename: str) -> Lie:
        """Announce another sha256 of the metadata of a file, or of all files of a project, than it has.

        Raises:
            ValueError: this product's pages announce none.
        """
        return self._of_metadata("wrong_metadata_hash", project_or_filename, lambda file: _other("metadata", file))

    def dangling_metadata(self, project: str) -> Lie:
        """Announce a project's metadata and, when it is asked for, have none.

        Raises:
            ValueError: this product's pages announce none.
        """
        _named("dangling_metadata", project)
        words = f"dangling_metadata({project!r})"
        self._require_metadata(words)
        return self._add(Lie(words, project, lambda _, page, __: page, withheld=canonicalize_name(project)))

    def check(self) -> None:
        """Fail if a lie was never told.

        Raises:
            LieNeverTold: the lie, and the projects whose pages were read.
        """
        __tracebackhide__ = True
        missing = [lie for lie in self._lies if not lie.told]
        if missing:
            lines = [f"a lie was never told: {lie.words}; {self._reason(lie)}" for lie in missing]
            raise LieNeverTold("\n".join([*lines, f"project pages that were read: {', '.join(self._pages) or 'none'}"]))

    def _reason(self, lie: Lie) -> str:
        """Return why nobody was told a lie: perhaps there is nothing that it could be about."""
        if lie.about.endswith(_ENDINGS):
            files = {file.filename for release in self._index.releases() for file in release.files}
            return _USUAL if lie.about in files else f"there is no file {lie.about!r} here; {_some(files)}"
        if self._index.page(None, canonicalize_name(lie.about)) is not None:
            return _USUAL
        projects = {str(release.normalized) for release in self._index.releases()}
        return f"there is no project {lie.about!r} here; {_some(projects)}"

    def clear(self) -> None:
        """Forget every lie: pages say what is so, and `check` is content."""
        with self._lock:
            self._lies = ()
            self._pages.clear()

    # -- for who writes pages ------------------------------------------------------------------------------------------

    def read(
        self, project: NormalizedName, namespaces: Iterable[Namespace], look: Callable[[], ProjectPage | None]
    ) -> Reading:
        """Return a project's page as this request is to see it.

        Args:
            project: whose.
            namespaces: where it was looked for.
            look: returns the true page.
        """
        if not self._lies:
            return Reading(look)
        page = true = look()
        places = frozenset(namespace.id for namespace in namespaces)
        told, truth = [], _files(true)
        with self._lock:
            self._pages[project] = None
            for lie in self._lies:
                if lie.reads is not None and lie.told >= lie.reads:
                    continue
                said = lie.transform(project, page, places)
                if said == page:
                    continue
                page = said
                truth = _files(page) | truth  # First comes what is so, then an old page, then what is made of it.
                lie.told += 1
                told.append(lie)
        return Reading(lambda: page, tuple(told), truth)

    def withhold(self, project: str) -> Lie | None:
        """Return the lie by which a project's metadata is not there; tells it."""
        with self._lock:
            lie = next((lie for lie in self._lies if lie.withheld == project), None)
            if lie is not None:
                lie.told += 1
        return lie

    # ------------------------------------------------------------------------------------------------------------------

    def _of_metadata(self, name: str, whose: str, digest: Callable[[File], str]) -> Lie:
        self._require_metadata(f"{name}({whose!r})")

        def wrong(file: File) -> File:
            announced = file.facts.get(self._metadata)
            return replace(file, facts={**file.facts, self._metadata: digest(file)}) if announced else file

        return self._of_files(name, whose, wrong)

    def _require_metadata(self, words: str) -> None:
        if not self._metadata:
            raise ValueError(
                f"{self._flavour} has no metadata files (PEP 658) that its pages could announce, so {words} means "
                "nothing here; wrong_hash(...), hide(...) and stale(...) do"
            )

    def _of_files(self, name: str, whose: str, change: Callable[[File], File | None]) -> Lie:
        _named(name, whose)
        file_named, project = whose.endswith(_ENDINGS), canonicalize_name(whose)

        def transform(asked: str, page: ProjectPage | None, _: frozenset[int]) -> ProjectPage | None:
            if page is None or not (file_named or asked == project):
                return page
            releases = []
            for release in page.releases:
                found = [change(file) if not file_named or file.filename == whose else file for file in release.files]
                files = tuple(file for file in found if file is not None)
                if files or not release.files:
                    releases.append(release if files == release.files else replace(release, files=files))
            return replace(page, releases=tuple(releases))

        return self._add(Lie(f"{name}({whose!r})", whose, transform))

    def _add(self, lie: Lie) -> Lie:
        with self._lock:
            self._lies = (*self._lies, lie)
        return lie

    def __repr__(self) -> str:
        return f"<Lies: {', '.join(lie.words for lie in self._lies) or 'none'}>"


def _named(lie: str, name: object) -> None:
    if not isinstance(name, str) or not name:
        raise ValueError(f"{lie} is told a name, such as 'demo', not {name!r}")


def _some(names: set[str]) -> str:
    shown = sorted(names)[:_MOST]
    more = [f"and {len(names) - _MOST} more"] if len(names) > _MOST else []
    return f"there are: {', '.join([*shown, *more]) or 'none'}"


def _other(what: str, file: File) -> str:
    """Return a digest that no file has; always the same."""
    return hashlib.sha256(f"a lie about the {what} of {file.filename}".encode()).hexdigest()


def _files(page: ProjectPage | None) -> dict[int, File]:
    return {} if page is None else {file.id: file for release in page.releases for file in release.files}
