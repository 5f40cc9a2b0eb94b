"""What changed at the public index, by the day on which it was merged, each with Warehouse's pull request or commit.

The index has no releases: `pypi@2026.8` is it on the first day of August 2026.  A day between a merge and its
deployment is left out of account.  A bound that is not a day is named as one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_pyreg.flavours.base import Era
from pytest_pyreg.flavours.pypi import features, reading
from pytest_pyreg.flavours.pypi.facts import writing
from pytest_pyreg.flavours.pypi.features import RULE
from pytest_pyreg.flavours.pypi.page_facts import PageFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_JSON_API = ("core-metadata", "ownership", "license_expression", "license_files", "provides_extra", "dynamic")
OLDEST = PageFacts(
    api_version="1.0",
    json=False,
    details=False,
    metadata_keys=(),
    provenance=False,
    status=False,
    serials=False,
    early_html=True,
    language=False,
    json_api_without=frozenset(_JSON_API),
)
_FIRST_KEY, _SECOND_KEY = "data-dist-info-metadata", "core-metadata"


def _has(source: str, *feature: str) -> dict[str, Any]:
    return {"features": dict.fromkeys(feature, source)}


def _gone(*feature: str) -> dict[str, Any]:
    return {"features": dict.fromkeys(feature, "")}


def _rules(source: str, *rule: str) -> dict[str, Any]:
    return {"features": {f"{RULE}{name}": source for name in rule}}


def _json_api(*keys: str) -> dict[str, Any]:
    return {"json_api_with": frozenset(keys)}


_ZIP = (
    *("zip local duplicate", "zip central duplicate", "zip local missing", "zip central missing", "zip data size"),
    *("zip signature", "zip trailing", "zip not unicode", "zip malformed", "zip not utf-8", "zip directories"),
)
_MORE_ZIP = (
    *("zip descriptor", "zip comment", "zip extra", "zip extensible", "zip character", "zip central records"),
    *("zip central offset", "zip central size"),
)
CHANGES: tuple[tuple[str, str, Mapping[str, Any], Mapping[str, Any]], ...] = (
    # Version, source, what pages tell, what else.
    ("2022.6.25", "#11485: PEP 691", {"json": True, "early_html": False}, _has("#11485", features.JSON)),
    ("2022.8.30", "#12134: serials in the list of projects", {"serials": True}, {}),
    ("2023.2.25", "#12727: PEP 700", {"api_version": "1.1", "details": True}, {}),
    ("2023.5.11", "#13649: PEP 658", {"metadata_keys": (_FIRST_KEY,)}, _rules("#13649", "no METADATA")),
    ("2023.6.27", "#13706: PEP 714", {"metadata_keys": (_FIRST_KEY, _SECOND_KEY)}, {}),
    ("2024.1.29", "#15284: the body of an answered upload", {}, _gone(features.QUIET)),
    (
        "2024.2.26",
        "4532d5504: metadata 2.2 and 2.3",
        _json_api("dynamic", "provides_extra"),
        _has("4532d5504", features.METADATA["2.2"], features.METADATA["2.3"]),
    ),
    ("2024.3.19", "#15631: `packaging` reads metadata, without 2.0", {}, _gone(features.METADATA["2.0"])),
    ("2024.4.18", "#15795: the version in a file's name", {}, _rules("#15795", "wheel version")),
    ("2024.8.2", "#16365: tokens need a second factor", {}, _has("#16365", features.TOKENS_NEED_SECOND_FACTOR)),
    ("2024.8.15", "#16488: a duplicate's name and digest", {}, _gone(features.SHORT_DUPLICATES)),
    ("2024.9.19", "#15716: PEP 708", {"api_version": "1.2", "alternate_locations": True}, {}),
    (
        "2024.10.21",
        "#16778, #16801: PEP 740",
        {"api_version": "1.3", "provenance": True},
        _has("#16778", features.ATTESTATIONS),
    ),
    (
        "2024.11.18",
        "#16949, #17107: metadata 2.4",
        _json_api("license_expression", "license_files"),
        {
            "features": {
                features.METADATA["2.4"]: "#16949",
                f"{RULE}wheel license": "#16949",
                f"{RULE}sdist license": "#16949",
            }
        },
    ),
    ("2025.6.13", "#18266: pages say that they are English", {"language": True}, {}),
    ("2025.8.7", "the frame of ZIP files, and RECORD", {}, _rules("blog, 2025-08-07", *_ZIP, "no RECORD")),
    ("2025.8.11", "#18422: PEP 792", {"api_version": "1.4", "status": True}, {}),
    ("2025.10.21", "#18846, #18913: more of ZIP files", {}, _rules("#18846", *_MORE_ZIP)),
    (
        "2025.10.23",
        "#18924, #18925: PEP 625 and PEP 427 names; the words for a name that was used",
        {},
        {
            "features": {
                f"{RULE}sdist spelling": "#18924",
                f"{RULE}wheel spelling": "#18924",
                features.SHORT_BURNED: "",
            }
        },
    ),
    (
        "2026.2.17",
        "#19254, #19525: metadata 2.5, owners in the JSON API",
        _json_api("ownership"),
        _has("#19254", features.METADATA["2.5"]),
    ),
    (
        "2026.3.9",
        "#19584, #19638: encrypted code, both kinds of archive",
        {},
        _rules("#19638", "both archives", "pyarmor"),
    ),
    (
        "2026.3.18",
        "pypi/support#9813: status lines without the message (a bound; from 19 January on at the earliest)",
        {},
        _gone(features.REASON),
    ),
    ("2026.4.6", "#19777: sizes in ZIP files", {}, _rules("#19777", "zip file size")),
    ("2026.4.22", "#16032: 403 for accounts", {}, _gone(features.ACCOUNTS_ARE_BAD_REQUESTS)),
    ("2026.4.24", "e19a389ec: more encrypted code", {}, _rules("e19a389ec", "sourcedefender")),
    ("2026.4.29", "#19952: rights before accounts", {}, _gone(features.EARLY_ACCOUNTS)),
    ("2026.5.18", "#20081: entry points", {}, _rules("#20081", "entry points")),
    ("2026.6.15", "#20163: rate limits told", {}, _has("#20163", features.RATES_TOLD)),
    ("2026.6.18", "#19915: nothing of PEP 708 any more", {"alternate_locations": False}, {}),
    ("2026.7.6", "#20193: metadata's digests in the JSON API", _json_api("core-metadata"), {}),
    ("2026.7.10", "#19727, #20260: fourteen days", {}, _has("#19727", features.CLOSED)),
    ("2026.8.10", "#20364: caveats named twice", {}, _has("#20364", features.DOUBLED)),
    ("2026.8.17", "4ba58a60c: sparse members of tar files", {}, _rules("4ba58a60c", "sparse")),
)


LATER = frozenset(name for *_, other in CHANGES for name in other.get("features", {}) if name.startswith(RULE))
"""The features that stand for rules which the first era has not."""


def eras(changes: Iterable[tuple[str, str, Mapping[str, Any], Mapping[str, Any]]] = CHANGES) -> tuple[Era, ...]:
    """Return the changes as eras: pages' facts become routes."""
    found, facts = [], OLDEST
    for version, source, pages, other in changes:
        told = dict(pages)
        more = told.pop("json_api_with", frozenset())
        facts = replace(facts, **told, json_api_without=facts.json_api_without - more)
        routes = {"routes": {**reading.routes(facts), **writing()}} if pages else {}
        announced = {"metadata_fact": "metadata_sha256"} if "metadata_keys" in told else {}
        found.append(Era(version, f"warehouse {source}", {**other, **routes, **announced}))
    return tuple(found)
