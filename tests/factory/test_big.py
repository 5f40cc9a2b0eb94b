"""Wheels of gigabytes, of which the disk holds next to nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tracemalloc
import zipfile
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

import pytest
from packaging.metadata import Metadata

from pytest_pyreg import CommandFailed, Registry, make_big, make_wheel
from pytest_pyreg.dists.big import CHUNK

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1024**3
FAR = 4 * GIB
INFO = "demo-1.0.dist-info"


def on_disk(path: Path) -> int:
    """Return the bytes that a file takes on the disk; skips where the file system knows no holes."""
    hole = path.with_name("hole")
    with hole.open("wb") as file:
        file.truncate(CHUNK)
    if hole.stat().st_blocks * 512 >= CHUNK:
        pytest.skip("this file system knows no holes")
    return path.stat().st_blocks * 512


@pytest.mark.parametrize("size", [4000, CHUNK + 4000, FAR - 1, FAR, FAR + 3000, 5 * GIB])
def test_it_is_as_large_as_it_should_be_and_costs_nothing(tmp_path: Path, size: int) -> None:
    """To the byte; and a zip file whose directory says so, also past the 4 GiB that need another form of it."""
    path = make_big("demo", "1.0", size=size, folder=tmp_path, requires=["other"])

    assert path.name == "demo-1.0-py3-none-any.whl"
    assert path.stat().st_size == size
    assert on_disk(path) < 2 * 1024 * 1024
    with zipfile.ZipFile(path) as archive:
        parsed = Metadata.from_email(archive.read(f"{INFO}/METADATA"))
        held = sum(info.file_size for info in archive.infolist())
        last = archive.infolist()[-1]
        with archive.open(last) as file:
            assert not file.read(1000).strip(b"\0")
    assert (parsed.name, str(parsed.version)) == ("demo", "1.0")
    assert size - 60_000 < held < size


def test_digests_and_checksums_are_right(tmp_path: Path) -> None:
    """Of every member, those of zeros too: each is read."""
    path = make_big("demo", "1.0", size=CHUNK + 5_000_000, folder=tmp_path)

    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(archive.read(f"{INFO}/RECORD").decode()))}
        assert rows.pop(f"{INFO}/RECORD") == ["", ""]
        assert {*rows, f"{INFO}/RECORD"} == set(archive.namelist())
        for name, (digest, size) in rows.items():
            data = archive.read(name)
            sha256 = urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            assert (digest, size) == (f"sha256={sha256}", str(len(data)))


@pytest.mark.parametrize("base", [10_000, CHUNK - 300])
def test_every_size_can_be_had(tmp_path: Path, base: int) -> None:
    """Also those where a number in RECORD gets one more digit."""
    for size in range(base, base + 300, 7):
        assert make_big("demo", "1.0", size=size, folder=tmp_path).stat().st_size == size


def test_one_that_is_too_small_says_how_small_it_can_be(tmp_path: Path) -> None:
    """A wheel without any content has some bytes."""
    with pytest.raises(ValueError, match=r"no wheel of 100 bytes.*smallest has \d+, try \d+") as caught:
        make_big("demo", "1.0", size=100, folder=tmp_path)

    _, least, better = (int(number) for number in re.findall(r"\d+", str(caught.value)))
    assert make_big("demo", "1.0", size=least, folder=tmp_path).stat().st_size == least
    assert make_big("demo", "1.0", size=better, folder=tmp_path).stat().st_size == better
    with pytest.raises(ValueError, match=f"no wheel of {least - 1} bytes"):
        make_big("demo", "1.0", size=least - 1, folder=tmp_path)


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    """As all that the factory makes."""
    first = make_big("demo", "1.0", size=100_000, folder=tmp_path / "a").read_bytes()

    assert first == make_big("demo", "1.0", size=100_000, folder=tmp_path / "b").read_bytes()
    assert hashlib.sha256(first).hexdigest() == "c4a3bc2be5cf2fe4c763637a180cac968cf10a09e533fd6cd769f7397190a552"


def test_it_takes_no_memory(tmp_path: Path) -> None:
    """Whatever its size."""
    tracemalloc.start()
    try:
        make_big("demo", "1.0", size=5 * GIB, folder=tmp_path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 8 * 1024 * 1024


def test_a_limit_is_met_to_the_byte() -> None:
    """The file that is just as large as it may be is taken, and installed; one byte more is refused."""
    with Registry("gitlab", max_file_bytes=3_000_000, forwarding=False) as registry:
        with pytest.raises(CommandFailed, match=r"413|400"):
            registry.upload(registry.make_big("demo", "1.0", size=3_000_001))
        assert not registry.projects()

        path = registry.make_big("demo", "1.0", size=3_000_000)
        registry.upload(path)
        site = registry.install("demo")

        assert site.distributions() == {"demo": "1.0"}
    assert not path.exists()  # It was the registry's.


def test_it_is_made_of_the_same_keywords(tmp_path: Path) -> None:
    """As a wheel is, and refuses the same."""
    path = make_big("demo", "1.0", size=50_000, folder=tmp_path, summary="Large")
    with zipfile.ZipFile(path) as archive:
        big = archive.read(f"{INFO}/METADATA")

    assert big.rstrip() == make_wheel("demo", "1.0", summary="Large").metadata.rstrip()
    with pytest.raises(ValueError, match="'sumary'"):
        make_big("demo", "1.0", size=50_000, folder=tmp_path, sumary="Large")  # type: ignore[call-arg]
