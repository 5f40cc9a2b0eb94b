"""How a row about GitLab is run."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from tests.conformance import answers, requests_, worlds
from tests.conformance.cases import CannotExpress
from tests.conformance.wires import opened

if TYPE_CHECKING:
    from pytest_pyreg.flavours import Flavour
    from tests.conformance.cases import Row
    from tests.conformance.wires import Wire

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


def play(row: Row, flavour: Flavour, wire: Wire) -> None:
    """Build the row's world, send its request and compare.

    Raises:
        AssertionError: the answer is another one; the message has what the registry says about it.
        CannotExpress: the runner does not understand the row.
    """
    with opened(flavour, wire, NOON, max_file_bytes=worlds.limit(row)) as (registry, clock):
        scene = worlds.built(row, registry, clock)
        request = requests_.made(scene)
        answer = wire(registry, request)
        try:
            answers.compare(answers.Result(scene, request, answer, wire))
        except CannotExpress:
            raise
        except AssertionError as error:
            raise AssertionError(f"{error}\n{registry.report()}") from None
