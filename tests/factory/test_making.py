"""What the keywords of the factory make, as real pip and the specifications' own libraries see it."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import parse_sdist_filename, parse_wheel_filename

from pytest_pyreg import Dist, Registry, make_dists, make_sdist, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOTH = pytest.mark.parametrize("number", [0, 1], ids=["wheel", "sdist"])


@pytest.fixture(name="index", scope="module")
def _index() -> Iterator[Registry]:
    """One index for the whole module; each test has a project of its own there."""
    with Registry("pep503") as index:
        index.seed("helper 2.0 wheel", "tool 1.0 wheel")
        yield index


def members(dist: Dist) -> dict[str, bytes]:
    """Return what is in a file."""
    if dist.name.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(dist.data)) as wheel:
            assert wheel.testzip() is None
            return {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(fileobj=io.BytesIO(dist.data)) as sdist:
        return {member.name: (sdist.extractfile(member) or io.BytesIO()).read() for member in sdist}


def requirements(**keywords: Any) -> list[str]:  # noqa: ANN401 - what is tried is what it takes.
    """Return the Requires-Dist fields of these keywords."""
    lines = make_wheel(**keywords).metadata.decode().splitlines()
    return [line.partition(": ")[2] for line in lines if line.startswith("Requires-Dist: ")]


@BOTH
def test_extras_are_installed_when_they_are_asked_for(index: Registry, number: int) -> None:
    """And only then."""
    project = f"extra{number}"
    index.add(make_dists(project, "1.0", requires=["tool"], extras={"Test_It": ["helper>=1"], "none": []})[number])

    assert index.install(project).distributions() == {project: "1.0", "tool": "1.0"}
    assert index.install(f"{project}[test-it]").distributions() == {project: "1.0", "tool": "1.0", "helper": "2.0"}


@pytest.mark.parametrize(
    ("given", "markers"),
    [
        ("a", 'extra == "x"'),
        ("a; os_name == 'nt'", 'os_name == "nt" and extra == "x"'),
        ("a; os_name == 'nt' or os_name == 'posix'", '(os_name == "nt" or os_name == "posix") and extra == "x"'),
        ("a @ https://example.com/a.whl", 'extra == "x"'),
        ("a[b]>=1,<2", 'extra == "x"'),
    ],
)
def test_the_markers_of_an_extra(given: str, markers: str) -> None:
    """A requirement's own marker stays, as a whole."""
    (text,) = requirements(extras={"x": given})

    made = Requirement(text)
    assert str(made.marker).replace('(os_name == "nt") and', 'os_name == "nt" and') == markers
    made.marker, wanted = None, Requirement(given)
    wanted.marker = None
    assert made == wanted


@BOTH
def test_scripts_run(index: Registry, number: int) -> None:
    """As real pip installs them, from a wheel and by way of the sdist's own backend."""
    project = f"Run.It{number}"
    scripts = {"say": f"run_it{number}:main", "say-more": f"run_it{number}.cli:more"}
    index.add(
        make_dists(project, "1.0", scripts=scripts, entry_points={"demo.plugins": {"one": "json:loads [x]"}})[number]
    )
    site = index.install(project)

    assert site.run("say").stdout == site.run("say-more").stdout == f"{project} 1.0\n"
    code = (
        "from importlib.metadata import entry_points as e; (p,) = e(group='demo.plugins'); print(p.name, p.load()('7'))"
    )
    assert site.run("python", "-c", code).stdout == "one 7\n"


@BOTH
def test_data_licences_and_packages_are_installed(index: Registry, number: int) -> None:
    """Each where it belongs."""
    project = f"data{number}"
    dist = make_dists(
        project,
        "1!2.0+g1",
        packages=["first", "second.inner"],
        files={"first/data.txt": "text", "module.py": "x = 1\n"},
        data={"scripts/tool.sh": "#!/bin/sh\necho tool\n", "data/share/demo/x.txt": b"shared"},
        license_files={"LICENSE": "MIT", "licences/OTHER.txt": "other"},
    )[number]
    index.add(dist)
    site = index.install(project)

    (info,) = site.path.rglob("*.dist-info")
    assert site.distributions() == {project: "1!2.0+g1"}
    assert site.run("python", "-c", "import first, second.inner, module").returncode == 0
    assert (info.parent / "first" / "data.txt").read_text() == "text"
    assert site.run("tool.sh").stdout == "tool\n"
    assert (site.path / "share" / "demo" / "x.txt").read_text() == "shared"
    assert (info / "licenses" / "LICENSE").read_text() == "MIT"
    assert (info / "licenses" / "licences" / "OTHER.txt").read_text() == "other"
    assert not (info.parent / project).exists()  # Other packages were asked for.


def test_an_sdist_has_what_it_is_built_of() -> None:
    """A licence where License-File says, everything below one folder."""
    held = members(
        make_sdist("demo", "1.0", scripts={"demo": "demo:main"}, license_files=["LICENSE"], data={"data/x": "x"})
    )

    assert {name.partition("/")[0] for name in held} == {"demo-1.0"}
    assert {"demo-1.0/LICENSE", "demo-1.0/entry_points.txt", "demo-1.0/demo.data/data/x"} < set(held)


