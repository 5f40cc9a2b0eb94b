"""What was acknowledged is there after `kill -9`; what was not is there as a whole or not at all."""

from __future__ import annotations

import hashlib
import random
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import make_wheel, products
from tests.durable.killed import BIG, Told, Victim, harass

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are killed and forked here")
ROUNDS = 100


def looked_at(folder: Path) -> tuple[dict[str, str], set[str]]:
    """Return what a folder's registry has (file name -> sha256 of the bytes), and the names of all files there."""
    registry = products.registry("gitlab@17", data=folder)
    held = {}
    for release in registry._index.releases():
        for file in release.files:
            with registry._blobs.get(file.digest).open() as stream:
                held[file.filename] = hashlib.sha256(stream.read()).hexdigest()
    registry.stop()
    return held, {file.name for file in (folder / "files").iterdir()}


@pytest.mark.long
def test_nothing_is_lost_in_a_hundred_rounds(tmp_path: Path) -> None:
    """Three clients upload and delete all the time; the process is killed at any moment, and another begins."""
    told, chance = Told(), random.Random(20261121)  # noqa: S311 - what has to be the same again.
    for _ in range(ROUNDS):
        harass(Victim(tmp_path / "data"), told, chance, after=chance.randrange(1, 12))
        held, files = looked_at(tmp_path / "data")

        lost = {name for name in told.stored if name not in held} - told.unsure
        assert not lost
        assert not told.deleted & held.keys()
        assert all(told.asked[name] == digest for name, digest in held.items())
        assert files == set(held.values())

    assert len(told.stored) > 2 * ROUNDS
    assert len(told.deleted) > 10
    # Of those that nobody was told of there are some of either kind: the process was killed in the middle.
    untold = told.asked.keys() - told.stored.keys()
    assert len(untold) > ROUNDS


def test_a_full_disk_refuses(tmp_path: Path) -> None:
    """Who uploads is told, and so is everybody after that; what was acknowledged before is all that there is."""
    victim = Victim(tmp_path / "data", most_bytes=3 * BIG)
    small, next_one = make_wheel("demo", "1.0"), make_wheel("demo", "3.0")
    large = make_wheel("demo", "2.0", files={"x.bin": random.Random(1).randbytes(4 * BIG)})  # noqa: S311 - no secret.

    assert victim.upload(small)[0] == 201
    status, body = victim.upload(large)
    later = victim.upload(next_one)
    victim.kill()

    assert status == 500, body
    held, _ = looked_at(tmp_path / "data")
    assert large.name not in held
    assert (next_one.name in held) is (later[0] == 201)
    assert small.name in held
