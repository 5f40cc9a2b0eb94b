"""poetry: it uploads files of one release from a project's folder, and installs into the environment it is run in.

It has no variable for the index that it installs from: that stands in the project.  Nor is there any for the index that
it takes build requirements from, other than poetry-core: the public one.  Without credentials it uploads as nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.clients.kit import CLIENT, SOURCE, Kit, Task, toml_list

if TYPE_CHECKING:
    from pytest_pyreg.clients.kit import Job, Target

_PUBLISH = (CLIENT, "publish", "--no-interaction", "--repository", "{source}")


def _settings(target: Target) -> dict[str, str]:
    source = SOURCE.upper()
    return {
        "POETRY_NO_INTERACTION": "1",
        "POETRY_KEYRING_ENABLED": str(target.asks).lower(),
        "POETRY_CACHE_DIR": str(target.home / "poetry-cache"),
        "POETRY_CONFIG_DIR": str(target.home / "poetry-config"),
        "POETRY_DATA_DIR": str(target.home / "poetry-data"),
        f"POETRY_REPOSITORIES_{source}_URL": target.upload_url,
        **target.login(f"POETRY_HTTP_BASIC_{source}_USERNAME", f"POETRY_HTTP_BASIC_{source}_PASSWORD"),
    }


def _of_the_files(job: Job) -> dict[str, str]:
    return {"pyproject.toml": f'[project]\nname = "{job.name}"\nversion = "0"\n'}


def _of_the_requirements(job: Job) -> dict[str, str]:
    return {
        "pyproject.toml": f'[project]\nname = "{job.name}"\nversion = "0"\n'
        f'requires-python = "=={job.python_release}.*"\n'
        f"dependencies = {toml_list(job.requirements)}\n"
        "[tool.poetry]\npackage-mode = false\n"
        f'[[tool.poetry.source]]\nname = "{SOURCE}"\nurl = "{job.index_url}"\npriority = "primary"\n'
    }


KIT = Kit(
    _settings,
    module="poetry",
    upload=Task(commands=((*_PUBLISH, "--dist-dir", "{out}"),), scratch=_of_the_files, gathers=True, alone=True),
    publish=Task(commands=((*_PUBLISH, "--build"),)),
    install=Task(
        commands=((CLIENT, "install", "--no-interaction", "--no-root"),),
        scratch=_of_the_requirements,
        env={"VIRTUAL_ENV": "{site}"},
    ),
    build=Task(commands=((CLIENT, "build", "--no-interaction", "--output", "{out}"),)),
)
