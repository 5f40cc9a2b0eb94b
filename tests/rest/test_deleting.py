"""Deleting: whole packages and single files, who may, on which condition, and what becomes of name and bytes."""

from __future__ import annotations

import hashlib
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ANONYMOUS

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from pytest_pyreg import Credential, ManualClock, Registry
    from pytest_pyreg.blobs import Blob
    from tests.rest.conftest import Api

WHEEL, SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"
PACKAGE, FILE = "projects/1/packages/1", "projects/1/packages/1/package_files/1"
EVERY = pytest.mark.parametrize("gitlab", ["12.10", "13.12", "15.0", "17.4", "19"], indirect=True)
FROM_13_12 = pytest.mark.parametrize("gitlab", ["13.12", "15.0", "17.4", "19"], indirect=True)
FORBIDDEN, NOT_FOUND = {"message": "403 Forbidden"}, {"message": "404 Project Not Found"}


def page(api: Api) -> requests.Response:
    """Return the project page, as an installer sees it."""
    return api.ask("GET", "projects/1/packages/pypi/simple/demo", auth=("any", api.maintainer.secret))


def download(api: Api, filename: str, content: bytes = b"PK") -> requests.Response:
    """Fetch a file."""
    path = f"projects/1/packages/pypi/files/{hashlib.sha256(content).hexdigest()}/{filename}"
    return api.ask("GET", path, auth=("any", api.maintainer.secret))


@pytest.fixture(name="stocked")
def _stocked(api: Api, clock: ManualClock) -> None:
    """Release 1.0 with a wheel and an sdist, release 2.0 with a wheel; a while ago."""
    api.stock("1.0")
    assert api.upload(SDIST, content=b"sdist").status_code == 201
    api.stock("2.0")
    clock.advance(minutes=30)


# -- what happens ------------------------------------------------------------------------------------------------------


@EVERY
@pytest.mark.usefixtures("stocked")
def test_a_package_is_deleted(gitlab: Registry, api: Api) -> None:
    """It is gone from the list, the page and the downloads at once, with its files and their bytes; others stay."""
    answer = api.delete(PACKAGE)

    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert api.listed("projects/1/packages", "version") == ["2.0"]
    for path in (PACKAGE, f"{PACKAGE}/package_files"):
        assert (api.get(path).status_code, api.get(path).json()) == (404, {"message": "404 Not found"})
    assert WHEEL not in page(api).text
    assert "demo-2.0-py3-none-any.whl" in page(api).text
    assert download(api, SDIST, b"sdist").status_code == 404
    assert set(gitlab._blobs._blobs) == {hashlib.sha256(b"PK").hexdigest()}  # The other wheel has the same bytes.
    assert download(api, "demo-2.0-py3-none-any.whl").content == b"PK"

    again = api.delete(PACKAGE)
    assert (again.status_code, again.json()) == (404, {"message": "404 Not found"})
    assert api.delete("projects/1/packages/2").status_code == 204
    assert not gitlab._blobs._blobs
    assert page(api).status_code == 404
    assert gitlab.projects() == set()


@FROM_13_12
@pytest.mark.usefixtures("stocked")
def test_a_file_is_deleted(gitlab: Registry, api: Api) -> None:
    """The rest of its package stays."""
    answer = api.delete(FILE)

    assert (answer.status_code, answer.content) == (204, b"")
    assert api.listed(f"{PACKAGE}/package_files", "file_name") == [SDIST]
    assert WHEEL not in page(api).text
    assert SDIST in page(api).text
    assert download(api, WHEEL).status_code == 404
    assert download(api, SDIST, b"sdist").content == b"sdist"
    again = api.delete(FILE)
    assert (again.status_code, again.json()) == (404, {"message": "404 Not Found"})
    assert len(gitlab._blobs._blobs) == 2


@FROM_13_12
def test_the_last_file_leaves_an_empty_package(gitlab: Registry, api: Api) -> None:
    """It stays in the list, its page is there without links, and it can be deleted; its bytes are gone."""
    api.stock("1.0")

    assert api.delete(FILE).status_code == 204

    assert api.listed("projects/1/packages", "version") == ["1.0"]
    assert api.listed(f"{PACKAGE}/package_files", "id") == []
    assert page(api).status_code == 200
    assert "<a " not in page(api).text
    assert not gitlab._blobs._blobs
    assert gitlab.files("demo") == set()
    assert api.delete(PACKAGE).status_code == 204
    assert page(api).status_code == 404


