"""Each misfit has the defect that its name says, and no other."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import tarfile
import zipfile

import pytest
from packaging.metadata import Metadata
from packaging.utils import parse_sdist_filename, parse_wheel_filename

from pytest_pyreg import Dist, make_wheel, misfit
from pytest_pyreg.misfits import MISFITS, NAMES, fields

NO_ARCHIVE = {"truncated zip", "empty file", "not a zip", "truncated sdist", "not a tar"}
RECORD_IS_WRONG = {"bad record", "file not in record", "file only in record", "no record", "no dist info"}
BAD_NAMES = {"invalid version", "wrong extension"}
BAD_FIELDS = {wrong.name for wrong in fields.WRONG} | {"invalid version", "two licenses"}
FINE_FOR_PACKAGING = {
    *("bad classifier", "direct url requirement", "summary too long", "url label too long", "invalid url"),
    *("invalid author address", "unrenderable description", "two licenses"),
}
"""What core metadata allows; an index may not."""


def archive(dist: Dist) -> dict[str, bytes]:
    """Return what is in a file, by the path that its archive says."""
    if dist.name.endswith((".whl", ".zip")):
        with zipfile.ZipFile(io.BytesIO(dist.data)) as opened:
            return {info.filename: opened.read(info) for info in opened.infolist()}
    with tarfile.open(fileobj=io.BytesIO(dist.data)) as opened_tar:
        return {member.name: (opened_tar.extractfile(member) or io.BytesIO()).read() for member in opened_tar}


def record_is_right(held: dict[str, bytes], info: str) -> bool:
    """Tell whether a wheel's RECORD lists just what is there, with right sizes and digests."""
    path = f"{info}/RECORD"
    rows = {row[0]: tuple(row[1:]) for row in csv.reader(io.StringIO(held.get(path, b"").decode()))}
    expected = {path: ("", "")}
    for name, data in held.items():
        if name != path:
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            expected[name] = (f"sha256={digest}", str(len(data)))
    return rows == expected


@pytest.mark.parametrize("name", NAMES)
def test_the_archive(name: str) -> None:
    """It can be read, and its RECORD is right, unless that is what is wrong."""
    dist = misfit(name)

    if name in NO_ARCHIVE:
        with pytest.raises((zipfile.BadZipFile, tarfile.TarError, EOFError)):
            archive(dist)
        return
    held = archive(dist)
    if MISFITS[name].kind == "wheel":
        info = "-".join(dist.name.split("-")[:2]) + ".dist-info"
        assert record_is_right(held, info) is (name not in RECORD_IS_WRONG)
        present = {file for file in ("METADATA", "WHEEL", "RECORD") if f"{info}/{file}" in held}
        missing = {
            "no metadata": {"METADATA"},
            "no wheel file": {"WHEEL"},
            "no record": {"RECORD"},
            "no dist info": {"METADATA", "WHEEL", "RECORD"},
        }
        assert present == {"METADATA", "WHEEL", "RECORD"} - missing.get(name, set())
    else:
        assert len({path.partition("/")[0] for path in held}) == (2 if name == "two top folders" else 1)
        assert any(path.endswith("/PKG-INFO") for path in held) is (name != "no pkg info")


@pytest.mark.parametrize("name", NAMES)
def test_the_name_and_the_metadata(name: str) -> None:
    """They agree with each other and with the specifications, unless that is what is wrong."""
    dist = misfit(name)
    parse = parse_wheel_filename if MISFITS[name].kind == "wheel" else parse_sdist_filename

    if name in BAD_FIELDS - FINE_FOR_PACKAGING:
        with pytest.raises(Exception, match=r"invalid or unparsed metadata"):  # Before 3.11 of a class of its own.
            Metadata.from_email(dist.metadata, validate=True)
    else:
        metadata = Metadata.from_email(dist.metadata, validate=True)
        if name not in BAD_NAMES:
            agrees = parse(dist.name)[:2] == (metadata.name.lower().replace(".", "-"), metadata.version)
            assert agrees is (name not in {"wrong metadata name", "wrong metadata version"})
    if name in BAD_NAMES:
        with pytest.raises(ValueError, match=r"filename|version"):
            parse(dist.name)


def test_what_is_special_about_some() -> None:
    """The defect itself, where nothing above would see it."""
    held = archive(misfit("bad record"))
    assert held["demo/__init__.py"] == b'__version__ = "1.0"\n'
    assert "../outside.py" in archive(misfit("path traversal"))
    assert "/outside.py" in archive(misfit("absolute path"))
    assert "demo-1.0/../../outside.py" in archive(misfit("sdist path traversal"))
    with zipfile.ZipFile(io.BytesIO(misfit("duplicate entries").data)) as doubled:
        assert doubled.namelist().count("demo/__init__.py") == 2
    with zipfile.ZipFile(io.BytesIO(misfit("zip bomb").data)) as bomb:
        info = bomb.getinfo("demo/zeros.bin")
        assert bomb.testzip() is None
        assert info.file_size > 64 * 1024 * 1024
        assert info.file_size > 150 * info.compress_size
    whole = make_wheel("demo", "1.0").data
    assert misfit("trailing bytes").data.startswith(whole)
    assert misfit("leading bytes").data.endswith(whole)
    assert whole.startswith(misfit("truncated zip").data)
    assert sum(name.endswith("dist-info/WHEEL") for name in archive(misfit("two dist infos"))) == 2


def test_they_are_all_different() -> None:
    """And each says what is wrong with it."""
    made = [(misfit(name).name, misfit(name).sha256) for name in NAMES]

    assert len(set(made)) == len(NAMES) == len({each.wrong + each.kind for each in MISFITS.values()})
    assert all(each.wrong.endswith(".") for each in MISFITS.values())
    assert all(misfit(name) == misfit(name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_they_can_be_called_otherwise(name: str) -> None:
    """A project's name and a version are the caller's to choose."""
    dist = misfit(name, "My_Other-Thing", "2.5")

    assert dist.name.lower().startswith("my_other_thing")
    assert "2.5" in dist.name
    assert b"\nVersion: 2.5" in dist.metadata


@pytest.mark.parametrize("spelling", ["Bad RECORD", "bad-record", "bad_record", " bad  record "])
def test_spellings_of_a_name(spelling: str) -> None:
    """Are one name."""
    assert misfit(spelling) == misfit("bad record")


def test_an_unknown_one_is_named() -> None:
    """With the one that may have been meant."""
    with pytest.raises(ValueError, match=r"no misfit 'bad recrod'; did you mean 'bad record'\? there are: bad record,"):
        misfit("bad recrod")
