"""Projects that clients build, what each client is asked to do, and whether it did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement

from pytest_pyreg import Registry, make_sdist, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_pyreg import Credential

HERE = Path(__file__).parent
BACKEND = """
import pathlib, tarfile, zipfile
METADATA = "Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n"
WHEEL = "Wheel-Version: 1.0\\nGenerator: tiny\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
INFO = "demo-1.0.dist-info/"
def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "demo-1.0-py3-none-any.whl"
    files = {"demo.py": "", INFO + "METADATA": METADATA, INFO + "WHEEL": WHEEL}
    files[INFO + "RECORD"] = "".join(path + ",,\\n" for path in [*files, INFO + "RECORD"])
    with zipfile.ZipFile(pathlib.Path(directory) / name, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return name
def build_sdist(directory, config_settings=None):
    name = "demo-1.0.tar.gz"
    pathlib.Path("PKG-INFO").write_text(METADATA)
    with tarfile.open(pathlib.Path(directory) / name, "w:gz") as archive:
        for path in ("PKG-INFO", "pyproject.toml", "demo.py"):
            archive.add(path, "demo-1.0/" + path)
    return name
"""
"""A build backend that comes from the registry or not at all: no other index has it."""
# poetry takes build requirements from the public index, other than its own; flit builds only its own kind of project.
OWN_BACKEND = {"poetry": ("poetry-core", "poetry.core.masonry.api"), "flit": ("flit_core", "flit_core.buildapi")}
FILES = {"demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"}


def pinned(name: str) -> str:
    """Return the version of a client that its set names for this Python."""
    for line in (HERE / "sets" / f"{name}.txt").read_text().splitlines():
        requirement = Requirement(line)
        if requirement.name == name and (requirement.marker is None or requirement.marker.evaluate()):
            return str(requirement.specifier).removeprefix("==")
    raise LookupError(name)


@dataclass
class Desk:
    """Somebody's desk with one client, beside a registry."""

    registry: Registry
    folder: Path
    name: str
    program: str
    """Its path."""
    backends: dict[str, tuple[str, str]]
    """What builds the projects of clients that do not take any backend."""

    @classmethod
    def with_backends(cls, registry: Registry, folder: Path, name: str, program: str) -> Desk:
        """Return a desk that has what each client needs for its own kind of project."""
        return cls(registry, folder, name, program, dict(OWN_BACKEND))

    def send(self, who: Credential | None = None) -> None:
        """Upload wheel and sdist of `demo` 1.0, or build and publish them if the client uploads nothing else."""
        if self.name == "flit":
            self.registry.publish(self.project(), client=self.program, credential=who)
            return
        files = [make(project="demo", version="1.0", summary="A demo.") for make in (make_wheel, make_sdist)]
        self.registry.upload(*files, client=self.program, credential=who)

    def stock(self) -> None:
        """Put into the registry what is to be installed: `app` with a program, `lib`, and what builds."""
        program = {
            "app.py": "def main():\n    import lib\n    print('it runs')\n",
            "app-1.0.dist-info/entry_points.txt": "[console_scripts]\napp = app:main\n",
        }
        self.registry.add(
            make_wheel("app", "1.0", requires=["lib>=1"], files=program),
            make_wheel("lib", "1.5"),
            make_wheel("tiny-backend", "1.0", files={"tiny_backend.py": BACKEND}),
        )

    def fetch(self, who: Credential | None = None) -> bool:
        """Install `app`, or build with `tiny-backend`; return whether it works."""
        if self.name == "build":
            built = self.registry.build(self.project(), client=self.program, credential=who)
            return {path.name for path in built} == FILES
        site = self.registry.install("app", client=self.program, credential=who)
        installed = site.distributions()
        return (installed["app"], installed["lib"]) == ("1.0", "1.5") and site.run("app").stdout == "it runs\n"

    def project(self) -> Path:
        """Make a project to build."""
        requirement, backend = self.backends.get(self.name, ("tiny-backend", "tiny_backend"))
        folder = self.folder / "project"
        folder.mkdir()
        (folder / "demo.py").write_text('"""A demo."""\n\n__version__ = "1.0"\n')
        (folder / "pyproject.toml").write_text(
            f'[build-system]\nrequires = ["{requirement}"]\nbuild-backend = "{backend}"\n'
            '[project]\nname = "demo"\nversion = "1.0"\ndescription = "A demo."\nrequires-python = ">=3.9"\n'
        )
        return folder


@pytest.fixture(name="desk")
def _desk(product: str, client: str, tool: Callable[[str], str], tmp_path: Path) -> Iterator[Desk]:
    """A desk with the client that the test names, beside the newest release of the product that it names."""
    program = tool(client)
    with Registry(product, forwarding=False) as registry:
        yield Desk.with_backends(registry, tmp_path, client, program)


@pytest.fixture(name="recorded", scope="session")
def _recorded() -> dict[str, Any]:
    """What the last run that was recorded has shown; see tools/client_matrix.py."""
    found: dict[str, Any] = json.loads((HERE / "matrix.json").read_text())
    return found


@pytest.fixture(name="version")
def _version(client: str) -> str:
    """The version of the client that the test names."""
    return pinned(client)
