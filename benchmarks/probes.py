"""What has to be measured in a fresh interpreter: `python probes.py PROBE ARGUMENT ...` prints one line of JSON.

Imports nothing at the top that a probe could be about.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MANY = 50
"""Servers that run at once to see what one weighs."""


def plugin(name: str, folder: str) -> dict[str, object]:
    """Import a plugin (none if the name is empty) as pytest would, then run a test that does not use it."""
    import pytest

    begun = time.perf_counter()
    if name:
        importlib.import_module(name)
    taken = time.perf_counter() - begun
    chosen = ["-p", name] if name else []
    with contextlib.redirect_stdout(io.StringIO()):
        code = pytest.main(["-q", "-p", "no:cacheprovider", *chosen, folder])
    return {"seconds": taken, "passed": code == pytest.ExitCode.OK, "modules": sorted(sys.modules)}


def ours() -> dict[str, object]:
    """Start the first registry of a process, then many."""
    import pytest  # noqa: F401 - what it brings is there anyway.

    begun = time.perf_counter()
    from pytest_pyreg import Registry

    running = [Registry().start()]
    taken = time.perf_counter() - begun
    before = _resident()
    running += [Registry().start() for _ in range(MANY)]
    return {"seconds": taken, "megabytes": (_resident() - before) / MANY}


def httpserver() -> dict[str, object]:
    """Do the same with pytest-httpserver."""
    import pytest  # noqa: F401 - as above.

    begun = time.perf_counter()
    from pytest_httpserver import HTTPServer

    running = [HTTPServer(host="127.0.0.1")]
    running[0].start()
    taken = time.perf_counter() - begun
    before = _resident()
    for _ in range(MANY):
        running.append(HTTPServer(host="127.0.0.1"))
        running[-1].start()
    return {"seconds": taken, "megabytes": (_resident() - before) / MANY}


def _resident() -> float:
    """Return the megabytes that this process holds; not a number where nobody tells."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123 - pathlib would be one more import.
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) * 1024 / 1e6
    except FileNotFoundError:
        return float("nan")


PROBES: dict[str, Callable[..., dict[str, object]]] = {"plugin": plugin, "ours": ours, "httpserver": httpserver}

if __name__ == "__main__":
    print(json.dumps(PROBES[sys.argv[1]](*sys.argv[2:])), flush=True)
    os._exit(0)  # The servers end with the process: stopping fifty of some takes half a minute.
