"""Text out of bytes that came over the wire."""

from __future__ import annotations

from pytest_pyreg.refusals import Refusal, Refused


def utf8(data: bytes) -> str:
    """Decode what should be text.

    Raises:
        Refused: TEXT_MALFORMED for what no real server's database could hold: other bytes than UTF-8, or a null.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Refused(Refusal.TEXT_MALFORMED) from error
    if "\x00" in text:
        raise Refused(Refusal.TEXT_MALFORMED)
    return text
