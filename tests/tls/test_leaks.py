"""Registries over TLS leave no thread, no socket and no file, however their connections end."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LIVES = """
import gc, os, socket, ssl, sys, tempfile, threading, urllib.request
from pytest_pyreg import Registry

leaks = []
STRANGER = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def live() -> None:
    with Registry("pypi", tls=True) as registry:
        address = "127.0.0.1", int(registry.url.rpartition(":")[2])
        context = ssl.create_default_context(cafile=registry.ca)
        with urllib.request.urlopen(registry.index_url + "/", context=context) as page:
            page.read()
        with socket.create_connection(address) as distrusting:
            try:
                STRANGER.wrap_socket(distrusting, server_hostname="127.0.0.1")
            except ssl.SSLCertVerificationError:
                pass
        with socket.create_connection(address) as plain:
            plain.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
            plain.recv(1)
        gone = socket.create_connection(address)
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")
        gone.close()
        silent = socket.create_connection(address)
        if len(sys.argv) > 1:
            leaks.append(silent.dup())
    silent.close()


def state() -> tuple[int, int, list[str]]:
    gc.collect()
    return threading.active_count(), len(os.listdir("/proc/self/fd")), os.listdir(tempfile.gettempdir())


live()
before = state()
for _ in range(30):
    live()
after = state()
assert before == after, f"{before} became {after}"
"""


@pytest.mark.parametrize("leak", [False, True])
def test_30_lives_leave_nothing(tmp_path: Path, *, leak: bool) -> None:
    """Nor a warning; and a descriptor that each of them leaves would be seen."""
    result = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", LIVES, *["leak"][: int(leak)]],
        env={"TMPDIR": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert result.returncode == int(leak), result.stderr
    assert ("became" in result.stderr) is leak
    assert leak or (result.stdout, result.stderr) == ("", "")
    assert not list(tmp_path.iterdir())
