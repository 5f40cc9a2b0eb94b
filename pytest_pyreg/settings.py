"""Settings that say no where they are made: to a name that there is not, and to a value that cannot be.

A product's settings are dataclasses on top of `Checked`.  Owns no setting; those are the flavours'.
"""

from __future__ import annotations

import difflib
from dataclasses import fields
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


class Checked:
    """What refuses a setting that there is not, and a value that it cannot have."""

    CHOICES: ClassVar[Mapping[str, tuple[str, tuple[str, ...]]]] = {}
    """The settings that are one of several words -> what such a word is called, and the words."""
    LEAST: ClassVar[int] = 1
    """The least that any number here may be."""

    def __setattr__(self, name: str, value: object) -> None:
        known = {field.name: str(field.type) for field in fields(self)}  # type: ignore[arg-type]
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; the settings are {', '.join(known)}"
            raise AttributeError(f"there is no setting {name!r}{hint}")
        wanted = known[name]
        if wanted != type(value).__name__ and "[" not in wanted:
            raise ValueError(f"{name} is a {wanted}, not {value!r}")
        if wanted == "int" and isinstance(value, int) and value < self.LEAST:
            raise ValueError(f"{name} is at least {self.LEAST}, not {value}")
        _, words = self.CHOICES.get(name, ("", ()))
        if words and value not in words:
            raise ValueError(f"{name} is one of {', '.join(words)}, not {value!r}")
        super().__setattr__(name, value)
