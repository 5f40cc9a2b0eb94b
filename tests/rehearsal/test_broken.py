"""Broken distributions, one defect each: what is said of them, offline and for real, and that both are the same."""

from __future__ import annotations

import contextlib
import io
import json
import tarfile
import zipfile
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pytest_pyreg import CommandFailed, Dist, Registry, make_sdist, make_wheel
from pytest_pyreg.cli import main
from pytest_pyreg.flavours import USUAL, lookup
from pytest_pyreg.metadata import NotADistribution
from pytest_pyreg.rehearsal.checking import check
from pytest_pyreg.rehearsal.desk import package_of
from pytest_pyreg.rehearsal.words import own_words

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Case:
    """A distribution with a defect."""

    defect: str
    dist: Dist
    words: str
    """Part of what is said, by the registry unless twine says something first."""
    flavour: str = "pypi"
    by: tuple[str, ...] = ("registry",)
    """Who says so: newer releases of twine see some defects by themselves."""
    twine: str = "0"
    """The first release that sends what is wrong: older ones leave new fields out, and send empty ones."""


def rezipped(dist: Dist, **members: str | None) -> Dist:
    """Return a wheel with members of its metadata folder changed, or left out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(dist.data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for info in old.infolist():
            short = info.filename.rpartition("/")[2].partition(".")[0]
            if short not in members:
                new.writestr(info, old.read(info))
            elif (text := members[short]) is not None:
                new.writestr(info, text)
    return replace(dist, data=buffer.getvalue())


def two_tops() -> Dist:
    """Return an sdist with a second folder at its top."""
    dist, buffer = make_sdist(), io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(dist.data)) as old, tarfile.open(fileobj=buffer, mode="w:gz") as new:
        for member in old.getmembers():
            new.addfile(member, old.extractfile(member))
        new.addfile(tarfile.TarInfo("stray/file"), io.BytesIO())
    return replace(dist, data=buffer.getvalue())


SCRIPTS = {"demo.py": "", "demo-1.0.dist-info/entry_points.txt": "[console_scripts]\nno good = demo:x\n"}
VERSIONED = rezipped(make_wheel(), METADATA="Metadata-Version: 2.1\nName: demo\nVersion: not a version\n")
CASES = (
    Case("classifier", make_wheel(classifiers=["Nope :: <b>"]), "'Nope :: <b>' is not a valid classifier."),
    Case("local version", make_wheel(version="1.0+x"), "The use of local versions in '1.0+x' is not allowed."),
    Case("licence file", make_wheel(license_file="LICENCE"), "License-File LICENCE does not exist", twine="6.1"),
    Case("licence file of sdist", make_sdist(license_file="LICENCE"), "at demo-1.0/LICENCE", twine="6.1"),
    Case("platform", make_wheel(tag="cp310-cp310-linux_x86_64"), "has an unsupported platform tag 'linux_x86_64'."),
    Case("name of sdist", replace(make_sdist("demo-pkg"), name="demo-pkg-1.0.tar.gz"), "should be 'demo_pkg-1.0.tar"),
    Case("description", make_wheel(description="a\n=\n\n.. x::\n"), "failed to render in the default format of reStr"),
    Case("url", make_wheel(home_page="nowhere"), "'nowhere' is not a valid url."),
    Case("direct dependency", make_wheel(requires="a @ https://x.invalid/a.whl"), "Can't have direct dependency: a @"),
    Case("summary", make_wheel(summary="x" * 513), "'summary' field must be 512 characters or less."),
    Case("RECORD", rezipped(make_wheel(), RECORD=None), "does not contain the required RECORD file"),
    Case("name", make_wheel("json"), "The name 'json' isn't allowed (conflict with Python Standard Library"),
    Case("entry points", make_wheel(files=SCRIPTS), "has invalid entry points defined"),
    Case("top", two_tops(), "op-level", by=("twine", "registry")),
    Case("required field", make_wheel(), "requires_python is missing", "gitlab@13.4", twine="6.1"),
    Case("version", VERSIONED, "version", "gitea", by=("twine", "registry")),
)
NAMED = pytest.mark.parametrize("case", CASES, ids=lambda case: case.defect)


@NAMED
def test_the_defect_is_named(case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By a rehearsal with real clients, in the words of the registry, with what to do about it."""
    if Version(version("twine")) < Version(case.twine):
        pytest.skip("this twine does not send it")
    case.dist.write_to(tmp_path)

    code = main(["rehearse", "--dist", str(tmp_path), "--flavour", case.flavour, "--json", "-"])

    upload = json.loads(capsys.readouterr().out)["flavours"][0]["acts"][0]
    assert code == 1
    assert upload["outcome"] == "refused"
    first = upload["objections"][0]
    assert case.words in first["words"]
    assert first["by"] in case.by
    assert first["advice"]
    assert first["said"]


