"""How a row about Gitea or Forgejo is run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from tests.conformance import gitea_answers, gitea_callers, gitea_requests, gitea_worlds
from tests.conformance.cases import CannotExpress
from tests.conformance.wires import opened

if TYPE_CHECKING:
    from pytest_pyreg.flavours import Flavour
    from tests.conformance.cases import Row
    from tests.conformance.wires import Wire

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


def play(row: Row, flavour: Flavour, wire: Wire) -> None:
    """Play a row, with each of its credentials if it names several: every time in a world of its own.

    Raises:
        AssertionError: the answer is another one; the message has what the registry says about it.
        CannotExpress: the runner does not understand the row.
    """
    if "credential" not in row.given:
        _once(row, flavour, wire)
        return
    for credential in gitea_callers.alternatives(row.given["credential"]):
        _once(replace(row, given={**row.given, "credential": credential}), flavour, wire)


def _once(row: Row, flavour: Flavour, wire: Wire) -> None:
    """Build the row's world, send its request and compare."""
    with opened(flavour, wire, NOON) as (registry, clock):
        scene = gitea_worlds.built(row, registry, clock)
        request = gitea_requests.made(scene, wire)
        answer = wire(registry, request)
        try:
            gitea_answers.compare(gitea_answers.Result(scene, request, answer, wire))
        except CannotExpress:
            raise
        except AssertionError as error:
            raise AssertionError(f"{error}\n{registry.report()}") from None
