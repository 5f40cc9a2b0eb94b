"""Which clients are here: the tests run with the oldest that are supported, and with the newest."""

from __future__ import annotations

from importlib.metadata import version

from packaging.version import Version


def older(client: str, than: str) -> bool:
    """Tell whether the client that is installed is older than a release of it."""
    return Version(version(client)) < Version(than)
