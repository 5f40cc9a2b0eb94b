"""`when.file`: what its keys make of a distribution that is right."""

from __future__ import annotations

import random
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.conformance import pypi_archives, pypi_quirks, words
from tests.conformance.cases import CannotExpress
from tests.conformance.pypi_archives import Member

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEXTS = {"PKG-INFO", "METADATA", "WHEEL", "RECORD", "entry_points.txt", "RECORD.jws", "RECORD.p7s"}
"""Files beside the metadata that a row may write itself."""
# In two parts, or the index would refuse this very file.
_CALLED = b"__" + b"pyarmor__"
PYARMOR = b"from runtime import %b\n%b(__name__, __file__, b'\\x50\\x59')\n" % (_CALLED, _CALLED)
LARGEST = 1024**3
_PLENTY = 65 * 1024**2


@dataclass
class Making:
    """A parcel in the making."""

    kind: str
    facts: Mapping[str, Any]
    filename: str
    stem: str
    top: str
    """The folder that its metadata is in."""
    members: list[Member]
    made: bytes | None = None
    record: bytes | None = None
    compression: int = zipfile.ZIP_STORED

    def replace(self, path: str, data: bytes) -> None:
        """Write a member, or another in its place."""
        self.members = [member for member in self.members if member.path != path] + [Member(path, data)]

    def packed(self) -> bytes:
        """Return the archive."""
        if self.kind == "wheel":
            return pypi_archives.zipped(self.recorded(), self.compression)
        if self.filename.lower().endswith(".zip") or self.facts.get("valid_zip"):
            return pypi_archives.zipped(self.members, self.compression)
        return pypi_archives.tarred(self.members)

    def recorded(self) -> list[Member]:
        """Return the members of a wheel with their RECORD."""
        path = f"{self.top}/RECORD"
        if "RECORD" in self.facts.get("omit", ()) or any(member.path == path for member in self.members):
            return self.members
        text = self.record if self.record is not None else pypi_archives.record(self.members, path)
        return [*self.members, Member(path, text)]


def text(value: object, where: str) -> bytes:
    """Return what a row writes into a member: lines, which it may part by slashes."""
    if value in {"<undecodable>", "<not UTF-8>", "undecodable", "not UTF-8"}:
        return b"\xff\xfe\x80,\n"
    if not isinstance(value, str) or re.fullmatch(r"<[^<>]+>", value):
        raise CannotExpress(f"{where} = {value!r}")
    lines = value if "\n" in value else value.replace(" / ", "\n")
    if where.endswith(("METADATA", "PKG-INFO")) and "Metadata-Version" not in lines:
        lines = f"Metadata-Version: 2.4\n{lines}\n"
    return lines.encode()


def sized(making: Making, size: object) -> bytes:
    """Return the archive, right as it is, of exactly so many bytes; or so many bytes if it needs more."""
    count = words.size(size) if not isinstance(size, int) else size
    if not 0 <= count <= LARGEST:
        raise CannotExpress(f"when.file.size = {size!r}: too large for a test")
    packed = making.packed()
    if count < len(packed):
        return b"\0" * count
    if making.kind == "sdist":
        return packed + b"\0" * (count - len(packed))  # Which may follow a gzip stream.
    making.members.append(Member("demo/ballast.bin"))
    empty = len(making.packed())
    for length in range(max(0, count - empty - 8), max(0, count - empty) + 1):  # The RECORD holds its length too.
        making.members[-1] = Member("demo/ballast.bin", b"\0" * length)
        packed = making.packed()
        if len(packed) == count:
            return packed
    raise CannotExpress(f"when.file.size = {size!r}: no wheel is just so long")


def _bytes(making: Making, value: object) -> None:
    if not isinstance(value, str):
        raise CannotExpress(f"when.file.bytes = {value!r}")
    making.made = value.encode()


def _broken(making: Making, value: object) -> None:
    if value not in {"tar", "tar.gz", "gzip", "zip", "wheel", "sdist", "archive", True}:
        raise CannotExpress(f"when.file.broken = {value!r}")
    making.made = b"no archive at all"


def _members(making: Making, value: object) -> None:
    """Let the archive hold these, and nothing else."""
    making.members = _listed(value, "when.file.members", making)


def _added(making: Making, value: object) -> None:
    making.members += _listed(value, "when.file.add", making)


def _listed(value: object, where: str, making: Making) -> list[Member]:
    if isinstance(value, dict):
        return [Member(path, text(text, f"{where}.{path}")) for path, text in value.items()]
    if not isinstance(value, list) or not all(isinstance(path, str) for path in value):
        raise CannotExpress(f"{where} = {value!r}")
    known = {member.path.rpartition("/")[2]: member.data for member in making.members}
    return [Member(path, b"" if path.endswith("/") else known.get(path.rpartition("/")[2], b"x\n")) for path in value]


