"""What a distribution's file may be called (checks 27 to 30, 41 to 43, 45 to 49 and 54).

Follows wh:warehouse/forklift/legacy.py.  A project's name there is the one in the form, which has just become the
project's own, whatever it was spelled before.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from pytest_pyreg.flavours.pypi import platforms
from pytest_pyreg.flavours.pypi.form import EXTENSIONS
from pytest_pyreg.flavours.pypi.words import refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pytest_pyreg.flavours.pypi.core_metadata import Core

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_EXTENSION = re.compile(r".+?(\.(?:tar\.gz|zip|whl))", re.IGNORECASE)
_LONGEST = 255
"""Bytes that a Linux file system takes for a name; the metadata file's, which is longer, has to fit."""


def checked(filename: str, filetype: str) -> None:
    """Check what any file's name may be, for its type.

    Raises:
        Refused: RULE_BROKEN.
    """
    if _CONTROL.search(filename):
        raise refuse("control characters")
    if "/" in filename or "\\" in filename:
        raise refuse("slashes")
    match = _EXTENSION.fullmatch(filename)
    if match is None:
        raise refuse("extension")
    if match[1] not in EXTENSIONS[filetype]:
        raise refuse("extension of type", extension=match[1], filetype=filetype)


def sdist_checked(filename: str, core: Core) -> None:
    """Check that an sdist is called what its project and version say (PEP 625).

    Raises:
        Refused: RULE_BROKEN.
    """
    try:
        name: str = parse_sdist_filename(filename)[0]
    except InvalidSdistFilename as error:
        raise refuse("sdist filename", filename=filename) from error
    project = canonicalize_name(core.name)
    if core.version.is_postrelease and name != project and filename.count("-") > 1:
        name = filename.rsplit("-", 2)[0]  # A post-release may be spelled with a hyphen, as in `1.0-1`.
    if canonicalize_name(name) != project:
        raise refuse("sdist project", project=core.name, start=_escaped(project))
    expected = f"{_escaped(project)}-{core.version}.tar.gz"
    if filename != expected:
        raise refuse("sdist spelling", filename=filename, expected=expected)


def wheel_checked(
    filename: str, core: Core, tags: Iterable[re.Pattern[str]] = platforms.TAGS, *, off: Collection[str] = ()
) -> None:
    """Check that a wheel is called what its project and version say, and is for a platform that is taken.

    Args:
        filename: the file's name.
        core: what the form says.
        tags: the platform tags that are taken.
        off: the names of rules that there are not yet.

    Raises:
        Refused: RULE_BROKEN; of several bad platform tags it names the first, where the real server picks any.
    """
    tags = tuple(tags)
    try:
        name, version, _, wheel_tags = parse_wheel_filename(filename)
    except InvalidWheelFilename as error:
        raise refuse("wheel parts", error=error) from error
    for tag in sorted({tag.platform for tag in wheel_tags}):
        if not platforms.supported(tag, tags) and "wheel platform" not in off:
            raise refuse("wheel platform", filename=filename, tag=tag)
    project = canonicalize_name(core.name)
    if name != project and "wheel project" not in off:
        raise refuse("wheel project", project=core.name, start=_escaped(project))
    actual = filename.partition("-")[0]
    if name == project and actual != _escaped(project) and "wheel spelling" not in off:
        raise refuse("wheel spelling", filename=filename, expected=_escaped(project), actual=actual)
    if version != core.version and "wheel version" not in off:
        raise refuse("wheel version", expected=str(core.version), actual=str(version))


def not_too_long(filename: str) -> None:
    """Check that the metadata file beside a wheel can have its name.

    Raises:
        Refused: RULE_BROKEN.
    """
    if len(os.fsencode(f"{filename}.metadata")) > _LONGEST:
        raise refuse("filename too long", filename=filename)


def _escaped(normalized: str) -> str:
    return normalized.replace("-", "_")
