"""The release of three packages that need each other, rehearsed before anything is published."""

import sys
from pathlib import Path

import pytest

from pytest_pyreg import CommandFailed

RELEASE = Path(__file__).parent.parent / "release.py"


def test_the_release_works(pyreg):
    pyreg.run(sys.executable, RELEASE)

    site = pyreg.install("acme-app")
    assert site.distributions() == {"acme-app": "1.0", "acme-client": "1.0", "acme-core": "1.0"}
    assert site.run("acme").stdout == "It costs 42.\n"


def test_the_order_matters(pyreg):
    """The client cannot be installed before the core is there, and the release stops at that."""
    with pytest.raises(CommandFailed, match="No matching distribution found for acme-core==1.0"):
        pyreg.run(sys.executable, RELEASE, "acme-client", "acme-core", "acme-app")

    assert pyreg.projects() == {"acme-client"}


def test_a_half_done_release_goes_on(pyreg):
    """The registry takes no file twice: whoever runs the release again names what is left."""
    pyreg.run(sys.executable, RELEASE, "acme-core")

    with pytest.raises(CommandFailed, match="400 Bad Request"):
        pyreg.run(sys.executable, RELEASE)
    pyreg.run(sys.executable, RELEASE, "acme-client", "acme-app")

    assert pyreg.projects() == {"acme-core", "acme-client", "acme-app"}
