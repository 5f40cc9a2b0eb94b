"""What real clients make of each fault."""

from __future__ import annotations

import contextlib
import re
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from pytest_pyreg import CommandFailed, FaultNeverFired, Registry, make_sdist, make_wheel
from tests.pypi.installed import OF_TODAY, older

if TYPE_CHECKING:
    from tests.faults.conftest import Download

WHEEL, SDIST = make_wheel("demo", "1.0"), make_sdist("demo", "1.0")


def statuses(registry: Registry) -> list[int]:
    """Return how the requests were answered; 0 is no reply."""
    return [exchange.status for exchange in registry.log]


def test_twine_tries_again_at_once(registry: Registry) -> None:
    """A single 503 does no harm; the log tells the two uploads apart."""
    fault = registry.faults.on("upload").reply(503, retry_after=1)

    registry.upload(WHEEL)

    first, second = registry.log.uploads()
    assert (first.status, first.fault) == (503, "on('upload').reply(503, retry_after=1)")
    assert str(first).splitlines()[1].strip() == f"because of a fault: {first.fault}"
    assert (second.status, second.fault) == (201, "")
    assert fault.fired == 1
    assert registry.files("demo") == {WHEEL.name}


def test_twine_gives_up_after_the_fifth(registry: Registry) -> None:
    """The second upload fails, however often it is tried; nothing of it is stored, and the reason is shown."""
    registry.faults.on("upload", nth=2, times=None).reply(503, reason="Down for tea")

    with pytest.raises(CommandFailed, match="Down for tea"):
        registry.upload(WHEEL, SDIST)

    assert statuses(registry) == [201, 503, 503, 503, 503, 503]
    assert registry.files("demo") == {WHEEL.name}


@OF_TODAY
def test_uv_gives_up_at_once_and_shows_the_body(registry: Registry) -> None:
    """Which says where the trouble comes from if the test does not."""
    registry.faults.on("upload").reply(503)

    with pytest.raises(CommandFailed, match=r"because of a fault: on\('upload'\)\.reply\(503\)"):
        registry.upload(WHEEL, client="uv")

    assert statuses(registry) == [503]
    assert registry.files("demo") == set()


@pytest.mark.parametrize("flavour", ["gitlab@17", "gitea@1.23", "pypi"])
def test_a_fault_of_one_file(flavour: str) -> None:
    """Which file it is stands in the form: it is read, and nothing of it is stored; the other file is untouched."""
    with Registry(flavour) as registry:
        fault = registry.faults.on("upload", project="Demo", filename="*.tar.gz", times=None).reply(500)

        with pytest.raises(CommandFailed, match="500 Internal Server Error"):
            registry.upload(WHEEL, SDIST)

        assert fault.fired == 5
        assert registry.files("demo") == {WHEEL.name}
        assert registry.log[-1].filename == SDIST.name


def test_a_fault_of_one_file_stores_no_bytes(registry: Registry) -> None:
    """What had arrived is gone."""
    registry.faults.on("upload", filename=WHEEL.name).reply(400)

    with pytest.raises(CommandFailed, match="400 Bad Request"):
        registry.upload(WHEEL)

    assert registry._blobs._blobs == {}


@pytest.mark.parametrize(("deed", "said"), [("reset", "Connection reset by peer"), ("hang_up", "RemoteDisconnected")])
def test_twine_is_cut_off(registry: Registry, deed: str, said: str) -> None:
    """A reset and a hang-up are different things to a client, and it survives neither; nothing is stored."""
    getattr(registry.faults.on("upload"), deed)()

    with pytest.raises(CommandFailed, match=said):
        registry.upload(WHEEL)

    assert str(registry.log[0]).partition(" -> ")[2].startswith("no reply\n    because of a fault: on('upload').")
    assert registry.files("demo") == set()


@OF_TODAY
@pytest.mark.parametrize("client", ["twine", "uv"])
def test_an_upload_is_stored_and_nobody_hears_of_it(registry: Registry, client: str) -> None:
    """The client fails, the file is there, and the log says so."""
    registry.faults.on("upload").lose_reply()

    with pytest.raises(CommandFailed, match=r"closed connection without response|connection closed before message"):
        registry.upload(WHEEL, client=client)

    assert registry.files("demo") == {WHEEL.name}
    assert "the registry had answered 201 Created, and nobody heard it" in registry.log[0].why


