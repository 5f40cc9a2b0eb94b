"""What the tests of faults and lies share."""

from __future__ import annotations

import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from pytest_pyreg import Registry

    Download = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(name="download")
def _download(tmp_path: Path) -> Download:
    """Have real pip fetch `demo`, without an environment to install it into; variables are added to pip's own."""

    def download(registry: Registry, **env: str) -> subprocess.CompletedProcess[str]:
        command = (
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--dest",
            tempfile.mkdtemp(dir=tmp_path),
            "demo",
        )
        return registry.run(*command, env=env, credential=registry.reader, check=False)

    return download
