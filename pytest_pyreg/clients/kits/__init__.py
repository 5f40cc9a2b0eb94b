"""Every client that is known here, one module each: its settings, its commands, its quirks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.clients.kits import build, flit, hatch, nox, pdm, pip, pipx, poetry, tox, twine, uv

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.clients.kit import Kit, Target

KITS: Mapping[str, Kit] = {
    "build": build.KIT,
    "flit": flit.KIT,
    "hatch": hatch.KIT,
    "nox": nox.KIT,
    "pdm": pdm.KIT,
    "pip": pip.KIT,
    "pipx": pipx.KIT,
    "poetry": poetry.KIT,
    "tox": tox.KIT,
    "twine": twine.KIT,
    "uv": uv.KIT,
}
_RETRIES = ("PIP_RETRIES", "POETRY_REQUESTS_MAX_RETRIES", "UV_HTTP_RETRIES")
"""How often a client asks again by itself; twine cannot be told, the others do not."""


def settings(target: Target) -> dict[str, str]:
    """Return the settings of every client, so that any of them works in one environment."""
    own = {name: value for kit in KITS.values() for name, value in kit.settings(target).items()}
    return own | ({} if target.retries else dict.fromkeys(_RETRIES, "0")) | _trust(target)


def _trust(target: Target) -> dict[str, str]:
    """Return what clients read: uv and hatch the first, twine, flit, poetry and old pips the other."""
    return {name: target.ca for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") if target.ca}
