"""What docs/faults.md shows is executed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pypi.installed import OF_TODAY

PAGE = (Path(__file__).parents[2] / "docs" / "faults.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CODE = [code for language, code in BLOCKS if language == "python"]


@OF_TODAY
@pytest.mark.parametrize("number", range(len(CODE)))
def test_the_tests_of_the_page_pass(pytester: pytest.Pytester, number: int) -> None:
    """Each block is a test file."""
    pytester.makepyfile(CODE[number])

    result = pytester.runpytest()

    twice = CODE[number].count('("client", ["pip", "uv"])')
    result.assert_outcomes(passed=CODE[number].count("def test") + twice)


def test_the_message_of_the_page(pytester: pytest.Pytester) -> None:
    """Word for word."""
    (message,) = (text for language, text in BLOCKS if language == "text")
    pytester.makepyfile(
        """
        def test_it(pyreg):
            pyreg.faults.on("upload", nth=2).reply(503)
            pyreg.upload(pyreg.make_wheel("demo", "1.0"))
        """
    )

    result = pytester.runpytest()

    result.assert_outcomes(failed=1)
    assert message in result.stdout.str()
