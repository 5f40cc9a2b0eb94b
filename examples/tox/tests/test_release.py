"""Build, publish, install: on every registry that we publish to."""

import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent


@pytest.mark.pyreg("gitlab", "gitea", "pypi")
def test_release(pyreg, tmp_path):
    pyreg.run(sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path, PROJECT)
    pyreg.upload(*sorted(tmp_path.iterdir()))

    assert pyreg.install("gadget").run("gadget").stdout == "It works.\n"
