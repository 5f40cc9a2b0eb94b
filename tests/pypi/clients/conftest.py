"""A public index of some day, and somebody's desk beside it with real twine, pip and uv."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ManualClock, PyPI
from pytest_pyreg.clients.finding import find
from pytest_pyreg.clients.jobs import commands
from pytest_pyreg.clients.kit import Job

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_pyreg import Credential, Dist, Exchange

NOON = datetime(2026, 8, 21, 12, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Told:
    """What came of a command."""

    code: int
    text: str
    """What it printed, on one line: how clients fold theirs is no matter of ours."""
    installed: dict[str, str]
    exchanges: tuple[Exchange, ...]
    """What the index was asked meanwhile."""

    @property
    def asked(self) -> list[str]:
        """The same in words: `page demo`, `metadata FILE`, `head FILE`, `part FILE`, `file FILE`."""
        return [_words(exchange) for exchange in self.exchanges]

    @property
    def statuses(self) -> list[int]:
        """How the index answered."""
        return [exchange.status for exchange in self.exchanges]

    @property
    def good(self) -> bool:
        """Whether the client was content."""
        return self.code == 0


def _words(exchange: Exchange) -> str:
    if exchange.action == "project page":
        return f"page {exchange.path.strip('/').rpartition('/')[2]}"
    kind = "metadata" if exchange.action == "metadata" else "file"
    if exchange.method == "HEAD":
        kind = "head"
    elif "Range" in dict(exchange.headers):
        kind = "part"
    return f"{kind} {exchange.filename}"


class Desk:
    """Somebody's desk.

    Args:
        index: the index beside it.
        folder: where their files are.
    """

    def __init__(self, index: PyPI, folder: Path) -> None:
        self.index = index
        self.folder = folder
        self._drawers = 0

    def publish(self, client: str, *dists: Dist, who: Credential | None = None, options: tuple[str, ...] = ()) -> Told:
        """Upload with `twine` or `uv`, well or badly."""
        self._drawers += 1
        files = [str(dist.write_to(self.folder / f"dist-{self._drawers}")) for dist in dists]
        (command,) = commands(find(client, "upload"), Job(self.folder, self.index.index_url))
        return self._run((*command, *options, *files), who or self.index.publisher)

    def install(self, client: str, *arguments: str) -> Told:
        """Install with `pip` or `uv` into an empty environment, well or badly."""
        site = self.index._workplace.site(self.index.env(self.index.reader))
        job = Job(self.folder, self.index.index_url, python=str(site.python))
        (command,) = commands(find(client, "install"), job)
        # uv keeps a page for the ten minutes that the index tells it to, and files for ever.
        fresh = ("--no-cache",) if client == "uv" else ()
        told = self._run((*command, *fresh, *arguments), self.index.reader)
        return Told(told.code, told.text, site.distributions(), told.exchanges)

    def _run(self, argv: tuple[str, ...], who: Credential) -> Told:
        before = self.index.log.count
        done = self.index.run(*argv, credential=who, cwd=self.folder, check=False)
        text = " ".join((done.stdout + done.stderr).split())
        return Told(done.returncode, text, {}, self.index.log.since(before))


@pytest.fixture(name="day")
def _day() -> str:
    """Which day it is at the index: the newest that is described; a test's parameter says another."""
    return ""


@pytest.fixture(name="pypi")
def _pypi(day: str) -> Iterator[PyPI]:
    """A running index of that day."""
    with PyPI(f"pypi@{day}" if day else "pypi", clock=ManualClock(NOON)) as index:
        yield index


@pytest.fixture(name="clock")
def _clock(pypi: PyPI) -> ManualClock:
    """Its clock."""
    assert isinstance(pypi.clock, ManualClock)
    return pypi.clock


@pytest.fixture(name="desk")
def _desk(pypi: PyPI, tmp_path: Path) -> Desk:
    """A desk beside it."""
    return Desk(pypi, tmp_path)
