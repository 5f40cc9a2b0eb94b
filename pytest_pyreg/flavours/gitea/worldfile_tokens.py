"""The tokens of a world file, which of them are the registry's own, and where its own URLs point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitea import features, oauth
from pytest_pyreg.flavours.gitea.people import User
from pytest_pyreg.worldfile import Named, unknown
from pytest_pyreg.worldfile_shared import CALLERS, choose, from_variable, tokens, with_its_secret

if TYPE_CHECKING:
    from pytest_pyreg.flavours.gitea.world import GiteaWorld
    from pytest_pyreg.worldfile import Table

_TOKEN = ("kind", "user", "scopes", "secret", "revoked")
_KINDS = ("access", "oauth")
_REGISTRY = ("owner", *CALLERS)


def named(world: GiteaWorld, file: Table) -> dict[str, Named]:
    """Make a file's tokens, by their names, and choose the registry's own."""
    found = {name: _token(world, table) for name, table in tokens(file)}
    registry = file.table("registry")
    registry.only(_REGISTRY)
    owner = registry.value("owner", str)
    if owner is not None:
        home = world.namespace(owner, "")
        if home is None:
            raise registry.error(unknown("owner", owner, [one.name for one in world.owners()]), "owner")
        world.settle(home)
    choose(registry, world, found)
    return found


def user_named(world: GiteaWorld, table: Table, name: str, *keys: str | int) -> User:
    """Return a user who is mentioned in a table."""
    found = world.namespace(name, "")
    if isinstance(found, User):
        return found
    if found is not None:
        raise table.error(f"{name!r} is an organisation; a user is wanted here", *keys)
    raise table.error(unknown("user", name, [user.name for user in world.users()]), *keys)


def _token(world: GiteaWorld, table: Table) -> Named:
    table.only(_TOKEN)
    user = user_named(world, table, table.demanded("user", "the name of the user whose it is"), "user")
    scopes = table.texts("scopes")
    by_oauth = table.choice("kind", _KINDS, "kind of token", "kinds of tokens") == "oauth"
    known, limited = (oauth.KNOWN, features.OAUTH_SCOPES) if by_oauth else (world.scopes, features.SCOPES)
    for number, scope in enumerate(scopes or ()):
        if scope not in known and world.can(limited):
            raise table.error(unknown("scope", scope, known), "scopes", number)
    with table.at(*(("scopes",) if scopes is not None else ())):
        credential = user.oauth_token(scopes or ()) if by_oauth else user.token(scopes)
    credential = with_its_secret(table, credential, world)
    about = f"{'OAuth2 ' * by_oauth}token of {user.name}" + (f" ({', '.join(scopes)})" if scopes else "")
    if table.value("revoked", bool):
        world.revoke(credential)
        about += ", revoked"
    return Named(credential, about, given="secret" in table.values, variable=from_variable(table))