@pytest.mark.parametrize("gitlab", ["12.10", "13.4"], indirect=True)
@pytest.mark.usefixtures("stocked")
def test_before_13_12_files_cannot_be_deleted(api: Api) -> None:
    """There is no such route; the whole package can."""
    answer = api.delete(FILE)

    assert (answer.status_code, answer.json()) == (404, {"error": "404 Not Found"})
    assert len(api.listed(f"{PACKAGE}/package_files", "id")) == 2
    assert api.delete(PACKAGE).status_code == 204


@FROM_13_12
@pytest.mark.usefixtures("stocked")
def test_what_is_not_there_is_not_deleted(api: Api) -> None:
    """Unknown ids, those of another project or package, and what is no id."""
    other = api.world.project("acme/other")
    api.stock("3.0", project=other)  # Package 3 with file 4.

    for package in ("999", "0", "-1", "3", "9" * 30):
        for path in (f"projects/1/packages/{package}", f"projects/1/packages/{package}/package_files/1"):
            assert (api.delete(path).status_code, api.delete(path).json()) == (404, {"message": "404 Not found"})
    for file in ("999", "0", "3", "4", "9" * 30):  # 3 belongs to the package of 2.0.
        answer = api.delete(f"{PACKAGE}/package_files/{file}")
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Not Found"})
    assert api.delete(f"{PACKAGE}/package_files/x").json() == {"error": "package_file_id is invalid"}
    assert api.delete("projects/1/packages/x/package_files/y").json() == {
        "error": "package_id is invalid, package_file_id is invalid"
    }
    assert api.delete("projects/999/packages/1").json() == NOT_FOUND
    assert len(api.registry._index.releases([api.world.home, other])) == 3


# -- the name afterwards -----------------------------------------------------------------------------------------------


@EVERY
@pytest.mark.usefixtures("stocked")
def test_a_deleted_package_can_be_uploaded_again(gitlab: Registry, api: Api) -> None:
    """Its names are free at once, and it is a new package; before, the name is taken (but for 12.10)."""
    taken = api.upload(WHEEL, content=b"other")
    assert taken.status_code == (201 if gitlab.flavour.version == "12.10" else 400)

    api.delete(PACKAGE)

    assert api.upload(WHEEL, content=b"new").status_code == 201
    assert gitlab.files("demo") == {WHEEL, "demo-2.0-py3-none-any.whl"}
    assert download(api, WHEEL, b"new").content == b"new"
    assert api.get("projects/1/packages/3").json()["version"] == "1.0"


@pytest.mark.parametrize("gitlab", ["13.12", "14.2"], indirect=True)
@pytest.mark.usefixtures("stocked")
def test_a_deleted_file_can_be_uploaded_again(api: Api) -> None:
    """To 14 its name is free at once; that of another file of the package is not."""
    api.delete(FILE)

    assert api.upload(WHEEL, content=b"new").status_code == 201
    assert download(api, WHEEL, b"new").content == b"new"
    assert api.upload(SDIST).status_code == 400


@pytest.mark.parametrize("gitlab", ["15.0", "17.4", "19"], indirect=True)
@pytest.mark.parametrize(("later", "wait"), [(0, 50), (51, 59), (50, 60)])
@pytest.mark.usefixtures("stocked")
def test_a_deleted_files_name_waits_for_the_cleaner(
    gitlab: Registry, api: Api, clock: ManualClock, later: int, wait: int
) -> None:
    """From 15.0 on it is taken until twenty past the hour, in its own package alone."""
    clock.advance(minutes=later, seconds=0)  # From half past twelve on.
    api.delete(FILE)

    for _ in range(2):
        refused = api.upload(WHEEL, content=b"new")
        assert refused.status_code == 400
        assert refused.json()["message"].endswith("File name has already been taken")
        assert set(gitlab._blobs._blobs) == {hashlib.sha256(data).hexdigest() for data in (b"PK", b"sdist")}
        clock.advance(minutes=wait / 2 - 0.01)
    assert api.upload(WHEEL, version="3.0").status_code == 201
    clock.advance(minutes=0.02)

    assert api.upload(WHEEL, content=b"new").status_code == 201
    assert download(api, WHEEL, b"new").content == b"new"


@pytest.mark.parametrize("gitlab", ["15.0", "17.4"], indirect=True)
@pytest.mark.usefixtures("stocked")
def test_deleting_the_package_frees_the_name_of_its_deleted_file(api: Api) -> None:
    """A new package knows nothing of the old one's names."""
    api.delete(FILE)
    assert api.upload(WHEEL).status_code == 400

    api.delete(PACKAGE)

    assert api.upload(WHEEL).status_code == 201


