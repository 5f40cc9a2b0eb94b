"""Distributions from keywords: valid, deterministic, and refused where they could not be."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from packaging.metadata import Metadata
from packaging.utils import parse_sdist_filename, parse_wheel_filename

from pytest_pyreg import make_dists, make_sdist, make_wheel
from pytest_pyreg.metadata import NotADistribution, opened, read

if TYPE_CHECKING:
    from pathlib import Path


def test_names_follow_the_specifications() -> None:
    """File names are normalized (PEP 427, PEP 625) whatever the author's spelling."""
    wheel, sdist = make_dists("My.Demo--Pkg", "1.0-RC1")

    assert wheel.name == "my_demo_pkg-1.0rc1-py3-none-any.whl"
    assert sdist.name == "my_demo_pkg-1.0rc1.tar.gz"
    assert parse_wheel_filename(wheel.name)[0] == "my-demo-pkg"
    assert parse_sdist_filename(sdist.name)[0] == "my-demo-pkg"
    assert wheel.project == "My.Demo--Pkg"


def test_the_same_keywords_give_the_same_bytes() -> None:
    """Two runs make one digest, so a test may rely on it."""
    first = [dist.sha256 for dist in make_dists("demo", "1.0", summary="hello")]

    assert first == [dist.sha256 for dist in make_dists("demo", "1.0", summary="hello")]
    assert first != [dist.sha256 for dist in make_dists("demo", "1.0", summary="other")]


def test_metadata_fields_arrive() -> None:
    """Every keyword becomes its field, and `packaging`, which is strict, takes the result."""
    wheel = make_wheel(
        "demo",
        "1.0",
        requires=["other>=2; python_version > '3'"],
        requires_python=">=3.8",
        summary="A demonstration",
        author_email="Ada <ada@example.com>",
        classifiers=["Framework :: Pytest", "Typing :: Typed"],
        project_urls=["Home, https://example.com"],
        keywords="one,two",
        description="Long\ntext\n",
        description_content_type="text/plain",
    )

    parsed = Metadata.from_email(wheel.metadata, validate=True)

    assert str(parsed.requires_python) == ">=3.8"
    assert [str(requirement) for requirement in parsed.requires_dist or ()] == ['other>=2; python_version > "3"']
    assert parsed.classifiers == ["Framework :: Pytest", "Typing :: Typed"]
    assert parsed.description == "Long\ntext\n"
    assert parsed.metadata_version == "2.1"


def test_a_newer_field_raises_the_metadata_version() -> None:
    """The oldest version that has all the fields is the one that most clients understand."""
    assert b"Metadata-Version: 2.4\n" in make_wheel("demo", "1.0", license_expression="MIT").metadata
    assert b"Metadata-Version: 2.1\n" in make_wheel("demo", "1.0", summary="old").metadata


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"version": "one"}, ["'one'", "PEP 440"]),
        ({"project": "x y"}, ["'x y'", "letters, digits"]),
        ({"project": "-x"}, ["'-x'", "letters, digits"]),
        ({"requires": ["not a requirement!"]}, ["requires", "not a requirement!"]),
        ({"requires_python": "banana"}, ["requires_python", "banana"]),
        ({"tag": "bogus"}, ["'bogus'", "py3-none-any"]),
        ({"files": {"../evil.py": ""}}, ["'../evil.py'", "leads out"]),
        ({"files": {"/evil.py": ""}}, ["'/evil.py'", "leads out"]),
        ({"colour": "red"}, ["'colour'", "summary"]),
        ({"summary": "two\nlines"}, ["summary", "line break"]),
    ],
)
def test_what_could_be_no_distribution_is_refused(keywords: dict[str, Any], words: list[str]) -> None:
    """A wrong keyword is named, with what would be right."""
    with pytest.raises(ValueError, match=r".") as caught:
        make_wheel(**keywords)

    assert all(word in str(caught.value) for word in words)


