"""A running GitLab of one release, and a person's shell beside it in which nothing is set up.

The commands of the vendors' documents are run there as they are shown, but for the host.
"""

from __future__ import annotations

import socketserver
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ANONYMOUS, Credential, Registry, SystemClock, make_dists
from pytest_pyreg.clients.site import Site
from pytest_pyreg.flavours.gitlab.world import GitLabWorld

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from pytest_pyreg import Dist, Exchange
    from pytest_pyreg.model import Namespace

# What a client is told here by nobody: where to go, as whom, and to read no file of the person's own.
_UNSET = ("TWINE_REPOSITORY_URL", "UV_PUBLISH_URL", "PIP_INDEX_URL", "PIP_NO_CACHE_DIR", "UV_DEFAULT_INDEX", "NETRC")


class Trap(socketserver.ThreadingTCPServer):
    """A proxy that lets nobody through and remembers who wanted to leave the machine."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.caught: list[str] = []
        super().__init__(("127.0.0.1", 0), _Caught)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Caught(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """Remember a request and hang up."""
        assert isinstance(self.server, Trap)
        self.server.caught.append(self.rfile.readline().decode("latin-1").strip())


class Shell:
    """A person's shell, with a home of its own, standing in a project folder.

    Args:
        registry: the registry beside it.
        folder: where the project is.
        trap: where whatever wants to leave the machine ends.
    """

    def __init__(self, registry: Registry, folder: Path, trap: Trap) -> None:
        self._registry = registry
        self.folder = folder
        self._seen = 0
        env = {name: value for name, value in registry.env(ANONYMOUS).items() if name not in _UNSET}
        self.home = Path(env["HOME"])
        proxies = {name: trap.url for name in env if name.upper().endswith("_PROXY") and name.upper() != "NO_PROXY"}
        self.site = Site(folder.parent / "site", env | proxies, registry._workplace.run)
        # pip and uv install into this environment, as if it were the one that is active.
        self.env = env | proxies | {"PIP_PYTHON": str(self.site.python), "UV_PYTHON": str(self.site.python)}
        # No caller's narrow terminal folds what a client prints.
        self.env |= {"PIP_CACHE_DIR": str(self.home / "pip-cache"), "COLUMNS": "500"}

    def run(self, line: str, **env: str) -> str:
        """Run a line to its end, which must be a good one; return what it printed."""
        result = self._run(line, env)
        assert result.returncode == 0, f"{line}\n{result.stdout}{result.stderr}\n{self._registry.report()}"
        return result.stdout + result.stderr

    def fail(self, line: str, **env: str) -> str:
        """Run a line to its end, which must be a bad one; return what it printed."""
        result = self._run(line, env)
        assert result.returncode != 0, f"{line}\n{result.stdout}{result.stderr}\n{self._registry.report()}"
        return result.stdout + result.stderr

    def _run(self, line: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        wanted = {name: value for name, value in {**self.env, **env}.items() if value}  # Empty is not there.
        return self._registry._workplace.run(("sh", "-c", line), wanted, self.folder, check=False)

    def dist(self, *distributions: Dist) -> None:
        """Make `dist/` hold these and nothing else."""
        folder = self.folder / "dist"
        for old in folder.glob("*"):
            old.unlink()
        for distribution in distributions:
            distribution.write_to(folder)

    def pypirc(self, url: str, who: Credential, server: str = "gitlab") -> None:
        """Write `~/.pypirc` with one server, as the documents show it."""
        (self.home / ".pypirc").write_text(
            f"[distutils]\nindex-servers =\n    {server}\n\n"
            f"[{server}]\nrepository = {url}\nusername = {who.username}\npassword = {who.secret}\n"
        )

    def netrc(self, machine: str, login: str, password: str) -> None:
        """Write `~/.netrc` as the documents show it."""
        path = self.home / ".netrc"
        path.write_text(f"machine {machine}\nlogin {login}\npassword {password}\n")
        path.chmod(0o600)

    def python(self, code: str) -> str:
        """Run Python code with what was installed; return what it printed."""
        return self.site.run("python", "-c", code).stdout

    @property
    def installed(self) -> dict[str, str]:
        """What was installed: normalized name -> version."""
        return self.site.distributions()

    def clear(self) -> None:
        """Have an empty environment again."""
        self.run(f"rm -r {self.site.path}")
        self.site = Site(self.site.path, self.env, self._registry._workplace.run)

    def new(self) -> tuple[Exchange, ...]:
        """Return the exchanges that came since this was last asked."""
        before, self._seen = self._seen, self._registry.log.count
        return self._registry.log.since(before)


class Addresses:
    """The addresses of GitLab's documents."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def upload(self, project: Namespace | str) -> str:
        """Where packages of a project are uploaded to, by its number, or by what is given."""
        return f"{self.api(project)}/packages/pypi"

    def index(self, project: Namespace | str, who: Credential | None = None) -> str:
        """The index of a project, with a credential inside."""
        return self._with(f"{self.upload(project)}/simple", who)

    def group(self, group: Namespace | str, who: Credential | None = None) -> str:
        """The index of a group, with a credential inside."""
        reference = group if isinstance(group, str) else str(group.id)
        return self._with(f"{self._registry.url}/api/v4/groups/{reference}/-/packages/pypi/simple", who)

    def api(self, project: Namespace | str) -> str:
        """A project in the REST API."""
        reference = project if isinstance(project, str) else str(project.id)
        return f"{self._registry.url}/api/v4/projects/{reference}"

    @staticmethod
    def _with(url: str, who: Credential | None) -> str:
        return url if who is None else url.replace("http://", f"http://{who.username}:{who.secret}@")


