"""`pyreg serve`: a registry that runs until it is interrupted, and tells where it is and who may use it."""

from __future__ import annotations

import argparse
import errno
import json
import os
import secrets
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

from pytest_pyreg import products
from pytest_pyreg.cli.manual import Manual
from pytest_pyreg.cli.owning import SECRET_VARIABLE, check_secret, holding, settle, variable_of
from pytest_pyreg.cli.reports import Usage
from pytest_pyreg.durable.part import flavour_in
from pytest_pyreg.flavours import DEFAULT
from pytest_pyreg.options import ANNOUNCED, LOOPBACK

if TYPE_CHECKING:
    from pytest_pyreg.cli.manual import Parser
    from pytest_pyreg.identity import Credential
    from pytest_pyreg.registry import Registry

MANUAL = Manual(
    exit_codes={
        "0": "it was interrupted",
        "2": "a wrong call, a port that cannot be used, or a folder that cannot be",
    },
    environment={
        "PYREG_CONTROL_TOKEN": "the control token of --control, which is then not printed",
        "PYREG_PUBLISHER_SECRET": "the secret of the ready publisher, instead of one made by chance; "
        "PYREG_READER_SECRET and PYREG_STRANGER_SECRET those of the others",
    },
    files={
        "DIR/registry.db": "what --data keeps, tokens too: only its owner can read it",
        "DIR/files": "the uploaded files, each by its sha256",
    },
    examples=(
        ("The newest GitLab, until Ctrl-C", "pyreg serve"),
        ("A described one, on a port that scripts know", "pyreg serve gitea --port 8123 --world world.toml"),
        ("One that is the same tomorrow", "pyreg serve gitlab@17.4 --data ./registry"),
    ),
    see=("docs/serve.md", "docs/world-file.md", "docs/shared.md", "docs/tls.md"),
)
LOOKING_SECONDS = 1.0
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
    parser.add_argument("flavour", nargs="?", help=f"such as gitlab@17 (default: what is in --data, or else {DEFAULT})")
    parser.add_argument("--data", metavar="DIR", help="keep everything there, and begin with what is there")
    parser.add_argument("--port", type=_port, default=0, help="where to listen (default: any free port)")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: %(default)s)")
    parser.add_argument(
        "--public",
        action="store_true",
        help="let other machines in; the ready-made credentials do not hold then, but only those of --world and of "
        f"${SECRET_VARIABLE.format('PUBLISHER')} and ${SECRET_VARIABLE.format('READER')}",
    )
    parser.add_argument(
        "--url", metavar="URL", default="", help="what other machines call it (default: by this machine's name)"
    )
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
        NoCertificate, NotUsable, UnknownFlavour, Usage, WorldFileError: the call is wrong.
    """
    given = os.environ.get(TOKEN_VARIABLE, "")
    if options.control and options.tls:
        raise Usage("--control and --tls do not go together: a registry that is shared speaks plain HTTP")
    announced = _announced(options)
    flavour = options.flavour or DEFAULT
    there = flavour_in(options.data) if options.data else None
    if there is not None and options.flavour in {None, there.partition("@")[0]}:
        flavour = there  # A product's name means whichever is there, also when there are newer releases of it.
    # In its product's own words, which are also those of whoever attaches it.
    registry = products.registry(
        flavour,
        host=options.host,
        port=options.port,
        log_length=SERVE_LOG,
        world=options.world,
        tls=options.tls,
        data=options.data,
        announced=announced,
        forwarding=not announced,  # What it would forward to listens on this machine alone.
    )
    try:
        settle(registry, os.environ, public=bool(announced))
        registry.save()
        return _run(registry, options, given)
    finally:
        registry.stop()


def _run(registry: Registry, options: argparse.Namespace, given: str) -> int:
    if given and options.control:
        check_secret(TOKEN_VARIABLE, given)
    token = (given or secrets.token_urlsafe(32)) if options.control else ""
    stopped = threading.Event()
    # `nohup` has made the last one be ignored; that of a script's background, the first, is meant for us nevertheless.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: stopped.set())
    try:
        registry.start(control=token)
    except OSError as error:
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        if options.public or error.errno != errno.EADDRINUSE:
            raise Usage(f"--host {options.host} --port {options.port} cannot be used: {reason}") from None
        raise Usage(f"port {options.port} cannot be used: {reason}; leave --port out for any free one") from None
    shown = "" if token == given else token
    print(json.dumps(_facts(registry, shown)) if options.json else _introduction(registry, shown), flush=True)
    if not options.json:
        print("pyreg: running; interrupt (Ctrl-C) to stop", file=sys.stderr)
    # A signal that comes while another thread is about to get it wakes nobody, so this looks up now and then.
    while not stopped.wait(LOOKING_SECONDS):
        pass
    return 0


def _announced(options: argparse.Namespace) -> str:
    """Return by which URL other machines reach the registry; empty if none do.

    Raises:
        Usage: that was not asked for, or not well.
    """
    local = LOOPBACK.fullmatch(options.host)
    if not options.public:
        if not local:
            raise Usage(
                f"--host {options.host} lets other machines in: say --public too, or leave --host out for this machine"
            )
        if options.url:
            raise Usage("--url is what other machines call a registry: say --public too, or leave --url out")
        return ""
    if not options.port:
        raise Usage("--public needs a port that others can know: --port 8080")
    scheme = "https" if options.tls else "http"
    url: str = options.url or f"{scheme}://{socket.gethostname()}:{options.port}"
    if not ANNOUNCED.fullmatch(url):
        raise Usage(f"--url {url} is no URL that clients could use; one is http://registry.lan:8080")
    return url


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
            name: {"username": who.username, **_password(registry, who)} for name, who, _ in holding(registry)
        },
        "tokens": {
            name: {
                "username": named.credential.username,
                **_password(registry, named.credential),
                "about": named.about,
            }
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
        *((who.username, f"{_secret(registry, who)}  ({may})") for _, who, may in holding(registry)),
        *(
            (named.credential.username, f"{_secret(registry, named.credential)}  ({name}: {named.about})")
            for name, named in registry.named.items()
        ),
    ]
    wide = max(14, *(len(label) + 2 for label, _ in lines))
    return "\n".join(f"{label:<{wide}}{text}" for label, text in lines)


def _password(registry: Registry, who: Credential) -> dict[str, str | None]:
    """Return a secret for a program, or where its user has it from: what was kept out of files stays out of logs."""
    variable = variable_of(registry, who)
    return {"password": None, "variable": variable} if variable else {"password": who.secret}


def _secret(registry: Registry, who: Credential) -> str:
    """Return the same for a person."""
    variable = variable_of(registry, who)
    return f"the value of ${variable}" if variable else who.secret
