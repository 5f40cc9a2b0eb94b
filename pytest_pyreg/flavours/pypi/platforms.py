"""The platforms that a wheel may be for (check 46; wh:warehouse/forklift/legacy.py, `_valid_platform_tag`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LINUX = ("x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64")
_MANYLINUX_2014 = ("x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x")
_MACOS = "ppc ppc64 i386 x86_64 arm64 intel fat fat3 fat64 universal universal2".split()  # noqa: SIM905 - a row of words.
_MACOS_SINCE_11 = ("11", "12", "13", "14", "15", "26")
"""What came after macOS 10; its minor number is always 0 (pypa/packaging.python.org#1933)."""


def _one_of(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(words)})"


TAGS: tuple[re.Pattern[str], ...] = tuple(
    map(
        re.compile,
        (
            "any|win32|win_(?:arm64|amd64|ia64)|linux_armv[67]l",
            "manylinux(?:1|2010)_(?:x86_64|i686)",
            f"manylinux2014_{_one_of(_MANYLINUX_2014)}",
            rf"manylinux_\d+_\d+_{_one_of((*_LINUX, 'ppc64'))}",
            rf"musllinux_\d+_\d+_{_one_of(_LINUX)}",
            rf"macosx_10_\d+_{_one_of(_MACOS)}",
            f"macosx_{_one_of(_MACOS_SINCE_11)}_0_{_one_of(_MACOS)}",
            r"ios_\d+_\d+_(?:arm64|x86_64)_(?:iphoneos|iphonesimulator)",
            r"android_\d+_(?:armeabi_v7a|arm64_v8a|x86|x86_64)",
            r"pyemscripten_\d+_\d+_wasm32.*",  # The real server does not look further.
        ),
    )
)
"""Patterns of the whole of a platform tag."""


def supported(tag: str, tags: Iterable[re.Pattern[str]] = TAGS) -> bool:
    """Tell whether wheels for a platform are taken.

    Args:
        tag: the platform tag.
        tags: those of an older index, which took fewer.
    """
    return any(pattern.fullmatch(tag) for pattern in tags)
