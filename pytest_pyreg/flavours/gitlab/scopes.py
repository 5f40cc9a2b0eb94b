"""The scopes that GitLab's tokens may have; most mean nothing to this registry.

Docs: security/tokens/access_token_scopes and user/project/deploy_tokens (18).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.identity import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

ACCESS = (
    *("api", "read_api", "read_repository", "write_repository", "read_registry", "write_registry"),
    *("read_virtual_registry", "write_virtual_registry", "create_runner", "manage_runner", "ai_features", "k8s_proxy"),
    *("self_rotate",),
)
SCOPES = {
    "personal": (*ACCESS, "read_user", "sudo", "admin_mode", "read_service_ping"),
    "access": ACCESS,
    "deploy": (
        *("read_package_registry", "write_package_registry", "read_repository", "read_registry", "write_registry"),
        *("read_virtual_registry", "write_virtual_registry"),
    ),
}


def chosen(kind: str, scopes: Iterable[str]) -> frozenset[Scope]:
    """Return a token's scopes.

    Raises:
        ValueError: one is none of such a token's, or they are one text.
    """
    if isinstance(scopes, str):
        raise ValueError(f"scopes is a list, as in scopes=[{scopes!r}]")  # noqa: TRY004 - a text is a collection too.
    wanted = [str(scope) for scope in scopes]
    wrong = [scope for scope in wanted if scope not in SCOPES[kind]]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no scope of a {kind} token; the scopes are {', '.join(SCOPES[kind])}")
    return frozenset(map(Scope, wanted))
