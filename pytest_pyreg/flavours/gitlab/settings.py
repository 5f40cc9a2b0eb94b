"""What an administrator of a GitLab instance can turn, in GitLab's words."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, fields

from pytest_pyreg.flavours.gitlab import features

FLAGS = (features.GUESTS_PULL, features.JSON, features.PROTECT_DELETE, features.FIREWALL)
"""Feature flags that change what this registry does; all are off unless turned on."""

DISK = "disk"
OBJECT_STORAGE = "object storage"
PROXIED = "object storage, proxied"
STORAGES = (DISK, OBJECT_STORAGE, PROXIED)


COMMUNITY = "ce"
ENTERPRISE = "ee"


FIREWALLS = ("allow", "warn", "block")
_CHOICES = {"storage": STORAGES, "edition": (COMMUNITY, ENTERPRISE), "firewall": FIREWALLS}


class Checked:
    """What refuses a setting that there is not, and a value that it cannot have."""

    def __setattr__(self, name: str, value: object) -> None:
        known = {field.name: field.type for field in fields(self)}  # type: ignore[arg-type]
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; the settings are {', '.join(known)}"
            raise AttributeError(f"there is no setting {name!r}{hint}")
        wanted = str(known[name])
        if wanted != type(value).__name__ and wanted in {"bool", "int", "str", "Throttle"}:
            raise ValueError(f"{name} is a {wanted}, not {value!r}")
        if wanted == "int" and isinstance(value, int) and value < 1:
            raise ValueError(f"{name} is at least 1, not {value}")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise ValueError(f"{name} is one of {', '.join(_CHOICES[name])}, not {value!r}")
        super().__setattr__(name, value)


@dataclass
class Throttle(Checked):
    """A rate limit (`throttle_*_packages_api_*`), off until it is turned on."""

    enabled: bool = False
    requests_per_period: int = 800
    period_in_seconds: int = 15


@dataclass
class Settings(Checked):
    """An instance's settings."""

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
