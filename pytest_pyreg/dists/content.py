"""What a distribution holds, out of keywords: the same for a wheel and for the sdist that builds it.

Owns what the keywords mean.  Does not know how wheels and sdists are laid out; see `making`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_pyreg.dists.naming import Stem, matched, module, stem
from pytest_pyreg.metadata_text import Fields, checked, metadata_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from pytest_pyreg.metadata_text import Many

    Files: TypeAlias = Mapping[str, str | bytes]


class Content(Fields, total=False):
    """The keywords of `make_wheel` and `make_sdist`, for type checkers: these, and all fields of core metadata."""

    description: str
    metadata_version: str | None
    extras: Mapping[str, Many]
    scripts: Mapping[str, str]
    entry_points: Mapping[str, Mapping[str, str]]
    license_files: Files | Sequence[str]
    packages: Many
    files: Files | None
    data: Files


class Placed(NamedTuple):
    """A file that an sdist keeps in another place than a wheel."""

    sdist: str
    data: bytes


class Parts(NamedTuple):
    """What a wheel and an sdist are put together from."""

    stem: Stem
    text: bytes
    """The core metadata."""
    files: dict[str, bytes]
    """What both have in the same place."""
    placed: dict[str, Placed]
    """The rest, by its path in a wheel."""

    @property
    def info(self) -> str:
        """The folder of a wheel's metadata."""
        return f"{self.stem}.dist-info"


SCHEMES = ("data", "headers", "platlib", "purelib", "scripts")
"""Where the files in a wheel's `.data` folder can go (PEP 427)."""
_SCRIPTS = ("console_scripts", "gui_scripts")
_GROUP = re.compile(r"\w+(?:\.\w+)*")
_SCRIPT_NAME = re.compile(r"[\w.-]+")
_OTHER_NAME = re.compile(r"[^\s=\[](?:[^=\r\n]*[^\s=])?")
_TARGET = re.compile(r"([A-Za-z_][\w.]*)(?::([A-Za-z_][\w.]*))?\s*(?:\[[\w\s,.-]*\])?")
_EXTRA = re.compile(r"[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9]", re.IGNORECASE | re.ASCII)
_PACKAGE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def parts(project: str, version: str, content: Content) -> Parts:
    """Return what a wheel or an sdist of these keywords is put together from.

    Raises:
        ValueError: a keyword is none, or its value cannot be.
    """
    values: dict[str, object] = dict(content)
    description, metadata_version = _text(values, "description"), values.pop("metadata_version", None)
    extras, scripts, groups = content.get("extras"), content.get("scripts"), content.get("entry_points")
    licences, data = content.get("license_files"), content.get("data")
    for keyword in ("extras", "scripts", "entry_points", "license_files", "packages", "files", "data"):
        values.pop(keyword, None)
    named = stem(project, version)
    placed: dict[str, Placed] = {}
    if extras:
        _add_extras(values, extras)
    if licences:
        texts = licences if not isinstance(licences, (str, list, tuple)) else _licence_texts(licences)
        files = _encoded(_mapping("license_files", texts))
        values["license_file"] = [*_several(content.get("license_file")), *files]
        placed |= {f"{named}.dist-info/licenses/{path}": Placed(path, data) for path, data in files.items()}
    targets = _entry_points(scripts, groups)
    if targets:
        points = "\n".join(
            f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in sorted(targets[group].items()))
            for group in sorted(targets)
        )
        placed[f"{named}.dist-info/entry_points.txt"] = Placed("entry_points.txt", points.encode())
    for path, held in _encoded(_mapping("data", data or {})).items():
        if path.partition("/")[0] not in SCHEMES or path.endswith("/") or "/" not in path:
            raise ValueError(f"data goes below one of {', '.join(SCHEMES)}, such as 'data/share/x.txt', not {path!r}")
        placed[f"{named}.data/{path}"] = Placed(f"{named.name}.data/{path}", held)
    if metadata_version is not None and not isinstance(metadata_version, str):
        raise ValueError(f"a metadata version is a text, such as '2.4', not {metadata_version!r}")
    text = metadata_text(project, version, values, description, metadata_version)
    return Parts(named, text, _files(project, version, content, targets), placed)


def _files(project: str, version: str, content: Content, targets: Mapping[str, Mapping[str, str]]) -> dict[str, bytes]:
    """Return the given files, and the packages that were asked for; one named after the project if neither is."""
    files, packages = content.get("files"), _several(content.get("packages"))
    made: dict[str, str] = {}
    if files is None or packages:
        for package in packages or [module(project)]:
            if packages and matched(_PACKAGE, package) is None:
                raise ValueError(f"{package!r} is no package; use a name that can be imported, such as 'demo_tools'")
            made[package.replace(".", "/") + "/__init__.py"] = f'__version__ = "{version}"\n'
    if files is None:
        _add_functions(made, targets, f"{project} {version}")
    return _encoded({**made, **_mapping("files", files or {})})


