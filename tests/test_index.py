"""The index: order, uniqueness under threads, serials."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest
from packaging.utils import canonicalize_name

from pytest_pyreg import ManualClock, Refusal, Refused
from pytest_pyreg.index import Index
from pytest_pyreg.model import File, Namespace, Upload, Visibility

HERE = Namespace(1, "acme/demo", "demo", Visibility.PRIVATE)
THERE = Namespace(2, "acme/other", "other", Visibility.PRIVATE)
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


def upload(name: str = "demo", version: str = "1.0", filename: str = "demo-1.0.tar.gz", digest: str = "aa") -> Upload:
    """Return an upload whose announced digest is its real one."""
    return Upload(name, version, filename, digest, 1, {"sha256": digest}, {"requires_python": filename})


def add(index: Index, what: Upload, where: Namespace = HERE) -> File:
    """Store an upload."""
    return index.add(where, what, at=NOON, by="a test")


def test_a_second_file_of_the_name_is_refused() -> None:
    """The file name is unique within its release; nothing else has to be."""
    index = Index()
    add(index, upload())

    with pytest.raises(Refused) as caught:
        add(index, upload(digest="bb"))
    add(index, upload(version="1.1"))
    add(index, upload(name="Demo"))
    add(index, upload(), THERE)

    assert caught.value.refusal is Refusal.FILE_EXISTS
    page = index.page([HERE], canonicalize_name("demo"))
    assert page is not None
    assert [(release.name, release.version, len(release.files)) for release in page.releases] == [
        ("demo", "1.0", 1),
        ("demo", "1.1", 1),
        ("Demo", "1.0", 1),
    ]


def test_the_last_metadata_of_a_release_is_kept() -> None:
    """A second file of a release replaces the release's metadata, and keeps the first file."""
    index = Index()
    add(index, upload(filename="first"))
    add(index, upload(filename="second"))

    (release,) = index.releases([HERE])

    assert release.metadata == {"requires_python": "second"}
    assert [file.filename for file in release.files] == ["first", "second"]


def test_releases_come_in_the_order_of_their_arrival() -> None:
    """Nothing is sorted by name or version."""
    index = Index()
    for name, version in (("zoo", "2"), ("ape", "1"), ("zoo", "1")):
        add(index, upload(name, version, f"{name}-{version}"))

    assert [(release.name, release.version) for release in index.releases([HERE])] == [
        ("zoo", "2"),
        ("ape", "1"),
        ("zoo", "1"),
    ]


def test_a_serial_grows_with_its_project_alone() -> None:
    """A page kept for one project outlives an upload to another; the namespace's list does not."""
    index = Index()
    demo, other = canonicalize_name("demo"), canonicalize_name("other")
    add(index, upload())
    before = index.serial(HERE, demo), index.serial(HERE)

    add(index, upload("other"))

    assert index.serial(HERE, demo) == before[0]
    assert index.serial(HERE) > before[1]
    assert index.serial(HERE, other)
    assert not index.serial(THERE)
    assert not index.serial(HERE, canonicalize_name("absent"))
    assert index.page([THERE], demo) is None
    assert index.releases([THERE]) == ()


def test_a_file_is_found_by_its_name_and_announced_digest() -> None:
    """Both must fit, to the letter; of several the newest is meant."""
    index = Index()
    add(index, upload(digest="aa"))
    newest = add(index, upload(version="1.1", digest="aa"))

    found = index.find([HERE], "demo-1.0.tar.gz", "aa")

    assert found is not None
    assert found.file == newest
    assert index.find([HERE], "demo-1.0.tar.gz", "AA") is None
    assert index.find([HERE], "demo-1.1.tar.gz", "aa") is None
    assert index.find([THERE], "demo-1.0.tar.gz", "aa") is None


def test_of_many_uploads_at_once_one_is_stored() -> None:
    """The check and the change are one: no two threads get the same file in."""
    index, barrier = Index(), threading.Barrier(16)
    outcomes: list[File | Refusal] = []

    def race() -> None:
        barrier.wait()
        try:
            outcomes.append(add(index, upload()))
        except Refused as refused:
            outcomes.append(refused.refusal)

    threads = [threading.Thread(target=race) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count(Refusal.FILE_EXISTS) == 15
    assert len(index.releases([HERE])[0].files) == 1


def test_a_manual_clock_stands_still_until_it_is_advanced() -> None:
    """Times in tests are equal when they should be."""
    clock = ManualClock(NOON)

    assert clock.now() == clock.now() == NOON
    clock.advance(days=1, seconds=1)
    assert clock.now() - NOON == timedelta(days=1, seconds=1)
    with pytest.raises(ValueError, match="aware"):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake itself.
