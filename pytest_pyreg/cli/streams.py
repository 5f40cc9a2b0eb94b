"""The command's outputs, so that whoever reads them, or does not, is never answered with a traceback.

A pipe that nobody reads any more, as `head` leaves it, takes no more and changes no exit code; what an encoding does
not have is written as an escape; an output that was closed before we began is one that nobody wants.  What cannot be
written for another reason is said, unless it is talk on standard error.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Unwritable(Exception):
    """Standard output takes nothing; the message is for the caller."""


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Write to standard output and standard error like that, within the block."""
    with contextlib.ExitStack() as stack:
        # Python has None for one that was closed; the next file that is opened gets its number, so let it be this.
        streams = [one or stack.enter_context(Path(os.devnull).open("w")) for one in (sys.stdout, sys.stderr)]
        out, talk = _Outlet(streams[0], heard=True), _Outlet(streams[1], heard=False)
        with contextlib.redirect_stdout(cast("TextIO", out)), contextlib.redirect_stderr(cast("TextIO", talk)):
            try:
                yield
            finally:
                talk.flush()
                out.flush()


class _Outlet:
    """A stream that may end before what is written to it does.

    Args:
        stream: where it goes.
        heard: whether somebody is to be told what cannot be written.
    """

    def __init__(self, stream: TextIO, *, heard: bool) -> None:
        self._stream = stream
        self._heard = heard
        self._open = True

    def write(self, text: str) -> int:
        """Write a text, with escapes for what the stream's encoding does not have."""
        encoding = self._stream.encoding or "utf-8"
        self._attempt(lambda: self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding)))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Send off what was written."""
        self._attempt(self._stream.flush)

    def _attempt(self, act: Any) -> None:  # noqa: ANN401 - a function of nothing, whatever it returns.
        if not self._open:
            return
        try:
            act()
        except OSError as error:
            self._open = False
            with contextlib.suppress(OSError, ValueError):  # What waits in its buffer is not to be written at exit.
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if self._heard and not isinstance(error, BrokenPipeError):
                reason = os.strerror(error.errno or 0)
                raise Unwritable(f"standard output cannot be written: {reason}; redirect it elsewhere") from None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has.
        return getattr(self._stream, name)
