"""What makes two versions one release."""

from __future__ import annotations

from packaging.utils import canonicalize_version
from packaging.version import InvalidVersion, Version


def canonical(version: str) -> str:
    """Return what makes two versions one: 1.0 is 1.0.0."""
    try:
        return canonicalize_version(Version(version))
    except InvalidVersion:
        return version
