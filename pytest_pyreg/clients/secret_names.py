"""How variables are called that hold a secret: by the words of their names.

A word is what stands between underscores, whatever digits or plural it has at its end: `TOKEN_PYPI`, `PYPI_TOKENS`,
`PYPI_TOKEN2`.  Some words are glued to others: `GITHUBTOKEN`, `authToken`.
"""

from __future__ import annotations

import re

_GLUED = (
    *("CREDENTIAL", "CREDS", "JWT", "KEY"),
    *("PASS", "PASSPHRASE", "PASSWD", "PASSWORD", "PSW", "PWD", "SECRET", "TOKEN"),
)
"""At the end of a word, or a word of their own."""
_WORDS = ("CRED", "KEYRING_ANSWERS", "PAT")
"""A word of their own: at the end of others they say something else (`SACRED`, `COMPAT`)."""
_HARMLESS = (
    *("BYPASS", "COMPASS", "MULTIPASS"),
    *("DONKEY", "HOCKEY", "HOTKEY", "JOCKEY", "LESSKEY", "MONKEY", "TURKEY", "WHISKEY"),
    *("CACHE_KEY", "FOREIGN_KEY", "PARTITION_KEY", "PRIMARY_KEY", "PUBKEY", "PUBLIC_KEY", "SORT_KEY"),
    "MAX_TOKENS",  # Of language models.
    *("^PWD", "OLDPWD"),  # Where a shell is, and was.
)
"""What looks like one of them."""
_BESIDE = ("_DIR", "_FILE", "_ID", "_PATH", "_URI", "_URL", "_USER", "_USERNAME", "_USR")
"""What a secret's name ends in if it is no secret, but tells where one is, or whose."""
_HARMLESS_WORD = re.compile(rf"(?<![A-Z0-9])(?:{'|'.join(_HARMLESS)})S?[0-9]*(?![A-Z0-9])")
_SECRET_WORD = re.compile(rf"(?<![A-Z0-9])(?:[A-Z0-9]*?(?:{'|'.join(_GLUED)})|{'|'.join(_WORDS)})S?[0-9]*(?![A-Z0-9])")


def says_secret(name: str) -> bool:
    """Tell whether a variable has to do with a secret: holds one, or tells where one lies or whose one is."""
    return _SECRET_WORD.search(_HARMLESS_WORD.sub("", name.upper())) is not None


def holds_secret(name: str) -> bool:
    """Tell whether what a variable holds is a secret by its name."""
    return says_secret(name) and not name.upper().endswith(_BESIDE)
