"""Can somebody on the public index slip their code into ours?  A proof for the way in which we install.

`internal` is ours and lies in our GitLab.  Somebody has published a newer `internal` on the public index, which GitLab
sends installers on to for everything that it has not.
"""

import sys

import pytest


@pytest.fixture(autouse=True)
def planted(pyreg):
    ours = pyreg.make_wheel("internal", "1.0", requires=["public"])
    theirs = pyreg.make_wheel("internal", "99.0")
    pyreg.upload(ours)
    pyreg.upstream.add(theirs, pyreg.make_wheel("public", "2.0"))


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_our_way_is_safe(pyreg, client):
    """One index, GitLab's: it never sends anybody on for a name that it has."""
    site = pyreg.install("internal", client=client)

    assert site.distributions() == {"internal": "1.0", "public": "2.0"}
    assert not pyreg.upstream.log.where(project="internal")


def test_an_extra_index_is_not(pyreg):
    """pip asks both indexes for every name, and the newest wins, wherever it is from."""
    site = pyreg.install("internal", "--extra-index-url", pyreg.upstream.index_url)

    assert site.distributions() == {"internal": "99.0"}


def test_before_the_first_release_the_name_is_open(pyreg):
    """Until somebody publishes it, GitLab knows no such project, and sends installers to whoever was faster."""
    pyreg.upstream.add(pyreg.make_wheel("planned", "0.1"))

    assert pyreg.install("planned").distributions() == {"planned": "0.1"}


@pytest.mark.pyreg("gitlab", forwarding=False)
def test_forwarding_can_be_turned_off(pyreg):
    result = pyreg.run(sys.executable, "-m", "pip", "download", "public", check=False)

    assert result.returncode == 1
    assert not pyreg.upstream.log
