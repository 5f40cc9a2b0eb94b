"""docs/clients.md: its tests pass, and its table is what the recorded run has shown."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "client_matrix.py"
PAGE = (ROOT / "docs" / "clients.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def matrix(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the tool."""
    return subprocess.run(
        [sys.executable, str(TOOL), *arguments], check=False, capture_output=True, text=True, timeout=60
    )


@pytest.mark.clients
def test_the_first_block_passes(
    pytester: pytest.Pytester, tool: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clients are found where the environment says they are."""
    for name in ("flit", "pdm", "poetry"):
        monkeypatch.setenv(f"PYREG_{name.upper()}", tool(name))
    pytester.makepyfile(BLOCKS[0])

    pytester.runpytest().assert_outcomes(passed=2)


def test_the_second_block_passes(pytester: pytest.Pytester) -> None:
    """It needs what is installed anyhow."""
    pytester.makepyfile(BLOCKS[1])

    pytester.runpytest().assert_outcomes(passed=1)
    assert len(BLOCKS) == 2


def test_the_table_is_what_was_recorded() -> None:
    """Nobody has written into it by hand, nor forgotten to make it anew."""
    assert matrix("--check").returncode == 0


def test_another_table_would_be_seen(tmp_path: Path) -> None:
    """The test above can fail: one cell that says something else is enough."""
    page = tmp_path / "page.md"
    page.write_text(PAGE.replace("| yes |", "| no |", 1))

    assert matrix("--check", "--page", str(page)).returncode == 1


def test_half_a_run_is_no_table(tmp_path: Path) -> None:
    """A run of some cells is refused, and so is one of none."""
    results = tmp_path / "results.xml"
    cell = '<property name="matrix" value="twine 7.0.0 upload gitlab yes" />'
    for shown in ("", cell):
        results.write_text(f"<testsuites>{shown}</testsuites>")
        assert "lacks cells" in matrix(str(results), "--check").stderr


def test_every_special_cell_has_its_note(recorded: dict[str, Any]) -> None:
    """Each link of the table goes to a heading, every client has one, and every red cell a link."""
    headings = set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE))
    table = PAGE.partition("<!-- matrix")[2].partition("<!-- end of matrix -->")[0]

    assert headings == set(recorded)
    assert set(re.findall(r"\(#(\w+)\)", table)) <= headings
    assert "| no |" not in table


def test_the_versions_are_those_of_the_sets(recorded: dict[str, Any]) -> None:
    """The table speaks of the clients that the tests install; a set that was renewed wants a new run."""
    sets = {path.stem: path.read_text().splitlines() for path in (ROOT / "tests" / "clients" / "sets").iterdir()}

    assert sets.keys() == recorded.keys()
    for name, lines in sets.items():
        requirements = [Requirement(line) for line in lines]
        versions = {str(one.specifier) for one in requirements if one.name == name}
        assert f"=={recorded[name]['version']}" in versions
        assert all(re.fullmatch(r"==[^,]+", str(one.specifier)) for one in requirements)


def test_the_record_is_written_as_the_tool_writes_it(recorded: dict[str, Any]) -> None:
    """And so its differences are those of the results."""
    text = (ROOT / "tests" / "clients" / "matrix.json").read_text()

    assert text == json.dumps(recorded, indent=2) + "\n"
