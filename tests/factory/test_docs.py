"""What docs/factory.md shows is executed, and what it says in figures is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pytest_pyreg.misfits import NAMES

# What a run within this process imports first, the next one would import once more, and know its classes no longer.
import pytest_pyreg.products  # noqa: F401, isort: skip

PAGE = (Path(__file__).parents[2] / "docs" / "factory.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", [code for _, code in BLOCKS], ids=lambda code: re.findall(r"def (\w+)", code)[0])
def test_the_tests_of_the_page_pass(pytester: pytest.Pytester, code: str) -> None:
    """Each block is a test file."""
    pytester.makepyfile(code)

    pytester.runpytest().assert_outcomes(passed=code.count("def test"))


def test_nothing_else_is_shown() -> None:
    """That nobody would run."""
    assert {language for language, _ in BLOCKS} == {"python"}
    assert len(BLOCKS) == 5


def test_every_keyword_is_named() -> None:
    """Those that are more than a field."""
    assert all(f"`{name}" in PAGE for name in ("extras", "scripts", "entry_points", "packages", "files", "data"))


def test_what_is_said_of_the_products() -> None:
    """Is what the verdicts say."""
    rows = json.loads(Path(__file__).with_name("verdicts.json").read_text())["rows"]
    refused = {name: {row["misfit"] for row in rows if row[name][0] >= 400} for name in ("gitlab", "gitea", "forgejo")}

    assert set(map(frozenset, refused.values())) == {frozenset({"invalid version"})}
    assert {row["misfit"] for row in rows if row["pypi"][0] == 200} == {
        *("bad record", "file not in record", "file only in record", "two dist infos"),
        *("path traversal", "absolute path", "sdist path traversal"),
    }
    assert 0.3 < sum(bool(row["twine"]) for row in rows) / len(NAMES) < 0.4
