"""What a test author can get wrong about the public index is told where it is done, and what real users do works."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import CommandFailed, PyPI, Registry, UnknownFlavour, lookup, make_sdist, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_pyreg import Dist


@pytest.fixture(name="pypi")
def _pypi() -> Iterator[PyPI]:
    with PyPI() as registry:
        yield registry


def test_a_project_is_deleted_whole(pypi: PyPI) -> None:
    """Its name is free for anybody, its files' names for nobody; a token made for it dies with it."""
    ada, bob = pypi.user("ada"), pypi.user("bob")
    old = pypi.project("demo", owners=[ada])
    pypi.upload(make_sdist("demo", "1.0"), credential=(token := ada.api_token(old)))

    pypi.delete("Demo")

    assert pypi.projects() == set()
    with pytest.raises(LookupError, match="there is no project 'demo' here; there are: none"):
        pypi.delete("demo")
    with pytest.raises(CommandFailed):
        pypi.upload(make_sdist("demo", "1.0"), credential=bob.api_token())
    assert pypi.log.uploads()[-1].why.startswith("This filename was previously used")
    pypi.upload(make_wheel("demo", "2.0"), credential=bob.api_token())
    with pytest.raises(CommandFailed):
        pypi.upload(make_wheel("demo", "3.0"), credential=token)
    assert "project-scoped token is not valid for project: 'demo'" in pypi.log.uploads()[-1].why


def test_a_release_is_deleted_alone(pypi: PyPI) -> None:
    """The project stays whose it was."""
    pypi.upload(make_wheel("demo", "1.0"))

    pypi.delete("demo", "1.0")

    with pytest.raises(CommandFailed):
        pypi.upload(make_wheel("demo", "2.0"), credential=pypi.user("ada").api_token())
    assert "isn't allowed to upload to project 'demo'" in pypi.log.uploads()[-1].why


def test_a_token_wants_a_project_that_there_is(pypi: PyPI) -> None:
    """One for a project to come would be none on the real index."""
    with pytest.raises(ValueError, match="there is no project 'demo' here; make it first"):
        pypi.user("ada").api_token("demo")
    with PyPI() as other, pytest.raises(ValueError, match="make it first"):
        pypi.user("ada").api_token(other.project("demo"))


@pytest.mark.parametrize(("flavour", "told"), [("pypi@2026.6.14", False), ("pypi", True)])
def test_new_projects_are_counted(flavour: str, *, told: bool) -> None:
    """Who begins one is told how many may follow, since June 2026; what was refused counts too."""
    with PyPI(flavour) as pypi:
        pypi.settings.new_projects_per_user = 1
        answers = [
            post(pypi, make_sdist(name, version)) for name, version in (("one", "1"), ("one", "2"), ("two", "1"))
        ]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [("RateLimit" in answer.headers, "RateLimit-Policy" in answer.headers) for answer in answers] == [
        (told, told),
        (False, False),  # It begins none.
        (told, told),
    ]
    if told:
        policy = '"project.create.ip";q=40;w=3600;pk=:ip:, "project.create.user";q=1;w=3600;pk=:user:'
        assert answers[0].headers["RateLimit-Policy"] == answers[2].headers["RateLimit-Policy"] == policy
        assert answers[0].headers["RateLimit"] == '"project.create.ip";r=40;t=3600, "project.create.user";r=1;t=3600'
        assert answers[2].headers["RateLimit"].startswith('"project.create.ip";r=39;t=3')


