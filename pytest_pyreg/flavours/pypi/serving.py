"""The host of files: distributions by their BLAKE2 digest, and wheels' metadata beside them.

Headers as python/pypi-infra's VCL for the file host sets them, and as recorded of a wheel and its parts (December 2023,
`x-pypi-file-*` and HEAD without CORS among them).  Unverified: what an unknown file is answered, and the type of
metadata.  Storage and CDN put names of their own beside these; they are left out.  The CDN also forgets `If-None-Match`
before it looks; here a client that has a file is told so.
"""

from __future__ import annotations

import hashlib
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.base import Action, Route
from pytest_pyreg.flavours.pypi.listing import metadata_digest
from pytest_pyreg.flavours.pypi.told import world_of
from pytest_pyreg.identity import Permission
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render.replies import Reply, ReplyShape
from pytest_pyreg.steps import namespace_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_pyreg.flavours.pypi.page_facts import PageFacts
    from pytest_pyreg.index import Found, Index
    from pytest_pyreg.model import File, Namespace
    from pytest_pyreg.visit import Visit

PATTERN = "/packages/<first>/<second>/<rest>/<filename>"
_GUARDS = {
    "X-Frame-Options": "deny",
    "X-XSS-Protection": "1; mode=block",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Header": "noindex",
}
FILE_HEADERS: Mapping[str, str] = {
    "Last-Modified": "{last_modified}",
    "Content-Type": "application/octet-stream",
    "Cache-Control": "max-age=365000000, immutable, public",
    "Accept-Ranges": "bytes",
    **_GUARDS,
}
"""On every file: `Flavour.download_headers`."""
_OPEN = (
    ("Access-Control-Allow-Methods", "GET, OPTIONS"),
    ("Access-Control-Allow-Headers", "Range"),
    ("Access-Control-Allow-Origin", "*"),
)
"""On what is sent by GET."""
_CLOSED = (("X-Permitted-Cross-Domain-Policies", "none"),)
_SIDE = ".metadata"
_ABSENT = ReplyShape(
    404,
    text="Not Found",
    content_type="text/plain; charset=UTF-8",
    headers={**_GUARDS, **dict(_CLOSED)},
)
"""The storage answers in XML, in words that are not known; only the status is."""


def routes(facts: PageFacts) -> dict[str, Route]:
    """Return the file host's addresses, by names of ours."""
    replies = {Refusal.FILE_UNKNOWN: _ABSENT}
    file = Route(Action.DOWNLOAD, "GET", PATTERN, Permission.READ, (namespace_known, file_described), replies=replies)
    metadata = Route(
        Action.OWN,
        "GET",
        PATTERN + _SIDE,
        Permission.READ,
        replies=replies,
        answer=partial(metadata_file, facts),
        called="metadata",
    )
    return {"download": file, "download metadata": metadata}


def by_path(index: Index, namespaces: Iterable[Namespace], names: Mapping[str, str]) -> Found:
    """Find a file by its digest and its name: `Flavour.found`.

    Raises:
        Refused: FILE_UNKNOWN.
    """
    digest, filename = names["first"] + names["second"] + names["rest"], names["filename"]
    found = index.find(namespaces, filename, digest, digest="blake2_256")
    # 2, 2 and 60 characters: the same digest cut elsewhere is another path.
    if found is None or (names["first"], names["second"]) != (digest[:2], digest[2:4]):
        raise Refused(Refusal.FILE_UNKNOWN, filename=filename, namespace="the index")
    return found


def file_described(visit: Visit) -> None:
    """Say beside the file what it is: the storage's notes about it."""
    found = by_path(visit.index, [visit.place], visit.names)
    visit.extra += _notes(visit, found, found.file.hashes.get("md5", ""))


def metadata_file(facts: PageFacts, visit: Visit) -> Reply:
    """Return a wheel's metadata (PEP 658)."""
    world = world_of(visit)
    found = by_path(visit.index, [world.home], visit.names)
    if not facts.metadata_keys or not metadata_digest(world, found.file):
        raise Refused(Refusal.FILE_UNKNOWN, filename=visit.names["filename"] + _SIDE, namespace="the index")
    if lie := visit.lies.withhold(found.release.normalized):
        hint = f"a lie was told: {lie.words}"
        raise Refused(Refusal.FILE_UNKNOWN, filename=found.file.filename + _SIDE, namespace="the index", hint=hint)
    text = _metadata(visit, found.file)
    modified = {"last_modified": format_datetime(found.file.uploaded_at, usegmt=True)}
    headers = [(name, value.format_map(modified)) for name, value in FILE_HEADERS.items() if name != "Accept-Ranges"]
    headers += _notes(visit, found, hashlib.md5(text, usedforsecurity=False).hexdigest())
    return Reply(200, (*headers, ("Vary", "Accept-Encoding")), text)


def _metadata(visit: Visit, file: File) -> bytes:
    """Return a wheel's metadata; of a wheel that was only heard of, it is a blob by itself."""
    if "metadata" in file.facts:
        return file.facts["metadata"].encode("utf-8", "surrogateescape")
    with visit.content(file.facts["metadata_sha256"]) as text:
        return text.read()


def _notes(visit: Visit, found: Found, md5: str) -> list[tuple[str, str]]:
    """Return what the storage and the CDN say of a file."""
    return [
        ("ETag", f'"{md5}"'),
        *(_OPEN if visit.headers["REQUEST_METHOD"] == "GET" else _CLOSED),
        ("x-pypi-file-python-version", found.file.facts.get("python_version", "")),
        ("x-pypi-file-version", found.release.version),
        ("x-pypi-file-package-type", found.file.facts.get("packagetype", "")),
        ("x-pypi-file-project", found.release.normalized),
    ]
