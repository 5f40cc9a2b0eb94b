"""Which release pip and uv take, and which they refuse, by what the index tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import make_wheel
from tests.pypi.installed import older

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_pyreg import Dist, ManualClock, PyPI
    from tests.pypi.clients.conftest import Desk

CLIENTS = pytest.mark.parametrize("client", ["pip", "uv"])
FORMS = pytest.mark.parametrize("json", [True, False], ids=["json", "html"])
REASON = 'broken <badly> & "so"'


def file(version: str) -> str:
    """Return what a log says of the wheel of a version, fetched."""
    return f"file demo-{version}-py3-none-any.whl"


@CLIENTS
@FORMS
def test_yanked_releases(pypi: PyPI, desk: Desk, client: str, *, json: bool) -> None:
    """They are passed over, but for who asks for just that one, and is told why not to; given again they count."""
    pypi.settings.json = json
    pypi.add(make_wheel("demo", "1.0"), make_wheel("demo", "2.0"))
    pypi.yank("demo", "2.0", REASON)

    chosen = desk.install(client, "demo")
    assert chosen.installed == {"demo": "1.0"}
    assert chosen.asked[-1] == file("1.0")
    assert "yanked" not in chosen.text

    pinned = desk.install(client, "demo==2.0")
    assert pinned.installed == {"demo": "2.0"}
    assert "is a yanked version" in pinned.text if client == "pip" else "`demo==2.0` is yanked" in pinned.text
    assert REASON in pinned.text

    ranged = desk.install(client, "demo>1")
    assert (ranged.good, ranged.installed) == (False, {})
    assert ranged.asked == ["page demo"]

    pypi.unyank("demo", "2.0")
    assert desk.install(client, "demo").installed == {"demo": "2.0"}


@CLIENTS
@FORMS
def test_releases_for_other_pythons(pypi: PyPI, desk: Desk, client: str, *, json: bool) -> None:
    """What needs another Python is passed over, and refused by name; its file is never fetched."""
    pypi.settings.json = json
    pypi.add(make_wheel("demo", "1.0", requires_python=">=3.6,<99"), make_wheel("demo", "2.0", requires_python=">=99"))

    chosen = desk.install(client, "demo")
    assert (chosen.installed, chosen.asked[-1]) == ({"demo": "1.0"}, file("1.0"))

    pinned = desk.install(client, "demo==2.0")
    assert (pinned.good, pinned.installed) == (False, {})
    assert pinned.asked == ["page demo"]
    assert "2.0 Requires-Python >=99" in pinned.text if client == "pip" else "Python>=99" in pinned.text


@pytest.fixture(name="pinned")
def _pinned(pypi: PyPI, tmp_path: Path) -> tuple[Path, Dist]:
    """A file of requirements to be filled in, and the wheel that it may pin."""
    wheel = make_wheel("demo", "1.0")
    pypi.add(wheel)
    return tmp_path / "requirements.txt", wheel


@CLIENTS
def test_hash_checking(pypi: PyPI, desk: Desk, client: str, pinned: tuple[Path, Dist]) -> None:
    """The right hash installs; a wrong one, and none, do not."""
    path, wheel = pinned
    (digest,) = (one.digest for release in pypi._index.releases([pypi.namespace]) for one in release.files)
    flags = ("--require-hashes", "-r", str(path))

    path.write_text(f"demo==1.0 --hash=sha256:{digest}\n")
    assert desk.install(client, *flags).installed == {"demo": "1.0"}

    path.write_text(f"demo==1.0 --hash=sha256:{'0' * 64}\n")
    wrong = desk.install(client, *flags)
    assert (wrong.good, wrong.installed) == (False, {})
    said = "DO NOT MATCH THE HASHES" if client == "pip" else "Hash mismatch for `demo==1.0`"
    assert said in wrong.text
    assert digest in wrong.text
    assert wrong.asked[-1] == f"file {wheel.name}"

    path.write_text("demo==1.0\n")
    without = desk.install(client, *flags)
    assert (without.good, without.installed) == (False, {})
    assert "--require-hashes" in without.text


@CLIENTS
@pytest.mark.parametrize(("day", "told"), [("2022.6", False), ("2023.2.25", True), ("", True)])
def test_releases_that_are_too_new(
    pypi: PyPI, desk: Desk, clock: ManualClock, client: str, *, day: str, told: bool
) -> None:
    """Times of upload came with PEP 700: before, who asks for no younger file than that gets none."""
    del day
    if client == "pip" and older("pip", "26"):
        pytest.skip("pip has asked for times of upload since 26")
    pypi.add(make_wheel("demo", "1.0"))
    clock.advance(days=30)
    pypi.add(make_wheel("demo", "2.0"))
    option = "--uploaded-prior-to" if client == "pip" else "--exclude-newer"

    old = desk.install(client, option, "2026-09-01T00:00:00Z", "demo")

    assert old.installed == ({"demo": "1.0"} if told else {})
    if not told:
        assert old.asked == ["page demo"]
        said = "does not provide upload-time metadata" if client == "pip" else "is missing an upload date"
        assert said in old.text
    elif client == "uv":
        assert desk.install(client, option, "2026-12-01T00:00:00Z", "demo").installed == {"demo": "2.0"}


@pytest.mark.parametrize("client", ["uv"])
def test_projects_in_quarantine(pypi: PyPI, desk: Desk, client: str) -> None:
    """Their pages are there and empty; archived ones install as ever."""
    pypi.add(make_wheel("demo", "1.0"))
    project = pypi.project("demo")
    project.archive()
    assert desk.install(client, "demo").installed == {"demo": "1.0"}

    project.quarantine()

    hidden = desk.install(client, "demo")
    assert (hidden.installed, hidden.statuses) == ({}, [200])
    project.release_quarantine()
    assert desk.install(client, "demo").installed == {"demo": "1.0"}
