"""Which index the caller's own pip is configured for, and how it gets there: asked of pip itself.

Only pip knows all the places in which that can stand, and its own default; so it is asked, in a process of its own, in
the caller's real environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

ASKING_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 60.0
# A folder `pip` in the working directory is not pip.
_ASK = """
import sys
sys.path[:] = [path for path in sys.path if path]
import json
from pip._internal.commands import create_command
options, _ = create_command("install").parse_args([])
names = "index_url", "extra_index_urls", "no_index", "cert", "client_cert", "proxy", "timeout"
print("\\n" + json.dumps({name: getattr(options, name, None) for name in names}))
"""


class NotConfigured(Exception):
    """There is no index to be found; the message is for the caller, and has no secret."""


@dataclass(frozen=True)
class Index:
    """One index."""

    url: str = field(repr=False)
    """Without credentials and without a slash at the end; its path may be a secret all the same."""
    login: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """How it is called in messages: without its path."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secret(self) -> str:
        """The secret in the login; empty if there is none."""
        if self.login is None:
            return ""
        name, password = self.login
        return password or name  # A token is often sent as the name, without a password.


@dataclass(frozen=True)
class Configured:
    """What pip would use."""

    indexes: tuple[Index, ...]
    """In pip's order: the index, then the extra ones."""
    verify: str | bool = True
    """A file of certificates instead of the usual ones."""
    client_cert: str | None = None
    proxy: str = ""
    timeout: float = 15.0


def find(environ: Mapping[str, str] = os.environ) -> Configured:
    """Ask the pip beside us.

    Args:
        environ: the caller's environment.

    Raises:
        NotConfigured: there is no pip, it cannot be asked, or it is to use no index.
    """
    # Warnings as errors would break pip itself.
    env = {name: value for name, value in environ.items() if name != "PYTHONWARNINGS"}
    try:
        result = subprocess.run(
            [sys.executable, "-c", _ASK],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=ASKING_SECONDS,
            check=False,
        )
        told = json.loads(result.stdout.strip().rpartition("\n")[2])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        # Nothing that pip said is repeated: it may hold the credential.
        raise NotConfigured(
            "pip could not be asked which index it is configured for; is it installed beside pytest-pyreg, and does "
            "`python -m pip config list` work?"
        ) from None
    return _read(told)


def _read(told: dict[str, Any]) -> Configured:
    if told["no_index"]:
        raise NotConfigured("pip is configured to use no index (no-index)")
    urls = [told["index_url"], *(told["extra_index_urls"] or ())]
    timeout = told["timeout"]
    return Configured(
        indexes=tuple(parsed(url) for url in urls if url),
        verify=told["cert"] or True,
        client_cert=told["client_cert"] or None,
        proxy=told["proxy"] or "",
        timeout=min(float(timeout), LONGEST_WAIT_SECONDS) if timeout else LONGEST_WAIT_SECONDS,
    )


def parsed(url: str) -> Index:
    """Take a URL apart.

    Raises:
        NotConfigured: it is none of HTTP.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        name, password = parts.username, parts.password
    except ValueError:
        raise NotConfigured("the index that pip is configured for has no URL that can be read") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotConfigured("the index that pip is configured for is not reached by http or https")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    plain = parts._replace(netloc=host if port is None else f"{host}:{port}", query="", fragment="")
    login = None if name is None else (unquote(name), unquote(password or ""))
    return Index(urlunsplit(plain).rstrip("/"), login)
