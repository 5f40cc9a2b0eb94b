"""What Gitea's document promises to who installs: rows 29 and 30 of the promises, and what clients make of it."""

from __future__ import annotations

import importlib.metadata
import re
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pytest_pyreg import Credential, make_sdist, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg import Dist, Registry
    from pytest_pyreg.flavours.gitea import GiteaWorld
    from pytest_pyreg.flavours.gitea.people import User
    from tests.promises.conftest import Shell
    from tests.promises.gitea.conftest import Addresses, People

EVERY = [
    *("gitea@1.17.0", "gitea@1.17.4", "gitea@1.18", "gitea@1.21", "gitea@1.22", "gitea@1.23", "gitea@1.24"),
    *("gitea@1.27", "forgejo@7", "forgejo@9", "forgejo@12", "forgejo@16", "forgejo@17"),
]
ENDS = ["gitea@1.17.0", "gitea@1.27", "forgejo@7", "forgejo@17"]
DEMO = "test-package"
NOTHING = "No matching distribution found"
OLD = ("gitea@1.17.0", "gitea@1.17.4", "gitea@1.18", "gitea@1.21")
"""Whose pages have `#sha256-`."""
uv_reads_old_pages = Version(importlib.metadata.version("uv")) >= Version("0.5.31")
"""Measured: 0.4.30 and 0.5.10 refuse them (astral-sh/uv#3017), 0.5.31, 0.6.17, 0.8.24 and 0.13.8 do not."""
PIP = "pip install --index-url {index} --no-deps test_package"


@pytest.mark.parametrize("gitea", EVERY, indirect=True)
def test_install_as_the_document_shows_it(
    gitea: Registry,
    at: Addresses,
    shell: Shell,
    people: People,
    demo: tuple[Dist, Dist],
    password_of: Callable[[User], Credential],
) -> None:
    """Rows 29 and 30: pip with the owner's index alone, name and password in its address, takes the wheel.

    So does uv with a token, and with the sdist, which it builds.
    """
    gitea.add(*demo)
    who = password_of(people.reader)

    printed = shell.run(PIP.format(index=at.index(people.organization, who)))

    shown = at.index(people.organization).replace("http://", "http://reader:****@")
    assert f"Looking in indexes: {shown}\n" in printed
    assert re.search(r"^Successfully installed test[-_]package-0\.0\.1$", printed, re.MULTILINE)
    assert who.secret not in printed
    assert shell.installed == {DEMO: "0.0.1"}
    page, file = shell.new()
    assert (page.action, page.status, page.who) == ("project page", 200, "user reader")
    assert (file.filename, file.status, file.who) == (demo[0].name, 200, "user reader")

    shell.clear()
    token = people.reading()
    line = f"uv pip install --index-url {at.index(people.organization, token)} --no-binary :all: {DEMO}"
    if gitea.flavour.name in OLD and not uv_reads_old_pages:
        assert "Unexpected fragment (expected `#sha256=...` or similar)" in shell.fail(line)
        return
    shell.run(line)
    assert shell.installed == {DEMO: "0.0.1"}
    assert gitea.log.downloads()[-1].filename == demo[1].name


@pytest.mark.parametrize("gitea", [*ENDS, "gitea@1.18"], indirect=True)
def test_who_may_not_install(
    gitea: Registry,
    at: Addresses,
    shell: Shell,
    people: People,
    demo: tuple[Dist, Dist],
    password_of: Callable[[User], Credential],
) -> None:
    """Row 29, refused, all with 401: pip says that there is nothing, uv that the credentials are wanting.

    An owner who is not there is 404 for who may know it.
    """
    gitea.add(*demo)
    index = at.index(people.organization)
    wrong, stranger = Credential("reader", "wrong-password"), password_of(people.stranger)
    for who in (None, wrong, stranger):
        printed = " ".join(
            shell.fail(f"uv pip install --index-url {at.index(people.organization, who)} {DEMO}").split()
        )
        assert f"An index URL ({index}) could not be queried" in printed
        assert "lack of valid authentication credentials (401 Unauthorized)" in printed
        assert {one.status for one in shell.new()} == {401}
    printed = shell.fail(PIP.format(index=at.index(people.organization, stranger)))
    assert NOTHING in printed
    assert {one.status for one in shell.new()} == {401}
    assert shell.installed == {}
    assert gitea.log.downloads() == ()


