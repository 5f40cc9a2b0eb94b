"""The public index in its own words, typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_pyreg.flavours.pypi import PYPI as PUBLIC
from pytest_pyreg.flavours.pypi import PyPIWorld
from pytest_pyreg.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_pyreg.flavours import Flavour
    from pytest_pyreg.flavours.pypi.people import Organization, Project, User
    from pytest_pyreg.flavours.pypi.settings import Settings
    from pytest_pyreg.identity import Credential


class PyPI(Registry):
    """The public index: `PyPI()`, `PyPI("pypi@2023.5.11")`; the arguments are those of `Registry`.

    Raises:
        ValueError: the flavour is of another product.
    """

    world: PyPIWorld

    def __init__(self, flavour: str | Flavour = PUBLIC.product, **options: Any) -> None:  # noqa: ANN401 - each option has a type of its own.
        super().__init__(flavour, **options)
        if not isinstance(self.world, PyPIWorld):
            raise ValueError(f"{self.flavour.name} is not the public index; try {PUBLIC.newest.name!r}")  # noqa: TRY004 - the value is wrong, not its type.

    @property
    def settings(self) -> Settings:
        """The index's switches and limits."""
        return self.world.settings

    def user(
        self,
        name: str,
        *,
        email_verified: bool | None = None,
        two_factor: bool | None = None,
        frozen: bool | None = None,
    ) -> User:
        """Return the user of that name, made if there is none; see `PyPIWorld.user`."""
        return self.world.user(name, email_verified=email_verified, two_factor=two_factor, frozen=frozen)

    def organization(self, name: str, *, good_standing: bool | None = None) -> Organization:
        """Return the organisation of that name, made if there is none; see `PyPIWorld.organization`."""
        return self.world.organization(name, good_standing=good_standing)

    def project(
        self,
        name: str,
        *,
        owners: Iterable[User] = (),
        maintainers: Iterable[User] = (),
        organization: Organization | None = None,
    ) -> Project:
        """Return the project of that name, made if there is none; see `PyPIWorld.project`."""
        return self.world.project(name, owners=owners, maintainers=maintainers, organization=organization)

    def revoke(self, credential: Credential) -> None:
        """Delete a token."""
        self.world.revoke(credential)
