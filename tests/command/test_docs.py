"""docs/command.md is what help says, and what it shows in a shell is run there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "command.md").read_text()
SHOWN = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
PLACES = (
    ".local/share/bash-completion/completions/pyreg",
    ".zfunc/_pyreg",
    ".config/fish/completions/pyreg.fish",
)


def test_the_page_is_what_help_says(tmp_path: Path) -> None:
    """As `tools/command_page.py` makes it; another one is told."""
    tool = ROOT / "tools" / "command_page.py"
    copy = tmp_path / "tools" / tool.name
    copy.parent.mkdir()
    copy.write_text(tool.read_text())
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "command.md").write_text(PAGE.replace("pyreg check -", "pyreg czech -"))

    same = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, check=False)
    other = subprocess.run([sys.executable, copy, "--check"], capture_output=True, text=True, check=False)
    subprocess.run([sys.executable, copy], check=True)

    assert (same.returncode, same.stderr) == (0, "")
    assert (other.returncode, other.stderr[:15]) == (1, "docs/command.md")
    assert (tmp_path / "docs" / "command.md").read_text() == PAGE


@pytest.mark.parametrize("number", range(len(PLACES)))
def test_what_is_shown_puts_a_script_where_the_shell_looks(number: int, tmp_path: Path) -> None:
    """The first block installs the extra, which is here already."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    assert len(SHOWN) == 1 + len(PLACES)
    subprocess.run(["sh", "-ec", SHOWN[1 + number]], env={"PATH": path, "HOME": str(tmp_path)}, check=True)

    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert made == [tmp_path / PLACES[number]]
    assert "shtab" in made[0].read_text()
