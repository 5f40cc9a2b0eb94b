"""What a Gitea row's world consists of once it is built."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitea.people import User
from tests.conformance.cases import CannotExpress

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from datetime import datetime

    from pytest_pyreg import ManualClock, Registry
    from pytest_pyreg.flavours.gitea import GiteaWorld
    from pytest_pyreg.flavours.gitea.people import Owner
    from tests.conformance.cases import Row

ROOT = "http://127.0.0.1:3000/"
"""The instance's URL in every row that does not configure another."""
PASSWORD, OTP = "the password of the account", "314159"
CONTENT = "test"
"""What is in a file if the row leaves it open."""
_NAMED = re.compile(r"(?P<visibility>pub|lim|priv)(?P<org>-org)?")
_VISIBILITIES = {"pub": "public", "lim": "limited", "priv": "private"}


@dataclass
class Scene:
    """The world of one row, and who is where in it."""

    row: Row
    registry: Registry
    world: GiteaWorld
    clock: ManualClock
    actor: User | None = None
    """Who asks; nobody if they are anonymous."""
    headers: list[tuple[str, str]] = field(default_factory=list)
    """What shows who asks."""
    query: list[tuple[str, str]] = field(default_factory=list)
    """The same in the address."""
    uploaded_at: datetime | None = None
    """When the last file came that was there before the request."""

    def owner(self, name: str) -> Owner:
        """Return the owner of that name, made if there is none: `priv` and `lim-org` are what they are called."""
        described, found = self.row.given.get("owner"), _NAMED.fullmatch(name)
        kind, visibility = "user", None
        if isinstance(described, dict) and described.get("name") == name:
            kind, visibility = described.get("kind", "user"), described.get("visibility", "public")
        elif found is not None:
            kind, visibility = "org" if found["org"] else "user", _VISIBILITIES[found["visibility"]]
        try:
            if kind in {"org", "organization", "organisation"}:
                return self.world.organization(name, visibility=visibility)
            if kind == "user":
                return self.world.user(name, visibility=visibility, password=PASSWORD)
        except ValueError as error:
            raise CannotExpress(f"given.owner = {described!r}: {error}") from error
        raise CannotExpress(f"given.owner.kind = {kind!r}")

    def user(self, name: str) -> User:
        """Return the user of that name, made if there is none."""
        found = self.owner(name)
        if not isinstance(found, User):
            raise CannotExpress(f"{name!r} is an organisation, and does what only users do")
        return found

    def someone(self, what: str) -> User:
        """Return who asks, of whom a row says something."""
        if self.actor is None:
            raise CannotExpress(f"{what} of an anonymous caller")
        return self.actor

    def rooted(self, text: str) -> str:
        """Return a text of the row with the registry's own URL in it."""
        return text.replace(ROOT, f"{self.registry.url}/")


def is_named(name: str) -> bool:
    """Tell whether rows speak of this owner without saying who it is."""
    return name == "alice" or _NAMED.fullmatch(name) is not None


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
