"""What a wheel promises: which modules can be imported once it is installed, which commands start, what it needs."""

from __future__ import annotations

import configparser
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pytest_pyreg import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_SUFFIXES = (".py", ".so", ".pyd")


@dataclass(frozen=True)
class Content:
    """One release, as its files describe it."""

    project: str
    version: str
    modules: tuple[str, ...] = ()
    """Top-level modules and packages by their dotted names; those with nothing but data are left out."""
    commands: tuple[str, ...] = ()
    """Console scripts."""
    windows: tuple[str, ...] = ()
    """GUI scripts."""
    requires: tuple[str, ...] = ()
    """Requirements that hold here, extras left out."""
    requires_python: str = ""

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The names of what is required."""
        from packaging.requirements import Requirement

        return tuple(Requirement(text).name for text in self.requires)


def of(path: Path) -> Content:
    """Read a wheel, or of an sdist what its metadata says.

    Raises:
        NotADistribution: the file is neither.
    """
    core = metadata.read(path)
    requires = tuple(_holding(core.lists.get("requires_dist", ())))
    pythons = core.fields.get("requires_python", "")
    if path.suffix != ".whl":
        return Content(core.name, core.version, requires=requires, requires_python=pythons)
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            entry_points = next((name for name in names if _is_entry_points(name)), "")
            text = archive.read(entry_points).decode(errors="replace") if entry_points else ""
    except (zipfile.BadZipFile, OSError) as error:
        raise metadata.NotADistribution(f"{path.name} is not a readable wheel ({error})") from error
    return Content(
        core.name,
        core.version,
        tuple(_modules(names)),
        tuple(_commands(text, "console_scripts")),
        tuple(_commands(text, "gui_scripts")),
        requires,
        pythons,
    )


def _modules(names: Iterable[str]) -> list[str]:
    """Return what `import` takes: packages and modules; in a folder that is no package, what is in it."""
    paths = [path for path in map(_installed, names) if path.name.endswith(_SUFFIXES)]
    packages = {path.parent for path in paths if path.name.partition(".")[0] == "__init__"}
    found: dict[str, None] = {}
    for path in paths:
        outermost = next((parent for parent in [*path.parents][::-1] if parent in packages), None)
        parts = outermost.parts if outermost is not None else (*path.parent.parts, path.name.partition(".")[0])
        if parts[-1:] != ("__main__",) and all(part.isidentifier() for part in parts):
            found[".".join(parts)] = None
    return sorted(found)


def _installed(name: str) -> PurePosixPath:
    """Return where an installer puts a member, if that is where modules are; an empty path otherwise."""
    parts = PurePosixPath(name).parts
    if parts and parts[0].endswith(".data"):
        parts = parts[2:] if parts[1:2] in {("purelib",), ("platlib",)} else ()
    return PurePosixPath(*parts) if parts and not parts[0].endswith(".dist-info") else PurePosixPath()


def _is_entry_points(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    return file == "entry_points.txt" and folder.endswith(".dist-info") and "/" not in folder


def _commands(text: str, group: str) -> list[str]:
    parser = configparser.ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # Names have cases.
    try:
        parser.read_string(text)
    except configparser.Error:
        return []  # The installer will say what it makes of that.
    return sorted(parser[group]) if group in parser else []


def _holding(requirements: Iterable[str]) -> Iterable[str]:
    from packaging.requirements import InvalidRequirement, Requirement

    for text in requirements:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield text