def test_a_refused_first_file_counts(pypi: PyPI) -> None:
    """The project is begun before its file is looked at; so does the real limit count (packaging/services.py)."""
    pypi.settings.new_projects_per_user = 1
    good = make_sdist("one", "1.0")

    assert post(pypi, good, good.data[: len(good.data) // 2]).status_code == 400
    assert pypi.projects() == set()
    assert post(pypi, make_sdist("two", "1.0")).status_code == 429


def post(pypi: PyPI, dist: Dist, data: bytes | None = None) -> requests.Response:
    """Upload an sdist as a client does, perhaps with other bytes."""
    sent = dist.data if data is None else data
    name, _, version = dist.name.removesuffix(".tar.gz").partition("-")
    form = {":action": "file_upload", "metadata_version": "2.1", "name": name, "version": version, "filetype": "sdist"}
    form["sha256_digest"] = hashlib.sha256(sent).hexdigest()
    auth = (pypi.publisher.username, pypi.publisher.secret)
    files = {"content": (dist.name, sent, "application/octet-stream")}
    return requests.post(pypi.upload_url, data=form, files=files, auth=auth, timeout=30)


@pytest.mark.parametrize("flavour", ["pypi", "gitea"])
def test_what_would_do_nothing_is_refused(flavour: str, tmp_path: Path) -> None:
    """An index that sends nobody upstream has no use for one."""
    with pytest.raises(ValueError, match="sends nobody upstream"):
        Registry(flavour, upstream=tmp_path)


@pytest.mark.parametrize("name", ["2023.13", "2023.2.29", "2023.5.32", "2025.0", "2025.6.1.1", "2025.6rc1", "2025"])
def test_days_that_are_none(name: str) -> None:
    """A day is one of the calendar's."""
    with pytest.raises(UnknownFlavour, match="is no day; try 'pypi@"):
        lookup(f"pypi@{name}")


def test_days_that_are_some() -> None:
    """A month stands for its first day."""
    assert lookup("pypi@2023.5").features == lookup("pypi@2023.5.1").features
    assert lookup("pypi@2024.2.29").name == "pypi@2024.2.29"


def test_names_in_any_spelling(pypi: PyPI) -> None:
    """What is prohibited or quarantined is so however it is spelled."""
    pypi.world.prohibited.add("Foo_Bar")
    with pytest.raises(CommandFailed):
        pypi.upload(make_wheel("foo.bar", "1.0"))
    assert "isn't allowed" in pypi.log.uploads()[-1].why

    pypi.upload(make_wheel("demo", "1.0"), make_wheel("demo", "2.0"))
    pypi.project("demo").quarantine_release("1.0.0")
    assert pypi.install("demo==2.0").distributions() == {"demo": "2.0"}
    with pytest.raises(CommandFailed, match="No matching distribution"):
        pypi.install("demo==1.0")


def test_a_distribution_is_written_where_a_text_says(tmp_path: Path) -> None:
    """A path may be a text, as everywhere."""
    assert make_wheel("demo", "1.0").write_to(str(tmp_path / "new")).parent == tmp_path / "new"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Bearer {token}", 200),
        ("bearer {token}", 200),
        ("Token {token}", 200),
        ("token  {token}", 200),
        ("Token nonsense", 403),
        ("Digest {token}", 403),
        ("{token}", 403),
    ],
)
def test_schemes_of_tokens(pypi: PyPI, header: str, status: int) -> None:
    """A token comes as bearer or by its own scheme too (warehouse/macaroons/security_policy.py); by no other."""
    dist = make_sdist("demo", "1.0")
    form = {":action": "file_upload", "metadata_version": "2.1", "name": "demo", "version": "1.0", "filetype": "sdist"}
    form["sha256_digest"] = dist.sha256
    files = {"content": (dist.name, dist.data, "application/octet-stream")}
    shown = {"Authorization": header.format(token=pypi.publisher.secret)}

    assert requests.post(pypi.upload_url, data=form, files=files, headers=shown, timeout=30).status_code == status


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda pypi: pypi.user(""), "the name of a user is a text"),
        (lambda pypi: pypi.organization(None), "the name of an organization is a text"),
        (lambda pypi: pypi.project("-demo"), "'-demo' is no name of a project"),
        (lambda pypi: pypi.project("demo", owners=["ada"]), r"users, such as pypi.user\('ada'\), not 'ada'"),
        (lambda pypi: pypi.project("demo", organization="acme"), "'acme' is no organization of this index"),
    ],
)
def test_names_and_people_that_are_none(pypi: PyPI, make: Callable[[PyPI], object], message: str) -> None:
    """They are refused where they are made, not by a request that breaks down later."""
    with pytest.raises(ValueError, match=message):
        make(pypi)


def test_a_reason_is_a_text(pypi: PyPI) -> None:
    """Something else would break the page."""
    pypi.add(make_wheel("demo", "1.0"))
    with pytest.raises(ValueError, match="the reason is a text, perhaps an empty one, not 3"):
        pypi.yank("demo", "1.0", 3)  # type: ignore[arg-type]


def test_of_two_uploads_at_once_one_is_first(pypi: PyPI) -> None:
    """The other one is told that the file is there, whichever it is: never both, never none, never a breakdown."""
    token = pypi.user("ada").api_token()
    wheels = [make_wheel("demo", "1.0", files={"demo.py": f"number = {number}"}) for number in range(8)]

    def send(wheel: Dist) -> int:
        return requests.post(
            pypi.upload_url,
            auth=(token.username, token.secret),
            data={
                ":action": "file_upload",
                "protocol_version": "1",
                "metadata_version": "2.1",
                "name": "demo",
                "version": "1.0",
                "filetype": "bdist_wheel",
                "pyversion": "py3",
                "sha256_digest": wheel.sha256,
            },
            files={"content": (wheel.name, wheel.data)},
            timeout=20,
        ).status_code

    with ThreadPoolExecutor(len(wheels)) as pool:
        answers = sorted(pool.map(send, wheels))

    assert answers == [200, *[400] * (len(wheels) - 1)]
    assert len(pypi.files("demo")) == 1
