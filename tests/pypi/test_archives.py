"""Archives before their names are looked at: what is one, what is in it, and what cannot be read."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import tarfile
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg.flavours.hosts import DOCS, WEB
from pytest_pyreg.flavours.pypi import scanner
from pytest_pyreg.flavours.pypi.archives import tar_checked, zip_opened
from pytest_pyreg.refusals import Refused
from tests.pypi.kinds import INFO, SDIST_NAME, WHEEL_NAME, named, tarred, wheel_members, zipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    Refuses = Callable[[str], AbstractContextManager[None]]

START = "Invalid distribution file. "
SDIST = {"demo-1.0/PKG-INFO": b"Name: demo\n", "demo-1.0/demo.py": b"x = 1\n"}
WHEEL = wheel_members()
MORE = f" content is not allowed. See https://{WEB}/policy/acceptable-use-policy/ for more information."
TOPS = "Incorrect number of top-level directories in sdist"
NO_INFO = "PKG-INFO not found at demo-1.0/PKG-INFO"
SOURCEDEFENDER = f"SourceDefender-encrypted{MORE}"
TRAILING = f"ZIP archive not accepted: Trailing data. See https://{DOCS}/archives for more information"
SPARSE = f"tar archive not accepted: Sparse members are not allowed. See https://{DOCS}/archives for more information"


def opened(data: bytes, filename: str) -> None:
    """Check a file by its name."""
    if filename.endswith(".tar.gz"):
        tar_checked(io.BytesIO(data), ())
    else:
        with zip_opened(io.BytesIO(data), filename):
            pass


def sparse(member: tarfile.TarInfo) -> None:
    """Make a member one with holes."""
    member.type = tarfile.GNUTYPE_SPARSE


def encrypted(data: bytes) -> bytes:
    """Say of every member of a ZIP file that it is encrypted."""
    for header, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        parts = data.split(header)
        data = header.join([parts[0], *(p[: at - 4] + bytes([p[at - 4] | 1]) + p[at - 3 :] for p in parts[1:])])
    return data


def damaged(data: bytes, text: bytes) -> bytes:
    """Change a byte of what is stored, so that its checksum is wrong."""
    assert text in data
    return data.replace(text, text[:-1] + b"!", 1)


STORED = zipped({**WHEEL, f"{INFO}/WHEEL": b"Wheel-Version: 9"}, zipfile.ZIP_STORED)
CALLED = scanner.PYARMOR + b"__(__name__, __file__, b'')"
STORED_CODE = zipped({**WHEEL, "big.py": b"# some code"}, zipfile.ZIP_STORED)


@pytest.mark.parametrize(
    ("data", "filename", "words"),
    [
        (tarred({"x": zipped(SDIST)}, "w"), SDIST_NAME, "File is both a zip and a tar file"),
        (tarred({"x": zipped(SDIST)}, "w"), WHEEL_NAME, "File is both a zip and a tar file"),
        (b"nothing", SDIST_NAME, "File is not a tarfile"),
        (b"", SDIST_NAME, "File is not a tarfile"),
        (zipped(SDIST), SDIST_NAME, "File is not a tarfile"),
        (b"nothing", WHEEL_NAME, "File is not a zipfile"),
        (b"", WHEEL_NAME, "File is not a zipfile"),
        (tarred(SDIST), WHEEL_NAME, "File is not a zipfile"),
        (tarred(SDIST)[:20], WHEEL_NAME, "None"),
        # Tar files.
        (tarred(SDIST, "w"), SDIST_NAME, "None"),
        (tarred(SDIST, "w:bz2"), SDIST_NAME, "None"),
        (tarred(SDIST)[:20], SDIST_NAME, "None"),
        (tarred({**SDIST, "demo-1.0/x": os.urandom(99_999)})[:50_000], SDIST_NAME, "None"),
        (gzip.compress(tarred(SDIST, "w")[:1600]), SDIST_NAME, "None"),
        (tarred({}), SDIST_NAME, TOPS),
        (tarred({"a/PKG-INFO": b"", "b/x": b""}), SDIST_NAME, TOPS),
        (tarred({"PKG-INFO": b"", "x": b""}), SDIST_NAME, TOPS),
        (tarred({"../a/PKG-INFO": b"", "/a/x": b""}), SDIST_NAME, TOPS),
        (tarred({"/a/PKG-INFO": b"", "/b": b""}), SDIST_NAME, TOPS),
        (tarred({"d/x": b"", "d/y": b""}), SDIST_NAME, "PKG-INFO not found at d/PKG-INFO"),
        (tarred({"d/e/PKG-INFO": b"", "d/y": b""}), SDIST_NAME, "PKG-INFO not found at d/PKG-INFO"),
        (tarred({"d/PKG-INFO": b""}), SDIST_NAME, "PKG-INFO not found at d/PKG-INFO/PKG-INFO"),
        (tarred({"./d/PKG-INFO": b"", "d/x": b""}), SDIST_NAME, "PKG-INFO not found at d/PKG-INFO"),
        (tarred({"a": b"", "b": b""}, change=sparse), SDIST_NAME, SPARSE),
        (tarred({**SDIST, "demo-1.0/a.py": scanner.PYARMOR + b"_enter__"}), SDIST_NAME, "PyArmor-encrypted" + MORE),
        (tarred({"demo-1.0/a.py": scanner.PYARMOR + b"_exit__", "demo-1.0/x": b""}), SDIST_NAME, NO_INFO),
        # ZIP files.
        (zipped(WHEEL, zipfile.ZIP_LZMA), WHEEL_NAME, "File does not use a supported compression type"),
        (zipped(WHEEL, zipfile.ZIP_BZIP2), WHEEL_NAME, "File does not use a supported compression type"),
        (zipped(SDIST), "demo-1.0.whl", "Unable to parse name and version from wheel filename"),
        (zipped(SDIST), WHEEL_NAME, f"WHEEL not found at {INFO}/WHEEL"),
        (zipped(WHEEL), "Demo-1.0-py3-none-any.whl", "WHEEL not found at Demo-1.0.dist-info/WHEEL"),
        (zipped({"a/PKG-INFO": b"", "b": b""}), "demo-1.0.zip", TOPS),
        (zipped({}), "demo-1.0.zip", TOPS),
        (zipped({"/a": b"", "b": b""}), "demo-1.0.zip", TOPS),
        (zipped({"a/x": b"", "a/y": b""}), "demo-1.0.zip", "PKG-INFO not found at a/PKG-INFO"),
        (zipped({**WHEEL, "a.PY": CALLED}), WHEEL_NAME, "PyArmor-encrypted" + MORE),
        (zipped({**WHEEL, "a.pye": b"---BEGIN PYE FILE---\n---END" + b" PYE FILE---"}), WHEEL_NAME, SOURCEDEFENDER),
        (encrypted(zipped(WHEEL)), WHEEL_NAME, "None"),
        (damaged(STORED, b"Wheel-Version: 9"), WHEEL_NAME, "None"),
        (damaged(STORED_CODE, b"# some code"), WHEEL_NAME, "None"),
        (zipped(WHEEL) + b"x", WHEEL_NAME, TRAILING),
    ],
    ids=named,
)
def test_what_is_refused(data: bytes, filename: str, words: str, refuses: Refuses) -> None:
    """Each in the real server's words, of which one is literally Python's None."""
    with refuses(START + words):
        opened(data, filename)


@pytest.mark.parametrize(
    ("data", "filename"),
    [
        (tarred(SDIST), SDIST_NAME),
        (tarred({"../d/PKG-INFO": b"", "../d/x": b""}), SDIST_NAME),  # Nothing is unpacked.
        (tarred({"d/x/y": b"", "d/PKG-INFO": b""}), SDIST_NAME),
        (tarred(SDIST) + b"what comes after the end", SDIST_NAME),
        (tarred({**SDIST, "demo-1.0/a.txt": scanner.PYARMOR + b"_enter__"}), SDIST_NAME),
        (tarred({**SDIST, "demo-1.0/.py": scanner.PYARMOR + b"_enter__"}), SDIST_NAME),
        (tarred({**SDIST, "demo-1.0/a.py": b"---BEGIN PYE FILE---"}), SDIST_NAME),
        (tarred({**SDIST, "demo-1.0/a.py": (scanner.PYARMOR + b"_exit__").ljust(scanner.LARGEST + 1)}), SDIST_NAME),
        (zipped(WHEEL), WHEEL_NAME),
        (zipped(WHEEL, zipfile.ZIP_STORED), WHEEL_NAME),
        (zipped({**WHEEL, "../../x": b"", "/y": b"", "d.py/": b""}), WHEEL_NAME),
        (zipped(SDIST), "demo-1.0.zip"),
    ],
    ids=named,
)
def test_what_is_accepted(data: bytes, filename: str) -> None:
    """The twins of those."""
    opened(data, filename)


def test_bombs(refuses: Refuses) -> None:
    """Only what is both large and fifty times larger than the file is one."""
    with refuses(START + "File exceeds compression ratio of 50"):
        opened(zipped({**WHEEL, "big": bytes(65 * 1024 * 1024)}), WHEEL_NAME)
    opened(zipped({**WHEEL, "big": bytes(60 * 1024 * 1024)}), WHEEL_NAME)


def test_a_tar_file_of_any_size_takes_no_memory() -> None:
    """Neither its members nor their number are kept."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        archive.addfile(tarfile.TarInfo("demo-1.0/PKG-INFO"))
        big = tarfile.TarInfo("demo-1.0/big.py")
        big.size = 24 * 1024 * 1024
        archive.addfile(big, io.BytesIO(bytes(big.size)))
        for number in range(6_000):
            archive.addfile(tarfile.TarInfo(f"demo-1.0/{number}/PKG-INFO"))
    tracemalloc.start()
    try:
        opened(buffer.getvalue(), SDIST_NAME)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 3 * len(buffer.getvalue()) + 12 * 1024 * 1024


