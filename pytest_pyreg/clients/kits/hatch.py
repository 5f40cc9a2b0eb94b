"""hatch: it uploads files, builds with uv, and makes environments with pip or uv.

Before it sends a file it asks the upload address for a page of the project, as devpi has one, and skips what that
lists.  In errors it masks the password wherever it stands: a short one makes them unreadable.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pytest_pyreg.clients.kit import CLIENT, FILES, Kit, Task, toml_list

if TYPE_CHECKING:
    from pytest_pyreg.clients.kit import Job, Target

_PUBLISH = (CLIENT, "publish", "--no-prompt")


def _settings(target: Target) -> dict[str, str]:
    return {
        "HATCH_INDEX_REPO": target.upload_url,
        **target.login("HATCH_INDEX_USER", "HATCH_INDEX_AUTH"),
        "HATCH_DATA_DIR": str(target.home / "hatch-data"),
        "HATCH_CACHE_DIR": str(target.home / "hatch-cache"),
        "HATCH_INTERACTIVE": "0",
    }


def _project(job: Job) -> dict[str, str]:
    return {
        "pyproject.toml": '[project]\nname = "pyreg-scratch"\nversion = "0"\n'
        '[tool.hatch.envs.default]\nskip-install = true\npath = "environment"\n'
        f"dependencies = {toml_list(job.requirements)}\n"
    }


KIT = Kit(
    _settings,
    module="hatch",
    upload=Task(commands=((*_PUBLISH, FILES),), scratch=_project),
    publish=Task(commands=((CLIENT, "build"), _PUBLISH)),
    install=Task(
        commands=((CLIENT, "env", "create"),),
        scratch=_project,
        env={"HATCH_PYTHON": sys.executable},
        leaves="environment",
    ),
    build=Task(commands=((CLIENT, "build", "{out}"),)),
)
