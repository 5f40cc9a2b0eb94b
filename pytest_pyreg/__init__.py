"""An ephemeral, faithful Python package registry inside the test process.

Names are loaded when they are first used: pytest imports this package in every run, used or not.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_pyreg.clients.keyring import Asked as Asked
    from pytest_pyreg.clients.keyring import Keyring as Keyring
    from pytest_pyreg.clients.running import CommandFailed as CommandFailed
    from pytest_pyreg.clients.site import Site as Site
    from pytest_pyreg.clock import ManualClock as ManualClock
    from pytest_pyreg.clock import SystemClock as SystemClock
    from pytest_pyreg.dists import Dist as Dist
    from pytest_pyreg.dists import make_big as make_big
    from pytest_pyreg.dists import make_dists as make_dists
    from pytest_pyreg.dists import make_sdist as make_sdist
    from pytest_pyreg.dists import make_wheel as make_wheel
    from pytest_pyreg.exchanges import Exchange as Exchange
    from pytest_pyreg.exchanges import Log as Log
    from pytest_pyreg.faults import FaultNeverFired as FaultNeverFired
    from pytest_pyreg.flavours import UnknownFlavour as UnknownFlavour
    from pytest_pyreg.flavours import lookup as lookup
    from pytest_pyreg.flavours.releases import NotYet as NotYet
    from pytest_pyreg.identity import ANONYMOUS as ANONYMOUS
    from pytest_pyreg.identity import Credential as Credential
    from pytest_pyreg.identity import Via as Via
    from pytest_pyreg.lies import LieNeverTold as LieNeverTold
    from pytest_pyreg.link import RegistryGone as RegistryGone
    from pytest_pyreg.metadata import NotADistribution as NotADistribution
    from pytest_pyreg.misfits import misfit as misfit
    from pytest_pyreg.products.gitea import Gitea as Gitea
    from pytest_pyreg.products.gitlab import GitLab as GitLab
    from pytest_pyreg.products.pypi import PyPI as PyPI
    from pytest_pyreg.refusals import Refusal as Refusal
    from pytest_pyreg.refusals import Refused as Refused
    from pytest_pyreg.registry import Registry as Registry
    from pytest_pyreg.remote import RemoteRegistry as RemoteRegistry
    from pytest_pyreg.remote import attach as attach
    from pytest_pyreg.seeding import SeedError as SeedError
    from pytest_pyreg.snapshots import Snapshot as Snapshot
    from pytest_pyreg.stock import NotRunning as NotRunning
    from pytest_pyreg.worldfile import WorldFileError as WorldFileError

_HOMES = {
    "ANONYMOUS": "identity",
    "Asked": "clients.keyring",
    "CommandFailed": "clients.running",
    "Credential": "identity",
    "Dist": "dists",
    "Exchange": "exchanges",
    "FaultNeverFired": "faults",
    "GitLab": "products.gitlab",
    "Gitea": "products.gitea",
    "Keyring": "clients.keyring",
    "LieNeverTold": "lies",
    "Log": "exchanges",
    "ManualClock": "clock",
    "NotADistribution": "metadata",
    "NotRunning": "stock",
    "NotYet": "flavours.releases",
    "PyPI": "products.pypi",
    "Refusal": "refusals",
    "Refused": "refusals",
    "Registry": "registry",
    "RegistryGone": "link",
    "RemoteRegistry": "remote",
    "SeedError": "seeding",
    "Site": "clients.site",
    "Snapshot": "snapshots",
    "SystemClock": "clock",
    "UnknownFlavour": "flavours",
    "Via": "identity",
    "WorldFileError": "worldfile",
    "attach": "remote",
    "lookup": "flavours",
    "make_big": "dists",
    "make_dists": "dists",
    "make_sdist": "dists",
    "make_wheel": "dists",
    "misfit": "misfits",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
