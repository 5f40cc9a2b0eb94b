"""Commands that do not end as they should, and processes that a registry did not expect."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import CommandFailed, Registry, make_wheel
from pytest_pyreg.clients import running
from tests.pypi.installed import OF_TODAY

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("script", ["setsid sleep 60 & sleep 60", "sleep 60 & echo said"])
def test_a_daemon_does_not_hold_a_test(script: str, tmp_path: Path) -> None:
    """It may have the command's outputs open for ever; what came before is told."""
    with Registry(timeout=0.5) as registry:
        before = time.monotonic()
        with pytest.raises(CommandFailed, match="still running after"):
            registry.run("sh", "-c", f"echo $$ > {tmp_path}/group; echo said; {script}")

        assert time.monotonic() - before < 30  # Not the minute that the daemon lives.


def test_what_was_printed_before_is_told() -> None:
    """Though the outputs never end."""
    with Registry(timeout=0.5) as registry, pytest.raises(CommandFailed, match="it printed:\n  early words"):
        registry.run("sh", "-c", "echo early words; setsid sleep 20 & sleep 20")


def test_an_error_shows_the_end_of_a_long_output() -> None:
    """The command's whole output is an attribute; what a person reads ends where the client gave up."""
    with Registry() as registry, pytest.raises(CommandFailed) as caught:
        registry.run(sys.executable, "-c", "print('begin' + 'x' * 50_000); raise SystemExit('the end')")

    assert len(str(caught.value)) < running.MOST_SHOWN + 1000
    assert "characters before this]" in str(caught.value)
    assert "the end" in str(caught.value)
    assert "begin" not in str(caught.value).partition("it printed")[2]
    assert len(caught.value.output) > 50_000


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_takes_nothing_from_its_parent(registry: Registry) -> None:
    """A process that forks and leaves the block in the child as well: the parent's registry goes on, and stops."""
    home = registry.env()["HOME"]
    child = os.fork()
    if not child:
        registry.stop()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

    assert requests.get(registry.index_url, timeout=5).status_code in {200, 401, 404}
    assert os.path.isdir(home)  # noqa: PTH112 - a text it is.
    registry.stop()


@OF_TODAY
@pytest.mark.parametrize(("retries", "works"), [(False, False), (True, True)])
@pytest.mark.parametrize("client", ["pip", "uv"])
def test_a_clients_own_patience(client: str, *, retries: bool, works: bool) -> None:
    """It asks once, or as it does where it is used."""
    with Registry("pypi", retries=retries) as registry:
        registry.add(make_wheel("demo", "1.0"))
        registry.faults.on("project page").reply(503)
        if works:
            assert registry.install("demo", client=client).distributions() == {"demo": "1.0"}
        else:
            with pytest.raises(CommandFailed):
                registry.install("demo", client=client)


@pytest.mark.parametrize(
    "words",
    [
        ("--timeout", "5", "demo"),
        ("--progress-bar", "off", "demo"),
        ("--pre", "demo"),
        ("--retries=1", "demo"),
        ("--dry-run", "demo"),
    ],
)
def test_an_options_value_is_no_project(registry: Registry, words: tuple[str, ...]) -> None:
    """What is looked for after an install is what was asked for."""
    registry.add(make_wheel("demo", "1.0"))

    site = registry.install(*words)

    assert site.distributions() == ({} if "--dry-run" in words else {"demo": "1.0"})
