"""What a flavour consists of, and how a product's eras follow one another.

A `Flavour` is all that is known of one product at one version.  A `Lineage` is one product's history: a first flavour
and `Era`s, each of which states only what changed, and where that is known from.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from pytest_pyreg.identity import ASK_WHO, Manners, Permission, Role, Scope

if TYPE_CHECKING:
    import random

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours.worlds import World
    from pytest_pyreg.index import Found, Index
    from pytest_pyreg.model import Namespace, ProjectPage
    from pytest_pyreg.refusals import Refusal
    from pytest_pyreg.render.html import HtmlStyle
    from pytest_pyreg.render.json import JsonStyle
    from pytest_pyreg.render.replies import Reply, Shape
    from pytest_pyreg.rules import UploadRules
    from pytest_pyreg.visit import Step, Visit


class Action(Enum):
    """What a route does; the app has one function for each."""

    PROJECT_LIST = auto()
    PROJECT_PAGE = auto()
    DOWNLOAD = auto()
    UPLOAD = auto()
    OWN = auto()
    """What the flavour does itself, see `Route.answer`."""


@dataclass(frozen=True)
class Route:
    """One address of the registry.

    The pattern is werkzeug's, and its parts have our names: `namespace`, `project`, `sha256`, `filename`.
    """

    action: Action
    method: str
    pattern: str
    permission: Permission
    steps: tuple[Step, ...] = ()
    """What a request goes through, in this order, before it is granted."""
    kind: str = ""
    """The product's word for the namespace that the address names."""
    accepted: frozenset[str] = frozenset()
    """The product's words for the ways of showing a credential that hold here."""
    manners: Manners = ASK_WHO
    everything: bool = False
    """Whether all that lies in the namespace is looked through, not only what the caller may read."""
    replies: Mapping[Refusal, Shape] = field(default_factory=dict, hash=False)
    """Where this address says no in other words than the rest."""
    answer: Callable[[Visit], Reply] | None = None
    """What the flavour does here itself; a route of `Action.OWN` needs it."""
    head: bool = False
    """Whether HEAD is answered here, though the flavour answers it nowhere else."""
    called: str = ""
    """What the log calls it; the action's name if empty."""

    @cached_property
    def title(self) -> str:
        """What it does, for a person."""
        return self.called or self.action.name.lower().replace("_", " ")


