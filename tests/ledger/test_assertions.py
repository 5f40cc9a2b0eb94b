"""Assertions about what came: each with a twin that fails, and says what came nearest."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import ANONYMOUS, CommandFailed, Credential, Refusal, Registry, Via

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WHEEL, SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"


@pytest.fixture(name="used", params=["gitlab@17", "gitea@1.23", "pypi"], scope="module")
def _used(request: pytest.FixtureRequest) -> Iterator[Registry]:
    """A registry with two uploads, a refused one and an install."""
    with Registry(request.param) as registry:
        dists = registry.make_dists("demo", "1.0")
        registry.upload(*dists)
        registry.install("demo")
        with pytest.raises(CommandFailed):
            registry.upload(dists[1], credential=registry.reader)
        yield registry


def message(assertion: Callable[..., None], *arguments: object, **named: object) -> str:
    """Return what an assertion says that fails."""
    with pytest.raises(AssertionError) as caught:
        assertion(*arguments, **named)
    return str(caught.value)


def test_uploaded(used: Registry) -> None:
    """By name or by distribution, by whom, how often."""
    log = used.log
    log.assert_uploaded(SDIST)
    log.assert_uploaded(used.make_sdist("demo", "1.0"), by=used.publisher, times=1)
    log.assert_not_uploaded("demo-2.0.tar.gz")
    log.assert_not_uploaded(SDIST, by=used.reader)

    assert "expected exactly 2 accepted upload of demo-1.0.tar.gz; there was 1" in message(
        log.assert_uploaded, SDIST, times=2
    )
    told = message(log.assert_uploaded, "demo-2.0.tar.gz")
    assert told.startswith(
        "expected at least one accepted upload of demo-2.0.tar.gz; there were 0\nthe nearest:\n  #2 POST"
    )
    assert f"not it: of {SDIST}" in told
    assert "it shows another credential" in message(log.assert_uploaded, SDIST, by=used.stranger)
    told = message(log.assert_not_uploaded, SDIST)
    assert told.startswith("expected no accepted upload of demo-1.0.tar.gz; there was 1\nfound:\n  #2 POST")


def test_fetched(used: Registry) -> None:
    """Once, and by whom where that is asked."""
    log = used.log
    log.assert_fetched(WHEEL, times=1)
    log.assert_not_fetched(SDIST)

    assert "expected exactly 2 download of" in message(log.assert_fetched, WHEEL, times=2)
    assert f"not it: of {WHEEL}" in message(log.assert_fetched, SDIST)
    assert "found:" in message(log.assert_not_fetched, WHEEL)


def test_by_whom(registry: Registry) -> None:
    """The credential that was shown, in whatever form, not the one that would have done."""
    registry.add(registry.make_wheel("demo", "1.0"))
    token = registry.reader.secret
    page = f"{registry.index_url}/demo/"
    requests.get(page, auth=("anybody", token), timeout=10)
    requests.get(page, headers={"PRIVATE-TOKEN": token}, timeout=10)
    requests.get(page, headers={"Authorization": f"Bearer {token}"}, timeout=10)
    requests.get(page, params={"private_token": token}, timeout=10)
    requests.get(page, auth=("ada", "not-known"), timeout=10)
    requests.get(page, timeout=10)
    shown = [registry.log._tracer.mark(token) in one.marks for one in registry.log]

    assert shown == [True] * 4 + [False] * 2
    registry.log.assert_refused("demo", by=ANONYMOUS, times=1)
    registry.log.assert_refused("demo", by=Credential("ada", "not-known"), times=1)
    assert "it shows a credential" in message(registry.log.assert_uploaded, WHEEL, by=ANONYMOUS)
    with pytest.raises(TypeError, match=r"by= is a credential, such as registry\.publisher, not str"):
        registry.log.assert_uploaded(WHEEL, by="ada")  # type: ignore[arg-type]


def test_parts_of_a_file_are_no_download(registry: Registry) -> None:
    """Its head, a range, its metadata, and what the client has already."""
    registry.add(registry.make_wheel("demo", "1.0"))
    auth = (registry.reader.username, registry.reader.secret)
    registry.install("demo")
    url = registry.url + registry.log.downloads()[0].path
    requests.head(url, auth=auth, timeout=10)
    requests.get(url, auth=auth, headers={"Range": "bytes=0-3"}, timeout=10)

    registry.log.assert_fetched(WHEEL, times=1)
    told = message(registry.log.assert_fetched, WHEEL, times=2)
    assert "only a part was asked for" in told
    assert "HEAD asks for no bytes" in told


def test_metadata_is_a_file_of_its_own() -> None:
    """Clients read it before the wheel, and without it."""
    with Registry("pypi") as registry:
        registry.upload(registry.make_wheel("demo", "1.0"))
        registry.run("uv", "pip", "install", "--dry-run", "--python", registry.venv().python, "demo")

        registry.log.assert_fetched(f"{WHEEL}.metadata", times=1)
        registry.log.assert_not_fetched(WHEEL)
        assert "it is metadata" in message(registry.log.assert_fetched, WHEEL)


def test_refused(used: Registry) -> None:
    """With its number, its reason, its name."""
    refused = next(one for one in used.log if one.refused)
    used.log.assert_refused(
        SDIST if refused.filename else "", by=used.reader, status=refused.status, why=refused.why[-20:]
    )
    used.log.assert_refused(refusal=refused.refusal, times=1)

    assert "its status is" in message(used.log.assert_refused, status=418)
    assert "for another reason" in message(used.log.assert_refused, why="of the weather")
    assert "refused for " in message(used.log.assert_refused, refusal=Refusal.FILE_UNKNOWN)
    assert "it was granted" in message(used.log.assert_refused, WHEEL, times=2)


@pytest.mark.parametrize("flavour", ["gitlab@17", "gitea@1.23", "pypi"])
def test_not_asked(flavour: str) -> None:
    """In no spelling, neither its page nor its files."""
    with Registry(flavour) as registry:
        registry.upload(registry.make_wheel("demo", "1.0"))
        registry.install("demo")
    registry.log.assert_not_asked("dem")
    registry.log.assert_not_asked("internal")
    told = message(registry.log.assert_not_asked, "DEMO")

    assert told.startswith("expected no request about the project demo; there were ")
    assert "POST" in told


def test_nothing_of_an_own_project_is_asked_upstream() -> None:
    """The one thing that matters in dependency confusion."""
    with Registry("gitlab@17") as registry:
        registry.add(registry.make_wheel("internal", "1.0"))
        registry.install("internal")
        registry.upstream.log.assert_silent()
        registry.upstream.add(registry.make_wheel("other", "1.0"))
        registry.install("other")

        registry.upstream.log.assert_not_asked("internal")
        assert "/simple/other/" in message(registry.upstream.log.assert_not_asked, "other")
        assert "expected no request; there were" in message(registry.upstream.log.assert_silent)
        registry.assert_kept(registry.publisher)


@pytest.mark.parametrize("way", ["basic", "bearer", "header", "query", "user name", "unknown header"])
def test_never_shown(registry: Registry, way: str) -> None:
    """In any form; a secret that nobody has issued here."""
    credential = Credential("ada", "of-another/place", Via.BASIC)
    secret = credential.secret
    coded = base64.b64encode(f"else:{secret}".encode()).decode()
    as_user = base64.b64encode(f"{secret}:".encode()).decode()
    headers, params = {
        "basic": ({"Authorization": f"Basic {coded}"}, {}),
        "bearer": ({"Authorization": f"Bearer {secret}"}, {}),
        "header": ({"PRIVATE-TOKEN": secret}, {}),
        "query": ({}, {"any": secret}),
        "user name": ({"Authorization": f"Basic {as_user}"}, {}),
        "unknown header": ({"X-Forwarded-Something": secret}, {}),
    }[way]
    requests.get(f"{registry.index_url}/demo/", timeout=10)
    registry.log.assert_never_shown(credential)

    requests.get(f"{registry.index_url}/demo/", headers=headers, params=params, timeout=10)

    told = message(registry.log.assert_never_shown, credential)
    assert told.startswith("expected no request that shows the secret of 'ada'; there was 1\nfound:\n  #2 GET")
    with pytest.raises(ValueError, match="no secret"):
        registry.log.assert_never_shown(ANONYMOUS)


def test_a_credential_that_leaves_is_found() -> None:
    """Shown upstream, it was not kept."""
    with Registry("gitlab@17") as registry:
        registry.assert_kept(registry.reader)
        requests.get(f"{registry.upstream.index_url}/demo/", auth=("x", registry.reader.secret), timeout=10)

        assert "found:" in message(registry.assert_kept, registry.reader)
        registry.assert_kept(registry.publisher)


def test_known_secrets_in_a_path_are_seen_and_left_out(registry: Registry) -> None:
    """As the registry knows what it has issued."""
    requests.get(f"{registry.index_url}/{registry.reader.secret}/", timeout=10)

    assert "/simple/[redacted]/" in message(registry.log.assert_never_shown, registry.reader)
    registry.log.assert_never_shown(registry.publisher)


def test_an_empty_log_says_so(registry: Registry) -> None:
    """Nothing is nearest to nothing."""
    registry.log.assert_silent()

    assert message(registry.log.assert_uploaded, SDIST).endswith("there were 0\nno request came at all")


def test_the_traceback_ends_in_the_test(pytester: pytest.Pytester) -> None:
    """What is wrong is the test's affair."""
    pytester.makepyfile("def test_it(pyreg):\n    pyreg.log.assert_uploaded('demo-1.0.tar.gz')\n")

    result = pytester.runpytest()

    result.stdout.fnmatch_lines(["*E * expected at least one accepted upload of demo-1.0.tar.gz; there were 0"])
    assert "ledger.py" not in str(result.stdout).replace(str(pytester.path), "")


