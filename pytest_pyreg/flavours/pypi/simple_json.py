"""Simple pages as JSON: PEP 691, 700, 714, 740 and 792; warehouse/packaging/utils.py and config.py @6b621571."""

from __future__ import annotations

import json
from datetime import timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pytest_pyreg.flavours.pypi.listing import Listed, Listing
    from pytest_pyreg.flavours.pypi.page_facts import PageFacts


def project_list(facts: PageFacts, serial: int, projects: Iterable[tuple[str, int]]) -> bytes:
    """Write the list of all projects: their names as they are shown and their serials, in order."""
    rows = [{"name": name, "_last-serial": last} if facts.serials else {"name": name} for name, last in projects]
    return line({"meta": _meta(facts, serial), "projects": rows})


def project_page(facts: PageFacts, listing: Listing) -> bytes:
    """Write the page of one project."""
    told: dict[str, Any] = {
        "meta": _meta(facts, listing.serial),
        "name": listing.name,
        "files": [_file(facts, file) for file in listing.files],
    }
    if facts.details:
        told["versions"] = listing.versions
    if facts.status:
        told["project-status"] = {"status": listing.status}
    if facts.alternate_locations:
        told["alternate-locations"] = []
    return line(told)


def line(told: object) -> bytes:
    """Write a value the way the index writes its APIs: sorted, tight, as UTF-8, and one line."""
    return (json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def iso(time: datetime) -> str:
    """Write a time as the index does.

    Its clock tells microseconds, which are never all zero there; they are written here even if they are.
    """
    return time.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _meta(facts: PageFacts, serial: int) -> dict[str, object]:
    return {"api-version": facts.api_version, "_last-serial": serial}


def _file(facts: PageFacts, file: Listed) -> dict[str, Any]:
    told: dict[str, Any] = {
        "filename": file.filename,
        "url": file.url,
        "hashes": {"sha256": file.sha256},
        "requires-python": file.requires_python or None,
        "yanked": file.yanked,
    }
    if facts.details:
        told["size"] = file.size
        told["upload-time"] = iso(file.uploaded_at)
    for key in facts.metadata_keys:
        told[key] = {"sha256": file.metadata_sha256} if file.metadata_sha256 else False
    if facts.provenance:
        told["provenance"] = file.provenance or None
    return told