# -- on a condition ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PACKAGE, FILE])
@pytest.mark.parametrize(
    ("date", "status"),
    [
        ("Thu, 01 Jan 2026 11:59:59 GMT", 412),
        ("Thu, 01 Jan 2026 12:00:00 GMT", 412),  # It was 123 milliseconds later.
        ("Thu, 01 Jan 2026 12:00:01 GMT", 204),
        ("Thu, 01 Jan 2026 13:59:59 +0200", 412),
        ("Fri, 01 Jan 2027 12:00:00 GMT", 204),
        ("yesterday", 204),
        ("", 204),
    ],
)
@pytest.mark.usefixtures("stocked")
def test_if_unmodified_since(api: Api, path: str, date: str, status: int) -> None:
    """What changed after the date stays; what is no date is no condition."""
    answer = api.delete(path, api.maintainer, If_Unmodified_Since=date)

    assert answer.status_code == status
    if status == 412:
        assert answer.json() == {"message": "412 Precondition Failed"}
        assert api.listed(f"{PACKAGE}/package_files", "id") == [1, 2]


@pytest.mark.usefixtures("stocked")
def test_a_new_file_changes_its_package_and_no_other_file(api: Api) -> None:
    """So the package has changed since, and its first file has not."""
    since = {"If_Unmodified_Since": "Thu, 01 Jan 2026 12:10:00 GMT"}
    api.upload("demo-1.0-1-py3-none-any.whl")

    assert api.delete(PACKAGE, api.maintainer, **since).status_code == 412
    assert api.delete(FILE, api.maintainer, **since).status_code == 204
    assert api.delete("projects/1/packages/2", api.maintainer, **since).status_code == 204


@pytest.mark.parametrize("gitlab", ["17.10", "19"], indirect=True)
@pytest.mark.parametrize("path", [PACKAGE, FILE])
@pytest.mark.usefixtures("stocked")
def test_protection_from_deletion(api: Api, path: str) -> None:
    """With its flag a rule holds for who is below its level, and what it does not match can be deleted."""
    api.world.home.protect("de*", delete="owner")
    api.world.home.protect("other", delete="admin")
    api.stock("1.0", name="free")
    owner = api.member("owner")
    api.world.flag("packages_protected_packages_delete")

    answer = api.delete(path)

    message = {"message": "403 Forbidden - Package is deletion protected."}
    assert (answer.status_code, answer.json()) == (403, message)
    assert len(api.listed(f"{PACKAGE}/package_files", "id")) == 2
    unknown_file = api.delete(f"{PACKAGE}/package_files/999")
    assert (unknown_file.status_code, unknown_file.json()) == (403, message)  # Asked before the file is looked for.
    assert api.delete(path, api.registry.publisher).json() == FORBIDDEN  # The right comes first.
    assert api.delete("projects/1/packages/3").status_code == 204
    assert api.delete(path, owner).status_code == 204


@pytest.mark.parametrize("gitlab", ["17.10", "19"], indirect=True)
@pytest.mark.parametrize("path", [PACKAGE, FILE])
@pytest.mark.usefixtures("stocked")
def test_protection_without_its_flag(api: Api, path: str) -> None:
    """A rule by itself protects nothing from deletion; nor does one that protects from publishing, with the flag."""
    api.world.home.protect("demo", delete="owner")
    assert api.delete(path).status_code == 204

    api.world.home.protection.clear()
    api.world.flag("packages_protected_packages_delete")
    api.world.home.protect("demo", push="owner")
    assert api.delete("projects/1/packages/2").status_code == 204


# -- who may -----------------------------------------------------------------------------------------------------------


