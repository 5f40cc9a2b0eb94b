"""`pyreg exec` in a process of its own, as people run it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

EXEC = [sys.executable, "-m", "pytest_pyreg", "exec"]
# Whoever runs the tests may have had them ignore some signals, as a shell has its jobs in the background.
_PLAIN = "import os, signal, sys; [signal.signal(one, signal.SIG_DFL) for one in (1, 2, 3, 15)]; "
_BECOME = "os.execv(sys.executable, [sys.executable, '-m', 'pytest_pyreg', 'exec', *sys.argv[1:]])"


def run(
    *arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [*EXEC, *arguments],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def started(*arguments: str, before: str = "", stdio: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    """Run it without a terminal, until the block ends at the latest.

    Args:
        arguments: its own.
        before: Python that its process runs first.
        stdio: what its input and outputs are.
    """
    command = [sys.executable, "-c", f"{_PLAIN}{before}\n{_BECOME}", *arguments]
    with subprocess.Popen(
        command, text=True, start_new_session=True, stdin=stdio, stdout=stdio, stderr=stdio
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
