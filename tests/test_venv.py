"""Clean environments: what gets in, which Python, what runs in them, and local projects."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ANONYMOUS, CommandFailed, Site, make_wheel
from pytest_pyreg.clients import interpreters
from tests.pypi.installed import OF_TODAY

if TYPE_CHECKING:
    from pytest_pyreg import Registry

HERE = "{}.{}".format(*sys.version_info[:2])
OTHERS = [
    version for version in ("3.10", "3.11", "3.12", "3.13") if version != HERE and any(interpreters._called(version))
]
BACKEND = """
import base64, hashlib, os, zipfile

def _wheel(folder, files):
    name = "local-1.0-py3-none-any.whl"
    files["local-1.0.dist-info/METADATA"] = "Metadata-Version: 2.1\\nName: local\\nVersion: 1.0\\n"
    tags = "Root-Is-Purelib: true\\nTag: py3-none-any\\n"
    files["local-1.0.dist-info/WHEEL"] = "Wheel-Version: 1.0\\nGenerator: x\\n" + tags
    files["local-1.0.dist-info/entry_points.txt"] = "[console_scripts]\\nlocal-hello = local:hello\\n"
    rows = [f"{path},," for path in files] + ["local-1.0.dist-info/RECORD,,"]
    files["local-1.0.dist-info/RECORD"] = "\\n".join(rows) + "\\n"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name

def build_wheel(folder, config_settings=None, metadata_directory=None):
    return _wheel(folder, {"local.py": open("local.py").read()})

def build_editable(folder, config_settings=None, metadata_directory=None):
    return _wheel(folder, {"local.pth": os.getcwd() + "\\n"})
