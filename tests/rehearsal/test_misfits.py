"""What `check` says of every misfit, held against what the running registry answers to the same file, to the letter.

In test_broken.py the file is sent by the command `twine`; here by twine's own code in this process, which is the same
and leaves time for all of them with every product, and with an old release of those whose verdicts have changed since.
"""

from __future__ import annotations

import os
from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

import pytest
import requests
from packaging.version import Version
from twine.package import PackageFile
from twine.settings import Settings

from pytest_pyreg import Registry, metadata, misfit
from pytest_pyreg.cli import main
from pytest_pyreg.flavours import lookup
from pytest_pyreg.metadata import NotADistribution
from pytest_pyreg.misfits import MISFITS, NAMES
from pytest_pyreg.rehearsal.checking import check
from pytest_pyreg.rehearsal.words import own_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_pyreg.rehearsal.verdicts import Checked

STRICT_TWINE = Version(version("twine")) >= Version("7") and Version(version("packaging")) >= Version("26.1")
"""Earlier ones read metadata in another way, find less wrong with it, and send other fields."""
REFUSED = {"gitlab": 1, "gitlab@13.12": 40, "gitea": 1, "gitea@1.17.0": 4, "forgejo": 1, "forgejo@7": 1}
REFUSED |= {"pypi": 34, "pypi@2025.8.7": 30, "pypi@2024.4.18": 26, "pypi@2022.6": 25, "pep503": 0}
"""How many of them each flavour refuses, of those that some client can send."""
NONE_AT_ALL = {"truncated zip", "empty file", "not a zip", "truncated sdist", "not a tar"}
"""No archives: there is nothing in them to send."""
UNSAID = {"no metadata", "no dist info", "no pkg info"}
"""Archives that do not say what they are: no client knows what to send."""


class Answer(NamedTuple):
    """What a registry answered."""

    line: str
    """Status and reason."""
    words: str
    refusal: str
    rule: str
    """Both as the registry noted them."""

    @property
    def refused(self) -> bool:
        """Whether it said no."""
        return not self.line.startswith("2")


