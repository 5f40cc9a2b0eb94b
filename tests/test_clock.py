"""The registry's clock as real clients meet it: `registry.clock.advance(...)`, and no other preparation."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import requests

from pytest_pyreg import ANONYMOUS, CommandFailed, GitLab, PyPI, make_wheel


def test_twine_is_refused_once_its_token_has_expired() -> None:
    """Thirty days good, on the thirty-first refused, and good again when the time goes back; nothing is stored."""
    with GitLab() as gitlab:
        token = gitlab.world.home.access_token(role="developer")
        month = gitlab.user("publisher").personal_token(["api"], expires=timedelta(days=30))
        gitlab.upload(make_wheel("demo", "1.0"), credential=month)
        snapshot = gitlab.snapshot()

        gitlab.clock.advance(days=31)
        with pytest.raises(CommandFailed, match="401 Unauthorized"):
            gitlab.upload(make_wheel("demo", "2.0"), credential=month)
        assert "expired" in gitlab.log.uploads()[-1].why
        with pytest.raises(CommandFailed):
            gitlab.install("demo", credential=month)
        gitlab.upload(make_wheel("demo", "3.0"), credential=token)
        assert gitlab.versions("demo") == ["1.0", "3.0"]

        gitlab.restore(snapshot)
        gitlab.upload(make_wheel("demo", "2.0"), credential=month)
        assert gitlab.versions("demo") == ["1.0", "2.0"]


def test_pages_tell_the_registrys_time() -> None:
    """The time of upload is the clock's at that moment, ahead by what was added."""
    with PyPI() as pypi:
        pypi.add(make_wheel("demo", "1.0"))
        pypi.clock.advance(days=10)
        pypi.add(make_wheel("demo", "2.0"))

        accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
        page = requests.get(f"{pypi.index_url}/demo/", headers=accept, timeout=10).json()

    first, second = (datetime.fromisoformat(file["upload-time"].replace("Z", "+00:00")) for file in page["files"])
    assert timedelta(days=10) <= second - first < timedelta(days=10, minutes=1)


@pytest.mark.parametrize("days", [7, 12])
def test_uv_holds_releases_that_are_too_new_against_it(days: int) -> None:
    """A cool-down counted from the registry's own time: the younger release is passed over, until it is not."""
    with PyPI() as pypi:
        pypi.add(make_wheel("demo", "1.0"))
        pypi.clock.advance(days=20)
        pypi.add(make_wheel("demo", "2.0"))
        pypi.clock.advance(days=10)

        before = (pypi.clock.now() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        pypi.venv().install("--exclude-newer", before, "demo", client="uv", credential=ANONYMOUS)

    assert pypi.log.downloads()[-1].filename == f"demo-{'2.0' if days < 10 else '1.0'}-py3-none-any.whl"
