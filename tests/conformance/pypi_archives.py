"""The archives of rows about the public index: sdists and wheels of a few members, right or wrong in one way."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import itertools
import tarfile
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)
COMPRESSIONS: Mapping[str, int] = {
    "stored": zipfile.ZIP_STORED,
    "deflate": zipfile.ZIP_DEFLATED,
    "deflated": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}


@dataclass
class Member:
    """A file in an archive; a directory if its path ends with a slash."""

    path: str
    data: bytes = field(default=b"", repr=False)
    comment: bytes = b""
    zip64: bool = False
    sparse: bool = False


def metadata(name: str, version: str, more: str = "") -> bytes:
    """Return the core metadata of a release."""
    return f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{more}".encode()


def sdist(top: str, core: bytes) -> list[Member]:
    """Return the members of an sdist that is right."""
    build = b'[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    return [
        Member(f"{top}/PKG-INFO", core),
        Member(f"{top}/pyproject.toml", build),
        Member(f"{top}/demo/__init__.py", b"# The package.\n"),
    ]


def wheel(info: str, core: bytes, tag: str, *, at: str = "") -> list[Member]:
    """Return the members of a wheel that is right, but for its RECORD.

    Args:
        info: the folder of its metadata.
        core: the metadata.
        tag: python, ABI and platform tag.
        at: where the WHEEL file is; beside the metadata if empty.
    """
    pure = "true" if tag.endswith("-any") else "false"
    parts = (part.split(".") for part in tag.split("-"))
    tags = "".join(f"Tag: {'-'.join(one)}\n" for one in itertools.product(*parts))
    told = f"Wheel-Version: 1.0\nGenerator: rows\nRoot-Is-Purelib: {pure}\n{tags}".encode()
    return [
        Member("demo/__init__.py", b"# The package.\n"),
        Member(f"{info}/METADATA", core),
        Member(at or f"{info}/WHEEL", told),
    ]


def record(members: list[Member], path: str) -> bytes:
    """Return the RECORD of some members."""
    lines = []
    for member in members:
        if not member.path.endswith("/"):
            digest = base64.urlsafe_b64encode(hashlib.sha256(member.data).digest()).decode().rstrip("=")
            path_shown = f'"{member.path}"' if "," in member.path else member.path
            lines.append(f"{path_shown},sha256={digest},{len(member.data)}\n")
    return "".join([*lines, f"{path},,\n"]).encode()


def tarred(members: list[Member]) -> bytes:
    """Pack members into a tar.gz."""
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for member in members:
            told = tarfile.TarInfo(member.path)
            told.size, told.mode = len(member.data), 0o644
            if member.path.endswith("/"):
                told.type, told.mode = tarfile.DIRTYPE, 0o755
            if member.sparse:
                told.type = tarfile.GNUTYPE_SPARSE
            archive.addfile(told, io.BytesIO(member.data))
    return buffer.getvalue()


def zipped(members: list[Member], compression: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    """Pack members into a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = comment
        for member in members:
            told = zipfile.ZipInfo(member.path, EPOCH)
            told.external_attr, told.comment, told.compress_type = 0o644 << 16, member.comment, compression
            with archive.open(told, "w", force_zip64=member.zip64) as file:
                file.write(member.data)
    return buffer.getvalue()


def streamed(members: list[Member]) -> bytes:
    """Pack members into a zip as it is written where nothing can be written again: with data descriptors."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise OSError("a pipe")

        def tell(self) -> int:
            raise OSError("a pipe")

    buffer = Pipe()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member in members:
            archive.writestr(zipfile.ZipInfo(member.path, EPOCH), member.data)
    return buffer.getvalue()


def core_of(data: bytes) -> bytes:
    """Return the metadata in an archive; nothing if there is none to be read."""
    try:
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = [name for name in archive.namelist() if name.endswith(("/METADATA", "/PKG-INFO"))]
                return archive.read(names[0]) if names else b""
        with tarfile.open(fileobj=io.BytesIO(data)) as packed:
            member = next(member for member in packed if member.name.endswith("/PKG-INFO"))
            file = packed.extractfile(member)
            return file.read() if file is not None else b""
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError, StopIteration, NotImplementedError):
        return b""
