"""What GitLab's documents promise to refuse, and what not: rows 16 to 22 of the promises."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import io
import zipfile
from typing import TYPE_CHECKING

import pytest
import requests
from packaging.version import Version

from pytest_pyreg import make_dists, make_wheel

if TYPE_CHECKING:
    from pytest_pyreg import Credential, Dist, Registry, SystemClock
    from pytest_pyreg.flavours.gitlab.world import GitLabWorld
    from tests.promises.conftest import Addresses, Shell

EVERY = ["12.10", "13.4", "17.4", "18.2"]
UNTIL_13, FROM_13, FROM_17 = EVERY[:2], EVERY[1:], EVERY[2:]
DEMO = "mypypipackage"
TWINE = "twine upload --repository gitlab dist/*"
MIB = 1024 * 1024


def saying(text: str) -> Dist:
    """Make a wheel that the oldest release takes too, whose module says something."""
    return make_wheel(DEMO, "0.0.1", requires_python=">=3.6", files={f"{DEMO}.py": f"TEXT = {text!r}\n"})


def with_version(version: str) -> Dist:
    """Make a wheel whose metadata say this version, whatever it is, under a good file name."""
    good = make_wheel(DEMO, "0.0.1", requires_python=">=3.6")
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good.data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"\nVersion: 0.0.1\n", f"\nVersion: {version}\n".encode()))
    return dataclasses.replace(good, data=buffer.getvalue())


def packages(at: Addresses, world: GitLabWorld, who: Credential) -> list[dict[str, object]]:
    """Ask for the list of packages, as the documents of the REST API show it."""
    answer = requests.get(f"{at.api(world.home)}/packages", headers={"PRIVATE-TOKEN": who.secret}, timeout=5)
    assert answer.status_code == 200
    listed: list[dict[str, object]] = answer.json()
    return listed


@pytest.mark.parametrize("gitlab", FROM_13, indirect=True)
def test_a_version_that_is_none_is_refused(gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell) -> None:
    """Row 16: versions are held against the pattern of the documents, and what it does not match gets a 400.

    twine looks at the version itself today and sends nothing; uv sends what the metadata say.
    """
    shell.pypirc(at.upload(world.home), gitlab.publisher)
    uv = f"uv publish --publish-url {at.upload(world.home)} --username x --password {gitlab.publisher.secret} dist/*"
    for version in ("latest", "1.0.x", "1..0"):
        shell.dist(with_version(version))

        assert "Version is invalid" in shell.fail(uv)
        assert [(exchange.status, exchange.refusal) for exchange in shell.new()] == [(400, "RELEASE_INVALID")]
    shell.fail(TWINE)
    assert {exchange.refusal for exchange in shell.new()} <= {"RELEASE_INVALID"}
    assert gitlab.projects() == set()

    good = ("1!2.0rc1.post2.dev3+local.4", "v1.0-1", "2.0.PREVIEW_7")
    for version in good:
        shell.dist(
            dataclasses.replace(with_version(version), name=f"{DEMO}-{len(gitlab.files(DEMO))}-py3-none-any.whl")
        )
        shell.run(uv)
    assert [exchange.status for exchange in shell.new()] == [201] * len(good)


@pytest.mark.parametrize("gitlab", ["12.10"], indirect=True)
def test_any_version_passes_in_12_10(gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell) -> None:
    """Row 16, before it is promised: the pattern came with 13.2."""
    shell.dist(with_version("latest"))

    shell.run(
        f"uv publish --publish-url {at.upload(world.home)} --username x --password {gitlab.publisher.secret} dist/*"
    )

    assert [exchange.status for exchange in shell.new()] == [201]


@pytest.mark.parametrize("gitlab", ["12.10"], indirect=True)
def test_uploading_again_stores_another_file(
    gitlab: Registry, world: GitLabWorld, clock: SystemClock, at: Addresses, shell: Shell, reader: Credential
) -> None:
    """Row 17: the same file again is stored beside the first, and the newest is served.

    The page lists both.  pip takes the last of equals, which is the newest; uv takes the first, asks for it by its
    digest, is given the newest bytes of that name as the code has it, and stops at the digest.
    """
    shell.pypirc(at.upload(world.home), gitlab.publisher)
    for text in ("old", "new"):
        shell.dist(saying(text))
        shell.run(TWINE)
    assert [exchange.status for exchange in shell.new()] == [201, 201]
    assert packages(at, world, reader) == []
    clock.advance(minutes=9, seconds=30)
    assert packages(at, world, reader) == []
    index = at.index(world.home, reader)

    # The index has it at once.
    shell.run(f"pip install --index-url {index} --no-deps {DEMO}")
    assert shell.python(f"import {DEMO}; print({DEMO}.TEXT)") == "new\n"
    shell.clear()
    page = requests.get(f"{index}/{DEMO}", timeout=5).text
    assert [digest in page for digest in (saying("old").sha256, saying("new").sha256)] == [True, True]
    stale = f"{at.upload(world.home)}/files/{saying('old').sha256}/{saying('old').name}"
    assert requests.get(stale, timeout=5).content == saying("new").data

    clock.advance(minutes=10)
    assert [(package["name"], package["version"]) for package in packages(at, world, reader)] == [(DEMO, "0.0.1")]


@pytest.mark.parametrize("gitlab", ["13.4"], indirect=True)
def test_uploading_again_is_answered_with_words(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, demo: tuple[Dist, Dist]
) -> None:
    """Row 18: the file name is taken, say GitLab's words; twine shows them with `--verbose`, else only the status."""
    words = '{"message":"Validation failed: File name has already been taken"}'
    shell.pypirc(at.upload(world.home), gitlab.publisher)
    shell.dist(demo[0])
    shell.run(TWINE)

    shell.dist(saying("other bytes"))
    assert words in shell.fail("twine upload --verbose --repository gitlab dist/*")
    quiet = shell.fail(TWINE)
    assert ("400 Bad Request" in quiet, words in quiet) == (True, False)

    assert [exchange.refusal for exchange in shell.new()] == ["", "FILE_EXISTS", "FILE_EXISTS"]
    # Another file of the same version is no repetition.
    shell.dist(demo[1])
    shell.run(TWINE)
    assert gitlab.files(DEMO) == {dist.name for dist in demo}