@pytest.mark.parametrize(
    ("flavour", "statuses_", "succeeds"), [("gitlab@17", [502, 400], False), ("pypi", [502, 200], True)]
)
def test_twine_meets_its_own_file(flavour: str, statuses_: list[int], succeeds: bool) -> None:
    """Told 502 after the file was stored, twine tries again: to one product it exists already."""
    with Registry(flavour, forwarding=False) as registry:
        registry.faults.on("upload").lose_reply(502)

        with contextlib.nullcontext() if succeeds else pytest.raises(CommandFailed, match="is already stored in"):
            registry.upload(WHEEL)

        assert statuses(registry) == statuses_
        assert registry.files("demo") == {WHEEL.name}


@pytest.mark.parametrize("deed", ["reset", "hang_up"])
def test_pip_tries_a_page_again(registry: Registry, download: Download, deed: str) -> None:
    """If it may; without retries it says that there is no such project."""
    registry.add(WHEEL)
    getattr(registry.faults.on("project page", times=2), deed)()

    refused = download(registry)
    assert refused.returncode == 1
    assert "No matching distribution found" in refused.stderr

    assert download(registry, PIP_RETRIES="2").returncode == 0
    assert [exchange.status for exchange in registry.log.where(action="project page")] == [0, 0, 200]


def test_pip_waits_as_it_is_told(registry: Registry, download: Download) -> None:
    """429 with `Retry-After` is obeyed."""
    registry.add(WHEEL)
    registry.faults.on("download").reply(429, retry_after=0)

    assert download(registry, PIP_RETRIES="2").returncode == 0
    assert [exchange.status for exchange in registry.log.downloads()] == [429, 200]


def test_pip_does_not_wait_without_being_told(registry: Registry, download: Download) -> None:
    """429 alone is the end."""
    registry.add(WHEEL)
    registry.faults.on("download").reply(429)

    assert download(registry, PIP_RETRIES="2").returncode == 1
    assert [exchange.status for exchange in registry.log.downloads()] == [429]


def test_pip_resumes_a_truncated_file(registry: Registry, download: Download) -> None:
    """It asks for the rest; where that is cut off too, and it may not ask again, it gives up."""
    registry.add(WHEEL)
    if older("pip", "25.1"):
        pytest.skip("pip resumes since 25.1")
    registry.faults.on("download").truncate(100)

    assert download(registry).returncode == 0
    assert [exchange.status for exchange in registry.log.downloads()] == [200, 206]

    registry.faults.on("download", times=None).truncate(100)
    assert download(registry, PIP_RESUME_RETRIES="0").returncode != 0


def test_uv_refuses_a_truncated_file(registry: Registry) -> None:
    """A reply that says more than it holds is an error, not a shorter file."""
    registry.add(WHEEL)
    registry.faults.on("download", method="get", times=None).truncate(100)

    with pytest.raises(CommandFailed, match=r"(?i)failed to"):
        registry.install("demo", client="uv")


@OF_TODAY
def test_pip_gives_up_on_a_slow_file(download: Download) -> None:
    """Its patience ends before the delay does; so does the registry, which leaves no thread and says why."""
    with Registry("gitlab@17") as registry:
        registry.add(WHEEL)
        registry.faults.on("download").delay(600)

        refused = download(registry, PIP_TIMEOUT="0.3")

        assert refused.returncode != 0
        assert re.search("didn't respond within 0.3 seconds|Read timed out", refused.stderr + refused.stdout)
        assert "a fault: on('download').delay(600): fired once" in registry.report()
        name = f"pyreg-{urlsplit(registry.url).port}"
    assert name not in [thread.name for thread in threading.enumerate()]
    assert registry.log[-1].status == 0
    assert registry.log[-1].why.endswith("the registry was stopped before it was over")


def test_a_short_delay_does_no_harm(registry: Registry) -> None:
    """The answer is the usual one."""
    registry.faults.on("upload").delay(0.01)

    registry.upload(WHEEL)

    assert [exchange.fault for exchange in registry.log] == ["on('upload').delay(0.01)"]
    assert registry.files("demo") == {WHEEL.name}


@OF_TODAY
def test_faults_upstream() -> None:
    """What stands behind a registry has faults of its own, which are looked after with its."""
    with Registry("gitlab@17") as registry:
        registry.upstream.add(make_wheel("lib", "1.0"))
        registry.upstream.faults.on("project page").reply(503)

        with pytest.raises(CommandFailed, match=r"because of a fault: on\('project page'\).reply\(503\)"):
            registry.install("lib", client="uv")

        assert registry.install("lib", client="uv").distributions() == {"lib": "1.0"}

    with pytest.raises(FaultNeverFired, match="no request like it came"), Registry("gitlab@17") as registry:
        registry.upstream.faults.on("download").reset()
