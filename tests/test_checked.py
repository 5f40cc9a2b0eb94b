"""Attributes that there are not, and values that cannot be, of settings, people and places of every product."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from pytest_pyreg import Gitea, GitLab, PyPI
from pytest_pyreg.checked import Checked, nearest


@dataclass(eq=False, repr=False)
class Thing(Checked):
    """Something with an attribute of each kind."""

    name: str
    size: int = 0
    maximum: int | None = None
    tags: list[str] = field(default_factory=list)
    pin: str = field(default="", repr=False)


def things() -> dict[str, Any]:
    """Return one of each kind that a test changes by its attributes."""
    gitea, gitlab, pypi = Gitea("forgejo"), GitLab(), PyPI()
    tools = gitea.organization("tools")
    return {
        "Gitea's user": gitea.user("ada"),
        "Gitea's organisation": tools,
        "Gitea's team": tools.team("readers"),
        "Gitea's repository": tools.repository("widget"),
        "Gitea's settings": gitea.settings,
        "GitLab's user": gitlab.user("ada"),
        "GitLab's group": gitlab.group("tools"),
        "GitLab's project": gitlab.project("tools/widget"),
        "GitLab's settings": gitlab.settings,
        "GitLab's throttle": gitlab.settings.throttle_authenticated_packages_api,
        "PyPI's user": pypi.user("ada"),
        "PyPI's organisation": pypi.organization("tools"),
        "PyPI's project": pypi.project("demo"),
        "PyPI's settings": pypi.settings,
    }


@pytest.mark.parametrize(
    ("what", "name", "near"),
    [
        ("Gitea's user", "adminn", "admin"),
        ("Gitea's organisation", "visibilty", "visibility"),
        ("Gitea's team", "acess", "access"),
        ("Gitea's repository", "privat", "private"),
        ("Gitea's settings", "LIMIT_SIZE_PYPI", "limit_size_pypi"),
        ("GitLab's user", "extern", "external"),
        ("GitLab's group", "forwardin", "forwarding"),
        ("GitLab's project", "archive_d", "archived"),
        ("GitLab's settings", "FIPS", "fips"),
        ("GitLab's throttle", "enable", "enabled"),
        ("PyPI's user", "two_factors", "two_factor"),
        ("PyPI's organisation", "good_standin", "good_standing"),
        ("PyPI's project", "max_file_byte", "max_file_bytes"),
        ("PyPI's settings", "readonly", "read_only"),
    ],
)
def test_an_attribute_that_there_is_not(what: str, name: str, near: str) -> None:
    """It is an error that names the nearest; the nearest itself can be set to what it is."""
    thing = things()[what]

    with pytest.raises(AttributeError, match=f"there is no .*'{name}'.*; did you mean '{near}'"):
        setattr(thing, name, True)
    assert not hasattr(thing, name)
    setattr(thing, near, getattr(thing, near))


@pytest.mark.parametrize(
    ("what", "name", "value", "words"),
    [
        ("Gitea's user", "active", "no", "active is a bool, not 'no'"),
        ("Gitea's user", "otp", 123456, "a one-time password is a text of six digits"),
        ("Gitea's user", "email", 7, "email is a str, not 7"),
        ("Gitea's user", "over_quota", 1, "over_quota is a bool, not 1"),
        ("Gitea's user", "visibility", None, "there is no visibility None"),
        ("Gitea's repository", "private", 0, "private is a bool, not 0"),
        ("Gitea's settings", "limit_size_pypi", "5", "limit_size_pypi is an int, not '5'"),
        ("GitLab's user", "admin", "yes", "admin is a bool, not 'yes'"),
        ("GitLab's group", "forwarding", "on", "forwarding is a bool or None, not 'on'"),
        ("GitLab's project", "archived", 1, "archived is a bool, not 1"),
        ("PyPI's user", "frozen", 1, "frozen is a bool, not 1"),
        ("PyPI's project", "max_file_bytes", "1", "max_file_bytes is an int or None, not '1'"),
    ],
)
def test_a_value_of_another_type(what: str, name: str, value: object, words: str) -> None:
    """It is an error that says what is wanted, and changes nothing."""
    thing = things()[what]
    before = getattr(thing, name)

    with pytest.raises(ValueError, match=words):
        setattr(thing, name, value)
    assert getattr(thing, name) == before


def test_what_is_right_is_taken() -> None:
    """A simple type, one of two, anything where nothing simple is said; what is private is nobody's business."""
    thing = Thing("box")
    thing.size, thing.maximum, thing.tags = 3, 4, ["red"]
    thing.maximum = None
    thing._kept = object()

    assert (thing.size, thing.maximum, thing.tags) == (3, None, ["red"])
    with pytest.raises(ValueError, match="size is an int, not True"):
        thing.size = True
    with pytest.raises(AttributeError, match="'colour' of a Thing; the attributes are name, size, maximum, tags, pin"):
        thing.colour = "red"


def test_a_secret_of_another_type_is_not_told() -> None:
    """What no `repr` shows no error shows."""
    with pytest.raises(ValueError, match="pin is a str, not an int") as caught:
        Thing("box").pin = 271828  # type: ignore[assignment]
    assert "271828" not in str(caught.value)


def test_names_are_short() -> None:
    """An error that mentions somebody is a line, not a page."""
    shown = {what: repr(thing) for what, thing in things().items() if "settings" not in what}

    assert shown["Gitea's user"] == "<User 'ada'>"
    assert shown["Gitea's organisation"] == "<Organization 'tools'>"
    assert shown["GitLab's project"] == "<Project 'tools/widget'>"
    assert all(len(text) < 120 for text in shown.values())
    other = Gitea().user("bob")
    with pytest.raises(ValueError, match=r"^<User 'bob'> is no user of this registry"):
        Gitea().organization("tools").add_owner(other)


def test_the_nearest_word() -> None:
    """In any case; none if none is like it, or it is no text."""
    assert nearest("ADMN", ["admin", "Owners"]) == "admin"
    assert nearest("owner", ["admin", "Owners"]) == "Owners"
    assert nearest("zebra", ["admin"]) is None
    assert nearest(7, ["admin"]) is None
