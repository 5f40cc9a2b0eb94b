"""What a flavour consists of, and how a product's eras follow one another.

A `Flavour` is all that is known of one product at one version.  A `Lineage` is one product's history: a first flavour
and `Era`s, each of which states only what changed, and where that is known from.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

from packaging.version import InvalidVersion, Version

from pytest_pyreg.identity import Credential, Directory, Permission, Policy, Secrets

if TYPE_CHECKING:
    import random
    import re

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.model import Namespace
    from pytest_pyreg.refusals import Refusal
    from pytest_pyreg.render.html import HtmlStyle
    from pytest_pyreg.render.replies import ReplyShape
    from pytest_pyreg.steps import Step, UploadRules


class Action(Enum):
    """What a route does; the app has one function for each."""

    PROJECT_LIST = auto()
    PROJECT_PAGE = auto()
    DOWNLOAD = auto()
    UPLOAD = auto()


@dataclass(frozen=True)
class Route:
    """One address of the registry.

    The pattern is werkzeug's, and its parts have our names: `namespace`, `project`, `sha256`, `filename`.
    """

    action: Action
    method: str
    pattern: str
    permission: Permission


class World(Directory, Protocol):
    """A product's users, tokens and namespaces, and the small ready world that every registry starts with."""

    home: Namespace
    """Where the ready credentials hold."""
    publisher: Credential
    """May upload."""
    reader: Credential
    """May only install."""
    stranger: Credential
    """May neither."""

    def secrets(self) -> Secrets:
        """Return every secret that this world has issued, so that reports can leave them out."""
        ...

    def ci_environment(self, url: str) -> dict[str, str]:
        """Return the variables that a job of the product's own CI system would have.

        Args:
            url: the registry's base URL.
        """
        ...


@dataclass(frozen=True)
class Flavour:
    """One product at one version."""

    product: str
    version: str
    source: str
    """Where the facts of this era are known from."""
    world: Callable[[Clock, random.Random], World]
    routes: tuple[Route, ...]
    slash_optional: bool
    """Whether an address with a slash at its end is the same address."""
    policy: Policy
    access_steps: tuple[Step, ...]
    """What a reading request goes through."""
    upload_steps: tuple[Step, ...]
    """What an upload goes through, all of it."""
    rules: UploadRules
    page: HtmlStyle
    replies: Mapping[Refusal, ReplyShape]
    uploaded: ReplyShape
    headers: Mapping[str, str]
    """On every reply that does not say otherwise."""
    download_headers: Mapping[str, str]
    """On a file, with `{ascii_filename}`, `{encoded_filename}` and `{last_modified}`."""
    lookup_name: Callable[[str], str]
    """What the product makes of the project name in an address before it compares it with the normalized names."""
    unsafe_path: re.Pattern[str]
    """What may not be found in a name that came by the address."""
    etag: Callable[[bytes], str] | None
    """The entity tag of a page, and of what an upload is answered; None where the product sends none."""
    granted_headers: Mapping[str, str]
    """On these."""

    @property
    def name(self) -> str:
        """The name by which `lookup` finds it."""
        return f"{self.product}@{self.version}"

    def evolve(self, **changes: Any) -> Flavour:  # noqa: ANN401 - the fields have many types; replace() checks names.
        """Return this flavour with some facts changed.  A mapping is merged into the one it changes."""
        merged: dict[str, Any] = {
            key: {**getattr(self, key), **value} if isinstance(value, Mapping) else value
            for key, value in changes.items()
        }
        return dataclasses.replace(self, **merged)

    def limited(self, max_file_bytes: int) -> Flavour:
        """Return this flavour with another limit for the size of a file."""
        return self.evolve(rules=dataclasses.replace(self.rules, max_file_bytes=max_file_bytes))

    def route(self, action: Action) -> Route:
        """Return the first route of an action."""
        return next(route for route in self.routes if route.action is action)


class UnknownFlavour(LookupError):
    """A flavour's name that means nothing."""


@dataclass(frozen=True)
class Era:
    """What changed in a product from one version on."""

    since: str
    source: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Lineage:
    """One product's history."""

    product: str
    first: Flavour
    eras: tuple[Era, ...] = ()
    """After the first, oldest first."""
    before: str = ""
    """Why versions before the first are not there."""
    until: str = ""
    """The first version that is not described yet; empty if the newest era still lasts."""

    def flavours(self) -> tuple[Flavour, ...]:
        """Return every era as a flavour, oldest first."""
        found = [self.first]
        for era in self.eras:
            found.append(found[-1].evolve(version=era.since, source=era.source, **era.changes))
        return tuple(found)

    @property
    def newest(self) -> Flavour:
        """The newest era."""
        return self.flavours()[-1]

    def at(self, version: str) -> Flavour:
        """Return the flavour of a version: that of the era it falls into.

        Raises:
            UnknownFlavour: the version is none, or lies outside what is described.
        """
        try:
            wanted = Version(version)
        except InvalidVersion as error:
            message = f"{version!r} is no version of {self.product}; try {self.newest.name!r}"
            raise UnknownFlavour(message) from error
        if self.until and wanted >= Version(self.until):
            message = (
                f"{self.product}@{version} is not described yet: this release knows {self.product} from "
                f"{self.first.version} up to, not including, {self.until}; try {self.newest.name!r}"
            )
            raise UnknownFlavour(message)
        fitting = [flavour for flavour in self.flavours() if Version(flavour.version) <= wanted]
        if not fitting:
            message = f"{self.product}@{version} is too old: {self.before}; try {self.first.name!r}"
            raise UnknownFlavour(message)
        return dataclasses.replace(fitting[-1], version=version)
