"""Addresses that lead nowhere, or out of their folder, get GitLab's answer."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ANONYMOUS, Credential

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg import Registry
    from pytest_pyreg.flavours.gitlab.world import GitLabWorld

    Answer = tuple[int, dict[str, str], bytes]
    Ask = Callable[..., Answer]

PYPI = "/api/v4/projects/1/packages/pypi"
DIGEST = "1" * 64
NOT_FOUND = '{"message":"404 Not Found"}'
NO_ROUTE = '{"error":"404 Not Found"}'


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "reference", ["999", "0", "-1", "acme%2Funknown", "demo", "acme%2Fdemo%2F", "1.0", "%20", "1%2F"]
)
@pytest.mark.parametrize("who", ["publisher", "nobody", "bad token", "bad job token"])
def test_an_unknown_project_is_unknown_to_everyone(
    registry: Registry, upload: Ask, get: Ask, rails: Ask, reference: str, who: str
) -> None:
    """Before anybody is asked who they are, the project must be there."""
    credentials = {
        "publisher": registry.publisher,
        "nobody": ANONYMOUS,
        "bad token": Credential("x", "wrong"),
        "bad job token": Credential("gitlab-ci-token", "wrong"),
    }
    path = f"/api/v4/projects/{reference}/packages/pypi"

    assert upload(who=credentials[who], path=path) == rails(404, NOT_FOUND)
    assert get(f"{path}/simple/demo", who=credentials[who]) == rails(404, NOT_FOUND)


@pytest.mark.parametrize("reference", ["1", "acme%2Fdemo", "acme%2fdemo", "Acme%2FDemo"])
def test_a_project_is_known_by_number_and_path(
    registry: Registry, upload: Ask, created: Answer, reference: str
) -> None:
    """A path needs its slash escaped."""
    assert upload(path=f"/api/v4/projects/{reference}/packages/pypi") == created
    assert registry.projects() == {"sample-project"}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "path",
    [
        "/api/v4/projects/acme/demo/packages/pypi",
        "/api/v4/projects//packages/pypi",
        "/api/v4/projects/1/packages/pypi/files",
        "/api/v4/projects/1/packages/pypi/files/f.whl",
        "/api/v4/projects/1/packages/pypi/legacy/",
        "/legacy/",
        "/simple/",
        "/",
    ],
)
@pytest.mark.parametrize("who", ["publisher", "nobody"])
def test_an_unknown_address_is_no_route(
    registry: Registry, upload: Ask, get: Ask, rails: Ask, path: str, who: str
) -> None:
    """An address that is none of the API's is answered under another key, whoever asks."""
    credential = registry.publisher if who == "publisher" else ANONYMOUS

    assert upload(path=path, who=credential) == rails(404, NO_ROUTE)
    assert get(path, who=credential) == rails(404, NO_ROUTE)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/simple", "/simple/demo", f"/files/{DIGEST}/f.whl"])
