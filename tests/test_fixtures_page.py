"""What docs/fixtures.md shows is executed, and it leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg import plugin

if TYPE_CHECKING:
    import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "fixtures.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_project_of_the_page(pytester: pytest.Pytester) -> None:
    """Its conftest and its tests, together."""
    conftest, tests, _ = BLOCKS
    pytester.makeconftest(conftest)
    pytester.makepyfile(tests)

    pytester.runpytest().assert_outcomes(passed=3)


def test_without_its_conftest_it_fails(pytester: pytest.Pytester) -> None:
    """The test above can fail."""
    pytester.makepyfile(BLOCKS[1])

    pytester.runpytest().assert_outcomes(passed=2, failed=1)


def test_the_marker_of_the_page(pytester: pytest.Pytester) -> None:
    """One test, three registries."""
    pytester.makepyfile(BLOCKS[2])

    pytester.runpytest().assert_outcomes(passed=3)


def test_every_fixture_is_there() -> None:
    """As the plugin has them."""
    fixtures = {name for name in plugin.__all__ if not name.startswith("pytest_")}

    assert set(re.findall(r"`((?:make_)?pyreg(?:_\w+)?)`", PAGE)) >= fixtures


def test_every_option_is_there(pytestconfig: pytest.Config) -> None:
    """As pytest's help has them."""
    help_text = pytestconfig.pluginmanager.get_plugin("pyreg").pytest_addoption  # type: ignore[union-attr]
    group, inis = _Told(), _Told()
    help_text(type("Parser", (), {"getgroup": lambda *_: group, "addini": inis.addoption})())

    assert set(re.findall(r"`(--pyreg-\w+)", PAGE)) == set(group.names)
    assert set(inis.names) <= set(re.findall(r"`(pyreg_\w+)`", PAGE))


class _Told:
    """Notes what is declared."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def addoption(self, name: str, *_: object, **__: object) -> None:
        """Note it."""
        self.names.append(name)
