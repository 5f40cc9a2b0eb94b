"""What may be given where a distribution is wanted: one in memory, or the path of a file; one by one."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_pyreg.dists.making import Dist


def taken(item: object) -> Dist | Path:
    """Return what somebody gave as a distribution, a path as `Path`.

    Raises:
        TypeError: it is neither.
        ValueError: it is an empty text.
    """
    if isinstance(item, Dist):
        return item
    if isinstance(item, (str, os.PathLike)):
        if not os.fspath(item):
            raise ValueError("a distribution is from make_wheel() and the like, or the path of a file, not ''")
        return Path(item)
    if hasattr(item, "__iter__"):
        raise TypeError(
            "distributions are given one by one; put a star before what make_dists() returned, "
            f"not {type(item).__name__} as a whole: (*dists)"
        )
    raise TypeError(f"a distribution is from make_wheel() and the like, or the path of a file, not {item!r}")
