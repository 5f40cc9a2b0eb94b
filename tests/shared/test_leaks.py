"""What is shared leaves no thread, socket or file: on the side that has it, and on the side that asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LIVES = """
import gc, os, sys, tempfile, threading
from pytest_pyreg import RegistryGone, attach, make_wheel, products
from pytest_pyreg.remote import SharedRegistry
from pytest_pyreg.sharing import Host

def nobody_comes():
    Host(lambda: products.registry("gitlab@17")).stop()

def somebody_comes():
    host = Host(lambda: products.registry("gitlab@17"))
    shared = SharedRegistry(attach(host.url, host.token))
    for _ in range(3):
        shared.renew()
        shared.upload(make_wheel("demo", "1"))
        shared.upstream.env()
    shared.close()
    host.stop()
    host.stop()

def it_cannot_be_made():
    host = Host(lambda: 1 / 0)
    try:
        attach(host.url, host.token)
    except ZeroDivisionError:
        host.stop()

def it_ends_first():
    host = Host(lambda: products.registry("gitlab@17"))
    shared = SharedRegistry(attach(host.url, host.token))
    shared.env()
    host.stop()
    try:
        shared.files("demo")
    except RegistryGone:
        shared.close()

def state():
    gc.collect()
    return threading.active_count(), len(os.listdir("/proc/self/fd")), os.listdir(tempfile.gettempdir())

somebody_comes()
before = state()
{name}()
print("LEFT", [one == other for one, other in zip(before, state())])
"""


@pytest.mark.parametrize("name", ["nobody_comes", "somebody_comes", "it_cannot_be_made", "it_ends_first"])
def test_nothing_is_left(tmp_path: Path, name: str) -> None:
    """In whatever order things end."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", LIVES.replace("{name}", name)],
        env={"TMPDIR": str(tmp_path), "PATH": str(Path(sys.executable).parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stdout.split("\n")[-2:] == ["LEFT [True, True, True]", ""], result.stderr
    assert not result.stderr


def test_a_log_of_ones_own_ends_with_its_place() -> None:
    """Thousands of tests, one after the other, do not make each request slower."""
    code = (
        "import gc\n"
        "from pytest_pyreg import attach, products\n"
        "registry = products.registry('gitlab@17').start(control='x')\n"
        "with attach(registry.url, 'x') as far:\n"
        "    for _ in range(5):\n"
        "        far.another().forget()\n"
        "    kept = far.another()\n"
        "    gc.collect()\n"
        "    print(len(registry.log._parts))\n"
        "registry.stop()\n"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout == "1\n"
