"""Distributions with one defect each, by name: what a client, an index or a check should notice, and what they say.

`misfit("bad record")` makes one, `NAMES` has the names, and `MISFITS` what is wrong with each, as data.  What real
registries answer to them is in docs/factory.md.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_pyreg.checked import nearest
from pytest_pyreg.misfits import fields, inside, naming, packing
from pytest_pyreg.misfits.drafts import Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.dists import Dist

__all__ = ["MISFITS", "NAMES", "Misfit", "misfit"]

MISFITS: Mapping[str, Misfit] = MappingProxyType(
    {each.name: each for room in (inside, packing, naming, fields) for each in room.misfits()}
)
"""All of them, by name."""
NAMES: tuple[str, ...] = tuple(MISFITS)


def misfit(name: str, project: str = "demo", version: str = "1.0") -> Dist:
    """Make a distribution with one defect, the same bytes each time.

    Args:
        name: one of `NAMES`; case, dashes and underscores do not matter.
        project: what it is called otherwise.
        version: likewise.

    Raises:
        ValueError: there is no such misfit, or the project or the version cannot be called that.
    """
    found = MISFITS.get(re.sub(r"[\s_-]+", " ", name).strip().lower())
    if found is None:
        near = nearest(name, NAMES)
        hint = f"did you mean {near!r}? " if near else ""
        raise ValueError(f"there is no misfit {name!r}; {hint}there are: {', '.join(NAMES)}")
    return found.make(project, version)