@EVERY
@pytest.mark.usefixtures("stocked")
def test_roles(gitlab: Registry, api: Api) -> None:
    """Maintainers and up, whether or not there is such a package; the rest by what they may know."""
    paths = [PACKAGE, "projects/1/packages/999"] + ([FILE] if gitlab.flavour.version != "12.10" else [])
    callers = [("guest", 403), ("reporter", 403), ("developer", 403)]

    for path in paths:
        for role, status in callers:
            answer = api.delete(path, api.member(role))
            assert (answer.status_code, answer.json()) == (status, FORBIDDEN), role
        for who in (gitlab.stranger, ANONYMOUS):
            answer = api.delete(path, who)
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        wrong = api.delete(path, PRIVATE_TOKEN="wrong")
        assert (wrong.status_code, wrong.json()) == (401, {"message": "401 Unauthorized"})
        assert "WWW-Authenticate" not in wrong.headers
    api.world.group("acme", visibility="public")
    api.world.project("acme/demo", visibility="public")
    for path in paths:
        for who in (gitlab.stranger, ANONYMOUS, api.member("developer")):
            assert api.delete(path, who).json() == FORBIDDEN
    assert len(gitlab._index.releases([api.world.home])) == 2
    assert api.delete("projects/1/packages/2", api.member("owner")).status_code == 204
    admin = api.world.user("root", admin=True).personal_token()
    assert api.delete(PACKAGE, admin).status_code == 204


@FROM_13_12
@pytest.mark.parametrize("path", [PACKAGE, FILE])
@pytest.mark.usefixtures("stocked")
def test_tokens(gitlab: Registry, api: Api, path: str) -> None:
    """A token that only reads, a deploy token, and basic auth delete nothing; an access token of a maintainer does."""
    user = api.world.user("a-maintainer")
    reads = user.personal_token(["read_api"])
    deploy = api.world.home.deploy_token()
    over = user.personal_token()
    api.world.revoke(over)

    answer = api.delete(path, reads)
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")
    assert api.get(path.partition("/package_files")[0], reads).status_code == 200
    assert api.delete(path, Deploy_Token=deploy.secret).json() == NOT_FOUND  # Not read, so nobody.
    assert api.delete(path, deploy).status_code == 401
    assert api.delete(path, Authorization=f"Bearer {deploy.secret}").status_code == 401
    assert api.ask("DELETE", path, auth=(deploy.username, deploy.secret)).json() == NOT_FOUND
    assert api.ask("DELETE", path, auth=("any", api.maintainer.secret)).json() == NOT_FOUND
    assert api.delete(path, over).json()["error"] == "invalid_token"
    assert len(gitlab._index.releases([api.world.home])[0].files) == 2
    robot = api.world.home.access_token(role="maintainer")
    assert api.delete(path, Authorization=f"Bearer {robot.secret}").status_code == 204
    assert api.ask("DELETE", f"projects/1/packages/2?private_token={robot.secret}", ANONYMOUS).status_code == 204


WAYS: dict[str, Callable[[Api, str, str], requests.Response]] = {
    "JOB-TOKEN": lambda api, path, secret: api.delete(path, JOB_TOKEN=secret),
    "job_token": lambda api, path, secret: api.ask("DELETE", f"{path}?job_token={secret}", ANONYMOUS),
    "token": lambda api, path, secret: api.ask("DELETE", f"{path}?token={secret}", ANONYMOUS),
    "bearer": lambda api, path, secret: api.delete(path, Authorization=f"Bearer {secret}"),
}


@pytest.mark.parametrize(
    ("gitlab", "packages", "files"),
    [("13.12", False, False), ("15.0", False, False), ("15.3", True, False), ("16.0", True, True), ("19", True, True)],
    indirect=["gitlab"],
)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.usefixtures("stocked")
def test_job_tokens(api: Api, way: str, *, packages: bool, files: bool) -> None:
    """Packages know them from 15.3 on, files from 16.0 on; before, they are not read (a bearer is: it is wrong)."""
    send, unread = WAYS[way], 401 if way == "bearer" else 404
    developer = api.world.home.job_token(api.world.user("publisher"))
    maintainer = api.world.home.job_token(api.world.user("a-maintainer"))

    for path, known in ((FILE, files), (PACKAGE, packages)):
        assert send(api, path, developer.secret).status_code == (403 if known else unread)
        assert send(api, path, "glcbt-64_never").status_code == (401 if known or way == "bearer" else 404)
        assert send(api, path, maintainer.secret).status_code == (204 if known else unread)
    api.world.revoke(maintainer)
    assert send(api, "projects/1/packages/2", maintainer.secret).status_code == (401 if packages else unread)


def job_of(api: Api, permissions: list[str] | None = None, *, allowed: bool = True) -> Credential:
    """Return the token of a maintainer's job in another project."""
    other = api.world.project("acme/other")
    if allowed:
        api.world.home.allow_jobs_of(other, permissions)
    return other.job_token(api.world.user("a-maintainer"))


