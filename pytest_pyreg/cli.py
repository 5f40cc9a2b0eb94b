"""The command `pyreg`: the same registry for people who are not in pytest.

Results go to standard output, talk to standard error.  Exit codes: 0 fine, 1 refused, 2 usage; `exec` exits with the
command's own.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from importlib import metadata
from typing import TYPE_CHECKING

from pytest_pyreg import cli_check, cli_flavours, cli_rehearse, products
from pytest_pyreg.flavours import DEFAULT, UnknownFlavour, lineages
from pytest_pyreg.metadata import NotADistribution
from pytest_pyreg.registry import Registry
from pytest_pyreg.rehearsal.building import NotRehearsable
from pytest_pyreg.tls import NoCertificate
from pytest_pyreg.worldfile import WorldFileError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_pyreg.identity import Credential

SERVE_LOG = 1000
"""How many exchanges a registry keeps that may run for weeks."""
USAGE = 2
TOKEN_VARIABLE = "PYREG_CONTROL_TOKEN"  # noqa: S105 - the name of one.
"""Whose value, if it has one, is the control token of `serve --control`, which then is not printed."""
SIGNALLED = 128
"""A shell adds the number of the signal that ended a command."""


def main(argv: Sequence[str] | None = None) -> int:  # noqa: PLR0911 - one for each task.
    """Run the command.

    Args:
        argv: the arguments; the process's own if left out.

    Returns:
        The exit code.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    # The command of `exec` is its own: argparse is not to look for options in it.
    command: list[str] = []
    if "--" in arguments:
        split = arguments.index("--")
        arguments, command = arguments[:split], arguments[split + 1 :]
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown and options.task != "exec":
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        if options.task == "exec":
            options.misplaced += unknown  # An option of a command before which there are no dashes.
            return _exec(options.flavour, options.world, command, options.misplaced, tls=options.tls)
        if options.task == "rehearse":
            return cli_rehearse.show(options)
        if options.task == "check":
            return cli_check.show(options.dists, options.flavour, options.json)
        if options.task == "flavours":
            return cli_flavours.show(options.names, as_json=options.json)
        return _serve(options, given=os.environ.get(TOKEN_VARIABLE, ""))
    except (UnknownFlavour, WorldFileError, NotADistribution, NotRehearsable, NoCertificate, _Usage) as error:
        print(f"pyreg: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return SIGNALLED + signal.SIGINT


class _Usage(Exception):
    """A wrong call, in words for the caller."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pyreg",
        description="A real Python package registry on this machine: publish with twine, install with pip, offline.",
    )
    parser.add_argument("--version", action="version", version=f"pyreg {metadata.version('pytest-pyreg')}")
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    serve = tasks.add_parser(
        "serve",
        help="run a registry until interrupted",
        description="Run a registry until it is interrupted.  Prints where it is and ready-made credentials.",
    )
    serve.add_argument("flavour", nargs="?", default=DEFAULT, help="such as gitlab@17 (default: %(default)s)")
    serve.add_argument("--port", type=_port, default=0, help="where to listen (default: any free port)")
    serve.add_argument("--json", action="store_true", help="print the URLs and credentials as one line of JSON")
    serve.add_argument("--world", metavar="FILE", help="a TOML file that describes users, projects and tokens")
    serve.add_argument(
        "--control",
        action="store_true",
        help="let other processes of this machine do what a test can (attach, --pyreg-url); prints the token for that, "
        f"unless it is in ${TOKEN_VARIABLE}",
    )
    serve.add_argument("--tls", action="store_true", help="speak https, and print the file that clients are to trust")
    execute = tasks.add_parser(
        "exec",
        usage="pyreg exec [FLAVOUR] [--world FILE] [--tls] -- COMMAND [ARG ...]",
        help="run a command beside a registry",
        description=(
            "Start a registry, run a command with the environment that a CI job of that product would have, stop.  "
            "Exits with the command's code; the requests that came are printed on standard error."
        ),
    )
    execute.add_argument("flavour", nargs="?", default=DEFAULT, help="such as gitlab@17 (default: %(default)s)")
    execute.add_argument("--world", metavar="FILE", help="as for serve; a token ci is in $PYREG_TOKEN_CI")
    execute.add_argument("--tls", action="store_true", help="speak https, with a certificate that the command trusts")
    execute.add_argument("misplaced", nargs="*", help=argparse.SUPPRESS)
    cli_rehearse.declare(tasks)
    cli_check.declare(tasks)
    cli_flavours.declare(tasks)
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _serve(options: argparse.Namespace, given: str) -> int:
    """Run a registry until it is interrupted.

    Args:
        options: of the command.
        given: the control token, if the caller knows one.
    """
    if options.control and options.tls:
        raise _Usage("--control and --tls do not go together: a registry that is shared speaks plain HTTP")
    # In its product's own words, which are also those of whoever attaches it.
    registry = products.registry(
        options.flavour, port=options.port, log_length=SERVE_LOG, world=options.world, tls=options.tls
    )
    token = (given or secrets.token_urlsafe(32)) if options.control else ""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        registry.start(control=token)
    except OSError as error:
        raise _Usage(
            f"port {options.port} cannot be used: {os.strerror(error.errno or 0)}; leave --port out for any free one"
        ) from None
    try:
        shown = "" if token == given else token
        print(json.dumps(_facts(registry, shown)) if options.json else _introduction(registry, shown), flush=True)
        if not options.json:
            print("pyreg: running; interrupt (Ctrl-C) to stop", file=sys.stderr)
        stopped.wait()
    finally:
        registry.stop()
    return 0


def _facts(registry: Registry, control: str) -> dict[str, object]:
    """Return where the registry is and who may use it, for a program."""
    return {
        **({"control": control} if control else {}),
        "flavour": registry.flavour.name,
        "url": registry.url,
        "upload_url": registry.upload_url,
        "index_url": registry.index_url,
        "ca": str(registry.ca) if registry.ca else None,
        "credentials": {
            name: {"username": who.username, "password": who.secret} for name, who, _ in _credentials(registry)
        },
        "tokens": {
            name: {"username": named.credential.username, "password": named.credential.secret, "about": named.about}
            for name, named in registry.named.items()
        },
    }


def _introduction(registry: Registry, control: str) -> str:
    """Return the same for a person."""
    lines = [
        ("flavour", registry.flavour.name),
        *([("attach", f"{registry.url}  with the control token {control}")] if control else []),
        ("upload to", registry.upload_url),
        ("install from", registry.index_url),
        *([("trust", f"{registry.ca}  (SSL_CERT_FILE, REQUESTS_CA_BUNDLE; gone at the end)")] if registry.ca else []),
        *((who.username, f"{who.secret}  ({may})") for _, who, may in _credentials(registry)),
        *(
            (named.credential.username, f"{named.credential.secret}  ({name}: {named.about})")
            for name, named in registry.named.items()
        ),
    ]
    wide = max(14, *(len(label) + 2 for label, _ in lines))
    return "\n".join(f"{label:<{wide}}{text}" for label, text in lines)


def _credentials(registry: Registry) -> tuple[tuple[str, Credential, str], ...]:
    return (
        ("publisher", registry.publisher, "may upload and install"),
        ("reader", registry.reader, "may only install"),
        ("stranger", registry.stranger, "may do neither"),
    )


def _exec(flavour: str, world: str | None, command: list[str], misplaced: list[str], *, tls: bool) -> int:
    if misplaced:
        known = f" {flavour}" if flavour.partition("@")[0] in lineages else ""  # Or else it is the command.
        raise _Usage(f"put two dashes before the command: pyreg exec{known} -- COMMAND")
    if not command:
        raise _Usage("exec needs a command after two dashes: pyreg exec gitlab@17 -- twine upload dist/*")
    with Registry(flavour, world=world, tls=tls) as registry:
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
        raise _Usage(f"{command[0]!r} cannot be run: {error.strerror}") from None
    finally:
        for signal_number, handler in before.items():
            signal.signal(signal_number, handler)
    return code if code >= 0 else SIGNALLED - code
