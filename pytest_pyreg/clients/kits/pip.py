"""pip: it reads five configuration files unless told not to, and hides why an index said no."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_pyreg.clients.kit import CLIENT, REQUIREMENTS, Kit, Task

if TYPE_CHECKING:
    from pytest_pyreg.clients.kit import Target


def _settings(target: Target) -> dict[str, str]:
    return {
        "PIP_CONFIG_FILE": os.devnull,  # Exactly this: only the null device turns every configuration file off.
        "PIP_INDEX_URL": target.index_url_with_credential,
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_CACHE_DIR": "1",
        # Told not to ask people, pip asks keyring only if it is told how.
        "PIP_KEYRING_PROVIDER": "subprocess" if target.asks else "disabled",
        "PIP_TIMEOUT": str(target.patience),
    }


KIT = Kit(
    _settings,
    module="pip",
    install=Task(commands=((CLIENT, "--python", "{python}", "install", REQUIREMENTS),)),
)
