"""What GitLab demands of an upload, and how its pages look, by release; `eras` says from when and why."""

from __future__ import annotations

from dataclasses import replace

from pytest_pyreg.flavours.gitlab.facts import BLANK, NAME, PAGE, RULES, SHA256, VERSION
from pytest_pyreg.render.json import JsonStyle
from pytest_pyreg.rules import Check, Limit

# -- what is demanded of an upload -------------------------------------------------------------------------------------

RULES_13_2 = replace(RULES, release_checks=(BLANK, Check("version", VERSION), Check("name", NAME)))
RULES_13_3 = replace(RULES_13_2, again=False)
# Plan limit `pypi_max_file_size` of a self-managed instance (doc/administration/instance_limits.md).
RULES_13_5 = replace(RULES_13_3, max_file_bytes=3_221_225_472)
RULES_14_0 = replace(RULES_13_5, required=("content", "name", "version"), form_checks=(Check("sha256_digest", SHA256),))
_METADATA = {
    "requires_python": 255,
    "metadata_version": 16,
    "author_email": 2048,
    "description": 4000,
    "description_content_type": 128,
    "summary": 255,
    "keywords": 255,
}
_LIMITS = tuple(Limit(name, longest) for name, longest in _METADATA.items())


def _but(*names: str) -> tuple[Limit, ...]:
    """Return the limits of 16.6 without those of some fields."""
    return tuple(limit for limit in _LIMITS if limit.field not in names)


RULES_16_6 = replace(RULES_14_0, stored=_METADATA, limits=_LIMITS)
RULES_16_7 = replace(RULES_16_6, limits=_but("description"))
RULES_16_10 = replace(RULES_16_7, stored={**_METADATA, "keywords": 1024}, limits=_but("description", "keywords"))
RULES_16_11 = replace(RULES_16_10, limits=())

# -- pages -------------------------------------------------------------------------------------------------------------

PAGE_15_1 = replace(
    PAGE, file_link=PAGE.file_link.removesuffix("<br>"), project_link=PAGE.project_link.removesuffix("<br>")
)
PAGE_17_0 = replace(PAGE_15_1, document=PAGE.document.lstrip())

_JSON = ("application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.latest+json")


def _wants_json(accept: str) -> bool:
    """Tell whether any item of an Accept header begins with one of the types; `q` does not matter (API@0739b8bf)."""
    return any(item.strip().startswith(_JSON) for item in accept.split(","))


JSON_PAGES = JsonStyle(("application/vnd.pypi.simple.v1+json; charset=utf-8",), _wants_json, "1.0")
