"""An upload's form as the domain sees it: text fields, and files whose bytes have arrived but are not yet stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_pyreg.blobs import BlobWriter


@dataclass(frozen=True)
class SentFile:
    """A file field of a form."""

    filename: str
    arrived: BlobWriter
    content_type: str = "text/plain"
    """What its part says it is; what RFC 7578 (4.4) takes it for if it does not say; empty if it says nothing there."""


@dataclass(frozen=True)
class Form:
    """What a client sent."""

    fields: dict[str, str] = field(default_factory=dict)
    """Text fields; of a repeated one the last, as Rack and others read it."""
    lists: dict[str, list[str]] = field(default_factory=dict)
    """The same with every value, in the order in which they came."""
    files: dict[str, SentFile] = field(default_factory=dict)
