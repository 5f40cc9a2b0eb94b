"""What a registry may be told: arguments that can be none are refused before they are trouble elsewhere."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from pytest_pyreg.flavours import DEFAULT, Flavour

ANNOUNCED = re.compile(r"https?://[A-Za-z0-9._-]+(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?")
LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}")


def check_upstream(folder: object, record: object, data: object = None) -> None:
    """Refuse a folder that is none now, not when it is first needed."""
    if data is not None and not isinstance(data, (str, os.PathLike)):
        raise ValueError(f"data is a folder, not {data!r}")
    if data is not None and folder is not None:
        raise ValueError("data and upstream do not go together: what is in data has an index upstream of its own")
    if folder is None:
        if record:
            raise ValueError("record=True needs a folder to record into: upstream='tests/upstream'")
        return
    if not isinstance(folder, (str, os.PathLike)):
        raise ValueError(f"upstream is a folder, not {folder!r}")  # noqa: TRY004 - as all of these.
    if not record and not Path(folder).is_dir():
        raise ValueError(f"there is no folder {os.fspath(folder)!r}; make it with record=True, or fill it with wheels")


def check_clock(clock: object) -> None:
    """Refuse what is no clock."""
    right = not isinstance(clock, type) and all(callable(getattr(clock, name, None)) for name in ("now", "advance"))
    if clock is None or right:
        return
    hint = (
        "ManualClock(that time)" if isinstance(clock, datetime) else "ManualClock(datetime(..., tzinfo=timezone.utc))"
    )
    raise ValueError(f"a clock has now() and advance(...), such as {hint}, not {clock!r}")


def check(  # noqa: PLR0917 - as they came.
    flavour: object,
    host: object,
    port: object,
    max_file_bytes: object,
    url_root: object,
    timeout: object,
    announced: object = "",
) -> None:
    """Refuse arguments that can be none, before they are trouble elsewhere."""
    if not isinstance(flavour, (str, Flavour)):
        raise ValueError(f"a flavour is a name, such as {DEFAULT!r}, not {flavour!r}")  # noqa: TRY004 - as all of these.
    if not isinstance(announced, str) or (announced and not ANNOUNCED.fullmatch(announced)):
        raise ValueError(f"announced is a URL without a query, such as 'http://registry.lan:8080', not {announced!r}")
    if announced and url_root:
        raise ValueError("announced has a path of its own: leave url_root out")
    if not isinstance(host, str) or not host or not (announced or LOOPBACK.fullmatch(host)):
        raise ValueError(f"a registry listens on this machine only: host is '127.0.0.1' or 'localhost', not {host!r}")
    if type(port) is not int or not 0 <= port < 2**16:
        raise ValueError(f"port is a number from 0 (any free one) to 65535, not {port!r}")
    if max_file_bytes is not None and (type(max_file_bytes) is not int or max_file_bytes < 0):
        raise ValueError(f"max_file_bytes is a number of bytes, not {max_file_bytes!r}")
    if not isinstance(url_root, str) or not re.fullmatch(r"[A-Za-z0-9._~/-]*", url_root):
        raise ValueError(f"url_root is a plain path, such as '/base', not {url_root!r}")
    if type(timeout) not in {int, float} or not isinstance(timeout, (int, float)) or timeout <= 0:
        raise ValueError(f"timeout is a number of seconds above zero, not {timeout!r}")
