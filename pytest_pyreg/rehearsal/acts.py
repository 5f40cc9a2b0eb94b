"""The acts of a rehearsal, each a function of the stage: real clients, and what their success or failure means.

The exit code of a client proves nothing by itself: what counts is what the registry has seen.
"""

from __future__ import annotations

import platform
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import sys_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from pytest_pyreg.clients.running import CommandFailed
from pytest_pyreg.metadata import NotADistribution
from pytest_pyreg.model import Visibility
from pytest_pyreg.rehearsal.checking import check
from pytest_pyreg.rehearsal.verdicts import Objection, Outcome, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_pyreg.rehearsal.stage import Notes, Stage

_TWINE = "twine upload"


def upload(stage: Stage) -> Verdict:
    """Upload each file by itself, so that each gets its answer; twine would stop at the first that is refused."""
    notes = stage.begin("upload")
    notes.command = f"{_TWINE} {' '.join(path.name for path in stage.built.files)}"
    objections: list[Objection] = []
    for path in stage.built.files:
        before = stage.registry.log.count
        try:
            result = stage.registry.upload(path)
        except CommandFailed as error:
            objections += _completed(stage, path, notes.failed(error, path.name))
            continue
        notes.output += result.stdout + result.stderr
        if any(one.action == "upload" and not one.refused for one in stage.registry.log.since(before)):
            stage.taken.append(path)
        else:
            objections.append(Objection(path.name, "twine", "twine says that it is done; no upload came"))
    if not objections:
        return notes.verdict(Outcome.FINE, f"{len(stage.taken)} {'file' if len(stage.taken) == 1 else 'files'} taken")
    first = objections[0]
    summary = f"refused by {first.by}" if not first.answer else first.answer
    return notes.verdict(Outcome.REFUSED, summary, objections)


def _completed(stage: Stage, path: Path, said: list[Objection]) -> list[Objection]:
    """Add to what was said what stands behind it."""
    try:
        (checked,) = check([path], stage.registry.flavour, stage.registry.clock)
    except NotADistribution:
        return said
    heard = {one.words for one in said}
    behind = [one for one in checked.objections if not one.said and one.words not in heard]
    if said[0].by != "registry":  # The client refuses: what the registry would say is behind that too.
        behind = [one for one in checked.objections if one.by == "registry"]
    return [*said, *behind]


def install(stage: Stage) -> Verdict:
    """Install exactly this release, as a wheel, into a clean environment."""
    notes = stage.begin("install")
    wheels = [path for path in stage.taken if path.suffix == ".whl"]
    fitting = [path for path in wheels if _fits(path)]
    if not fitting:
        reason = "no wheel was taken" if not wheels else "no wheel is for this machine"
        return notes.verdict(Outcome.SKIPPED, reason)
    if not _python_fits(stage.content.requires_python):
        return notes.verdict(
            Outcome.SKIPPED, f"needs Python {stage.content.requires_python}, and this is {platform.python_version()}"
        )
    options = _pip_options(stage)
    notes.command = shlex.join(("pip", "install", *options))
    try:
        site = stage.registry.install(*options)
    except CommandFailed as error:
        objections = notes.failed(error)
        asked = [one for one in notes.exchanges if one.refused and one.project == _normalized(stage)]
        if asked:
            return notes.verdict(Outcome.REFUSED, f"{asked[0].status} {asked[0].reason}", objections)
        return notes.verdict(Outcome.BROKEN, "pip failed", objections)
    installed = site.distributions().get(_normalized(stage))
    served = {one.filename for one in notes.exchanges if one.action == "download" and not one.refused}
    if installed is None or served.isdisjoint(path.name for path in fitting):
        return notes.verdict(Outcome.BROKEN, "pip installed something else")
    stage.site = site
    return notes.verdict(Outcome.FINE, f"{stage.content.project} {installed}")


def second_upload(stage: Stage) -> Verdict:
    """Upload the same files once more, all at once, as a job that runs again does; any answer is a good one."""
    notes = stage.begin("again")
    if not stage.taken:
        return notes.verdict(Outcome.SKIPPED, "nothing was taken")
    notes.command = f"{_TWINE} {' '.join(path.name for path in stage.taken)}"
    try:
        notes.output = stage.registry.upload(*stage.taken).stdout
    except CommandFailed as error:
        objections = notes.failed(error)
        if objections[0].by != "registry":
            return notes.verdict(Outcome.BROKEN, "twine failed", objections)
        stage.again = frozenset((one.refusal, one.rule) for one in objections)
        return notes.verdict(Outcome.FINE, f"job fails: {objections[0].answer}", objections)
    remarks = {one.why for one in notes.exchanges if one.why}
    return notes.verdict(Outcome.FINE, "taken; nothing changes" if remarks else "taken again")


def stranger_uploads(stage: Stage) -> Verdict:
    """Let somebody upload who may not."""
    notes = stage.begin("stranger uploads")
    if not stage.taken:
        return notes.verdict(Outcome.SKIPPED, "nothing was taken")
    path = stage.taken[0]
    notes.command = f"{_TWINE} {path.name}"
    try:
        notes.output = stage.registry.upload(path, credential=stage.registry.stranger).stdout
    except CommandFailed as error:
        return _turned_away(notes, notes.failed(error), stage.again)
    return notes.verdict(Outcome.OPEN, "a stranger may upload")


def stranger_installs(stage: Stage) -> Verdict:
    """Let somebody install who may not, unless everybody may."""
    notes = stage.begin("stranger installs")
    if stage.site is None:
        return notes.verdict(Outcome.SKIPPED, "not installed before")
    options = _pip_options(stage)
    notes.command = shlex.join(("pip", "install", *options))
    public = stage.registry.namespace.visibility is Visibility.PUBLIC
    try:
        stage.registry.install(*options, credential=stage.registry.stranger)
    except CommandFailed as error:
        objections = notes.failed(error)
        if public:
            return notes.verdict(Outcome.REFUSED, "not everybody may install", objections)
        return _turned_away(notes, objections, frozenset())
    return notes.verdict(Outcome.FINE, "public: all may") if public else notes.verdict(Outcome.OPEN, "a stranger may")


def _turned_away(notes: Notes, objections: list[Objection], again: frozenset[tuple[str, str]]) -> Verdict:
    first = objections[0]
    if first.by != "registry":
        return notes.verdict(Outcome.BROKEN, f"{first.by} failed", objections)
    if (first.refusal, first.rule) in again:  # They came as far as the publisher, who had been there before.
        return notes.verdict(Outcome.OPEN, "a stranger may upload", objections)
    # Nothing to do about it: that is as it should be.
    expected = [replace(one, advice="") for one in objections]
    return notes.verdict(Outcome.FINE, f"turned away: {first.status}", expected)


def _pip_options(stage: Stage) -> tuple[str, ...]:
    wanted = f"{stage.content.project}=={stage.content.version}"
    deps = ("--no-deps",) if stage.deps is None else ("--find-links", str(stage.deps))
    return (*deps, "--only-binary", ":all:", wanted)


def _normalized(stage: Stage) -> str:
    return canonicalize_name(stage.content.project)


def _fits(path: Path) -> bool:
    try:
        tags = parse_wheel_filename(path.name)[3]
    except InvalidWheelFilename:
        return True  # Let the installer say so.
    return not tags.isdisjoint(sys_tags())


def _python_fits(specifier: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(platform.python_version(), prereleases=True)
    except InvalidSpecifier:
        return True
