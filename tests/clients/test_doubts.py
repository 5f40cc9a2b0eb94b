"""Which client is taken, and that none is believed: what it says it did is looked for.  With clients made up for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import CommandFailed, Registry, make_dists, make_wheel
from pytest_pyreg.clients.finding import find
from pytest_pyreg.clients.jobs import not_installed, not_stored, releases
from pytest_pyreg.clients.kit import Target
from pytest_pyreg.clients.kits import KITS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeProgram = Callable[..., str]


@pytest.fixture(name="program")
def _program(tmp_path: Path) -> MakeProgram:
    """Make a program that says that all is well."""

    def made(name: str, script: str = "echo 'Package is at http://127.0.0.1/'", folder: str = "bin") -> str:
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return made


@pytest.mark.parametrize("client", ["hatch", "pdm", "poetry", "twine", "uv"])
def test_an_upload_that_brought_nothing_is_an_error(registry: Registry, program: MakeProgram, client: str) -> None:
    """The client ends well; no request came; the error says both, and which files are missing."""
    with pytest.raises(CommandFailed, match=r"exit code 0, but demo-1\.0-py3-none-any\.whl never got in") as caught:
        registry.upload(make_wheel("demo", "1.0"), client=program(client))

    assert "Package is at" in str(caught.value)
    assert "no request came" in str(caught.value)


def test_half_an_upload_is_an_error(registry: Registry, program: MakeProgram) -> None:
    """One of two files is stored: the error names the other."""
    first_only = 'shift 3; exec python -m twine upload "$1"'

    with pytest.raises(CommandFailed, match=r"but demo-1\.0\.tar\.gz never got"):
        registry.upload(*make_dists("demo", "1.0"), client=program("twine", first_only))

    assert registry.files("demo") == {"demo-1.0-py3-none-any.whl"}


def test_a_refusal_that_a_client_swallows_is_an_error(registry: Registry, program: MakeProgram) -> None:
    """A client that ends well after a refusal is not believed either."""
    swallowing = program("twine", 'python -m twine "$@" || true')

    with pytest.raises(CommandFailed, match="exit code 0, but demo"):
        registry.upload(make_wheel("demo", "1.0"), client=swallowing, credential=registry.stranger)


def test_a_project_that_was_not_published_is_an_error(registry: Registry, program: MakeProgram, tmp_path: Path) -> None:
    """The same of what a client builds itself."""
    with pytest.raises(CommandFailed, match="exit code 0, but nothing got into the registry"):
        registry.publish(tmp_path, client=program("flit"))


def test_a_build_without_files_is_an_error(registry: Registry, program: MakeProgram, tmp_path: Path) -> None:
    """The same of a build."""
    with pytest.raises(CommandFailed, match="exit code 0, but it built nothing"):
        registry.build(tmp_path, client=program("pyproject-build"))


@pytest.mark.parametrize("client", ["pip", "uv", "poetry", "pdm", "hatch", "tox", "nox", "pipx"])
def test_an_install_that_brought_nothing_is_an_error(registry: Registry, program: MakeProgram, client: str) -> None:
    """The same of an environment that was not filled, or not made."""
    with pytest.raises(CommandFailed, match="exit code 0, but demo is not in the environment"):
        registry.install("demo", client=program(client))


@pytest.mark.parametrize("client", ["hatch", "nox", "pipx", "tox"])
def test_who_makes_environments_fills_none(registry: Registry, program: MakeProgram, client: str) -> None:
    """The error says what to do instead."""
    with pytest.raises(ValueError, match=r"use registry\.install\(\)"):
        registry.venv().install("demo", client=program(client))


def test_a_client_that_made_no_environment(registry: Registry, program: MakeProgram) -> None:
    """What cannot be looked for is no success either."""
    with pytest.raises(CommandFailed, match="exit code 0, but there is no environment"):
        registry.install("--pre", client=program("pipx"))


def test_a_short_log_is_no_reason_to_doubt(program: MakeProgram) -> None:
    """Where the log may have forgotten the upload, the client is believed."""
    with Registry("gitlab", forwarding=False, log_length=1) as registry:
        registry.upload(*make_dists("demo", "1.0"))
        assert len(registry.files("demo")) == 2

        with pytest.raises(CommandFailed):
            registry.upload(make_wheel("demo", "1.1"), client=program("twine"))


def test_what_a_requirement_says(registry: Registry) -> None:
    """Names are compared as the index does; what does not hold here, and what names nothing, is not looked for."""
    del registry
    wanted = ["My.Demo[extra]>=1", "other; python_version < '3'", "./folder", "--pre"]

    assert not not_installed(wanted, {"my-demo": "1.0"})
    assert not_installed(wanted, {"other": "1.0"}) == "my-demo is not in the environment"


def test_a_refusal_among_what_was_published(registry: Registry) -> None:
    """What was refused and not sent again with success is missing."""
    wheel, sdist = make_dists("demo", "1.0")
    registry.upload(wheel)
    with pytest.raises(CommandFailed):
        registry.upload(wheel)

    stored, refused = registry.log.uploads()
    assert not not_stored([stored])
    assert not not_stored([refused, stored], [wheel.name])
    assert not_stored([stored], [sdist.name]) == f"{sdist.name} never got into the registry"


def test_releases_are_told_apart(tmp_path: Path) -> None:
    """Two files of one, one of another."""
    names = ("demo-1.0-py3-none-any.whl", "demo-1.1.tar.gz", "demo-1.0.tar.gz", "other-1.0.tar.gz")

    found = releases([tmp_path / name for name in names])

    assert sorted(len(files) for files in found) == [1, 1, 2]


def test_nothing_to_upload(registry: Registry, program: MakeProgram) -> None:
    """Without files there is no release, and no client is run."""
    with pytest.raises(ValueError, match="nothing to upload"):
        registry.upload(client=program("poetry"))


@pytest.mark.parametrize("requirements", [(), ("one", "two")])
def test_pipx_installs_one(registry: Registry, program: MakeProgram, requirements: tuple[str, ...]) -> None:
    """Each of several would get an environment of its own."""
    with pytest.raises(ValueError, match="pipx installs one requirement"):
        registry.install(*requirements, client=program("pipx"))


@pytest.mark.parametrize("call", ["publish", "build"])
def test_a_project_is_a_folder(registry: Registry, tmp_path: Path, call: str) -> None:
    """One that is not there is said before any client is run."""
    with pytest.raises(NotADirectoryError, match="give the folder of a project"):
        getattr(registry, call)(tmp_path / "none", client="uv")


def test_who_publishes_only_what_it_builds(registry: Registry, program: MakeProgram) -> None:
    """The error says what to do instead."""
    with pytest.raises(ValueError, match=r"publish\(project, client='flit'\)"):
        registry.upload(make_wheel(), client=program("flit"))


def test_where_a_client_is_found(program: MakeProgram, tmp_path: Path) -> None:
    """Its path goes before the variable, that before what is beside us, that before the PATH."""
    given, named, around = (program("flit", folder=folder) for folder in ("given", "named", "around"))
    path = {"PATH": str(tmp_path / "around")}

    assert find(given, "publish", {"PYREG_FLIT": named, **path}).start == (given,)
    assert find("flit", "publish", {"PYREG_FLIT": named, **path}).start == (named,)
    assert find("flit", "publish", path).start == (around,)
    assert find("twine", "upload", path).start == ("python", "-m", "twine")


def test_a_client_that_is_nowhere(tmp_path: Path) -> None:
    """The errors say what to try."""
    with pytest.raises(ValueError, match="PYREG_FLIT=/path/to/flit"):
        find("flit", "publish", {"PATH": str(tmp_path)})
    with pytest.raises(ValueError, match="there is no program"):
        find(str(tmp_path / "flit"), "publish", {})
    with pytest.raises(ValueError, match="there is no program"):
        find("flit", "publish", {"PYREG_FLIT": str(tmp_path)})


def test_a_folder_is_no_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project's folder of a client's name, which Python would import as a namespace, is not run."""
    (tmp_path / "flit").mkdir()
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ValueError, match="flit is not installed"):
        find("flit", "publish", {"PATH": os.devnull})


@pytest.mark.parametrize("name", KITS)
def test_every_client_is_settled_at_once(registry: Registry, name: str) -> None:
    """One environment does for all: each one's settings are in it, and none sets what another sets otherwise."""
    env = registry.env()
    others = {other: set(KITS[other].settings(_target(registry))) for other in KITS if other != name}
    own = KITS[name].settings(_target(registry))

    assert own.keys() <= env.keys()
    assert not [other for other, settings in others.items() if settings & own.keys()]


def _target(registry: Registry) -> Target:
    return Target(registry.upload_url, registry.index_url, registry.publisher, registry._workplace.folder)
