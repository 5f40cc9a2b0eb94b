"""Files as a whole: the order of what is asked, and what comes out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pytest_pyreg.dists import make_dists
from pytest_pyreg.flavours.pypi.core_metadata import Core
from pytest_pyreg.flavours.pypi.distribution import Accepted, Sent, named, opened
from tests.pypi.kinds import INFO, SDIST_NAME, WHEEL_NAME, tarred, wheel_members, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    Refuses = Callable[[str], AbstractContextManager[None]]

START = "Invalid distribution file. "
NO_RECORD = f"Wheel '{WHEEL_NAME}' does not contain the required RECORD file: {INFO}/RECORD"
ENTRY_POINTS = f"Wheel '{WHEEL_NAME}' has invalid entry points defined in the entry_points.txt file"
LICENSE = "License-File a/L does not exist in distribution file"

NOTHING: Mapping[str, bytes] = {}


def core(*license_files: str, name: str = "demo", version: str = "1.0") -> Core:
    """Return metadata of a project, with license files."""
    return Core(name, Version(version), "2.4", {}, {"license_files": license_files} if license_files else {}, {})


def sent(data: bytes, filename: str = WHEEL_NAME, content_type: str = "application/octet-stream") -> Sent:
    """Return a file as it was sent."""
    filetype = "bdist_wheel" if filename.endswith(".whl") else "sdist"
    return Sent(filename, filetype, content_type, lambda: io.BytesIO(data))


def wheel(*license_files: str, extra: Mapping[str, bytes] = NOTHING, **changes: bytes | None) -> Accepted:
    """Check a wheel whose metadata folder is changed."""
    return opened(core(*license_files), sent(zipped({**wheel_members(**changes), **extra})))


def entry_points(text: bytes) -> dict[str, bytes]:
    """Return the member that has them."""
    return {f"{INFO}/entry_points.txt": text}


@pytest.mark.parametrize(
    ("content_type", "good"),
    [("application/octet-stream", True), ("x", True), ("text/plain", True), ("", False), ("image/png", False)],
)
def test_types_of_parts(content_type: str, refuses: Refuses, *, good: bool) -> None:
    """An image is refused, and a header that says nothing; the name comes before it."""
    if good:
        named(sent(b"", content_type=content_type))
        return
    with refuses("Invalid distribution file."):
        named(sent(b"", content_type=content_type))
    with refuses("Cannot upload a file with '/' or '\\' in the name."):
        named(sent(b"", "a/b.whl", content_type))


def test_good_dists_come_through() -> None:
    """The metadata of a wheel comes out, that of an sdist does not."""
    made_wheel, made_sdist = make_dists("Demo.Pkg", "1.0", description="text")
    metadata = core(name="Demo.Pkg")

    assert opened(metadata, sent(made_wheel.data, made_wheel.name)) == Accepted(made_wheel.metadata)
    assert opened(metadata, sent(made_sdist.data, made_sdist.name)) == Accepted(None)


def test_archives_come_before_names(refuses: Refuses) -> None:
    """A zipped sdist is read and then refused, by its name alone."""
    sdist = {"demo-1.0/PKG-INFO": b"", "demo-1.0/x": b""}
    with refuses(START + "File is not a zipfile"):
        opened(core(), sent(b"", "demo-1.0.zip"))
    with refuses("Filename 'demo-1.0.zip' is invalid, should be 'demo-1.0.tar.gz'."):
        opened(core(), sent(zipped(sdist), "demo-1.0.zip"))
    with refuses(START + "File is not a tarfile"):
        opened(core(), sent(b"", "other-1.0.tar.gz"))
    with refuses("Start filename for 'demo' with 'demo'."):
        opened(core(), sent(tarred(sdist), "other-1.0.tar.gz"))
    with refuses(START + "File is not a zipfile"):
        opened(core(), sent(b"", "other-1.0-py3-none-any.whl"))
    with refuses("Version in filename should be '2.0' not '1.0'."):
        opened(core(version="2.0"), sent(zipped(wheel_members())))


def test_license_files_of_an_sdist(refuses: Refuses) -> None:
    """Below the top, as the metadata names them."""
    data = tarred({"demo-1.0/PKG-INFO": b"", "demo-1.0/a/L": b"", "demo-1.0/b/L2": b""})

    opened(core("a/L", "b/L2"), sent(data, SDIST_NAME))
    with refuses(f"License-File L does not exist in distribution file {SDIST_NAME} at demo-1.0/L"):
        opened(core("a/L", "L"), sent(data, SDIST_NAME))


def test_license_files_of_a_wheel(refuses: Refuses) -> None:
    """In their own folder."""
    wheel("a/L", extra={f"{INFO}/licenses/a/L": b""})
    with refuses(f"{LICENSE} {WHEEL_NAME} at {INFO}/licenses/a/L"):
        wheel("a/L", extra={f"{INFO}/a/L": b""}, RECORD=None)


@pytest.mark.parametrize("record", [None, b"\xff", b"x" * 140_000, b"demo.py,,\n\nx,,\n"])
def test_records_that_are_none(record: bytes | None, refuses: Refuses) -> None:
    """Missing, not text, a field without end, a row without fields."""
    with refuses(NO_RECORD):
        wheel(RECORD=record)


def test_records_that_are_wrong_are_remarked() -> None:
    """The index takes such a wheel, and writes to its owners; a path may be spelled as on Windows."""
    paths = ["gone", "demo.py", *(f"{INFO}\\{name}" for name in ("METADATA", "RECORD", "WHEEL"))]

    assert (
        wheel(RECORD="".join(f"{path},,\n" for path in paths).encode()).remark == "RECORD lists what is not there: gone"
    )
    unlisted = wheel(RECORD=b"").remark
    assert unlisted == f"RECORD does not list {INFO}/METADATA, {INFO}/RECORD, {INFO}/WHEEL, demo.py"


def test_records_need_not_say_everything() -> None:
    """Folders and signatures are not in it, and its digests are not asked."""
    assert not wheel(extra={"d/": b"", f"{INFO}/RECORD.jws": b"", f"{INFO}/RECORD.p7s": b""}).remark
    many = wheel(extra={f"more/{number}": b"" for number in range(9)}).remark
    assert many == "RECORD does not list more/0, more/1, more/2, more/3, more/4 and 4 more"


@pytest.mark.parametrize(
    "text",
    [
        *(b"\xff", b"a=b", b"[x]\na:b\n", b"[x]\na=1\na=2\n", b"[console_scripts]\na b=c\n"),
        *(b"[console_scripts]\n../a=c\n", b"[gui_scripts]\na/b=c\n", b"[DEFAULT]\na/b=c\n[gui_scripts]\n"),
    ],
)
def test_entry_points_that_are_refused(text: bytes, refuses: Refuses) -> None:
    """Not text, no INI file, or a script that leads out of its folder."""
    with refuses(ENTRY_POINTS):
        wheel(extra=entry_points(text))


@pytest.mark.parametrize(
    "text",
    [b"", b"[x]\na/b = c\n", b"[console_scripts]\na=1\nA=2\n", b"[gui_scripts]\na.b-c_d = %(x)s\n", b"[x]\na = b:c\n"],
)
def test_entry_points_that_are_accepted(text: bytes) -> None:
    """The twins of those."""
    wheel(extra=entry_points(text))


def test_a_wheel_needs_metadata(refuses: Refuses) -> None:
    """It is asked for after everything else."""
    with refuses(f"Wheel '{WHEEL_NAME}' does not contain the required METADATA file: {INFO}/METADATA"):
        wheel(METADATA=None)
    with refuses(ENTRY_POINTS):
        wheel(METADATA=None, extra=entry_points(b"x"))


def test_a_wheel_needs_a_name_that_fits(refuses: Refuses) -> None:
    """With .metadata after it."""
    filename = f"demo-1.0-{'.'.join(['py3'] * 60)}-none-any.whl"
    with refuses(f"Filename is too long: '{filename}'"):
        opened(core(), sent(zipped(wheel_members()), filename))
