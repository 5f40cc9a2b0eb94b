"""Registries that speak their product's own words: what their world can do, typed, one step nearer.

Each is loaded when it is first used, as its flavours are.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, cast

from pytest_pyreg.flavours import DEFAULT, Flavour, lookup
from pytest_pyreg.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOMES: Mapping[str, tuple[str, str]] = {
    "gitlab": ("gitlab", "GitLab"),
    "gitea": ("gitea", "Gitea"),
    "forgejo": ("gitea", "Gitea"),
    "pypi": ("pypi", "PyPI"),
}
"""Product -> the module here, and the class in it."""


def registry(flavour: str | Flavour = DEFAULT, **options: Any) -> Registry:  # noqa: ANN401 - each option has a type of its own.
    """Return a registry in its product's own words, where it has any.

    Raises:
        UnknownFlavour: the flavour means nothing.
    """
    found = lookup(flavour) if isinstance(flavour, str) else flavour
    if found.product not in _HOMES:
        return Registry(found, **options)
    module, name = _HOMES[found.product]
    made = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    return cast("Registry", made(found, **options))