def _omit(making: Making, value: object) -> None:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list):
        raise CannotExpress(f"when.file.omit = {value!r}")
    for name in names:
        kept = [member for member in making.members if member.path.rpartition("/")[2] != name]
        if len(kept) == len(making.members) and name != "RECORD":
            raise CannotExpress(f"when.file.omit: there is no {name!r}")
        making.members = kept


def _sparse(making: Making, _: object) -> None:
    making.members.append(Member(f"{making.top}/sparse.bin", sparse=True))


def _polyglot(making: Making, _: object) -> None:
    zipped = pypi_archives.zipped([Member(f"{making.top}/PKG-INFO", b"x")])
    making.made = pypi_archives.tarred(making.members) + zipped


def _truncated(making: Making, _: object) -> None:
    # Too much of it to be lost in the last block.
    making.members.append(Member(f"{making.top}/noise.bin", _noise(200_000)))
    packed = making.packed()
    making.made = packed[: len(packed) // 2]


def _noise(count: int) -> bytes:
    """Return bytes that no compression makes fewer, the same each time."""
    return random.Random(0).randbytes(count)  # noqa: S311 - nothing is kept secret with them.


def _yara(making: Making, value: object) -> None:
    if value not in {"pyarmor", "pyarmor_encrypted", True}:
        raise CannotExpress(f"when.file.yara_match = {value!r}")
    folder = f"{making.top}/" if making.kind == "sdist" else ""
    making.members.append(Member(f"{folder}demo/armoured.py", PYARMOR))


def _record_with(change: Callable[[bytes], bytes]) -> Callable[[Making, object], None]:
    def act(making: Making, value: object) -> None:
        if value is not True:
            raise CannotExpress(f"when.file: {value!r} is not true")
        making.record = change(pypi_archives.record(making.members, f"{making.top}/RECORD"))

    return act


def _compression(making: Making, value: object) -> None:
    if value not in pypi_archives.COMPRESSIONS:
        raise CannotExpress(f"when.file.compression = {value!r}")
    making.compression = pypi_archives.COMPRESSIONS[str(value)]


def _unpacked(making: Making, _: object) -> None:
    """Add a member of so much that it is more, or less, than it may be when it is unpacked."""
    ratio, size = str(making.facts.get("ratio", ">50")), str(making.facts.get("unpacked", ">64 MiB"))
    found = [re.fullmatch(r"(<=?|>=?|=)? ?([0-9]+)(?: ([KMG]iB))?", text) for text in (ratio, size)]
    if None in found:
        raise CannotExpress(f"when.file.ratio = {ratio!r}, unpacked = {size!r}")
    much = _PLENTY if size.startswith(">") else 1024**2
    path = ("" if making.kind == "wheel" else f"{making.top}/") + "demo/ballast.bin"
    data = b"\0" * much if ratio.startswith(">") else _noise(much)
    making.compression = zipfile.ZIP_DEFLATED
    making.members.append(Member(path, data))


def _quirk(making: Making, value: object) -> None:
    members = making.recorded() if making.kind == "wheel" else making.members
    making.made = pypi_quirks.made(str(value), members)


def _known(_: Making, __: object) -> None:
    """Do nothing: it is read elsewhere."""


KEYS: Mapping[str, Callable[[Making, Any], None]] = {
    **dict.fromkeys(("filename", "content_type", "size", "wheel_at", "valid_zip"), _known),
    "members": _members,
    "add": _added,
    "extra_members": _added,
    "omit": _omit,
    "sparse_member": _sparse,
    "yara_match": _yara,
    "compression": _compression,
    "ratio": _unpacked,
    "unpacked": lambda making, value: None if "ratio" in making.facts else _unpacked(making, value),
    "record_lists_missing_file": _record_with(lambda text: text + b"demo/absent.py,sha256=x,1\n"),
    "record_omits_file": _record_with(lambda text: text.partition(b"\n")[2]),
    "record_omits_a_file": _record_with(lambda text: text.partition(b"\n")[2]),
    "record_wrong_hash": _record_with(lambda text: re.sub(rb"sha256=\w{6}", b"sha256=AAAAAA", text)),
    "record_wrong_hashes": _record_with(lambda text: re.sub(rb"sha256=\w{6}", b"sha256=AAAAAA", text)),
    "record_undecodable": _record_with(lambda text: text + b"\xff\xfe,,\n"),
    "record_bad_csv": _record_with(lambda text: text + b'"open,,\n'),
    "zip_quirk": _quirk,
    "zip_and_tar": _polyglot,
    "truncated": _truncated,
    "broken": _broken,
    "bytes": _bytes,
}
"""What each key makes of an archive, in the order in which it is done."""
