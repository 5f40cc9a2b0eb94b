"""uv: it installs, builds and publishes; it reads no other client's variables, and none of them read its."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.clients.kit import CLIENT, FILES, REQUIREMENTS, Kit, Task

if TYPE_CHECKING:
    from pytest_pyreg.clients.kit import Target

# Without credentials it would try trusted publishing first, for eight seconds where there is none.
_PUBLISH = (CLIENT, "publish", "--trusted-publishing", "never")


def _settings(target: Target) -> dict[str, str]:
    return {
        # Not UV_NO_CONFIG, which also hides the project's own index table.
        "UV_DEFAULT_INDEX": target.index_url_with_credential,
        "UV_PUBLISH_URL": target.upload_url,
        **target.login("UV_PUBLISH_USERNAME", "UV_PUBLISH_PASSWORD"),
        "UV_CACHE_DIR": str(target.home / "uv-cache"),
        "UV_TOOL_DIR": str(target.home / "uv-tools"),
        "UV_CREDENTIALS_DIR": str(target.home / "uv-credentials"),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_KEYRING_PROVIDER": "subprocess" if target.asks else "disabled",
        "UV_HTTP_TIMEOUT": str(target.patience),
        "UV_NO_PROGRESS": "1",
    }


KIT = Kit(
    _settings,
    upload=Task(commands=((*_PUBLISH, FILES),)),
    publish=Task(commands=((CLIENT, "build"), _PUBLISH)),
    install=Task(commands=((CLIENT, "pip", "install", "--python", "{python}", REQUIREMENTS),)),
    build=Task(commands=((CLIENT, "build", "--out-dir", "{out}"),)),
)
