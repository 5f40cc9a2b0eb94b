"""pipx: it installs one program into an environment of its own, with pip, or with uv where that is around.

A requirement without a program is refused.  Its own pip comes from the index, unless that is turned off: then from
Python itself.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pytest_pyreg.clients.kit import CLIENT, REQUIREMENTS, Kit, Task

if TYPE_CHECKING:
    from pytest_pyreg.clients.kit import Target


def _settings(target: Target) -> dict[str, str]:
    home = target.home / "pipx"
    return {
        "PIPX_HOME": str(home),
        "PIPX_BIN_DIR": str(home / "bin"),
        "PIPX_MAN_DIR": str(home / "man"),
        "PIPX_SHARED_LIBS": str(home / "shared"),
        "PIPX_DEFAULT_PYTHON": sys.executable,
        "PIPX_DEFAULT_BACKEND": "pip",  # Else it depends on what the machine has.
        "PIPX_DISABLE_SHARED_LIBS_AUTO_UPGRADE": "1",
    }


KIT = Kit(
    _settings,
    module="pipx",
    install=Task(
        commands=((CLIENT, "install", REQUIREMENTS),),
        # A home of its own: what is there already is not installed again.
        env={"PIPX_HOME": "{folder}", "PIPX_BIN_DIR": "{folder}/bin", "PIPX_MAN_DIR": "{folder}/man"},
        leaves="venvs/*",
        alone=True,
    ),
)
