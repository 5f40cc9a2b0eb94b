"""What a product demands of an upload, as data that the steps read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from pytest_pyreg.blobs import Blob
    from pytest_pyreg.model import Keys


@dataclass(frozen=True)
class Check:
    """A demand on a field: what is wrong with it if `pattern` does not match the whole of it."""

    field: str
    pattern: re.Pattern[str]
    kind: str = "invalid"


@dataclass(frozen=True)
class Limit:
    """The longest text of a field, in characters."""

    field: str
    longest: int


class Arrival(NamedTuple):
    """A file that is put into the index by hand."""

    filename: str
    fields: Mapping[str, str]
    metadata: bytes
    """Its metadata file."""
    blob: Blob


class Promised(NamedTuple):
    """A file of which only a page is known yet."""

    filename: str
    sha256: str
    metadata_sha256: str
    """Of its metadata, if that can be had by itself; else empty."""


class Described(NamedTuple):
    """What a product finds out about it."""

    hashes: Mapping[str, str]
    facts: Mapping[str, str]


@dataclass(frozen=True)
class UploadRules:
    """What one product at one version demands of an upload, and how it stores it."""

    file_field: str
    """The form field that holds the file."""
    required: tuple[str, ...]
    """Fields without which the form is refused, in the order in which the product names them."""
    form_checks: tuple[Check, ...]
    """Demands on optional fields, made while the form is read."""
    release_checks: tuple[Check, ...]
    """Demands on name and version, made when the release is stored, in the product's order."""
    stored: Mapping[str, int]
    """Metadata fields that are kept, each with its longest stored length in characters."""
    announced: Mapping[str, str]
    """Digest name -> form field; kept as sent."""
    filename_unsafe: re.Pattern[str]
    """Characters of a file name that are replaced by an underscore."""
    max_file_bytes: int
    max_text_bytes: int
    """For all text fields together."""
    max_files: int
    limits: tuple[Limit, ...] = ()
    """Longest texts, made when the release is stored; what is longer is refused."""
    again: bool = False
    """Whether a release may have several files of one name."""
    first_field: bool = False
    """Whether the first of several fields of one name counts, and the first file; else the last, and one file."""
    replaces: bool = True
    """Whether the last upload's metadata becomes the release's; else the first one's stays."""
    as_sent: bool = False
    """Whether file names and texts are taken as they were sent, however odd: paths, control characters and nulls."""
    keys: Callable[[str, str, str], Keys] | None = None
    """What makes two of a kind one, from name, version and file name; all of them to the letter if None."""
    described: Callable[[Arrival], Described] | None = None
    """What is kept of a file that nobody uploaded, besides what its form would have said."""
    promised: Callable[[Promised], Described] | None = None
    """The same of a file whose bytes are not here yet; None if the product holds no project of others."""
    stored_name: Callable[[str], str] = str
    """The name that is kept of the one that was sent."""
