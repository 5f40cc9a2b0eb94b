"""Which clients are here: the tests run with the oldest that are supported, and with the newest."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from packaging.version import Version


def older(client: str, than: str) -> bool:
    """Tell whether the client that is installed is older than a release of it."""
    return Version(version(client)) < Version(than)


OF_TODAY = pytest.mark.skipif(
    older("pip", "24") or older("uv", "0.9"), reason="what clients make of trouble is told of those of these years"
)
"""For tests of what a client does that its oldest supported releases did otherwise."""
