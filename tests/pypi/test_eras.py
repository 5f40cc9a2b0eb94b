"""What the public index asked at one time and not before: every rule that came later has a day on which it begins."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import CommandFailed, ManualClock, Registry, lookup, make_sdist, make_wheel
from pytest_pyreg.flavours.pypi import PyPIWorld, features
from pytest_pyreg.flavours.pypi.eras import LATER
from pytest_pyreg.flavours.pypi.words import BEFORE, RULES

if TYPE_CHECKING:
    from pathlib import Path


def test_every_late_rule_begins_some_day() -> None:
    """It is a rule, it is off at first, and today none is off."""
    first, last = lookup("pypi@2022.6").features, lookup("pypi").features

    assert LATER
    for feature in LATER:
        assert feature.removeprefix(features.RULE) in RULES
        assert not first[feature]
        assert last[feature]
    assert all(before.feature in first for several in BEFORE.values() for before in several)


def _odd(path: Path, change: str) -> Path:
    """Write a wheel with something odd in it."""
    good = make_wheel("demo", "1.0")
    target = path / good.name
    with zipfile.ZipFile(io.BytesIO(good.data)) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            if change == "no RECORD" and info.filename.endswith("RECORD"):
                continue
            new.writestr(info, old.read(info))
        if change == "entry points":
            new.writestr("demo-1.0.dist-info/entry_points.txt", "[console_scripts]\na b = demo:main\n")
    if change == "trailing":
        target.write_bytes(target.read_bytes() + b"more")
    return target


@pytest.mark.parametrize(
    ("change", "before", "since", "words"),
    [
        ("no RECORD", "2025.8.6", "2025.8.7", "does not contain the required RECORD file"),
        ("trailing", "2025.8.6", "2025.8.7", "ZIP archive not accepted: Trailing data"),
        ("entry points", "2026.5.17", "2026.5.18", "has invalid entry points"),
    ],
)
def test_a_wheel_that_was_good_once(tmp_path: Path, change: str, before: str, since: str, words: str) -> None:
    """It is taken on the day before, and refused from then on."""
    odd = _odd(tmp_path, change)
    with Registry(f"pypi@{before}") as registry:
        registry.upload(odd)
        assert registry.files("demo") == {odd.name}
    with Registry(f"pypi@{since}") as registry:
        with pytest.raises(CommandFailed):
            registry.upload(odd)
        (refused,) = registry.log.uploads()
        assert words in refused.why
        assert registry.files("demo") == set()


def test_sdists_were_called_as_people_liked(tmp_path: Path) -> None:
    """The name and its separators are those of the project since PEP 625 is enforced."""
    good = make_sdist("my-demo", "1.0")
    odd = tmp_path / "my-demo-1.0.tar.gz"
    odd.write_bytes(good.data)
    with Registry("pypi@2025.10.22") as registry:
        registry.upload(odd)
        assert registry.files("my-demo") == {odd.name}
    with Registry("pypi@2025.10.23") as registry:
        with pytest.raises(CommandFailed):
            registry.upload(odd)
        assert "is invalid, should be 'my_demo-1.0.tar.gz'" in registry.log.uploads()[0].why


@pytest.mark.parametrize(("flavour", "closed"), [("pypi@2026.7.9", False), ("pypi@2026.7.10", True)])
def test_releases_close(flavour: str, closed: bool) -> None:
    """After fourteen days, since July 2026."""
    clock = ManualClock(datetime(2026, 7, 10, tzinfo=timezone.utc))
    with Registry(flavour, clock=clock) as registry:
        registry.upload(make_sdist("demo", "1.0"))
        clock.advance(days=15)
        if closed:
            with pytest.raises(CommandFailed):
                registry.upload(make_wheel("demo", "1.0"))
            assert registry.log.uploads()[-1].why.startswith("Uploading new files to releases older than 14 days")
        else:
            registry.upload(make_wheel("demo", "1.0"))


@pytest.mark.parametrize(("flavour", "times"), [("pypi@2026.8.9", 2), ("pypi@2026.8.10", 4)])
def test_caveats_are_named_twice(flavour: str, times: int) -> None:
    """A token of another project has two caveats that fail, each named once until August 2026."""
    with Registry(flavour) as registry:
        registry.add(make_wheel("demo", "1.0"))
        assert isinstance(registry.world, PyPIWorld)
        token = registry.world.user("publisher").api_token(registry.world.project("other"))
        with pytest.raises(CommandFailed):
            registry.upload(make_wheel("demo", "2.0"), credential=token)
        assert registry.log.uploads()[-1].why.count("is not valid for project: 'demo'") == times


@pytest.mark.parametrize(
    ("day", "status", "words"),
    [
        ("2026.4.21", 400, "User 'reader' does not have a verified primary email address. Please add"),
        ("2026.4.28", 403, "User 'reader' does not have a verified primary email address. Please add"),
        ("2026.4.29", 403, "User 'reader', associated with the API token used, does not have a verified primary email"),
    ],
)
def test_words_about_accounts(day: str, status: int, words: str) -> None:
    """Status and words changed within a week, in two steps."""
    with Registry(f"pypi@{day}") as registry:
        with pytest.raises(CommandFailed):
            registry.upload(make_wheel("demo", "1.0"), credential=registry.reader)
        refused = registry.log.uploads()[-1]
        assert (refused.status, refused.why[: len(words)]) == (status, words)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2024.8.14", "File already exists. See "),
        ("2024.8.15", "File already exists ('demo-1.0-py3-none-any.whl', with blake2_256 hash '"),
    ],
)
def test_words_about_duplicates(day: str, words: str) -> None:
    """The name and the digest are told since August 2024."""
    with Registry(f"pypi@{day}") as registry:
        registry.upload(make_wheel("demo", "1.0"))
        with pytest.raises(CommandFailed):
            registry.upload(make_wheel("demo", "1.0", files={"demo.py": "other = 1"}))
        assert registry.log.uploads()[-1].why.startswith(words)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2025.10.22", "This filename has already been used, use"),
        ("2025.10.23", "This filename was previously used by a"),
    ],
)
def test_words_about_burned_names(day: str, words: str) -> None:
    """They changed with the enforcement of PEP 625."""
    with Registry(f"pypi@{day}") as registry:
        registry.upload(make_wheel("demo", "1.0"))
        registry.delete("demo", "1.0")
        with pytest.raises(CommandFailed):
            registry.upload(make_wheel("demo", "1.0"))
        assert registry.log.uploads()[-1].why.startswith(words)
