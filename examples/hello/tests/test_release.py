"""The release, rehearsed: build, upload with twine, install with pip, run."""

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_pyreg import CommandFailed

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def dists(tmp_path_factory):
    """The project's own wheel and sdist, built once."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, PROJECT],
        check=True,
    )
    return sorted(folder.iterdir())


def test_users_can_install_what_we_publish(pyreg, dists):
    pyreg.upload(*dists)
    site = pyreg.install("hello-pyreg")

    assert site.run("hello-pyreg").stdout == "Hello, world!\n"
    assert pyreg.files("hello-pyreg") == {dist.name for dist in dists}


def test_publishing_twice_is_refused(pyreg, dists):
    pyreg.upload(*dists)

    with pytest.raises(CommandFailed, match="400 Bad Request"):
        pyreg.upload(*dists)


def test_strangers_cannot_publish(pyreg, dists):
    with pytest.raises(CommandFailed, match="404 Not Found"):
        pyreg.upload(*dists, credential=pyreg.stranger)

    assert pyreg.files("hello-pyreg") == set()
