"""Text out of bytes that came over the wire."""

from __future__ import annotations

from pytest_pyreg.refusals import Refusal, Refused


def utf8(data: bytes, *, where: str = "body", nulls: bool = False) -> str:
    """Decode what should be text.

    Args:
        data: the bytes.
        where: what they stand in, for those who are told.
        nulls: whether there may be nulls in it.

    Raises:
        Refused: TEXT_MALFORMED for what no real server's database could hold: other bytes than UTF-8, or a null.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Refused(Refusal.TEXT_MALFORMED, where=where) from error
    if "\x00" in text and not nulls:
        raise Refused(Refusal.TEXT_MALFORMED, where=where)
    return text