@pytest.mark.parametrize(
    ("gitea", "read"), [("gitea@1.17.0", True), ("gitea@1.18", False), ("forgejo@7", False)], indirect=["gitea"]
)
def test_a_wrong_password_where_none_is_needed(
    gitea: Registry, world: GiteaWorld, at: Addresses, shell: Shell, people: People, demo: tuple[Dist, Dist], read: bool
) -> None:
    """Row 29, of a public owner: everybody installs; with a wrong password only in 1.17, where it counts as none."""
    world.organization("acme", visibility="public")
    gitea.add(*demo)
    shell.run(PIP.format(index=at.index(people.organization)))
    assert shell.installed == {DEMO: "0.0.1"}
    assert {one.who for one in shell.new()} == {"an anonymous caller"}
    shell.clear()

    line = PIP.format(index=at.index(people.organization, Credential("reader", "wrong-password")))
    if read:
        shell.run(line)
    else:
        assert NOTHING in shell.fail(line)
        assert {one.status for one in shell.new()} == {401}
    assert shell.installed == ({DEMO: "0.0.1"} if read else {})


@pytest.mark.parametrize("gitea", ENDS, indirect=True)
def test_install_with_an_extra_index(
    gitea: Registry,
    at: Addresses,
    shell: Shell,
    people: People,
    demo: tuple[Dist, Dist],
    password_of: Callable[[User], Credential],
) -> None:
    """Row 29: `--extra-index-url`, with the public index, which stands in `upstream` here, as the first one.

    Nothing is forwarded to it, so each index has what the other lacks; and it is asked for the private name too.
    """
    gitea.add(demo[1])  # Row 30: there is the .tar.gz alone.
    gitea.upstream.add(make_wheel("public-thing", "3.0"))
    public = {"PIP_INDEX_URL": gitea.upstream.index_url, "PIP_EXTRA_INDEX_URL": ""}
    line = "pip install --extra-index-url {index} --no-deps {what}"

    wrong = at.index(people.organization, Credential("reader", "wrong-password"))
    shell.fail(line.format(index=wrong, what=DEMO), **public)
    assert {one.status for one in shell.new()} == {401}
    index = at.index(people.organization, password_of(people.reader))
    shell.run(line.format(index=index, what=f"{DEMO} public-thing"), **public)

    assert shell.installed == {DEMO: "0.0.1", "public-thing": "3.0"}
    assert [one.filename for one in gitea.log.downloads()] == [demo[1].name]
    assert {one.project for one in gitea.upstream.log} >= {DEMO, "public-thing"}
    assert {one.status for one in shell.new() if one.project == "public-thing"} <= {404}


@pytest.mark.parametrize("gitea", ["gitea@1.27", "forgejo@17"], indirect=True)
def test_an_extra_index_is_open_to_dependency_confusion(
    gitea: Registry, at: Addresses, shell: Shell, people: People, password_of: Callable[[User], Credential]
) -> None:
    """Row 29: the document shows `--no-deps` with `--index-url`; a higher version elsewhere wins with the extra one."""
    gitea.add(make_wheel(DEMO, "1.0"))
    gitea.upstream.add(make_wheel(DEMO, "9.0"))
    index = at.index(people.organization, password_of(people.reader))

    shell.run(f"pip install --extra-index-url {index} --no-deps {DEMO}", PIP_INDEX_URL=gitea.upstream.index_url)
    assert shell.installed == {DEMO: "9.0"}
    shell.clear()
    shell.run(f"pip install --index-url {index} --no-deps {DEMO}")
    assert shell.installed == {DEMO: "1.0"}