def test_what_a_fault_said_is_not_what_the_registry_did() -> None:
    """An upload that a fault called good brought nothing; a download that was cut off is none."""
    with Registry("gitlab@17", forwarding=False) as registry:
        wheel = registry.make_wheel("demo", "1.0")
        registry.faults.on("upload", filename="*").reply(200)
        with pytest.raises(CommandFailed, match=rf"but {wheel.name} never got into the registry"):
            registry.upload(wheel)
        registry.log.assert_not_uploaded(wheel)
        assert "it met a fault, on('upload'" in message(registry.log.assert_uploaded, wheel)

        registry.faults.on("upload").delay(0.01)
        registry.upload(wheel)
        registry.log.assert_uploaded(wheel, times=1)

        registry.faults.on("download", times=None).truncate(10)
        with pytest.raises(CommandFailed):
            registry.install("demo", client="uv")
        registry.log.assert_not_fetched(wheel)


def test_what_nobody_read_may_have_been_anything() -> None:
    """An upload that was refused at the door counts for every project; a list of projects for none."""
    with Registry("gitlab@17", forwarding=False) as registry:
        requests.get(f"{registry.index_url}/", auth=(registry.reader.username, registry.reader.secret), timeout=5)
        registry.log.assert_not_asked("simple")
        registry.log.assert_not_asked("packages")

        with pytest.raises(CommandFailed):
            registry.upload(registry.make_wheel("internal", "1.0"), credential=Credential("ada", "wrong-password"))
        message(registry.log.assert_not_asked, "internal")

        requests.get(
            f"{registry.url}/api/v4/projects/1/packages?package_name=hidden",
            headers={"PRIVATE-TOKEN": registry.reader.secret},
            timeout=5,
        )
        assert "hidden" in message(registry.log.assert_not_asked, "hidden")
