"""What docs/log.md shows is executed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_pyreg import Registry

PAGE = (Path(__file__).parents[2] / "docs" / "log.md").read_text()
BLOCKS = dict(re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


def test_the_tests_of_the_page_pass(pytester: pytest.Pytester) -> None:
    """As they stand there."""
    pytester.makepyfile(BLOCKS["python"])

    pytester.runpytest(*BLOCKS["sh"].split()[1:]).assert_outcomes(passed=BLOCKS["python"].count("def test"))


def test_the_message_of_the_page_is_what_is_said(registry: Registry) -> None:
    """To the letter."""
    registry.upload(*registry.make_dists("demo", "1.0"))

    with pytest.raises(AssertionError) as caught:
        registry.log.assert_uploaded("demo-1.1.tar.gz", by=registry.publisher, times=1)

    assert f"AssertionError: {caught.value}\n".startswith(BLOCKS["text"])


def test_every_assertion_is_in_the_table(registry: Registry) -> None:
    """Of the log and of the registry."""
    names = [name for thing in (registry.log, registry) for name in dir(thing) if name.startswith("assert_")]

    assert len(names) >= 9
    assert [name for name in names if f"`{name}" not in PAGE and f"registry.{name}" not in PAGE] == []
