"""A distribution's file, checked by its name and then by what is in it: the one way through this folder's modules.

Between `named` (checks 27 to 31) and `opened` (40 to 54) the server asks about sizes, digests and what is stored
already, which nobody can know offline.  The modules that read archives are imported when one is to be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from pytest_pyreg.flavours.pypi import filenames, platforms
from pytest_pyreg.flavours.pypi.words import enforced, heard, refuse

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Collection, Iterable

    from pytest_pyreg.flavours.pypi.core_metadata import Core
    from pytest_pyreg.refusals import Refused


@dataclass(frozen=True)
class Sent:
    """A file as it was sent."""

    filename: str
    filetype: str
    """"sdist" or "bdist_wheel"."""
    content_type: str
    """What its part of the form says it is.

    A part without the header, as uv sends it, is text/plain (WebOb 1.8.10, by Python's `cgi.FieldStorage`); an empty
    header says nothing.  Warehouse's own test of a missing type has a stub that no form can make.
    """
    open: Callable[[], BinaryIO]
    """Opens its bytes, which can be sought in."""


@dataclass(frozen=True)
class Accepted:
    """What came out of a file that the index takes."""

    metadata: bytes | None
    """A wheel's METADATA (PEP 658); None for an sdist."""
    remark: str = ""
    """What is wrong with it and accepted all the same; empty if nothing is."""


def named(sent: Sent) -> None:
    """Check a file's name for its type, and the type that its part of the form has (checks 27 to 31).

    Raises:
        Refused: RULE_BROKEN.
    """
    filenames.checked(sent.filename, sent.filetype)
    if not sent.content_type or sent.content_type.startswith("image/"):
        raise refuse("content type")


def opened(
    core: Core, sent: Sent, tags: Iterable[re.Pattern[str]] = platforms.TAGS, *, off: Collection[str] = ()
) -> Accepted:
    """Check what is in a file, and its name against the form (checks 40 to 54).

    Args:
        core: what the form says.
        sent: the file, whose name is good by itself.
        tags: the platform tags that are taken.
        off: the names of rules that there are not yet.

    Raises:
        Refused: RULE_BROKEN.
    """
    from pytest_pyreg.flavours.pypi import archives, wheels

    with sent.open() as file:
        if sent.filename.endswith(".tar.gz"):
            return _tarred(core, sent.filename, file, off)
        with archives.zip_opened(file, sent.filename, off) as archive:
            if sent.filename.endswith(".zip"):  # Since PEP 625 no sdist may be called that: here it ends.
                with enforced(off):
                    filenames.sdist_checked(sent.filename, core)
                return Accepted(None)
            filenames.wheel_checked(sent.filename, core, tags, off=off)
            wheel = wheels.checked(archive, sent.filename, core.license_files, off)
    filenames.not_too_long(sent.filename)
    return Accepted(wheel.metadata, wheel.remark)


def everything(core: Core, sent: Sent, *, off: Collection[str] = ()) -> list[Refused]:
    """Return all that is wrong in a file and with its name: what `opened` would refuse, one rule after the other.

    Args as `opened`.
    """
    found: list[Refused] = []
    passed = set(off)
    while (refused := heard(partial(opened, core, sent, off=passed))) is not None:
        rule = str(refused.facts.get("rule"))
        if rule in passed:  # Nothing behind this rule can be asked.
            break
        found.append(refused)
        passed.add(rule)
    return found


def _tarred(core: Core, filename: str, file: BinaryIO, off: Collection[str]) -> Accepted:
    from pytest_pyreg.flavours.pypi import archives

    contents = archives.tar_checked(file, core.license_files, off)
    with enforced(off):
        filenames.sdist_checked(filename, core)
    for path in core.license_files if "sdist license" not in off else ():
        if path.rstrip("/") not in contents.held:
            raise refuse("sdist license", license=path, filename=filename, path=f"{contents.top}/{path}")
    return Accepted(None)
