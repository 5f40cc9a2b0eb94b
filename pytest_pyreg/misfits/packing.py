"""Files that are no whole archive, or one with members that should not be there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.dists.archives import DEFLATED, Entry, entry, gzipped, joined
from pytest_pyreg.dists.big import zeros
from pytest_pyreg.dists.making import make_sdist, make_wheel, record_line
from pytest_pyreg.misfits.drafts import Misfit, sdist, wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_pyreg.dists.making import Dist

RUN = 258
"""The longest run that deflate can write as one (RFC 1951)."""
BOMB_BYTES = 1 + RUN * (65 * 1024 * 1024 // RUN)
"""Just above the 64 MiB from which on the public index looks at how far a file is compressed (pypi.md 1.8)."""


def deflated_zeros(size: int) -> bytes:
    """Return zeros as deflate writes them, found by hand: what zlib makes of them depends on its build.

    Args:
        size: how many; one more than a multiple of `RUN`.
    """
    # In the order of the stream: last block, fixed codes, one zero, runs of 258 at distance one, the end.
    bits = "1" + "10" + "00110000" + ("11000101" + "00000") * (size // RUN) + "0000000"
    return int(bits[::-1], 2).to_bytes(-(-len(bits) // 8), "little")


def _bomb(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    *members, (path, record) = draft.complete()
    known, packed = zeros(BOMB_BYTES), deflated_zeros(BOMB_BYTES)
    inside = f"{next(iter(draft.members)).partition('/')[0]}/zeros.bin"
    record = record_line(inside, BOMB_BYTES, known.sha256).encode() + record
    bomb = Entry(inside, known.crc, BOMB_BYTES, len(packed), DEFLATED)
    return draft.holding(joined([(bomb, packed), *((entry(*each), each[1]) for each in [*members, (path, record)])]))


def _truncated(project: str, version: str) -> Dist:
    draft, data = wheel(project, version), make_wheel(project, version).data
    return draft.holding(data[: len(data) // 2])


def _trailing(project: str, version: str) -> Dist:
    return wheel(project, version).holding(make_wheel(project, version).data + b"more")


def _leading(project: str, version: str) -> Dist:
    return wheel(project, version).holding(b"#!python\n" + make_wheel(project, version).data)


def _doubled(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    members = draft.complete()
    return draft.packed([members[0], *members])


def _traversal(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    draft.members["../outside.py"] = b"# Beside the place that this was installed into.\n"
    return draft.packed()


def _absolute(project: str, version: str) -> Dist:
    draft = wheel(project, version)
    draft.members["/outside.py"] = b"# At the root.\n"
    return draft.packed()


def _empty(project: str, version: str) -> Dist:
    return wheel(project, version).holding(b"")


def _not_a_zip(project: str, version: str) -> Dist:
    return wheel(project, version).holding(b"This is no archive, only a text.\n")


def _truncated_sdist(project: str, version: str) -> Dist:
    draft, data = sdist(project, version), make_sdist(project, version).data
    return draft.holding(data[: len(data) // 2])


def _not_a_tar(project: str, version: str) -> Dist:
    return sdist(project, version).holding(gzipped(b"This is no archive, only a text.\n"))


def _no_pkg_info(project: str, version: str) -> Dist:
    draft = sdist(project, version)
    del draft.members[draft.core]
    return draft.packed()


def _two_tops(project: str, version: str) -> Dist:
    draft = sdist(project, version)
    draft.members["other/notes.txt"] = b"Beside the one folder of an sdist.\n"
    return draft.packed()


def _sdist_traversal(project: str, version: str) -> Dist:
    draft = sdist(project, version)
    draft.members[f"{draft.top}/../../outside.py"] = b"# Beside the place that this was unpacked into.\n"
    return draft.packed()


def misfits() -> Iterator[Misfit]:
    """Return all of them."""
    yield Misfit("truncated zip", "wheel", "The second half of the file is missing.", _truncated)
    yield Misfit("trailing bytes", "wheel", "Some bytes follow the end of the zip file.", _trailing)
    yield Misfit("leading bytes", "wheel", "Some bytes stand before the zip file.", _leading)
    yield Misfit("zip bomb", "wheel", "A file of 65 MiB is compressed to a 158th of that.", _bomb)
    yield Misfit("duplicate entries", "wheel", "The module is in the zip file twice.", _doubled)
    yield Misfit("path traversal", "wheel", "A file's path leads out of the wheel: ../outside.py.", _traversal)
    yield Misfit("absolute path", "wheel", "A file's path begins with a slash.", _absolute)
    yield Misfit("empty file", "wheel", "The file has no bytes.", _empty)
    yield Misfit("not a zip", "wheel", "The file is a text, not a zip file.", _not_a_zip)
    yield Misfit("truncated sdist", "sdist", "The second half of the file is missing.", _truncated_sdist)
    yield Misfit("not a tar", "sdist", "What is compressed is a text, not a tar file.", _not_a_tar)
    yield Misfit("no pkg info", "sdist", "There is no PKG-INFO.", _no_pkg_info)
    yield Misfit("two top folders", "sdist", "There is a second folder beside the sdist's own.", _two_tops)
    yield Misfit("sdist path traversal", "sdist", "A file's path leads out of the sdist.", _sdist_traversal)
