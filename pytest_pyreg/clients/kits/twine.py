"""twine: it uploads files, and retries 5xx five times within 30 ms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.clients.kit import CLIENT, FILES, Kit, Task

if TYPE_CHECKING:
    from pytest_pyreg.clients.kit import Target

_UPLOAD = (CLIENT, "--no-color", "upload", "--disable-progress-bar")


def _settings(target: Target) -> dict[str, str]:
    return {
        "TWINE_NON_INTERACTIVE": "1",
        "TWINE_REPOSITORY_URL": target.upload_url,
        **target.login("TWINE_USERNAME", "TWINE_PASSWORD"),
    }


KIT = Kit(
    _settings,
    module="twine",
    upload=Task(commands=((*_UPLOAD, FILES),)),
    # It builds nothing itself: what its users type before it.
    publish=Task(commands=(("python", "-m", "build"), (*_UPLOAD, "dist/*"))),
)
