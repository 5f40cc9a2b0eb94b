"""`pyreg completion`, in the shells themselves: keys are pressed, and what stands on the line then is read.

bash and zsh get a terminal, so that it is their own way of taking a line apart which is tested; fish tells what it
would complete.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg.cli import command, completion, main
from pytest_pyreg.flavours import lineages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

pty = pytest.importorskip("pty")

TASKS = set(command.TASKS)
FLAVOURS = {
    name for product, lineage in lineages.items() for name in (product, *(each.name for each in lineage.flavours()))
}
TAB, EVERY = "\t", "\x1b*"
"""Complete as far as it is clear; put in all that is possible, which bash alone has."""
START = {
    "bash": "bind 'set enable-bracketed-paste off'; source bash/pyreg\n",
    # It removes the slash behind a folder when the next key is no part of it.
    "zsh": "unsetopt auto_remove_slash; bindkey -e; fpath=($PWD/zsh $fpath); autoload -U compinit; compinit -u -D\n",
}
FILES = {"bash": "pyreg", "zsh": "_pyreg", "fish": "pyreg.fish"}
"""As each shell finds it."""
COMMAND = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}
COMPLETED = [
    ("pyreg serv", "serve"),
    ("pyreg flavours --js", "--json"),
    ("pyreg serve gitlab@17.1", "gitlab@17.1"),  # 17.10 and 17.11.
    ("pyreg serve gitlab@18.1", "gitlab@18.10"),
    ("pyreg serve gite", "gitea"),
    ("pyreg exec forgejo@14.0.4", "forgejo@14.0.4"),
    ("pyreg check --flavour pypi@2022.8", "pypi@2022.8.30"),
    ("pyreg serve --world wor", "world.toml"),
    ("pyreg rehearse --html re", "report.html"),
    ("pyreg check dist/de", "dist/demo-1.0.tar.gz"),
    ("pyreg rehearse pro", "project/"),
    ("pyreg completion fi", "fish"),
]
"""What is typed, and what its last word is after the key."""
AS_BASH_HAS_IT = [
    ("pyreg check --flavour=pypi@2022.8", "--flavour=pypi@2022.8.30"),
    ("pyreg check --flavour=gite", "--flavour=gitea"),
    ("pyreg check --json report.html --flavour pypi@2022.8", "pypi@2022.8.30"),
]


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files to complete, and the scripts."""
    folder = tmp_path_factory.mktemp("shells")
    for name in ("world.toml", "report.html", "dist/demo-1.0.tar.gz", "dist/notes.txt", "project/pyproject.toml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    for shell in completion.SHELLS:
        printed = subprocess.run(
            [sys.executable, "-m", "pytest_pyreg", "completion", shell], capture_output=True, text=True, check=True
        )
        assert printed.stderr == ""
        (folder / shell).mkdir()
        (folder / shell / FILES[shell]).write_text(printed.stdout)
    return folder


class Terminal:
    """A shell in a terminal, which is typed into."""

    def __init__(self, shell: str, folder: Path) -> None:
        self._ours, theirs = pty.openpty()
        env = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb", "PS1": "> ", "LC_ALL": "C"}
        try:
            self.process = subprocess.Popen(
                COMMAND[shell], cwd=folder, env=env, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
            )
        finally:
            os.close(theirs)
        self.run(START[shell])

    def run(self, keys: str) -> str:
        """Press keys that end in a line; return what is seen until that line is done."""
        # The word is typed in two parts, so that its echo is not taken for it.
        os.write(self._ours, f"{keys}echo DO''NE\n".encode())
        seen = ""
        while "\nDONE" not in seen.replace("\r", ""):
            seen += os.read(self._ours, 4096).decode(errors="replace")
        return seen.replace("\r", "")

    def words(self, line: str, key: str) -> list[str]:
        """Type a line, press a key, and return the words of the line as they are then."""
        begin, end = "\x01", "\x05"  # Ctrl-A and Ctrl-E: to the line's begin and end.
        seen = self.run(f"{line}{key}{begin}printf '<%s>\\n' {end}\n")
        return [shown[1:-1] for shown in seen.splitlines() if shown.startswith("<") and shown.endswith(">")]

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


@contextmanager
def terminal(shell: str, folder: Path) -> Iterator[Terminal]:
    """Run a shell until the block ends."""
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    opened = Terminal(shell, folder)
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_key_completes(shell: str, folder: Path) -> None:
    """Tasks, options, flavours with their versions, files, folders, distributions."""
    rows = COMPLETED + (AS_BASH_HAS_IT if shell == "bash" else [])
    with terminal(shell, folder) as opened:
        found = {line: opened.words(line, TAB) for line, _ in rows}

    assert found == {line: [*line.split()[:-1], word] for line, word in rows}


def test_bash_has_all_of_them(folder: Path) -> None:
    """Each task, each flavour, each option, and of files those that it can be."""
    with terminal("bash", folder) as opened:
        tasks = opened.words("pyreg ", EVERY)
        flavours = opened.words("pyreg serve ", EVERY)
        versions = opened.words("pyreg serve gitlab@", EVERY)
        options = opened.words("pyreg check --", EVERY)
        dists = opened.words("pyreg check dist/", EVERY)

    assert set(tasks[1:]) == TASKS
    assert set(flavours[2:]) == FLAVOURS
    # As bash puts them in: the first has what was typed before the sign.
    assert {"gitlab@" + word.rpartition("@")[2] for word in versions[2:]} == {
        one for one in FLAVOURS if "gitlab@" in one
    }
    assert set(options[2:]) == {"--help", "--flavour", "--json"}
    assert dists[2:] == ["dist/demo-1.0.tar.gz"]


def test_without_the_script_nothing_is_completed(folder: Path) -> None:
    """The twin of the above: it is the script that does it."""
    with terminal("bash", folder) as opened:
        opened.run("complete -r pyreg\n")
        assert opened.words("pyreg serv", TAB) == ["pyreg", "serv"]
        assert opened.words("pyreg serve gitlab@18.1", TAB)[-1] == "gitlab@18.1"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pyreg ", TASKS),
        ("pyreg serve gitlab@18", {"gitlab@18.0", "gitlab@18.10"}),
        ("pyreg check --flavour pypi@2022", {"pypi@2022.6", "pypi@2022.6.25", "pypi@2022.8.30"}),
        ("pyreg serve --wor", {"--world"}),
        ("pyreg serve --world wor", {"world.toml"}),
        ("pyreg check dist/demo", {"dist/demo-1.0.tar.gz"}),
        ("pyreg rehearse pro", {"project/"}),
        ("pyreg completion ", set(completion.SHELLS)),
    ],
)
def test_fish_completes(line: str, words: set[str], folder: Path) -> None:
    """What its own command for that says."""
    if shutil.which("fish") is None:
        pytest.skip("there is no fish here")
    asked = f"source fish/pyreg.fish; complete -C '{line}'"
    env: Mapping[str, str] = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb"}

    told = subprocess.run(["fish", "-N", "-c", asked], cwd=folder, env=env, capture_output=True, text=True, check=True)

    assert {one.partition("\t")[0] for one in told.stdout.splitlines()} == words


