"""What docs/rehearse.md shows is executed."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.cli import main

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rehearse.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def block(language: str, number: int = 0) -> str:
    """Return a block of the page."""
    return str([code for kind, code in BLOCKS if kind == language][number])


def fields(where: str) -> set[str]:
    """Return the fields that the page names there."""
    (row,) = re.findall(rf"^\| {re.escape(where)} \| (.*) \|$", PAGE, re.MULTILINE)
    return set(re.findall(r"`([^`]+)`", re.sub(r"\([^)]*\)", "", row)))


def test_every_block_is_executed() -> None:
    """By the tests below."""
    assert [language for language, _ in BLOCKS] == ["python", "sh", "text", "sh"]


def test_check_says_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """To the letter; and its JSON has the fields that the page lists."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "118")
    exec(block("python"), {})  # noqa: S102 - what is shown is what is run.
    command = shlex.split(block("sh"))

    assert main(command[1:]) == 1
    assert capsys.readouterr().out == block("text")

    main([*command[1:], "--json", "-"])
    report = json.loads(capsys.readouterr().out)
    assert report.keys() == fields("both") | fields("a check")
    assert report["results"][1].keys() == fields("one of `results`") - {"results"}
    assert report["results"][1]["objections"][0].keys() == fields("one of `objections`") - {"objections"}


def test_rehearse_writes_what_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command as it stands there, in a project."""
    project = shutil.copytree(ROOT / "fixtures" / "projects" / "hatchling", tmp_path / "project")
    monkeypatch.chdir(project)

    assert main(shlex.split(block("sh", 1))[1:]) == 0

    capsys.readouterr()
    report = json.loads(Path("rehearsal.json").read_text())
    assert report.keys() == fields("both") | fields("a rehearsal")
    assert report["files"][0].keys() == {"name", "size"}
    flavour = report["flavours"][0]
    assert flavour.keys() == fields("one of `flavours`") - {"flavours"}
    act = next(act for act in flavour["acts"] if act["requests"])
    assert act.keys() == fields("one of `acts`") - {"acts"}
    assert act["requests"][0].keys() == fields("one of `requests`") - {"requests"}
    acts = re.findall(r"^\| ([a-z ]+) \| .* \| .* \|$", PAGE.split("## rehearse")[1].split("## As")[0], re.MULTILINE)
    assert acts[1:] == [act["act"] for act in flavour["acts"]]
    assert Path("rehearsal.html").read_text().startswith("<!DOCTYPE html>")
