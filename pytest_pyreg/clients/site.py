"""A clean environment that real clients install into."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.clients import interpreters
from pytest_pyreg.clients.arguments import wishes

if TYPE_CHECKING:
    from typing_extensions import Self

    from pytest_pyreg.clients.interpreters import Interpreter
    from pytest_pyreg.identity import Credential

Runner = Callable[[tuple[str, ...], Mapping[str, str], "Path | None", bool], "subprocess.CompletedProcess[str]"]
Installer = Callable[["Site", tuple[str, ...], "Credential | None", str], None]
_INSTALLERS = {"pip", "pip3"}
_INTERPRETERS = {"python", "python3"}


class Site:
    """A virtual environment of its own: nothing of the system's packages, of the user's or of the caller's gets in.

    Args:
        path: its folder, which is made if need be.
        env: the environment in which its commands run.
        runner: runs them.
        installer: installs requirements into it with a client.
        interpreter: which Python; the one that runs us if left out.
        make: whether it is to be made; else a client has done so.
    """

    def __init__(
        self,
        path: Path,
        env: Mapping[str, str],
        runner: Runner,
        installer: Installer | None = None,
        interpreter: Interpreter | None = None,
        *,
        make: bool = True,
    ) -> None:
        # Without pip, which the outer interpreter's pip makes up for: 7 ms instead of five seconds.
        if not make:
            pass
        elif interpreter is None or interpreter == interpreters.find(None):
            import venv

            venv.create(path, with_pip=False, symlinks=os.name != "nt")
        else:
            _make(interpreter, path, env)
        self.path = path
        self._scripts = path / ("Scripts" if os.name == "nt" else "bin")
        self._env = {
            **env,
            "VIRTUAL_ENV": str(path),
            "PATH": os.pathsep.join((str(self._scripts), env["PATH"])),
            # A script in here that calls pip finds the outer one, and is not to install into the outer environment.
            "PIP_PYTHON": str(self.python),
        }
        self._runner = runner
        self._installer = installer

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self._scripts / ("python.exe" if os.name == "nt" else "python")

    @property
    def version(self) -> str:
        """The version of its Python, such as `3.12.1`."""
        found = interpreters.told(self.python)
        assert found is not None, "the environment has an interpreter that runs"
        return found.version

    def install(
        self, *requirements: str | os.PathLike[str], credential: Credential | None = None, client: str = "pip"
    ) -> Self:
        """Install with a real client, besides what is installed already.

        Args:
            requirements: as on pip's command line, options too; a path object is a file, or a project's folder.
            credential: as whom; the reader if left out or None, nobody if `ANONYMOUS`.
            client: `pip`, `uv`, `poetry`, `pdm`, or the path of one.

        Raises:
            CommandFailed: the client failed; the message has its output and what the registry answered.
            ValueError: no such client, or it does not know this Python, or it installs only into its own environments.
        """
        __tracebackhide__ = True
        if self._installer is None:
            raise ValueError("this environment belongs to no registry; make one by registry.venv()")
        wanted = wishes(requirements)
        if client == "pip":
            self._check_pip()
        given = tuple(str(Path(one).absolute()) if isinstance(one, os.PathLike) else one for one in wanted)
        self._installer(self, given, credential, client)
        return self

    def run(self, *argv: str, cwd: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in this environment: `python`, `pip` and installed scripts are its own.

        Args:
            argv: the command.  `pip`, and `python -m pip`, is a copy of the one beside pytest-pyreg, put here first.
            cwd: where to run it.
            check: whether failure is an error.

        Raises:
            CommandFailed: the command failed, and `check` is true; or its time was over.
        """
        __tracebackhide__ = True
        if argv[:1] and argv[0] in _INSTALLERS:
            argv = ("python", "-m", "pip", *argv[1:])
        if argv[:1] and argv[0] in _INTERPRETERS and argv[1:3] == ("-m", "pip"):
            self._bring_pip()
            env = {name: value for name, value in self._env.items() if name != "PIP_PYTHON"}
            return self._runner((str(self.python), *argv[1:]), env, cwd, check)
        return self._runner(argv, self._env, cwd, check)

    def distributions(self) -> dict[str, str]:
        """Return what is installed: normalized name -> version."""
        from packaging.utils import canonicalize_name

        found = importlib.metadata.distributions(path=[str(self._packages)])
        return {canonicalize_name(dist.metadata["Name"]): dist.version for dist in found}

    @property
    def _packages(self) -> Path:
        pattern = "Lib/site-packages" if os.name == "nt" else "lib/*/site-packages"
        return next(self.path.glob(pattern))

    def _bring_pip(self) -> None:
        """Copy the outer pip here, unless there is one."""
        if (self._packages / "pip").exists():
            return
        self._check_pip()
        spec = importlib.util.find_spec("pip")
        assert spec is not None
        assert spec.origin is not None, "it was found a moment ago"
        outer = Path(spec.origin).parent
        for folder in (outer, *outer.parent.glob("pip-*.dist-info")):
            shutil.copytree(folder, self._packages / folder.name, ignore=shutil.ignore_patterns("__pycache__"))

    def _check_pip(self) -> None:
        """Refuse a Python that the outer pip does not know.

        Raises:
            ValueError: it is too old, or there is no pip.
        """
        from packaging.specifiers import SpecifierSet

        try:
            pip = importlib.metadata.distribution("pip")
        except importlib.metadata.PackageNotFoundError:
            raise ValueError(
                "pip is not installed beside pytest-pyreg; install it into the same environment, or use client='uv'"
            ) from None
        wanted = pip.metadata.get("Requires-Python") or ""
        if wanted and self.version not in SpecifierSet(wanted):
            raise ValueError(
                f"pip {pip.version}, which is installed beside pytest-pyreg, needs Python {wanted}, and this "
                f"environment has {self.version}; try client='uv', or install an older pip"
            )

    def __repr__(self) -> str:
        return f"<Site {self.path}>"


def _make(interpreter: Interpreter, path: Path, env: Mapping[str, str]) -> None:
    """Have another Python make its environment.

    Raises:
        LookupError: it cannot.
    """
    links = () if os.name == "nt" else ("--symlinks",)
    made = subprocess.run(
        [interpreter.path, "-I", "-m", "venv", "--without-pip", *links, path],
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise LookupError(f"{interpreter.path} makes no environment: {made.stderr.strip() or made.stdout.strip()}")