def test_every_value_that_can_be_completed_is() -> None:
    """An argument whose name says that it is a flavour, a file or a folder has a kind."""
    arguments = list(completion._arguments(command.parser()))
    names = {str(action.metavar or action.dest) for action in arguments if action.help != "==SUPPRESS=="}
    telling = ("FILE", "DIR", "FOLDER", "PATH", "DIST", "FLAVOUR")
    asked = {name for name in names if any(part in name.upper().replace("|", "_").split("_") for part in telling)}

    assert len(asked) >= 6
    assert {name for name in asked if name.lower() not in completion.KINDS} == set()


def test_who_has_no_shtab_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With what to install, or to update; the command itself works without."""
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    assert capsys.readouterr() == (
        "",
        "pyreg: completion needs shtab, which is not installed; pip install 'pytest-pyreg[completion]'\n",
    )
    assert main(["flavours", "pep503"]) == 0

    monkeypatch.undo()
    monkeypatch.setattr("shtab.__version__", "1.9.3")
    capsys.readouterr()
    assert main(["completion", "fish"]) == 2
    said = f"needs shtab {completion.OLDEST}, and 1.9.3 is here; pip install --upgrade 'pytest-pyreg[completion]'"
    assert said in capsys.readouterr().err
    assert f"shtab>={completion.OLDEST}; extra == 'completion'" in (metadata.requires("pytest-pyreg") or [])


def test_shtab_is_loaded_only_when_used() -> None:
    """Like all that costs time."""
    code = (
        "import sys; from pytest_pyreg.cli import main; main(['flavours', 'pep503']); sys.exit('shtab' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
