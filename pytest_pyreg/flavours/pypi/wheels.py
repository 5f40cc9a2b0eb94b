"""What a wheel has to have in it (checks 50 to 53; wh:warehouse/forklift/legacy.py and utils/wheel.py)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pytest_pyreg.flavours.pypi.archives import dist_info
from pytest_pyreg.flavours.pypi.words import enforced, refuse

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Collection, Iterable

_SCRIPTS = ("console_scripts", "gui_scripts")
_SCRIPT_NAME = re.compile(r"[\w.-]+")
_SHOWN = 5
"""How many paths a remark names."""


class Wheel(NamedTuple):
    """What came out of a wheel."""

    metadata: bytes | None
    """Its METADATA, which the index shows beside it (PEP 658); None if there is none, and none was asked for."""
    remark: str
    """In what its RECORD does not say what is in it; empty if it does."""


def checked(archive: zipfile.ZipFile, filename: str, license_files: Iterable[str], off: Collection[str] = ()) -> Wheel:
    """Check what is in a wheel.

    Args:
        archive: the wheel.
        filename: its file name, which tells where its metadata is.
        license_files: the paths that its metadata names.
        off: the names of rules that there are not yet.

    Raises:
        Refused: RULE_BROKEN.
    """
    folder = dist_info(filename)
    remark = ""
    for path in license_files if "wheel license" not in off else ():
        target = f"{folder}/licenses/{path}"
        if _content(archive, target) is None:
            raise refuse("wheel license", license=path, filename=filename, path=target)
    with enforced(off):
        remark = _record(archive, filename, folder)
    with enforced(off):
        _entry_points(archive, filename, folder)
    metadata = _content(archive, f"{folder}/METADATA")
    if metadata is None and "no METADATA" not in off:
        raise refuse("no METADATA", filename=filename, path=f"{folder}/METADATA")
    return Wheel(metadata, remark)


def _content(archive: zipfile.ZipFile, path: str) -> bytes | None:
    try:
        return archive.read(path)
    except KeyError:
        return None


def _record(archive: zipfile.ZipFile, filename: str, folder: str) -> str:
    """Return in what RECORD and the archive differ; the digests in it are not asked, and the owners are told by mail.

    A row without a field, on which the real server breaks down, makes it unreadable here.
    """
    import csv

    path = f"{folder}/RECORD"
    signatures = {f"{path}.jws", f"{path}.p7s"}
    content = _content(archive, path)
    try:
        rows = list(csv.reader((content or b"").decode().splitlines()))
        listed = {row[0].replace("\\", "/") for row in rows}
    except (UnicodeDecodeError, csv.Error, IndexError):
        content, listed = None, set()
    if content is None:
        raise refuse("no RECORD", filename=filename, path=path)
    there = {name for name in archive.namelist() if not name.endswith(("/", "\\"))} - signatures
    parts = {"does not list": there - listed, "lists what is not there:": listed - there}
    return ", and ".join(f"RECORD {what} {_few(paths)}" for what, paths in parts.items() if paths)


def _few(paths: set[str]) -> str:
    shown = sorted(paths)[:_SHOWN]
    return ", ".join(shown) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")


def _entry_points(archive: zipfile.ZipFile, filename: str, folder: str) -> None:
    """Check the entry points, if there are any; those of scripts become file names."""
    import configparser

    content = _content(archive, f"{folder}/entry_points.txt")
    if content is None:
        return
    parser = configparser.ConfigParser(delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign] # Names have cases.
    try:
        parser.read_string(content.decode())
        names = [name for section in _SCRIPTS if section in parser for name in parser[section]]
    except (UnicodeDecodeError, configparser.Error) as error:
        raise refuse("entry points", filename=filename) from error
    if not all(map(_SCRIPT_NAME.fullmatch, names)):
        raise refuse("entry points", filename=filename)
