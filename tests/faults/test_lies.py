"""Pages that say what is not so: to real clients, and without a trace in what is stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from pytest_pyreg import CommandFailed, GitLab, LieNeverTold, Registry, make_sdist, make_wheel
from tests.pypi.installed import OF_TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.conftest import Download

WHEEL, SDIST, NEXT = make_wheel("demo", "1.0"), make_sdist("demo", "1.0"), make_wheel("demo", "1.1")
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
EVERY = ["gitlab@17", "gitea@1.23", "forgejo@16", "pypi", "pypi@2022.6", "pep503"]


@pytest.fixture(name="index")
def _index() -> Iterator[Registry]:
    """The public index, without a check at its end."""
    registry = Registry("pypi").start()
    registry.add(WHEEL)
    yield registry
    registry.stop()


def page(registry: Registry, project: str = "demo") -> str:
    """Return a project's page, or its status if that is no page."""
    credential = registry.reader
    path = f"{registry.index_url.removeprefix(registry.url)}/{project}/"
    reply = Client(registry.wsgi).get(path, auth=(credential.username, credential.secret), follow_redirects=False)
    return reply.text if reply.status_code == 200 else str(reply.status_code)


def named(registry: Registry) -> set[str]:
    """Return the files on the page of `demo`."""
    return set(re.findall(r">\s*([^<>\s]+\.(?:whl|tar\.gz))\s*<", page(registry)))


# -- wrong digests -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flavour", EVERY)
@pytest.mark.parametrize("whose", ["Demo", WHEEL.name])
def test_a_wrong_hash_on_the_page_alone(flavour: str, whose: str) -> None:
    """Its digest is another, its address is not; without the lie the page is what it was, to the byte."""
    with Registry(flavour, forwarding=False) as registry:
        registry.add(WHEEL, SDIST)
        honest = page(registry)
        lie = registry.lies.wrong_hash(whose)

        wrong = page(registry)

        digests = [set(re.findall(r"#sha256[=-]([0-9a-f]{64})", text)) for text in (honest, wrong)]
        assert digests[0] == {WHEEL.sha256, SDIST.sha256}
        assert digests[0] & digests[1] == (set() if whose == "Demo" else {SDIST.sha256})
        addresses = [re.findall(r'href="([^"#]+)#', text) for text in (honest, wrong)]
        assert addresses[0] == addresses[1]
        assert lie.told == 1
        assert registry.log[-1].why == f"a lie was told: wrong_hash({whose!r})"
        registry.lies.clear()
        assert page(registry) == honest
        assert registry.log[-1].why == ""


@OF_TODAY
@pytest.mark.parametrize("client", ["pip", "uv"])
@pytest.mark.parametrize("flavour", ["gitlab@17", "gitea@1.23", "pypi"])
def test_a_wrong_hash_is_refused(flavour: str, client: str) -> None:
    """By every installer, after it has the file."""
    with Registry(flavour) as registry:
        registry.add(WHEEL)
        registry.lies.wrong_hash("demo")

        with pytest.raises(CommandFailed, match=r"DO NOT MATCH THE HASHES|Hash mismatch"):
            registry.install("demo", client=client)

        assert registry.log.downloads()[-1].status == 200


def test_json_lies_too() -> None:
    """In whatever form the page is asked for."""
    for flavour in ("pypi", "forgejo@16"):
        with Registry(flavour) as registry:
            registry.add(WHEEL)
            registry.lies.wrong_hash("demo")
            login = (registry.reader.username, registry.reader.secret)
            path = f"{registry.index_url.removeprefix(registry.url)}/demo/".rstrip("/" * (flavour != "pypi"))

            (file,) = Client(registry.wsgi).get(path, headers=JSON, auth=login).get_json(force=True)["files"]

            assert file["hashes"]["sha256"] != WHEEL.sha256


# -- metadata ----------------------------------------------------------------------------------------------------------


@OF_TODAY
def test_pip_meets_dangling_metadata(index: Registry, download: Download) -> None:
    """What is announced and absent is an error to pip; the file itself is never asked for."""
    lie = index.lies.dangling_metadata("demo")

    refused = download(index)

    assert refused.returncode == 1
    assert "HTTP error 404 while getting" in refused.stdout + refused.stderr
    assert lie.told == 1
    assert [exchange.status for exchange in index.log] == [200, 404]
    assert index.log[-1].why.endswith("a lie was told: dangling_metadata('demo')")


