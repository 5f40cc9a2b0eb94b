"""Where the acts of a rehearsal happen: one registry, one release, and the notes that are taken of each act."""

from __future__ import annotations

import os
import re
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.clients import running
from pytest_pyreg.identity import ANONYMOUS, Secrets
from pytest_pyreg.rehearsal.advice import advice_for
from pytest_pyreg.rehearsal.checking import explained
from pytest_pyreg.rehearsal.verdicts import Objection, Outcome, Verdict
from pytest_pyreg.rehearsal.visible import placeless
from pytest_pyreg.rehearsal.words import LONGEST, own_words

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Mapping

    from pytest_pyreg.clients.running import CommandFailed
    from pytest_pyreg.clients.site import Site
    from pytest_pyreg.exchanges import Exchange
    from pytest_pyreg.registry import Registry
    from pytest_pyreg.rehearsal.building import Built
    from pytest_pyreg.rehearsal.content import Content

KEPT_OUTPUT = 20_000
"""Characters of a client's output that are kept, the last ones."""


_LABEL = re.compile(r"^ERROR:?\s+")


@dataclass
class Stage:
    """One registry and one release, and what came of the acts so far."""

    registry: Registry
    built: Built
    content: Content
    timeout: float
    """Seconds that one command may run."""
    deps: Path | None = None
    """A folder with the release's dependencies; they are not installed if None."""
    build_options: tuple[str, ...] = ()
    """How pip is to build the sdist, if it is to be installed too."""
    taken: list[Path] = field(default_factory=list)
    """The files that the registry has by now."""
    site: Site | None = None
    """What the release was installed into."""
    again: frozenset[tuple[str, str]] = frozenset()
    """Why a second upload was refused: refusals with their rules."""

    def begin(self, act: str) -> Notes:
        """Begin to take notes of an act."""
        return Notes(act, self)

    def folder(self, env: Mapping[str, str]) -> Path:
        """Make an empty folder that goes when the registry does.

        Args:
            env: a client's environment.
        """
        return Path(tempfile.mkdtemp(dir=env["TMPDIR"]))

    def places(self) -> dict[str, str]:
        """Return the folders of this rehearsal, and what is shown instead of them."""
        env = self.registry.env(ANONYMOUS)
        places = {env["TMPDIR"]: ".../tmp", env["HOME"]: "~", tempfile.gettempdir(): ".../tmp"}
        if self.site is not None:
            places[str(self.site.path)] = "..."
        return places

    def run(self, site: Site, *argv: str, timeout: float) -> subprocess.CompletedProcess[str]:
        """Run something of the release, which gets no credential.

        Raises:
            TimeoutError: it was ended; the argument is what it had printed.
            FileNotFoundError: there is no such command.
        """
        env = self.registry.env(ANONYMOUS)
        scripts = site.python.parent
        path = os.pathsep.join((str(scripts), env["PATH"]))
        env |= {"VIRTUAL_ENV": str(site.path), "PATH": path, "NO_COLOR": "1", "COLUMNS": "100"}
        # Secrets are left out of all that is kept, see `Notes.verdict`.
        return running.run(argv, env, cwd=Path(env["TMPDIR"]), timeout=timeout, secrets=Secrets())


class Notes:
    """What is noted while an act goes on.

    Args:
        act: its name.
        stage: where it happens.
    """

    def __init__(self, act: str, stage: Stage) -> None:
        self._act = act
        self._stage = stage
        self._before = stage.registry.log.count
        self._began = stage.registry.clock.now()
        self._started = time.perf_counter()
        self.command = ""
        self.output = ""

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The requests since the act began."""
        return self._stage.registry.log.since(self._before)

    def verdict(self, outcome: Outcome, summary: str, objections: Iterable[Objection] = ()) -> Verdict:
        """End the act."""
        places = self._stage.places()

        def redacted(text: str) -> str:
            return placeless(self._stage.registry.redacted(text), places)

        return Verdict(
            act=self._act,
            outcome=outcome,
            summary=redacted(summary),
            objections=tuple(replace(one, words=redacted(one.words)) for one in objections),
            command=redacted(self.command),
            output=redacted(self.output[-KEPT_OUTPUT:].strip()),
            began=self._began,
            seconds=time.perf_counter() - self._started,
            exchanges=self.exchanges,
        )

    def failed(self, error: CommandFailed, filename: str = "") -> list[Objection]:
        """Note a client's failure; return what the registry had against it, or what the client says itself."""
        self.output = f"{self.output}\n{error.output}"
        objections = [self.objection(one, filename) for one in error.exchanges if one.refused]
        if objections:
            return list({(one.filename, one.words): one for one in objections}.values())
        client = next((part for part in error.argv if part in {"twine", "pip", "uv"}), "the client")
        if error.returncode is None:
            words = f"still running after {error.timeout:g} seconds, and ended"
        else:
            words = last_words(error.output)
        return [Objection(filename, client, words, advice=advice_for("", "", words))]

    def objection(self, exchange: Exchange, filename: str = "") -> Objection:
        """Return what the registry said to a request."""
        redacted = self._stage.registry.redacted
        words = redacted(own_words(exchange.said, exchange.reason))
        return Objection(
            exchange.filename or filename,
            "registry",
            words,
            status=exchange.status,
            reason=exchange.reason,
            why=redacted(explained(exchange.why, words)),
            refusal=exchange.refusal,
            rule=exchange.rule,
            advice=advice_for(exchange.refusal, exchange.rule, f"{words} {exchange.why}"),
        )


def last_words(output: str) -> str:
    """Return what a client's output ends with: its last line of an error, or the last at all."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [number for number, line in enumerate(lines) if line.lower().startswith(("error", "usage"))]
    told = lines[errors[-1] :] if errors else lines[-1:]
    return _LABEL.sub("", " ".join(told))[:LONGEST] or "nothing was printed"
