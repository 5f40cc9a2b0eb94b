"""What the world of a row about the public index consists of once it is built."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_pyreg.flavours import hosts
from tests.conformance.cases import CannotExpress

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from pytest_pyreg import Credential, ManualClock, Registry
    from pytest_pyreg.flavours.pypi.world import PyPIWorld
    from tests.conformance.cases import Row
    from tests.conformance.pypi_parcels import Parcel
    from tests.conformance.pypi_told import Told

HOSTS: Mapping[str, str] = {
    "{PYPI}": hosts.WEB,
    "upload.{PYPI}": hosts.UPLOAD,
    "{FILES}": hosts.FILES,
}
"""The hosts of which there are rows: here they are one."""
_OWN = re.compile(r"(?<=\")https://(?:upload\.)?\{(?:PYPI|FILES)\}")
"""A link, and no mention of a host in a sentence."""


@dataclass
class Scene:
    """The world of one row, and what is where in it."""

    row: Row
    registry: Registry
    world: PyPIWorld
    clock: ManualClock
    told: Told
    parcel: Parcel | None = None
    """What the request uploads."""
    credential: Credential | None = None
    """What it shows if the row does not say otherwise."""
    stored: dict[str, Parcel] = field(default_factory=dict)
    """What was there before, by file name."""
    before: str = ""
    """The page of the request's project before it."""

    def meant(self, text: str) -> str:
        """Return a text with hosts in place: links lead to this registry, sentences name the public index."""
        return public(_OWN.sub(lambda _: self.registry.url, text))

    def linked(self, url: str) -> str:
        """Return where a link leads: to this registry, whichever host the row names."""
        return public(re.sub(r"^https?://(?:upload\.)?\{(?:PYPI|FILES)\}", lambda _: self.registry.url, url))


def public(text: str) -> str:
    """Return a text with the public hosts' names."""
    return text.replace("{PYPI}", hosts.WEB).replace("{FILES}", hosts.FILES)


def known(where: str, found: object, keys: Container[str]) -> Mapping[str, object]:
    """Return an object all of whose keys are known.

    Raises:
        CannotExpress: one is not, or it is no object.
    """
    if not isinstance(found, dict):
        raise CannotExpress(f"{where} = {found!r} is no object")
    for key, value in found.items():
        if key not in keys:
            raise CannotExpress(f"{where}.{key} = {value!r}")
    return found
