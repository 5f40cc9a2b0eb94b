"""What the public index asks of any archive before it looks at names (check 40; wh:warehouse/forklift/legacy.py).

Nothing is unpacked to disk.  Where the real server breaks down with an error of its own, as for an encrypted member or
a checksum of gzip that is wrong, the archive is broken here.
"""

from __future__ import annotations

import contextlib
import posixpath
import struct
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

from pytest_pyreg.flavours.pypi import scanner, tars, zips
from pytest_pyreg.flavours.pypi.words import enforced, refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

RATIO = 50
"""How many times larger than itself what a ZIP file holds may be."""
_RATIO_FROM = 64 * 1024 * 1024
"""Unpacked bytes up to which the ratio does not matter."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BLOCK = 64 * 1024
_ROOTS = ("", ".", "/")
_BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error, EOFError, OSError),
    *(ValueError, OverflowError, NotImplementedError, RuntimeError),
)
"""What the standard library raises at archives that are none, or that it cannot read."""


@contextlib.contextmanager
def readable() -> Iterator[None]:
    """Refuse what turns out to be unreadable inside."""
    try:
        yield
    except _BROKEN as error:
        raise refuse("broken archive") from error


def tar_checked(file: BinaryIO, wanted: Iterable[str], off: Collection[str] = ()) -> tars.Contents:
    """Check a gzipped tar file, and say which of the wanted paths it has below its top.

    Raises:
        Refused: RULE_BROKEN.
    """
    if "tar" not in _kinds(file, off):
        raise refuse("no tar")
    with readable():
        contents = tars.contents(file, ("PKG-INFO", *wanted))
    if contents.sparse and "sparse" not in off:
        raise refuse("sparse")
    if contents.top in _ROOTS:
        raise refuse("top level")
    if "PKG-INFO" not in contents.held:
        raise refuse("no PKG-INFO", path=f"{contents.top}/PKG-INFO")
    if contents.threat is not None and contents.threat not in off:
        raise refuse(contents.threat)
    return contents


@contextlib.contextmanager
def zip_opened(file: BinaryIO, filename: str, off: Collection[str] = ()) -> Iterator[zipfile.ZipFile]:
    """Check a wheel or a zipped sdist, and keep it open for as long as it is used.

    Raises:
        Refused: RULE_BROKEN; also for what is found broken while it is used.
    """
    if "zip" not in _kinds(file, off):
        raise refuse("no zip")
    with readable(), zipfile.ZipFile(file) as archive:
        _small_enough(file, archive)
        if any(info.compress_type not in _METHODS for info in archive.infolist()):
            raise refuse("compression")
        if filename.endswith(".whl"):
            _wheel_like(archive, filename)
        else:
            _sdist_like(archive)
        for info in archive.infolist():
            if info.is_dir() or not scanner.scanned(info.filename):
                continue
            with archive.open(info.filename) as member:
                threat = scanner.threat(member)
            if threat is not None and threat not in off:
                raise refuse(threat)
        with enforced(off):
            zips.framed(file, archive)
        yield archive


def dist_info(filename: str) -> str:
    """Return the folder of a wheel's metadata, as its file name spells it.

    Raises:
        Refused: RULE_BROKEN.
    """
    parts = filename.split("-", 2)
    if len(parts) < 3:  # noqa: PLR2004 - name, version and the rest.
        raise refuse("wheel filename")
    return f"{parts[0]}-{parts[1]}.dist-info"


def _kinds(file: BinaryIO, off: Collection[str]) -> list[str]:
    """Return what an archive is, "zip" or "tar"; nothing if it is none."""
    kinds = []
    for kind, asked in (("zip", zipfile.is_zipfile), ("tar", tarfile.is_tarfile)):
        file.seek(0)
        with readable():  # A tar file may begin like one and break off.
            if asked(file):
                kinds.append(kind)
    file.seek(0)
    if len(kinds) > 1 and "both archives" not in off:
        raise refuse("both archives")
    return kinds


def _small_enough(file: BinaryIO, archive: zipfile.ZipFile) -> None:
    packed = file.seek(0, 2)
    unpacked = sum(info.file_size for info in archive.infolist())
    if unpacked > _RATIO_FROM and unpacked / packed > RATIO:
        raise refuse("ratio", ratio=RATIO)


def _wheel_like(archive: zipfile.ZipFile, filename: str) -> None:
    path = f"{dist_info(filename)}/WHEEL"
    if not _drained(archive, path):
        raise refuse("no WHEEL", path=path)


def _sdist_like(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    try:
        top = posixpath.commonpath(names) if names else ""
    except ValueError:
        top = ""
    if top in _ROOTS:
        raise refuse("top level")
    path = f"{top}/PKG-INFO"
    if not _drained(archive, path):
        raise refuse("no PKG-INFO", path=path)


def _drained(archive: zipfile.ZipFile, path: str) -> bool:
    """Read a member to its end and forget it, so that its checksum is asked; tell whether it is there."""
    try:
        info = archive.getinfo(path)
    except KeyError:
        return False
    with archive.open(info) as member:
        while member.read(_BLOCK):
            pass
    return True
