"""Valid wheels and sdists from keywords: in memory, in milliseconds, without a build backend, the same bytes each time.

The wheel follows the binary distribution format (PEP 427) and the sdist PEP 517/643.  The sdist carries its own build
backend of a few lines, so that real pip can build it offline with nothing to fetch.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import re
import tarfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name, canonicalize_version
from packaging.version import InvalidVersion, Version

from pytest_pyreg.metadata_text import metadata_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold, used for every member."""

_BACKEND = '''\
"""Builds the wheel of this project, which has one package and no build dependencies."""
import base64, hashlib, pathlib, zipfile
NAME, VERSION, FILES = {name!r}, {version!r}, {files!r}
def build_wheel(directory, config_settings=None, metadata_directory=None):
    info = NAME + "-" + VERSION + ".dist-info"
    members = {{path: pathlib.Path(path).read_bytes() for path in FILES}}
    members[info + "/METADATA"] = pathlib.Path("PKG-INFO").read_bytes()
    members[info + "/WHEEL"] = b"Wheel-Version: 1.0\\nGenerator: pyreg\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    record = "".join(
        path + ",sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        + "," + str(len(data)) + "\\n"
        for path, data in members.items()
    )
    members[info + "/RECORD"] = (record + info + "/RECORD,,\\n").encode()
    filename = NAME + "-" + VERSION + "-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(directory) / filename, "w") as archive:
        for path, data in members.items():
            archive.writestr(path, data)
    return filename
'''


_NAME = re.compile(r"[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9]", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Dist:
    """A distribution in memory."""

    name: str
    """The file name."""
    project: str
    version: str
    data: bytes = field(repr=False)
    metadata: bytes = field(repr=False)
    """The text of its METADATA or PKG-INFO."""

    @property
    def sha256(self) -> str:
        """The sha256 of the bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()

    def write_to(self, folder: Path | str) -> Path:
        """Write the file into a folder, made if need be, and return its path."""
        path = Path(folder) / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.data)
        return path


def make_wheel(
    project: str = "demo",
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    requires_python: str | None = None,
    files: Mapping[str, str | bytes] | None = None,
    tag: str = "py3-none-any",
    description: str = "",
    **metadata: str | Sequence[str],
) -> Dist:
    """Make a wheel that pip installs.

    Args:
        project: its name, as its author would spell it.
        version: its version (PEP 440).
        requires: requirements, each as in `Requires-Dist`.
        requires_python: the `Requires-Python` specifier.
        files: path in the wheel -> content; one importable module named after the project if left out.  A script of
            its own needs `NAME-VERSION.dist-info/entry_points.txt` among them.
        tag: python, ABI and platform tag.
        description: the long description.
        metadata: any other field of core metadata by its keyword, such as `summary="..."` or
            `classifiers=["...", "..."]`.

    Raises:
        ValueError: a name, version, requirement, specifier, tag or path is none, or a keyword is no field of core
            metadata.
    """
    stem = _stem(project, version)
    info = f"{stem}.dist-info"
    text = metadata_text(project, version, requires, requires_python, description, metadata)
    tags = _tags(tag)
    members = _encoded(_default_files(project, version) if files is None else files)
    members[f"{info}/METADATA"] = text
    purelib = "true" if tag.endswith("-none-any") else "false"
    members[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: pyreg\nRoot-Is-Purelib: {purelib}\n{tags}".encode()
    members[f"{info}/RECORD"] = _record(members, f"{info}/RECORD")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in members.items():
            member = zipfile.ZipInfo(path, EPOCH)
            member.external_attr = 0o644 << 16
            archive.writestr(member, data)
    return Dist(f"{stem}-{tag}.whl", project, version, buffer.getvalue(), text)


def make_sdist(
    project: str = "demo",
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    requires_python: str | None = None,
    files: Mapping[str, str | bytes] | None = None,
    description: str = "",
    **metadata: str | Sequence[str],
) -> Dist:
    """Make an sdist that pip builds and installs offline.

    Args and raises as `make_wheel`.
    """
    stem = _stem(project, version)
    text = metadata_text(project, version, requires, requires_python, description, metadata)
    content = _encoded(_default_files(project, version) if files is None else files)
    name, _, normalized = stem.partition("-")
    members = {
        "PKG-INFO": text,
        "pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "_pyreg_backend"\nbackend-path = ["."]\n',
        "_pyreg_backend.py": _BACKEND.format(name=name, version=normalized, files=list(content)).encode(),
        **content,
    }
    buffer = io.BytesIO()
    # gzip.GzipFile rather than mode "w:gz": only it lets the time in the header be fixed.
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, data in members.items():
            member = tarfile.TarInfo(f"{stem}/{path}")
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return Dist(f"{stem}.tar.gz", project, version, buffer.getvalue(), text)


def make_dists(
    project: str = "demo",
    version: str = "1.0",
    *,
    requires: Iterable[str] = (),
    requires_python: str | None = None,
    files: Mapping[str, str | bytes] | None = None,
    tag: str = "py3-none-any",
    description: str = "",
    **metadata: str | Sequence[str],
) -> tuple[Dist, Dist]:
    """Make the wheel and the sdist of one release.  Args and raises as `make_wheel`."""
    requires = [requires] if isinstance(requires, str) else tuple(requires)
    wheel = make_wheel(
        project,
        version,
        requires=requires,
        requires_python=requires_python,
        files=files,
        tag=tag,
        description=description,
        **metadata,
    )
    sdist = make_sdist(
        project,
        version,
        requires=requires,
        requires_python=requires_python,
        files=files,
        description=description,
        **metadata,
    )
    return wheel, sdist


def _stem(project: str, version: str) -> str:
    """Return `name-version` as file names have it (PEP 427, PEP 625)."""
    try:
        canonical = canonicalize_version(Version(version), strip_trailing_zero=False)
    except InvalidVersion as error:
        message = f"{version!r} is not a version (PEP 440); try something like '1.0' or '1.0rc1'"
        raise ValueError(message) from error
    if not _NAME.fullmatch(project):
        raise ValueError(f"{project!r} is not a project's name (PEP 508); use letters, digits and single - _ or .")
    return f"{canonicalize_name(project).replace('-', '_')}-{canonical}"


def _default_files(project: str, version: str) -> dict[str, str]:
    module = canonicalize_name(project).replace("-", "_")
    return {f"{module}/__init__.py": f'__version__ = "{version}"\n'}


def _encoded(files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    for path in files:
        if path.startswith("/") or ".." in path.split("/"):
            raise ValueError(f"{path!r} leads out of the distribution; give a path inside it, such as 'demo/data.txt'")
    return {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}


def _tags(tag: str) -> str:
    """Expand a compressed tag set, such as `py2.py3-none-any`, into its lines."""
    if tag.count("-") != len(("python-", "abi-")):
        raise ValueError(f"{tag!r} is not a tag; it has three parts, such as 'py3-none-any'")
    pythons, abis, platforms = tag.split("-")
    return "".join(
        f"Tag: {python}-{abi}-{platform}\n"
        for python in pythons.split(".")
        for abi in abis.split(".")
        for platform in platforms.split(".")
    )


def _record(members: Mapping[str, bytes], record: str) -> bytes:
    lines = []
    for path, data in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        lines.append(f"{path},sha256={digest},{len(data)}\n")
    return "".join([*lines, f"{record},,\n"]).encode()
