"""`pyreg exec`: a command beside a registry, in the environment of a CI job, or with clients that are ready to use."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.cli.manual import Manual
from pytest_pyreg.cli.reports import Usage
from pytest_pyreg.clients import ci
from pytest_pyreg.clients.giving import given
from pytest_pyreg.flavours import DEFAULT, lineages
from pytest_pyreg.redaction import redactor
from pytest_pyreg.registry import Registry
from pytest_pyreg.stock import holds_distributions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_pyreg.cli.manual import Parser
    from pytest_pyreg.clients.ci import Job

NOT_FOUND, NOT_RUN = 127, 126
"""What shells exit with if there is no such command, and if it cannot be run."""
LONGEST = 365 * 24 * 60 * 60
"""Seconds that a command may be given; systems wait no longer than some years at once."""
MARKER = "PYREG_URL"
"""Where the registry is, which is nowhere else on this machine: what has it was started by the command."""

MANUAL = Manual(
    exit_codes={
        "N": "the command's own; 128 and its number for a signal",
        "2": "a wrong call: nothing was run",
        "124": "the command's time was over",
        "126, 127": "it cannot be run; there is no such command",
    },
    environment={
        "PYREG_URL": "set for the command: where the registry is; PYREG_UPLOAD_URL and PYREG_INDEX_URL likewise",
        "PYREG_TOKEN_PUBLISHER": "set for the command: the secret of the ready publisher, and its login in "
        "PYREG_TOKEN_PUBLISHER_USERNAME; READER and STRANGER, and the names of a world file's tokens, likewise",
    },
    examples=(
        ("Publish with a client that is set up", "pyreg exec gitlab --ci none -- twine upload dist/*"),
        (
            "Run a script as a job of GitLab's CI does, with nothing that a job has not",
            "pyreg exec gitlab@17 --ci gitlab --timeout 600 -- sh publish.sh",
        ),
        ("A script of several commands", "pyreg exec gitea -- sh -c 'twine upload dist/* && pip download demo'"),
    ),
    see=("docs/exec.md", "docs/world-file.md", "docs/log.md"),
)


def declare(tasks: argparse._SubParsersAction[Parser]) -> None:
    """Add the task to the command."""
    parser = tasks.add_parser(
        "exec",
        usage="pyreg exec [FLAVOUR] [--ci KIND] [--pass NAME ...] [--world FILE] [--upstream FOLDER] [--tls] "
        "[--timeout SECONDS] -- COMMAND [ARG ...]",
        help="run a command beside a registry",
        description=(
            "Start a registry, run a command where you stand, stop.  Exits with the command's code; the requests that "
            "came are printed on standard error.  Nothing of your own credentials, CI tokens and client settings gets "
            "in."
        ),
    )
    parser.add_argument("flavour", nargs="?", default=DEFAULT, help="such as gitlab@17 (default: %(default)s)")
    parser.add_argument(
        "--ci",
        metavar="KIND",
        choices=ci.KINDS,
        help=f"{', '.join(ci.KINDS[:-1])}: what a job of that system has, and nothing that it has not; {ci.NONE}: no "
        "job, but clients that are set up to publish here (default: those, and the variables of the product's own CI "
        "system)",
    )
    parser.add_argument(
        "--pass",
        dest="passed",
        metavar="NAME",
        action="append",
        default=[],
        help="let the command have a variable of yours, whatever it is; repeated for more",
    )
    parser.add_argument("--world", metavar="FILE", help="as for serve; a token ci is in $PYREG_TOKEN_CI")
    parser.add_argument("--upstream", metavar="FOLDER", help="what the public index serves: wheels, or a recording")
    parser.add_argument("--tls", action="store_true", help="speak https, with a certificate that the command trusts")
    parser.add_argument("--timeout", metavar="SECONDS", type=_seconds, help="end the command, and all that it started")
    parser.add_argument("misplaced", nargs="*", help=argparse.SUPPRESS)


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) <= LONGEST:
            return float(text)
    raise argparse.ArgumentTypeError(
        f"a time is a number of seconds above zero, at most {LONGEST} (a year), not {text!r}"
    )


def show(options: argparse.Namespace) -> int:
    """Run a command beside a registry.

    Returns:
        The command's exit code, as a shell has it.

    Raises:
        NoCertificate, UnknownFlavour, Usage, WorldFileError: the call is wrong.
    """
    flavour, misplaced, command = options.flavour, options.misplaced, options.command
    if misplaced:
        known = f" {flavour}" if flavour.partition("@")[0] in lineages else ""  # Or else it is the command.
        raise Usage(f"put two dashes before the command: pyreg exec{known} -- COMMAND")
    if not command:
        raise Usage("exec needs a command after two dashes: pyreg exec gitlab@17 -- twine upload dist/*")
    passed, folder = _passed(options.passed), _here()
    with Registry(flavour, world=options.world, tls=options.tls) as registry:
        _filled(registry, options.upstream)
        kind = options.ci or ci.own(registry)
        job = _job(kind, registry, folder, Path(registry.env()["HOME"]).parent / "runner")
        ready = options.ci in {None, ci.NONE}
        machine = registry.env() if ready else ci.settings(registry)
        env = {**machine, **job.variables, **_known(registry), **passed, MARKER: registry.url}
        hushed = redactor(frozenset({*registry.secrets(), *job.secrets, *given(command, env)}))
        _say(f"{registry.flavour.name} at {registry.url}")
        if job.elsewhere:
            _say(f"the job is one of {job.elsewhere}: nothing that it has is good here")
        for name, named in registry.named.items():
            # The secret is for the command alone: what is printed here ends in logs.
            _say(hushed(f"token {name} in ${_variable(name)}: {named.about}"))
        code = _attended(command, env, options.timeout, hushed)
        _say(hushed(registry.report()))
        if hint := _hint(registry, kind, code, ready=ready):
            _say(hint)
    return code


def _passed(names: list[str]) -> dict[str, str]:
    """Return the caller's variables of these names.

    Raises:
        Usage: there is none.
    """
    for name in names:
        if "=" in name:
            raise Usage(
                f"--pass takes the name of a variable, and its value from your environment: --pass "
                f"{name.partition('=')[0]}; to give it another one, put env before the command: -- env NAME=VALUE ..."
            )
        if name not in os.environ:
            raise Usage(f"there is no variable {name!r} to pass; export it before, or leave --pass {name} out")
    return {name: os.environ[name] for name in names}


def _filled(registry: Registry, folder: str | None) -> None:
    """Let the public index serve what is in a folder.

    Raises:
        Usage: there is none.
    """
    if folder is None:
        return
    if not Path(folder).is_dir():
        raise Usage(f"there is no folder {folder!r}; --upstream takes one with wheels, or with a recording")
    public = ci.public_index(registry)
    if holds_distributions(folder):
        public.add(Path(folder))
    public.replay(folder)


def _here() -> Path:
    """Return the folder in which the command is to run.

    Raises:
        Usage: it is no longer there.
    """
    try:
        return Path.cwd()
    except OSError as error:
        raise Usage(
            f"the folder that you stand in cannot be used ({error.strerror}); cd to one that is there"
        ) from None


def _job(kind: str, registry: Registry, folder: Path, place: Path) -> Job:
    try:
        return ci.job(kind, registry, folder, place)
    except ValueError as error:
        raise Usage(str(error)) from None


def _known(registry: Registry) -> dict[str, str]:
    """Return where the registry is, and who may use it, under names that no client reads by itself."""
    named = {name: named.credential for name, named in registry.named.items()}
    ready = {name: getattr(registry, name) for name in ("publisher", "reader", "stranger")}
    found = {"PYREG_UPLOAD_URL": registry.upload_url, "PYREG_INDEX_URL": registry.index_url}
    for name, credential in {**ready, **named}.items():
        found |= {_variable(name): credential.secret, f"{_variable(name)}_USERNAME": credential.username}
    return found


def _variable(name: str) -> str:
    return f"PYREG_TOKEN_{name.upper().replace('-', '_')}"


def _attended(command: list[str], env: Mapping[str, str], timeout: float | None, hushed: Callable[[str], str]) -> int:
    """Run the command to its end, and return its exit code."""
    from pytest_pyreg.cli.attending import attend  # Signals that are not everywhere.

    try:
        outcome = attend(command, env, MARKER, timeout=timeout)
    except OSError as error:
        _say(f"{hushed(command[0])!r} cannot be run: {error.strerror}")
        return NOT_FOUND if error.errno == errno.ENOENT else NOT_RUN
    if outcome.timed_out:
        _say(f"{hushed(command[0])!r} was still running after {timeout:g} seconds, and was ended with all it started")
    return outcome.code


def _hint(registry: Registry, kind: str, code: int, *, ready: bool) -> str:
    """Return what the requests do not tell of a job; nothing if there is nothing."""
    came = list(registry.log)
    if not ready and code and not came:
        return (
            "nothing came to the registry: a job is not told where it is but by its variables, and has no credential "
            f"but its token; --ci {ci.NONE} has clients that are set up"
        )
    by_hand = f"user {registry.publisher.username}"
    if ready and kind != ci.NONE and any(one.action == "upload" and one.who == by_hand for one in came):
        return f"that was {by_hand} with the ready-made token, which no job has; --ci {kind} has only what a job has"
    return ""


def _say(text: str) -> None:
    """Tell a person; that nobody listens is no reason to end otherwise than the command did."""
    with contextlib.suppress(OSError):
        print(f"pyreg: {text}", file=sys.stderr, flush=True)
