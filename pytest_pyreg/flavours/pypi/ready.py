"""The users that every index starts with, and more of their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.pypi import features
from pytest_pyreg.flavours.worlds import Ready, mark

if TYPE_CHECKING:
    from pytest_pyreg.flavours.pypi.world import PyPIWorld


def made(world: PyPIWorld) -> Ready:
    """Make a publisher, a reader and a stranger besides those that there are; the one namespace is everybody's."""
    end = mark(lambda end: world.has_user(f"publisher{end}"))
    # Before second factors were asked for, something else has to be missing.
    asked = world.can(features.TOKENS_NEED_SECOND_FACTOR)
    return Ready(
        world.home,
        world.user(f"publisher{end}").api_token(),
        world.user(f"reader{end}", email_verified=False).api_token(),
        world.user(f"stranger{end}", two_factor=False, email_verified=asked).api_token(),
    )