def test_uv_meets_dangling_metadata(index: Registry) -> None:
    """And to uv."""
    index.lies.dangling_metadata("demo")

    with pytest.raises(CommandFailed, match="404 Not Found"):
        index.install("demo", client="uv")


@OF_TODAY
@pytest.mark.parametrize(("lie", "asked"), [(False, ["metadata", "download"]), (True, ["download"])])
def test_pip_does_without_metadata(index: Registry, download: Download, lie: bool, asked: list[str]) -> None:
    """Not announced, it is not asked for, though it is there."""
    if lie:
        index.lies.without_metadata("demo")

    assert download(index).returncode == 0
    assert [exchange.action for exchange in index.log][1:] == asked
    address = index.log.downloads()[0].path
    assert Client(index.wsgi).get(f"{address}.metadata").status_code == 200


@OF_TODAY
@pytest.mark.parametrize("client", ["pip", "uv"])
def test_a_wrong_hash_of_metadata(index: Registry, client: str) -> None:
    """Both hold it against what they get."""
    index.lies.wrong_metadata_hash(WHEEL.name)

    with pytest.raises(CommandFailed, match=r"DO NOT MATCH THE HASHES|Hash mismatch for package metadata"):
        index.install("demo", client=client)

    assert index.log[-1].action == "metadata"


@pytest.mark.parametrize("flavour", ["gitlab@17", "gitea@1.23", "forgejo@16", "pypi@2023.5.10", "pep503"])
@pytest.mark.parametrize("lie", ["without_metadata", "dangling_metadata", "wrong_metadata_hash"])
def test_a_lie_about_metadata_where_there_is_none(flavour: str, lie: str) -> None:
    """Means nothing, and is refused."""
    with Registry(flavour) as registry:
        with pytest.raises(ValueError, match=rf"has no metadata files \(PEP 658\).*{lie}\('demo'\) means nothing"):
            getattr(registry.lies, lie)("demo")
        registry.lies.check()


@pytest.mark.parametrize("lie", ["without_metadata", "dangling_metadata", "wrong_metadata_hash"])
def test_a_lie_about_metadata_where_it_begins(lie: str) -> None:
    """From that day on it means something."""
    registry = Registry("pypi@2023.5.11")

    assert getattr(registry.lies, lie)("demo").told == 0


# -- what is not shown -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flavour", EVERY)
def test_a_hidden_file(flavour: str) -> None:
    """It is not on the page; the registry has it, and refuses it a second time."""
    with Registry(flavour, forwarding=False) as registry:
        registry.add(WHEEL, SDIST)
        registry.lies.hide(WHEEL.name)

        assert named(registry) == {SDIST.name}
        assert registry.files("demo") == {WHEEL.name, SDIST.name}
        registry.lies.clear()
        assert named(registry) == {WHEEL.name, SDIST.name}


def test_uv_takes_what_is_left(registry: Registry) -> None:
    """The wheel hidden, the sdist is fetched; uploading the wheel again is refused, since uploads see the truth."""
    registry.add(WHEEL, SDIST)
    registry.lies.hide(WHEEL.name)

    with pytest.raises(CommandFailed, match="400 Bad Request"):
        registry.upload(WHEEL)
    registry.install("demo", client="uv")

    assert {exchange.filename for exchange in registry.log.downloads()} == {SDIST.name}


@pytest.mark.parametrize("flavour", EVERY)
def test_a_stale_page(flavour: str) -> None:
    """The old page is shown as often as was told, counted from the moment that it is old; then the new one is."""
    with Registry(flavour, forwarding=False) as registry:
        registry.add(WHEEL)
        honest = page(registry)
        lie = registry.lies.stale("demo", reads=2)

        assert page(registry) == honest
        assert lie.told == 0
        registry.add(NEXT)
        assert [named(registry) for _ in range(4)] == [{WHEEL.name}] * 2 + [{WHEEL.name, NEXT.name}] * 2
        assert lie.told == 2
        assert registry.versions("demo") == ["1.0", "1.1"]


