"""`when.preset` and `when.file`: the distribution that a row uploads."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tests.conformance import pypi_archives
from tests.conformance.cases import CannotExpress
from tests.conformance.pypi_makings import KEYS, TEXTS, Making, sized, text

if TYPE_CHECKING:
    from collections.abc import Mapping

EXTENSIONS = re.compile(r"\.(?:tar\.[a-z0-9]+|tgz|zip|whl|egg|exe|rpm|deb|dmg|msi|[A-Za-z]+)$", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9]", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Parcel:
    """A file on its way."""

    kind: str
    """The preset."""
    name: str
    version: str
    """Those of the release, as far as the row gives any that are right."""
    filename: str
    data: bytes = field(repr=False)
    content_type: str | None = "application/octet-stream"

    def digest(self, name: str) -> str:
        """Return the digest of the bytes, in hex."""
        if name == "blake2_256":
            return hashlib.blake2b(self.data, digest_size=32).hexdigest()
        return hashlib.new(name, self.data, usedforsecurity=False).hexdigest()


def made(when: Mapping[str, Any]) -> Parcel:
    """Make what a row uploads.

    Raises:
        CannotExpress: it says something that the runner does not understand.
    """
    kind, facts, fields = when.get("preset"), when.get("file", {}), when.get("set", {})
    if kind not in {"sdist", "wheel"}:
        raise CannotExpress(f"when.preset = {kind!r}")
    if not isinstance(facts, dict) or not isinstance(fields, dict):
        raise CannotExpress(f"when.file = {facts!r}, when.set = {fields!r}: each is an object")
    name, version = _name(fields.get("name")), _version(fields.get("version"))
    stem = f"{canonicalize_name(name).replace('-', '_')}-{version}"
    filename = facts.get("filename", f"{stem}.tar.gz" if kind == "sdist" else f"{stem}-py3-none-any.whl")
    content_type = facts.get("content_type", "application/octet-stream")
    if not isinstance(filename, str) or not isinstance(content_type, (str, type(None))):
        raise CannotExpress(f"when.file: {filename!r}, {content_type!r}")
    data = _written(_begun(kind, facts, filename, name, version))
    return Parcel(kind, name, version, filename, data, content_type)


def _written(making: Making) -> bytes:
    """Return an archive with everything that a row says of it."""
    facts = making.facts
    for key, value in facts.items():
        if key in TEXTS:
            making.replace(f"{making.top}/{key}", text(value, f"when.file.{key}"))
        elif key not in KEYS:
            raise CannotExpress(f"when.file.{key} = {value!r}")
    for key, act in KEYS.items():
        if key in facts:
            act(making, facts[key])
    if "size" in facts and "bytes" not in facts:
        return sized(making, facts["size"])
    return making.packed() if making.made is None else making.made


def plain(kind: str, name: str, version: str, *, more: str = "", note: str = "") -> Parcel:
    """Return a distribution that is right: what was uploaded before.

    Args:
        kind: `sdist` or `wheel`.
        name: the project's.
        version: the release's.
        more: lines for its metadata.
        note: what sets its bytes apart from others of its name.
    """
    when: dict[str, Any] = {"preset": kind, "set": {"name": name, "version": version}}
    if more or note:
        key = "PKG-INFO" if kind == "sdist" else "METADATA"
        when["file"] = {key: (pypi_archives.metadata(name, version, more) + f"\n{note}".encode()).decode()}
    return made(when)


def _begun(kind: str, facts: Mapping[str, Any], filename: str, name: str, version: str) -> Making:
    """Lay out an archive that is right for its name."""
    plain_name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", filename)
    stem, core = EXTENSIONS.sub("", plain_name), pypi_archives.metadata(name, version)
    if kind == "sdist":
        return Making(kind, facts, filename, stem, stem, pypi_archives.sdist(stem, core))
    parts = stem.split("-")
    top = "-".join(parts[:2]) + ".dist-info"
    tag = "-".join(parts[-3:]) if len(parts) > len(("name", "version", "python", "abi")) else "py3-none-any"
    at = facts.get("wheel_at", "")
    if not isinstance(at, str):
        raise CannotExpress(f"when.file.wheel_at = {at!r}")
    return Making(kind, facts, filename, stem, top, pypi_archives.wheel(top, core, tag, at=at))


def _name(value: object) -> str:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else "demo"


def _version(value: object) -> str:
    """Return a version as file names have it; that of the presets if it can be none."""
    try:
        found = Version(value) if isinstance(value, str) else Version("1.0")
    except InvalidVersion:
        return "1.0"
    return str(found).partition("+")[0]
