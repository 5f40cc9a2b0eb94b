"""Where a failed test's registries leave their state: in its `tmp_path`, unless pytest would remove that at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_pyreg.registry import Registry

KEPT: pytest.StashKey[str] = pytest.StashKey()
"""What was said about it, if a test has failed once already."""


def keep(item: pytest.Item, when: str, registries: list[Registry]) -> str:
    """Write the state of a failed test's registries, once, and return where it is, or why it is nowhere."""
    if told := item.stash.get(KEPT, ""):
        return told
    try:
        folder, reason = _folder(item, when)
        if len(registries) == 1:
            registries[0].keep(folder)
        else:
            for number, registry in enumerate(registries, 1):
                registry.keep(folder / f"{number}-{registry.flavour.name}")
        told = f"--pyreg-keep: what was stored and asked is in {folder}{reason}"
    except Exception as error:  # noqa: BLE001 - the test's own failure must be seen, whatever goes wrong here.
        told = f"--pyreg-keep: nothing could be kept: {type(error).__name__}: {error}"
    item.stash[KEPT] = told
    return told


def _folder(item: pytest.Item, when: str) -> tuple[Path, str]:
    """Return a folder that is not there yet, and why it is not in `tmp_path` if it is not."""
    factory: pytest.TempPathFactory = item.config._tmp_path_factory  # type: ignore[attr-defined]  # noqa: SLF001 - as the fixture has it; a failed test cannot ask for fixtures.
    if reason := _removed(item):
        import tempfile

        return Path(tempfile.mkdtemp(prefix="pyreg-kept-")), f", not in tmp_path: {reason}"
    own = getattr(item, "funcargs", {}).get("tmp_path")
    # Where failed tests keep theirs, pytest counts those alone that fail in the test itself.
    lasts = when == "call" or item.config.getini("tmp_path_retention_policy") != "failed"
    if not lasts or not isinstance(own, Path) or not own.is_dir():
        own = factory.mktemp("".join(char if char.isalnum() else "_" for char in item.name)[:30])
    places = (own / name for name in ("pyreg", *(f"pyreg-{number}" for number in range(2, 1000))))
    return next(place for place in places if not place.exists()), ""


def _removed(item: pytest.Item) -> str:
    """Return why pytest will remove every `tmp_path` at the end of the run; nothing if it will not."""
    config = item.config
    if config.getoption("basetemp") and not hasattr(config, "workerinput"):
        return ""
    if config.getini("tmp_path_retention_policy") == "none":
        return "tmp_path_retention_policy is none"
    return "tmp_path_retention_count is 0" if int(config.getini("tmp_path_retention_count")) == 0 else ""
