"""A registry's folder: all that it holds is written there before anybody is told that it is done, and read back.

What came in by a request is written before the reply goes out; what was done in this process, or by the control
application, is written with that, and when the registry stops.  If it cannot be written the reply says so, and so does
every later one, whatever is asked: what is in memory is then ahead of the folder, which is what counts.
"""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from importlib import metadata
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from pytest_pyreg.clock import SystemClock
from pytest_pyreg.durable.classes import NotReadable
from pytest_pyreg.durable.database import FORMAT, Database, Key
from pytest_pyreg.durable.errors import NotKept, NotUsable
from pytest_pyreg.durable.files import KeptBlobs
from pytest_pyreg.durable.graph import Graph
from pytest_pyreg.durable.shelving import Shelving
from pytest_pyreg.exchanges import NOTES, Notes
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render.replies import TROUBLED
from pytest_pyreg.sending import respond
from pytest_pyreg.visit import FORM_READ

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from pytest_pyreg.flavours import Flavour, World
    from pytest_pyreg.index import Index

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_WITH_FORM = frozenset({"POST", "PUT"})
_OBJECT = "object"
_VERSION = metadata.version("pytest-pyreg")


class Keeper:
    """What writes a registry down in a folder, and reads it.

    Args:
        folder: which; made if it is not there.
        flavour: what the registry is.

    Raises:
        NotUsable: the folder is another registry's, or in use, or of a later version.
    """

    def __init__(self, folder: Path, flavour: Flavour) -> None:
        self._folder = folder
        self._database = Database(folder)
        self._turn = threading.RLock()
        """Held from the moment at which a request has come as a whole until what it did is written."""
        self._rows: dict[str, str] = {}
        self._first: dict[Key, str] = {}
        self._roots = ["world"]
        self._trouble = ""
        try:
            self._meta = self._database.rows("meta")
            self._check(flavour)
            self.blobs = KeptBlobs(folder / "files")
        except BaseException:
            self._database.close()
            raise

    @property
    def is_new(self) -> bool:
        """Whether there is nothing in the folder yet."""
        return "flavour" not in self._meta

    def _check(self, flavour: Flavour) -> None:
        there = self._meta.get("flavour", flavour.name)
        if there == flavour.name:
            return
        product, _, version = there.partition("@")
        if product != flavour.product or _release(version) != _release(flavour.version):
            raise NotUsable(
                f"{str(self._folder)!r} is a registry of {there}, not of {flavour.name}; leave the flavour out, or "
                "name another folder"
            )

    def begin(
        self, world: World, index: Index, known: Mapping[str, object], others: dict[str, Any], described: str
    ) -> None:
        """Fill a registry with what is in the folder, or write down what it is at first.

        Args:
            world: its world, as one is made.
            index: its index, empty.
            known: what is not kept and what its world leads to: the clock and the like.
            others: what is kept besides; what was kept of it stands in it afterwards.
            described: tells its world file from others; empty if it has none.

        Raises:
            NotUsable: what is in the folder cannot be read by this version, or is of another world file.
        """
        self._graph = Graph({"world": world, "index": index, **known})
        if type(known["clock"]) is SystemClock:  # Whose time was moved on only here.
            self._roots.append("clock")
        self._shelving = Shelving(index)
        self._others = others
        if self.is_new:
            own = {"flavour": known["flavour"].name, "world file": described, "format": str(FORMAT)}  # type: ignore[attr-defined]
            self._first = {("meta", name): text for name, text in own.items()}
        elif described and described != self._meta["world file"]:
            raise NotUsable(
                f"{str(self._folder)!r} was begun with another world file, or with none, and a world file is read "
                "once; leave --world out to go on with what is there, or name another folder"
            )
        else:
            self._read(index)
        if self._meta.get("written by") != _VERSION:
            self._first["meta", "written by"] = _VERSION
        self.save()

    def _read(self, index: Index) -> None:
        try:
            self._rows = self._database.rows(_OBJECT)
            rows = dict(self._rows)
            others = {name: rows.pop(name) for name in self._others if name in rows}
            self._graph.restore(rows, self._roots)
            self._others |= {name: self._graph.meant(json.loads(text)) for name, text in others.items()}
            self._shelving.fill(self._database, self._graph)
        except (NotReadable, KeyError, ValueError, TypeError) as error:
            raise NotUsable(
                f"{str(self._folder)!r} was written by pytest-pyreg {self._meta.get('written by')}, and this version "
                f"cannot read it: {error}; use that version, or another folder"
            ) from None
        missing = self.blobs.fill((file.digest, file.size) for one in index.releases() for file in one.files)
        if missing:
            raise NotUsable(
                f"{str(self._folder)!r} lacks the bytes of {len(missing)} files, such as files/{missing[0]}; somebody "
                "removed them: restore the folder, or name another one"
            )

    def save(self) -> None:
        """Write down what has changed; it is on the disk when this returns.

        Raises:
            NotKept: it could not be written, now or before.
        """
        with self._turn:
            if self._trouble:
                raise NotKept(self._trouble)
            objects = self._graph.rows(self._roots, self._others)
            rows, gone, written = self._shelving.changes(self._graph)
            rows |= self._first | {
                (_OBJECT, name): text for name, text in objects.items() if self._rows.get(name) != text
            }
            gone += [(_OBJECT, name) for name in self._rows.keys() - objects.keys()]
            if rows or gone:
                try:
                    self.blobs.sync()
                    self._database.write(rows, gone)
                except (NotKept, OSError) as error:
                    self._trouble = str(error)
                    raise NotKept(self._trouble) from None
            self._rows, self._first = objects, {}
            written()
            self.blobs.sweep()

    def before(self, app: WSGIApplication) -> WSGIApplication:
        """Return an application that answers once what was done is written down."""

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if self._trouble:  # What is in memory is not what counts.
                return _not_kept(self._trouble, environ, start_response)
            if environ["REQUEST_METHOD"] in _READING:
                return app(environ, start_response)
            try:
                return self._done(app, environ, start_response)
            except NotKept as trouble:
                return _not_kept(str(trouble), environ, start_response)

        return answer

    def _done(self, app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request once what it did is written down.

        Raises:
            NotKept: it cannot be.
        """
        with ExitStack() as mine:
            self._take_turn(environ, mine)
            held: list[Any] = []
            try:
                body = app(environ, lambda *said: held.append(said))  # type: ignore[arg-type]  # Nobody writes here.
            except OSError as error:
                if isinstance(error, (ConnectionError, TimeoutError)):  # The client's.
                    raise
                raise NotKept(f"a file in {str(self._folder)!r} cannot be written: {error.strerror}") from None
            try:
                self.save()
            except NotKept:
                if callable(close := getattr(body, "close", None)):
                    close()
                raise
            start_response(*held[0])
            return body

    def _take_turn(self, environ: WSGIEnvironment, mine: ExitStack) -> None:
        """Let nobody write until this request is done, from the moment that it has come as a whole."""
        if environ["REQUEST_METHOD"] not in _WITH_FORM:
            mine.enter_context(self._turn)
            return
        told = environ.get(FORM_READ)

        def form_read(*named: str) -> None:
            if told is not None:
                told(*named)
            mine.enter_context(self._turn)

        environ[FORM_READ] = form_read

    def drop(self) -> None:
        """Let others have the folder as it is."""
        self._database.close()

    def close(self) -> None:
        """Write down the last changes, and let others have the folder; closing twice is no error."""
        with self._turn:
            if self._database.is_open:
                try:
                    self.save()
                finally:
                    self._database.close()


def _not_kept(problem: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer that nothing counts."""
    refused = Refused(Refusal.NOT_KEPT, problem=problem)
    notes: Notes = environ.setdefault(NOTES, Notes())
    notes.refusal, notes.why = refused.refusal.name, refused.explanation
    return respond(TROUBLED[Refusal.NOT_KEPT].filled({"explanation": refused.explanation}), environ, start_response)


def _release(version: str) -> Version | str:
    """Return a release so that two names of it are one."""
    try:
        return Version(version)
    except InvalidVersion:
        return version
