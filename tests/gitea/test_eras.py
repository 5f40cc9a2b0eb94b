"""What changed with a release and not with its neighbours."""

from __future__ import annotations

import pytest
import requests

from pytest_pyreg import Gitea
from pytest_pyreg.dists import make_sdist, make_wheel

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@pytest.mark.parametrize(
    ("flavour", "policy", "by_name"),
    [
        ("gitea@1.26", None, False),
        ("gitea@1.26.1", None, False),
        ("gitea@1.26.2", POLICY, True),
        ("gitea@1.27", POLICY, True),
        ("forgejo@17", None, False),
    ],
)
def test_files_by_name_and_the_policy_of_downloads(flavour: str, *, policy: str | None, by_name: bool) -> None:
    """Both since Gitea 1.26.2."""
    with Gitea(flavour) as gitea:
        wheel, sdist = make_wheel("demo", "1.0"), make_sdist("demo", "1.0")
        later, earlier = sorted((wheel, sdist), key=lambda dist: dist.name.lower(), reverse=True)
        gitea.add(later)
        gitea.add(earlier)
        auth = (gitea.reader.username, gitea.reader.secret)
        page = requests.get(f"{gitea.index_url}/demo", auth=auth, timeout=10).text
        found = requests.get(f"{gitea.upload_url}/files/demo/1.0/{wheel.name}", auth=auth, timeout=10)

    assert (page.index(f">{earlier.name}<") < page.index(f">{later.name}<")) == by_name
    assert (found.status_code, found.headers.get("Content-Security-Policy")) == (200, policy)
