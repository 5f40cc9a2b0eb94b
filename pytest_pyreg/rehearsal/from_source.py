"""The act that installs from the sdist: real pip gets it from the registry, builds a wheel of it, and installs that.

What the build needs is in no empty registry; it comes from a folder beside it, fetched with the caller's own pip, or
from what is installed here.
"""

from __future__ import annotations

import shlex
import sys
import tarfile
from typing import TYPE_CHECKING

from pytest_pyreg.clients.running import CommandFailed
from pytest_pyreg.rehearsal import content, working
from pytest_pyreg.rehearsal.outside import NotRehearsable, read_toml, run_outside
from pytest_pyreg.rehearsal.verdicts import Outcome, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_pyreg.rehearsal.building import Built
    from pytest_pyreg.rehearsal.stage import Stage

_SETUPTOOLS = ("setuptools>=40.8.0",)
"""What is needed where nobody says (PEP 517)."""


def build_options(built: Built, folder: Path, *, isolated: bool, timeout: float) -> tuple[str, ...]:
    """Return what tells pip how to build the sdist.

    Args:
        built: the release.
        folder: where to put what the build needs.
        isolated: whether the backend gets an environment of its own.
        timeout: seconds that fetching it may take.

    Raises:
        NotRehearsable: there is no sdist, or pip fails.
    """
    if not built.sdists:
        raise NotRehearsable("there is no sdist to install from; leave --sdist out")
    if not isolated:
        return ("--no-build-isolation",)
    folder.mkdir()
    needed = _needed(built.sdists[0])
    if needed:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", str(folder), *needed]
        run_outside(command, timeout, "what the build of the sdist needs cannot be fetched")
    return ("--find-links", str(folder))


def _needed(sdist: Path) -> tuple[str, ...]:
    try:
        with tarfile.open(sdist) as archive:
            names = [name for name in archive.getnames() if name.count("/") == 1 and name.endswith("/pyproject.toml")]
            member = archive.extractfile(names[0]) if names else None
            said = read_toml(member.read().decode()) if member is not None else {}
    except (tarfile.TarError, OSError, ValueError) as error:
        raise NotRehearsable(f"{sdist.name} has no pyproject.toml that can be read: {error}") from None
    system = said.get("build-system")
    return tuple(system.get("requires", _SETUPTOOLS)) if isinstance(system, dict) else _SETUPTOOLS


def install(stage: Stage) -> Verdict:
    """Get the sdist, build it, install the wheel that comes out, import it."""
    notes = stage.begin("from sdist")
    if not any(path.name.endswith(".tar.gz") for path in stage.taken):
        return notes.verdict(Outcome.SKIPPED, "no sdist was taken")
    registry, project = stage.registry, stage.content.project
    wanted = f"{project}=={stage.content.version}"
    options = ("--no-deps", "--no-binary", project, *stage.build_options)
    notes.command = shlex.join(("pip", "wheel", *options, wanted))
    env = registry.env(registry.reader)
    folder = stage.folder(env)
    command = ("python", "-m", "pip", "wheel", "--wheel-dir", str(folder), *options, wanted)
    try:
        notes.output = registry.run(*command, credential=registry.reader, cwd=folder).stdout
    except CommandFailed as error:
        return notes.verdict(Outcome.BROKEN, "it does not build", notes.failed(error))
    (wheel,) = folder.glob("*.whl")
    deps = ("--no-deps",) if stage.deps is None else ("--find-links", str(stage.deps))
    try:
        site = registry.install(*deps, str(wheel))
    except CommandFailed as error:
        return notes.verdict(Outcome.BROKEN, "pip failed", notes.failed(error))
    return working.imported(stage, notes, site, content.of(wheel).modules)
