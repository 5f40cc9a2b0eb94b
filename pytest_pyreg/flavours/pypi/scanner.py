"""What may not be in a Python file of a distribution: encrypted code (wh:warehouse/utils/scanner.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import IO

LARGEST = 5 * 1024 * 1024
"""Bytes of the largest file that is looked into."""
_BLOCK = 64 * 1024
_SUFFIXES = (".py", ".pye")
# In parts, or the index would refuse this very file.
PYARMOR = b"__" + b"pyarmor"
_PYE = b" PYE FILE---"
_THREATS: tuple[tuple[str, Callable[[Iterable[bool]], bool], tuple[bytes, ...]], ...] = (
    (
        "pyarmor",
        any,
        (
            *(PYARMOR + b"__(__name__, __file__,", PYARMOR + b"_enter__", PYARMOR + b"_exit__"),
            *(PYARMOR + b"_assert__", PYARMOR + b"_bcc__"),
        ),
    ),
    ("sourcedefender", all, (b"---BEGIN" + _PYE, b"---END" + _PYE)),
)
"""Rule, whether any or all of the texts make it, and the texts."""


def scanned(name: str) -> bool:
    """Tell whether a member is looked into, by its name; a name that is nothing but a suffix has none."""
    base = name.rpartition("/")[2].lower()
    return base.endswith(_SUFFIXES) and base not in _SUFFIXES


def threat(file: IO[bytes]) -> str | None:
    """Return the rule that a file breaks.  It is read to its end, whatever its size, so that its checksum is asked."""
    data = bytearray()
    size = 0
    while block := file.read(_BLOCK):
        size += len(block)
        if size <= LARGEST:
            data += block
    if size > LARGEST:
        return None
    return next((rule for rule, made, texts in _THREATS if made(text in data for text in texts)), None)
