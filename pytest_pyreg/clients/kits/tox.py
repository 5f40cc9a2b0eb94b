"""tox: it passes pip's variables on to what it runs and not uv's; with tox-uv installed, the other way round."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pytest_pyreg.clients.kit import CLIENT, Kit, Task

if TYPE_CHECKING:
    from pytest_pyreg.clients.kit import Job, Target


def _settings(target: Target) -> dict[str, str]:
    del target
    # virtualenv, with which tox and nox make environments, looks for newer pips behind one's back.
    return {"VIRTUALENV_NO_DOWNLOAD": "1", "VIRTUALENV_NO_PERIODIC_UPDATE": "1"}


def _project(job: Job) -> dict[str, str]:
    deps = "".join(f"\n    {requirement}" for requirement in job.requirements)
    return {
        "tox.ini": "[tox]\nno_package = true\nenv_list = scratch\n"
        f"[testenv:scratch]\nbase_python = {sys.executable}\nenv_dir = {{tox_root}}/environment\ndeps ={deps}\n"
    }


KIT = Kit(
    _settings,
    module="tox",
    install=Task(
        commands=((CLIENT, "run", "--notest", "-e", "scratch"),),
        scratch=_project,
        leaves="environment",
    ),
)
