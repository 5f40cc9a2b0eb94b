"""Rows in SQLite, in a folder of which one process at a time has the use: what is written is there after power loss.

Rows have a kind and a key; what is in them is their writers' business.
"""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from pytest_pyreg.durable.disk import made, synced
from pytest_pyreg.durable.errors import NotKept, NotUsable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Key = tuple[str, str]
"""A row's kind, and its name among those."""
FORMAT = 1
"""Changes when what older rows say is to be read in another way; see `MIGRATIONS`."""
MIGRATIONS: Mapping[int, str] = {}
"""Format -> the SQL that makes the next one of it."""
NAME = "registry.db"
_TABLE = "CREATE TABLE row (kind TEXT, key TEXT, text TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID"


class Database:
    """The rows of a folder.

    Args:
        folder: where; made if it is not there.

    Raises:
        NotUsable: it cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_open = self._usable = False
        _own(folder)
        try:
            # No waiting for a lock: who has it keeps it.  The module's own transactions would begin too late.
            self._connection = sqlite3.connect(folder / NAME, timeout=0, isolation_level=None, check_same_thread=False)
            self.is_open = True
            (folder / NAME).chmod(0o600)  # There are tokens in it.
            self._begin()
            self._check_format()
            synced(folder)
            self._file = _identity(folder / NAME)
            self._usable = True
        except (sqlite3.DatabaseError, OSError) as error:
            raise _why(folder, error) from None
        finally:
            if not self._usable:
                self.close()

    def _begin(self) -> None:
        # Before the first look into it, so that nothing is shared with another process by memory.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        tables = [name for (name,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        if tables and "row" not in tables:  # Nothing of it is changed.
            raise NotUsable(f"{str(self.folder / NAME)!r} is the database of another program; name another folder")
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("BEGIN EXCLUSIVE")
        self._connection.execute("COMMIT")
        if not tables:
            self._connection.execute(_TABLE)

    def _check_format(self) -> None:
        meta = self.rows("meta")
        said = meta.get("format", str(FORMAT))
        found = int(said) if said.isdecimal() else 0
        if found > FORMAT or not found:
            raise NotUsable(
                f"{str(self.folder)!r} was written by pytest-pyreg {meta.get('written by')}, in another format "
                f"({said}) than this one reads ({FORMAT}); use that version, or another folder"
            )
        if found < FORMAT:
            self._connection.execute("BEGIN IMMEDIATE")
            for number in range(found, FORMAT):
                self._connection.execute(MIGRATIONS[number])
            self._put({("meta", "format"): str(FORMAT)}, ())
            self._connection.execute("COMMIT")

    def rows(self, kind: str) -> dict[str, str]:
        """Return every row of a kind.

        Raises:
            NotUsable: the file is broken.
        """
        try:
            return dict(self._connection.execute("SELECT key, text FROM row WHERE kind = ?", (kind,)))
        except sqlite3.DatabaseError as error:
            raise _why(self.folder, error) from None

    def write(self, rows: Mapping[Key, str], gone: Iterable[Key]) -> None:
        """Write all of it or nothing; what is written is on the disk when this returns.

        Raises:
            NotKept: it could not be written.
        """
        if _identity(self.folder / NAME) != self._file:
            raise NotKept(f"{str(self.folder)!r} cannot be written: its {NAME} was removed or replaced")
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._put(rows, gone)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise NotKept(f"{str(self.folder)!r} cannot be written: {error}") from None

    def _put(self, rows: Mapping[Key, str], gone: Iterable[Key]) -> None:
        self._connection.executemany("DELETE FROM row WHERE kind = ? AND key = ?", gone)
        self._connection.executemany(
            "INSERT INTO row VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text",
            [(*key, text) for key, text in rows.items()],
        )

    def close(self) -> None:
        """Let others have it; closing twice is no error."""
        if self.is_open:
            self.is_open = False
            self._connection.close()


def _own(folder: Path) -> None:
    """Make a folder, or refuse one that is somebody else's.

    Raises:
        NotUsable: it is, or it cannot be made.
    """
    try:
        made(folder)
        there = sorted(one.name for one in folder.iterdir())
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise NotUsable(f"{str(folder)!r} cannot be a registry's folder: {reason}; name another one") from None
    if there and NAME not in there:
        raise NotUsable(
            f"{str(folder)!r} holds other things ({there[0]}), and no registry; name an empty folder, or a new one"
        )


def _identity(file: Path) -> tuple[int, int] | None:
    """Return what a file is, whatever it is called; None if there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _why(folder: Path, error: Exception) -> NotUsable:
    if "locked" in str(error):
        return NotUsable(f"{str(folder)!r} is in use by another pyreg; stop that one, or name another folder")
    reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else error
    return NotUsable(f"{str(folder)!r} cannot be used: {NAME}: {reason}; restore it, or name another folder")
