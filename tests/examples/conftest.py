"""A machine on which examples run as their owners run them: a Python with nothing in it, an index, a runner.

The index is a registry of this package, with what is installed here packed into wheels again, so that every
`pip install` of an example is done, and nothing comes from another index.

The runner is a shell executor for `.gitlab-ci.yml`, as far as the examples go: `default` and `extends` with one parent
or several, `!reference`, rules that compare a variable with a text, the script in one bash that stops at the first
command that fails, `artifacts`.  What it does not know, it refuses.  It starts no image and no service; GitLab's does
neither.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_pyreg import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
INSTALLED = ("pytest-pyreg", "hatchling", "pip")
"""What examples install, with all that it needs."""


# -- the index ---------------------------------------------------------------------------------------------------------


def closure(names: tuple[str, ...]) -> list[Distribution]:
    """Return distributions that are installed here, and all that they need."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(name) for name in names]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        found[name] = distribution(name)
        for extra in {"", *wanted.extras} - {extra for one, extra in seen if one == name}:
            seen.add((name, extra))
            needs = [Requirement(text) for text in found[name].requires or ()]
            waiting += [one for one in needs if one.marker is None or one.marker.evaluate({"extra": extra})]
    return list(found.values())


def repacked(dist: Distribution, folder: Path) -> Path:
    """Pack a distribution that is installed into a wheel again.  Its scripts are made when that is installed."""
    if json.loads(dist.read_text("direct_url.json") or "{}").get("dir_info", {}).get("editable"):
        command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return next(folder.glob(f"{dist.name.replace('-', '_')}-*.whl"))
    tags = [line.split(": ")[1].split("-") for line in (dist.read_text("WHEEL") or "").splitlines() if "Tag: " in line]
    tag = "-".join(".".join(sorted(set(part))) for part in zip(*tags, strict=True))
    path = folder / f"{canonicalize_name(dist.name).replace('-', '_')}-{dist.version}-{tag}.whl"
    record, name = io.StringIO(), ""
    rows = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(path, "w") as wheel:
        for file in (one for one in dist.files or () if one.parts[0] != ".." and one.suffix != ".pyc"):
            if file.name == "RECORD":
                name = str(file)
            elif file.name not in {"INSTALLER", "REQUESTED", "direct_url.json"}:
                content = file.read_binary()
                digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                rows.writerow((file, f"sha256={digest}", len(content)))
                wheel.writestr(str(file), content)
        rows.writerow((name, "", ""))
        wheel.writestr(name, record.getvalue())
    return path


@pytest.fixture(name="index", scope="session")
def _index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """An index with all that the examples install."""
    folder = tmp_path_factory.mktemp("wheels")
    with Registry("pypi") as index:
        index.add(*(repacked(dist, folder) for dist in closure(INSTALLED)))
        yield index


def environment(index: Registry, home: Path) -> dict[str, str]:
    """Return what a machine has in its environment whose pip is configured for that index."""
    home.mkdir()
    return {
        "PATH": f"{os.defpath}:/usr/local/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_INDEX_URL": index.index_url,
        "PIP_NO_CACHE_DIR": "1",
        "VIRTUALENV_NO_DOWNLOAD": "1",
    }


@pytest.fixture(name="environment")
def _environment(index: Registry, tmp_path: Path) -> dict[str, str]:
    """The environment of such a machine, with a home of its own."""
    return environment(index, tmp_path / "home")


# -- the runner --------------------------------------------------------------------------------------------------------


class NotKnown(Exception):
    """The file says something that this runner does not know."""


class _Reference(list[str]):
    """The way to the lines that another job has."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML as GitLab reads it."""


_Loader.add_constructor("!reference", lambda loader, node: _Reference(loader.construct_sequence(node)))
_JOB = {
    "after_script",
    "artifacts",
    "before_script",
    "extends",
    "image",
    "rules",
    "script",
    "services",
    "stage",
    "variables",
}
_COMPARED = re.compile(r"""\$(\w+)(?: == (["'])(.*)\2)?""")


