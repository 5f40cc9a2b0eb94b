"""One more ready namespace in the same registry, in process."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from pytest_pyreg import ANONYMOUS, CommandFailed, NotRunning, Registry, make_wheel

WHEEL = make_wheel("demo", "1.0")


@pytest.mark.parametrize(
    ("flavour", "homes"),
    [
        ("gitlab@17", ("acme/demo", "acme/demo-2", "acme/demo-3")),
        ("gitea@1.23", ("acme", "acme-2", "acme-3")),
        ("forgejo@12", ("acme", "acme-2", "acme-3")),
    ],
)
def test_each_is_private(flavour: str, homes: tuple[str, ...]) -> None:
    """Its own publisher uploads there; its stranger, and the first one's publisher and reader, do not even see it."""
    with Registry(flavour) as registry:
        other, third = registry.another(), registry.another()

        other.upload(WHEEL)

        assert tuple(one.namespace.path for one in (registry, other, third)) == homes
        assert (registry.files("demo"), other.files("demo"), third.files("demo")) == (set(), {WHEEL.name}, set())
        assert other.install("demo").distributions() == {"demo": "1.0"}
        for credential in (other.stranger, registry.publisher, third.reader):
            with pytest.raises(CommandFailed):
                other.install("demo", credential=credential)
        with pytest.raises(CommandFailed):
            other.upload(WHEEL, credential=other.reader)


@pytest.mark.parametrize("flavour", ["pypi", "pep503"])
def test_one_namespace_has_new_users(flavour: str) -> None:
    """What is everybody's stays so; the credentials are new ones, of the same kinds."""
    with Registry(flavour) as registry:
        other = registry.another()

        other.upload(WHEEL)

        assert registry.namespace is other.namespace
        assert registry.files("demo") == {WHEEL.name}
        assert {registry.publisher.secret, registry.reader.secret}.isdisjoint({other.publisher.secret})
        with pytest.raises(CommandFailed):
            other.upload(WHEEL, credential=other.stranger)


@pytest.mark.parametrize(("flavour", "word"), [("gitlab@17", "project"), ("gitea@1.23", "organization")])
def test_names_that_are_taken_are_passed_over(flavour: str, word: str) -> None:
    """What somebody made by hand is not given to anybody as new."""
    with Registry(flavour) as registry:
        getattr(registry.world, word)({"project": "acme/demo-2", "organization": "acme-2"}[word])

        assert registry.another().namespace.path.endswith("-3")


def test_its_log_has_what_is_its_own() -> None:
    """What came there, whoever sent it, and what came by its credentials, wherever that was; numbered from one."""
    with Registry("gitlab@17") as registry:
        other, third = registry.another(), registry.another()
        other.upload(WHEEL)
        third.upload(WHEEL)
        with pytest.raises(CommandFailed):
            other.install("demo", credential=ANONYMOUS)
        with pytest.raises(CommandFailed):
            third.upload(WHEEL, credential=other.reader)

        assert [(one.number, one.namespace, one.action) for one in other.log] == [
            (1, "acme/demo-2", "upload"),
            (2, "acme/demo-2", "project page"),
            (3, "acme/demo-3", "upload"),
        ]
        assert [one.status for one in third.log.uploads()] == [201, 403]
        assert registry.log.count == 4


def test_its_log_has_what_it_is_told_to_recognise() -> None:
    """A credential of some other place, once it is named; not before."""
    with Registry("gitlab@17") as registry:
        other = registry.another()
        registry.upload(WHEEL)
        assert not other.log

        other.recognise(registry.publisher)
        registry.upload(make_wheel("demo", "2.0"))

        assert [one.filename for one in other.log] == ["demo-2.0-py3-none-any.whl"]


def test_it_ends_with_the_first() -> None:
    """Which removes what its clients left, too."""
    before = set(Path(tempfile.gettempdir()).glob("pyreg-*"))
    with Registry("gitlab@17") as registry:
        other = registry.another()
        other.env()
    made = set(Path(tempfile.gettempdir()).glob("pyreg-*")) - before

    assert not [folder for folder in made if folder.is_relative_to(other._workplace._around._folder or "/nowhere")]  # type: ignore[union-attr]
    with pytest.raises(NotRunning):
        _ = other.url
    with pytest.raises(NotRunning):
        other.add(WHEEL)
    with pytest.raises(NotRunning):
        other.another()
