"""What rows about the public index upload: the presets are right, and what is odd about others is what they say."""

from __future__ import annotations

import io
import tarfile
import zipfile
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest
from packaging.version import Version

from tests.conformance import pypi_parcels

if TYPE_CHECKING:
    from pathlib import Path


def test_presets() -> None:
    """The presets are distributions that are right: of the right names, with the right metadata and RECORD."""
    sdist, wheel = (pypi_parcels.made({"preset": kind}) for kind in ("sdist", "wheel"))

    assert (sdist.filename, wheel.filename) == ("demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl")
    with tarfile.open(fileobj=io.BytesIO(sdist.data)) as packed:
        core = packed.extractfile("demo-1.0/PKG-INFO")
        assert core is not None
        assert core.read().startswith(b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n")
    with zipfile.ZipFile(io.BytesIO(wheel.data)) as archive:
        assert archive.testzip() is None
        record = archive.read("demo-1.0.dist-info/RECORD").decode()
        assert {line.partition(",")[0] for line in record.splitlines()} == set(archive.namelist())
    assert wheel.digest("blake2_256") != wheel.digest("sha256")


@pytest.mark.skipif(Version(version("twine")) < Version("6.1"), reason="it does not know Metadata 2.4")
@pytest.mark.parametrize("kind", ["sdist", "wheel"])
@pytest.mark.parametrize("file", [{}, {"size": 100_000}])
def test_twine_takes_the_presets(tmp_path: Path, kind: str, file: dict[str, Any]) -> None:
    """The client that uploads finds nothing wrong with them, and a size is met to the byte."""
    from twine.package import PackageFile

    parcel = pypi_parcels.made({"preset": kind, "file": file})
    assert len(parcel.data) == file.get("size", len(parcel.data))
    path = tmp_path / parcel.filename
    path.write_bytes(parcel.data)

    package = PackageFile.from_filename(str(path), None)

    assert package.metadata_dictionary()["name"] == "demo"
    assert package.sha2_digest == parcel.digest("sha256")


QUIRKS = [
    "bytes appended after the end record",
    "bytes prepended",
    "a per-member comment",
    "archive comment",
    "member name with a control character",
    "member name with a null byte",
    "explicit directory entries",
    "forced ZIP64 extras",
    "non-ASCII UTF-8 member names",
    "member name not valid UTF-8",
    "a data descriptor",
    "written to a non-seekable stream",
    "duplicate filename in local headers",
    "duplicate filename in central directory",
    "member missing from the central directory",
    "member missing from the local headers",
    "mismatched data size",
    "mismatched file size",
    "wrong CRC",
    "duplicate extra in local file",
    "mismatched central directory records",
    "mismatched central directory size",
    "mismatched central directory offset",
    "two concatenated zips",
    "truncated",
]


@pytest.mark.parametrize("quirk", QUIRKS)
def test_quirks(quirk: str) -> None:
    """An odd zip is another one than the plain one, and still begins or ends as a zip does."""
    odd = pypi_parcels.made({"preset": "wheel", "file": {"zip_quirk": quirk}})

    assert odd.data != pypi_parcels.made({"preset": "wheel"}).data
    assert b"PK\x03\x04" in odd.data


@pytest.mark.parametrize(
    ("file", "tar", "zipped"),
    [
        ({"zip_and_tar": True}, True, True),
        ({"bytes": "no tar"}, False, False),
        ({"broken": "tar"}, False, False),
        ({"sparse_member": True}, True, False),
        ({"filename": "demo-1.0.zip", "valid_zip": True}, False, True),
    ],
)
def test_sdists(file: dict[str, Any], *, tar: bool, zipped: bool) -> None:
    """An odd sdist is what the row says."""
    odd = pypi_parcels.made({"preset": "sdist", "file": file})

    assert tarfile.is_tarfile(io.BytesIO(odd.data)) is tar
    assert zipfile.is_zipfile(io.BytesIO(odd.data)) is zipped


def test_bomb_and_members() -> None:
    """What is packed is much more than the pack, members are those listed, and texts those written."""
    bomb = pypi_parcels.made({"preset": "wheel", "file": {"ratio": ">50", "unpacked": ">64 MiB"}})
    odd = pypi_parcels.made({"preset": "sdist", "file": {"members": ["a/PKG-INFO", "b/x"]}})
    other = pypi_parcels.made({"preset": "wheel", "file": {"METADATA": "Name: other / Version: 9"}})

    with zipfile.ZipFile(io.BytesIO(bomb.data)) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    assert unpacked > 64 * 1024**2
    assert unpacked > 50 * len(bomb.data)
    with tarfile.open(fileobj=io.BytesIO(odd.data)) as packed:
        assert packed.getnames() == ["a/PKG-INFO", "b/x"]
    with zipfile.ZipFile(io.BytesIO(other.data)) as archive:
        assert b"\nName: other\nVersion: 9\n" in archive.read("demo-1.0.dist-info/METADATA")


def test_sparse_member() -> None:
    """The sparse member is one."""
    odd = pypi_parcels.made({"preset": "sdist", "file": {"sparse_member": True}})

    with tarfile.open(fileobj=io.BytesIO(odd.data)) as packed:
        assert any(member.issparse() for member in packed)
