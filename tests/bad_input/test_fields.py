"""What may stand in the fields of an upload, and what GitLab says of the rest."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg import Registry

    Answer = tuple[int, dict[str, str], bytes]
    Ask = Callable[..., Answer]

FILE = "sample_project-1.0.0-py3-none-any.whl"
INVALID = '{{"message":"400 Bad request - Validation failed: {}"}}'
TAKEN = INVALID.format("File name has already been taken")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"content": None}, "content is missing"),
        ({"name": None}, "name is missing"),
        ({"version": None}, "version is missing"),
        ({"name": None, "version": None}, "name is missing, version is missing"),
        ({"content": None, "name": None, "version": None}, "content is missing, name is missing, version is missing"),
        ({"content": (None, "text")}, "content is invalid"),
        ({"content": ("", b"no file name")}, "content is invalid"),
        ({"content": (None, "text"), "version": None}, "content is invalid, version is missing"),
        ({"sha256_digest": "1" * 63}, "sha256_digest is invalid"),
        ({"sha256_digest": "1" * 65}, "sha256_digest is invalid"),
        ({"sha256_digest": "g" * 64}, "sha256_digest is invalid"),
        ({"sha256_digest": "1" * 64 + "\n"}, "sha256_digest is invalid"),
        ({"sha256_digest": "\u0661" * 64}, "sha256_digest is invalid"),
        ({"sha256_digest": "123", "name": None}, "name is missing, sha256_digest is invalid"),
        # Fields are checked before names, versions and duplicates.
        ({"version": "../1.0", "name": None}, "name is missing"),
    ],
)
def test_a_wrong_form_is_refused(upload: Ask, rails: Ask, changes: dict[str, object], error: str) -> None:
    """All that is wrong with the fields is said at once."""
    assert upload(**changes) == rails(400, f'{{"error":"{error}"}}')


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "version",
    [
        "1.0+",
        "1.0 ",
        "1.0+LOCAL!",
        "../1.0",
        "==1.0",
        "",
        " ",
        "1.0\n",
        "1..0",
        "a",
        "1.0-",
        "1,0",
        "\u0661.0",
        "1!",
        "v",
    ],
)
def test_a_wrong_version_is_refused(upload: Ask, rails: Ask, version: str) -> None:
    """A version follows PEP 440, more or less."""
    assert upload(version=version) == rails(400, INVALID.format("Version is invalid"))


@pytest.mark.parametrize(
    "version",
    [
        "1.2.0",
        "0100!0.0",
        "00!1.2",
        "1.0a",
        "1.0-a",
        "1.0-a1",
        "1.0alpha1",
        "1.0b1",
        "1.0pre1",
        "v1.0",
        "1.0.post1",
        "1.0-1",
        "1.0+local.1",
        "1.0+LOCAL.1",
        "2023.08.25",
        "1",
    ],
)
def test_a_good_version_is_kept_as_it_is(registry: Registry, upload: Ask, created: Answer, version: str) -> None:
    """No version is normalized."""
    assert upload(version=version) == created
    assert registry.versions("sample-project") == [version]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "name",
    [".$/@!^*", "a b", "a\n", "a/b+", "a+", "a!b", "caf\xe9", "a@b@c", "@@", "<script>", "..%2F"],
)
def test_a_wrong_name_is_refused(upload: Ask, rails: Ask, name: str) -> None:
    """A name has letters, digits and a few signs of ASCII."""
    assert upload(name=name) == rails(400, INVALID.format("Name is invalid"))


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", ["", " ", "\t\n"])
def test_a_blank_name_is_refused(upload: Ask, rails: Ask, name: str) -> None:
    """A blank name is blank, and invalid besides."""
    assert upload(name=name) == rails(400, INVALID.format("Name can't be blank, Name is invalid"))


@pytest.mark.usefixtures("unchanged")
def test_everything_wrong_with_a_release_is_said_at_once(upload: Ask, rails: Ask) -> None:
    """In the order in which GitLab's models check."""
    body = INVALID.format("Name can't be blank, Version is invalid, Name is invalid")

    assert upload(name="", version="") == rails(400, body)
    assert upload(name="a b", version="x") == rails(400, INVALID.format("Version is invalid, Name is invalid"))