def _add_functions(made: dict[str, str], targets: Mapping[str, Mapping[str, str]], says: str) -> None:
    """Add the functions that the scripts call, so that those run: each prints name and version."""
    functions = {target.partition("[")[0].strip() for group in _SCRIPTS for target in targets.get(group, {}).values()}
    for target in sorted(functions):
        name, _, function = target.partition(":")
        package, plain = name.replace(".", "/"), f"{name.replace('.', '/')}.py"
        path = f"{package}/__init__.py" if f"{package}/__init__.py" in made else plain
        if f"{package.partition('/')[0]}/__init__.py" in made and "." not in function:
            made[path] = made.get(path, "") + f"\n\ndef {function}():\n    print({says!r})\n"


def _add_extras(values: dict[str, object], extras: Mapping[str, Many]) -> None:
    """Add the fields that extras are made of (PEP 508, PEP 685)."""
    provided, requires = _several(values.get("provides_extra")), _several(values.get("requires"))
    for given, requirements in _mapping("extras", extras).items():
        if matched(_EXTRA, given) is None:
            raise ValueError(f"{given!r} is no extra's name; use letters, digits and single - _ or .")
        extra = canonicalize_name(given)
        provided.append(extra)
        for text in _several(requirements):
            requirement = Requirement(checked("requires", text))
            marker, requirement.marker = requirement.marker, None
            also = f"({marker}) and " if marker is not None else ""
            space = " " if requirement.url else ""
            requires.append(f'{requirement}{space}; {also}extra == "{extra}"')
    values["provides_extra"], values["requires"] = provided, requires


def _entry_points(
    scripts: Mapping[str, str] | None, groups: Mapping[str, Mapping[str, str]] | None
) -> dict[str, dict[str, str]]:
    """Return the entry points of each group."""
    found = {
        group: dict(_mapping(f"entry_points[{group!r}]", points))
        for group, points in _mapping("entry_points", groups or {}).items()
    }
    if scripts:
        console = found.setdefault(_SCRIPTS[0], {})
        console.update(_mapping("scripts", scripts))
    for group, points in found.items():
        if not _GROUP.fullmatch(group):
            raise ValueError(
                f"{group!r} is no group of entry points; use words with dots between, such as 'demo.tools'"
            )
        runs = group in _SCRIPTS
        for name, target in points.items():
            if matched(_SCRIPT_NAME if runs else _OTHER_NAME, name) is None:
                raise ValueError(f"{name!r} cannot be the name of an entry point in {group}; try letters, digits and -")
            match = matched(_TARGET, target)
            if match is None or (runs and match[2] is None):
                raise ValueError(f"{name} in {group} leads to {target!r}, which is no 'package.module:function'")
    return {group: points for group, points in found.items() if points}


def _licence_texts(paths: str | Sequence[str]) -> dict[str, str]:
    return dict.fromkeys(_several(paths), "Do what you like with this.\n")


def _encoded(files: Files) -> dict[str, bytes]:
    for path in files:
        if not path or path.startswith("/") or ".." in path.split("/"):
            raise ValueError(f"{path!r} leads out of the distribution; give a path inside it, such as 'demo/data.txt'")
        if not isinstance(files[path], (str, bytes)):
            raise ValueError(f"{path} holds a text or bytes, not {files[path]!r}")  # noqa: TRY004 - as all of these.
    return {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}


def _mapping(keyword: str, value: object) -> dict[str, str]:
    """Return a mapping as one.

    Raises:
        ValueError: it is none.
    """
    try:
        found = dict(value)  # type: ignore[call-overload] # Seen below.
    except (TypeError, ValueError):
        found = None
    if found is None or not all(isinstance(key, str) for key in found):
        raise ValueError(f"{keyword} is a dict with texts as its keys, not {value!r}")
    return found  # type: ignore[no-any-return] # Its values are whatever they were.


def _several(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    try:
        return list(value)  # type: ignore[call-overload,no-any-return] # What is in it is looked at where it is written.
    except TypeError:
        raise ValueError(f"{value!r} stands where a text, or a list of texts, should be") from None


def _text(values: dict[str, object], keyword: str) -> str:
    value = values.pop(keyword, "")
    if not isinstance(value, str):
        raise ValueError(f"{keyword} is a text, not {value!r}")  # noqa: TRY004 - as all of these.
    return value
