"""What Gitea's document promises to who uploads: rows 27, 28 and 30 of the promises."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pytest_pyreg import Credential, make_sdist, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg import Dist, Registry
    from pytest_pyreg.flavours.gitea.people import Owner, User
    from tests.promises.conftest import Shell
    from tests.promises.gitea.conftest import Addresses, People

EVERY = [
    *("gitea@1.17.0", "gitea@1.17.4", "gitea@1.18", "gitea@1.21", "gitea@1.22", "gitea@1.23", "gitea@1.24"),
    *("gitea@1.27", "forgejo@7", "forgejo@9", "forgejo@12", "forgejo@16", "forgejo@17"),
]
ENDS = ["gitea@1.17.0", "gitea@1.27", "forgejo@7", "forgejo@17"]
DEMO = "test-package"
TWINE = "python3 -m twine upload --repository gitea dist/*"
EXISTS = dict.fromkeys(("gitea@1.17.0", "gitea@1.17.4", "gitea@1.18"), "Package file does exist already")
"""How early releases say that a file is there already."""
UV = "uv publish --trusted-publishing never --publish-url {url} --username {username} --password {password} dist/*"

twine_refuses_to_skip = Version(importlib.metadata.version("twine")) >= Version("6.2")
"""Measured with 6.2.0 and 7.0.0, for any repository but the public index; 5.1.1 to 6.1.0 try."""


def stored(gitea: Registry, owner: Owner) -> set[str]:
    """Return the names of an owner's files."""
    return {file.filename for release in gitea._index.releases([owner]) for file in release.files}


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_upload_by_a_named_repository_of_pypirc(
    gitea: Registry,
    at: Addresses,
    shell: Shell,
    people: People,
    demo: tuple[Dist, Dist],
    password_of: Callable[[User], Credential],
) -> None:
    """Rows 27, 28 and 30: `~/.pypirc` has the owner's address, the name and a password or token; wheel and sdist go up.

    The owner is an organisation, then a user: the uploader.
    """
    shell.dist(*demo)
    for owner, who in (
        (people.organization, password_of(people.publisher)),
        (people.publisher, people.publisher.token()),
    ):
        shell.pypirc(at.upload(owner), who, "gitea")
        shell.run(TWINE)

        assert stored(gitea, owner) == {dist.name for dist in demo}
        assert [(one.method, one.status, one.who) for one in shell.new()] == [("POST", 201, "user publisher")] * 2


@pytest.mark.parametrize("gitea", [*ENDS, "gitea@1.18"], indirect=True)
def test_who_may_not_upload(
    gitea: Registry,
    at: Addresses,
    shell: Shell,
    people: People,
    password_of: Callable[[User], Credential],
) -> None:
    """Rows 27 and 28, refused: a wrong password, a reader and a stranger, all with 401; nothing is stored.

    In 1.17 a wrong password counts as none.
    """
    shell.dist(make_wheel(DEMO, "0.0.1"))
    organization, own = at.upload(people.organization), at.upload(people.publisher)
    wrong = "UNAUTHENTICATED" if gitea.flavour.name == "gitea@1.17.0" else "CREDENTIAL_UNKNOWN"
    for url, who, refusal in (
        (organization, Credential("publisher", "wrong-password"), wrong),
        (organization, password_of(people.reader), "FORBIDDEN"),
        (organization, password_of(people.stranger), "HIDDEN"),
        (own, password_of(people.stranger), "FORBIDDEN"),  # What a user owns, nobody else may add to.
    ):
        shell.pypirc(url, who, "gitea")
        assert "401 Unauthorized" in shell.fail(TWINE)
        assert [(one.status, one.refusal) for one in shell.new()] == [(401, refusal)]

    assert stored(gitea, people.organization) == stored(gitea, people.publisher) == set()


