"""Doing what a kit describes: the scratch project is written, the commands run, and what came of them is looked at.

A client's exit code proves nothing: flit is content after a redirect that uploads nothing, hatch after a page that
seems to list the file, pip hides why it found none.  So an upload is looked for in the registry's log, an installed
project in the environment.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pytest_pyreg.clients.kit import CLIENT, FILES, REQUIREMENTS
from pytest_pyreg.questions import honest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pytest_pyreg.clients.finding import Client
    from pytest_pyreg.clients.kit import Job
    from pytest_pyreg.exchanges import Exchange

    Runner = Callable[[tuple[str, ...], Mapping[str, str], Path | None, bool], subprocess.CompletedProcess[str]]

_STORED = range(200, 300)
_ELSEWHERE = {"-t", "--target", "--root", "--prefix", "--user", "--dry-run", "--platform", "--python-platform"}
"""Options of pip and uv with which nothing, or nothing that runs here, comes into the environment."""
_FLAGS = {
    *("-U", "-q", "-qq", "-v", "-vv", "-vvv", "--force-reinstall", "--ignore-installed", "--isolated", "--no-build"),
    *("--no-build-isolation", "--no-cache", "--no-cache-dir", "--no-deps", "--no-index", "--offline", "--pre"),
    *("--prefer-binary", "--quiet", "--reinstall", "--require-hashes", "--upgrade", "--verbose"),
}
"""Options of theirs that take no value: the word behind them is what is to be installed."""


def perform(client: Client, job: Job, env: Mapping[str, str], run: Runner) -> subprocess.CompletedProcess[str]:
    """Do a job with a client.

    Args:
        client: which, and for what.
        job: what exactly.
        env: the client's environment.
        run: runs a command.

    Returns:
        The outcome of the last command.

    Raises:
        CommandFailed: one of them failed; those after it were not run.
    """
    __tracebackhide__ = True
    for name, text in client.task.scratch(job).items():
        (job.folder / name).write_text(text, encoding="utf-8")
    whole = {**env, **{name: job.words(value) for name, value in client.task.env.items()}}
    *before, last = commands(client, job)
    for command in before:
        run(command, whole, job.folder, True)  # noqa: FBT003 - the runner's own order.
    return run(last, whole, job.folder, True)  # noqa: FBT003 - as above.


def commands(client: Client, job: Job) -> list[tuple[str, ...]]:
    """Return what is run for a job, in order."""
    return [tuple(_expanded(command, client, job)) for command in client.task.commands]


def releases(paths: Iterable[Path]) -> list[tuple[Path, ...]]:
    """Return files by release, for a client that takes those of one at a time."""

    def release(path: Path) -> tuple[str, ...]:
        return tuple(path.name.removesuffix(".tar.gz").removesuffix(".whl").split("-")[:2])

    return [tuple(files) for _, files in groupby(sorted(paths, key=release), key=release)]


def not_stored(exchanges: Sequence[Exchange], expected: Iterable[str] = ()) -> str:
    """Return what an upload that ended well has not brought, in words; empty if all is there.

    Args:
        exchanges: what came while the client ran.
        expected: the names of the files that were to come; if none, at least one was.
    """
    uploads = [exchange for exchange in exchanges if exchange.action == "upload"]
    stored = {one.filename for one in uploads if not one.refused and one.status in _STORED and honest(one)}
    if missing := sorted(set(expected) - stored):
        return f"{', '.join(missing)} never got into the registry"
    if not stored:
        return "nothing got into the registry"
    refused = {exchange.filename for exchange in uploads if exchange.refused and exchange.filename}
    if missing := sorted(refused - stored):
        return f"{', '.join(missing)} was refused by the registry"
    return ""


def not_installed(requirements: Iterable[str], there: Mapping[str, str]) -> str:
    """Return what an install that ended well has not brought, in words; empty if all is there.

    Args:
        requirements: as they were asked for.
        there: what is installed: normalized name -> version.
    """
    words = tuple(requirements)
    if any(word.partition("=")[0] in _ELSEWHERE for word in words):
        return ""
    wanted = {canonicalize_name(requirement.name) for requirement in _understood(_bare(words))}
    missing = sorted(wanted - there.keys())
    return f"{', '.join(missing)} is not in the environment" if missing else ""


def _bare(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the words that are no options and, as far as that can be told, no values of options."""
    for before, word in zip(("", *words), words, strict=False):
        takes_value = before.startswith("-") and "=" not in before and before not in _FLAGS
        if not word.startswith("-") and not takes_value:
            yield word


def _understood(requirements: Iterable[str]) -> Iterator[Requirement]:
    """Yield the requirements that name a project and hold here; paths and options say nothing about what comes."""
    for text in requirements:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement


def _expanded(command: tuple[str, ...], client: Client, job: Job) -> Iterator[str]:
    several = {CLIENT: client.start, FILES: tuple(map(str, job.files)), REQUIREMENTS: job.requirements}
    for word in command:
        if word in several:
            yield from several[word]
        else:
            yield job.words(word)