@pytest.fixture(name="gitlab")
def _gitlab(request: pytest.FixtureRequest) -> Iterator[Registry]:
    """A running GitLab; the parameter is its release, or a pair of it and options."""
    era, options = request.param if isinstance(request.param, tuple) else (request.param, {})
    with Registry(f"gitlab@{era}", **options) as registry:
        yield registry


@pytest.fixture(name="world")
def _world(gitlab: Registry) -> GitLabWorld:
    """Its users, groups and projects."""
    assert isinstance(gitlab.world, GitLabWorld)
    return gitlab.world


@pytest.fixture(name="clock")
def _clock(gitlab: Registry) -> SystemClock:
    """Its clock, which can be put forward."""
    assert isinstance(gitlab.clock, SystemClock)
    return gitlab.clock


@pytest.fixture(name="at")
def _at(gitlab: Registry) -> Addresses:
    """Its addresses."""
    return Addresses(gitlab)


@pytest.fixture(name="trap")
def _trap() -> Iterator[Trap]:
    with Trap() as trap:
        thread = threading.Thread(target=trap.serve_forever, args=(0.01,))
        thread.start()
        yield trap
        trap.shutdown()
        thread.join()


@pytest.fixture(name="shell_beside")
def _shell_beside(tmp_path: Path, trap: Trap) -> Iterator[Callable[[Registry], Shell]]:
    """Makes a shell beside a registry; at the end nothing may have been asked of any host but this one."""
    folder = tmp_path / "project"
    folder.mkdir()
    yield lambda registry: Shell(registry, folder, trap)
    assert trap.caught == []


@pytest.fixture(name="shell")
def _shell(gitlab: Registry, shell_beside: Callable[[Registry], Shell]) -> Shell:
    """A shell beside the GitLab."""
    return shell_beside(gitlab)


@pytest.fixture(name="demo")
def _demo() -> tuple[Dist, Dist]:
    """A wheel and an sdist that every release takes.

    12.10 and 13.4 demand the field `requires_python`, which twine leaves out if the distribution has none.
    """
    return make_dists("mypypipackage", "0.0.1", requires_python=">=3.6")


@pytest.fixture(name="reader")
def _reader(gitlab: Registry) -> Credential:
    """A personal token of scope `read_api`, of a reporter of `acme/demo`, under the name that the documents use."""
    return Credential("__token__", gitlab.reader.secret)
