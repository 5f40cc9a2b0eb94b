"""How a row about the public index is run."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from tests.conformance import pypi_answers, pypi_clients, pypi_notes, pypi_requests, pypi_worlds
from tests.conformance.cases import CannotExpress
from tests.conformance.wires import opened

if TYPE_CHECKING:
    from pytest_pyreg.flavours import Flavour
    from tests.conformance.cases import Row
    from tests.conformance.wires import Wire

NOON = datetime(2026, 9, 1, 12, tzinfo=timezone.utc)


def play(row: Row, flavour: Flavour, wire: Wire) -> None:
    """Build a row's world, send its request, or run its client, and compare.

    Raises:
        AssertionError: the answer is another one; the message has what the registry says about it.
        CannotExpress: the runner does not understand the row.
    """
    with opened(flavour, wire, NOON) as (registry, clock):
        if row.area == "client":
            pypi_clients.play(row, registry)
            return
        scene = pypi_worlds.built(row, registry, clock)
        pypi_notes.remember(scene, wire)
        request = pypi_requests.made(scene)
        answer = wire(registry, request)
        try:
            pypi_answers.compare(pypi_answers.Result(scene, request, answer, wire))
        except CannotExpress:
            raise
        except AssertionError as error:
            raise AssertionError(f"{error}\n{registry.report()}") from None
