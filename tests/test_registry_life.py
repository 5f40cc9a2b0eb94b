"""Deleting releases and taking them back, in every product that can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import NotRunning, Registry, make_dists, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

PRODUCTS = ["gitlab", "gitea", "forgejo", "pypi", "pep503"]


@pytest.fixture(name="stocked", params=PRODUCTS)
def _stocked(request: pytest.FixtureRequest) -> Iterator[Registry]:
    """A registry with two releases of one project, and one of another."""
    with Registry(request.param) as registry:
        registry.add(*make_dists("demo-pkg", "1.0"), make_wheel("demo-pkg", "2.0"), make_wheel("other", "1.0"))
        yield registry


def test_a_project_is_deleted(stocked: Registry) -> None:
    """All its releases go, by any spelling of its name, and nobody else's."""
    stocked.delete("Demo.Pkg")

    assert stocked.projects() == {"other"}
    assert stocked.files("demo-pkg") == set()
    stocked.add(make_wheel("demo-pkg", "1.0"))
    assert stocked.versions("demo-pkg") == ["1.0"]


def test_a_release_is_deleted(stocked: Registry) -> None:
    """By any spelling of its version."""
    stocked.delete("demo-pkg", "1")

    assert stocked.versions("demo-pkg") == ["2.0"]
    assert stocked.projects() == {"demo-pkg", "other"}


def test_a_file_is_deleted(stocked: Registry) -> None:
    """The release stays with what is left."""
    wheel, sdist = sorted(make_dists("demo-pkg", "1.0"), key=lambda dist: dist.name)
    stocked.delete("demo-pkg", filename=wheel.name)

    assert sdist.name in stocked.files("demo-pkg")
    assert wheel.name not in stocked.files("demo-pkg")
    assert stocked.versions("demo-pkg") == ["1.0", "2.0"]


def test_bytes_go_with_their_last_file(stocked: Registry) -> None:
    """Nothing is left behind, and what somebody else has too stays."""
    before = len(stocked._blobs._blobs)

    stocked.delete("demo-pkg", "1.0")

    assert len(stocked._blobs._blobs) == before - 2


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (("nope",), "there is no project 'nope' here; there are: demo-pkg, other"),
        (("demo-pkg", "3.0"), "demo-pkg has no version '3.0'; it has 1.0, 2.0"),
        (("demo-pkg", "dog"), "demo-pkg has no version 'dog'; it has 1.0, 2.0"),
        (("other", "1.0", "x.whl"), "other has no file 'x.whl'; it has other-1.0-py3-none-any.whl"),
    ],
)
def test_what_is_not_there_cannot_be_deleted(stocked: Registry, what: tuple[str, ...], words: str) -> None:
    """The error says what is there, and nothing changes."""
    with pytest.raises(LookupError) as caught:
        stocked.delete(*what)

    assert str(caught.value) == words
    assert stocked.versions("demo-pkg") == ["1.0", "2.0"]


def test_products_that_cannot_take_a_release_back_say_so(stocked: Registry) -> None:
    """And what they can do instead."""
    if stocked.flavour.yanks:
        stocked.yank("demo-pkg", "1.0", "oops")
        stocked.unyank("demo-pkg", "1.0")
        return
    with pytest.raises(ValueError, match=r"cannot take a release back .* registry\.delete\('demo-pkg', '1.0'\)"):
        stocked.yank("demo-pkg", "1.0", "oops")
    with pytest.raises(ValueError, match="cannot take a release back"):
        stocked.unyank("demo-pkg", "1.0")


def test_a_stopped_registry_has_nothing_to_delete() -> None:
    """As it has nothing to add to."""
    with Registry("pep503") as registry:
        registry.add(make_wheel("demo", "1.0"))

    with pytest.raises(NotRunning, match="was stopped"):
        registry.delete("demo")
