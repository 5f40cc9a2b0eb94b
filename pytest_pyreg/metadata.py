"""Core metadata out of wheels and sdists.

`pkginfo` finds and extracts the metadata file of whatever kind of distribution it is given; `packaging` reads it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pytest_pyreg.dists import Dist

if TYPE_CHECKING:
    from collections.abc import Mapping


# Where the upload form names a field in the singular (warehouse/forklift/metadata.py@6b621571).
_FORM_NAMES = {
    "platforms": "platform",
    "supported_platforms": "supported_platform",
    "license_files": "license_file",
    "import_names": "import_name",
    "import_namespaces": "import_namespace",
}


class NotADistribution(ValueError):
    """A file that is no readable wheel or sdist."""


@dataclass(frozen=True)
class CoreMetadata:
    """What an uploading client would send in its form."""

    name: str
    version: str
    fields: Mapping[str, str] = field(default_factory=dict)
    """All text fields by their form names, name and version among them."""
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The fields that may stand there several times."""
    text: bytes = b""
    """The metadata file itself."""


def read(path: Path) -> CoreMetadata:
    """Read the core metadata of a wheel or sdist.

    Args:
        path: the file.

    Raises:
        NotADistribution: the file is missing, is no wheel or sdist, or its metadata lacks a name or a version.
    """
    from pkginfo import SDist, Wheel

    if not path.is_file():
        message = f"there is no file {path}; give the path of a wheel (.whl) or of an sdist (.tar.gz)"
        raise NotADistribution(message)
    kind = Wheel if path.suffix == ".whl" else SDist
    try:
        # Given a version, it does not warn of one that it does not know: only the text is wanted, whatever it says.
        text = kind(str(path), metadata_version="2.1").read()
    except Exception as error:  # pkginfo lets every error of zipfile, tarfile and its own through.
        # What pkginfo makes of an archive without a file says nothing to a person.
        reason = "there is nothing in it" if str(error).startswith("commonpath()") else error
        message = f"{path.name} is not a readable wheel or sdist ({reason}); was it built completely?"
        raise NotADistribution(message) from error
    return parse(text, path.name)


def parse(text: bytes, filename: str) -> CoreMetadata:
    """Read the text of a METADATA or PKG-INFO file.

    Raises:
        NotADistribution: a name or a version is missing.
    """
    from packaging.metadata import parse_email

    raw, _ = parse_email(text)
    if "name" not in raw or "version" not in raw:
        message = f"the metadata in {filename} has no Name or no Version field"
        raise NotADistribution(message)
    fields: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for key, value in raw.items():
        if isinstance(value, str):
            fields[key] = value
        elif key == "keywords" and isinstance(value, list):
            fields[key] = ",".join(value)
        elif isinstance(value, list):
            lists[_FORM_NAMES.get(key, key)] = tuple(value)
        elif isinstance(value, dict):
            lists[key] = tuple(f"{label}, {url}" for label, url in value.items())
    return CoreMetadata(raw["name"], raw["version"], fields, lists, text)


def opened(distribution: Dist | Path | str) -> tuple[str, CoreMetadata, BinaryIO]:
    """Return a distribution's file name, its core metadata, and its bytes as a file, which the caller closes.

    Args:
        distribution: one in memory, or the path of a file.

    Raises:
        NotADistribution: as `read`.
    """
    if isinstance(distribution, Dist):
        return distribution.name, parse(distribution.metadata, distribution.name), io.BytesIO(distribution.data)
    path = Path(distribution)
    core = read(path)
    return path.name, core, path.open("rb")
