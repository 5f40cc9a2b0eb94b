"""A valid wheel of any size on disk, of which the disk holds next to nothing: a sparse file, its content zeros.

All its zeros are in members of one size, so that their digests, which RECORD needs, are found once.
"""

from __future__ import annotations

import hashlib
import zlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_pyreg.checked import whole
from pytest_pyreg.dists.archives import Entry, central, end, entry, local
from pytest_pyreg.dists.content import parts
from pytest_pyreg.dists.making import record_line, wheel_members
from pytest_pyreg.dists.naming import PURE

if TYPE_CHECKING:
    import os

    from typing_extensions import Unpack

    from pytest_pyreg.dists.content import Content

CHUNK = 64 * 1024 * 1024
"""Bytes of a member of zeros; the last one is smaller."""
_BLOCK = 1024 * 1024
_TRIES = 128


class Zeros(NamedTuple):
    """What must be known about so many zeros."""

    crc: int
    sha256: bytes


@lru_cache(maxsize=8)
def zeros(size: int) -> Zeros:
    """Return checksum and digest of so many bytes of zero."""
    block = bytes(min(size, _BLOCK))
    crc, digest = 0, hashlib.sha256()
    for at in range(0, size, _BLOCK):
        piece = block if size - at >= _BLOCK else block[: size - at]
        crc = zlib.crc32(piece, crc)
        digest.update(piece)
    return Zeros(crc, digest.digest())


def make_big(
    project: str = "demo",
    version: str = "1.0",
    *,
    size: int,
    folder: str | os.PathLike[str],
    **content: Unpack[Content],
) -> Path:
    """Make a valid wheel of exactly that size in a folder, as a sparse file; return its path.

    It takes milliseconds and a few KB of disk, where the file system knows holes; clients read it as any other.

    Args:
        project: its name, as its author would spell it.
        version: its version.
        size: of the file, in bytes.
        folder: where to put it, made if need be.
        content: as `make_wheel`.

    Raises:
        ValueError: the size is no whole number, or too small for a wheel, or as `make_wheel`.
    """
    whole("size", size, least=1, other=" (bytes, such as 5 * 1024**3)")
    made = parts(project, version, content)
    members = wheel_members(made)
    plan = _planned(members, made.info, made.stem.name, size)
    path = Path(folder) / f"{made.stem}-{PURE}.whl"
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, members, made.info, plan)
    return path


class _Plan(NamedTuple):
    holes: list[tuple[str, int]]
    """The members of zeros, each with its size."""
    spaces: int
    """Blank bytes after the long description: not every size can be reached without."""


def _planned(members: dict[str, bytes], info: str, name: str, size: int) -> _Plan:
    """Find out what zeros make the file that large, to the byte."""
    for spaces in range(_TRIES):
        payload = max(0, size - _overhead(members, info, [], spaces))
        for _ in range(4):
            holes = [
                (f"{name}/zeros-{number}.bin", min(CHUNK, payload - at))
                for number, at in enumerate(range(0, payload, CHUNK))
            ]
            left = size - _overhead(members, info, holes, spaces) - payload
            if not left:
                return _Plan(holes, spaces)
            payload = max(0, payload + left)
    least = _overhead(members, info, [], 0)
    raise ValueError(f"no wheel of {size!r} bytes can be made of this; the smallest has {least}, try {2 * least}")


def _overhead(members: dict[str, bytes], info: str, holes: list[tuple[str, int]], spaces: int) -> int:
    """Return how large the file is but for its zeros."""
    nothing = Zeros(0, bytes(32))
    small = _small(members, info, holes, spaces, dict.fromkeys({each for _, each in holes}, nothing))
    offset, directory, count = 0, 0, 0
    for path, data in small.items():
        member = entry(path, data)
        directory += len(central(member, offset))
        offset += len(local(member)) + len(data)
        count += 1
    body = offset
    for path, hole in holes:
        member = Entry(path, 0, hole, hole)
        directory += len(central(member, offset))
        offset += len(local(member)) + hole
        body += len(local(member))
        count += 1
    return body + directory + len(end(count, directory, offset))


def _small(
    members: dict[str, bytes], info: str, holes: list[tuple[str, int]], spaces: int, known: dict[int, Zeros]
) -> dict[str, bytes]:
    """Return the members that are no zeros."""
    small = dict(members)
    small[f"{info}/METADATA"] += b"\n" * spaces
    lines = [record_line(path, len(data), hashlib.sha256(data).digest()) for path, data in small.items()]
    lines += [record_line(path, hole, known[hole].sha256) for path, hole in holes]
    small[f"{info}/RECORD"] = "".join([*lines, f"{info}/RECORD,,\n"]).encode()
    return small


def _write(path: Path, members: dict[str, bytes], info: str, plan: _Plan) -> None:
    known = {hole: zeros(hole) for hole in {each for _, each in plan.holes}}
    small = _small(members, info, plan.holes, plan.spaces, known)
    directory = []
    with path.open("wb") as file:
        for each, data in small.items():
            member = entry(each, data)
            directory.append(central(member, file.tell()))
            file.write(local(member) + data)
        for each, hole in plan.holes:
            member = Entry(each, known[hole].crc, hole, hole)
            directory.append(central(member, file.tell()))
            file.write(local(member))
            file.seek(hole, 1)
        listed = b"".join(directory)
        file.write(listed + end(len(directory), len(listed), file.tell()))
