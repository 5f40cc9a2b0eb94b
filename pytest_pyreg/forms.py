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


@dataclass(frozen=True)
class Form:
    """What a client sent."""

    fields: dict[str, str] = field(default_factory=dict)
    """Text fields; of a repeated one the last, as Rack and others read it."""
    files: dict[str, SentFile] = field(default_factory=dict)
