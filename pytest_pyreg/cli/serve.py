"""`pyreg serve`: a registry that runs until it is interrupted, and tells where it is and who may use it."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import sys
import threading
from typing import TYPE_CHECKING

from pytest_pyreg import products
from pytest_pyreg.cli.manual import Manual
from pytest_pyreg.cli.reports import Usage
from pytest_pyreg.flavours import DEFAULT

if TYPE_CHECKING:
    from pytest_pyreg.cli.manual import Parser
    from pytest_pyreg.identity import Credential
    from pytest_pyreg.registry import Registry

MANUAL = Manual(
    exit_codes={"0": "it was interrupted", "2": "a wrong call, or a port that cannot be used"},
    environment={"PYREG_CONTROL_TOKEN": "the control token of --control, which is then not printed"},
    examples=(
        ("The newest GitLab, until Ctrl-C", "pyreg serve"),
        ("A described one, on a port that scripts know", "pyreg serve gitea --port 8123 --world world.toml"),
    ),
    see=("docs/world-file.md", "docs/shared.md", "docs/tls.md"),
)
SERVE_LOG = 1000
"""How many exchanges a registry keeps that may run for weeks."""
TOKEN_VARIABLE = "PYREG_CONTROL_TOKEN"  # noqa: S105 - the name of one.
"""Whose value, if it has one, is the control token of `serve --control`, which then is not printed."""


def declare(tasks: argparse._SubParsersAction[Parser]) -> None:
    """Add the task to the command."""
    parser = tasks.add_parser(
        "serve",
        help="run a registry until interrupted",
        description="Run a registry until it is interrupted.  Prints where it is and ready-made credentials.",
    )
    parser.add_argument("flavour", nargs="?", default=DEFAULT, help="such as gitlab@17 (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=0, help="where to listen (default: any free port)")
    parser.add_argument("--json", action="store_true", help="print the URLs and credentials as one line of JSON")
    parser.add_argument("--world", metavar="FILE", help="a TOML file that describes users, projects and tokens")
    parser.add_argument(
        "--control",
        action="store_true",
        help="let other processes of this machine do what a test can (attach, --pyreg-url); prints the token for that, "
        f"unless it is in ${TOKEN_VARIABLE}",
    )
    parser.add_argument("--tls", action="store_true", help="speak https, and print the file that clients are to trust")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def show(options: argparse.Namespace) -> int:
    """Run a registry until it is interrupted.

    Returns:
        The exit code.

    Raises:
        NoCertificate, UnknownFlavour, Usage, WorldFileError: the call is wrong.
    """
    given = os.environ.get(TOKEN_VARIABLE, "")
    if options.control and options.tls:
        raise Usage("--control and --tls do not go together: a registry that is shared speaks plain HTTP")
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
        raise Usage(
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