@pytest.mark.parametrize(
    ("gitea", "factor", "asks"),
    [
        ("gitea@1.17.0", "totp", False),
        ("gitea@1.21", "totp", True),
        ("gitea@1.21", "webauthn", False),
        ("gitea@1.27", "webauthn", True),
        ("forgejo@7", "totp", True),
        ("forgejo@7", "webauthn", False),
        ("forgejo@17", "webauthn", True),
    ],
    indirect=["gitea"],
)
def test_two_factor_login_needs_a_token(
    gitea: Registry,
    at: Addresses,
    shell: Shell,
    people: People,
    password_of: Callable[[User], Credential],
    factor: str,
    asks: bool,
) -> None:
    """Row 27: with two-factor login the password is not enough, a token is.

    1.17 to 1.20 take the password for packages all the same, and security keys are asked for from 1.22.4 on, in Forgejo
    from 9 (services/auth/basic.go).
    """
    people.publisher.two_factor = factor
    shell.dist(make_wheel(DEMO, "0.0.1"))

    shell.pypirc(at.upload(people.organization), password_of(people.publisher), "gitea")
    if asks:
        assert "401 Unauthorized" in shell.fail(TWINE)
    else:
        shell.run(TWINE)
    assert [one.status for one in shell.new()] == [401 if asks else 201]

    shell.dist(make_wheel(DEMO, "0.0.2"))
    shell.pypirc(at.upload(people.organization), people.publisher.token(), "gitea")
    shell.run(TWINE)
    assert gitea.versions(DEMO)[-1] == "0.0.2"


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_no_second_upload_before_a_deletion(
    gitea: Registry,
    at: Addresses,
    shell: Shell,
    people: People,
    delete: Callable[[str, Credential], int],
    password_of: Callable[[User], Credential],
) -> None:
    """Row 28: a file that is there is not taken again, same bytes or not; once its version is deleted it is.

    The document says that a name and version cannot be published twice; the code refuses the same file alone, so an
    sdist after a wheel is fine (row 30 would not work otherwise).
    """
    gitea.add(make_wheel(DEMO, "0.0.1"))
    publisher, version = password_of(people.publisher), at.version(people.organization, DEMO, "0.0.1")
    early = gitea.flavour.name in {"gitea@1.17.0", "gitea@1.17.4", "gitea@1.18", "gitea@1.21"}
    shell.pypirc(at.upload(people.organization), publisher, "gitea")
    shell.dist(make_wheel(DEMO, "0.0.1", files={"other.py": "ANOTHER = True\n"}))

    printed = shell.fail(f"{TWINE} --verbose")
    assert ("400 Bad Request" if early else "409 Conflict") in printed
    assert EXISTS.get(gitea.flavour.name, "package file already exists") in printed
    assert [one.status for one in shell.new()] == [400 if early else 409]
    for who in (people.reader, people.stranger):
        assert delete(version, password_of(who)) == 403
    assert len(stored(gitea, people.organization)) == 1

    assert delete(version, publisher) == 204
    shell.dist(make_wheel(DEMO, "0.0.1"), make_sdist(DEMO, "0.0.1"))
    shell.run(TWINE)
    assert len(stored(gitea, people.organization)) == 2
    assert delete(version, publisher) == 204
    assert delete(version, publisher) == 404


@pytest.mark.parametrize("gitea", ENDS, indirect=True)
def test_uv_publishes(
    gitea: Registry,
    at: Addresses,
    shell: Shell,
    people: People,
    demo: tuple[Dist, Dist],
    password_of: Callable[[User], Credential],
) -> None:
    """Rows 27 and 28 with uv, which prints what the server says; to 1.17 it says nothing of a password."""
    shell.dist(*demo)
    url = at.upload(people.organization)

    def line(who: Credential) -> str:
        return UV.format(url=url, username=who.username, password=who.secret)

    says = {
        "gitea@1.17.0": "reqPackageAccess",
        "gitea@1.27": "Failed to authenticate user",
    }.get(gitea.flavour.name, "authGroup.Verify")
    for who, body in (
        (Credential("publisher", "wrong-password"), says),
        (password_of(people.reader), "reqPackageAccess"),
    ):
        assert f"status code 401 Unauthorized. Server says: {body}" in shell.fail(line(who))
    assert stored(gitea, people.organization) == set()

    shell.run(line(password_of(people.publisher)))
    assert stored(gitea, people.organization) == {dist.name for dist in demo}

    printed = shell.fail(line(people.publisher.token()))
    status = "400 Bad Request" if gitea.flavour.name == "gitea@1.17.0" else "409 Conflict"
    words = EXISTS.get(gitea.flavour.name, "package file already exists")
    assert f"status code {status}. Server says: {words}" in printed


