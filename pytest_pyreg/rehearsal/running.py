"""A whole rehearsal: one release, every flavour, act by act."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg import products
from pytest_pyreg.clock import SystemClock
from pytest_pyreg.rehearsal import acts, content, from_source, working
from pytest_pyreg.rehearsal.outside import NotRehearsable
from pytest_pyreg.rehearsal.stage import Stage
from pytest_pyreg.rehearsal.verdicts import Performance, Rehearsal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours import Flavour
    from pytest_pyreg.rehearsal.building import Built
    from pytest_pyreg.rehearsal.verdicts import Verdict

FROM_SDIST = "from sdist"
ACTS: Mapping[str, Callable[[Stage], Verdict]] = {
    "upload": acts.upload,
    "install": acts.install,
    "import": working.imports,
    "start": working.starts,
    FROM_SDIST: from_source.install,
    "again": acts.second_upload,
    "stranger uploads": acts.stranger_uploads,
    "stranger installs": acts.stranger_installs,
}
"""In their order."""
_CLIENTS = ("build", "twine", "pip")


def _left_out(described: Sequence[content.Content]) -> list[str]:
    """Return what was not started, as a remark."""
    windows = sorted({name for one in described for name in one.windows})
    return [f"Not tried, as it needs a display: {', '.join(windows)}."] if windows else []


def rehearse(
    built: Built,
    flavours: Sequence[Flavour],
    *,
    deps: Path | None = None,
    build_options: Sequence[str] | None = None,
    timeout: float = 120.0,
    remarks: Sequence[str] = (),
    clock: Clock | None = None,
    begun: Callable[[Flavour, str], None] = lambda *_: None,
    done: Callable[[Flavour, Verdict], None] = lambda *_: None,
) -> Rehearsal:
    """Rehearse a release.

    Args:
        built: its files, at least one.
        flavours: with which registries, in this order.
        deps: a folder with its dependencies; they are not installed if left out.
        build_options: how pip is to build the sdist, see `from_source`; it is not installed if left out.
        timeout: seconds that one command may run.
        remarks: what a reader should know.
        clock: tells the time; the machine's if left out.
        begun: is told of each act when it begins.
        done: is told of each when it is over.

    Raises:
        NotADistribution: one of the files is none.
        NotRehearsable: they are of several releases.
    """
    clock = clock or SystemClock()
    began, started = clock.now(), time.perf_counter()
    described = [content.of(path) for path in built.files]
    releases = sorted({f"{canonicalize_name(one.project)} {one.version}" for one in described})
    if len(releases) > 1:
        raise NotRehearsable(f"the files are of several releases, {', '.join(releases)}; give those of one")
    played = ACTS if build_options is not None else {name: act for name, act in ACTS.items() if name != FROM_SDIST}
    performances = []
    for flavour in flavours:
        verdicts = []
        with products.registry(flavour, clock=clock, timeout=timeout) as registry:
            stage = Stage(registry, built, described[0], timeout, deps, tuple(build_options or ()))
            for name, act in played.items():
                begun(flavour, name)
                verdicts.append(act(stage))
                done(flavour, verdicts[-1])
        performances.append(Performance(flavour.name, tuple(verdicts)))
    return Rehearsal(
        project=described[0].project,
        version=described[0].version,
        files=tuple((path.name, path.stat().st_size) for path in built.files),
        remarks=(*remarks, *_left_out(described)),
        clients=tuple(f"{name} {version(name)}" for name in _CLIENTS),
        began=began,
        seconds=time.perf_counter() - started,
        performances=tuple(performances),
    )