@dataclass(frozen=True)
class Flavour:
    """One product at one version."""

    product: str
    version: str
    source: str
    """Where the facts of this era are known from."""
    world: Callable[[Flavour, Clock, random.Random], World]
    features: Mapping[str, str]
    """What the product can do, in its words -> where that is known from."""
    routes: Mapping[str, Route]
    """By names of ours, so that an era can change one."""
    token_headers: tuple[str, ...]
    """Headers that carry a credential, besides `Authorization`."""
    token_queries: tuple[str, ...]
    """Parameters in the address that do."""
    slash_optional: bool
    """Whether an address with a slash at its end is the same address."""
    slashes_merged: bool
    """Whether several slashes are as good as one."""
    head: bool
    """Whether HEAD is answered where GET is."""
    elsewhere: Mapping[str, Route]
    """What a request goes through before it is told that its address or its method leads nowhere.

    By names of ours; the first whose pattern, plain text here, begins the path.
    """
    found: Callable[[Index, Iterable[Namespace], Mapping[str, str]], Found]
    """Finds the file that the names in an address mean."""
    arranged: Callable[[ProjectPage], ProjectPage]
    """Puts a page's releases and files into the product's order."""
    roles: Mapping[Role, Collection[Permission]]
    """What a standing in a namespace allows at best."""
    scopes: Mapping[Scope, frozenset[Permission]]
    """Which permissions a scope lets a token use."""
    rules: UploadRules
    page: HtmlStyle
    json: JsonStyle | None
    """The same pages as JSON, where the world offers them."""
    redirect: Shape
    """To the same project upstream, or to a file's bytes in a storage, with `{location}`."""
    replies: Mapping[Refusal, Shape]
    uploaded: Shape
    headers: Mapping[str, str]
    """On every reply that does not say otherwise, with `{request_id}` and `{runtime}` (seconds)."""
    reasons: Mapping[int, str]
    """The words after a status number, where they are not those of RFC 9110."""
    success_headers: Mapping[str, str]
    """On what is no error besides."""
    download_headers: Mapping[str, str]
    """On a file, with `{ascii_filename}`, `{encoded_filename}`, `{filename_parameter}` and `{last_modified}`."""
    lookup_name: Callable[[str], str]
    """What the product makes of the project name in an address before it compares it with the normalized names."""
    exact_names: bool
    """Whether the name in an address must be the one that was uploaded, to the letter."""
    unsafe_path: re.Pattern[str]
    """What may not be found in a name that came by the address."""
    etag: Callable[[bytes], str] | None
    """The entity tag of a page, and of what an upload is answered; None where the product sends none."""
    granted_headers: Mapping[str, str]
    """On these."""
    forwards: bool = False
    """Whether it can send clients to an index upstream."""
    metadata_fact: str = ""
    """What it keeps of a file under which name, where pages announce metadata (PEP 658): its sha256; empty if none."""
    yanks: bool = False
    """Whether releases can be taken back (PEP 592)."""
    limit_setting: str = ""
    """The setting of the world that limits the size of a file; `rules.max_file_bytes` does if empty."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the settings of a world are at first, where that is not what the product has."""

    def __repr__(self) -> str:
        """Say which one it is: all that is in it would be thousands of characters, in every failed assertion."""
        return f"<Flavour {self.name}>"

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
        """Return this flavour with another limit for the size of a file, wherever the product keeps that."""
        if self.limit_setting:
            return self.evolve(settings={self.limit_setting: max_file_bytes})
        return self.evolve(rules=dataclasses.replace(self.rules, max_file_bytes=max_file_bytes))

    def route(self, action: Action) -> Route:
        """Return the first route of an action."""
        return next(route for route in self.routes.values() if route.action is action)


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
    days: bool = False
    """Whether its versions are days, such as 2023.5.11, or the first of a month, such as 2023.5."""

    def flavours(self) -> tuple[Flavour, ...]:
        """Return every era as a flavour, oldest first."""
        return self._flavours

    @cached_property
    def _flavours(self) -> tuple[Flavour, ...]:
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
            if self.days:
                _day(wanted)
        except ValueError as error:
            what = "day" if self.days else f"version of {self.product}"
            raise UnknownFlavour(f"{version!r} is no {what}; {self._hint(version)}") from error
        if self.until and wanted >= Version(self.until):
            message = (
                f"{self.product}@{version} is not described yet: this release knows {self.product} from "
                f"{self.first.version} up to, not including, {self.until}; try {self.newest.name!r}"
            )
            raise UnknownFlavour(message)
        fitting = [flavour for flavour in self.flavours() if Version(flavour.version) <= wanted]
        if not fitting:
            raise UnknownFlavour(f"{self.product}@{version} is too old: {self.before}; try {self.first.name!r}")
        return dataclasses.replace(fitting[-1], version=version)

    def _hint(self, version: str) -> str:
        """Return what to write instead of what is no version."""
        if version.strip().lower() in _NEWEST:
            return f"{self.product!r} alone is the newest; or try {self.newest.name!r}"
        if self.days and (found := _DASHED.fullmatch(version.strip())):
            day = ".".join(str(int(part)) for part in found.groups() if part)
            with contextlib.suppress(ValueError):  # No calendar has it.
                _day(Version(day))
                return f"try '{self.product}@{day}'"
        return f"try {self.newest.name!r}"


_NEWEST = {"", "latest", "newest", "stable", "current", "main", "master", "head"}
_DASHED = re.compile(r"(\d{4})[-/_](\d{1,2})(?:[-/_](\d{1,2}))?", re.ASCII)
"""A day as calendars write it."""


def _day(version: Version) -> date:
    """Return the day that a version stands for.

    Raises:
        ValueError: it stands for none.
    """
    year, month, *days = *version.release, *([0] if len(version.release) == 1 else [])
    if len(days) > 1 or version.pre or version.post or version.dev or version.local:
        raise ValueError(version)
    return date(year, month, *(days or [1]))
