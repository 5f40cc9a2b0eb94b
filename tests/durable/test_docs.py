"""What docs/serve.md shows is executed; on this machine alone, and on ports that are free."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from pytest_pyreg import Registry
from pytest_pyreg.cli import main
from tests.durable.test_serve import free_port, serving

PAGE = (Path(__file__).parents[2] / "docs" / "serve.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
SHELL = [code.strip() for language, code in BLOCKS if language == "sh"]


def test_the_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands."""
    monkeypatch.chdir(tmp_path)
    assert len(PYTHON) + len(SHELL) == len(BLOCKS)
    assert len(PYTHON) == 1

    exec(compile(PYTHON[0], "docs/serve.md", "exec"), {})  # noqa: S102 - it is ours.

    assert {file.name for file in (tmp_path / "registry").iterdir()} == {"registry.db", "files"}


@pytest.mark.parametrize("line", SHELL)
def test_the_commands_run(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the port, and the interface, which is not everybody's here."""
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line.replace("8080", free_port()).replace("--host 0.0.0.0", "--host 127.0.0.1"))
    public = words[0].startswith("PYREG_")
    if public:
        monkeypatch.setenv("PYREG_PUBLISHER_SECRET", "a-secret-of-yours")
    command = words[words.index("pyreg") + 1 :]
    assert command[0] == "serve"

    with serving(*command[1:]) as served:
        assert served.as_("publisher")[1]
        assert served["url"].startswith("http://pyreg:" if public else "http://127.0.0.1:")


def test_the_options_are_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, and no others."""
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    there = set(re.findall(r"^ +(--[a-z]+)", capsys.readouterr().out, re.MULTILINE))
    assert len(there) > 5
    table = PAGE.partition("| option |")[2].partition("\n\n")[0]

    assert set(re.findall(r"--[a-z]+", table)) >= there
    assert set(re.findall(r"`(--[a-z]+)[ `]", table)) <= there


def test_the_folder_is_the_registrys_option(tmp_path: Path) -> None:
    """As the page says of Python."""
    with Registry("pep503", data=tmp_path / "registry") as registry:
        registry.add(registry.make_wheel("demo", "1.0"))
        registry.save()
