"""nox: it hands its whole environment on, to pip or to uv."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pytest_pyreg.clients.kit import CLIENT, Kit, Task, toml_list

if TYPE_CHECKING:
    from pytest_pyreg.clients.kit import Job, Target


def _settings(target: Target) -> dict[str, str]:
    del target
    return {}


def _project(job: Job) -> dict[str, str]:
    return {
        "noxfile.py": "import nox\n\n\n"
        f'@nox.session(python={sys.executable!r}, name="environment")\n'
        f"def environment(session):\n    session.install(*{toml_list(job.requirements)})\n"
    }


KIT = Kit(
    _settings,
    module="nox",
    install=Task(
        commands=((CLIENT, "--envdir", "{folder}/environments", "--session", "environment"),),
        scratch=_project,
        leaves="environments/environment",
    ),
)