@pytest.mark.parametrize("gitlab", FROM_17, indirect=True)
def test_uploading_again_needs_a_deletion_first(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential
) -> None:
    """Row 19: 400 for the same file; a maintainer deletes the package by the REST API; then the upload works.

    The document says the same *version*; the code asks for a new *file name*, and the sdist beside the wheel shows it.
    """
    world.home.add_member(world.user("mia"), "maintainer")
    mia = world.user("mia").personal_token(["api"])
    shell.pypirc(at.upload(world.home), gitlab.publisher)
    shell.dist(saying("old"))
    shell.run(TWINE)
    shell.dist(saying("new"))

    assert "400 Bad Request" in shell.fail(TWINE)
    printed = shell.fail("twine upload --verbose --repository gitlab dist/*")
    assert '{"message":"400 Bad request - Validation failed: File name has already been taken"}' in printed
    assert [exchange.status for exchange in shell.new()] == [201, 400, 400]
    (release,) = gitlab._index.releases([world.home])
    assert [file.digest for file in release.files] == [saying("old").sha256]

    (package,) = packages(at, world, mia)
    address = f"{at.api(world.home)}/packages/{package['id']}"
    statuses = [
        requests.delete(address, headers=headers, timeout=5).status_code
        for headers in (
            {},
            {"PRIVATE-TOKEN": "glpat-never-issued-at-all"},
            {"PRIVATE-TOKEN": reader.secret},
            {"PRIVATE-TOKEN": gitlab.publisher.secret},
            {"PRIVATE-TOKEN": mia.secret},
            {"PRIVATE-TOKEN": mia.secret},
        )
    ]
    # Nobody, an unknown token, one that only reads, a developer; the maintainer, and the maintainer once more.
    assert statuses == [404, 401, 403, 403, 204, 404]
    assert gitlab.files(DEMO) == set()

    shell.run(TWINE)
    shell.run(f"pip install --index-url {at.index(world.home, reader)} --no-deps {DEMO}")
    assert shell.python(f"import {DEMO}; print({DEMO}.TEXT)") == "new\n"


@pytest.mark.parametrize("gitlab", UNTIL_13, indirect=True)
def test_the_largest_file_has_50_mb(gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell) -> None:
    """Row 20: a file of 50 MB goes in, one a little larger does not, and nothing of it stays."""
    shell.pypirc(at.upload(world.home), gitlab.publisher)
    frame = len(make_wheel("big", "1.0", requires_python=">=3.6", files={"big.bin": b""}).data)
    for size in (50 * MIB, 50 * MIB - 2 * frame):
        big = make_wheel("big", "1.0", requires_python=">=3.6", files={"big.bin": bytes(size)})
        shell.dist(big)
        if size == 50 * MIB:
            assert len(big.data) > 50 * MIB
            assert "413" in shell.fail(TWINE)
            assert gitlab.projects() == set()
            assert not gitlab._blobs._blobs
        else:
            assert 50 * MIB - 2 * frame < len(big.data) <= 50 * MIB
            shell.run(TWINE)
    assert [(exchange.status, exchange.refusal) for exchange in shell.new()] == [(413, "FILE_TOO_LARGE"), (201, "")]
    assert gitlab.files("big") == {"big-1.0-py3-none-any.whl"}


