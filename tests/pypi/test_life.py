"""Taking releases back, and what deleting leaves behind at the public index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Registry, make_wheel

if TYPE_CHECKING:
    from pytest_pyreg.flavours.pypi.world import PyPIWorld


def test_installers_pass_over_what_was_taken_back(index: Registry) -> None:
    """Real pip takes the earlier release; and the later one again when it is given again."""
    index.add(make_wheel("demo", "1.0"), make_wheel("demo", "2.0"))
    index.yank("Demo", "2", "broken")
    assert index.install("demo").distributions() == {"demo": "1.0"}

    index.unyank("demo", "2.0")

    assert index.install("demo").distributions() == {"demo": "2.0"}


def test_what_is_not_there_cannot_be_taken_back(index: Registry) -> None:
    """The error says what is there."""
    index.add(make_wheel("demo", "1.0"))
    with pytest.raises(LookupError, match=r"demo has no version '2\.0'; it has 1\.0"):
        index.yank("demo", "2.0")
    with pytest.raises(LookupError, match="there is no project 'nope'"):
        index.unyank("nope", "1.0")


def test_names_of_deleted_files_are_burned(index: Registry, world: PyPIWorld) -> None:
    """The world keeps them, whatever of the project was deleted."""
    wheel = make_wheel("demo", "1.0")
    index.add(wheel, make_wheel("demo", "2.0"))

    index.delete("demo", "1.0")

    assert world.burned == {wheel.name}
    index.delete("demo", "2.0", "demo-2.0-py3-none-any.whl")
    assert world.burned == {wheel.name, "demo-2.0-py3-none-any.whl"}