def test_there_are_twelve_that_the_registry_itself_names() -> None:
    """One defect each, in words that are no other's; what some release of twine names first is not counted."""
    own = [case for case in CASES if case.by == ("registry",)]

    assert len(own) >= 12
    assert len({case.words for case in CASES}) == len({case.defect for case in CASES}) == len(CASES)


@NAMED
@pytest.mark.parametrize("flavour", USUAL)
def test_offline_and_real_agree(case: Case, flavour: str, tmp_path: Path) -> None:
    """On whether it is refused, and on every word of why."""
    agree(case.dist.write_to(tmp_path), case.flavour if case.flavour.startswith(flavour) else flavour)


def test_good_ones_are_taken(tmp_path: Path) -> None:
    """Or the tests above could not fail: the offline verdict has no objection."""
    for flavour in USUAL:
        (one,) = check([make_wheel().write_to(tmp_path)], lookup(flavour))
        assert not one.failed
        assert one.answer.startswith("20")
        agree(tmp_path / make_wheel().name, flavour)


def agree(path: Path, flavour: str) -> None:
    """Hold `check` against real twine and the running registry."""
    (offline,) = check([path], lookup(flavour))
    printed = ""
    with Registry(flavour) as registry:
        try:
            registry.upload(path)
        except CommandFailed as error:
            printed = error.output
        sent = registry.log.uploads()

    said = [one for one in offline.objections if one.said]
    if sent:
        assert offline.answer == f"{sent[0].status} {sent[0].reason}"
        assert [(one.words, one.rule, one.refusal) for one in said] == [
            (own_words(one.said, one.reason), one.rule, one.refusal) for one in sent if one.refused
        ]
    else:
        assert [one.by.split()[0] for one in said] == ["twine"]
        assert " ".join(said[0].words.split()[:4]) in " ".join(printed.split())


def test_what_stands_behind_the_first_is_told_too(tmp_path: Path) -> None:
    """All of it, in the registry's order, each once; the real server would say the next one after the next build."""
    dist = make_wheel("Demo.x", "1.0+y", classifiers=["No"], home_page="no", tag="py3-none-linux_x86_64")

    (one,) = check([rezipped(dist, RECORD=None).write_to(tmp_path)], lookup("pypi"))

    assert [(each.rule, each.said) for each in one.objections] == [
        ("local version", True),
        ("metadata", False),
        ("metadata", False),
        ("wheel platform", False),
        ("no RECORD", False),
    ]
    assert "'No' is not" in one.objections[1].words
    assert "'no' is not" in one.objections[2].words
    assert all(each.advice for each in one.objections)


def test_files_are_taken_one_after_the_other(tmp_path: Path) -> None:
    """A second file of the same name is refused, where the registry refuses it."""
    first, second = make_wheel().write_to(tmp_path / "a"), make_wheel(summary="other").write_to(tmp_path / "b")

    results = {flavour: check([first, second], lookup(flavour)) for flavour in USUAL}

    assert all([one.failed for one in two] == [False, True] for two in results.values())
    assert results["pypi"][1].objections[0].rule == "file exists"
    assert results["gitea"][1].objections[0].answer == "409 Conflict"


def test_what_twine_refuses_is_held_against_the_registry_too(tmp_path: Path) -> None:
    """As another client would send it: the registry's own words stand behind twine's."""
    path = VERSIONED.write_to(tmp_path)
    if not package_of(path)[1]:
        pytest.skip("this twine asks nothing of versions")

    (one,) = check([path], lookup("pypi"))

    assert [(each.by.split()[0], each.said) for each in one.objections] == [("twine", True), ("registry", False)]
    assert "not a version" in one.objections[1].words


@pytest.mark.parametrize("flavour", USUAL)
def test_what_says_not_what_it_is_cannot_be_sent(flavour: str, tmp_path: Path) -> None:
    """Twine says so, offline as for real, and no registry is asked."""
    path = rezipped(make_wheel(), METADATA=None).write_to(tmp_path)

    (one,) = check([path], lookup(flavour))

    assert [(each.by.split()[0], each.said) for each in one.objections] == [("twine", True)]
    agree(path, flavour)


@pytest.mark.parametrize("name", ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"])
def test_what_is_no_archive_is_an_error(name: str, tmp_path: Path) -> None:
    """And no verdict: the file is not what its name says, or was not written to its end."""
    (tmp_path / name).write_bytes(make_wheel().data[:50])

    with pytest.raises(NotADistribution, match=f"{name} is not a readable wheel or sdist"):
        check([tmp_path / name], lookup("pypi"))


def test_nothing_is_printed_and_nothing_is_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Twine's own talk is not ours, and a socket is not needed."""
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("socket.socket.connect", lambda *_: pytest.fail("it was"))
        check([make_wheel().write_to(tmp_path)], lookup("gitlab"))

    assert capsys.readouterr() == ("", "")
