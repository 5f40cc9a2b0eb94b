"""Is the file right, and may it be here?  Checks 27 to 55, in their order; warehouse/forklift/legacy.py@6b621571."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.pypi import attestations, distribution, features
from pytest_pyreg.flavours.pypi.settings import GIGABYTE, MEGABYTE
from pytest_pyreg.flavours.pypi.words import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_pyreg.flavours.pypi.attempt import Attempt
    from pytest_pyreg.model import File

_SILENT = {"ActiveState"}
"""Publishers whose attestations are not taken."""
RELEASE_OPEN = timedelta(days=14)


def file_named(attempt: Attempt) -> None:
    """Hold the file's name and its part's type against what may be (27 to 31)."""
    file = attempt.file
    attempt.sent = distribution.Sent(file.filename, attempt.fields.filetype, file.content_type, file.arrived.open)
    distribution.named(attempt.sent)


def size_allowed(attempt: Attempt) -> None:
    """Refuse a file that is too large, or that makes its project so (32, 33)."""
    project, settings, size = attempt.project, attempt.world.settings, attempt.file.arrived.size
    limit = max(settings.max_file_bytes, project.max_file_bytes or 0)
    if size > limit:
        raise refuse("file size", project=project.name, limit=limit // MEGABYTE)
    total = max(settings.max_total_bytes, project.max_total_bytes or 0)
    page = attempt.visit.index.page([attempt.world.home], project.normalized)
    stored = 0 if page is None else sum(file.size for release in page.releases for file in release.files)
    if stored + size > total:
        raise refuse("project size", project=project.name, limit=total // GIGABYTE)


def digests_right(attempt: Attempt) -> None:
    """Hold every announced digest against the bytes (34)."""
    if any(attempt.hashes[name] != announced for name, announced in attempt.fields.digests.items()):
        raise refuse("digest")


def known_already(attempt: Attempt) -> bool:
    """Tell whether the very same file is here; refuse its name, or its bytes, a second time otherwise (35, 36).

    By the order of the real server: the same bytes of another name count anywhere in the index.
    """
    filename, digest = attempt.file.filename, attempt.hashes["sha256"]
    stored = [file for file in _stored(attempt) if file.filename == filename or file.digest == digest]
    if any(file.filename == filename and file.digest == digest for file in stored):
        attempt.visit.remark = "the very same file is here already, so nothing changes"
        return True
    if stored:
        raise refuse("file exists", filename=filename, blake2=attempt.hashes["blake2_256"])
    return False


def _stored(attempt: Attempt) -> Iterator[File]:
    for release in attempt.visit.index.releases([attempt.world.home]):
        yield from release.files


def name_unused(attempt: Attempt) -> None:
    """Refuse a name that a deleted file has had (37)."""
    if attempt.file.filename in attempt.world.burned:
        raise refuse("filename used")


def release_open(attempt: Attempt) -> None:
    """Refuse a file of a release that is too old, or a second sdist (38, 39)."""
    release = attempt.release
    if release is None:
        return
    if attempt.world.can(features.CLOSED) and attempt.visit.clock.now() - release.created_at > RELEASE_OPEN:
        raise refuse("release closed", days=RELEASE_OPEN.days)
    if attempt.fields.filetype == "sdist" and any(file.facts.get("packagetype") == "sdist" for file in release.files):
        raise refuse("second sdist")


def opened(attempt: Attempt) -> None:
    """Look into the file (40 to 54)."""
    attempt.accepted = distribution.opened(attempt.core, attempt.sent, off=attempt.world.rules_off)
    attempt.visit.remark = attempt.accepted.remark


def attested(attempt: Attempt) -> None:
    """Hold attestations against who sends them (55)."""
    text = attempt.fields.attestations
    if text is None or attempt.world.settings.disable_pep740:
        return
    publisher = attempt.caller.publisher
    kind = publisher.kind if publisher is not None else None
    found = attestations.checked(text, kind, attests=kind not in _SILENT)
    attestations.of_file(found, attempt.file.filename, attempt.hashes["sha256"])
    if publisher is not None and attempt.world.can(features.ATTESTATIONS):
        shown = {"claims": None, "kind": kind, **publisher.facts}
        bundle = {"attestations": list(found), "publisher": shown}
        attempt.provenance = json.dumps({"version": 1, "attestation_bundles": [bundle]})
