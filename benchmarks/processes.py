"""Rows about whole client processes: the registry's share in them, environments, many at once, whole cycles."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from children import end
from measuring import interleaved, medians, timed
from peers import Hosted
from stock import wheels, written
from table import COUNT, MILLISECONDS, NOTHING, OURS, SECONDS, AtMost, Row, Times

from pytest_pyreg import Registry, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from measuring import Plan, Sample

VENV = "python -m venv and its pip"
CLIENT_SECONDS = 120.0
EACH = 8
"""Clients of each kind at once."""


def _run(env: Mapping[str, str], *argv: str) -> None:
    subprocess.run(argv, env=dict(env), check=True, capture_output=True, timeout=CLIENT_SECONDS)


def share(plan: Plan) -> Iterator[Row]:
    """Publishing and installing one small project, as whole processes, here and at a server that does nothing."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        wheel = written(wheels("demo", 1), folder)[0]
        page = folder / "page.html"
        page.write_text(f'<a href="/{wheel.name}">{wheel.name}</a>', encoding="utf-8")
        with Hosted("ours") as ours, Hosted("canned", page=str(page), file=str(wheel)) as nothing:

            def measure(port: int) -> float:
                here, there = f"127.0.0.1:{ours.address.port}", f"127.0.0.1:{port}"
                env = {name: value.replace(here, there) for name, value in ours.address.env.items()}
                with tempfile.TemporaryDirectory(dir=folder) as target:
                    begun = time.perf_counter()
                    _run(env, sys.executable, "-m", "twine", "upload", "--disable-progress-bar", str(wheel))
                    pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--target", target, "demo")
                    _run(env, sys.executable, *pip)
                    return time.perf_counter() - begun

            def pair(turn: list[bool]) -> Sample:
                ours.fresh()
                ports = [ours.address.port, nothing.address.port]
                turn[0] = not turn[0]
                taken = {port: measure(port) for port in (ports if turn[0] else ports[::-1])}
                return taken[ports[0]], taken[ports[1]]

            turn = [False]
            pairs = interleaved({OURS: lambda: pair(turn)}, plan.rounds * 3)[OURS]
    ours_taken, nothing_taken = (statistics.median(sample[position] for sample in pairs) for position in (0, 1))
    title = "twine upload and pip install of one small project, whole processes"
    yield Row(title, MILLISECONDS, {OURS: ours_taken, NOTHING: nothing_taken})
    # The difference of each pair: what slows the machine down for a while slows both.
    added = statistics.median(sample[0] - sample[1] for sample in pairs)
    limit = min(0.015, 0.02 * nothing_taken)
    yield Row("of that, the registry's share", MILLISECONDS, {OURS: added}, "under 15 ms and 2 %", (AtMost(limit),))


def clean_environment(plan: Plan) -> Iterator[Row]:
    """A clean environment with one project that real pip installed."""
    with tempfile.TemporaryDirectory() as temporary, Registry() as registry:
        folder = Path(temporary)
        registry.add(make_wheel("demo", "1.0"))
        env = registry.env(registry.reader)

        def ours() -> Sample:
            return (timed(lambda: registry.install("demo")),)

        def usual() -> Sample:
            with tempfile.TemporaryDirectory(dir=folder) as place:
                begun = time.perf_counter()
                _run(env, sys.executable, "-m", "venv", place)
                _run(env, str(Path(place, "bin", "python")), "-m", "pip", "install", "--quiet", "demo")
                return (time.perf_counter() - begun,)

        def empty() -> Sample:
            return (timed(registry.venv),)

        def usual_empty() -> Sample:
            with tempfile.TemporaryDirectory(dir=folder) as place:
                return (timed(lambda: _run(env, sys.executable, "-m", "venv", place)),)

        nothing = interleaved({OURS: empty, "python -m venv": usual_empty}, plan.rounds)
        samples = interleaved({OURS: ours, VENV: usual}, plan.rounds)
    yield Row("a clean environment with nothing in it", MILLISECONDS, medians(nothing))
    title = "a clean environment with one project, by real pip"
    yield Row(title, SECONDS, medians(samples), f"5x faster than {VENV}", (Times(VENV, 5),))


def crowd(plan: Plan) -> Iterator[Row]:
    """Sixteen clients at once."""
    names = [f"part-{number}" for number in range(5)]
    with tempfile.TemporaryDirectory() as temporary, Registry() as registry:
        folder = Path(temporary)
        registry.add(*(make_wheel(name, "1.0") for name in names), make_wheel("whole", "1.0", requires=names))
        env = registry.env(registry.reader)

        def measure() -> Sample:
            with tempfile.TemporaryDirectory(dir=folder) as place:
                return _all_at_once(env, Path(place))

        samples = interleaved({OURS: measure}, plan.rounds)[OURS]
    title = f"{2 * EACH} clients at once ({EACH} pip, {EACH} uv), six wheels each"
    failed, refused = (max(sample[position] for sample in samples) for position in (1, 2))
    yield Row(title, SECONDS, {OURS: statistics.median(sample[0] for sample in samples)})
    yield Row("clients of them that failed, at the most", COUNT, {OURS: failed}, "none", (AtMost(0),))
    yield Row("clients of them that were refused a connection", COUNT, {OURS: refused}, "none", (AtMost(0),))


def _all_at_once(env: Mapping[str, str], folder: Path) -> Sample:
    """Start every client; return how long they took, how many failed, and how many were refused a connection."""
    begun = time.perf_counter()
    clients = []
    try:
        for number in range(2 * EACH):
            target = folder / f"target-{number}"
            tool = ("pip",) if number % 2 else ("uv", "pip")
            clients.append(
                subprocess.Popen(
                    [sys.executable, "-m", *tool, "install", "--target", str(target), "whole"],
                    env={**env, "UV_CACHE_DIR": str(folder / f"cache-{number}")},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        said = [client.communicate(timeout=CLIENT_SECONDS)[1] for client in clients]
    finally:
        for client in clients:
            if client.poll() is None:
                end(client)
    taken = time.perf_counter() - begun
    good = sum(
        client.returncode == 0 and (folder / f"target-{number}" / "part_4").is_dir()
        for number, client in enumerate(clients)
    )
    return taken, len(clients) - good, sum("refused" in text.lower() for text in said)


def cycle(plan: Plan) -> Iterator[Row]:
    """A whole test: a fresh registry, a real upload, a real install, the end."""

    def measure(publisher: str, installer: str) -> Sample:
        begun = time.perf_counter()
        with Registry() as registry:
            registry.upload(make_wheel("demo", "1.0"), client=publisher)
            site = registry.install("demo", client=installer)
            taken = time.perf_counter() - begun
            assert site.distributions() == {"demo": "1.0"}, "the client did not install what was uploaded"
            begun = time.perf_counter()
        return (taken + time.perf_counter() - begun,)

    clients = {"uv": ("uv", "uv"), "commands": ("twine", "pip")}
    samples = interleaved({name: partial(measure, *pair) for name, pair in clients.items()}, plan.rounds)
    found = medians(samples)
    title = "a whole test cycle: fresh registry, upload, install, stop; "
    yield Row(f"{title}uv", MILLISECONDS, {OURS: found["uv"]}, "under 150 ms", (AtMost(0.15),))
    yield Row(f"{title}twine and pip by their command lines", MILLISECONDS, {OURS: found["commands"]})
