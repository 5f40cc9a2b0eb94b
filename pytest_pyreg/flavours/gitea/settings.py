"""What an administrator of a Gitea instance can turn in its `app.ini`, as far as packages are concerned."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_pyreg.flavours.gitea import features
from pytest_pyreg.settings import Configured


@dataclass
class Settings(Configured):
    """An instance's configuration."""

    LEAST = -1
    NEEDS = {  # noqa: RUF012 - `Configured` has its type.
        "limit_size_pypi": (features.LIMITS, -1),
        "limit_total_owner_count": (features.LIMITS, -1),
        "limit_total_owner_size": (features.LIMITS, -1),
        "quota_enabled": (features.QUOTA, False),
        "serve_direct": (features.SERVE_DIRECT, False),
    }

    packages_enabled: bool = True
    """`[packages] ENABLED`."""
    require_signin_view: bool = False
    """`[service] REQUIRE_SIGNIN_VIEW`."""
    enable_basic_authentication: bool = True
    """`[service] ENABLE_BASIC_AUTHENTICATION`: whether passwords are taken; tokens are anyway."""
    disable_query_auth_token: bool = False
    """`[security] DISABLE_QUERY_AUTH_TOKEN`."""
    limit_size_pypi: int = -1
    """`[packages] LIMIT_SIZE_PYPI`, in bytes; -1 is no limit."""
    limit_total_owner_count: int = -1
    """`[packages] LIMIT_TOTAL_OWNER_COUNT`."""
    limit_total_owner_size: int = -1
    """`[packages] LIMIT_TOTAL_OWNER_SIZE`, in bytes."""
    quota_enabled: bool = False
    """`[quota] ENABLED` (Forgejo)."""
    serve_direct: bool = False
    """`[storage] SERVE_DIRECT`: downloads are redirects to a storage."""
    production: bool = True
    """`RUN_MODE = prod`: errors are not told to everybody."""