@pytest.mark.parametrize("gitlab", [(era, {"max_file_bytes": 5000}) for era in FROM_17], indirect=True, ids=FROM_17)
def test_the_largest_file_is_what_the_administrator_says(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell
) -> None:
    """Row 20: the documents' 5 GB are the setting of GitLab.com; it is set low here, and what exceeds it is refused."""
    shell.pypirc(at.upload(world.home), gitlab.publisher)
    small, big = (make_wheel("big", "1.0", files={"big.bin": bytes(size)}) for size in (1000, 5000))
    assert len(small.data) < 5000 < len(big.data)

    shell.dist(big)
    assert "400 Bad Request" in shell.fail(TWINE)
    assert "File is too large" in shell.fail("twine upload --verbose --repository gitlab dist/*")
    assert gitlab.projects() == set()
    assert not gitlab._blobs._blobs
    shell.dist(small)
    shell.run(TWINE)

    assert [exchange.refusal for exchange in shell.new()] == ["FILE_TOO_LARGE", "FILE_TOO_LARGE", ""]
    assert gitlab.files("big") == {small.name}


@pytest.mark.parametrize("gitlab", FROM_17, indirect=True)
def test_the_largest_file_unless_somebody_says(gitlab: Registry) -> None:
    """Row 20: a self-managed GitLab starts with 3 GiB, as its code has it; the documents tell of GitLab.com's 5 GB."""
    assert gitlab.flavour.rules.max_file_bytes == 3 * 1024 * MIB


@pytest.mark.parametrize("gitlab", [*FROM_17, "16.6"], indirect=True)
def test_a_long_description_is_cut(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential
) -> None:
    """Row 21: of a description of more than 4000 characters the first ones are kept; 16.6 had refused it."""
    shell.pypirc(at.upload(world.home), gitlab.publisher)
    shell.dist(*make_dists(DEMO, "0.0.1", description="é" * 5000))

    if gitlab.flavour.name == "gitlab@16.6":
        printed = shell.fail("twine upload --verbose --repository gitlab dist/*")
        assert "Description is too long (maximum is 4000 characters)" in printed
        assert gitlab.projects() == set()
        return
    shell.run(TWINE)

    assert [exchange.status for exchange in shell.new()] == [201, 201]
    (release,) = gitlab._index.releases([world.home])
    assert release.metadata["description"] == "é" * 3997 + "..."
    shell.run(f"pip install --index-url {at.index(world.home, reader)} --no-deps {DEMO}")
    # What is cut is the registry's record, not the file.
    code = f"import importlib.metadata as m; print(m.distribution({DEMO!r}).read_text('METADATA').count('é'))"
    assert shell.python(code) == "5000\n"


@pytest.mark.parametrize("gitlab", UNTIL_13, indirect=True)
def test_the_registry_can_be_turned_off(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, demo: tuple[Dist, Dist], reader: Credential
) -> None:
    """Row 22: in a project whose package registry is off nobody publishes or installs; other projects go on."""
    gitlab.add(demo[0])
    other = world.project("acme/other")
    other.add_member(world.user("publisher"), "developer")
    install = f"pip install --index-url {at.index(world.home, reader)} --no-deps {DEMO}"
    shell.dist(demo[1])

    world.project("acme/demo", package_registry="disabled")
    shell.pypirc(at.upload(world.home), gitlab.publisher)
    assert "403 Forbidden" in shell.fail(TWINE)
    assert "No matching distribution found" in shell.fail(install)
    assert [exchange.status for exchange in shell.new()] == [403, 403]
    assert shell.installed == {}
    shell.pypirc(at.upload(other), gitlab.publisher)
    shell.run(TWINE)
    assert [exchange.status for exchange in shell.new()] == [201]

    world.project("acme/demo", package_registry="enabled")
    assert gitlab.files(DEMO) == {demo[0].name}
    shell.run(install)
    assert shell.installed == {DEMO: "0.0.1"}


@pytest.mark.parametrize("gitlab", EVERY, indirect=True)
@pytest.mark.parametrize("client", ["twine", "uv"])
def test_requires_python_is_demanded_until_13(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, client: str
) -> None:
    """Rows 1 and 2, the trap in them: 12.10 and 13.4 demand a field that twine leaves out if it would be empty.

    uv sends it empty, which passes; so did twine before 6.1.
    """
    lines = {
        "twine": "twine upload --verbose --repository gitlab dist/*",
        "uv": f"uv publish --publish-url {at.upload(world.home)} --username x "
        f"--password {gitlab.publisher.secret} dist/*",
    }
    shell.pypirc(at.upload(world.home), gitlab.publisher)
    shell.dist(make_wheel(DEMO, "0.0.1"))
    left_out = client == "twine" and Version(importlib.metadata.version("twine")) >= Version("6.1")

    if left_out and gitlab.flavour.name in {"gitlab@12.10", "gitlab@13.4"}:
        assert '{"error":"requires_python is missing"}' in shell.fail(lines[client])
        assert [exchange.status for exchange in shell.new()] == [400]
        assert gitlab.projects() == set()
    else:
        shell.run(lines[client])
        assert gitlab.versions(DEMO) == ["0.0.1"]
