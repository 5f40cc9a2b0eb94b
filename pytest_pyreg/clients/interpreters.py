"""Which Pythons are on this machine: the one that runs us, and others by version or path."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER_SECONDS = 30
_TELL = "import sys; print('%d.%d.%d' % sys.version_info[:3]); print(sys.executable)"
_VERSION = re.compile(r"3\.\d+")
_NAMED = re.compile(r"python(3\.\d+)(?:\.exe)?")


class Interpreter(NamedTuple):
    """A Python."""

    path: Path
    version: str
    """Such as `3.12.1`."""


def find(python: str | os.PathLike[str] | None) -> Interpreter:
    """Find a Python.

    Args:
        python: a version, such as `3.11`: `python3.11` on PATH, or one of pyenv's; or the path of an interpreter; the
            one that runs us if None.

    Raises:
        LookupError: there is none; the message has what there is.
        TypeError: it is no text and no path, such as the number 3.11, which may be meant as any of two.
    """
    if python is not None and not isinstance(python, (str, os.PathLike)):
        raise TypeError(f'a Python is its version, "3.11", a text, or the path of an interpreter, not {python!r}')
    if python is None:
        return Interpreter(Path(sys.executable), ".".join(map(str, sys.version_info[:3])))
    text = os.fspath(python)
    if isinstance(python, str) and _VERSION.fullmatch(text):
        for candidate in _called(text):
            found = told(candidate)
            if found is not None and found.version.startswith(f"{text}."):
                return found
        raise LookupError(f"there is no Python {text} on this machine's PATH or in pyenv; there are: {_known()}")
    found = told(Path(text).absolute()) if Path(text).exists() else None
    if found is None:
        raise LookupError(
            f"{text!r} is no Python that runs; give a version, such as '3.11', or the path of an interpreter; "
            f"there are: {_known()}"
        )
    return found


@lru_cache(maxsize=64)
def told(path: Path) -> Interpreter | None:
    """Ask an interpreter what it is; None if it does not answer, such as pyenv's stand-in for a Python that is off."""
    try:
        answer = subprocess.run(
            [path, "-I", "-c", _TELL], capture_output=True, text=True, timeout=ANSWER_SECONDS, check=True
        ).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        return None
    return Interpreter(Path(answer[1]), answer[0]) if len(answer) == 2 else None  # noqa: PLR2004 - what was asked.


def _called(version: str) -> Iterator[Path]:
    """Yield what may be a Python of that version."""
    on_path = shutil.which(f"python{version}")
    if on_path is not None:
        yield Path(on_path)
    for folder in _pyenv():
        if folder.name == version or folder.name.startswith(f"{version}."):
            yield folder / ("python.exe" if os.name == "nt" else f"bin/python{version}")


def _pyenv() -> list[Path]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return sorted((root / "versions").glob("3.*"), key=lambda path: [int(n) for n in re.findall(r"\d+", path.name)])


def _known() -> str:
    """Return the versions that were found, by their names alone."""
    found = {f"{sys.version_info.major}.{sys.version_info.minor}"}
    for folder in os.get_exec_path():
        if Path(folder).is_dir():
            found |= {match[1] for file in Path(folder).iterdir() if (match := _NAMED.fullmatch(file.name))}
    found |= {match[0] for folder in _pyenv() if (match := _VERSION.match(folder.name))}
    return ", ".join(sorted(found, key=lambda version: int(version.partition(".")[2])))
