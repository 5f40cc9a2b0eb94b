"""`pyreg exec`: a command beside a registry, in the environment that a job of the product's CI system would have."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from pytest_pyreg.cli.manual import Manual
from pytest_pyreg.cli.reports import SIGNALLED, Usage
from pytest_pyreg.flavours import DEFAULT, lineages
from pytest_pyreg.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.cli.manual import Parser

MANUAL = Manual(
    exit_codes={"N": "the command's own; 128 and its number for a signal", "2": "a wrong call, or no such command"},
    environment={
        "PYREG_TOKEN_NAME": "set for the command: the secret of the token `name` of a world file, and its login in "
        "PYREG_TOKEN_NAME_USERNAME",
    },
    examples=(
        ("Publish as a job of GitLab's CI does", "pyreg exec gitlab -- twine upload dist/*"),
        ("A script of several commands", "pyreg exec gitea -- sh -c 'twine upload dist/* && pip download demo'"),
    ),
    see=("docs/world-file.md", "docs/log.md"),
)


def declare(tasks: argparse._SubParsersAction[Parser]) -> None:
    """Add the task to the command."""
    parser = tasks.add_parser(
        "exec",
        usage="pyreg exec [FLAVOUR] [--world FILE] [--tls] -- COMMAND [ARG ...]",
        help="run a command beside a registry",
        description=(
            "Start a registry, run a command with the environment that a CI job of that product would have, stop.  "
            "Exits with the command's code; the requests that came are printed on standard error."
        ),
    )
    parser.add_argument("flavour", nargs="?", default=DEFAULT, help="such as gitlab@17 (default: %(default)s)")
    parser.add_argument("--world", metavar="FILE", help="as for serve; a token ci is in $PYREG_TOKEN_CI")
    parser.add_argument("--tls", action="store_true", help="speak https, with a certificate that the command trusts")
    parser.add_argument("misplaced", nargs="*", help=argparse.SUPPRESS)


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
    with Registry(flavour, world=options.world, tls=options.tls) as registry:
        env = {**registry.env(), **registry.world.ci_environment(registry.url, str(registry.ca or ""))}
        print(f"pyreg: {registry.flavour.name} at {registry.url}", file=sys.stderr)
        for name, named in registry.named.items():
            # The secret is for the command alone: what is printed here ends in logs.
            variable = f"PYREG_TOKEN_{name.upper().replace('-', '_')}"
            env[variable], env[f"{variable}_USERNAME"] = named.credential.secret, named.credential.username
            print(f"pyreg: token {name} in ${variable}: {named.about}", file=sys.stderr)
        code = _attended(command, env)
        print(f"pyreg: {registry.report()}", file=sys.stderr)
    return code


def _attended(command: list[str], env: Mapping[str, str]) -> int:
    """Run a command to its end, passing on what should end us; return the code that a shell would."""
    running: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def pass_on(number: int, _: object) -> None:
        if running:
            running[0].send_signal(number)
        else:
            early.append(number)

    # Before the command starts, so that there is no moment in which we would die without it.  A terminal's Ctrl-C
    # reaches the command by itself; we only have to live on until it is done.  A handler, and not SIG_IGN, because the
    # command would inherit that.
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None),
        signal.SIGTERM: signal.signal(signal.SIGTERM, pass_on),
        signal.SIGHUP: signal.signal(signal.SIGHUP, pass_on),
    }
    try:
        running.append(subprocess.Popen(command, env=env))
        for number in early:
            running[0].send_signal(number)
        code = running[0].wait()
    except OSError as error:
        raise Usage(f"{command[0]!r} cannot be run: {error.strerror}") from None
    finally:
        for signal_number, handler in before.items():
            signal.signal(signal_number, handler)
    return code if code >= 0 else SIGNALLED - code
