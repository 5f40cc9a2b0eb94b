"""Bodies that are no good form, and the names of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg import Registry

    Answer = tuple[int, dict[str, str], bytes]
    Ask = Callable[..., Answer]

TYPE = {"Content-Type": "multipart/form-data; boundary=frontier"}
MISSING = '{"error":"content is missing, name is missing, version is missing"}'
END = b"--frontier--\r\n"


def part(head: str, body: bytes) -> bytes:
    """Return a part with this Content-Disposition, behind its boundary."""
    return b"--frontier\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + body + b"\r\n"


NAME = part('name="name"', b"demo")
VERSION = part('name="version"', b"1.0")
WHEEL = part('name="content"; filename="d.whl"', b"PK" * 50_000)
FORM = NAME + VERSION + WHEEL + END


def test_the_form_is_good(registry: Registry, upload: Ask, created: Answer) -> None:
    """What is taken apart below is an upload that GitLab grants."""
    assert upload(data=FORM, headers=TYPE) == created
    assert registry.files("demo") == {"d.whl"}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"garbage", 400),
        (b"\0\xff\n" * 5000, 400),
        (b"\0\xff" * 5000, 500),
        ((NAME + VERSION + END).replace(b"frontier", b"border"), 400),
        (FORM[: -len(END)] + b"--frontier", 400),
        (FORM[: -len(END)] + b"--frontier\r\nContent", 400),
        (FORM[: -len(END)], 500),
        (FORM[: len(FORM) // 2], 500),
        (NAME[:-2], 500),
        (FORM.replace(b"--frontier\r\n", b"--frontier words\r\n").replace(b"--frontier words", b"--frontier", 1), 500),
        (FORM.replace(b"Content-Disposition:", b"Content-Disposition"), 400),
        (FORM.replace(b"d.whl", b"\0.whl"), 400),
        (NAME + VERSION + WHEEL + WHEEL + END, 500),
        (FORM.replace(b"d.whl", b".."), 500),
        (FORM.replace(b"d.whl", b"a/."), 500),
        (FORM.replace(b"d.whl", b"/"), 500),
    ],
)
def test_a_broken_form_is_refused_by_workhorse(upload: Ask, workhorse: Ask, data: bytes, status: int) -> None:
    """What the proxy cannot read it answers itself, in plain text."""
    phrase = {400: "Bad Request", 500: "Internal Server Error"}[status]

    assert upload(data=data, headers=TYPE) == workhorse(status, phrase)


@pytest.mark.usefixtures("unchanged")
def test_a_boundary_is_needed(upload: Ask, workhorse: Ask) -> None:
    """A multipart form that does not name its boundary cannot be read."""
    assert upload(data=FORM, headers={"Content-Type": "multipart/form-data"}) == workhorse(400, "Bad Request")


@pytest.mark.usefixtures("unchanged")
def test_eleven_files_are_too_many(upload: Ask, workhorse: Ask) -> None:
    """Ten are allowed, of which one is kept."""
    extra = [part(f'name="extra{number}"; filename="x"', b"x" * 100_000) for number in range(10)]

    answer = upload(data=NAME + VERSION + b"".join(extra) + WHEEL + END, headers=TYPE)

    assert answer == workhorse(400, "upload request contains more than 10 files")


def test_ten_files_are_not_too_many(registry: Registry, upload: Ask, created: Answer) -> None:
    """The others are read and dropped."""
    extra = [part(f'name="extra{number}"; filename="x"', b"x" * 100_000) for number in range(9)]

    assert upload(data=NAME + b"".join(extra) + VERSION + WHEEL + END, headers=TYPE) == created
    assert len(registry._blobs._blobs) == 1


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "application/octet-stream", "multipart/related; boundary=frontier", "x"]
)
def test_what_is_no_form_has_no_fields(upload: Ask, rails: Ask, kind: str) -> None:
    """A body of another kind is a form without fields."""
    assert upload(data=FORM, headers={"Content-Type": kind}) == rails(400, MISSING)


@pytest.mark.usefixtures("unchanged")
def test_a_form_without_files_has_no_content(upload: Ask, rails: Ask) -> None:
    """The encoding of ordinary web forms carries no file."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    assert upload(data=b"name=demo&version=1&content=PK", headers=kind) == rails(400, '{"error":"content is invalid"}')
    assert upload(data=b"name=demo", headers=kind) == rails(400, '{"error":"content is missing, version is missing"}')


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("field", ["name", "version", "summary", "sha256_digest", "unknown"])
@pytest.mark.parametrize("value", [b"a\0b", b"\xe9", b"\xed\xa0\x80"], ids=["null", "latin-1", "half a surrogate"])
def test_text_that_no_database_holds_is_refused(upload: Ask, malformed: Answer, field: str, value: bytes) -> None:
    """Null bytes and what is not UTF-8 are refused before the fields are looked at."""
    assert upload(data=part(f'name="{field}"', value) + FORM, headers=TYPE) == malformed


@pytest.mark.usefixtures("unchanged")
def test_too_much_text_is_refused(upload: Ask) -> None:
    """Sixteen megabytes of text are more than Rack holds."""
    status, _, body = upload(description="x" * 17_000_000)

    assert (status, body) == (413, b"Payload Too Large")


def test_much_text_is_cut(registry: Registry, upload: Ask, created: Answer) -> None:
    """Fifteen are not."""
    assert upload(description="x" * 15_000_000) == created
    (release,) = registry._index.releases([registry.namespace])
    assert len(release.metadata["description"]) == 4000


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("a/b/f.whl", "f.whl"),
        ("f.whl/", "f.whl"),
        (r"C:\dir\f.whl", "f.whl"),
        (r"..\..\f.whl", "f.whl"),
        ("f 1!.whl", "f_1_.whl"),
        ("f;<b>&.whl", "f__b__.whl"),
        ("f\xe9.whl", "f\xe9.whl"),
        ("\u65e5\u672c.whl", "\u65e5\u672c.whl"),
        ("...", "_..."),
        (".hidden", ".hidden"),
        ("demo-1.0+local.1.tar.gz", "demo-1.0+local.1.tar.gz"),
        ("no-extension", "no-extension"),
    ],
)
def test_a_file_name_is_cleaned(registry: Registry, upload: Ask, created: Answer, sent: str, stored: str) -> None:
    """A path loses its folders, and a sign that might do harm becomes an underscore."""
    assert upload(content=(sent, b"PK")) == created
    assert registry.files("sample-project") == {stored}


LIMITS = pytest.mark.parametrize("registry", [1000, 100_000], ids=["in memory", "on disk"], indirect=True)


@LIMITS
def test_a_file_may_be_as_large_as_the_limit(registry: Registry, upload: Ask, created: Answer) -> None:
    """The limit itself is allowed."""
    assert upload(content=("f.whl", b"x" * registry.flavour.rules.max_file_bytes)) == created
    assert registry.files("sample-project") == {"f.whl"}


@LIMITS
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("more", [1, 3_000_000])
def test_a_larger_file_is_refused(registry: Registry, upload: Ask, rails: Ask, more: int) -> None:
    """Size is looked at after the fields and before name and version."""
    content = ("f.whl", b"x" * (registry.flavour.rules.max_file_bytes + more))
    too_large = rails(400, '{"message":"400 Bad request - File is too large"}')

    assert upload(content=content) == too_large
    assert upload(content=content, name="a b", version="x") == too_large
    assert upload(content=content, name=None) == rails(400, '{"error":"name is missing"}')
    assert registry.log[0].why == f"the file has {len(content[1])} bytes; the limit is {len(content[1]) - more}"
