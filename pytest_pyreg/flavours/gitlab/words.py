"""GitLab's words, as types: a wrong one is found before the test runs by who checks types, and when it runs anyway."""

from __future__ import annotations

from typing import Literal, get_args

Seen = Literal["private", "internal", "public"]
"""Who sees a group or a project."""
SEEN: tuple[Seen, ...] = get_args(Seen)
State = Literal[
    "active",
    "internal",
    "blocked_pending_approval",
    "terms_not_accepted",
    "deactivated",
    "unconfirmed",
    "blocked",
    "ldap_blocked",
    "banned",
    "password_expired",
]
"""Of an account; `people.DENIED` has what each but the first makes the API say."""
STATES: tuple[State, ...] = get_args(State)
RegistryLevel = Literal["disabled", "private", "enabled", "public"]
"""Who uses a project's package registry."""
REGISTRY_LEVELS: tuple[RegistryLevel, ...] = get_args(RegistryLevel)
