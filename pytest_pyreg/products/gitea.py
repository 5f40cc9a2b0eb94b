"""A Gitea, or a Forgejo, in its own words, typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pytest_pyreg.flavours.gitea import FORGEJO, GITEA, GiteaWorld
from pytest_pyreg.registry import Registry

if TYPE_CHECKING:
    from pytest_pyreg.flavours import Flavour
    from pytest_pyreg.flavours.gitea import people as gitea_people
    from pytest_pyreg.flavours.gitea import settings as gitea_settings
    from pytest_pyreg.flavours.gitea import words as gitea_words
    from pytest_pyreg.identity import Credential
    from pytest_pyreg.products.pypi import PyPI


class Gitea(Registry):
    """A Gitea, or a Forgejo: `Gitea("gitea@1.23")`, `Gitea("forgejo")`; the arguments are those of `Registry`.

    Raises:
        ValueError: the flavour is of another product.
    """

    world: GiteaWorld

    def __init__(self, flavour: str | Flavour = GITEA.product, **options: Any) -> None:  # noqa: ANN401 - each option has a type of its own.
        super().__init__(flavour, **options)
        if not isinstance(self.world, GiteaWorld):
            raise ValueError(  # noqa: TRY004 - the value is wrong, not its type.
                f"{self.flavour.name} is no Gitea and no Forgejo; try {GITEA.newest.name!r} or {FORGEJO.newest.name!r}"
            )

    @property
    def upstream(self) -> PyPI:
        """The public index beside it; see `Registry.upstream`."""
        return cast("PyPI", super().upstream)

    @property
    def settings(self) -> gitea_settings.Settings:
        """The instance's configuration."""
        return self.world.settings

    def user(
        self,
        name: str,
        *,
        password: str | None = None,
        visibility: gitea_words.Seen | None = None,
        admin: bool | None = None,
        restricted: bool | None = None,
        active: bool | None = None,
        prohibit_login: bool | None = None,
        must_change_password: bool | None = None,
        over_quota: bool | None = None,
    ) -> gitea_people.User:
        """Return the user of that name, made if there is none; see `GiteaWorld.user`."""
        return self.world.user(
            name,
            password=password,
            visibility=visibility,
            admin=admin,
            restricted=restricted,
            active=active,
            prohibit_login=prohibit_login,
            must_change_password=must_change_password,
            over_quota=over_quota,
        )

    def organization(
        self, name: str, *, visibility: gitea_words.Seen | None = None, over_quota: bool | None = None
    ) -> gitea_people.Organization:
        """Return the organisation of that name, made if there is none; see `GiteaWorld.organization`."""
        return self.world.organization(name, visibility=visibility, over_quota=over_quota)

    def settle(self, owner: gitea_people.Owner) -> None:
        """Let the registry's URLs, uploads and installs be about another owner; see `GiteaWorld.settle`."""
        self.world.settle(owner)

    def revoke(self, credential: Credential) -> None:
        """Delete a token."""
        self.world.revoke(credential)