def test_a_header_cannot_fill_the_memory(refuses: Refuses) -> None:
    """`tarfile` reads each of them whole."""
    member = tarfile.TarInfo("demo-1.0/PKG-INFO")
    member.pax_headers = {"comment": "x" * 2_000_000}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(member)

    with refuses(START + "None"):
        opened(buffer.getvalue(), SDIST_NAME)


def test_what_is_asked_for_is_found_below_the_top() -> None:
    """Whatever stands before it in the archive."""
    data = tarred({"d/e/LICENSE": b"", "d/e/x/NOTICE": b"", "d/PKG-INFO": b"", "d/NOTICE": b""})

    contents = tar_checked(io.BytesIO(data), ("LICENSE", "NOTICE", "e/LICENSE"))

    assert contents.top == "d"
    assert contents.held == {"PKG-INFO", "NOTICE", "e/LICENSE"}


@pytest.mark.parametrize("filename", [SDIST_NAME, WHEEL_NAME, "demo-1.0.zip"])
def test_no_damage_is_anything_but_a_refusal(filename: str) -> None:
    """Cut off anywhere, or with any byte changed, a file is taken or refused."""
    data = tarred(SDIST) if filename == SDIST_NAME else zipped(SDIST if filename.endswith(".zip") else WHEEL)
    broken = [data[:length] for length in range(len(data))]
    broken += [data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :] for at in range(len(data))]
    refusals = [refusal(bad, filename) for bad in [*broken, bz2.compress(data)]]

    assert sum(one is not None for one in refusals) > len(broken) // 2


def refusal(data: bytes, filename: str) -> Refused | None:
    """Return why a file is refused, if it is."""
    try:
        opened(data, filename)
    except Refused as refused:
        return refused
    return None
