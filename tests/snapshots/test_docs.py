"""What docs/snapshots.md and docs/environments.md show is executed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str) -> list[str]:
    """Return a page's code."""
    return re.findall(r"^```python\n(.*?)^```", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)


def test_seeded_once(pytester: pytest.Pytester) -> None:
    """The conftest and the tests, in that order and in the other."""
    conftest, tests = blocks("snapshots.md")
    pytester.makeconftest(conftest)
    pytester.makepyfile(tests)
    names = re.findall(r"def (test_\w+)", tests)

    pytester.runpytest("-p", "no:randomly").assert_outcomes(passed=3)
    (file,) = pytester.path.glob("test_*.py")
    pytester.runpytest(*(f"{file.name}::{name}" for name in names[::-1])).assert_outcomes(passed=3)


def test_without_the_restore_it_fails(pytester: pytest.Pytester) -> None:
    """The test above can fail."""
    conftest, tests = blocks("snapshots.md")
    pytester.makeconftest(conftest.replace("registry.restore(snapshot)", "pass"))
    pytester.makepyfile(tests)

    pytester.runpytest("-p", "no:randomly").assert_outcomes(passed=1, failed=2)


def test_environments(pytester: pytest.Pytester) -> None:
    """Every test of the page; the one that needs another Python may find none."""
    (tests,) = blocks("environments.md")
    pytester.makepyfile(tests)

    outcomes = pytester.runpytest().parseoutcomes()

    assert outcomes.get("passed", 0) + outcomes.get("skipped", 0) == 4
    assert outcomes.get("passed", 0) >= 3
