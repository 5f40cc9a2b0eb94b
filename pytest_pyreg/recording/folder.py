"""The folder of a recording: for each project `PROJECT/page.json` and, beside it, the files that somebody fetched.

Written whole or not at all, so that several processes can record into one folder; what is there already stays.  Names
come in through `pages`, which lets no name pass that leads elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pytest_pyreg.recording import pages
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from packaging.utils import NormalizedName

    from pytest_pyreg.recording.pages import Page

PAGE = "page.json"
LOCK = ".lock"
LOCK_SECONDS = 30.0
_UNFINISHED = ".part"
BLOCK = 1024 * 1024


class Folder:
    """What was recorded.

    Args:
        path: where.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._shown = os.fspath(path)
        self.path = Path(path).absolute()  # Tests go elsewhere.

    def __str__(self) -> str:
        return self._shown

    def page(self, project: NormalizedName) -> Page | None:
        """Return a recorded page; None if there is none.

        Raises:
            Refused: RECORDING_BROKEN.
        """
        path = self.path / project / PAGE
        try:
            return pages.of_json(project, path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as error:
            problem = str(error) if isinstance(error, pages.NotAPage) else "it cannot be read"
            raise Refused(Refusal.RECORDING_BROKEN, file=f"{project}/{PAGE}", problem=problem) from error

    def keep_page(self, page: Page, at: datetime) -> Page:
        """Record a page; return it, or what another process has recorded in the meantime.

        Raises:
            OSError: it cannot be written.
        """
        text = pages.written(page, at).encode()
        with self.arriving(page.project, PAGE) as file:
            file.write(text)
        return self.page(page.project) or page

    def file(self, project: NormalizedName, name: str) -> Path | None:
        """Return where a recorded file is; None if it is not."""
        path = self.path / project / name
        return path if path.is_file() else None

    @contextmanager
    def arriving(self, project: NormalizedName, name: str) -> Iterator[BinaryIO]:
        """Record a file: written beside its place and moved there at the end, unless one is there already."""
        from filelock import FileLock

        home = self.path / project
        home.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(_UNFINISHED, ".", home)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
            Path(unfinished).chmod(0o644)  # As any other file of a project; the temporary one is private.
            with FileLock(self.path / LOCK, timeout=LOCK_SECONDS):
                if not (home / name).exists():
                    Path(unfinished).replace(home / name)
        finally:
            Path(unfinished).unlink(missing_ok=True)

    def copy(self, project: NormalizedName, name: str, sha256: str, write: Callable[[bytes], object]) -> None:
        """Copy a recorded file.

        Raises:
            Refused: RECORDING_BROKEN, if it is not what it was.
        """
        digest = hashlib.sha256()
        try:
            with (self.path / project / name).open("rb") as file:
                while block := file.read(BLOCK):
                    digest.update(block)
                    write(block)
        except OSError as error:
            raise Refused(Refusal.RECORDING_BROKEN, file=f"{project}/{name}", problem="it cannot be read") from error
        if digest.hexdigest() != sha256:
            raise Refused(Refusal.RECORDING_BROKEN, file=f"{project}/{name}", problem="its sha256 is another")
