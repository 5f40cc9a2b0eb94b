"""A world that finds its tokens by their secrets."""

from __future__ import annotations

from typing import Any

from pytest_pyreg.identity import Credential, Secrets


class BySecret:
    """What has its tokens by their secrets."""

    _tokens: dict[str, Any]

    def fix_secret(self, credential: Credential, secret: str) -> Credential:
        """Let a token that was issued have a secret that is known beforehand; return what it is now.

        Args:
            credential: the token.
            secret: what it is to be.
        """
        self._tokens[secret] = self._tokens.pop(credential.secret)
        return Credential(credential.username, secret)

    def secrets(self) -> Secrets:
        """Return every token."""
        return Secrets(self._tokens)
