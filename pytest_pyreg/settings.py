"""Settings that say no where they are made: to a value that cannot be, and to what the release does not have.

A product's settings are dataclasses on top of `Configured`, whose tables a world file reads too.  Owns no setting;
those are the flavours'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pytest_pyreg.checked import Checked, a

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Configured(Checked):
    """What refuses a setting that there is not, or not yet, and a value that it cannot have."""

    WHAT = "setting"
    CHOICES: ClassVar[Mapping[str, tuple[str, tuple[str, ...]]]] = {}
    """The settings that are one of several words -> what such a word is called, and the words."""
    LEAST: ClassVar[int] = 1
    """The least that any number here may be."""
    NEEDS: ClassVar[Mapping[str, tuple[str, bool | int | str]]] = {}
    """Settings that a release may not have -> the feature that it lacks, and what they are then, which is no error."""

    _require: Callable[[str], None] | None = None

    def of(self, require: Callable[[str], None]) -> None:
        """Belong to a release from now on.

        Args:
            require: refuses a feature that the release has not.
        """
        self._require = require

    def _check(self, name: str, value: object) -> None:
        super()._check(name, value)
        if name.startswith("_"):
            return
        before = getattr(self, name, None)
        if isinstance(before, Configured) and type(value) is not type(before):
            raise ValueError(f"{name} is {a(type(before).__name__)}, not {value!r}")
        if type(value) is int and value < self.LEAST:
            raise ValueError(f"{name} is at least {self.LEAST}, not {value}")
        _, words = self.CHOICES.get(name, ("", ()))
        if words and value not in words:
            raise ValueError(f"{name} is one of {', '.join(words)}, not {value!r}")
        feature, without = self.NEEDS.get(name, ("", value))
        if self._require is not None and value != without:
            self._require(feature)
