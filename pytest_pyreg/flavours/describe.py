"""Flavours as plain data, and the differences of two: whatever a flavour consists of, nothing is listed here by hand.

What comes out are dictionaries, lists, texts, numbers and booleans, in a stable order, so that it can be JSON.  A
function is its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from pytest_pyreg.flavours.catalogue import lineages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_pyreg.flavours.base import Flavour, Lineage

Plain = dict[str, Any]
_OWN = ("product", "version", "source", "world", "routes", "replies", "features", "rules")
"""Fields of a flavour that are told apart from the rest."""


def catalogue(all_lineages: Iterable[Lineage] | None = None) -> list[Plain]:
    """Return every era of every lineage, oldest first: its name, product, version and source."""
    known = lineages.values() if all_lineages is None else all_lineages
    return [
        {"name": flavour.name, "product": flavour.product, "version": flavour.version, "source": flavour.source}
        for lineage in known
        for flavour in lineage.flavours()
    ]


def description(flavour: Flavour) -> Plain:
    """Return all that is known of a flavour."""
    return {
        "name": flavour.name,
        "product": flavour.product,
        "version": flavour.version,
        "era": _era(flavour),
        "source": flavour.source,
        # What a later era took back has no source.
        "features": {name: source for name, source in sorted(flavour.features.items()) if source},
        "addresses": {name: plain(route) for name, route in sorted(flavour.routes.items())},
        "upload rules": plain(flavour.rules),
        "refusals": {
            refusal.name: {"why": refusal.value, **plain(shape)}
            for refusal, shape in sorted(flavour.replies.items(), key=lambda item: item[0].name)
        },
        "other facts": {
            field.name.replace("_", " "): plain(getattr(flavour, field.name))
            for field in fields(flavour)
            if field.name not in _OWN
        },
    }


def difference(old: Flavour, new: Flavour) -> Plain:
    """Return what two flavours do differently, and the eras that lie between them."""
    before, after = description(old), description(new)
    return {
        "from": old.name,
        "to": new.name,
        "eras between": _between(old, new),
        # Of a feature there is nothing but where it is known from; that another source was read is no difference.
        "features": {**_changes(before["features"], after["features"], whole=True), "changed": {}},
        "addresses": _changes(before["addresses"], after["addresses"], whole=False),
        "upload rules": _changes(before["upload rules"], after["upload rules"], whole=False),
        # A reply is short, and its status makes sense with its words alone.
        "refusals": _changes(before["refusals"], after["refusals"], whole=True),
        "other facts": _changes(before["other facts"], after["other facts"], whole=False),
    }


def plain(value: object) -> Any:  # noqa: ANN401 - JSON's own types.
    """Return a fact as plain data."""
    found: Any
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        found = {_key(key): plain(one) for key, one in value.items()}
    elif is_dataclass(value) and not isinstance(value, type):
        found = {field.name.replace("_", " "): plain(getattr(value, field.name)) for field in fields(value)}
    elif isinstance(value, AbstractSet):
        found = sorted(map(plain, value))
    elif isinstance(value, (list, tuple)):
        found = [plain(one) for one in value]
    elif isinstance(value, partial):
        found = {"does": plain(value.func), "with": [plain(one) for one in (*value.args, value.keywords) if one]}
    else:
        found = _leaf(value)
    return found


def _leaf(value: object) -> str | float | None:
    if isinstance(value, Enum):
        return value.name.lower() if isinstance(value.value, int) else str(value.value)
    if isinstance(value, re.Pattern):
        return value.pattern if not value.flags & re.IGNORECASE else f"(?i){value.pattern}"
    if isinstance(value, str):
        return str(value)
    return value if value is None or isinstance(value, (int, float)) else _named(value)


def _key(key: object) -> str:
    return key.name if isinstance(key, Enum) else str(key)


def _named(function: object) -> str:
    """Return a function's name in words."""
    name = str(getattr(function, "__name__", type(function).__name__))
    return "a function" if name == "<lambda>" else name.strip("_").replace("_", " ")


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], *, whole: bool) -> Plain:
    """Return what was added, removed, and what stayed and is not the same.

    Args:
        before: by name.
        after: by name.
        whole: whether what is not the same is told whole, not by the values in it that differ.
    """
    changed: dict[str, list[Plain]] = {}
    for name in before:
        if name in after and before[name] != after[name]:
            both = {"what": "", "from": before[name], "to": after[name]}
            changed[name] = [both] if whole else [*_differing(before[name], after[name], ())]
    return {
        "added": {name: after[name] for name in after if name not in before},
        "removed": {name: before[name] for name in before if name not in after},
        "changed": changed,
    }


def _differing(before: Any, after: Any, way: tuple[str, ...]) -> Iterable[Plain]:  # noqa: ANN401 - JSON's own types.
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from _differing(before.get(key), after.get(key), (*way, key))
        return
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after) and _of_dicts(before + after):
        for old, new in zip(before, after, strict=True):
            yield from _differing(old, new, way)
        return
    yield {"what": " ".join(way), "from": before, "to": after}


def _of_dicts(values: list[Any]) -> bool:
    return all(isinstance(one, dict) for one in values)


def _era(flavour: Flavour) -> str:
    """Return the version since which a flavour is as it is."""
    lineage = lineages.get(flavour.product)
    if lineage is None:
        return flavour.version
    wanted = Version(flavour.version)
    return [era.version for era in lineage.flavours() if Version(era.version) <= wanted][-1]


def _between(old: Flavour, new: Flavour) -> list[Plain]:
    """Return the eras that begin after the older and not after the newer of two flavours of one product."""
    if old.product != new.product:
        return []
    low, high = sorted((Version(old.version), Version(new.version)))
    return [
        {"name": era["name"], "source": era["source"]}
        for era in catalogue([lineages[old.product]])
        if low < Version(era["version"]) <= high
    ]
