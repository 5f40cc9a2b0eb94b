"""What GitLab's documents promise to who installs: rows 6 to 8, 10, 14, 15, 24 and 25 of the promises."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

import pytest
import requests
from packaging.version import Version

from pytest_pyreg import Credential, make_sdist, make_wheel

if TYPE_CHECKING:
    from pytest_pyreg import Dist, Registry
    from pytest_pyreg.flavours.gitlab.words import Seen
    from pytest_pyreg.flavours.gitlab.world import GitLabWorld
    from tests.promises.conftest import Addresses, Shell

EVERY = ["12.10", "13.4", "17.4", "18.2"]
FROM_13 = EVERY[1:]
FROM_17 = EVERY[2:]
DEMO = "mypypipackage"
UNKNOWN = Credential("__token__", "glpat-never-issued-at-all")
NOTHING = "No matching distribution found"

pip_keeps_tokens_apart = Version(importlib.metadata.version("pip")) >= Version("23.1")
"""Measured: 22.0.4 and 23.0.1 ask for a file with the token that they used last on its host; 23.2.1 does not."""


@pytest.mark.parametrize("gitlab", EVERY, indirect=True)
@pytest.mark.parametrize(("flag", "which"), [("--only-binary", 0), ("--no-binary", 1)], ids=["wheel", "sdist"])
@pytest.mark.parametrize("client", ["pip", "uv pip"])
def test_install_from_a_project(
    gitlab: Registry,
    world: GitLabWorld,
    at: Addresses,
    shell: Shell,
    demo: tuple[Dist, Dist],
    reader: Credential,
    client: str,
    flag: str,
    which: int,
) -> None:
    """Row 6: pip with the project's index alone, the token of scope `read_api` in its address, and no dependencies.

    pip shows the index with stars instead of the token.
    """
    gitlab.add(*demo)
    index = at.index(world.home, reader)

    printed = shell.run(f"{client} install --index-url {index} --no-deps {flag} :all: {DEMO}")

    if client == "pip":
        shown = at.index(world.home).replace("http://", "http://__token__:****@")
        assert f"Looking in indexes: {shown}\n" in printed
        assert f"Successfully installed {DEMO}-0.0.1\n" in printed
    assert reader.secret not in printed
    assert shell.installed == {DEMO: "0.0.1"}
    assert shell.python(f"import {DEMO}; print({DEMO}.__version__)") == "0.0.1\n"
    page, *files = (exchange for exchange in shell.new() if exchange.method == "GET")
    assert (page.action, page.status, page.who) == ("project page", 200, "user reader")
    # Some uv first asks for a file without its token; and it may ask for a part of it.
    assert {exchange.filename for exchange in files} == {demo[which].name}
    assert files[-1].status == 200


@pytest.mark.parametrize("gitlab", EVERY, indirect=True)
def test_install_is_refused_without_the_right(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, demo: tuple[Dist, Dist]
) -> None:
    """Row 6, refused: an unknown token, none, one of a stranger and one without the scope; pip says the same to all."""
    gitlab.add(*demo)
    callers = (
        (UNKNOWN, 401),
        (None, 401),
        (gitlab.stranger, 404),
        (world.user("reader").personal_token(["read_repository"]), 403),
    )
    for who, status in callers:
        printed = shell.fail(f"pip install --index-url {at.index(world.home, who)} --no-deps {DEMO}")
        assert NOTHING in printed
        answers = shell.new()
        assert {exchange.status for exchange in answers} == {status}
        assert all(exchange.why for exchange in answers)

    assert shell.installed == {}
    assert gitlab.log.downloads() == ()


@pytest.mark.parametrize("gitlab", FROM_13, indirect=True)
def test_install_with_an_extra_index(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, demo: tuple[Dist, Dist], reader: Credential
) -> None:
    """Row 7: the public index stays the first one, the project is the extra one; each has what the other lacks."""
    gitlab.add(*demo)
    gitlab.upstream.add(make_wheel("public-thing", "3.0"))
    public = {"PIP_INDEX_URL": gitlab.upstream.index_url}
    line = "pip install --extra-index-url {index} --no-deps {what}"

    shell.fail(line.format(index=at.index(world.home, UNKNOWN), what=DEMO), **public)
    assert {exchange.status for exchange in shell.new()} == {401}
    printed = shell.run(line.format(index=at.index(world.home, reader), what=f"{DEMO} public-thing"), **public)

    extra = at.index(world.home).replace("http://", "http://__token__:****@")
    assert f"Looking in indexes: {gitlab.upstream.index_url}, {extra}\n" in printed
    assert shell.installed == {DEMO: "0.0.1", "public-thing": "3.0"}
    assert [exchange.filename for exchange in gitlab.log.downloads()] == [demo[0].name]
    assert [exchange.filename for exchange in gitlab.upstream.log.downloads()] == ["public_thing-3.0-py3-none-any.whl"]
    # The public index is asked for the private name too: what row 13 warns of.
    assert {exchange.project for exchange in gitlab.upstream.log} >= {DEMO, "public-thing"}


@pytest.mark.parametrize("gitlab", FROM_17, indirect=True)
def test_install_from_a_group(gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell) -> None:
    """Row 8: the group's index has the packages of its projects and its subgroups' projects, for who may read them."""
    acme, other = world.group("acme"), world.project("other/thing")
    member, guest = world.user("grace"), world.user("gus")
    for place in (acme, other):
        place.add_member(world.user("publisher"), "developer")
    acme.add_member(member, "reporter")
    world.home.add_member(guest, "reporter")  # Sees one project of the group.
    for project, name in ((world.home, "one"), (world.project("acme/tools/deep/widget"), "two"), (other, "three")):
        shell.dist(make_wheel(name, "1.0"))
        shell.pypirc(at.upload(project), gitlab.publisher)
        shell.run("twine upload --repository gitlab dist/*")
    world.forward(on=False)
    everything, little = (Credential("__token__", user.personal_token(["read_api"]).secret) for user in (member, guest))
    shell.new()

    shell.run(f"pip install --index-url {at.group(acme, everything)} --no-deps one two")

    assert shell.installed == {"one": "1.0", "two": "1.0"}
    assert {(exchange.status, exchange.who) for exchange in shell.new()} == {(200, "user grace")}
    shell.clear()
    for who, what, status in (
        (everything, "three", 404),  # It lies in another group.
        (little, "one", 403),  # They see the group through their project; its packages are for its own members.
        (gitlab.stranger, "one", 404),
        (UNKNOWN, "one", 401),
    ):
        shell.fail(f"pip install --index-url {at.group(acme, who)} --no-deps {what}")
        assert {exchange.status for exchange in shell.new()} == {status}
    assert shell.installed == {}


@pytest.mark.parametrize("gitlab", ["13.4"], indirect=True)
def test_groups_have_no_index_before_17(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, demo: tuple[Dist, Dist]
) -> None:
    """Row 8, before it is promised: there is no such address."""
    gitlab.add(*demo)
    world.group("acme").add_member(world.user("reader"), "reporter")

    shell.fail(f"pip install --index-url {at.group(world.group('acme'), gitlab.reader)} --no-deps {DEMO}")

    assert {exchange.refusal for exchange in shell.new()} == {"ROUTE_UNKNOWN"}


@pytest.mark.parametrize("gitlab", FROM_13, indirect=True)
def test_names_are_compared_normalized(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential
) -> None:
    """Row 10: hyphen, underscore and dot are one, runs of them too, and case does not matter."""
    shell.dist(
        make_wheel("My_Package", "1.0", requires_python=">=3.6"),
        make_wheel("my.package", "1.1", requires_python=">=3.6"),
    )
    shell.pypirc(at.upload(world.home), gitlab.publisher)
    shell.run("twine upload --repository gitlab dist/*")
    shell.new()

    for name, version in (("my.package", "1.0"), ("my_package", "1.1"), ("my....package", "1.0")):
        shell.run(f"pip install --index-url {at.index(world.home, reader)} --no-deps {name}=={version}")
        assert shell.installed == {"my-package": version}
        page, file = shell.new()
        assert (page.status, page.path.rpartition("/simple")[2], file.status) == (200, "/my-package/", 200)
        shell.clear()

    world.forward(on=False)
    assert NOTHING in shell.fail(f"pip install --index-url {at.index(world.home, reader)} --no-deps mypackage")
    assert [exchange.status for exchange in shell.new()] == [404]


@pytest.mark.parametrize("gitlab", ["12.10"], indirect=True)
def test_names_are_compared_as_they_are_in_12_10(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential
) -> None:
    """Row 10, before it is promised: pip asks for `my-package`, so what was stored as `My.Package` is never found."""
    gitlab.add(make_wheel("My.Package", "1.0"), make_wheel("plain", "1.0"))

    shell.fail(f"pip install --index-url {at.index(world.home, reader)} --no-deps My.Package")
    shell.run(f"pip install --index-url {at.index(world.home, reader)} --no-deps plain")

    assert [exchange.status for exchange in shell.new()] == [404, 200, 200]


@pytest.mark.parametrize("gitlab", FROM_13, indirect=True)
@pytest.mark.parametrize("visibility", ["public", "private"])
def test_requirements_with_an_extra_index(
    gitlab: Registry,
    world: GitLabWorld,
    at: Addresses,
    shell: Shell,
    demo: tuple[Dist, Dist],
    reader: Credential,
    visibility: Seen,
) -> None:
    """Row 14: `--extra-index-url` in requirements.txt; a private project has the credentials in its address."""
    world.group("acme", visibility="public")
    world.project("acme/demo", visibility=visibility)
    gitlab.add(*demo)
    gitlab.upstream.add(make_wheel("public-thing", "3.0"))
    requirements = shell.folder / "requirements.txt"
    public = {"PIP_INDEX_URL": gitlab.upstream.index_url}
    who = reader if visibility == "private" else None
    requirements.write_text(f"--extra-index-url {at.index(world.home, who)}\n{DEMO}==0.0.1\npublic-thing\n")

    shell.run("pip install -r requirements.txt", **public)

    assert shell.installed == {DEMO: "0.0.1", "public-thing": "3.0"}
    assert {exchange.who for exchange in gitlab.log.downloads()} == {"user reader" if who else "an anonymous caller"}
    shell.new()
    if visibility == "private":
        shell.clear()
        for wrong in (None, UNKNOWN):
            requirements.write_text(f"--extra-index-url {at.index(world.home, wrong)}\n{DEMO}==0.0.1\n")
            assert NOTHING in shell.fail("pip install -r requirements.txt", **public)
            assert {exchange.status for exchange in shell.new()} == {401}


@pytest.mark.parametrize("gitlab", FROM_17, indirect=True)
@pytest.mark.parametrize("client", ["pip", "uv pip"])
def test_the_token_from_netrc(
    gitlab: Registry,
    world: GitLabWorld,
    at: Addresses,
    shell: Shell,
    demo: tuple[Dist, Dist],
    reader: Credential,
    client: str,
) -> None:
    """Row 15: `~/.netrc` has the machine, the login `__token__` and the token; the address has no credentials then."""
    gitlab.add(*demo)
    (shell.folder / "requirements.txt").write_text(f"--extra-index-url {at.index(world.home)}\n{DEMO}\n")
    public = {"PIP_INDEX_URL": gitlab.upstream.index_url, "UV_DEFAULT_INDEX": gitlab.upstream.index_url}
    line = f"{client} install -r requirements.txt"

    shell.fail(line, **public)
    assert {exchange.status for exchange in shell.new()} == {401}
    shell.netrc("127.0.0.1", "__token__", UNKNOWN.secret)
    shell.fail(line, **public)
    assert {exchange.status for exchange in shell.new()} == {401}
    shell.netrc("gitlab.example.com", "__token__", reader.secret)  # Of another machine.
    shell.fail(line, **public)
    assert {exchange.status for exchange in shell.new()} == {401}

    shell.netrc("127.0.0.1", "__token__", reader.secret)
    shell.run(line, **public)

    assert shell.installed == {DEMO: "0.0.1"}
    granted = [exchange for exchange in shell.new() if exchange.status == 200]
    assert {exchange.who for exchange in granted} == {"user reader"}
    # pip asks all indexes; uv asks the extra ones first, and stops at the one that has the project.
    assert {exchange.status for exchange in gitlab.upstream.log} <= {404}


@pytest.mark.parametrize("gitlab", FROM_17, indirect=True)
def test_two_tokens_on_one_host(gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell) -> None:
    """Row 24: two private projects, each with a token of its own, confuse pip; a token of their group does not.

    A pip before 23.1 is confused as the documents say, by the two tokens in the addresses.  A later one keeps these
    apart; where it finds its tokens by host, in `~/.netrc`, it still has one for both.
    """
    group, one, two = world.group("acme"), world.project("acme/one"), world.project("acme/two")
    tokens = [project.deploy_token(["read_package_registry"]) for project in (one, two)]
    writer = group.deploy_token(["write_package_registry"])
    for project, name in ((one, "pkg-one"), (two, "pkg-two")):
        shell.dist(make_wheel(name, "1.0"))
        shell.pypirc(at.upload(project), writer)
        shell.run("twine upload --repository gitlab dist/*")
    world.forward(on=False)
    line = "pip install --index-url {} --extra-index-url {} --no-deps pkg-one pkg-two"
    with_tokens = line.format(at.index(one, tokens[0]), at.index(two, tokens[1]))
    both = {"pkg-one": "1.0", "pkg-two": "1.0"}

    if pip_keeps_tokens_apart:
        shell.run(with_tokens)
        assert shell.installed == both
        shell.clear()
    else:
        shell.fail(with_tokens)
        confused = gitlab.log.downloads()[-1]
        assert (confused.status, confused.who) == (404, f"deploy token {tokens[1].username}")
    (shell.home / ".netrc").write_text(
        "".join(f"machine 127.0.0.1\nlogin {token.username}\npassword {token.secret}\n" for token in tokens)
    )
    shell.new()
    assert NOTHING in shell.fail(line.format(at.index(one), at.index(two)))
    hidden = [exchange for exchange in shell.new() if exchange.refusal == "HIDDEN"]
    assert len({exchange.who for exchange in hidden}) == 1  # One token for both projects.
    assert shell.installed == {}
    (shell.home / ".netrc").unlink()

    reads = group.deploy_token(["read_package_registry"])
    shell.run(line.format(at.index(one, reads), at.index(two, reads)))
    assert shell.installed == both
    shell.clear()
    shell.run(f"pip install --index-url {at.group(group, reads)} --no-deps pkg-one pkg-two")
    assert shell.installed == both
    assert {exchange.who for exchange in shell.new()} == {f"deploy token {reads.username}"}
    # It only reads.
    shell.dist(make_wheel("pkg-one", "2.0"))
    shell.pypirc(at.upload(one), reads)
    assert "403 Forbidden" in shell.fail("twine upload --repository gitlab dist/*")
    assert [exchange.status for exchange in shell.new()] == [403]


@pytest.mark.parametrize("gitlab", FROM_17, indirect=True)
def test_cached_files_until_they_are_purged(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential
) -> None:
    """Row 25: what pip has in its cache it does not ask for again, until `pip cache purge`.

    Over plain http pip keeps no answers, but it keeps what it built from an sdist, by the file's address.
    """
    gitlab.add(make_sdist(DEMO, "1.0"))
    line = f"pip install --index-url {at.index(world.home, reader)} --no-deps {DEMO}"

    def downloads() -> int:
        return sum(exchange.action == "download" for exchange in shell.new())

    shell.run(line)
    assert downloads() == 1
    shell.clear()
    shell.run(line)
    assert shell.installed == {DEMO: "1.0"}
    assert downloads() == 0
    shell.clear()
    assert "Files removed: 1" in shell.run("pip cache purge")
    shell.run(line)
    assert shell.installed == {DEMO: "1.0"}
    assert downloads() == 1


@pytest.mark.parametrize("gitlab", ["18.2"], indirect=True)
def test_a_purge_brings_what_was_published_anew(
    world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential
) -> None:
    """Row 25, with another file under the old name: its address has another digest, so the cache is not in the way."""
    world.home.add_member(world.user("mia"), "maintainer")
    token = world.user("mia").personal_token(["api"])
    line = f"pip install --index-url {at.index(world.home, reader)} --no-deps {DEMO}"
    for text in ("old", "new"):
        shell.dist(make_sdist(DEMO, "1.0", files={f"{DEMO}.py": f"TEXT = {text!r}\n"}))
        shell.pypirc(at.upload(world.home), token)
        shell.run("twine upload --repository gitlab dist/*")
        shell.run(line)
        assert shell.python(f"import {DEMO}; print({DEMO}.TEXT)") == f"{text}\n"
        shell.clear()
        (package,) = requests.get(
            f"{at.api(world.home)}/packages", headers={"PRIVATE-TOKEN": token.secret}, timeout=5
        ).json()
        deleted = requests.delete(
            f"{at.api(world.home)}/packages/{package['id']}", headers={"PRIVATE-TOKEN": token.secret}, timeout=5
        )
        assert deleted.status_code == 204
    world.forward(on=False)
    # pip looks the version up before it looks into its cache: what is deleted is gone, cached or not.
    assert NOTHING in shell.fail(line)
    assert "Files removed: 2" in shell.run("pip cache purge")
