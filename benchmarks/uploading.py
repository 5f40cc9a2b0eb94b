"""Rows about what a publisher sends: large files, many small ones, and both in a registry that has grown."""

from __future__ import annotations

import statistics
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from children import Child
from measuring import MEGABYTE, Memory, interleaved, medians
from peers import Hosted, PyPIServer, Server, installed, with_absent
from reading import LARGE_BYTES, asked
from stock import LARGE, large_wheel, tiny, wheels, written
from table import MEGABYTES, MILLISECONDS, NOTHING, OURS, PYPISERVER, RATE, SPEED, AtMost, Row, Times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Plan, Sample

EMPTY = "ours, empty"
SMALL = "small"
HUGE_BYTES = 5000 * MEGABYTE


class Dropping(Hosted):
    """A server that keeps nothing of what it gets."""


def _receivers(running: ExitStack, folder: Path) -> dict[str, Server]:
    """Start the servers that take uploads, with nothing in them."""
    servers: dict[str, Server] = {OURS: running.enter_context(Hosted("ours"))}
    if installed(PYPISERVER):
        folder.mkdir(exist_ok=True)
        servers[PYPISERVER] = running.enter_context(PyPIServer(folder))
    servers[NOTHING] = running.enter_context(Dropping("canned"))
    return servers


def _by_twine(client: Child, server: Server, project: str, files: list[Path]) -> float:
    """Return the seconds that twine's library takes to upload a project's files to an empty server."""
    server.fresh()
    address = server.address
    names = [str(path) for path in files]
    seconds: float = client.ask(
        load="twine", port=address.port, path=address.upload, login=address.publisher, files=names
    )["seconds"]
    # That twine is content proves nothing.
    assert isinstance(server, Dropping) or asked(client, server, project, 0)["links"] == len(files)
    return seconds


def _by_hand(client: Child, server: Server, project: str, versions: list[str], size: int) -> list[float]:
    """Return the seconds of each upload by a raw socket."""
    address = server.address
    seconds: list[float] = client.ask(
        load="push",
        port=address.port,
        path=address.upload,
        login=address.publisher,
        project=project,
        versions=versions,
        size=size,
    )["seconds"]
    return seconds


def large(plan: Plan) -> Iterator[Row]:
    """One large file, by twine's library and by a raw socket, and what taking it takes of memory."""
    size = int(plan.scaled(LARGE_BYTES, LARGE_BYTES / 4))
    text = f"{size / MEGABYTE:.0f} MB"
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as running:
        folder, client = Path(temporary), running.enter_context(Child("loads.py"))
        wheel = large_wheel(folder / "wheels", size)
        servers = _receivers(running, folder / "pypiserver")
        memory = {name: Memory(server.pid) for name, server in servers.items() if name != NOTHING}

        def twine(server: Server) -> Sample:
            return (size / MEGABYTE / _by_twine(client, server, LARGE, [wheel]),)

        def raw(server: Server) -> Sample:
            server.fresh()
            return (size / MEGABYTE / _by_hand(client, server, "raw", ["1.0"], size)[0],)

        by_twine = interleaved({name: partial(twine, server) for name, server in servers.items()}, plan.rounds)
        by_hand = interleaved({name: partial(raw, server) for name, server in servers.items()}, plan.rounds)
        growth = {name: watched.growth() for name, watched in memory.items()}
    title, mark = f"upload of {text} by twine's library", "2x pypiserver"
    yield Row(title, SPEED, with_absent(medians(by_twine), PYPISERVER), mark, (Times(PYPISERVER, 2),))
    title, mark = f"upload of {text} by a raw socket", "5x pypiserver (the default flavour needs one digest)"
    yield Row(title, SPEED, with_absent(medians(by_hand), PYPISERVER), mark, (Times(PYPISERVER, 5),))
    yield Row(f"memory that taking {text} takes, at the highest", MEGABYTES, growth, "16 MB", (AtMost(16),))
    if plan.huge:
        yield from _huge()


def _huge() -> Iterator[Row]:
    with Child("loads.py") as client, Hosted("ours", max_file_bytes=2 * HUGE_BYTES) as server:
        memory = Memory(server.pid)
        seconds = _by_hand(client, server, "huge", ["1.0"], HUGE_BYTES)[0]
        growth = memory.growth()
    text = f"{HUGE_BYTES // MEGABYTE} MB"
    yield Row(f"upload of {text} by a raw socket, once", SPEED, {OURS: HUGE_BYTES / MEGABYTE / seconds})
    yield Row(f"memory that taking {text} takes, at the highest", MEGABYTES, {OURS: growth}, "16 MB", (AtMost(16),))


def small(plan: Plan) -> Iterator[Row]:
    """Wheels of a kilobyte, each of a version of its own, one after the other."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as running:
        folder, client = Path(temporary), running.enter_context(Child("loads.py"))
        files = written(wheels(SMALL, int(plan.scaled(50, 20))), folder / "wheels")
        servers = _receivers(running, folder / "pypiserver")

        def measure(server: Server) -> Sample:
            return (len(files) / _by_twine(client, server, SMALL, files),)

        samples = interleaved({name: partial(measure, server) for name, server in servers.items()}, plan.rounds * 3)
    yield Row(
        "small uploads by twine's library",
        RATE,
        with_absent(medians(samples), PYPISERVER),
        "1.5x pypiserver; 0.6 of a server that does nothing",
        (Times(PYPISERVER, 1.5), Times(NOTHING, 0.6)),
    )


def growth(plan: Plan) -> Iterator[Row]:
    """A page, and an upload, in a registry of many files against one that has nothing else."""
    projects, each = int(plan.scaled(10_000, 1_000)), 10
    theirs = projects if plan.huge else min(projects, 1_000)
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as running:
        folder, client = Path(temporary), running.enter_context(Child("loads.py"))
        servers: dict[str, Server] = {
            OURS: running.enter_context(Hosted("ours", tiny=[projects, each])),
            EMPTY: running.enter_context(Hosted("ours", tiny=[1, each])),
        }
        if installed(PYPISERVER):
            written(tiny(theirs, each), folder)
            servers[PYPISERVER] = running.enter_context(PyPIServer(folder))
        uploaded = dict.fromkeys(servers, 0)

        def measure(name: str) -> Sample:
            server = servers[name]
            kept = asked(client, server, "crowd-0", plan.scaled(0.3, 0.1))["rate"]
            # Each upload is of a new version, so the page after it has to be made anew.
            numbers = range(uploaded[name], uploaded[name] + (1 if name == PYPISERVER else 20))
            uploaded[name] = numbers.stop
            taken = _by_hand(client, server, "newcomer", [f"1.{number}" for number in numbers], 1000)
            return 1 / kept, statistics.median(taken)

        samples = interleaved({name: partial(measure, name) for name in servers}, plan.rounds)
    title = f"in a registry of {projects * each:,} files in {projects:,} projects (pypiserver: {theirs * each:,} files)"
    yield Row(
        f"project page {title}",
        MILLISECONDS,
        with_absent(medians(samples), PYPISERVER),
        "at most 2x its time in an empty one; 500x faster than pypiserver",
        (Times(EMPTY, 0.5), Times(PYPISERVER, 500)),
    )
    yield Row(f"small upload {title}", MILLISECONDS, with_absent(medians(samples, 1), PYPISERVER))
