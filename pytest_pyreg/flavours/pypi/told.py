"""What every refusal of the public index has to know of the request that it answers: in which form it is said."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, cast

from pytest_pyreg.flavours.pypi import features
from pytest_pyreg.flavours.pypi.words import as_it_was
from pytest_pyreg.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from pytest_pyreg.flavours.pypi.world import PyPIWorld
    from pytest_pyreg.visit import Visit

    _Result = TypeVar("_Result")


def world_of(visit: Visit) -> PyPIWorld:
    """Return the index that is visited: its routes lead to no other world."""
    return cast("PyPIWorld", visit.directory)


def accept_of(visit: Visit) -> str:
    """Return what the client accepts; empty if it does not say."""
    return str(visit.headers.get("HTTP_ACCEPT", ""))


def reason_told(visit: Visit) -> bool:
    """Tell whether the message stands in the status line too."""
    world = world_of(visit)
    return world.settings.reason == "message" or (not world.settings.reason and world.can(features.REASON))


def told(act: Callable[[Visit], _Result]) -> Callable[[Visit], _Result]:
    """Return a step, or an answer, whose refusals know in which form to be said."""

    @wraps(act)
    def telling(visit: Visit) -> _Result:
        try:
            return act(visit)
        except Refused as refused:
            as_it_was(refused, world_of(visit).can)
            refused.facts["accept"] = accept_of(visit)
            refused.facts["beside"] = tuple(visit.extra)
            refused.facts["reason"] = "told" if reason_told(visit) else ""
            raise

    return telling
