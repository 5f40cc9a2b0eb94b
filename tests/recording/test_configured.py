"""Which index the caller's own pip is configured for: asked of pip itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Registry
from pytest_pyreg.recording import configured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.recording.conftest import Get, Use


@pytest.fixture(name="recording")
def _recording(use: Use, folder: Path) -> Iterator[Registry]:
    """A registry that records; no index is there yet."""
    del use
    with Registry("pypi") as registry:
        registry.record(folder)
        yield registry


def test_a_configuration_file_counts(
    recording: Registry, real: Registry, get: Get, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pip reads it: the file that it is told of, extra indexes for what the first one has not."""
    monkeypatch.delenv("PIP_INDEX_URL")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    with Registry("pypi") as empty:
        (tmp_path / "pip.conf").write_text(
            f"[global]\nindex-url = {empty.index_url}\n"
            f"extra-index-url =\n    {real.index_url}\n    http://127.0.0.1:9/simple\n"
        )

        assert get(f"{recording.index_url}/lib/").status_code == 200
        assert [exchange.status for exchange in empty.log] == [404]


def test_pip_itself_says_where_its_index_is(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing configured there is one all the same, which only pip knows; nothing is sent there."""
    del use
    monkeypatch.delenv("PIP_INDEX_URL")

    (found,) = configured.find().indexes

    assert found.url.startswith("https://")
    assert found.url.endswith("/simple")
    assert found.login is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PIP_NO_INDEX", "1", "pip is configured to use no index"),
        ("PIP_INDEX_URL", "file:///nowhere/simple", "not reached by http or https"),
        ("PIP_INDEX_URL", "http://[::1", "no URL that can be read"),
        ("PIP_TIMEOUT", "nonsense", "pip could not be asked"),
    ],
)
def test_a_pip_that_has_no_index_is_told(
    recording: Registry, get: Get, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    """A 502 with the reason."""
    monkeypatch.setenv(name, value)

    assert get(f"{recording.index_url}/demo/").status_code == 502
    assert words in recording.log[0].why


def test_without_pip_it_is_told(recording: Registry, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    """As is an environment that has none."""
    monkeypatch.setattr(configured, "_ASK", "import a_pip_that_is_not_there")

    assert get(f"{recording.index_url}/demo/").status_code == 502
    assert "is it installed beside pytest-pyreg" in recording.log[0].why
