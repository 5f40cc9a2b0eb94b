"""Rows about the public index that wait: for a later issue, or for a client of another release."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conformance.cases import Row

LATER_AREAS: Mapping[str, str] = {
    "oidc.audience": "asking for the audience of identity tokens",
    "oidc.mint": "the exchange of an identity token for one of the index",
    "oidc.claims": "holding an identity token's claims against trusted publishers",
    "oidc.burn": "giving a minted token back",
}
"""Areas of a later issue, and what they are about: trusted publishing."""
LATER_CLIENTS: Mapping[str, str] = {
    r".*HTTPS_PROXY.*": "a client's trusted publishing through a proxy",
    r".*--trusted-publishing.*": "a client's trusted publishing over https",
    r".*burn-token.*": "a client that gives its minted token back",
    r"GITHUB_ACTIONS .*": "a client that fetches an identity token",
}
"""The same of rows in the area `client`, by what is given."""


def later(row: Row) -> str:
    """Return why a row waits; nothing if it does not."""
    about = LATER_AREAS.get(row.area, "")
    if row.area == "client":
        about = next((why for given, why in LATER_CLIENTS.items() if re.fullmatch(given, row.prose)), "")
    return f"this row is a later issue's: trusted publishing, {about}" if about else ""


def other_client(row: Row) -> str:
    """Return why a row about a client cannot be run with the one that is installed; nothing if it can."""
    name, _, wanted = str(row.when.get("client", "")).partition(" ")
    if row.area != "client" or not wanted:
        return ""
    try:
        installed = version(name)
        older = Version(installed) < Version(wanted)
    except (PackageNotFoundError, InvalidVersion) as error:
        return f"when.client = {row.when['client']!r}: {error!r}"
    return f"when.client = {row.when['client']!r}, and {name} {installed} is installed" if older else ""