@pytest.mark.parametrize(
    "name", ["Sample_Project.x", "a", "1", "-", "a/", "a/b", "a+b/c", "@scope/name", "name@", "..", "_"]
)
def test_a_good_name_is_kept(registry: Registry, upload: Ask, created: Answer, name: str) -> None:
    """GitLab takes more names than PyPI."""
    assert upload(name=name) == created
    assert [release.name for release in registry._index.releases([registry.namespace])] == [name]


@pytest.mark.parametrize(
    "fields",
    [
        {"requires_python": "", "sha256_digest": "1" * 64},
        {"md5_digest": "1" * 32},
        {"sha256_digest": "A" * 64},
        {"md5_digest": "567"},
        {"metadata_version": "2.1"},
        {"metadata_version": "2.4"},
        {"metadata_version": "99.9"},
        {":action": "file_upload", "protocol_version": "1"},
        {"filetype": "sdist", "pyversion": "source"},
        {"license": "x", "home_page": "x", "project_urls": ["a, b"]},
        {"attestations": "[]", "gpg_signature": "x"},
        {"requires_python": "garbage", "author_email": "garbage", "summary": "\U0001f600"},
        {"sha256_digest": ["wrong", "1" * 64]},
    ],
    ids="-".join,
)
def test_a_good_form_is_stored(registry: Registry, upload: Ask, created: Answer, fields: dict[str, object]) -> None:
    """Optional fields may be missing or say anything, others are ignored, and of a repeated one the last counts."""
    assert upload(**fields) == created
    (release,) = registry._index.releases([registry.namespace])
    assert set(release.metadata) == {"requires_python", "metadata_version", "author_email", "summary"} & set(fields)
    assert set(release.files[0].hashes) == {name for name in ("sha256", "md5") if f"{name}_digest" in fields}


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("requires_python", 255),
        ("metadata_version", 16),
        ("author_email", 2048),
        ("description", 4000),
        ("description_content_type", 128),
        ("summary", 255),
        ("keywords", 1024),
    ],
)
@pytest.mark.parametrize("letter", ["x", "\xe9", "\U0001f600"])
def test_long_metadata_is_cut(
    registry: Registry, upload: Ask, created: Answer, field: str, limit: int, letter: str
) -> None:
    """What is too long is kept up to three characters before the limit, and three dots; what fits is kept whole."""
    assert upload(**{field: letter * (limit + 1)}) == created
    assert upload(**{field: letter * limit, "version": "2"}) == created

    stored = [release.metadata[field] for release in registry._index.releases([registry.namespace])]
    assert stored == [letter * (limit - 3) + "...", letter * limit]


def test_a_file_is_stored_once(registry: Registry, upload: Ask, rails: Ask, created: Answer) -> None:
    """A second file of the name is refused, whatever its bytes, and changes nothing."""
    assert upload(content=(FILE, b"first"), summary="first") == created
    before = registry._index.releases([registry.namespace])

    assert upload(content=(FILE, b"first")) == rails(400, TAKEN)
    assert upload(content=(FILE, b"s" * 100_000), summary="second") == rails(400, TAKEN)

    assert registry._index.releases([registry.namespace]) == before
    assert [blob.data for blob in registry._blobs._blobs.values()] == [b"first"]


def test_of_many_uploads_at_once_one_is_granted(registry: Registry, upload: Ask) -> None:
    """However close they come, one file is stored, and the others are told that it is."""
    answers: list[Answer] = []
    together = threading.Barrier(8)

    def work(number: int) -> None:
        together.wait()
        answers.append(upload(content=(FILE, b"%d" % number * 100_000)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer[0] for answer in answers) == [201] + [400] * 7
    assert {answer[2].decode() for answer in answers if answer[0] == 400} == {TAKEN}
    (release,) = registry._index.releases([registry.namespace])
    assert list(registry._blobs._blobs) == [file.digest for file in release.files]


@pytest.mark.parametrize(
    "changes",
    [
        {"content": ("sample-project-1.0.0.tar.gz", b"PK")},
        {"version": "1.0.1"},
        {"version": "1.0.0.0"},
        {"name": "Sample_Project"},
        {"content": (FILE.upper(), b"PK")},
    ],
    ids=["other file", "other version", "the same version written otherwise", "other spelling", "capitals"],
)
def test_what_is_no_second_file_of_the_name(upload: Ask, created: Answer, changes: dict[str, object]) -> None:
    """Only the file name counts, and only within a release; the bytes may be the same."""
    assert upload() == created
    assert upload(**changes) == created
