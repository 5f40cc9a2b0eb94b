"""Wheels and sdists, put together from what keywords mean."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.dists import backend
from pytest_pyreg.dists.archives import tarred, zipped
from pytest_pyreg.dists.content import parts
from pytest_pyreg.dists.naming import PURE, build_number, compressed, expanded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Unpack

    from pytest_pyreg.dists.content import Content, Parts
    from pytest_pyreg.metadata_text import Many


@dataclass(frozen=True)
class Dist:
    """A distribution in memory."""

    name: str
    """The file name."""
    project: str
    version: str
    data: bytes = field(repr=False)
    metadata: bytes = field(repr=False)
    """The text of its METADATA or PKG-INFO."""

    @property
    def sha256(self) -> str:
        """The sha256 of the bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()

    def write_to(self, folder: Path | str) -> Path:
        """Write the file into a folder, made if need be, and return its path."""
        path = Path(folder) / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.data)
        return path


def make_wheel(
    project: str = "demo", version: str = "1.0", *, tag: Many = PURE, build: str = "", **content: Unpack[Content]
) -> Dist:
    """Make a wheel that pip installs.

    Args:
        project: its name, as its author would spell it.
        version: its version (PEP 440), perhaps with an epoch or a local part.
        tag: python, ABI and platform tag: a compressed set, or a list of single ones.
        build: the build tag, such as `1`.
        content: what follows.
        requires: requirements, each as in `Requires-Dist`.
        requires_python: the `Requires-Python` specifier.
        extras: name of an extra -> its requirements.
        scripts: name of a command -> `package.module:function`.
        entry_points: group -> name -> `package.module:object`.
        packages: names of packages that are made with nothing but a `__version__`; one named after the project if
            neither these nor `files` are given, with the functions that `scripts` call.
        files: path in the wheel -> content.
        data: path below `data`, `headers`, `platlib`, `purelib` or `scripts` -> content.
        license_files: path -> content, or paths alone; each is a field and a file.
        description: the long description.
        metadata_version: 1.0 to 2.5; the oldest from 2.1 on that has all the fields if left out.
        anything else: a field of core metadata by its keyword, such as `summary="..."`, `classifiers=["...", "..."]`;
            all of them are in `pytest_pyreg.metadata_text.FIELDS`.

    Raises:
        ValueError: a name, version, requirement, specifier, tag, path or entry point is none, a keyword is no field of
            core metadata, or none of that metadata version.
    """
    made = parts(project, version, content)
    tags = compressed(tag)
    members = wheel_members(made, tags, build)
    members[f"{made.info}/RECORD"] = record(members, f"{made.info}/RECORD")
    name = f"{made.stem}{build_number(build)}-{tags}.whl"
    return Dist(name, project, version, zipped(members.items()), made.text)


def make_sdist(project: str = "demo", version: str = "1.0", **content: Unpack[Content]) -> Dist:
    """Make an sdist that pip builds and installs offline.

    Args and raises as `make_wheel`; what is built has the tag `py3-none-any`.
    """
    made = parts(project, version, content)
    members = sdist_members(made)
    data = tarred((f"{made.stem}/{path}", data) for path, data in members.items())
    return Dist(f"{made.stem}.tar.gz", project, version, data, made.text)


def make_dists(
    project: str = "demo", version: str = "1.0", *, tag: Many = PURE, build: str = "", **content: Unpack[Content]
) -> tuple[Dist, Dist]:
    """Make the wheel and the sdist of one release.  Args and raises as `make_wheel`."""
    return make_wheel(project, version, tag=tag, build=build, **content), make_sdist(project, version, **content)


def wheel_members(made: Parts, tag: str = PURE, build: str = "") -> dict[str, bytes]:
    """Return all that is in a wheel but its RECORD, by path."""
    purelib = "true" if tag.endswith("-none-any") else "false"
    lines = ["Wheel-Version: 1.0", "Generator: pyreg", f"Root-Is-Purelib: {purelib}"]
    lines += [f"Tag: {each}" for each in expanded(tag)]
    lines += [f"Build: {build}"] if build else []
    return {
        **made.files,
        **{path: placed.data for path, placed in made.placed.items()},
        f"{made.info}/METADATA": made.text,
        f"{made.info}/WHEEL": ("\n".join(lines) + "\n").encode(),
    }


def sdist_members(made: Parts) -> dict[str, bytes]:
    """Return all that is in an sdist, by its path below the top folder."""
    sources = {path: path for path in made.files} | {path: placed.sdist for path, placed in made.placed.items()}
    return {
        "PKG-INFO": made.text,
        "pyproject.toml": backend.SYSTEM,
        f"{backend.MODULE}.py": backend.code(made.stem, sources),
        **made.files,
        **{placed.sdist: placed.data for placed in made.placed.values()},
    }


def record(members: Mapping[str, bytes], path: str) -> bytes:
    """Return the RECORD of a wheel.

    Args:
        members: what it lists.
        path: its own.
    """
    lines = [record_line(member, len(data), hashlib.sha256(data).digest()) for member, data in members.items()]
    return "".join([*lines, f"{path},,\n"]).encode()


def record_line(path: str, size: int, digest: bytes) -> str:
    """Return a file's line in a RECORD, which is CSV.

    Args:
        path: where it is.
        size: in bytes.
        digest: its sha256.
    """
    if "," in path or '"' in path:
        path = '"' + path.replace('"', '""') + '"'
    return f"{path},sha256={urlsafe_b64encode(digest).decode().rstrip('=')},{size}\n"
