"""`pyreg rehearse`: build once, then with every flavour upload, install, import, start, upload again, be a stranger."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.cli.manual import Manual
from pytest_pyreg.cli.reports import FLAVOURS, coloured, flavours_of, writable, written
from pytest_pyreg.rehearsal.outside import NotRehearsable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from types import FrameType

    from pytest_pyreg.cli.manual import Parser
    from pytest_pyreg.flavours import Flavour
    from pytest_pyreg.rehearsal.verdicts import Verdict

MANUAL = Manual(
    exit_codes={
        "0": "every registry would take the release, and what was tried works; what could not be tried is said",
        "1": "one would refuse it, or it does not work, or a stranger gets in",
        "2": "a wrong call, or a project that does not build",
    },
    environment={
        "PIP_INDEX_URL": "and all else that your own pip goes by: where the build requirements, and the dependencies "
        "of --deps index, come from; nothing of it reaches the registry's clients",
    },
    examples=(
        ("The project in this folder, with the backend that is installed here", "pyreg rehearse --no-isolation"),
        (
            "What is built already, with one registry, and a page to look at",
            "pyreg rehearse --dist dist --flavour pypi --html rehearsal.html",
        ),
    ),
    see=("docs/rehearse.md", "pyreg check --help"),
)
TIMEOUT = 300.0
_WITHOUT_DEPS = (
    "Dependencies were left out (--no-deps): a registry that is empty has none.  --deps index installs them from your "
    "own index, --deps FOLDER from a wheelhouse."
)
_WITH_DEPS = "Dependencies came from {where}, the release itself from the registry alone."
_SDIST = (
    "The wheel was built out of the sdist, which shows that it can be; the sdist was uploaded, and not installed; "
    "--sdist does that too."
)


def declare(tasks: argparse._SubParsersAction[Parser]) -> None:
    """Add the task to the command."""
    parser = tasks.add_parser(
        "rehearse",
        help="publish a project to every registry here, before it is done for real",
        description=(
            "Build a project once, then for every flavour: upload it with twine, install it with pip into a clean "
            "environment, import its modules, start its commands, upload it again, and try both as a stranger.  "
            "Nothing leaves this machine but the caller's own pip, for what the build and --deps index need."
        ),
    )
    parser.add_argument("project", nargs="?", metavar="PROJECT_DIR", help="the project's folder (default: this one)")
    parser.add_argument("--flavour", **FLAVOURS)
    parser.add_argument(
        "--dist",
        action="append",
        nargs="+",
        default=[],
        metavar="PATH",
        help="rehearse these files or folders instead of building; a shell may fill in dist/*",
    )
    parser.add_argument(
        "--deps", metavar="index|FOLDER", help="install dependencies too, from your own index or from a folder"
    )
    parser.add_argument("--sdist", action="store_true", help="install from the sdist too: pip builds it once more")
    parser.add_argument(
        "--no-isolation", action="store_true", help="build with the backend that is installed here, without any index"
    )
    parser.add_argument(
        "--timeout", type=_seconds, default=TIMEOUT, metavar="S", help="end what runs longer (default: %(default)g s)"
    )
    parser.add_argument("--json", metavar="FILE", help="write the verdicts there; - for standard output")
    parser.add_argument("--html", metavar="FILE", help="write a page to look at there")


def show(options: argparse.Namespace) -> int:
    """Rehearse a project and print the verdicts.

    Returns:
        The exit code.

    Raises:
        NotADistribution, NotRehearsable, UnknownFlavour: the call is wrong.
    """
    from pytest_pyreg.rehearsal import building, content, from_source, page, plain, supplies, table
    from pytest_pyreg.rehearsal.running import rehearse

    flavours = flavours_of(options.flavour)
    for file in (options.json, options.html):
        writable(file)
    dists = [Path(path) for given in options.dist for path in given]
    project = _project(options, dists)
    progress = _Progress(max(len(flavour.name) for flavour in flavours))
    with _ended_by_signals(), tempfile.TemporaryDirectory(prefix="pyreg-") as folder:
        remarks = []
        if dists:
            built = building.found(dists)
        else:
            with progress.during("build"):
                built = building.build(
                    project, Path(folder) / "dist", isolated=not options.no_isolation, timeout=options.timeout
                )
            remarks += [_SDIST] if built.sdists and built.wheels and not options.sdist else []
        deps, where = None, ""
        if options.deps is not None:
            with progress.during("dependencies"):
                deps, where = supplies.found(options.deps, built, Path(folder) / "deps", options.timeout)
        options_to_build = None
        if options.sdist:
            with progress.during("sdist"):
                options_to_build = from_source.build_options(
                    built, Path(folder) / "build", isolated=not options.no_isolation, timeout=options.timeout
                )
        if content.of(built.files[0]).requires:
            remarks.append(_WITHOUT_DEPS if deps is None else _WITH_DEPS.format(where=where))
        rehearsal = rehearse(
            built,
            flavours,
            deps=deps,
            build_options=options_to_build,
            timeout=options.timeout,
            remarks=remarks,
            begun=progress.begun,
            done=progress.done,
        )
    if options.json is not None:
        written(options.json, plain.rehearsed(rehearsal))
    if options.html is not None:
        written(options.html, page.rehearsed(rehearsal))
    if "-" not in {options.json, options.html}:
        sys.stdout.write("\n".join([*table.rehearsed(rehearsal, colour=coloured(sys.stdout)), ""]))
    return int(rehearsal.failed)


def _project(options: argparse.Namespace, dists: list[Path]) -> Path:
    """Return the project's folder, after a look at it if it is to be built.

    Raises:
        NotRehearsable: there is none, or one too many, or no folder for dependencies.
    """
    from pytest_pyreg.rehearsal import building, supplies

    # A project that stands behind the files of --dist is taken for one of them.
    behind = any(building.is_project(path) for path in dists[1:])
    if dists and (options.project is not None or behind):
        raise NotRehearsable("give a project to build, or --dist with what is built already, not both")
    if options.json and options.html and Path(options.json).resolve() == Path(options.html).resolve():
        raise NotRehearsable(f"--json and --html name one file, {options.html!r}; give each its own")
    if options.project == "":
        raise NotRehearsable("the project's folder is empty text; give its path, or leave it out for this one")
    project = Path(options.project or ".")
    if not dists:
        building.examine(project)
    if options.deps is not None:
        supplies.examine(options.deps)
    return project


class _Progress:
    """One line for each act, on standard error: rewritten when it is over on a terminal, written once elsewhere."""

    def __init__(self, wide: int) -> None:
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._wide = wide

    def begun(self, flavour: Flavour, act: str) -> None:
        self._doing(f"{flavour.name:<{self._wide}}  {act:<17}")

    def done(self, flavour: Flavour, verdict: Verdict) -> None:
        from pytest_pyreg.rehearsal.table import word

        line = f"{flavour.name:<{self._wide}}  {verdict.act:<17}  {verdict.seconds:5.1f} s  {word(verdict)}"
        self._done(line)

    @contextmanager
    def during(self, act: str) -> Iterator[None]:
        """Say what goes on before the first flavour."""
        import time

        self._doing(f"{act:<{self._wide}}")
        started = time.perf_counter()
        try:
            yield
        except BaseException:
            self._done(f"{act:<{self._wide}}  failed")
            raise
        self._done(f"{act:<{self._wide}}  {'done':<17}  {time.perf_counter() - started:5.1f} s")

    def _doing(self, what: str) -> None:
        if self._live:
            sys.stderr.write(f"\r\x1b[K{what}  ...")
            sys.stderr.flush()

    def _done(self, line: str) -> None:
        start = "\r\x1b[K" if self._live else ""
        sys.stderr.write(f"{start}{line}\n")
        sys.stderr.flush()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let what ends a job end its children too, and clean up, as Ctrl-C does."""

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def _seconds(text: str) -> float:
    import argparse
    import math

    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not (seconds > 0 and math.isfinite(seconds)):
        raise argparse.ArgumentTypeError(f"a time is a number of seconds above zero, not {text!r}")
    return seconds
