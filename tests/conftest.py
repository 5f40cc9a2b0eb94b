"""What the tests share."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from pytest_pyreg import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `tests/conformance` run rows that it has not seen."""
    parser.addoption(
        "--cases",
        action="append",
        default=[],
        metavar="FILE",
        help="run the rows of this file, in the format of fixtures/conformance/, instead of those (repeatable)",
    )


@pytest.fixture(name="pytester")
def _pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Run the tests of a test in the order in which it has them, whatever the order of those that are run here."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:randomly")
    return pytester


@pytest.fixture(name="registry")
def _registry() -> Iterator[Registry]:
    """A running registry; named apart from the plugin's own fixture, so that a broken plugin breaks only its tests."""
    with Registry("gitlab@17", forwarding=False) as registry:
        yield registry


SETS = Path(__file__).parent / "clients" / "sets"
"""The clients of the tests with the marker `clients`: each with all that it needs, pinned."""


@pytest.fixture(name="tool", scope="session")
def _tool() -> Callable[[str], str]:
    """Return the path of a client, installed once on this machine; skip the test if it cannot be.

    With `PYREG_CLIENTS=required` in the environment the test fails then.
    """

    def path(name: str) -> str:
        program, trouble = _installed(name)
        if trouble and os.environ.get("PYREG_CLIENTS") == "required":
            pytest.fail(trouble)
        if trouble:
            pytest.skip(trouble)
        return str(program)

    return path


@pytest.fixture(name="wheelhouse", scope="session")
def _wheelhouse() -> Callable[[Path], Path]:
    """Return a folder with the files of a pinned set, fetched once on this machine; skip or fail as for a tool."""

    def folder(pinned: Path) -> Path:
        found, trouble = _fetched(pinned)
        if trouble and os.environ.get("PYREG_CLIENTS") == "required":
            pytest.fail(trouble)
        if trouble:
            pytest.skip(trouble)
        return found

    return folder


@functools.cache
def _installed(name: str) -> tuple[Path, str]:
    """Install a client's set into an environment of its own; return its program, and what went wrong if it did."""

    def fill(folder: Path, pinned: Path) -> bool:
        venv.create(folder, clear=True, with_pip=False)
        return any(_filled(installer, folder, pinned) for installer in ("uv", "pip"))

    folder, trouble = _kept(name, SETS / f"{name}.txt", fill)
    return folder / "bin" / {"build": "pyproject-build"}.get(name, name), trouble


@functools.cache
def _fetched(pinned: Path) -> tuple[Path, str]:
    """Fetch a set's files into a folder; return it, and what went wrong if it did."""

    def fill(folder: Path, pinned: Path) -> bool:
        argv = ["pip", "download", "--no-deps", "--quiet", "--dest", str(folder), "-r", str(pinned)]
        return not subprocess.run([sys.executable, "-m", *argv], check=False, capture_output=True).returncode

    return _kept(f"{pinned.stem}-files", pinned, fill)


def _kept(name: str, pinned: Path, fill: Callable[[Path, Path], bool]) -> tuple[Path, str]:
    """Return a folder for a set that stays from run to run, filled by whoever needs it first, and what went wrong."""
    key = hashlib.sha256(pinned.read_bytes() + f"{sys.version}{sys.base_prefix}".encode()).hexdigest()[:16]
    root = Path(tempfile.gettempdir()) / f"pyreg-clients-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    if root.stat().st_uid != os.getuid():
        return root, f"{root} is somebody else's, so {name} is not installed there"
    folder = root / f"{name}-{key}"
    done = folder / "done"
    with FileLock(folder.with_suffix(".lock")):
        if not done.exists():
            if not fill(folder, pinned):
                return root, f"{name} cannot be installed here: no index that uv and pip are set to has {pinned.name}"
            done.touch()
    return folder, ""


def _filled(installer: str, folder: Path, pinned: Path) -> bool:
    """Install a set into an environment, from the index that the machine's own uv or pip is configured for."""
    python = str(folder / "bin" / "python")
    argv = {
        "uv": ["uv", "pip", "install", "--python", python, "--no-deps", "--quiet", "-r", str(pinned)],
        "pip": ["pip", "--python", python, "install", "--no-deps", "--quiet", "-r", str(pinned)],
    }[installer]
    return not subprocess.run([sys.executable, "-m", *argv], check=False, capture_output=True, timeout=300).returncode
