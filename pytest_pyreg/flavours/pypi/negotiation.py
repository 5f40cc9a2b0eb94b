"""What a client gets of what there is, by its `Accept` and `Accept-Encoding`.

WebOb 1.8.10 `acceptable_offers` and `best_match`, measured: the best quality wins, and the server's order decides
between equals.  A header that breaks the grammar of RFC 9110 counts as none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUALITY = r"[qQ]=(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)"
_VALUE = rf'(?:{_NAME}|"(?:[^"\\]|\\.)*")'
_PARAMETER = rf"[ \t]*;[ \t]*(?:{_QUALITY}(?![^ \t;,])|(?![qQ]=){_NAME}={_VALUE})"
_RANGE = re.compile(rf"[ \t]*(?:{_NAME}/{_NAME}(?:{_PARAMETER})*)?[ \t]*")
_EXTENSION = re.compile(rf"(;[ \t]*{_QUALITY})[ \t]*;[^,]*")
"""What may follow a quality, and means nothing."""
_CODING = re.compile(rf"[ \t]*(?:({_NAME})[ \t]*(?:;[ \t]*({_QUALITY}))?)?[ \t]*", re.IGNORECASE)


def offered(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """Return the type of these that is acceptable and best; None if none is.

    Args:
        accept: the header, None if there is none.
        offers: what there is, the server's favourite first.
    """
    if accept is None or not _well_formed(accept):
        return offers[0]
    accepted = parse_accept_header(_EXTENSION.sub(r"\1", accept), MIMEAccept)
    qualities = {offer: accepted.quality(offer) for offer in offers}
    best = max(offers, key=lambda offer: qualities[offer])
    return best if qualities[best] > 0 else None


def wants_gzip(accept: str | None) -> bool:
    """Tell whether a client would rather have a body compressed: equals stay as they are, unless only one is named."""
    codings = [_CODING.fullmatch(part) for part in (accept or "").split(",")]
    if None in codings:
        return False

    def rank(offer: str) -> tuple[float, bool]:
        """Return how much it is wanted, and whether by its name."""
        found = [
            (float(coding[2][2:]) if coding[2] else 1.0, coding[1] != "*")
            for coding in codings
            if coding is not None and coding[1] and coding[1].lower() in {offer, "*"}
        ]
        return max([each for each in found if each[0] > 0], default=(0.0, False))

    return rank("gzip") > rank("identity")


def _well_formed(accept: str) -> bool:
    return all(_RANGE.fullmatch(part) for part in _parts(accept))


def _parts(header: str) -> Iterable[str]:
    """Split at commas that stand outside of quotes."""
    return re.findall(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+', header)
