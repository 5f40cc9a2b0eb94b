"""GitLabs at a fixed time, and asking them by hand."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import ANONYMOUS, GitLab, ManualClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_pyreg import Credential

    Start = Callable[..., GitLab]
    Ask = Callable[..., requests.Response]

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


@pytest.fixture(name="clock")
def _clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture(name="start")
def _start(clock: ManualClock) -> Iterator[Start]:
    """Start a GitLab of a release."""
    started: list[GitLab] = []

    def start(version: str = "19", **options: object) -> GitLab:
        gitlab = GitLab(f"gitlab@{version}", clock=clock, **options)
        started.append(gitlab)
        gitlab.start()
        return gitlab

    yield start
    for gitlab in started:
        gitlab.stop()


@pytest.fixture(name="ask")
def _ask() -> Ask:
    """Send one request, following nothing; of two names for one address the first wins."""

    def ask(url: str, who: Credential = ANONYMOUS, method: str = "GET", **options: object) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            request = requests.Request(
                method,
                url,
                auth=None if who == ANONYMOUS else (who.username, who.secret),
                **options,
            )
            return session.send(session.prepare_request(request), allow_redirects=False, timeout=10)

    return ask