@dataclass(frozen=True)
class Pipeline:
    """What a `.gitlab-ci.yml` says."""

    content: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Pipeline:
        """Return that of a file."""
        return cls(yaml.load(path.read_text(), _Loader))  # noqa: S506 - a safe loader, with one word more.

    def jobs(self, variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """Return the jobs that run with these variables, stage by stage, with all that they have from elsewhere."""
        stages = self.content.get("stages", ["test"])
        names = [name for name in self.content if not name.startswith(".") and name not in {"default", "stages"}]
        jobs = {name: self._whole(name) for name in names}
        for name, job in jobs.items():
            if set(job) > _JOB:
                raise NotKnown(f"{name}: {', '.join(set(job) - _JOB)}")
        running = {name: job for name, job in jobs.items() if self._runs(job, variables)}
        return dict(sorted(running.items(), key=lambda one: stages.index(one[1].setdefault("stage", "test"))))

    def _whole(self, name: str) -> dict[str, Any]:
        own = dict(self.content[name])
        parents = own.pop("extends", [])
        job: dict[str, Any] = {} if name.startswith(".") else dict(self.content.get("default", {}))
        for parent in [parents] if isinstance(parents, str) else parents:
            job |= self._whole(parent)
        job |= own
        for key in ("before_script", "script", "after_script"):
            job[key] = self._lines(job.get(key, []))
        return job

    def _lines(self, lines: str | list[Any]) -> list[str]:
        if isinstance(lines, str):
            return [lines]
        if isinstance(lines, _Reference):
            found: Any = self.content
            for key in lines:
                found = found[key]
            return self._lines(found)
        return [text for line in lines for text in (self._lines(line) if isinstance(line, list) else [line])]

    @staticmethod
    def _runs(job: Mapping[str, Any], variables: Mapping[str, str]) -> bool:
        if "rules" not in job:
            return True
        for rule in job["rules"]:
            compared = _COMPARED.fullmatch(rule["if"]) if set(rule) == {"if"} else None
            if compared is None:
                raise NotKnown(f"rule {rule}")
            value = variables.get(compared[1], "")
            if value == compared[3] if compared[2] else value:
                return True
        return False


@dataclass(frozen=True)
class Done:
    """A job that has run."""

    code: int
    log: str
    """What it printed, with its commands in front of what they printed."""
    artifacts: dict[str, Path]
    """What it leaves, by its path in the project."""


@dataclass
class Machine:
    """A machine with a shell executor."""

    folder: Path
    environment: Mapping[str, str]
    bin: Path
    """Where its Python is."""

    def pipeline(self, project: Path, variables: Mapping[str, str], *only: str) -> dict[str, Done]:
        """Run jobs of a project, all or some, each in a clone of its own; no stage begins after one that failed."""
        done: dict[str, Done] = {}
        stage = None
        for name, job in Pipeline.read(project / ".gitlab-ci.yml").jobs(variables).items():
            if stage not in {None, job["stage"]} and any(one.code for one in done.values()):
                break
            stage = job["stage"]
            if only and name not in only:
                continue
            done[name] = self._run(name, job, project, {"CI": "true", "GITLAB_CI": "true", **variables})
        return done

    def _run(self, name: str, job: Mapping[str, Any], project: Path, variables: Mapping[str, str]) -> Done:
        clone = self.folder / "builds" / name
        shutil.rmtree(clone, ignore_errors=True)
        git = ["git", "-c", "advice.detachedHead=false", "clone", "--quiet", str(project), str(clone)]
        subprocess.run(git, check=True, env=self.environment, timeout=60)
        env = {**self.environment, **variables, **job.get("variables", {}), "CI_JOB_NAME": name}
        env |= {"PATH": f"{self.bin}:{env['PATH']}", "CI_PROJECT_DIR": str(clone)}
        code, log = self._bash([*job["before_script"], *job["script"]], clone, env)
        log += self._bash(job["after_script"], clone, env)[1]
        kept = job.get("artifacts", {})
        if kept.get("when", "on_success") not in {"always", "on_failure" if code else "on_success"}:
            return Done(code, log, {})
        paths = [*kept.get("paths", []), *kept.get("reports", {}).values()]
        return Done(code, log, {path: clone / path for path in paths if (clone / path).exists()})

    @staticmethod
    def _bash(lines: list[str], clone: Path, env: Mapping[str, str]) -> tuple[int, str]:
        """Run lines in one shell, as the runner's script for bash does: shells/bash.go of GitLab Runner 16.11."""
        shown = "".join(f"printf '$ %s\\n' {shlex.quote(line)}\n{line}\n" for line in lines)
        script = f"set -eo pipefail\nset +o noclobber\n: | eval {shlex.quote(shown)}\nexit 0\n"
        with subprocess.Popen(
            ["bash"],
            cwd=clone,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as shell:
            log, _ = shell.communicate(script, timeout=600)
        return shell.returncode, log


@pytest.fixture(name="machine", scope="session")
def _machine(tmp_path_factory: pytest.TempPathFactory, index: Registry) -> Machine:
    """A machine whose Python has nothing but pip."""
    folder = tmp_path_factory.mktemp("machine")
    venv.create(folder / "python", with_pip=True)
    return Machine(folder, environment(index, folder / "home"), folder / "python" / "bin")


@pytest.fixture(name="copied")
def _copied(tmp_path: Path) -> Callable[..., Path]:
    """Return a copy of an example in a repository of its own, with some of its files replaced."""

    def copied(name: str, replaced: Mapping[str, str] = MappingProxyType({})) -> Path:
        ignored = shutil.ignore_patterns("__pycache__", "dist", "public", ".tox")
        project = shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=ignored)
        for file, text in replaced.items():
            (project / file).write_text(text)
        git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=All of it"]):
            subprocess.run([*git, *command], cwd=project, check=True, timeout=60)
        return project

    return copied
