"""The image of examples/service, as far as it goes where no containers start: its file, and its lines one by one.

Nobody here answers to the name `pyreg`, so a module that Python loads first sends those who ask for it to the port on
which the image's command listens here.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import socket
import subprocess
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.examples.conftest import Machine

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "examples" / "service"
LINES = (SERVICE / "Containerfile").read_text().replace("\\\n", " ").splitlines()
IMAGE = [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in LINES if line and not line.startswith("#")]
JOB: dict[str, Any] = yaml.safe_load((SERVICE / ".gitlab-ci.yml").read_text())["integration"]


def said(instruction: str) -> str:
    """Return what an instruction says that is there once."""
    (text,) = (text for name, text in IMAGE if name == instruction)
    return text


def command(instruction: str) -> list[str]:
    """Return the command of an instruction."""
    found: list[str] = json.loads(said(instruction).partition("CMD ")[2] or said(instruction))
    return found


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def test_the_file_and_the_job_agree() -> None:
    """On the port, the name and the variables; it is nobody's root; the base is a name without a host."""
    entry = command("ENTRYPOINT")
    (service,) = JOB["services"]

    assert re.fullmatch(r"python:3\.\d+-slim", said("FROM"))
    assert said("USER") == "1000:1000"
    assert entry[:3] == ["pyreg", "serve", "--public"]
    assert entry[entry.index("--port") + 1] == said("EXPOSE")
    assert entry[entry.index("--url") + 1] == f"http://{service['alias']}:{said('EXPOSE')}"
    assert set(JOB["variables"]) == set(re.findall(r"\$(PYREG_\w+)", (SERVICE / "Containerfile").read_text()))
    assert sum(f"http://{service['alias']}:{said('EXPOSE')}/" in line for line in JOB["script"]) == 1
    assert sum(f"@{service['alias']}:{said('EXPOSE')}/" in line for line in JOB["script"]) == 1


@pytest.fixture(name="image", scope="session")
def _image(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A Python in which the lines COPY and RUN were done, with nothing of the project but what they name."""
    if not (ROOT / "pytest_pyreg").is_dir():
        pytest.skip("the package's source, which the image is made of, is not here")
    folder = tmp_path_factory.mktemp("image")
    for line in (text.split() for name, text in IMAGE if name == "COPY"):
        *sources, target = line
        for source in sources:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, folder / target[1:], ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (folder / target[1:]).mkdir(exist_ok=True)
                shutil.copy(ROOT / source, folder / target[1:])
    venv.create(folder / "python", with_pip=True)
    done = type(machine)(folder, machine.environment, folder / "python" / "bin")
    run = said("RUN").replace("/src", str(folder / "src"))
    assert run.startswith("python -m pip install ")
    subprocess.run(shlex.split(f"{done.bin}/{run}"), env=done.environment, check=True, capture_output=True, timeout=300)
    return done


def starts(image: Machine, port: int) -> list[str]:
    """Return the image's command with that of the job's service, for this machine alone."""
    entry = [
        {"pyreg": str(image.bin / "pyreg"), "0.0.0.0": "127.0.0.1", said("EXPOSE"): str(port)}.get(word, word)  # noqa: S104 - as there.
        for word in command("ENTRYPOINT")
    ]
    return [*entry, *JOB["services"][0]["command"]]


@contextmanager
def running(image: Machine, port: int, variables: Mapping[str, str]) -> Iterator[list[str]]:
    """Have the image's command run; the list has what it printed, in the end all of it."""
    env = {**image.environment, **variables, "HOME": "/"}
    with subprocess.Popen(
        starts(image, port), env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline()]
        try:
            yield printed
        finally:
            process.terminate()  # As an engine stops it.
            printed += process.stdout.readlines()
    assert process.returncode == 0, printed


def healthy(image: Machine, port: int) -> bool:
    """Do what HEALTHCHECK does."""
    argv = [word.replace(said("EXPOSE"), str(port)) for word in command("HEALTHCHECK")]
    argv[0] = str(image.bin / argv[0])
    return subprocess.run(argv, check=False, capture_output=True, timeout=60).returncode == 0


ALIAS = """
import os, socket
real = socket.getaddrinfo
def found(host, port, *rest, **more):
    if host == "pyreg":
        host, port = "127.0.0.1", int(os.environ["PYREG_PORT"])
    return real(host, port, *rest, **more)
socket.getaddrinfo = found
"""


def test_the_job_has_a_registry_beside_it(image: Machine, copied: Callable[..., Path], tmp_path: Path) -> None:
    """It uploads there and installs from there, by the name that the registry's pages have too."""
    port = free_port()
    (tmp_path / "sitecustomize.py").write_text(ALIAS)
    project = copied("gitlab-ci", {".gitlab-ci.yml": (SERVICE / ".gitlab-ci.yml").read_text()})
    desk = tmp_path / "desk"
    venv.create(desk, with_pip=True)
    runner = type(image)(tmp_path, image.environment, desk / "bin")
    assert not healthy(image, port)

    with running(image, port, JOB["variables"]) as printed:
        assert healthy(image, port)
        done = runner.pipeline(project, {"PYTHONPATH": str(tmp_path), "PYREG_PORT": str(port)})["integration"]

    assert done.code == 0, done.log
    assert f"http://pyreg:{said('EXPOSE')}/api/v4/projects/1/packages/pypi/files/" in done.log
    assert "Successfully installed widget-1.0" in done.log
    assert "gitlab@18" in printed[0]
    assert not [line for line in printed for secret in JOB["variables"].values() if secret in line]


def asked(url: str) -> int:
    """Return the status with which a page is answered."""
    return requests.get(url, timeout=60, allow_redirects=False).status_code


def test_who_may_not_is_kept_out(image: Machine) -> None:
    """Another secret does not do; and who may is sent nowhere for what is not there: nothing else is in reach."""
    port = free_port()
    page = f"127.0.0.1:{port}/api/v4/projects/1/packages/pypi/simple/absent/"

    with running(image, port, JOB["variables"]):
        assert asked(f"http://{page}") == 401
        assert asked(f"http://reader:guess-guess@{page}") == 401
        assert asked(f"http://reader:{JOB['variables']['PYREG_READER_SECRET']}@{page}") == 404


def test_without_secrets_it_does_not_start(image: Machine) -> None:
    """Nobody has a registry by chance that everybody may use; it says what it wants."""
    command = starts(image, free_port())

    alone = subprocess.run(command, env=image.environment, capture_output=True, text=True, check=False, timeout=60)

    assert alone.returncode == 2
    assert "PYREG_PUBLISHER_SECRET" in alone.stderr
