"""Rows about real clients: what twine and uv make of an answer, each against a server of a few lines."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_pyreg.flavours import hosts
from pytest_pyreg.server import Server
from tests.conformance import pypi_parcels
from tests.conformance.cases import CannotExpress
from tests.conformance.pypi_scenes import known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from wsgiref.types import StartResponse, WSGIEnvironment

    from pytest_pyreg import Registry
    from tests.conformance.cases import Row

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "twine": ("python", "-m", "twine", "--no-color", "upload", "--disable-progress-bar", "--repository-url", "{url}"),
    "uv": ("uv", "publish", "--trusted-publishing", "never", "--publish-url", "{url}"),
}
LOGINS = ("TWINE_USERNAME", "TWINE_PASSWORD", "UV_PUBLISH_USERNAME", "UV_PUBLISH_PASSWORD")


@dataclass
class Setting:
    """What a client meets."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    path: str = "/legacy/"
    options: list[str] = field(default_factory=list)
    env: dict[str, str | None] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    """The requests that came."""

    def answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer everything alike."""
        self.seen.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        start(f"{self.status} Whatever", [*self.headers, ("Content-Length", "0")])
        return [b""]


def play(row: Row, registry: Registry) -> None:
    """Run the client of a row.

    Raises:
        AssertionError: it made something else of what it met.
        CannotExpress: the runner does not understand the row.
    """
    setting, client = understood(row)
    then = known("then", row.then, {"status", "client_outcome", "note"})
    with _serving(setting) as url, tempfile.TemporaryDirectory() as folder:
        parcel = pypi_parcels.made({"preset": "sdist"})
        file = Path(folder) / parcel.filename
        file.write_bytes(parcel.data)
        env = {key: value.format(url=url) if value else value for key, value in setting.env.items()}
        command = [part.format(url=url + setting.path) for part in COMMANDS[client]]
        done = registry.run(*command, *setting.options, file, check=False, cwd=Path(folder), env=env)
    text = " ".join((done.stdout + done.stderr).split())
    if isinstance(then.get("status"), int):
        assert setting.seen, f"no request came: {text}"
        assert then["status"] == setting.status, f"the server answered {setting.status}"
    outcome = str(then.get("client_outcome", ""))
    for pattern, check in OUTCOMES.items():
        if re.fullmatch(pattern, outcome):
            assert check(Seen(setting, done.returncode != 0, text)), (
                f"not {outcome!r}: exit {done.returncode}, {setting.seen}, {text}"
            )
            return
    raise CannotExpress(f"then.client_outcome = {outcome!r}")


def understood(row: Row) -> tuple[Setting, str]:
    """Return what a row's prose says, and the client.

    Raises:
        CannotExpress: some of it means nothing here.
    """
    client = str(known("when", row.when, {"client"}).get("client", "")).partition(" ")[0]
    if client not in COMMANDS:
        raise CannotExpress(f"when.client = {row.when.get('client')!r}")
    setting = Setting()
    for clause in re.split(r"; |, | and ", row.prose):
        for pattern, say in GIVEN.items():
            found = re.fullmatch(pattern, clause, re.IGNORECASE)
            if found is not None:
                say(setting, found)
                break
        else:
            raise CannotExpress(f"given: {clause!r} of {row.prose!r}")
    return setting, client


@contextmanager
def _serving(setting: Setting) -> Iterator[str]:
    server = Server()
    server.start(setting.answer)
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()


def _answers(setting: Setting, found: re.Match[str]) -> None:
    setting.status = int(found["status"])


def _moved(setting: Setting, found: re.Match[str]) -> None:
    setting.status = int(found["status"])
    setting.headers.append(("Location", "/legacy/" if found["kind"] == "a relative" else "http://127.0.0.1:9/legacy/"))


def _option(setting: Setting, found: re.Match[str]) -> None:
    setting.options.append(found["option"])


def _named(setting: Setting, _: re.Match[str]) -> None:
    setting.path = f"/{hosts.WEB}/legacy/"


def _no_login(setting: Setting, _: re.Match[str]) -> None:
    setting.env |= dict.fromkeys(LOGINS)


def _on_github(setting: Setting, _: re.Match[str]) -> None:
    setting.env |= {
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": "{url}/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request",
    }


def _nothing(_: Setting, __: re.Match[str]) -> None:
    """Say nothing that is not so anyway."""


GIVEN: Mapping[str, Callable[[Setting, re.Match[str]], None]] = {
    r"(?:the )?server answers (?:with )?(?P<status>[0-9]{3})": _answers,
    r"(?P<status>30[0-9]) with (?P<kind>an? (?:relative|absolute)) Location": _moved,
    r"(?P<option>--[a-z-]+) with a repository URL that is not PyPI or TestPyPI": _option,
    r"(?P<option>--(?:skip-existing|verbose|non-interactive))": _option,
    r"(?:the )?(?:repository )?URL contains \{PYPI\}": _named,
    r"(?:no|without(?: a)?) (?:password|credentials|token)": _no_login,
    r"GitHub variables (?:are )?set": _on_github,
    r"(?:repository|publish) URL http://127\.0\.0\.1(?::P)?/legacy/": _nothing,
    r"valid token|any": _nothing,
}
"""Patterns of what is given, and what each says."""


def _posts(setting: Setting) -> int:
    return sum(request.startswith("POST ") for request in setting.seen)


class Seen(NamedTuple):
    """What became of a client."""

    setting: Setting
    failed: bool
    text: str
    """What it printed, in one line."""

    def fails_with(self, words: str) -> bool:
        """Tell whether it failed, and said so."""
        return self.failed and words in self.text

    def tries(self, count: int) -> bool:
        """Tell whether it failed after so many requests."""
        return self.failed and sum(request.startswith("POST ") for request in self.setting.seen) == count


OUTCOMES: Mapping[str, Callable[[Seen], bool]] = {
    r"UnsupportedConfiguration before any request": lambda seen: (
        seen.fails_with("UnsupportedConfiguration") and not seen.setting.seen
    ),
    r"no trusted publishing attempt; asks for / fails on credentials": lambda seen: (
        seen.fails_with("redential") and not seen.setting.seen
    ),
    r"(?:retries|tries|is sent) twice": lambda seen: seen.tries(2),
    r"(?:retries|tries|is sent) three times": lambda seen: seen.tries(3),
    r"(?:retries|tries|is sent) five times": lambda seen: seen.tries(5),
    r"InvalidPyPIUploadURL": lambda seen: seen.fails_with("InvalidPyPIUploadURL"),
    r"RedirectDetected": lambda seen: seen.fails_with("RedirectDetected"),
    r"fails: relative URL without a base": lambda seen: seen.fails_with("relative URL without a base"),
    r"(?:succeeds|exit 0)": lambda seen: not seen.failed,
    r"fails": lambda seen: seen.failed,
}
"""What became of the client, by the words of a row."""
