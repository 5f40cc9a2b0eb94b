"""What live servers said is what the emulation says: recorded with `tools/compare_live.py --record`, replayed here."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ManualClock, Registry
from tests.gitea import live_record
from tests.gitea.live_compare import Difference, differences, explained, plain
from tests.gitea.live_record import PREFIX, ROOT, Exchange, Record
from tests.gitea.live_wire import Answer, filled, in_process, masked
from tests.gitea.live_world import built

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDER = Path(__file__).parents[2] / "fixtures" / "exchanges"
RECORDS = sorted(path.name for path in FOLDER.glob("*.json"))
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


def replayed(record: Record, exchanges: Iterable[Exchange]) -> Iterator[tuple[Exchange, list[Difference]]]:
    """Ask the emulation what a live server was asked, and tell in what it differs."""
    clock = ManualClock(NOON)
    with Registry(record.product, clock=clock) as registry:
        tokens = built(registry, PREFIX, set(record.tokens), renamed=record.renamed)
        for exchange in exchanges:
            clock.advance(seconds=2)
            answer = masked(in_process(registry, filled(exchange.request, tokens)), tokens)
            live = plain(exchange.answer, ROOT)
            found = differences(live, plain(answer, registry.url))
            yield exchange, [one for one in found if not explained(record.product, exchange.request, live, one)]


@pytest.mark.parametrize("name", RECORDS)
def test_the_emulation_says_what_the_live_server_said(name: str) -> None:
    """No exchange of a record differs in a way that nobody can explain."""
    record = live_record.read(FOLDER / name)

    different = [
        f"{exchange.request.method} {exchange.request.target} {exchange.request.headers}: {one}"
        for exchange, found in replayed(record, record.exchanges)
        for one in found
    ]

    assert len(record.exchanges) >= 150
    assert not different, "\n".join(different)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_holds_no_secret(name: str) -> None:
    """Tokens are named, and never shown."""
    requests = [exchange.request for exchange in live_record.read(FOLDER / name).exchanges]
    shown = " ".join(f"{request.target} {dict(request.headers).get('Authorization', '')}" for request in requests)

    assert "${" in shown
    assert set(re.findall(r"\b[0-9a-f]{40}\b", shown)) <= {"f" * 40}


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("status", lambda answer: answer._replace(status=answer.status + 1)),
        ("header content-type", lambda answer: answer._replace(headers=(("Content-Type", "text/x"),))),
        ("body", lambda answer: answer._replace(body=answer.body + b"!")),
    ],
)
def test_another_answer_would_be_seen(part: str, change: object) -> None:
    """An exchange that the live server had answered otherwise does not pass."""
    assert callable(change)
    record = live_record.read(FOLDER / RECORDS[0])
    page = next(
        index for index, one in enumerate(record.exchanges) if one.answer.status == 200 and b"<h1>" in one.answer.body
    )
    changed: Answer = change(record.exchanges[page].answer)
    exchanges = (*record.exchanges[:page], Exchange(record.exchanges[page].request, changed))

    *before, (_, found) = replayed(record, exchanges)

    assert not any(each for _, each in before)
    assert part in {one.part for one in found}