"""


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    """A project on disk, whose build backend is on no index but the registry."""
    folder = tmp_path / "local"
    folder.mkdir()
    (folder / "local.py").write_text("def hello():\n    print('hello')\n")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["small-backend"]\nbuild-backend = "small_backend"\n'
        '[project]\nname = "local"\nversion = "1.0"\n'
    )
    return folder


def test_it_begins_with_nothing(registry: Registry) -> None:
    """No pip, no setuptools, nothing of ours; and it is of the Python that runs us."""
    site = registry.venv()

    assert isinstance(site, Site)
    assert site.distributions() == {}
    assert site.version.startswith(f"{HERE}.")
    assert site.run("python", "-c", "import pytest", check=False).returncode == 1
    assert Path(site.run("python", "-c", "import sys; print(sys.prefix)").stdout.strip()) == site.path


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_it_is_installed_into_more_than_once(registry: Registry, client: str) -> None:
    """Later installs find what the earlier ones left; another environment does not."""
    registry.add(
        make_wheel("lib", "1.0"),
        make_wheel("app", "1.0", requires=["lib"]),
        make_wheel("lib", "2.0"),
    )
    site, other = registry.venv(), registry.venv()

    assert site.install("lib<2", client=client) is site
    site.install("app", client=client)

    assert site.distributions() == {"lib": "1.0", "app": "1.0"}
    assert other.distributions() == {}
    assert site.path != other.path


def test_nothing_of_the_callers_gets_in(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither PYTHONPATH, nor the user's site, nor the outer environment's packages."""
    (tmp_path / "outer.py").write_text("")
    user = tmp_path / ".local" / "lib" / f"python{HERE}" / "site-packages"
    user.mkdir(parents=True)
    (user / "outer_user.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path / ".local"))
    monkeypatch.setenv("HOME", str(tmp_path))

    site = registry.venv()

    code = "import json, sys, site; print(json.dumps([sys.path, site.ENABLE_USER_SITE]))"
    path, user_site = json.loads(site.run("python", "-c", code).stdout)
    assert user_site is False
    outside = [entry for entry in path if "site-packages" in entry and not entry.startswith(str(site.path))]
    assert not outside
    assert str(tmp_path) not in path
    for module in ("outer", "outer_user", "packaging"):
        assert site.run("python", "-c", f"import {module}", check=False).returncode == 1


def test_who_may_not_install_is_told(registry: Registry) -> None:
    """As in `install`; and who may in the same environment does."""
    registry.add(make_wheel("demo", "1.0"))
    site = registry.venv()

    with pytest.raises(CommandFailed, match="demo"):
        site.install("demo", credential=registry.stranger)
    assert site.distributions() == {}
    site.install("demo", credential=registry.publisher)

    assert site.distributions() == {"demo": "1.0"}
    with pytest.raises(ValueError, match="'cargo' is no client that can install here"):
        site.install("demo", client="cargo")


@pytest.mark.parametrize("argv", [("pip",), ("python", "-m", "pip"), ("sh", "-c", 'pip "$@"', "pip")], ids=str)
@pytest.mark.skipif(os.name == "nt", reason="sh")
def test_pip_inside_is_about_the_inside(registry: Registry, argv: tuple[str, ...]) -> None:
    """As a user would call it, or a script: from the registry, as the reader, into this environment and no other."""
    registry.add(make_wheel("demo", "1.0"))
    site = registry.venv()

    site.run(*argv, "install", "demo")

    assert site.distributions()["demo"] == "1.0"
    assert registry.log.downloads()[-1].who == "user reader"
    outer = registry.run("python", "-c", "import importlib.metadata as m; m.distribution('demo')", check=False)
    assert outer.returncode == 1
    assert "demo" in site.run(*argv, "uninstall", "--yes", "demo").stdout
    assert "demo" not in site.distributions()


def test_pip_inside_as_nobody_is_refused(registry: Registry) -> None:
    """The environment's own credential counts."""
    registry.add(make_wheel("demo", "1.0"))
    site = registry.venv(credential=ANONYMOUS)

    with pytest.raises(CommandFailed):
        site.run("pip", "install", "demo")
    assert {exchange.status for exchange in registry.log} == {401}


@pytest.mark.parametrize("options", [(), ("--editable",)], ids=["copied", "editable"])
def test_a_local_project_is_built_in_isolation(registry: Registry, project: Path, options: tuple[str, ...]) -> None:
    """What it is built with comes from the registry; its script runs; editable, a change shows."""
    registry.add(make_wheel("small-backend", "1.0", files={"small_backend.py": BACKEND}))
    site = registry.venv()

    site.install(*options, project)
    assert site.run("local-hello").stdout == "hello\n"
    (project / "local.py").write_text("def hello():\n    print('changed')\n")

    assert site.run("local-hello").stdout == ("changed\n" if options else "hello\n")
    assert site.distributions() == {"local": "1.0"}
    assert {exchange.filename for exchange in registry.log.downloads()} == {"small_backend-1.0-py3-none-any.whl"}


def test_a_local_project_without_isolation(registry: Registry, project: Path) -> None:
    """Then what builds it has to be there."""
    registry.add(make_wheel("small-backend", "1.0", files={"small_backend.py": BACKEND}))
    site = registry.venv()
    with pytest.raises(CommandFailed, match="small_backend"):
        site.install("--no-build-isolation", project)

    site.install("small-backend").install("--no-build-isolation", project)

    assert site.distributions() == {"small-backend": "1.0", "local": "1.0"}


def test_a_local_project_whose_backend_is_nowhere(registry: Registry, project: Path) -> None:
    """The registry has none, and nobody is asked elsewhere."""
    with pytest.raises(CommandFailed, match="small-backend"):
        registry.venv().install(project)


@pytest.mark.skipif(not OTHERS, reason="no other Python on this machine")
@pytest.mark.parametrize("client", ["pip", pytest.param("uv", marks=OF_TODAY)])
def test_another_python(registry: Registry, client: str) -> None:
    """By its version, or its path: what is installed is what that Python is served."""
    registry.add(
        make_wheel("demo", "1.0"),
        make_wheel("demo", "2.0", requires_python=f"=={HERE}.*"),
    )

    site = registry.venv(OTHERS[0]).install("demo", client=client)

    assert site.version.startswith(f"{OTHERS[0]}.")
    assert site.run("python", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").stdout.strip() == OTHERS[0]
    assert site.distributions() == {"demo": "1.0"}
    assert registry.venv().install("demo", client=client).distributions() == {"demo": "2.0"}
    by_path = registry.venv(interpreters.find(OTHERS[0]).path)
    assert by_path.version == site.version


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("3.99", rf"there is no Python 3\.99 .*; there are: .*{HERE.replace('.', chr(92) + '.')}"),
        ("nowhere/python", "'nowhere/python' is no Python that runs; give a version, such as '3.11'"),
        (os.devnull, "is no Python that runs"),
        ("three", "'three' is no Python that runs"),
    ],
)
def test_no_such_python(registry: Registry, python: str, words: str) -> None:
    """The error has what there is."""
    with pytest.raises(LookupError, match=words):
        registry.venv(python)


def test_a_stand_in_that_does_not_answer_is_passed_over(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pyenv's, for a Python that is there and turned off."""
    stand_in = tmp_path / "python3.77"
    stand_in.write_text("#!/bin/sh\nexit 127\n")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    with pytest.raises(LookupError, match=r"no Python 3\.77"):
        registry.venv("3.77")


def test_a_python_that_pip_does_not_know(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is refused before pip prints a traceback; uv may know it."""
    registry.add(make_wheel("demo", "1.0"))
    site = registry.venv()
    monkeypatch.setattr(Site, "version", property(lambda _: "3.2.1"))

    with pytest.raises(ValueError, match=r"needs Python .*, and this environment has 3\.2\.1; try client='uv'"):
        site.install("demo")
    with pytest.raises(ValueError, match=r"needs Python"):
        site.run("pip", "list")

    assert site.install("demo", client="uv").distributions() == {"demo": "1.0"}
