"""The environment of a client: nothing of the caller's own configuration, credentials or CI job gets in.

Each line of the recipe was measured against a hostile home directory with real clients (twine 1.15 to 7.0, pip 20.0 to
26.3, uv 0.4 to 0.13).
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.clients.secret_names import says_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a client, a build front-end or a CI job reads to find its index, its credentials, its certificates or itself.
LEAKY_PREFIXES = (
    "ACTIONS_",
    "APPVEYOR",
    "BITBUCKET_",
    "BUILDKITE",
    "CIBW_",
    "CIRCLE",
    "CI_",
    "CODEBUILD_",
    "CURL_CA_",
    "DEVPI_",
    "DRONE",
    "FLIT_",
    "FORGEJO_",
    "GITEA_",
    "GITHUB_",
    "GITLAB_",
    "GIT_CONFIG",  # Where its settings are, and settings themselves: an http.extraHeader, with a token in it.
    "HATCH_",
    "JENKINS_",
    "KEYRING_PROPERTY_",
    "NOX",
    "NPM_CONFIG_",
    "PDM_",
    "PIPENV_",
    "PIPX_",
    "PIP_",
    "POETRY_",
    "PYTHON_KEYRING_",
    "REQUESTS_CA_",
    "RUNNER_",
    "SSL_CERT_",
    "TEAMCITY_",
    "TOX_",
    "TRAVIS",
    "TWINE_",
    "UV_",
    "VIRTUALENV_",
    "WOODPECKER",
    "XDG_",
)
LEAKY_SUFFIXES = (
    "_CAINFO",
    "_CA_BUNDLE",
    "_PROXY",
    "_PW",  # As a first word it is Playwright's.
    "_USR",  # What Jenkins has beside a password.
)
LEAKY_WORDS = (
    "AUTH",
    "AUTHORIZATION",
    "BEARER",
    "COOKIE",
    "COOKIES",
    "NETRC",
    "OAUTH",
    "OAUTH2",
    "WEBHOOK",
)
"""Anywhere between underscores."""
LEAKY_NAMES = frozenset(
    {
        "AWS_CONFIG_FILE",
        "AWS_PROFILE",
        "BASH_ENV",  # A shell runs it, in the middle of a job's script.
        "BOTO_CONFIG",
        "CI",
        "CLOUDSDK_CONFIG",
        "CONDA_DEFAULT_ENV",  # poetry, pdm and uv install into conda's environment.
        "CONDA_PREFIX",
        "CURL_HOME",
        "DOCKER_CONFIG",
        "FORCE_COLOR",
        "GH_CONFIG_DIR",
        "GNUPGHOME",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GOOGLE_SERVICE_ACCOUNT_NAME",
        "GPG_AGENT_INFO",
        "KUBECONFIG",
        "PGPASSFILE",
        "PYREG_INDEX_URL",  # Of a registry around this one; where that is stays, as its processes are told by it.
        "PYREG_UPLOAD_URL",
        "PYTHONHOME",
        "PYTHONINSPECT",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PYTHONUSERBASE",
        "PYTHONVERBOSE",
        "PYTHONWARNINGS",  # As errors they break pip itself.
        "PY_COLORS",
        "SSLKEYLOGFILE",  # Who speaks https writes its keys there.
        "TF_BUILD",
        "VIRTUAL_ENV",
    }
)
_CREDENTIAL = re.compile(
    r"://[^\s/@'\"<>:]*:[^\s/@'\"<>]+@"  # A password in an address,
    r"|https?://[^\s/?#@'\"<>]+@"  # and a token in one: others, as ssh's, have a mere user there.
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|(?i:\bauthorization['\"]?\s*[:=]|\bbearer\s+[\w.~+/-]{8})"
    r"|(?i:\b(?:password|passwd|accountkey|sharedaccesskey)=[^\s;])"  # In what databases and clouds are reached by.
    r"|(?<![A-Za-z0-9])(?:"
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\."  # A JWT (RFC 7519): a JSON object in base64, and more.
    # Tokens by their beginnings: of the public index, of GitLab, of GitHub, of npm, of chats, of models and of clouds.
    r"|pypi-[A-Za-z0-9_-]{16}|gl[a-z]{2,6}-[A-Za-z0-9_-]{16}|gh[opsur]_[A-Za-z0-9]{16}|github_pat_[A-Za-z0-9_]{16}"
    r"|npm_[A-Za-z0-9]{16}|dckr_pat_[A-Za-z0-9_-]{16}|xox[a-z]-[A-Za-z0-9-]{8}|hf_[A-Za-z0-9]{16}"
    r"|sk-(?:ant|proj)-[A-Za-z0-9_-]{16}|hvs\.[A-Za-z0-9_-]{16}|A[KS]IA[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{16}"
    r"|AGE-SECRET-KEY-)"
)
"""What is a credential whatever the variable is called."""

_WORDS = frozenset(LEAKY_WORDS)

DEAD_END = "http://127.0.0.1:9"
"""A proxy that is not there: port 9 ("discard") refuses at once, so an attempt to leave the machine fails at once."""


def hermetic(caller: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return an environment for a client.

    Args:
        caller: the environment to start from, usually `os.environ`; it keeps its `PATH`, locale and the like.
        home: a private folder, which becomes the home directory and holds every cache.
    """
    # Jenkins has a login thrice: X is both, X_USR and X_PSW are one each.
    both = {name.removesuffix("_PSW") for name in caller if name.endswith("_PSW")}
    kept = {
        name: value for name, value in caller.items() if not (name in both or _leaks(name) or _CREDENTIAL.search(value))
    }
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return kept | {
        "PATH": search_path(kept),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "TMPDIR": str(temporary),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CONFIG_DIRS": str(home / "none"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "NETRC": os.devnull,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONNOUSERSITE": "1",
        # Not the null device: git puts another file in its place when it is told to remember something.
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_CONFIG_SYSTEM": os.devnull,
        **{name: DEAD_END for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY") for name in (proxy, proxy.lower())},
        **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,127.0.0.0/8,localhost,::1"),
    }


def search_path(caller: Mapping[str, str]) -> str:
    """Return the PATH of a client: the interpreter that runs us first, so `python -m twine` is the one beside us."""
    return os.pathsep.join((str(Path(sys.executable).parent), caller.get("PATH", os.defpath)))


def _leaks(name: str) -> bool:
    upper = name.upper()
    return (
        upper in LEAKY_NAMES
        or upper.startswith(LEAKY_PREFIXES)
        or upper.endswith(LEAKY_SUFFIXES)
        or not _WORDS.isdisjoint(upper.split("_"))
        or says_secret(name)
    )
