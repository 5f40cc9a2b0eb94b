"""What the public index's pages tell in an era: its simple pages and its JSON API.

The defaults are those of warehouse@6b621571 (August 2026); what came when is beside each fact, by Warehouse's own pull
requests.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageFacts:
    """What pages tell."""

    api_version: str = "1.4"
    """1.0 with JSON, 1.1 with #12727, 1.2 with #15716 and 1.3 with #16801 (2024), 1.4 with #18422 (August 2025)."""
    json: bool = True
    """Whether simple pages are given as JSON (PEP 691, #11485, June 2022)."""
    details: bool = True
    """Whether these tell versions, sizes and times (PEP 700, #12727, February 2023)."""
    metadata_keys: tuple[str, ...] = ("data-dist-info-metadata", "core-metadata")
    """How wheels' metadata is announced: the first by #13649 (PEP 658, May 2023), the second by #13706 (PEP 714)."""
    provenance: bool = True
    """Whether they say where a file's attestations are (PEP 740, #16801, October 2024)."""
    status: bool = True
    """Whether they tell a project's standing (PEP 792, #18422, August 2025)."""
    serials: bool = True
    """Whether the list of projects as JSON tells their serials (#12134, August 2022)."""
    early_html: bool = False
    """Whether HTML is that of before #11485 (June 2022): names as they are shown, and tighter links."""
    language: bool = True
    """Whether HTML says that it is English (#18266, June 2025)."""
    alternate_locations: bool = False
    """Whether JSON has the always empty list of PEP 708: from #15716 (September 2024) to #19915 (June 2026)."""
    json_api_without: frozenset[str] = frozenset()
    """What the JSON API has not yet, of `core-metadata` (July 2026), `ownership` (February 2026), `license_expression`
    and `license_files` (November 2024), `provides_extra` and `dynamic` (February 2024)."""
