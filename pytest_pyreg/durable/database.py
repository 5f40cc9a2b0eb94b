"""Rows in SQLite, in a folder of which one process at a time has the use: what is written is there after power loss.

Rows have a kind and a key; what is in them is their writers' business.
"""

from __future__ import annotations

import os
import sqlite3
from importlib import metadata
from typing import TYPE_CHECKING

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
OURS = frozenset({NAME, f"{NAME}-journal", f"{NAME}-wal", f"{NAME}-shm", "files", "upstream"})
"""What stands in a folder that is a registry's."""
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
            self._usable = True
        except (sqlite3.DatabaseError, OSError) as error:
            raise _why(folder, error) from None
        finally:
            if not self._usable:
                self.close()

    def _begin(self) -> None:
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("BEGIN EXCLUSIVE")
        self._connection.execute("COMMIT")
        if not self._connection.execute("SELECT name FROM sqlite_master").fetchall():
            self._connection.execute(_TABLE)

    def _check_format(self) -> None:
        meta = self.rows("meta")
        found = int(meta.get("format", FORMAT))
        if found > FORMAT:
            raise NotUsable(
                f"{str(self.folder)!r} was written by pytest-pyreg {meta.get('written by')}, in a later format "
                f"({found}) than this one reads ({FORMAT}); use that version, or another folder"
            )
        self._connection.execute("BEGIN IMMEDIATE")
        for number in range(found, FORMAT):
            self._connection.execute(MIGRATIONS[number])
        self._put({("meta", "format"): str(FORMAT), ("meta", "written by"): metadata.version("pytest-pyreg")}, ())
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
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = sorted(one.name for one in folder.iterdir())
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise NotUsable(f"{str(folder)!r} cannot be a registry's folder: {reason}; name another one") from None
    strange = [name for name in there if name not in OURS]
    if strange and NAME not in there:
        raise NotUsable(
            f"{str(folder)!r} holds other things ({strange[0]}), and no registry; name an empty folder, or a new one"
        )


def _why(folder: Path, error: Exception) -> NotUsable:
    if "locked" in str(error):
        return NotUsable(f"{str(folder)!r} is in use by another pyreg; stop that one, or name another folder")
    reason = os.strerror(error.errno or 0) if isinstance(error, OSError) else error
    return NotUsable(f"{str(folder)!r} cannot be used: {NAME}: {reason}; restore it, or name another folder")