@pytest.mark.parametrize("gitlab", ["17.4", "19"], indirect=True)
@pytest.mark.usefixtures("stocked")
def test_the_job_of_another_project(api: Api) -> None:
    """From outside the allowlist it is told so; from inside it deletes."""
    answer = api.delete(PACKAGE, JOB_TOKEN=job_of(api, allowed=False).secret)

    words = "403 Forbidden - Authentication by CI/CD job token not allowed from other to demo."
    assert (answer.status_code, answer.json()) == (403, {"message": words})
    assert api.delete(PACKAGE, JOB_TOKEN=job_of(api).secret).status_code == 204


@pytest.mark.parametrize("gitlab", ["17.11", "19"], indirect=True)
@pytest.mark.usefixtures("stocked")
def test_fine_grained_permissions(api: Api) -> None:
    """A job that may only read lists, and is told which permission it lacks to delete."""
    reads = job_of(api, ["read_packages"])

    assert api.get("projects/1/packages", JOB_TOKEN=reads.secret).status_code == 200
    answer = api.delete(PACKAGE, JOB_TOKEN=reads.secret)

    assert answer.status_code == 403
    assert answer.json()["message"].endswith("The following token permission is required: admin_packages.")
    assert api.delete(PACKAGE, JOB_TOKEN=job_of(api, ["admin_packages"]).secret).status_code == 204


# -- at the same time --------------------------------------------------------------------------------------------------


def at_once(*works: Callable[[], object]) -> None:
    """Run all of them at the same time."""
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        gate.wait()
        work()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("path", [PACKAGE, FILE])
def test_two_delete_the_same(gitlab: Registry, api: Api, path: str) -> None:
    """One of them does, the other is told so or that it is gone; bytes that another package shares are kept."""
    for round_ in range(20):
        api.stock(f"1.{round_}")
        number = gitlab._index.releases([api.world.home])[0].id
        [file] = gitlab._index.releases([api.world.home])[0].files
        other = api.stock(f"2.{round_}")[-1]
        target = path.replace("packages/1", f"packages/{number}").replace("files/1", f"files/{file.id}")
        statuses: list[int] = []

        def delete(target: str = target, statuses: list[int] = statuses) -> None:
            statuses.append(api.delete(target).status_code)

        at_once(delete, delete, delete)

        assert set(statuses) <= {204, 404}
        assert 204 in statuses
        assert list(gitlab._blobs._holders.values()) == [1]
        for left in {number, other} if path == FILE else {other}:
            assert api.delete(f"projects/1/packages/{left}").status_code == 204
        assert not gitlab._blobs._blobs


def test_a_download_while_it_is_deleted(gitlab: Registry, api: Api) -> None:
    """It is the whole file or a 404, never an error or a part; nothing stays behind."""
    content = bytes(range(256)) * 64
    answers: list[tuple[int, int]] = []

    def fetch() -> None:
        answer = download(api, WHEEL, content)
        answers.append((answer.status_code, len(answer.content) if answer.status_code == 200 else 0))

    for _ in range(20):
        assert api.upload(WHEEL, content=content).status_code == 201
        number = gitlab._index.releases([api.world.home])[0].id
        at_once(fetch, partial(api.delete, f"projects/1/packages/{number}"), fetch)

    assert set(answers) <= {(200, len(content)), (404, 0)}
    assert len(answers) == 40
    assert not gitlab._blobs._blobs
    assert not gitlab.log.where(status=500)


def test_a_large_file_that_is_deleted_when_it_was_just_found(
    gitlab: Registry, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, where the bytes lie on disk: a 404, no error."""
    content = bytes(100_000)
    api.upload(WHEEL, content=content)
    find = gitlab._blobs.get

    def find_and_lose(digest: str) -> Blob:
        blob = find(digest)
        api.delete(PACKAGE)
        return blob

    monkeypatch.setattr(gitlab._blobs, "get", find_and_lose)
    monkeypatch.setattr("traceback.print_exc", lambda **_: None)

    assert download(api, WHEEL, content).status_code == 404


def test_the_headers_of_a_deletion(api: Api) -> None:
    """RFC 9110: no Content-Length with a 204; Rack::ETag says `no-cache` of what it does not tag."""
    api.stock("1.0")

    answer = api.delete(PACKAGE)

    assert "Content-Length" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-cache"


def test_if_unmodified_since_takes_any_date_of_ruby(api: Api) -> None:
    """`Time.parse` reads ISO 8601 as well (lib/api/helpers.rb, `check_unmodified_since!`)."""
    api.stock("1.0")

    assert api.delete(PACKAGE, api.maintainer, If_Unmodified_Since="2026-01-01T11:00:00Z").status_code == 412
