"""File names: what any may be, and what a project's and version's have to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pytest_pyreg.flavours.pypi import filenames
from pytest_pyreg.flavours.pypi.core_metadata import Core
from pytest_pyreg.flavours.pypi.platforms import supported

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    Refuses = Callable[[str], AbstractContextManager[None]]

CONTROL = (
    "Cannot upload a file with non-printable characters (ordinals 0-31) or the DEL character (ordinal 127) in the name."
)
UNKNOWN = (
    "Invalid file extension: Use .tar.gz, .whl or .zip extension. See https://www.python.org/dev/peps/pep-0527 and "
    "https://peps.python.org/pep-0715/ for more information"
)
EXTENSION = "Invalid file extension: Extension"
SPELLING = "Filename 'demo-1.0-1.tar.gz' is invalid, should be 'demo-1.0.post1.tar.gz'."
MORE = " See https://www.python.org/dev/peps/pep-0527 for more information."


def core(name: str = "demo", version: str = "1.0") -> Core:
    """Return metadata of a project and a version."""
    return Core(name, Version(version), "2.1", {}, {}, {})


@pytest.mark.parametrize(
    ("filename", "filetype", "words"),
    [
        ("demo-1.0\x00.tar.gz", "sdist", CONTROL),
        ("demo-1.0\x7f.tar.gz", "sdist", CONTROL),
        ("a/\x1fdemo-1.0.tar.gz", "sdist", CONTROL),
        ("a/demo-1.0.tar.gz", "sdist", "Cannot upload a file with '/' or '\\' in the name."),
        ("a\\demo.exe", "sdist", "Cannot upload a file with '/' or '\\' in the name."),
        ("demo.WHL", "bdist_wheel", f"{EXTENSION} .WHL is invalid for filetype bdist_wheel.{MORE}"),
        ("demo.whl", "sdist", f"{EXTENSION} .whl is invalid for filetype sdist.{MORE}"),
        ("demo.zip", "bdist_wheel", f"{EXTENSION} .zip is invalid for filetype bdist_wheel.{MORE}"),
        ("demo-1.0.tar.bz2", "sdist", UNKNOWN),
        (".whl", "bdist_wheel", UNKNOWN),
        ("", "sdist", UNKNOWN),
    ],
)
def test_names_that_no_file_may_have(filename: str, filetype: str, words: str, refuses: Refuses) -> None:
    """Whatever the project."""
    with refuses(words):
        filenames.checked(filename, filetype)


@pytest.mark.parametrize(
    ("filename", "filetype"), [("demo-1.0.tar.gz", "sdist"), ("ü .zip", "sdist"), ("demo.whl", "bdist_wheel")]
)
def test_names_that_some_file_may_have(filename: str, filetype: str) -> None:
    """The twins of those."""
    filenames.checked(filename, filetype)


@pytest.mark.parametrize(
    ("filename", "name", "version", "words"),
    [
        ("demo-dog.tar.gz", "demo", "1.0", "Invalid source distribution filename: demo-dog.tar.gz"),
        ("demo.tar.gz", "demo", "1.0", "Invalid source distribution filename: demo.tar.gz"),
        ("other-1.0.tar.gz", "Demo.Pkg", "1.0", "Start filename for 'Demo.Pkg' with 'demo_pkg'."),
        ("demo-2.0.tar.gz", "demo", "1.0", "Filename 'demo-2.0.tar.gz' is invalid, should be 'demo-1.0.tar.gz'."),
        ("demo-1.0.zip", "demo", "1.0", "Filename 'demo-1.0.zip' is invalid, should be 'demo-1.0.tar.gz'."),
        (
            "demo-pkg-1.0.tar.gz",
            "demo-pkg",
            "1.0",
            "Filename 'demo-pkg-1.0.tar.gz' is invalid, should be 'demo_pkg-1.0.tar.gz'.",
        ),
        # A post-release with a hyphen is found to be of this project, and spelled wrongly.
        ("demo-1.0-1.tar.gz", "demo", "1.0.post1", SPELLING),
        ("demo-1.0-1.tar.gz", "demo", "1.0", "Start filename for 'demo' with 'demo'."),
        ("other-1.0-1.tar.gz", "demo", "1.0.post1", "Start filename for 'demo' with 'demo'."),
    ],
)
def test_sdists_of_another_name(filename: str, name: str, version: str, words: str, refuses: Refuses) -> None:
    """There is one name that is right."""
    with refuses(words):
        filenames.sdist_checked(filename, core(name, version))


@pytest.mark.parametrize(
    ("filename", "name", "version"),
    [
        ("demo-1.0.tar.gz", "demo", "1.0"),
        ("demo_pkg-1.0.post1.tar.gz", "Demo.Pkg", "1.0-1"),
        ("demo-1!1.0rc1+x.tar.gz", "demo", "1!1.0rc1+x"),
    ],
)
def test_sdists_of_the_right_name(filename: str, name: str, version: str) -> None:
    """Normalized name, normalized version."""
    filenames.sdist_checked(filename, core(name, version))


@pytest.mark.parametrize(
    ("filename", "name", "words"),
    [
        ("demo-1.0.whl", "demo", "Invalid wheel filename (wrong number of parts): 'demo-1.0'"),
        ("demo-x-py3-none-any.whl", "demo", "Invalid wheel filename (invalid version): 'demo-x-py3-none-any'"),
        ("demo-1.0-q-py3-none-any.whl", "demo", "Invalid build number: q in 'demo-1.0-q-py3-none-any'"),
        ("de__mo-1.0-py3-none-any.whl", "demo", "Invalid project name: 'de__mo-1.0-py3-none-any'"),
        (
            "demo-1.0-py3-none-any.linux_x86_64.foo.whl",
            "demo",
            "Binary wheel 'demo-1.0-py3-none-any.linux_x86_64.foo.whl' has an unsupported platform tag 'foo'.",
        ),
        ("other-1.0-py3-none-any.whl", "Demo.Pkg", "Start filename for 'Demo.Pkg' with 'demo_pkg'."),
        (
            "Demo-1.0-py3-none-any.whl",
            "demo",
            "Filename 'Demo-1.0-py3-none-any.whl' should contain the normalized project name 'demo', not 'Demo'.",
        ),
        ("demo-2.0-py3-none-any.whl", "demo", "Version in filename should be '1.0' not '2.0'."),
    ],
)
def test_wheels_of_another_name(filename: str, name: str, words: str, refuses: Refuses) -> None:
    """Of several platforms that are not taken the first by the alphabet is named."""
    with refuses(words):
        filenames.wheel_checked(filename, core(name))


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("demo-1.0-py3-none-any.whl", "demo"),
        ("demo_pkg-1.0-1b-py2.py3-none-any.whl", "Demo.Pkg"),
        ("demo-1.0.0-cp313-cp313-win32.win_amd64.whl", "demo"),
        ("demo-v1.0-py3-none-any.whl", "demo"),
    ],
)
def test_wheels_of_the_right_name(filename: str, name: str) -> None:
    """The version may be spelled in any way."""
    filenames.wheel_checked(filename, core(name))


@pytest.mark.parametrize(
    "tag",
    [
        *("any", "win32", "win_arm64", "win_amd64", "win_ia64", "linux_armv6l", "linux_armv7l", "manylinux1_i686"),
        *("manylinux2010_x86_64", "manylinux2014_armv7l", "manylinux2014_ppc64", "manylinux_2_28_riscv64"),
        *("manylinux_2_17_ppc64", "musllinux_1_2_riscv64", "macosx_10_9_universal2", "macosx_11_0_arm64"),
        *("macosx_26_0_arm64", "ios_13_0_arm64_iphonesimulator", "android_24_armeabi_v7a"),
        *("pyemscripten_2025_0_wasm32", "pyemscripten_2025_0_wasm32x"),
    ],
)
def test_platforms_that_are_taken(tag: str) -> None:
    """One of each kind."""
    assert supported(tag)


@pytest.mark.parametrize(
    "tag",
    [
        *("", "win64", "linux_x86_64", "linux_aarch64", "linux_armv8l", "manylinux1_aarch64", "manylinux2014_riscv64"),
        *("manylinux_2_28_mips", "manylinux_x86_64", "musllinux_1_2_ppc64", "macosx_11_1_arm64", "macosx_16_0_arm64"),
        *("macosx_27_0_arm64", "macosx_10_9_mips", "ios_13_0_arm64", "ios_13_0_arm64_watchos", "android_24_mips"),
        *("pyemscripten_2025_wasm32", "wasi_0_0_wasm32"),
    ],
)
def test_platforms_that_are_not(tag: str) -> None:
    """The twins of those."""
    assert not supported(tag)


def test_an_older_index_takes_fewer_platforms(refuses: Refuses) -> None:
    """The tags are the caller's."""
    with refuses("Binary wheel 'demo-1.0-py3-none-any.whl' has an unsupported platform tag 'any'."):
        filenames.wheel_checked("demo-1.0-py3-none-any.whl", core(), ())


def test_the_metadata_file_needs_a_name_too(refuses: Refuses) -> None:
    """It counts in bytes."""
    filenames.not_too_long("x" * 246)
    with refuses(f"Filename is too long: '{'x' * 247}'"):
        filenames.not_too_long("x" * 247)
    with refuses(f"Filename is too long: '{'ü' * 124}'"):
        filenames.not_too_long("ü" * 124)
