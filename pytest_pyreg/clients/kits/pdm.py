"""pdm: it uploads all that lies in a folder of a project, and leaves its own files in that project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.clients.kit import CLIENT, Kit, Task, toml_list

if TYPE_CHECKING:
    from pytest_pyreg.clients.kit import Job, Target


def _settings(target: Target) -> dict[str, str]:
    return {
        "PDM_CHECK_UPDATE": "0",
        "PDM_NON_INTERACTIVE": "1",
        "PDM_USE_VENV": "false",  # Else it makes one in the project that it publishes.
        "PDM_CACHE_DIR": str(target.home / "pdm-cache"),
        "PDM_CONFIG_FILE": str(target.home / "pdm-config.toml"),
        "PDM_REQUEST_TIMEOUT": str(target.patience),
        "PDM_PYPI_URL": target.index_url,
        **target.login("PDM_PYPI_USERNAME", "PDM_PYPI_PASSWORD"),
        "PDM_PUBLISH_REPO": target.upload_url,
        **target.login("PDM_PUBLISH_USERNAME", "PDM_PUBLISH_PASSWORD"),
    }


def _project(job: Job) -> dict[str, str]:
    return {
        "pyproject.toml": '[project]\nname = "pyreg-scratch"\nversion = "0"\n'
        f'requires-python = "=={job.python_release}.*"\n'
        f"dependencies = {toml_list(job.requirements)}\n[tool.pdm]\ndistribution = false\n",
        ".pdm-python": job.python,
    }


KIT = Kit(
    _settings,
    module="pdm",
    upload=Task(commands=((CLIENT, "publish", "--no-build", "--dest", "{out}"),), scratch=_project, gathers=True),
    publish=Task(commands=((CLIENT, "publish"),)),
    install=Task(
        commands=((CLIENT, "install", "--no-self"),),
        scratch=_project,
        env={"PDM_USE_VENV": "true", "VIRTUAL_ENV": "{site}"},
    ),
    build=Task(commands=((CLIENT, "build", "--dest", "{out}"),)),
)
