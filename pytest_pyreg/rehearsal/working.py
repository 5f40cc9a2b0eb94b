"""Does what was installed work?  Its modules are imported and its commands started, without any credential.

A dependency that was not to be installed is told apart from a release that is broken: the first is nobody's fault here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.rehearsal.complaints import advised, complaint, missing
from pytest_pyreg.rehearsal.verdicts import Objection, Outcome, Verdict
from pytest_pyreg.rehearsal.words import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_pyreg.clients.site import Site
    from pytest_pyreg.rehearsal.stage import Notes, Stage

START_SECONDS = 10.0
"""How long a command has to show its help; one that still runs then has started."""
_TRACEBACK = "Traceback (most recent call last)"
_IMPORTED = "pyreg: it was imported"
_SAYS = f"__import__('os').write(1, b'{_IMPORTED}')"
"""Not by print: a module may have taken the output away."""
NO_MODULE = "the wheel has no module to import: is all of it packed?"
_HINT = "a dependency is missing; --deps index installs them too"


def imports(stage: Stage) -> Verdict:
    """Import every top-level module, each in a process of its own."""
    notes = stage.begin("import")
    if stage.site is None:
        return notes.verdict(Outcome.SKIPPED, "not installed")
    if not stage.content.modules:
        return notes.verdict(Outcome.SKIPPED, NO_MODULE)
    notes.command = f'python -c "import {", ".join(stage.content.modules)}"'
    return imported(stage, notes, stage.site, stage.content.modules)


def imported(stage: Stage, notes: Notes, site: Site, modules: tuple[str, ...]) -> Verdict:
    """End an act with the import of these modules."""
    if not modules:
        return notes.verdict(Outcome.SKIPPED, NO_MODULE)
    objections: list[Objection] = []
    untold: list[Objection] = []
    for module in modules:
        try:
            result = stage.run(site, str(site.python), "-c", f"import {module}\n{_SAYS}", timeout=stage.timeout)
        except TimeoutError as error:
            notes.output += str(error)
            words = f"still not imported after {stage.timeout:g} seconds, and ended"
            advice = "--timeout gives it more; or does it wait for something when it is imported?"
            objections.append(Objection(module, "python", words, advice=advice))
            continue
        if result.returncode:
            notes.output += result.stderr
            _judge(stage, module, result.returncode, result.stderr, objections, untold)
        elif _IMPORTED not in result.stdout:
            advice = "a module that ends the program belongs behind `if __name__ == '__main__'`"
            objections.append(Objection(module, "python", "it ended the program while it was imported", advice=advice))
    return notes.verdict(*_summed(modules, "imported", objections, untold), objections + untold)


def starts(stage: Stage) -> Verdict:
    """Start every console script with `--help`: it may say what it likes, but not fall over."""
    notes = stage.begin("start")
    if stage.site is None:
        return notes.verdict(Outcome.SKIPPED, "not installed")
    if not stage.content.commands:
        windows = f"needs a display: {', '.join(stage.content.windows)}"
        return notes.verdict(Outcome.SKIPPED, windows if stage.content.windows else "no commands")
    notes.command = "; ".join(f"{command} --help" for command in stage.content.commands)
    objections: list[Objection] = []
    untold: list[Objection] = []
    for command in stage.content.commands:
        seconds = min(START_SECONDS, stage.timeout)
        try:
            result = stage.run(stage.site, str(stage.site.python.parent / command), "--help", timeout=seconds)
        except FileNotFoundError:
            objections.append(Objection(command, "the wheel", "announces this command, and none was installed"))
            continue
        except TimeoutError as error:
            notes.output += f"{error}\n{command}: still running after {seconds:g} seconds, and ended\n"
            continue
        notes.output += result.stdout + result.stderr
        if result.returncode < 0 or _TRACEBACK in result.stderr:
            _judge(stage, command, result.returncode, result.stderr, objections, untold)
    return notes.verdict(*_summed(stage.content.commands, "started", objections, untold), objections + untold)


def _judge(  # noqa: PLR0917 - what there is to know of one that failed.
    stage: Stage, what: str, code: int, printed: str, objections: list[Objection], untold: list[Objection]
) -> None:
    words = complaint(printed) if code >= 0 else f"ended by signal {-code}"
    words = words[:LONGEST] or f"exit code {code}"
    lacking = missing(printed) if code >= 0 else []
    own = {module.partition(".")[0] for module in stage.content.modules}
    foreign = [name for name in lacking if name not in own]
    named = bool(missing(words))
    if foreign and stage.deps is None and (_declared(stage, foreign) or (named and stage.content.requires)):
        # Also what the release makes of it: `raise RuntimeError("please install ...") from error`.
        untold.append(Objection(what, "python", words, advice=_HINT))
    elif named and not own.intersection(missing(words)):
        advice = "declare it in `dependencies`: in a clean environment nobody else brings it"
        objections.append(Objection(what, "python", words, advice=advice))
    else:
        objections.append(Objection(what, "python", words, advice=advised(words, missing(words), own)))


def _declared(stage: Stage, modules: Iterable[str]) -> bool:
    """Tell whether one of the modules is a dependency by its name; what is named otherwise cannot be told."""
    declared = {canonicalize_name(name) for name in stage.content.dependencies}
    return not declared.isdisjoint(canonicalize_name(module) for module in modules)


def _summed(
    all_of_them: Iterable[str], done: str, objections: list[Objection], untold: list[Objection]
) -> tuple[Outcome, str]:
    if objections:
        return Outcome.BROKEN, f"{objections[0].filename} fails"
    if untold:
        return Outcome.UNTOLD, "dependencies are missing"
    return Outcome.FINE, f"{done}: {', '.join(all_of_them)}"
