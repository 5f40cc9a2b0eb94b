"""A GitLab in its own words, typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pytest_pyreg.flavours.gitlab import GITLAB, GitLabWorld
from pytest_pyreg.registry import Registry

if TYPE_CHECKING:
    from pytest_pyreg.flavours import Flavour
    from pytest_pyreg.flavours.gitlab import words as gitlab_words
    from pytest_pyreg.flavours.gitlab.people import User
    from pytest_pyreg.flavours.gitlab.places import Group, Project
    from pytest_pyreg.flavours.gitlab.settings import Settings
    from pytest_pyreg.identity import Credential
    from pytest_pyreg.products.pypi import PyPI


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
    def upstream(self) -> PyPI:
        """The public index beside it; see `Registry.upstream`."""
        return cast("PyPI", super().upstream)

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
