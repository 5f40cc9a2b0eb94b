"""GitLab 13's quick start, from an empty folder to a greeting (row 26), and a check of what checks all tests here."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.utils import parse_wheel_filename
from packaging.version import Version

from pytest_pyreg import Credential

if TYPE_CHECKING:
    from pytest_pyreg import Registry
    from pytest_pyreg.flavours.gitlab.world import GitLabWorld
    from tests.promises.conftest import Addresses, Shell, Trap

SETUP = """\
import setuptools

setuptools.setup(
    name="mypypipackage",
    version="0.0.1",
    author="Example Author",
    author_email="author@example.com",
    description="A small example package",
    packages=setuptools.find_packages(),
    classifiers=[
        "Programming Language :: Python :: 3",
        "License :: OSI Approved :: MIT License",
        "Operating System :: OS Independent",
    ],
    python_requires='>=3.6',
)
"""

GREET = """\
def SayHello():
    print("Hello from MyPyPiPackage")
    return
"""


BY_ITSELF = Version("70.1")
"""The first setuptools that makes wheels without the project `wheel`."""


@pytest.fixture(name="python")
def _python(gitlab: Registry, shell: Shell) -> str:
    """A Python that has setuptools: ours, or else the shell's own, which is given one from the mocked public index."""
    if importlib.util.find_spec("setuptools") and Version(importlib.metadata.version("setuptools")) >= BY_ITSELF:
        return "python3"
    virtualenv = importlib.util.find_spec("virtualenv")  # tox brings it, and it has one inside.
    origin = virtualenv.origin if virtualenv is not None else None
    embedded = Path(origin).parent / "seed" / "wheels" / "embed" if origin is not None else Path("nowhere")
    wheels = {parse_wheel_filename(path.name)[1]: path for path in embedded.glob("setuptools-*.whl")}
    if not wheels or max(wheels) < BY_ITSELF:
        pytest.skip("no setuptools is on this machine: install it, or the extra `dev`, whose tox brings one")
    gitlab.upstream.add(wheels[max(wheels)])
    shell.run("pip install setuptools", PIP_INDEX_URL=gitlab.upstream.index_url)
    return str(shell.site.python)


@pytest.mark.parametrize("gitlab", ["13.4"], indirect=True)
def test_the_quick_start(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential, python: str
) -> None:
    """Row 26: a project `MyPyPiPackage` with a `setup.py`; build, upload, install, `SayHello()`."""
    shell.run("mkdir -p MyPyPiPackage/mypypipackage")
    root = shell.folder / "MyPyPiPackage"
    (root / "setup.py").write_text(SETUP)
    (root / "mypypipackage" / "greet.py").write_text(GREET)
    (root / "mypypipackage" / "__init__.py").write_text("from .greet import SayHello\n")
    shell.pypirc(at.upload(world.home), Credential("my-token", gitlab.publisher.secret))

    # In the documents there is one Python; here the one with setuptools in it may not be the one with twine in it.
    shell.run(f"cd MyPyPiPackage && {python} setup.py sdist bdist_wheel")
    assert sorted(shell.run("ls MyPyPiPackage/dist").split()) == [
        "mypypipackage-0.0.1-py3-none-any.whl",
        "mypypipackage-0.0.1.tar.gz",
    ]
    upload = "cd MyPyPiPackage && python3 -m twine upload --repository gitlab dist/*"
    shell.run(upload)

    assert gitlab.files("mypypipackage") == {"mypypipackage-0.0.1-py3-none-any.whl", "mypypipackage-0.0.1.tar.gz"}
    assert [(exchange.status, exchange.who) for exchange in shell.new()] == [(201, "user publisher")] * 2
    shell.clear()
    printed = shell.run(f"pip install mypypipackage --no-deps --index-url {at.index(world.home, reader)}")
    assert "Successfully installed mypypipackage-0.0.1" in printed
    assert shell.python("from mypypipackage import SayHello; SayHello()") == "Hello from MyPyPiPackage\n"

    assert "400 Bad Request" in shell.fail(upload)
    assert shell.new()[-1].refusal == "FILE_EXISTS"


@pytest.mark.parametrize("gitlab", ["18.2"], indirect=True)
def test_who_leaves_the_machine_is_caught(gitlab: Registry, shell: Shell, trap: Trap) -> None:
    """The check at the end of every test with a shell can fail: both clients are caught on their way out."""
    shell.fail("pip download --index-url https://pypi.example/simple anything")
    shell.fail("uv pip install --index-url https://pypi.example/simple anything")
    shell.dist(gitlab.make_wheel("demo", "1.0"))
    shell.fail("TWINE_USERNAME=x TWINE_PASSWORD=y twine upload --repository-url http://pypi.example/legacy/ dist/*")

    assert [line.rpartition(" ")[0] for line in trap.caught[:2]] == ["CONNECT pypi.example:443"] * 2
    assert trap.caught[-1] == "POST http://pypi.example/legacy/ HTTP/1.1"
    assert not gitlab.log
    trap.caught.clear()
