"""Registries that speak their product's own words: what their world can do, typed, one step nearer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_pyreg.flavours import DEFAULT, Flavour, lookup
from pytest_pyreg.flavours.gitea import FORGEJO, GITEA, GiteaWorld
from pytest_pyreg.flavours.gitlab import GITLAB, GitLabWorld
from pytest_pyreg.registry import Registry

if TYPE_CHECKING:
    from pytest_pyreg.flavours.gitea import people as gitea_people
    from pytest_pyreg.flavours.gitea import settings as gitea_settings
    from pytest_pyreg.flavours.gitea import words as gitea_words
    from pytest_pyreg.flavours.gitlab import words as gitlab_words
    from pytest_pyreg.flavours.gitlab.people import User
    from pytest_pyreg.flavours.gitlab.places import Group, Project
    from pytest_pyreg.flavours.gitlab.settings import Settings
    from pytest_pyreg.identity import Credential


class GitLab(Registry):
    """A GitLab: `GitLab("gitlab@17.4")`; the arguments are those of `Registry`.

    Raises:
        ValueError: the flavour is of another product.
    """

    world: GitLabWorld

    def __init__(self, flavour: str | Flavour = GITLAB.product, **options: Any) -> None:  # noqa: ANN401 - each option has a type of its own.
        super().__init__(flavour, **options)
        if not isinstance(self.world, GitLabWorld):
            raise ValueError(f"{self.flavour.name} is no GitLab; try {GITLAB.newest.name!r}")  # noqa: TRY004 - the value is wrong, not its type.

    @property
    def settings(self) -> Settings:
        """The instance's settings."""
        return self.world.settings

    def user(
        self,
        username: str,
        *,
        admin: bool | None = None,
        external: bool | None = None,
        state: gitlab_words.State | None = None,
    ) -> User:
        """Return the user of that name, made if there is none; see `GitLabWorld.user`."""
        return self.world.user(username, admin=admin, external=external, state=state)

    def group(self, path: str, *, visibility: gitlab_words.Seen | None = None) -> Group:
        """Return the group of that path, made if there is none; see `GitLabWorld.group`."""
        return self.world.group(path, visibility=visibility)

    def project(
        self,
        path: str,
        *,
        visibility: gitlab_words.Seen | None = None,
        name: str | None = None,
        package_registry: gitlab_words.RegistryLevel | None = None,
    ) -> Project:
        """Return the project of that path, made if there is none; see `GitLabWorld.project`."""
        return self.world.project(path, visibility=visibility, name=name, package_registry=package_registry)

    def flag(self, name: str, *, on: bool = True) -> None:
        """Turn a feature flag on or off; see `GitLabWorld.flag`."""
        self.world.flag(name, on=on)

    def revoke(self, credential: Credential) -> None:
        """Revoke a token, or let its job end."""
        self.world.revoke(credential)


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
        )

    def organization(self, name: str, *, visibility: gitea_words.Seen | None = None) -> gitea_people.Organization:
        """Return the organisation of that name, made if there is none; see `GiteaWorld.organization`."""
        return self.world.organization(name, visibility=visibility)

    def revoke(self, credential: Credential) -> None:
        """Delete a token."""
        self.world.revoke(credential)


PRODUCTS: dict[str, type[Registry]] = {GITLAB.product: GitLab, GITEA.product: Gitea, FORGEJO.product: Gitea}


def registry(flavour: str | Flavour = DEFAULT, **options: Any) -> Registry:  # noqa: ANN401 - each option has a type of its own.
    """Return a registry in its product's own words, where it has any.

    Raises:
        UnknownFlavour: the flavour means nothing.
    """
    found = lookup(flavour) if isinstance(flavour, str) else flavour
    return PRODUCTS.get(found.product, Registry)(found, **options)
