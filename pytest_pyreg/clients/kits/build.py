"""build: it runs pip for the build requirements, so pip's settings are its own; `--installer uv` takes uv's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.clients.kit import CLIENT, Kit, Task

if TYPE_CHECKING:
    from pytest_pyreg.clients.kit import Target


def _settings(target: Target) -> dict[str, str]:
    del target
    return {}


KIT = Kit(_settings, module="build", program="pyproject-build", build=Task(commands=((CLIENT, "--outdir", "{out}"),)))
