"""The public index's read side: every address that installers, mirrors and the curious ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.pypi import integrity, json_api, serving, simple

if TYPE_CHECKING:
    from pytest_pyreg.flavours.base import Route
    from pytest_pyreg.flavours.pypi.page_facts import PageFacts


def routes(facts: PageFacts) -> dict[str, Route]:
    """Return all addresses of an era that read, by names of ours.

    A flavour with them needs `serving.by_path` as `found`, `serving.FILE_HEADERS` as `download_headers`, no `etag` and
    no `granted_headers`.
    """
    found = {**simple.routes(facts), **json_api.routes(facts), **serving.routes(facts)}
    return {**found, **integrity.routes()} if facts.provenance else found
