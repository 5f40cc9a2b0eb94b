"""Rows about what an installer asks for: project pages and files."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from children import Child, free_port
from measuring import MEGABYTE, Memory, interleaved, medians
from peers import Hosted, Nginx, PyPIServer, Server, installed, with_absent
from stock import LARGE, large_wheel, page_by_hand, wheels, written
from table import HTTPSERVER, MEGABYTES, NGINX, NOTHING, OURS, PYPISERVER, RATE, SPEED, AtMost, Row, Times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Plan, Sample

PROJECT = "many"
MARKS = {
    2: ("2x every peer", (Times(PYPISERVER, 2), Times(HTTPSERVER, 2))),
    200: ("half of nginx; 15x pypiserver", (Times(NGINX, 0.5), Times(PYPISERVER, 15))),
    5000: (
        # A page made by hand needs no making; the limit itself does not send one twenty times as fast.
        "half of nginx; 100x pypiserver; 20x the best peer that makes its pages",
        (Times(NGINX, 0.5), Times(PYPISERVER, 100)),
    ),
}
LARGE_BYTES = 200 * MEGABYTE


@contextmanager
def serving(project: str, paths: list[Path], folder: Path, **order: Any) -> Iterator[dict[str, Server]]:  # noqa: ANN401 - JSON.
    """Start ours and every peer that is installed, with the same files.

    Args:
        project: whose they are.
        paths: the files, all in one folder that has nothing else in it.
        folder: a private one.
        order: what the registry is to have in it.
    """
    with ExitStack() as running:
        servers: dict[str, Server] = {OURS: running.enter_context(Hosted("ours", **order))}
        if installed(PYPISERVER):
            servers[PYPISERVER] = running.enter_context(PyPIServer(paths[0].parent))
        for peer in filter(installed, (HTTPSERVER, NGINX)):
            www, port = folder / peer / "www", free_port()
            page_by_hand(www, port, project, paths)
            server = Nginx(folder / peer, www, port) if peer == NGINX else Hosted("httpserver", www=str(www), port=port)
            servers[peer] = running.enter_context(server)
        yield servers


def asked(client: Child, server: Server, project: str, seconds: float) -> dict[str, Any]:
    """Let the client ask for a project page for that many seconds."""
    address = server.address
    path = f"{address.simple}{project}/"
    answer: dict[str, Any] = client.ask(
        load="page", port=address.port, path=path, login=address.reader, seconds=seconds
    )
    return answer


def page(plan: Plan) -> Iterator[Row]:
    """Project pages in a second, to one client that keeps its connection."""
    for count, (mark, demands) in MARKS.items():
        with tempfile.TemporaryDirectory() as temporary, ExitStack() as running:
            folder, client = Path(temporary), running.enter_context(Child("loads.py"))
            files = written(wheels(PROJECT, count), folder / "wheels")
            servers = running.enter_context(serving(PROJECT, files, folder, wheels={PROJECT: count}))
            ready = page_by_hand(folder / "ready", 0, PROJECT, files)
            servers[NOTHING] = running.enter_context(Hosted("canned", page=str(ready)))
            measure = partial(_pages, client, plan.scaled(0.4, 0.2), count)
            samples = interleaved({name: partial(measure, server) for name, server in servers.items()}, plan.rounds)
        sizes = medians(samples, 1)
        title = (
            f"project page of {count} files (ours {sizes[OURS] / 1000:.0f} kB, by hand {sizes[NOTHING] / 1000:.0f} kB)"
        )
        yield Row(f"{title}, a raw socket", RATE, with_absent(medians(samples)), mark, demands)
        yield Row("the same, Python's own HTTP client, as in pip", RATE, with_absent(medians(samples, 2)))


def _pages(client: Child, seconds: float, links: int, server: Server) -> Sample:
    told = asked(client, server, PROJECT, seconds)
    assert told["links"] == links, f"a page of {links} files has {told['links']} links"
    address = server.address
    path = f"{address.simple}{PROJECT}/"
    library = client.ask(load="library page", port=address.port, path=path, login=address.reader, seconds=seconds)
    return told["rate"], told["length"], library["rate"]


def download(plan: Plan) -> Iterator[Row]:
    """One large file, and what serving it takes of memory."""
    with tempfile.TemporaryDirectory() as temporary, Child("loads.py") as client:
        folder = Path(temporary)
        wheel = large_wheel(folder / "wheels", int(plan.scaled(LARGE_BYTES, LARGE_BYTES / 4)))
        with serving(LARGE, [wheel], folder, files=[str(wheel)]) as servers:

            def measure(server: Server, path: str) -> Sample:
                address = server.address
                told = client.ask(load="download", port=address.port, path=path, login=address.reader)
                assert told["bytes"] == wheel.stat().st_size, "the file came shorter than it is"
                return (told["bytes"] / MEGABYTE / told["seconds"],)

            paths = {name: _first_link(client, server) for name, server in servers.items()}
            memory = {name: Memory(server.pid) for name, server in servers.items() if name != NGINX}
            contestants = {name: partial(measure, server, paths[name]) for name, server in servers.items()}
            samples = interleaved(contestants, plan.rounds)
            growth = {name: watched.growth() for name, watched in memory.items()}
        size = f"{wheel.stat().st_size / MEGABYTE:.0f} MB"
    yield Row(
        f"download of {size}",
        SPEED,
        with_absent(medians(samples)),
        "0.6 of nginx; no peer faster",
        (Times(NGINX, 0.6), Times(PYPISERVER, 1), Times(HTTPSERVER, 1)),
    )
    yield Row(f"memory that serving {size} takes, at the highest", MEGABYTES, growth, "2 MB", (AtMost(2),))


def _first_link(client: Child, server: Server) -> str:
    page = f"{server.address.simple}{LARGE}/"
    link: str = asked(client, server, LARGE, 0)["first"]
    return urlsplit(urljoin(page, link)).path
