"""A registry's folder: all that it holds is written there before anybody is told that it is done, and read back.

What came in by a request is written before the reply goes out; what was done in this process, or by the control
application, is written with that, and when the registry stops.  If it cannot be written the reply says so, and so does
every later one: what is in memory is then ahead of the folder, which is what counts.
"""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_pyreg.clock import SystemClock
from pytest_pyreg.durable.classes import NotReadable
from pytest_pyreg.durable.database import Database, Key
from pytest_pyreg.durable.errors import NotKept, NotUsable
from pytest_pyreg.durable.files import KeptBlobs, synced
from pytest_pyreg.durable.graph import Graph
from pytest_pyreg.durable.shelving import Shelving
from pytest_pyreg.exchanges import NOTES, Notes
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render.replies import TROUBLED
from pytest_pyreg.sending import respond
from pytest_pyreg.visit import FORM_READ

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from pytest_pyreg.flavours import Flavour, World
    from pytest_pyreg.index import Index

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_WITH_FORM = frozenset({"POST", "PUT"})
_OBJECT = "object"


class Keeper:
    """What writes a registry down in a folder, and reads it.

    Args:
        folder: which; made if it is not there.
        flavour: what the registry is.
        world_file: what it was described by; nothing if left out.

    Raises:
        NotUsable: the folder is another registry's, or in use, or of a later version.
    """

    def __init__(self, folder: Path, flavour: Flavour, world_file: str | os.PathLike[str] | None = None) -> None:
        self._folder = folder
        self._database = Database(folder)
        self._turn = threading.RLock()
        """Held from the moment at which a request has come as a whole until what it did is written."""
        self._rows: dict[str, str] = {}
        self._first: dict[Key, str] = {}
        self._roots = ["world"]
        self._trouble = ""
        described = "" if world_file is None else hashlib.sha256(Path(world_file).read_bytes()).hexdigest()
        self._own = {"flavour": flavour.name, "world file": described}
        try:
            self._meta = self._database.rows("meta")
            self._check(described, flavour.name)
            self.blobs = KeptBlobs(folder / "files")
        except BaseException:
            self._database.close()
            raise

    @property
    def is_new(self) -> bool:
        """Whether there is nothing in the folder yet."""
        return "flavour" not in self._meta

    def _check(self, described: str, flavour: str) -> None:
        if self.is_new:
            return
        name = repr(str(self._folder))
        if self._meta["flavour"] != flavour:
            raise NotUsable(
                f"{name} is a registry of {self._meta['flavour']}, not of {flavour}; leave the flavour out, or name "
                "another folder"
            )
        if described and described != self._meta["world file"]:
            raise NotUsable(
                f"{name} was begun with another world file, or with none, and a world file is read once; leave --world "
                "out to go on with what is there, or name another folder"
            )

    def begin(
        self, world: World, index: Index, named: Mapping[str, Any], known: Mapping[str, object]
    ) -> dict[str, Any]:
        """Fill a registry with what is in the folder, or write down what it is at first.

        Args:
            world: its world, as one is made.
            index: its index, empty.
            named: the tokens of its world file.
            known: what is not kept and what its world leads to: the clock and the like.

        Returns:
            The tokens of its world file.

        Raises:
            NotUsable: what is in the folder cannot be read by this version.
        """
        self._graph = Graph({"world": world, "index": index, **known})
        if type(known["clock"]) is SystemClock:  # Whose time was moved on only here.
            self._roots.append("clock")
        self._shelving = Shelving(index)
        self._named = dict(named)
        if self.is_new:
            self._first = {("meta", name): text for name, text in self._own.items()}
            self.save()
            for made in (self._folder, self._folder.resolve().parent):
                synced(made)
            return self._named
        try:
            self._rows = self._database.rows(_OBJECT)
            others = self._rows.pop("named")
            self._graph.restore(self._rows, self._roots)
            self._rows["named"] = others
            self._named = self._graph.meant(json.loads(others))
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
        return self._named

    def save(self) -> None:
        """Write down what has changed; it is on the disk when this returns.

        Raises:
            NotKept: it could not be written, now or before.
        """
        with self._turn:
            if self._trouble:
                raise NotKept(self._trouble)
            objects = self._graph.rows(self._roots, {"named": self._named})
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
            if environ["REQUEST_METHOD"] in _READING:
                return app(environ, start_response)
            with ExitStack() as mine:
                self._take_turn(environ, mine)
                held: list[Any] = []
                body = app(environ, lambda *said: held.append(said))  # type: ignore[arg-type]  # Nobody writes here.
                try:
                    self.save()
                except NotKept as trouble:
                    if callable(close := getattr(body, "close", None)):
                        close()
                    notes: Notes = environ.setdefault(NOTES, Notes())
                    refused = Refused(Refusal.NOT_KEPT, problem=str(trouble))
                    notes.refusal, notes.why = refused.refusal.name, refused.explanation
                    reply = TROUBLED[Refusal.NOT_KEPT].filled({"explanation": refused.explanation})
                    return respond(reply, environ, start_response)
                start_response(*held[0])
                return body

        return answer

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
        self._trouble = "it was closed"
        self._database.close()

    def close(self) -> None:
        """Write down the last changes, and let others have the folder; closing twice is no error."""
        with self._turn:
            if self._database.is_open:
                try:
                    if not self._trouble:
                        self.save()
                finally:
                    self._database.close()
