"""What an administrator of a GitLab instance can turn, in GitLab's words."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_pyreg.flavours.gitlab import features
from pytest_pyreg.settings import Configured

FLAGS = (features.GUESTS_PULL, features.JSON, features.PROTECT_DELETE, features.FIREWALL)
"""Feature flags that change what this registry does; all are off unless turned on."""

DISK = "disk"
OBJECT_STORAGE = "object storage"
PROXIED = "object storage, proxied"
STORAGES = (DISK, OBJECT_STORAGE, PROXIED)

COMMUNITY = "ce"
ENTERPRISE = "ee"

FIREWALLS = ("allow", "warn", "block")


@dataclass
class Throttle(Configured):
    """A rate limit (`throttle_*_packages_api_*`), off until it is turned on."""

    enabled: bool = False
    requests_per_period: int = 800
    period_in_seconds: int = 15


@dataclass
class Settings(Configured):
    """An instance's settings."""

    CHOICES = {  # noqa: RUF012 - `Configured` has its type.
        "storage": ("storage", STORAGES),
        "edition": ("edition", (COMMUNITY, ENTERPRISE)),
        "firewall": ("firewall verdict", FIREWALLS),
    }
    NEEDS = {  # noqa: RUF012 - as above.
        "pypi_package_requests_forwarding": (features.FORWARDING, False),
        "lock_pypi_package_requests_forwarding": (features.GROUP_FORWARDING, False),
        "package_registry_allow_anyone_to_pull_option": (features.EVERYONE, False),
        "firewall": (features.FIREWALL, "allow"),
    }

    edition: str = COMMUNITY
    """`ce`, or `ee` for one with an Ultimate licence."""
    packages_enabled: bool = True
    """`packages` of the instance's configuration."""
    pypi_package_requests_forwarding: bool = True
    lock_pypi_package_requests_forwarding: bool = False
    package_registry_allow_anyone_to_pull_option: bool = True
    fips: bool = False
    storage: str = DISK
    throttle_unauthenticated_packages_api: Throttle = field(default_factory=Throttle)
    throttle_authenticated_packages_api: Throttle = field(default_factory=lambda: Throttle(requests_per_period=1000))
    flags: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(FLAGS, False))
    firewall: str = "allow"
    """What the dependency firewall (Ultimate) makes of every package: `allow`, `warn` or `block`."""
