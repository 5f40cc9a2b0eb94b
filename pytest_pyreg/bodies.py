"""A request's body as it comes from a socket: of a length that is known, or in chunks, and never read past its end.

Knows HTTP's framing.  What is in the body is the business of others.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from io import BufferedIOBase
    from wsgiref.types import WSGIEnvironment

DRAIN_BYTES = 256 * 1024 * 1024
DRAIN_SECONDS = 5.0
"""How much of a refused body, and for how long, is read and dropped so that the connection can go on."""
BLOCK = 256 * 1024
LINE_BYTES = 4096
"""The longest line between two chunks."""

_CHUNK = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;.*)?\r?\n")


class Body:
    """A request's body.

    Args:
        stream: what the client sends.
        environ: the request's head.
        go_on: called before the first read if the client waits to be told to send its body.

    Raises:
        ValueError: the head does not tell where the body ends.
    """

    def __init__(self, stream: BufferedIOBase, environ: WSGIEnvironment, go_on: Callable[[], None]) -> None:
        self._stream = stream
        self._go_on = go_on
        expected: str = environ.get("HTTP_EXPECT", "")
        self._waiting = expected.strip().lower() == "100-continue" and environ["SERVER_PROTOCOL"] != "HTTP/1.0"
        coding: str | None = environ.get("HTTP_TRANSFER_ENCODING")
        length: str = environ.get("CONTENT_LENGTH", "").strip()
        self._chunked = coding is not None
        self._left = 0
        """Bytes to come: of the body, or of the chunk that is being read."""
        self._more = False
        """Whether another chunk is to come."""
        self._broken = False
        if coding is not None:
            if coding.strip().lower() != "chunked":
                message = f"not a transfer coding that is known here: {coding!r}"
                raise ValueError(message)
            self._more = True
        elif length:
            if not (length.isascii() and length.isdecimal()):
                message = f"not a length: {length!r}"
                raise ValueError(message)
            self._left = int(length)

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes, none at the end.

        Raises:
            ConnectionError: the client went away before its body was whole.
            Refused: BODY_BROKEN_OFF, the chunks are garbled.
        """
        if size < 0:
            return b"".join(iter(lambda: self.read(BLOCK), b""))
        return self._read(size, whole=True)

    def _read(self, size: int, *, whole: bool) -> bytes:
        if self._waiting and (self._left or self._more):
            self._waiting = False
            self._go_on()
        if self._more and not self._left:
            self._next_chunk()
        if not (self._left and size):
            return b""
        wanted = min(size, self._left)
        data = self._heard(self._stream.read if whole else self._stream.read1, wanted)
        if not data or (whole and len(data) < wanted):
            raise self._gone()
        self._left -= len(data)
        if self._chunked and not self._left:
            self._end_of_chunk()
        return data

    def _next_chunk(self) -> None:
        head = _CHUNK.fullmatch(self._line())
        if head is None:
            raise self._garbled()
        self._left = int(head[1], 16)
        if not self._left:
            while self._line().strip(b"\r\n"):  # Trailers, which nobody reads.
                pass
            self._more = False

    def _end_of_chunk(self) -> None:
        if self._line() not in {b"\r\n", b"\n"}:
            raise self._garbled()

    def _line(self) -> bytes:
        line = self._heard(self._stream.readline, LINE_BYTES)
        if line.endswith(b"\n"):
            return line
        raise self._gone() if len(line) < LINE_BYTES else self._garbled()

    def _heard(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            return read(size)
        except ConnectionError:
            raise
        except OSError as error:  # What is no TLS, in the middle of it.
            raise self._gone() from error

    def _gone(self) -> ConnectionError:
        self._broken = True
        return ConnectionAbortedError("the client went away before its body was whole")

    def _garbled(self) -> Refused:
        self._broken = True
        return Refused(Refusal.BODY_BROKEN_OFF)

    @property
    def drainable(self) -> bool:
        """Whether the rest is small enough, and sure enough to come, to be read so that the connection can go on."""
        if self._broken or (self._waiting and (self._left or self._more)):
            return False
        return self._left <= DRAIN_BYTES

    def drain(self, connection: socket.socket) -> bool:
        """Read and drop the rest; return whether its end was reached within bounds.

        Args:
            connection: where the body comes from; a client that stops sending must not hold it for ever.
        """
        deadline, dropped = time.monotonic() + DRAIN_SECONDS, 0
        try:
            while self._left or self._more:
                left = deadline - time.monotonic()
                if left <= 0 or dropped > DRAIN_BYTES:
                    return False
                connection.settimeout(left)
                dropped += len(self._read(BLOCK, whole=False))
        except (OSError, Refused):
            return False
        finally:
            connection.settimeout(None)
        return True
