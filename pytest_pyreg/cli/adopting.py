"""Whose parent has ended becomes our child, and not the first process's: so all that a command started stays findable.

Only Linux has that (PR_SET_CHILD_SUBREAPER(2const), since 3.4); elsewhere nothing happens here.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SET, _GET = 36, 37
"""PR_SET_CHILD_SUBREAPER and PR_GET_CHILD_SUBREAPER, of linux/prctl.h."""


@contextlib.contextmanager
def adopting() -> Iterator[bool]:
    """Adopt orphans until the block ends, and tell whether we do; what we were to them before we are again."""
    before = _asked()
    adopts = before is not None and _set(1)
    try:
        yield adopts
    finally:
        if adopts:
            _set(before or 0)


def bury(but: int) -> None:
    """Forget the adopted ones that have ended: nobody else asks what became of them.

    Args:
        but: whose end somebody does ask for.
    """
    with contextlib.suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid == but:
                return
            os.waitpid(ended.si_pid, os.WNOHANG)


def _asked() -> int | None:
    """Return what we are to orphans; None if no system or no library tells."""
    held = ctypes.c_int(0)
    return held.value if _call(_GET, ctypes.byref(held)) else None


def _set(value: int) -> bool:
    return _call(_SET, ctypes.c_ulong(value))


def _call(option: int, argument: object) -> bool:
    """Tell whether the kernel did it."""
    try:
        done: int = ctypes.CDLL(None).prctl(option, argument, *(ctypes.c_ulong(0),) * 3)
    except (OSError, AttributeError, TypeError):  # No such library, or no such function in it.
        return False
    return done == 0
