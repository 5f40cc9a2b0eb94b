"""Rows about beginning and end: a registry ready and gone, and what a run of pytest pays before it has one."""

from __future__ import annotations

import base64
import json
import logging
import socket
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from children import HERE, Program, environment, free_port, replies
from measuring import interleaved, medians, timed
from peers import installed, nginx_command, pypiserver_command, with_absent
from table import COUNT, HTTPSERVER, MEGABYTES, MILLISECONDS, NGINX, OURS, PYPISERVER, AtMost, Row, Times

from pytest_pyreg import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from measuring import Plan, Sample

SLOW = {"email.parser", "http.client", "http.server", "importlib.metadata", "ssl", "tarfile", "venv", "zipfile"}
"""Python's own modules that take long to import or bring many others."""

IDLE_SECONDS = 0.05
"""How long a server has nothing to do before it is stopped, as at the end of a test; a busy one would notice sooner."""


def start(plan: Plan) -> Iterator[Row]:
    """From the call that starts a registry to its first reply, and from the call that stops it to its end."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "www").mkdir()
        (folder / "empty").mkdir()
        contestants: dict[str, Callable[[], Sample]] = {OURS: _ours}
        if installed(PYPISERVER):
            contestants[PYPISERVER] = lambda: _program(lambda port: pypiserver_command(port, folder / "empty"))
        if installed(HTTPSERVER):
            contestants[HTTPSERVER] = _httpserver
        if installed(NGINX):
            contestants[NGINX] = lambda: _program(lambda port: nginx_command(folder / "nginx", folder / "www", port))
        # A millisecond is as long as other work may have the processor to itself, so it is asked for more often.
        samples = interleaved(contestants, plan.rounds * 3)
        hanging = interleaved({OURS: _hung_up}, plan.rounds * 3)
    yield Row(
        "registry ready in a test: start to first reply",
        MILLISECONDS,
        with_absent(medians(samples)),
        "3 ms; 40x faster than pypiserver",
        (AtMost(0.003), Times(PYPISERVER, 40)),
    )
    yield Row("gone after it: stop", MILLISECONDS, with_absent(medians(samples, 1)), "3 ms", (AtMost(0.003),))
    title = "gone, a client hanging half-way through an upload"
    yield Row(title, MILLISECONDS, medians(hanging), "3 ms", (AtMost(0.003),))
    yield Row("threads that are left after that", COUNT, medians(hanging, 1), "none", (AtMost(0),))


def _ours() -> Sample:
    begun = time.perf_counter()
    registry = Registry().start()
    port, path = _place(registry.index_url)
    assert replies(port, f"{path}/"), "the registry does not answer"
    ready = time.perf_counter() - begun
    time.sleep(IDLE_SECONDS)
    return ready, timed(registry.stop)


def _hung_up() -> Sample:
    threads = threading.active_count()
    registry = Registry().start()
    port, path = _place(registry.upload_url)
    login = base64.b64encode(f"{registry.publisher.username}:{registry.publisher.secret}".encode()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 8000000\r\nAuthorization: Basic {login}\r\n"
        "Content-Type: multipart/form-data; boundary=cut\r\n\r\n"
        '--cut\r\nContent-Disposition: form-data; name="content"; filename="a-1-py3-none-any.whl"\r\n\r\n'
    )
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(head.encode() + b"x" * 4_000_000)
        time.sleep(IDLE_SECONDS)
        taken = timed(registry.stop)
    return taken, threading.active_count() - threads


def _place(url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    return parts.port or 80, parts.path.rstrip("/")


def _httpserver() -> Sample:
    from pytest_httpserver import HTTPServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # Not a line on standard error for each request.
    begun = time.perf_counter()
    server = HTTPServer(host="127.0.0.1")
    server.expect_request("/simple/").respond_with_data("")
    server.start()
    assert replies(server.port, "/simple/"), "pytest-httpserver does not answer"
    ready = time.perf_counter() - begun
    time.sleep(IDLE_SECONDS)
    return ready, timed(server.stop)


def _program(command: Callable[[int], list[str]]) -> Sample:
    port = free_port()
    argv = command(port)
    begun = time.perf_counter()
    program = Program(argv, port)
    ready = time.perf_counter() - begun
    time.sleep(IDLE_SECONDS)
    return ready, timed(program.close)


def plugin_import(plan: Plan) -> Iterator[Row]:
    """What a run of pytest pays for a plugin that it does not use."""
    plugins = {OURS: "pytest_pyreg.plugin"}
    if installed(HTTPSERVER):
        plugins[HTTPSERVER] = "pytest_httpserver.pytest_plugin"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        without = set(_probed("plugin", "", folder)["modules"])

        def measure(plugin: str) -> Sample:
            told = _probed("plugin", plugin, folder)
            assert told["passed"], "a run that does not use the plugin failed"
            own = plugin.partition(".")[0]
            return told["seconds"], sum(_heavy(module, own) for module in {*told["modules"]} - without)

        samples = interleaved({name: partial(measure, plugin) for name, plugin in plugins.items()}, plan.rounds)
    title = "import of the plugin"
    yield Row(title, MILLISECONDS, with_absent(medians(samples), HTTPSERVER), "under 10 ms", (AtMost(0.01),))
    title = "heavy modules after a run that does not use it"
    yield Row(title, COUNT, with_absent(medians(samples, 1), HTTPSERVER), "none", (AtMost(0),))


def _heavy(module: str, own: str) -> bool:
    """Tell whether a module is a slow one of Python's, or another distribution."""
    return module in SLOW or ("." not in module and module not in sys.stdlib_module_names and module != own)


def first(plan: Plan) -> Iterator[Row]:
    """What the first registry of a run costs, and what each one weighs."""

    def measure(probe: str) -> Sample:
        told = _probed(probe)
        return told["seconds"], told["megabytes"]

    contestants = {OURS: partial(measure, "ours")}
    if installed(HTTPSERVER):
        contestants[HTTPSERVER] = partial(measure, "httpserver")
    samples = interleaved(contestants, plan.rounds)
    yield Row("the first registry of a run, imports included", MILLISECONDS, with_absent(medians(samples), HTTPSERVER))
    yield Row("memory of a started registry", MEGABYTES, with_absent(medians(samples, 1), HTTPSERVER))


def _probed(*arguments: str) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, str(HERE / "probes.py"), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
    )
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer
