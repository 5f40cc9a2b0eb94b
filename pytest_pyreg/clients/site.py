"""A clean environment with what real pip installed into it."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

Runner = Callable[[tuple[str, ...], Mapping[str, str], "Path | None", bool], "subprocess.CompletedProcess[str]"]


class Site:
    """A virtual environment of its own.

    Args:
        path: its folder, which is made if need be.
        env: the environment in which its commands run.
        runner: runs them.
        make: whether it is to be made; else a client has done so.
    """

    def __init__(self, path: Path, env: Mapping[str, str], runner: Runner, *, make: bool = True) -> None:
        import venv

        if make:
            # Without pip, which the outer interpreter's pip makes up for: 7 ms instead of five seconds.
            venv.create(path, with_pip=False, symlinks=os.name != "nt")
        self.path = path
        self._scripts = path / ("Scripts" if os.name == "nt" else "bin")
        self._env = {**env, "VIRTUAL_ENV": str(path), "PATH": os.pathsep.join((str(self._scripts), env["PATH"]))}
        self._runner = runner

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self._scripts / ("python.exe" if os.name == "nt" else "python")

    def run(self, *argv: str, cwd: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in this environment: `python` and installed scripts are its own.

        Args:
            argv: the command.
            cwd: where to run it.
            check: whether failure is an error.

        Raises:
            CommandFailed: the command failed, and `check` is true; or its time was over.
        """
        __tracebackhide__ = True
        return self._runner(argv, self._env, cwd, check)

    def distributions(self) -> dict[str, str]:
        """Return what is installed: normalized name -> version."""
        from packaging.utils import canonicalize_name

        # Of whatever Python the client took that has made it.
        folders = self.path.glob("Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages")
        found = importlib.metadata.distributions(path=[str(folder) for folder in folders])
        return {canonicalize_name(dist.metadata["Name"]): dist.version for dist in found}

    def __repr__(self) -> str:
        return f"<Site {self.path}>"
