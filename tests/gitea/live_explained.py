"""Differences between a live server and the emulation that are known and stay, each with its reason."""

from __future__ import annotations

from typing import NamedTuple


class Explained(NamedTuple):
    """A difference that stays; every text is a pattern."""

    why: str
    part: str
    """The whole of `status`, `body` or `header x`."""
    target: str = ""
    """Somewhere in the method and the address."""
    sent: str = ""
    """Somewhere in what shows who asks."""
    live: str = ".*"
    """The whole of what the live server says there."""
    statuses: tuple[int, ...] = ()
    """What it answers; anything if empty."""
    product: str = ".*"


EXPLAINED: tuple[Explained, ...] = (
    Explained(
        "1.17 takes an escaped slash at the end of an address for a slash",
        ".*",
        "demo%2F",
        product="gitea@1.17.*",
    ),
    Explained(
        "Forgejo 17 fails where nobody has the e-mail address that somebody signs in with",
        ".*",
        sent="example.org",
        statuses=(500,),
        product="forgejo@17.*",
    ),
    Explained(
        "in Forgejo 17 a token for public owners does not reach a private repository of theirs",
        ".*",
        "/-/link/secret",
        sent="public-write",
        statuses=(403,),
        product="forgejo@17.*",
    ),
    Explained(
        "the page for readers is as long as any of the product's; ours is short",
        "body",
        live="<!DOCTYPE html>\n<html lang.*",
        statuses=(404,),
    ),
    Explained("a server tells the release that it was built as", "body", "GET /api/v1/version", statuses=(200,)),
)
