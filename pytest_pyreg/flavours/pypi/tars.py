"""A gzipped tar file, read once from beginning to end in constant memory: nothing is unpacked, nothing is kept.

What the index asks of it is in `archives`; this module says what is in it.
"""

from __future__ import annotations

import posixpath
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pytest_pyreg.flavours.pypi import scanner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Self

_LONGEST_HEADER = 1024 * 1024
_HEADERS = (
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
)


class _Member(tarfile.TarInfo):
    """A member whose headers cannot fill the memory: `tarfile` reads each of them whole."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Refuse a header that nobody writes by accident."""
        member = super().frombuf(buf, encoding, errors)
        if member.type in _HEADERS and member.size > _LONGEST_HEADER:
            message = f"a header of {member.size} bytes"
            raise tarfile.ReadError(message)
        return member


@dataclass(frozen=True)
class Contents:
    """What is in a tar file, as far as it was asked."""

    top: str
    """The path above everything; empty or a slash if there is none."""
    held: frozenset[str]
    """Which of the paths that were asked for are there, below the top."""
    sparse: bool
    """Whether a member has holes."""
    threat: str | None
    """The rule that the first member which may not be there breaks."""


def contents(file: BinaryIO, wanted: Iterable[str]) -> Contents:
    """Read a gzipped tar file.

    Args:
        file: its bytes.
        wanted: the paths, below the top, to look for.

    Raises:
        OSError, EOFError, zlib.error, tarfile.TarError: it cannot be read.
    """
    top: str | None = None
    sparse, threat = False, None
    above: dict[str, set[str]] = {path.rstrip("/"): set() for path in wanted}
    file.seek(0)
    with tarfile.open(fileobj=file, mode="r:gz", tarinfo=_Member) as archive:
        while (member := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined] # It would keep every one of them.
            top = _common(top, member.name)
            for path, tops in above.items():
                # The top only ever gets shorter, so that this one is it or lies below it.
                if member.name.endswith(f"/{path}") and _below(top, member.name[: -len(path) - 1]):
                    tops.add(member.name[: -len(path) - 1])
            sparse = sparse or member.issparse()
            if threat is None and member.isfile() and scanner.scanned(member.name):
                threat = _threat(archive, member)
    top = top or ""
    held = frozenset(path for path, tops in above.items() if top in tops)
    return Contents(top, held, sparse, threat)


def _common(top: str | None, name: str) -> str:
    """Return the path above both; of a relative and an absolute one there is none."""
    try:
        return posixpath.commonpath([name] if top is None else [top, name])
    except ValueError:
        return ""


def _below(path: str, top: str) -> bool:
    return path == top or path.startswith(f"{top}/")


def _threat(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str | None:
    file = archive.extractfile(member)
    return scanner.threat(file) if file is not None else None