# -- what clients make of the pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gitea", "hashes"),
    [("gitea@1.17.0", 1), ("gitea@1.21", 1), ("gitea@1.22", 2), ("forgejo@7", 2), ("forgejo@16", 2)],
    indirect=["gitea"],
)
def test_hashes_of_the_pages(
    gitea: Registry, at: Addresses, shell: Shell, people: People, demo: tuple[Dist, Dist], hashes: int
) -> None:
    """The fragment `#sha256-` of pages to 1.21 is no hash: uv locks the file that it fetched alone, not both."""
    gitea.add(*demo)
    (shell.folder / "requirements.in").write_text(f"{DEMO}\n")
    index = at.index(people.organization, people.reading())

    line = f"uv pip compile --generate-hashes --index-url {index} requirements.in"
    if gitea.flavour.name in OLD and not uv_reads_old_pages:
        assert "Unexpected fragment (expected `#sha256=...` or similar)" in shell.fail(line)
        return
    printed = shell.run(line)

    assert printed.count("--hash=sha256:") == hashes
    (shell.folder / "requirements.txt").write_text(printed[printed.index(f"{DEMO}==") :].partition("Resolved")[0])
    shell.run(f"uv pip install --require-hashes --index-url {index} -r requirements.txt")
    assert shell.installed == {DEMO: "0.0.1"}


@pytest.mark.parametrize(
    ("gitea", "kind"),
    [
        ("gitea@1.17.0", "text/html; charset=UTF-8"),
        ("gitea@1.27", "text/html; charset=utf-8"),
        ("forgejo@12", "text/html; charset=utf-8"),
        ("forgejo@16", "application/vnd.pypi.simple.v1+json, application/json"),
    ],
    indirect=["gitea"],
)
def test_the_pages_content_type(
    gitea: Registry, at: Addresses, shell: Shell, people: People, demo: tuple[Dist, Dist], kind: str
) -> None:
    """Forgejo 16 gives pip JSON with two lines `Content-Type`; pip joins them with a comma, and reads it as JSON."""
    gitea.add(*demo)
    index = at.index(people.organization, people.reading())

    printed = shell.run(f"pip download -vv --index-url {index} --no-deps {DEMO}")

    assert f"/simple/{DEMO}/ as {kind}\n" in printed
    assert (shell.folder / demo[0].name).is_file()


@pytest.mark.parametrize("gitea", ["gitea@1.22", "gitea@1.27", "forgejo@7", "forgejo@17"], indirect=True)
def test_uv_asks_for_metadata_with_head(gitea: Registry, at: Addresses, shell: Shell, people: People) -> None:
    """HEAD is 405 and no page offers metadata: uv then fetches the wheel twice, to read it and to install it.

    It does not try for a part of it, though releases from 1.18 on would give one.
    """
    gitea.add(wheel := make_wheel(DEMO, "0.0.1"))
    index = at.index(people.organization, people.reading())

    shell.run(f"uv pip install --index-url {index} {DEMO}")

    assert shell.installed == {DEMO: "0.0.1"}
    # Some uv first asks for a file without its token.
    page, head, *files = (one for one in shell.new() if one.status != 401)
    assert (page.method, page.status) == ("GET", 200)
    assert (head.method, head.status, head.path.rpartition("/")[2]) == ("HEAD", 405, wheel.name)
    assert {(one.method, one.status, one.filename) for one in files} == {("GET", 200, wheel.name)}
    assert not [one for one in files if "range" in {name.lower() for name, _ in one.headers}]


@pytest.mark.parametrize("gitea", ENDS, indirect=True)
def test_metadata_is_that_of_the_first_file(gitea: Registry, at: Addresses, shell: Shell, people: People) -> None:
    """What Python a later file of a version demands is not told: pip fetches it, and only then sees that it cannot."""
    first, second = make_sdist(DEMO, "0.0.1"), make_wheel(DEMO, "0.0.1", requires_python=">=99")
    index = at.index(people.organization, people.reading())

    gitea.add(make_wheel("other", "0.0.1", requires_python=">=99"), first, second)

    assert "requires a different Python" in shell.fail(f"pip install --index-url {index} --no-deps {DEMO}")
    assert [one.filename for one in shell.new() if one.filename] == [second.name]
    assert NOTHING in shell.fail(f"pip install --index-url {index} --no-deps other")
    assert [one.filename for one in shell.new() if one.filename] == []  # The first file's demand is on the page.
