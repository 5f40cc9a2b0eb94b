"""What our script does when the registry has a bad day."""

import sys
from pathlib import Path

import pytest

from pytest_pyreg import CommandFailed

PUBLISH = Path(__file__).parent.parent / "publish.py"


@pytest.fixture
def dist(pyreg, tmp_path):
    """A folder with a release."""
    for file in pyreg.make_dists("demo", "1.0"):
        file.write_to(tmp_path)
    return tmp_path


def test_a_short_outage(pyreg, dist):
    """twine itself tries five times at once; the next of our attempts comes after that."""
    pyreg.faults.on("upload", times=5).reply(503)

    pyreg.run(sys.executable, PUBLISH, dist)

    assert len(pyreg.files("demo")) == 2


def test_the_second_file_fails_once(pyreg, dist):
    pyreg.faults.on("upload", nth=2).reset()

    pyreg.run(sys.executable, PUBLISH, dist)

    assert len(pyreg.files("demo")) == 2


def test_the_answer_is_lost(pyreg, dist):
    """The file was stored, and nobody told us; the second attempt is told that it is there."""
    pyreg.faults.on("upload").lose_reply()

    output = pyreg.run(sys.executable, PUBLISH, dist).stdout

    assert "at attempt 2" in output
    assert len(pyreg.files("demo")) == 2


def test_an_outage_that_lasts(pyreg, dist):
    pyreg.faults.on("upload", times=None).reply(503)

    with pytest.raises(CommandFailed, match="could not be published"):
        pyreg.run(sys.executable, PUBLISH, dist)

    assert pyreg.projects() == set()
