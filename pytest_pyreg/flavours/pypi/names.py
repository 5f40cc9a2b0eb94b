"""Names that a new project may not have (checks 16, 18 and 19; wh:warehouse/packaging/services.py)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.flavours.pypi.form import NAME
from pytest_pyreg.flavours.pypi.words import refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

PROHIBITED = frozenset({"requirements-txt", "rrequirements-txt"})
"""Normalized names that nobody may take, before an administrator adds more."""

_LOOKALIKES = str.maketrans({**dict.fromkeys("._-"), **dict.fromkeys("lLiI", "1"), **dict.fromkeys("oO", "0")})


def checked(name: str, existing: Iterable[str], prohibited: Collection[str] = PROHIBITED) -> None:
    """Check the name of a project that is not there yet.

    Args:
        name: the name, as it was sent.
        existing: the names of all projects.
        prohibited: normalized names that nobody may take.

    Raises:
        Refused: RULE_BROKEN.
    """
    normalized, alike = canonicalize_name(name), ultranormalized(name)
    if not NAME.match(name):
        raise refuse("name invalid", name=name)
    if normalized in stdlib_names():
        raise refuse("name stdlib", name=name)
    names = list(existing)
    if any(canonicalize_name(other) == normalized for other in names):
        raise refuse("name taken", name=name)
    if normalized in prohibited:
        raise refuse("name prohibited", name=name)
    if any(ultranormalized(other) == alike for other in names):
        raise refuse("name similar", name=name)


def ultranormalized(name: str) -> str:
    """Return what two names share that look alike.

    wh:warehouse/migrations/versions/d18d443f89f0_ultranormalize_name_function.py.
    """
    return name.translate(_LOOKALIKES).lower()


@cache
def stdlib_names() -> frozenset[str]:
    """Return the normalized names of all modules that any Python has brought along, and of the packages above them."""
    from stdlib_list import short_versions, stdlib_list

    modules = {module for version in short_versions for module in stdlib_list(version)}
    parts = {".".join(module.split(".")[:depth]) for module in modules for depth in range(1, module.count(".") + 2)}
    return frozenset(canonicalize_name(part.strip("-_.")) for part in parts)