@pytest.fixture(name="paths", scope="module")
def _paths(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """All of them as files, each in a folder of its own, as many have one name."""
    folder = tmp_path_factory.mktemp("misfits")
    return {name: misfit(name).write_to(folder / name.replace(" ", "-")) for name in NAMES}


def test_each_is_said_what_the_registry_says(flavour: str, paths: Mapping[str, Path]) -> None:
    """Status, reason, words, and why; what twine would not send is held against what another client is told."""
    differing: dict[str, tuple[object, object]] = {}
    kinds: Counter[str] = Counter()
    refused = 0
    for name, path in paths.items():
        if name in NONE_AT_ALL:
            continue
        (offline,) = check([path], lookup(flavour))
        unsent = twine_s_objection(path)
        kinds[bool(unsent) * "not " + "sent"] += 1
        told, said, answer = offline_answer(offline, sent=not unsent), own_objection(offline), None
        if name not in UNSAID:
            answer = by_another_client(flavour, name, path) if unsent else by_twine(flavour, path)
            refused += answer.refused
        if (told, said) != (answer if answer and (answer.refused or not unsent) else None, unsent):
            differing[name] = (told, said), (answer, unsent)

    assert differing == {}
    assert kinds.total() == len(NAMES) - len(NONE_AT_ALL) == 44
    assert kinds["sent"] >= 25
    if STRICT_TWINE:
        assert (kinds["sent"], refused) == (31, REFUSED[flavour])


@pytest.fixture(name="flavour", params=REFUSED)
def _flavour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def offline_answer(offline: Checked, *, sent: bool) -> Answer | None:
    """Return what `check` says that the registry answers; None if nothing would be sent and nothing is refused."""
    first = next((one for one in offline.objections if one.by == "registry"), None)
    if first is None:
        return Answer(offline.answer, "", "", "") if sent else None
    assert not sent or (first.said, first.answer) == (True, offline.answer)
    return Answer(first.answer, first.words, first.refusal, first.rule)


def own_objection(offline: Checked) -> str:
    """Return what `check` says that twine has against the file."""
    first = [one.words for one in offline.objections[:1] if one.by == f"twine {version('twine')}"]
    assert not first or not offline.answer
    return "".join(first)


def twine_s_objection(path: Path) -> str:
    """Return why twine would not send a file; nothing if it would."""
    try:
        PackageFile.from_filename(str(path), None)
    except Exception as error:  # noqa: BLE001 - twine lets every error of pkginfo, zipfile and tarfile through.
        return str(error) or type(error).__name__
    return ""


def by_twine(flavour: str, path: Path) -> Answer:
    """Upload a file with twine's own code."""
    with Registry(flavour, forwarding=False) as registry:
        settings = Settings(
            repository_url=registry.upload_url,
            username=registry.publisher.username,
            password=registry.publisher.secret,
            non_interactive=True,
            disable_progress_bar=True,
            config_file=os.devnull,
        )
        repository = settings.create_repository()
        repository.session.trust_env = False
        try:
            response = repository.upload(PackageFile.from_filename(str(path), None))
        finally:
            repository.close()
        return noted(registry, response)


def by_another_client(flavour: str, name: str, path: Path) -> Answer:
    """Upload a file by hand, with the form that a client makes of its metadata that has no questions."""
    core, wheel = metadata.read(path), MISFITS[name].kind == "wheel"
    form = [
        (":action", "file_upload"),
        ("protocol_version", "1"),
        ("filetype", "bdist_wheel" if wheel else "sdist"),
        ("pyversion", "py3" if wheel else "source"),
        ("sha256_digest", misfit(name).sha256),
        *core.fields.items(),
        *((field, text) for field, texts in core.lists.items() for text in texts),
    ]
    with Registry(flavour, forwarding=False) as registry, requests.Session() as session:
        session.trust_env = False
        session.auth = (registry.publisher.username, registry.publisher.secret)
        content = {"content": (path.name, path.read_bytes(), "application/octet-stream")}
        return noted(registry, session.post(registry.upload_url, data=form, files=content, timeout=60))


def noted(registry: Registry, response: requests.Response) -> Answer:
    """Return what a client was answered, and what the registry noted of it."""
    (exchange,) = registry.log.uploads()
    line = f"{response.status_code} {response.reason}"
    assert line == f"{exchange.status} {exchange.reason}"
    if exchange.status < 300:
        return Answer(line, "", "", "")
    return Answer(line, own_words(response.text, response.reason), exchange.refusal, exchange.rule)


def test_an_old_release_says_something_else(paths: Mapping[str, Path]) -> None:
    """So that the comparison above is not one flavour's with itself: what is said depends on which it is."""
    told = {
        flavour: {
            name: [(one.words, one.said) for one in check([path], lookup(flavour))[0].objections]
            for name, path in paths.items()
            if name not in NONE_AT_ALL | {"zip bomb"}
        }
        for flavour in REFUSED
    }
    same = {
        (one, other)
        for one in told
        for other in told
        if one < other and told[one] == told[other] and one.partition("@")[0] == other.partition("@")[0]
    }

    assert same == {("forgejo", "forgejo@7")}  # Forgejo has never changed what it says to any of them.


@pytest.mark.parametrize("name", sorted(NONE_AT_ALL))
def test_what_is_no_archive_cannot_be_sent_at_all(
    name: str, paths: Mapping[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no verdict: the call is wrong, which is said with the file's name and what to look at, once."""
    assert twine_s_objection(paths[name])
    with pytest.raises(NotADistribution):
        check([paths[name]], lookup("pypi"))

    assert main(["check", str(paths[name])]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"pyreg: {paths[name].name} is not a readable wheel or sdist (")
    assert err.endswith("); was it built completely?\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NONE_AT_ALL | {"wrong extension"}])
def test_the_command_says_no_with_its_exit_code(
    name: str, paths: Mapping[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """If the registry refuses the file, or twine does, and nothing is on standard error either way."""
    (offline,) = check([paths[name]], lookup("pypi"))

    assert main(["check", str(paths[name]), "--flavour", "pypi"]) == int(offline.failed)
    out, err = capsys.readouterr()
    assert err == ""
    assert ("not fit for pypi@" in out) is offline.failed
    assert all(" ".join(one.words.split()[:3]) in out for one in offline.objections)


def test_an_ending_that_is_no_distribution_s(paths: Mapping[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Is a wrong call, and the words say which endings are."""
    assert main(["check", str(paths["wrong extension"])]) == 2
    assert "demo-1.0.tgz' is no wheel (.whl) and no sdist (.tar.gz)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flavour", "answer"),
    [("gitlab", "201 Created"), ("gitea", "201 Created"), ("forgejo", "201 Created"), ("pypi", "200 OK")],
)
def test_the_comparison_would_see_a_difference(flavour: str, answer: str, paths: Mapping[str, Path]) -> None:
    """One file's verdict is not another's answer."""
    (offline,) = check([paths["bad record"]], lookup(flavour))

    assert (
        offline_answer(offline, sent=True) == Answer(answer, "", "", "") == by_twine(flavour, paths["two dist infos"])
    )
    refused = by_another_client(flavour, "invalid version", paths["invalid version"])
    assert refused.refused
    assert offline_answer(offline, sent=True) != refused
