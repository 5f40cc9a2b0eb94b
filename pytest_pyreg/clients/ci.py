"""Jobs of CI systems: what a command finds in its environment that runs as one, beside whatever registry it is.

A job of the registry's own product has that product's variables and a token that is good here.  A job of another system
has that system's, and nothing that this registry knows: the instance that it belongs to is elsewhere.
"""

from __future__ import annotations

import platform
import random
from typing import TYPE_CHECKING, NamedTuple

from pytest_pyreg.clock import SystemClock
from pytest_pyreg.flavours import actions_jobs, lookup
from pytest_pyreg.identity import ANONYMOUS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_pyreg.registry import Registry

NONE = "none"
KINDS = ("gitlab", "gitea", "forgejo", "github", NONE)
_PUBLIC_INDEX = "pypi"
"""The product that stands where clients go by themselves."""
_ELSEWHERE: Mapping[str, str] = {
    "gitlab": "https://gitlab.example",
    "gitea": "https://gitea.example",
    "forgejo": "https://forgejo.example",
    "github": "https://github.com",
}
"""Where an instance is that is not here: a name that leads nowhere (RFC 2606), or the only one that there is."""
_PREFIXES: Mapping[str, tuple[str, ...]] = {
    "gitea": ("GITHUB",),
    "forgejo": ("GITHUB", "FORGEJO"),
    "github": ("GITHUB",),
}
_FILES: Mapping[str, str] = {
    "ENV": "",
    "EVENT_PATH": "{}\n",
    "OUTPUT": "",
    "PATH": "",
    "STATE": "",
    "STEP_SUMMARY": "",
}
"""What the runner of an Actions system keeps for a step, and what is in it at first."""
_SYSTEMS: Mapping[str, str] = {"Darwin": "macOS"}
_MACHINES: Mapping[str, str] = {"x86_64": "X64", "AMD64": "X64", "aarch64": "ARM64", "arm64": "ARM64"}


class Job(NamedTuple):
    """What a job finds in its environment."""

    variables: dict[str, str]
    secrets: frozenset[str] = frozenset()
    """What of it is not to be shown, besides what the registry has issued."""
    elsewhere: str = ""
    """Where the instance is that it belongs to, if that is not this registry."""


def own(registry: Registry) -> str:
    """Return the kind of the CI system that the registry's product has at its release, or that there is none."""
    return registry.flavour.product if registry.ci_env() else NONE


def job(kind: str, registry: Registry, folder: Path, place: Path) -> Job:
    """Return a job.

    Args:
        kind: one of `KINDS`.
        registry: what it runs beside.
        folder: where the project is checked out.
        place: a private folder, for the files that a runner keeps.

    Raises:
        ValueError: the product has no such jobs at this release.
    """
    if kind == NONE:
        return Job({})
    kept = _kept(kind, place)
    if kind == registry.flavour.product:
        said = registry.world.ci_environment(registry.url, str(registry.ca or ""), str(folder))
        if not said:
            raise ValueError(
                f"{registry.flavour.name} had no CI system of its own yet; choose a later release, or another --ci"
            )
        return Job(said | kept)
    if kind == "github":
        return Job(_github(str(folder)) | kept, elsewhere=_ELSEWHERE[kind])
    # An instance of its own, which nobody starts: its tokens are of the right kind, and good for nothing here.
    flavour = lookup(kind)
    world = flavour.world(flavour, SystemClock(), random.SystemRandom())
    said = world.ci_environment(_ELSEWHERE[kind], "", str(folder))
    return Job(said | kept, frozenset(world.secrets()), _ELSEWHERE[kind])


def public_index(registry: Registry) -> Registry:
    """Return what stands for the public index: the registry itself, or the one behind it."""
    return registry if registry.flavour.product == _PUBLIC_INDEX else registry.upstream


def settings(registry: Registry) -> dict[str, str]:
    """Return the environment of a machine on which jobs run: clients as they are, and no credential.

    Clients go to the public index by themselves, so they go to what stands for it here.  Where uploads go they are
    told only if that is this registry: else they go where they always do, which leads nowhere here, and whatever the
    job writes into configuration files of its own counts.
    """
    public = public_index(registry)
    told = public.env(ANONYMOUS)
    # Home is private, so what is there is the job's own.
    del told["NETRC"]
    return told if public is registry else {name: value for name, value in told.items() if value != public.upload_url}


def _kept(kind: str, place: Path) -> dict[str, str]:
    """Make the files of a runner, and return where they are."""
    prefixes = _PREFIXES.get(kind, ())
    if not prefixes:
        return {}
    temporary = place / "temp"
    temporary.mkdir(parents=True, exist_ok=True)
    for name, text in _FILES.items():
        (place / name.lower()).write_text(text, encoding="utf-8")
    files = {f"{prefix}_{name}": str(place / name.lower()) for prefix in prefixes for name in _FILES}
    system, machine = platform.system(), platform.machine()
    return files | {
        "RUNNER_OS": _SYSTEMS.get(system, system),
        "RUNNER_ARCH": _MACHINES.get(machine, machine),
        "RUNNER_TEMP": str(temporary),
        "RUNNER_TOOL_CACHE": str(temporary),
    }


def _github(folder: str) -> dict[str, str]:
    """Return the variables of a job of GitHub's, which has no token by itself, and none that is good anywhere here.

    Nor is there anybody who would give it an identity token: it is a job without the permission `id-token: write`.
    """
    server = _ELSEWHERE["github"]
    api = server.replace("://", "://api.")
    repository = "acme/demo"
    said = actions_jobs.job_environment(actions_jobs.Job(server, api, repository, "publisher", folder), "GITHUB")
    return said | {
        "GITHUB_ACTION": "__run",
        "GITHUB_ACTOR_ID": "1",
        "GITHUB_GRAPHQL_URL": f"{api}/graphql",
        "GITHUB_REF_PROTECTED": "true",
        "GITHUB_REPOSITORY_ID": "1",
        "GITHUB_REPOSITORY_OWNER_ID": "1",
        "GITHUB_TRIGGERING_ACTOR": "publisher",
        "GITHUB_WORKFLOW_REF": f"{repository}/.github/workflows/publish.yml@{said['GITHUB_REF']}",
        "GITHUB_WORKFLOW_SHA": said["GITHUB_SHA"],
        "RUNNER_ENVIRONMENT": "github-hosted",
        "RUNNER_NAME": "Hosted Agent",
    }