@pytest.mark.parametrize("flavour", EVERY)
def test_a_project_that_is_not_seen_yet(flavour: str) -> None:
    """Stale from before its first release, a project is absent, in the product's own words."""
    with Registry(flavour, forwarding=False) as registry:
        absent = page(registry)
        registry.lies.stale("demo", reads=1)
        registry.add(WHEEL)

        assert page(registry) == absent == "404"
        assert "a lie was told: stale('demo', reads=1)" in registry.log[-1].why
        assert named(registry) == {WHEEL.name}


def test_pip_waits_for_a_release(registry: Registry, download: Download) -> None:
    """What a script that publishes and installs at once has to live with."""
    registry.lies.stale("demo", reads=2)
    registry.upload(WHEEL)

    assert [download(registry).returncode for _ in range(3)] == [1, 1, 0]


def test_a_stale_page_of_what_was_deleted(registry: Registry) -> None:
    """It is still shown, with its right address; the file is gone."""
    registry.add(WHEEL)
    registry.lies.stale("demo", reads=None)
    registry.delete("demo", "1.0")

    with pytest.raises(CommandFailed):
        registry.install("demo", client="uv")

    assert WHEEL.sha256 in registry.log[-1].path
    assert registry.log[-1].status == 404


def test_a_stale_page_of_a_group() -> None:
    """Pages about several places are as old as well."""
    with GitLab("gitlab@17", forwarding=False) as registry:
        group = registry.group("acme")
        token = group.deploy_token()
        registry.add(WHEEL)
        registry.lies.stale("demo", reads=1)
        registry.add(NEXT)
        login = (token.username, token.secret)
        path = f"/api/v4/groups/{group.id}/-/packages/pypi/simple/demo"

        texts = [Client(registry.wsgi).get(path, auth=login).text for _ in range(2)]

        assert all(WHEEL.name in text for text in texts)
        assert [NEXT.name in text for text in texts] == [False, True]


# -- several, and none -------------------------------------------------------------------------------------------------


def test_several_lies(registry: Registry) -> None:
    """They are told together, of the old page if there is one; addresses stay right, of what is gone too."""
    registry.add(WHEEL, SDIST)
    registry.lies.hide(SDIST.name)
    registry.lies.wrong_hash(WHEEL.name)
    registry.lies.stale("demo")
    registry.delete("demo", "1.0")
    registry.add(NEXT)

    text = page(registry)

    assert f"{WHEEL.sha256}/{WHEEL.name}#" in text
    assert f"#sha256={WHEEL.sha256}" not in text
    assert not {NEXT.name, SDIST.name} & set(re.findall(r"demo-1[\w.-]+", text))
    assert registry.log[-1].why.count("(") == 3


def test_other_projects_hear_no_lies(registry: Registry) -> None:
    """Neither their pages nor the log change."""
    registry.add(WHEEL, make_wheel("other", "1.0"))
    honest = page(registry, "other")
    registry.lies.wrong_hash("demo")

    assert page(registry, "other") == honest
    assert registry.log[-1].why == ""
    page(registry)


def test_a_lie_that_was_never_told(index: Registry) -> None:
    """Says which pages were read instead."""
    index.lies.hide(SDIST.name)
    index.lies.wrong_hash("other")
    index.add(make_wheel("third", "1.0"))
    page(index)
    page(index, "third")

    with pytest.raises(LieNeverTold) as caught:
        index.lies.check()

    assert str(caught.value).splitlines() == [
        (
            f"a lie was never told: hide({SDIST.name!r}); there is no file {SDIST.name!r} here; "
            "there are: demo-1.0-py3-none-any.whl, third-1.0-py3-none-any.whl"
        ),
        "a lie was never told: wrong_hash('other'); there is no project 'other' here; there are: demo, third",
        "project pages that were read: demo, third",
    ]
    with pytest.raises(LieNeverTold, match="project pages that were read: none"), Registry("pep503") as registry:
        registry.lies.stale("demo")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda lies: lies.hide("demo"), "hide is told a file's name"),
        (lambda lies: lies.stale("demo", reads=0), "reads is a whole number from 1 on, or None for all, not 0"),
        (lambda lies: lies.wrong_hash(WHEEL), "is told a name"),
        (lambda lies: lies.stale(""), "is told a name"),
    ],
)
def test_mistakes(index: Registry, call: Any, said: str) -> None:  # noqa: ANN401 - wrong on purpose.
    """Each is an error where it is made."""
    with pytest.raises(ValueError, match=said):
        call(index.lies)
