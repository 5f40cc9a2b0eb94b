"""What each real client needs: the settings that point it at the registry, and the commands that use it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from pytest_pyreg.identity import ANONYMOUS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_pyreg.identity import Credential


@dataclass(frozen=True)
class Target:
    """Where a client is to go, and as whom."""

    upload_url: str
    index_url: str
    credential: Credential
    home: Path
    patience: int = 15
    """Seconds without a word after which a client gives up."""
    ca: str = ""
    """The path of the one authority that a client is to trust; empty over plain HTTP."""

    @property
    def index_url_with_credential(self) -> str:
        """The index URL as pip wants it: the credential inside."""
        if self.credential == ANONYMOUS:
            return self.index_url
        parts = urlsplit(self.index_url)
        login = f"{quote(self.credential.username, safe='')}:{quote(self.credential.secret, safe='')}"
        return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc}"))


@dataclass(frozen=True)
class Kit:
    """One client."""

    settings: Callable[[Target], Mapping[str, str]]
    """Environment variables."""
    upload: tuple[str, ...] = ()
    """The command that uploads the files named after it; none if the client does not upload."""
    install: tuple[str, ...] = ()
    """The command that installs the requirements named after it, with `{python}` for the target's interpreter."""
    module: str = ""
    """The module that must be importable for the commands to work; none if they are programs of their own."""


def _pip(target: Target) -> dict[str, str]:
    return {
        "PIP_CONFIG_FILE": os.devnull,  # Exactly this: only the null device turns every configuration file off.
        "PIP_INDEX_URL": target.index_url_with_credential,
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_KEYRING_PROVIDER": "disabled",
        "PIP_RETRIES": "0",
        "PIP_TIMEOUT": str(target.patience),
    }


def _twine(target: Target) -> dict[str, str]:
    login = {"TWINE_USERNAME": target.credential.username, "TWINE_PASSWORD": target.credential.secret}
    return {
        "TWINE_NON_INTERACTIVE": "1",
        "TWINE_REPOSITORY_URL": target.upload_url,
        **(login if target.credential != ANONYMOUS else {}),
    }


def _uv(target: Target) -> dict[str, str]:
    login = {"UV_PUBLISH_USERNAME": target.credential.username, "UV_PUBLISH_PASSWORD": target.credential.secret}
    return {
        # Not UV_NO_CONFIG, which also hides the project's own index table.
        "UV_DEFAULT_INDEX": target.index_url_with_credential,
        "UV_PUBLISH_URL": target.upload_url,
        **(login if target.credential != ANONYMOUS else {}),
        "UV_CACHE_DIR": str(target.home / "uv-cache"),
        "UV_TOOL_DIR": str(target.home / "uv-tools"),
        "UV_CREDENTIALS_DIR": str(target.home / "uv-credentials"),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_KEYRING_PROVIDER": "disabled",
        "UV_HTTP_RETRIES": "0",
        "UV_HTTP_TIMEOUT": str(target.patience),
        "UV_NO_PROGRESS": "1",
    }


def _trust(target: Target) -> dict[str, str]:
    """Return what clients read: uv and hatch the first, twine, flit, poetry and old pips the other."""
    return {name: target.ca for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") if target.ca}


KITS: Mapping[str, Kit] = {
    "pip": Kit(_pip, install=("python", "-m", "pip", "--python", "{python}", "install"), module="pip"),
    "twine": Kit(
        _twine, upload=("python", "-m", "twine", "--no-color", "upload", "--disable-progress-bar"), module="twine"
    ),
    "uv": Kit(
        _uv,
        upload=("uv", "publish", "--trusted-publishing", "never"),
        install=("uv", "pip", "install", "--python", "{python}"),
    ),
}


def settings(target: Target) -> dict[str, str]:
    """Return the settings of every client, so that any of them works in one environment."""
    return {name: value for kit in KITS.values() for name, value in kit.settings(target).items()} | _trust(target)
