"""The section of a failed test's report, as a person reads it in a CI log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import Registry
from pytest_pyreg.telling import ENDS, REFUSED, WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(name="plain")
def _plain() -> Iterator[Registry]:
    """A registry whose pages anybody may ask for."""
    with Registry("pypi") as registry:
        registry.add(registry.make_wheel("demo", "1.0"))
        yield registry


def ask(registry: Registry, *projects: str) -> None:
    """Ask for pages."""
    with requests.Session() as session:
        for project in projects:
            session.get(f"{registry.index_url}/{project}/", timeout=10)


def test_nothing_came(plain: Registry) -> None:
    """That is said."""
    assert plain.report().endswith(": requests: 0\nno request came")


def test_refused_requests_are_marked_and_explained(plain: Registry) -> None:
    """The others are not."""
    ask(plain, "demo", "absent")

    title, granted, refused, why = plain.report().splitlines()

    assert title.endswith(": requests: 2, refused: 1")
    assert granted.startswith("    1 GET /simple/demo/ -> 200 OK")
    assert refused.startswith("!   2 GET /simple/absent/ -> 404 Not Found")
    assert why.startswith("        because ")


def test_the_same_again_is_one_line(plain: Registry) -> None:
    """With how often; something else between begins a new one."""
    ask(plain, *["demo"] * 4, "absent", "demo")

    lines = plain.report().splitlines()[1:]

    assert lines[0].endswith("(4 times in a row)")
    assert [line.split()[0] for line in lines] == ["1", "!", "because", "6"]


def test_a_long_list_shows_its_ends_and_what_was_refused(plain: Registry) -> None:
    """And says how many are left out, and of what kind."""
    for number in range(40):
        ask(plain, "demo", f"absent-{number}")

    report = plain.report()

    numbers = [int(line.replace("!", " ").split()[0]) for line in report.splitlines()[1:] if line[5:9] == " GET"]
    assert numbers[:ENDS] == list(range(1, ENDS + 1))
    assert numbers[-ENDS:] == list(range(81 - ENDS, 81))
    assert len(numbers) == 2 * ENDS + REFUSED
    assert "     ... left out here: 40 (25 project page, 15 refused project page); registry.log has them all" in report


def test_lines_stay_within_a_width(plain: Registry) -> None:
    """Long addresses are shortened in the middle, digests at their end; nothing reaches the terminal but text."""
    ask(plain, f"{'x' * 300}%1b[31m", f"{'0123456789abcdef' * 4}")
    plain.install("demo")

    report = plain.report()

    assert max(map(len, (line for line in report.splitlines() if "because" not in line))) <= WIDTH
    assert "xxx..." in report
    assert "demo-1.0-py3-none-any.whl -> 200 OK" in report
    assert "01234567.." in report
    assert report.replace("\n", "").isprintable()


def test_a_short_log_says_what_it_forgot() -> None:
    """The newest are kept."""
    with Registry("pypi", log_length=2) as registry:
        ask(registry, "a", "b", "c")

        assert "requests: 3, refused: 2 (the first 1 are not kept)" in registry.report()


def test_upstream_stands_beside() -> None:
    """If anything came there."""
    with Registry("gitlab@17") as registry:
        registry.upstream.add(registry.make_wheel("other", "1.0"))
        assert "upstream" not in registry.report()
        registry.install("other")

        assert "\nupstream: pypi@" in registry.report()


def test_a_failing_teardown_shows_the_requests(pytester: pytest.Pytester) -> None:
    """Though the registry has stopped by then."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def late(pyreg):
            yield
            pyreg.install("absent")

        def test_it(late): pass
        """
    )

    result = pytester.runpytest()

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*- pyreg -*", "!   1 GET */simple/absent/ -> *"])
