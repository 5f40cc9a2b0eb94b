"""Which product a row is about, and the tests that it makes: in process in every era, over a socket in two.

As another process does that shares the registry, a row is run in its newest era: what it adds is not about products.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.version import Version

from pytest_pyreg.flavours import Flavour, UnknownFlavour, lineages
from pytest_pyreg.flavours.pypi.features import REASON
from tests.conformance import gitea, gitlab, pypi, pypi_later
from tests.conformance.cases import CannotExpress
from tests.conformance.wires import in_process, over_a_socket, remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.conformance.cases import Notes, Row
    from tests.conformance.wires import Wire


@dataclass(frozen=True)
class Product:
    """A product whose rows can be run."""

    name: str
    prefixes: tuple[str, ...]
    """How the paths of its rows begin, if they do not say which product they are about."""
    play: Callable[[Row, Flavour, Wire], None]
    """Runs a row."""


PRODUCTS = (
    Product("gitlab", ("/api/v4/", "<file url>", "<project file url>", "<group file url>"), gitlab.play),
    Product("gitea", (), gitea.play),
    Product("forgejo", (), gitea.play),
    Product("pypi", (), pypi.play),
)
ENDINGS: Mapping[Wire, str] = {in_process: "", over_a_socket: "-socket", remote: "-remote"}
"""How the test is called that reaches its registry in one of these ways."""
_BEFORE = re.compile(r"reason=message\b.*\bbefore\b")
"""Prose that is about an era before the newest: the one whose status lines have the message by themselves."""


@dataclass(frozen=True)
class Case:
    """One row at one version over one wire."""

    row: Row
    notes: Notes
    version: str
    wire: Wire
    product: Product | None
    problem: str = ""
    """Why it cannot be run."""
    waits: bool = False
    """Whether that is so because its time has not come."""

    @property
    def id(self) -> str:
        """How its test is called."""
        named = self.product is not None and (self.row.listed or self.row.area)
        product = f"{self.product.name}@" if self.product is not None and named else ""
        return f"{self.row.id}@{product}{self.version}{ENDINGS[self.wire]}"

    def play(self) -> None:
        """Build the row's world, send its request and compare.

        Raises:
            CannotExpress: the runner does not understand the row.
        """
        if self.problem:
            raise CannotExpress(self.problem)
        assert self.product is not None, "what has no product has a problem"
        self.product.play(
            self.notes.applied(self.row, self.version), _flavour(self.product.name, self.version), self.wire
        )


def expanded(rows: Iterable[Row], notes: Notes) -> list[Case]:
    """Return the tests of some rows."""
    return [case for row in rows for case in _expanded(row, notes)]


def _expanded(row: Row, notes: Notes) -> list[Case]:
    if row.broken:
        return [Case(row, notes, row.since, in_process, None, row.broken)]
    if row.area:
        return _sorted(row, notes)
    return _listed(row, notes) if row.listed else _cases(row, notes)


def _sorted(row: Row, notes: Notes) -> list[Case]:
    """Return the tests of a row that has an area: in the newest era, and in an earlier one if it is about that."""
    product = next(each for each in PRODUCTS if each.name == "pypi")
    waits = pypi_later.later(row) or pypi_later.other_client(row)
    problem = f"unknown keys of a row: {', '.join(row.unknown)}" if row.unknown else waits
    if problem:
        return [Case(row, notes, "newest", in_process, product, problem, bool(waits) and not row.unknown)]
    eras = [_flavours(product.name)[-1].version]
    if _BEFORE.search(row.prose):
        eras += [era.version for era in _flavours(product.name) if era.features.get(REASON)][-1:]
    # A client's row is about what runs here, and sends by itself.
    wires = (in_process,) if row.area == "client" else (in_process, over_a_socket)
    far = () if row.area == "client" else (Case(row, notes, eras[0], remote, product),)
    return [*(Case(row, notes, era, wire, product) for era in eras for wire in wires), *far]


def _listed(row: Row, notes: Notes) -> list[Case]:
    """Return the tests of a row that lists its versions: each of them over both wires."""
    found = []
    for name, version in row.listed:
        product, problem = next((each for each in PRODUCTS if each.name == name), None), ""
        if row.unknown:
            problem = f"unknown keys of a row: {', '.join(row.unknown)}"
        elif product is None:
            problem = f"system = {name!r} is no product that the runner knows"
        else:
            try:
                _flavour(name, version)
            except UnknownFlavour as error:
                problem = str(error)
        wires = (in_process,) if problem else (in_process, over_a_socket)
        found += [Case(row, notes, version, wire, product, problem) for wire in wires]
    newest = next((case for case in reversed(found) if not case.problem), None)
    return found if newest is None else [*found, replace(newest, wire=remote)]


def _cases(row: Row, notes: Notes) -> list[Case]:
    path = row.when.get("path")
    product = next((each for each in PRODUCTS if isinstance(path, str) and path.startswith(each.prefixes)), None)
    problem, versions = "", []
    if row.unknown:
        problem = f"unknown keys of a row: {', '.join(row.unknown)}"
    elif product is None:
        problem = f"when.path = {path!r} belongs to no product that the runner knows"
    else:
        try:
            versions = _versions(product.name, notes.since(row), row.until)
        except UnknownFlavour as error:
            problem = str(error)
        problem = problem or ("" if versions else f"no release lies between {row.since} and {row.until}")
    if problem:
        return [Case(row, notes, row.since, in_process, None, problem)]
    ends = list(dict.fromkeys((versions[0], versions[-1])))
    return [
        Case(row, notes, version, wire, product)
        for wire, some in ((in_process, versions), (over_a_socket, ends), (remote, versions[-1:]))
        for version in some
    ]


def _versions(product: str, since: str, until: str | None) -> list[str]:
    """Return the first version of a range, and every one in it at which an era begins."""
    eras = [flavour.version for flavour in _flavours(product)]
    first = max(since, eras[0], key=Version)
    _flavour(product, first)
    later = [era for era in eras if Version(era) > Version(first)]
    return [version for version in (first, *later) if until is None or Version(version) <= Version(until)]


@lru_cache
def _flavours(product: str) -> tuple[Flavour, ...]:
    return lineages[product].flavours()


@lru_cache
def _flavour(product: str, version: str) -> Flavour:
    return lineages[product].at(version)
