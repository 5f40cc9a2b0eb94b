"""Whose secrets hold in a registry that `pyreg serve` runs: those made by chance, or the caller's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.cli.reports import Usage
from pytest_pyreg.identity import ANONYMOUS
from pytest_pyreg.redaction import is_weak
from pytest_pyreg.worldfile_shared import SECRET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.identity import Credential
    from pytest_pyreg.registry import Registry

ROLES = {
    "publisher": "may upload and install",
    "reader": "may only install",
    "stranger": "may do neither",
}
SECRET_VARIABLE = "PYREG_{}_SECRET"  # noqa: S105 - the name of one.
"""Whose value, if it has one, is the secret of the ready publisher, reader or stranger, instead of one by chance."""


def settle(registry: Registry, environ: Mapping[str, str], *, public: bool) -> None:
    """Give the ready credentials the secrets that the caller has for them; what others reach has no other ones.

    Raises:
        Usage: a secret is none, or nobody could use the registry.
    """
    world = registry.world
    _give(registry, environ)
    own = {named.credential for named in registry.named.values()} | {getattr(world, role) for role in registry.given}
    if not public:
        return
    if not own:
        raise Usage(
            "a registry that other machines reach does not take the ready-made credentials: put secrets of your own in "
            f"${SECRET_VARIABLE.format('PUBLISHER')} and ${SECRET_VARIABLE.format('READER')}, or describe tokens in a "
            "file for --world"
        )
    for role in (*ROLES, "job"):
        credential = getattr(world, role, None)
        if credential is not None and credential not in {ANONYMOUS, *own}:
            world.revoke(credential)
            setattr(world, role, ANONYMOUS)


def _give(registry: Registry, environ: Mapping[str, str]) -> None:
    """Give the ready credentials the secrets that the caller has for them.

    Raises:
        Usage: a secret is none, or not one credential's alone.
    """
    world = registry.world
    given = {role: environ.get(SECRET_VARIABLE.format(role.upper()), "") for role in ROLES}
    for role, secret in given.items():
        if not secret:
            continue
        variable, credential = SECRET_VARIABLE.format(role.upper()), getattr(world, role)
        check_secret(variable, secret)
        if credential == ANONYMOUS:
            raise Usage(f"this folder's registry has been public without a {role}; name a new folder to have one")
        others = world.secrets() if credential.secret != secret else ()
        if secret in others or list(given.values()).count(secret) > 1:
            raise Usage(f"the secret in ${variable} is that of another credential too: each has one of its own")
        if credential.secret != secret:
            setattr(world, role, world.fix_secret(credential, secret))
        registry.given[role] = variable


def check_secret(variable: str, secret: str) -> None:
    """Refuse a secret that anybody could guess.

    Raises:
        Usage: it is one.
    """
    if not SECRET.fullmatch(secret) or is_weak(secret):
        raise Usage(
            f"the secret in ${variable} is too weak: 8 characters at least, printable ASCII, no blank, and no word "
            "that everybody would try"
        )


def variable_of(registry: Registry, who: Credential) -> str:
    """Return the environment variable that a credential's secret came from; nothing if it came from elsewhere."""
    names = {named.variable for named in registry.named.values() if named.credential == who}
    names |= {variable for role, variable in registry.given.items() if getattr(registry, role) == who}
    return next(filter(None, sorted(names)), "")


def holding(registry: Registry) -> list[tuple[str, Credential, str]]:
    """Return the ready credentials that hold, with what they may."""
    every = [(role, getattr(registry, role), may) for role, may in ROLES.items()]
    return [one for one in every if one[1] != ANONYMOUS]