def test_files_and_tags() -> None:
    """The content and the tag are the caller's to choose."""
    wheel = make_wheel("demo", "1.0", files={"demo/data.bin": b"\x00\x01"}, tag="py2.py3-none-any")

    with zipfile.ZipFile(io.BytesIO(wheel.data)) as archive:
        assert archive.read("demo/data.bin") == b"\x00\x01"
        assert b"Tag: py2-none-any\nTag: py3-none-any\n" in archive.read("demo-1.0.dist-info/WHEEL")
        assert archive.testzip() is None


def test_the_sdist_holds_what_the_wheel_holds() -> None:
    """An sdist has its metadata, a build system that needs nothing, and the files."""
    sdist = make_sdist("demo", "1.0")

    with tarfile.open(fileobj=io.BytesIO(sdist.data)) as archive:
        names = set(archive.getnames())

    assert names == {
        f"demo-1.0/{name}" for name in ("PKG-INFO", "pyproject.toml", "_pyreg_backend.py", "demo/__init__.py")
    }


def test_real_pip_builds_the_sdist_offline(tmp_path: Path) -> None:
    """The sdist's own backend builds it, with no index to ask."""
    path = make_sdist("demo", "1.0", requires=["absent"]).write_to(tmp_path)
    command = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--no-cache-dir", "-q"]

    subprocess.run([*command, "--target", str(tmp_path / "site"), str(path)], check=True)

    assert (tmp_path / "site" / "demo" / "__init__.py").read_text() == '__version__ = "1.0"\n'
    assert (tmp_path / "site" / "demo-1.0.dist-info" / "METADATA").read_bytes().startswith(b"Metadata-Version")


def test_real_twine_finds_nothing_wrong(tmp_path: Path) -> None:
    """`twine check --strict` passes for a wheel and an sdist with a description."""
    dists = make_dists("demo", "1.0", description="Text.\n", description_content_type="text/plain")
    paths = [str(dist.write_to(tmp_path)) for dist in dists]

    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *paths], check=True)


@pytest.mark.parametrize("number", [0, 1], ids=["wheel", "sdist"])
def test_metadata_is_read_back(tmp_path: Path, number: int) -> None:
    """What an uploading client would send is found in a file as in memory."""
    dist = make_dists("My.Demo", "1.0", requires_python=">=3.8", keywords="a,b")[number]

    core = read(dist.write_to(tmp_path))

    assert (core.name, core.version) == ("My.Demo", "1.0")
    assert core.fields["requires_python"] == ">=3.8"
    assert core.fields["keywords"] == "a,b"
    assert opened(dist)[1] == core


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("demo-1.0-py3-none-any.whl", None, ["no file", ".whl"]),
        ("demo-1.0-py3-none-any.whl", b"no zip", ["not a readable wheel or sdist"]),
        ("demo-1.0.tar.gz", b"no tar", ["not a readable wheel or sdist"]),
        ("notes.txt", b"text", ["not a readable wheel or sdist"]),
    ],
)
def test_what_is_no_distribution_says_so(tmp_path: Path, name: str, content: bytes | None, words: list[str]) -> None:
    """A file that cannot be read is an error in words, whatever the library below raised."""
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(NotADistribution) as caught:
        read(tmp_path / name)

    assert all(word in str(caught.value) for word in words)


def test_metadata_without_a_name_is_refused(tmp_path: Path) -> None:
    """A wheel that is whole but nameless is none."""
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nVersion: 1.0\n")

    with pytest.raises(NotADistribution, match="no Name"):
        read(path)


def test_a_lone_requirement_is_one() -> None:
    """A string where a list is meant is one requirement, not its letters."""
    wheel, sdist = make_dists("demo", "1.0", requires="other>=1")

    assert wheel.metadata == sdist.metadata
    assert wheel.metadata.count(b"Requires-Dist: other>=1\n") == wheel.metadata.count(b"Requires-Dist") == 1
