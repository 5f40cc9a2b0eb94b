"""A project's distributions, built once the way its author does: real `python -m build`, into a folder of ours.

With isolation the build requirements come from wherever the caller's own pip gets them: the one part of a rehearsal
that may leave the machine, and only if the backend needs something.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.clients import running
from pytest_pyreg.identity import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ENDINGS = (".whl", ".tar.gz", ".zip")
_LOGIN = re.compile(r"(://)[^/\s@]+@")
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


class NotRehearsable(Exception):
    """There is nothing to rehearse, or it cannot be built; the message is for the caller."""


@dataclass(frozen=True)
class Built:
    """The files of one release."""

    wheels: tuple[Path, ...]
    sdists: tuple[Path, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, in the order in which twine uploads them."""
        return (*self.wheels, *self.sdists)


def build(project: Path, folder: Path, *, isolated: bool, timeout: float) -> Built:
    """Build a project.

    Args:
        project: its folder.
        folder: where the files go.
        isolated: whether the backend gets an environment of its own, filled from the caller's index.
        timeout: seconds that the build may take.

    Raises:
        NotRehearsable: there is no project, it does not build, or nothing came out.
    """
    if not any((project / name).is_file() for name in _PROJECT_FILES):
        what = "there is no folder" if not project.is_dir() else "no pyproject.toml and no setup.py is in"
        raise NotRehearsable(f"{what} {str(project)!r}; give the folder of a Python project: pyreg rehearse path/to/it")
    # Without a kind named, build makes the sdist first and the wheel out of it: that it can be built is shown by that.
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(project.resolve())]
    if not isolated:
        command.insert(3, "--no-isolation")
    run_outside(command, timeout, f"{str(project)!r} does not build", hint="" if isolated else NO_ISOLATION)
    return found([folder])


NO_ISOLATION = "with --no-isolation the backend must be installed beside pyreg"


def run_outside(command: Sequence[str], timeout: float, trouble: str, hint: str = "") -> str:
    """Run a command as the caller, in the caller's own environment, away from the project; return what it printed.

    Raises:
        NotRehearsable: it failed; the message begins with the trouble and has what was printed.
    """
    env = {**os.environ, "NO_COLOR": "1"}
    with outside() as cwd:  # A folder `build` or `pip` where the caller stands is neither.
        try:
            result = running.run(command, env, cwd=cwd, timeout=timeout, secrets=Secrets(frozenset()))
        except TimeoutError as error:
            shown = hidden(str(error))
            raise NotRehearsable(
                f"{trouble}: it was not done after {timeout:g} seconds and was ended; --timeout gives it more\n{shown}"
            ) from None
    printed = hidden(result.stdout + result.stderr)
    if result.returncode:
        more = f"; {hint}" if hint else ""
        raise NotRehearsable(f"{trouble} (exit code {result.returncode}){more}; it printed:\n{printed.rstrip()}")
    return printed


@contextlib.contextmanager
def outside() -> Iterator[Path]:
    """Give a folder that holds nothing."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pyreg-") as folder:
        yield Path(folder)


def hidden(text: str) -> str:
    """Leave logins in URLs out of a text: the caller's index may have one."""
    return _LOGIN.sub(r"\1[redacted]@", text)


def found(given: Sequence[Path]) -> Built:
    """Return the wheels and sdists among files and in folders.

    Raises:
        NotRehearsable: there are none, or one of the files is not there or is neither.
    """
    files: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.name.endswith(ENDINGS) and one.is_file())
            if not inside:
                raise NotRehearsable(f"no wheel (.whl) and no sdist (.tar.gz) is in the folder {str(path)!r}")
            files += inside
        elif not path.is_file():
            raise NotRehearsable(f"there is no file {str(path)!r}; give wheels, sdists, or the folder that holds them")
        elif not path.name.endswith(ENDINGS):
            raise NotRehearsable(f"{str(path)!r} is no wheel (.whl) and no sdist (.tar.gz)")
        else:
            files.append(path)
    files = list(dict.fromkeys(path.resolve() for path in files))
    wheels = tuple(path for path in files if path.suffix == ".whl")
    return Built(wheels, tuple(path for path in files if path.suffix != ".whl"))
