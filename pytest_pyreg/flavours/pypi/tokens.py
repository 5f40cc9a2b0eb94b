"""API tokens: macaroons with caveats, as far as a client or its user can tell.

warehouse/macaroons/services.py and caveats/, @6b621571.  What a token holds is opaque here: the world remembers its
caveats.  The real tokens' first characters are left out on purpose, since scanners of secrets report what has them.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from pytest_pyreg.flavours.pypi.people import Project

PREFIX = "pypi-"
_OPAQUE_BYTES = 80
"""Enough for the 85 characters and more that the real index asks for."""


@dataclass(frozen=True)
class Caveat:
    """One limit of a token; the index names what fails of it."""

    kind: str
    """`name`, `id`, `expires`, `user` or `publisher`."""
    project: Project | None = None
    projects: tuple[Project, ...] = ()
    until: datetime | None = None

    def failing(self, project: Project, now: datetime) -> str:
        """Return what fails, in the index's words; nothing if the caveat holds.

        Args:
            project: what the token is used for.
            now: the time.
        """
        found = ""
        if self.kind == "expires" and self.until is not None and now >= self.until:
            found = "token is expired"
        elif (self.kind == "name" and self.project is not None and project.normalized != self.project.normalized) or (
            self.kind == "id" and project is not self.project
        ):
            found = f"project-scoped token is not valid for project: '{project.name}'"
        elif self.kind == "publisher" and project not in self.projects:
            found = f"OIDC scoped token is not valid for project '{project.name}'"
        return found


def failing(caveats: tuple[Caveat, ...], project: Project, now: datetime) -> list[str]:
    """Return what fails of a token, in the index's words."""
    return [words for caveat in caveats if (words := caveat.failing(project, now))]


def opaque(chance: random.Random) -> str:
    """Return a new token's text."""
    return PREFIX + base64.urlsafe_b64encode(b"\x01pyreg" + chance.randbytes(_OPAQUE_BYTES)).decode().rstrip("=")