def test_nothing_is_uploaded_to_a_page(upload: Ask, rails: Ask, path: str) -> None:
    """GitLab ends with a route for any method on any path, so an address that is only read is none for an upload."""
    assert upload(path=PYPI + path) == rails(404, NO_ROUTE)


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_slash_at_the_end_does_not_matter(
    registry: Registry, upload: Ask, get: Ask, created: Answer, slash: str
) -> None:
    """GitLab's router takes both."""
    assert upload(path=PYPI + slash) == created
    assert get(f"{PYPI}/simple/sample-project{slash}")[0] == 200
    assert get(f"{PYPI}/simple{slash}")[0] == 200
    assert [exchange.status for exchange in registry.log] == [201, 200, 200]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "name",
    ["..%2Ff.whl", "..%2F..%2Fetc%2Fpasswd", "a%2F..%2Ff.whl", "%2Fetc%2Fpasswd", "..%5Cf.whl", "a%0Ab"],
)
@pytest.mark.parametrize("who", ["publisher", "nobody"])
def test_a_download_does_not_leave_its_folder(registry: Registry, get: Ask, rails: Ask, name: str, who: str) -> None:
    """A file name that leads elsewhere is refused before anybody is asked who they are."""
    answer = get(f"{PYPI}/files/{DIGEST}/{name}", who=registry.publisher if who == "publisher" else ANONYMOUS)

    assert answer == rails(400, '{"error":"file_identifier should be a valid file path"}')


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", ["..", "%2E%2e", ".", "../f.whl", "../../../../../../etc/passwd", "a/../../f.whl"])
@pytest.mark.parametrize("page", ["files/x/", "simple/"])
def test_dots_as_they_are_do_not_leave_the_folder(registry: Registry, name: str, page: str) -> None:
    """The same where dots are not escaped, which clients do not send: they resolve them first."""
    connection = http.client.HTTPConnection(registry.url.removeprefix("http://"), timeout=10)
    connection.request("GET", f"{PYPI}/{page}{name}")
    with connection.getresponse() as response:
        kind = "file_identifier" if page == "files/x/" else "package_name"
        assert (response.status, response.read()) == (400, f'{{"error":"{kind} should be a valid file path"}}'.encode())
    connection.close()


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", ["...", "f..whl", "..f.whl", "a%2Ff.whl", "~f.whl", "%252e%252e%252ff.whl"])
def test_dots_in_a_name_are_a_name(get: Ask, rails: Ask, name: str) -> None:
    """A name that only looks strange is looked for, and not found."""
    assert get(f"{PYPI}/files/{DIGEST}/{name}") == rails(
        404, '{"message":"404 Not found"}', X_Frame_Options=None, X_Content_Type_Options=None
    )


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("path", ["/simple/..%2F..%2Fx", "/simple/%2Fx", "/simple/a%2F..%2Fx"])
def test_a_project_name_does_not_leave_its_folder(get: Ask, rails: Ask, path: str) -> None:
    """The same check holds for the name of a project."""
    assert get(PYPI + path) == rails(400, '{"error":"package_name should be a valid file path"}')


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "path",
    ["/simple/a%00b", "/simple/%ff", "/simple?a=%00", "/simple?a=%ff", f"/files/{DIGEST}/%00.whl", "/files/%fe/f.whl"],
)
@pytest.mark.parametrize("who", ["publisher", "nobody"])
def test_an_address_that_is_no_text_is_refused(
    registry: Registry, get: Ask, malformed: Answer, path: str, who: str
) -> None:
    """Null bytes and what is not UTF-8 are refused before anything else."""
    assert get(PYPI + path, who=registry.publisher if who == "publisher" else ANONYMOUS) == malformed


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", ["unknown", "%C3%A9", "a%2Fb", "%3Cscript%3E", "x" * 5000])
def test_an_unknown_package_is_not_found(get: Ask, rails: Ask, name: str) -> None:
    """A name under which nothing was uploaded, however strange."""
    assert get(f"{PYPI}/simple/{name}/") == rails(404, '{"message":"404 Package Not Found"}')


@pytest.mark.parametrize(
    ("digest", "name"),
    [(DIGEST, "g.whl"), ("2" * 64, "f.whl"), (DIGEST[:-1], "f.whl"), ("x", "f.whl"), (DIGEST, "F.WHL"), (DIGEST, "f")],
)
def test_a_download_needs_digest_and_name(upload: Ask, get: Ask, rails: Ask, digest: str, name: str) -> None:
    """Both must be those of the upload; the digest is the one that the client announced."""
    upload(content=("f.whl", b"PK"), sha256_digest=DIGEST)

    assert get(f"{PYPI}/files/{digest}/{name}") == rails(
        404, '{"message":"404 Not found"}', X_Frame_Options=None, X_Content_Type_Options=None
    )
    assert get(f"{PYPI}/files/{DIGEST}/f.whl")[2] == b"PK"


def test_a_file_is_found_in_its_own_project_alone(world: GitLabWorld, upload: Ask, get: Ask, rails: Ask) -> None:
    """Digest and name are not enough in another project."""
    upload(content=("f.whl", b"PK"), sha256_digest=DIGEST)
    other = world.project("open/source", visibility="public")

    answer = get(f"/api/v4/projects/{other.id}/packages/pypi/files/{DIGEST}/f.whl")

    assert answer == rails(404, '{"message":"404 Not found"}', X_Frame_Options=None, X_Content_Type_Options=None)