@pytest.mark.parametrize("project", ["Demo.Pkg-x", "a", "A__b..c", "4ever"])
@pytest.mark.parametrize("version", ["1!2.0", "1.0+g1.2", "1.0rc1.post2.dev3", "2024.1.01", "v1"])
def test_odd_names_and_versions(project: str, version: str) -> None:
    """Are what they are, in file names that are read back."""
    wheel, sdist = make_dists(project, version)
    name, number, _, _ = parse_wheel_filename(wheel.name)

    assert parse_sdist_filename(sdist.name) == (name, number)
    assert f"\nName: {project}\nVersion: {version}\n".encode() in wheel.metadata
    assert any(path == f"{'-'.join(wheel.name.split('-')[:2])}.dist-info/METADATA" for path in members(wheel))


@pytest.mark.parametrize(
    ("tag", "name", "lines"),
    [
        ("cp312-cp312-win_amd64", "cp312-cp312-win_amd64", ["cp312-cp312-win_amd64"]),
        (["py2-none-any", "py3-none-any"], "py2.py3-none-any", ["py2-none-any", "py3-none-any"]),
        (
            ["cp310-cp310-manylinux2014_x86_64", "cp310-cp310-manylinux_2_17_x86_64"],
            "cp310-cp310-manylinux2014_x86_64.manylinux_2_17_x86_64",
            ["cp310-cp310-manylinux2014_x86_64", "cp310-cp310-manylinux_2_17_x86_64"],
        ),
    ],
)
def test_tags(tag: Any, name: str, lines: list[str]) -> None:  # noqa: ANN401 - a text or several.
    """One or several, in the file name as a compressed set, in WHEEL each by itself."""
    wheel = make_wheel("demo", "1.0", tag=tag, build="7local")
    _, _, build, tags = parse_wheel_filename(wheel.name)
    text = members(wheel)["demo-1.0.dist-info/WHEEL"].decode()

    assert wheel.name == f"demo-1.0-7local-{name}.whl"
    assert build == (7, "local")
    assert {str(each) for each in tags} == set(lines)
    assert [line[5:] for line in text.splitlines() if line.startswith("Tag: ")] == lines
    assert "Build: 7local\n" in text
    assert f"Root-Is-Purelib: {str('none-any' in name).lower()}\n" in text


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"tag": ["cp310-cp310-win32", "cp311-cp311-win32"]}, ["cp310-cp311-win32", "make a wheel for each"]),
        ({"tag": []}, ["at least one tag"]),
        ({"tag": "py3--any"}, ["'py3--any'", "three parts"]),
        ({"tag": 3}, ["3 is not a tag"]),
        ({"build": "x1"}, ["'x1'", "begins with a digit"]),
        ({"extras": {"-x": []}}, ["'-x'", "extra's name"]),
        ({"extras": {"x": ["not one!"]}}, ["requires", "'not one!'"]),
        ({"extras": ["x"]}, ["extras is a dict"]),
        ({"scripts": {"demo": "demo"}}, ["demo in console_scripts", "package.module:function"]),
        ({"scripts": {"de/mo": "demo:main"}}, ["'de/mo'", "console_scripts"]),
        ({"scripts": "demo:main"}, ["scripts is a dict"]),
        ({"entry_points": {"a b": {"x": "y"}}}, ["'a b'", "group"]),
        ({"entry_points": {"ab": {"x": "1y"}}}, ["x in ab", "'1y'"]),
        ({"entry_points": {"ab": {"x=y": "y"}}}, ["'x=y'"]),
        ({"entry_points": {"ab": "x"}}, ["entry_points['ab'] is a dict"]),
        ({"packages": ["no-name"]}, ["'no-name'", "imported"]),
        ({"data": {"bin/x": ""}}, ["'bin/x'", "scripts"]),
        ({"data": {"scripts": ""}}, ["'scripts'"]),
        ({"data": {"data/../../x": ""}}, ["leads out"]),
        ({"license_files": {"../LICENSE": ""}}, ["leads out"]),
        ({"license_files": ["LICENSE"], "metadata_version": "2.1"}, ["License-File", "2.4", "2.1"]),
        ({"packages": 3}, ["3 stands where"]),
        ({"extras": {"x": 3}}, ["3 stands where"]),
        ({"files": {"x.py": 3}}, ["x.py holds a text or bytes"]),
        ({"extra": {"x": []}}, ["'extra'"]),
    ],
)
def test_what_could_be_no_distribution_is_refused(keywords: dict[str, Any], words: list[str]) -> None:
    """A wrong value is named, with what would be right."""
    with pytest.raises(ValueError, match=r".") as caught:
        make_wheel(**keywords)

    assert all(word in str(caught.value) for word in words), caught.value


def test_an_sdist_that_holds_a_wheel_is_no_zip_file(tmp_path: Path) -> None:
    """What is in it is stored; but an index must not take the whole for what it holds."""
    sdist = make_sdist("demo", "1.0", files={"tests/demo.whl": make_wheel("demo", "1.0").data})

    assert not zipfile.is_zipfile(io.BytesIO(sdist.data))
    assert members(sdist)["demo-1.0/tests/demo.whl"] == make_wheel("demo", "1.0").data
    subprocess.run([sys.executable, "-m", "twine", "check", str(sdist.write_to(tmp_path))], check=True)


@pytest.mark.parametrize("size", [0, 1, 65535 * 2, 70000])
def test_large_members_are_whole(size: int) -> None:
    """Blocks of gzip end at 65535 bytes."""
    content = bytes(range(256)) * (size // 256 + 1)

    for dist in make_dists("demo", "1.0", files={"demo.bin": content[:size], "sub/\xe9\u4e16.py": ""}):
        held = {path.removeprefix("demo-1.0/"): data for path, data in members(dist).items()}
        assert held["demo.bin"] == content[:size]
        assert held["sub/\xe9\u4e16.py"] == b""
