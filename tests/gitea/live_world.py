"""The world that a live server and the emulation both get before they are asked the same things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_pyreg.flavours.gitea import GiteaWorld, features

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg import Registry
    from pytest_pyreg.flavours.gitea import words
    from tests.gitea.live_wire import Tokens

PASSWORD = "correct-horse-9"
# Who there is, and what is set besides.
PEOPLE: Mapping[str, Mapping[str, Any]] = {
    "pub": {},
    "lim": {"visibility": "limited"},
    "priv": {"visibility": "private"},
    "boss": {},
    "other": {},
    "reader": {},
    "writer": {},
    "coder": {},
    "looker": {},
    "mixed": {},
    "chief": {},
    "admin": {"admin": True},
    "restricted": {"restricted": True},
    "guest": {"restricted": True},
    "inactive": {"active": False},
    "banned": {"prohibit_login": True},
    "renewer": {"must_change_password": True},
    "old": {},
}
ORGANIZATIONS: Mapping[str, words.Seen] = {"opub": "public", "olim": "limited", "opriv": "private"}
# Per team: what it may do with packages, what with code, and who is in it.
TEAMS: Mapping[str, tuple[words.Access, words.Access, tuple[str, ...]]] = {
    "readers": ("read", "none", ("reader", "guest")),
    "writers": ("write", "none", ("writer",)),
    "coders": ("none", "write", ("coder",)),
    "lookers": ("none", "read", ("looker",)),
    "mixed": ("read", "write", ("mixed",)),
    "chiefs": ("admin", "admin", ("chief",)),
}
TOKENS: Mapping[str, tuple[str, ...]] = {
    "read": ("read:package",),
    "write": ("write:package",),
    "all": ("all",),
    "unrelated": ("read:user",),
    "public-read": ("public-only", "read:package"),
    "public-write": ("public-only", "write:package"),
}
REPOSITORIES: Mapping[str, bool] = {"repo1": False, "secret": True}
"""Of every owner of packages, and whether they are private."""
RENAMED = ("old", "new")
"""A user's former and present name."""
OWNERS = ("pub", "lim", "priv", *ORGANIZATIONS)
"""Who owns packages."""
LEADER = "boss"
"""Who owns the organisations."""


def built(registry: Registry, prefix: str, keys: set[str], *, renamed: bool = True) -> Tokens:
    """Make the world in the emulation.

    Args:
        registry: the emulation.
        prefix: what every name begins with.
        keys: which of `TOKENS` there are to be.
        renamed: whether somebody gets another name.
    """
    world, tokens = registry.world, {}
    assert isinstance(world, GiteaWorld), "the flavour is a Gitea or a Forgejo"
    users = {short: world.user(f"{prefix}{short}", password=PASSWORD) for short in PEOPLE}
    scoped = world.can(features.SCOPES)
    for short, user in users.items():
        user.email = f"{user.name}@example.org"
        tokens.update(
            {
                (short, key): user.token(scopes if scoped else None).secret
                for key, scopes in TOKENS.items()
                if key in keys
            }
        )
        for name, value in PEOPLE[short].items():
            if name == "visibility":
                world.user(user.name, visibility=value)
            else:
                setattr(user, name, value)
    for short, visibility in ORGANIZATIONS.items():
        made = world.organization(f"{prefix}{short}", visibility=visibility)
        made.add_owner(users[LEADER])
        for team, (access, code, members) in TEAMS.items():
            made.team(team, access=access, code=code, members=[users[member] for member in members])
    for short in OWNERS:
        owner = world.namespace(f"{prefix}{short}", "owner")
        assert owner is not None, "it was made above"
        for name, private in REPOSITORIES.items():
            owner.repository(name, private=private)
    if renamed:
        world.rename(users[RENAMED[0]], f"{prefix}{RENAMED[1]}")
    return tokens
