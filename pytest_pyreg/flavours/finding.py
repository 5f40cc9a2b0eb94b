"""How products find a file by its address, and in which order their pages show what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_pyreg.index import Found, Index
    from pytest_pyreg.model import Namespace, ProjectPage


def by_digest(index: Index, namespaces: Iterable[Namespace], names: Mapping[str, str]) -> Found:
    """Find a file by its name and its announced digest.

    Raises:
        Refused: FILE_UNKNOWN.
    """
    places = tuple(namespaces)
    found = index.find(places, names["filename"], names["sha256"])
    if found is None:
        where = ", ".join(place.path for place in places[:3]) or "nowhere"
        raise Refused(Refusal.FILE_UNKNOWN, filename=names["filename"], namespace=where)
    return found


def as_they_came(page: ProjectPage) -> ProjectPage:
    """Keep the order of arrival."""
    return page