@pytest.mark.parametrize("gitea", ["gitea@1.21", "gitea@1.22", "forgejo@7", "forgejo@17"], indirect=True)
def test_what_skips_existing_files(gitea: Registry, at: Addresses, shell: Shell, people: People) -> None:
    """Nothing on the server does; twine 6.2 and later refuse to try, uv looks at the index before.

    Up to 1.21 the index has no hashes that uv can read (`#sha256-`), and uv publishes nothing that is there already.
    """
    gitea.add(wheel := make_wheel(DEMO, "0.0.1"))
    shell.dist(wheel)
    who = people.publisher.token()
    shell.pypirc(at.upload(people.organization), who, "gitea")
    uv = UV.format(url=at.upload(people.organization), username=who.username, password=who.secret)
    uv += f" --check-url {at.index(people.organization, who)}"

    if twine_refuses_to_skip:
        assert "UnsupportedConfiguration" in shell.fail(f"{TWINE} --skip-existing")
        assert shell.new() == ()
    if gitea.flavour.name == "gitea@1.21":
        printed = shell.fail(uv)
        # To 0.5.10 at least uv read no such page at all.
        assert f"Hash is missing in index for `{wheel.name}`" in printed or "Unexpected fragment" in printed
    else:
        assert "already exists, skipping" in shell.run(uv)
        shell.dist(make_wheel(DEMO, "0.0.1", files={"other.py": "ANOTHER = True\n"}))
        assert "Local file and index file do not match" in shell.fail(uv)
    assert {one.method for one in shell.new()} == {"GET"}  # uv asked, and sent nothing.

    if gitea.flavour.name != "gitea@1.21":
        shell.dist(make_wheel(DEMO, "0.0.2"))
        shell.run(uv)
        assert gitea.versions(DEMO) == ["0.0.1", "0.0.2"]


@pytest.mark.parametrize("gitea", ["gitea@1.27", "forgejo@17"], indirect=True)
def test_a_name_that_pip_never_finds(gitea: Registry, at: Addresses, shell: Shell, people: People) -> None:
    """Each `_` and `.` becomes a hyphen and runs stay, but pip and uv ask for the normalized name: nobody finds it.

    uv sends the name as the metadata has it; twine makes one hyphen of a run of underscores first, though not of dots.
    """
    who = people.publisher.token()
    shell.dist(make_wheel("two__under", "1.0"))
    shell.run(UV.format(url=at.upload(people.organization), username=who.username, password=who.secret))
    shell.dist(make_wheel("two__lines", "1.0"), make_wheel("two..dots", "1.0"))
    shell.pypirc(at.upload(people.organization), who, "gitea")
    shell.run(TWINE)
    assert {one.status for one in shell.new()} == {201}
    assert gitea.projects() == {"two--under", "two-lines", "two--dots"}

    for client, name in (("pip", "two__under"), ("uv pip", "two..dots")):
        shell.fail(f"{client} install --index-url {at.index(people.organization, who)} --no-deps {name}")
        assert {(one.path.rpartition("/simple")[2], one.status) for one in shell.new()} == {
            (f"/{name[:3]}-{name[5:]}/", 404)
        }
    shell.run(f"uv pip install --index-url {at.index(people.organization, who)} --no-deps two__lines")
    assert shell.installed == {"two-lines": "1.0"}


@pytest.mark.parametrize(
    ("gitea", "name", "version", "taken"),
    [
        ("gitea@1.17.0", "Upper", "1.0", False),
        ("gitea@1.17.3", "Upper", "1.0", True),
        ("gitea@1.17.3", "plain", "1.0+local", False),
        ("gitea@1.17.4", "plain", "1.0+local", True),
        ("gitea@1.27", "plain", "1.0+LOCAL", False),
        ("forgejo@17", "plain", "1.0+LOCAL", False),
    ],
    indirect=["gitea"],
)
def test_names_and_versions_that_twine_sends_in_vain(
    gitea: Registry, at: Addresses, shell: Shell, people: People, name: str, version: str, taken: bool
) -> None:
    """Upper-case names before 1.17.3, local versions before 1.17.4, and capital letters in these, are refused."""
    shell.pypirc(at.upload(people.organization), people.publisher.token(), "gitea")
    shell.dist(make_wheel(name, version))

    if taken:
        shell.run(TWINE)
    else:
        assert "invalid name or version" in shell.fail(f"{TWINE} --verbose")

    assert [one.status for one in shell.new()] == [201 if taken else 400]
    assert bool(stored(gitea, people.organization)) is taken
