"""The public index as it is at warehouse@6b621571 (August 2026); what was otherwise before is in `eras`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.flavours.base import Action, Flavour, Route
from pytest_pyreg.flavours.finding import as_they_came
from pytest_pyreg.flavours.pypi import features, reading, serving, uploading
from pytest_pyreg.flavours.pypi.attempt import beside, weaker
from pytest_pyreg.flavours.pypi.replies import REPLIES
from pytest_pyreg.flavours.pypi.world import PyPIWorld
from pytest_pyreg.identity import Permission, Role, Scope
from pytest_pyreg.render.html import HtmlStyle
from pytest_pyreg.render.replies import ReplyShape
from pytest_pyreg.rules import Arrival, Described, Promised, UploadRules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_pyreg.flavours.pypi.page_facts import PageFacts

ALL = frozenset({Permission.SEE, Permission.READ, Permission.PUBLISH})


def described(arrival: Arrival) -> Described:
    """Return what the index would keep of a file that nobody uploaded."""
    with arrival.blob.open() as content:
        hashes = {"sha256": arrival.blob.digest, **weaker(content)}
    facts = _told_by_name(arrival.filename)
    if facts["packagetype"] == "bdist_wheel":
        facts |= beside(arrival.metadata)
    return Described(hashes, facts)


def promised(file: Promised) -> Described:
    """Return what the index keeps of a file that it has only heard of.

    Its BLAKE2 digest, by which files are addressed, can be known when its bytes are there; its sha256 stands in for it,
    which is as long and as good an address.
    """
    facts = _told_by_name(file.filename)
    if file.metadata_sha256:
        facts["metadata_sha256"] = file.metadata_sha256
    return Described({"sha256": file.sha256, "blake2_256": file.sha256}, facts)


def _told_by_name(filename: str) -> dict[str, str]:
    wheel = filename.endswith(".whl")
    tags = filename.removesuffix(".whl").split("-")
    return {
        "packagetype": "bdist_wheel" if wheel else "sdist",
        "python_version": tags[-3] if wheel and len(tags) > 3 else "source",  # noqa: PLR2004 - name, version and three tags.
        "comment_text": "",
    }


_TEXTS = (
    *("metadata_version", "summary", "description", "description_content_type", "keywords", "home_page"),
    *("download_url", "author", "author_email", "maintainer", "maintainer_email", "license", "license_expression"),
    "requires_python",
)
RULES = UploadRules(
    file_field="content",
    required=(),
    form_checks=(),
    release_checks=(),
    stored=dict.fromkeys(_TEXTS, 2**62),
    announced={"sha256": "sha256_digest"},
    filename_unsafe=re.compile(r"(?!)"),
    max_file_bytes=2**30,  # The hard cap; what is allowed is less (`Settings`).
    max_text_bytes=32 * 1024 * 1024,  # Unverified.
    max_files=100,
    replaces=False,  # The first file's metadata is the release's.
    as_sent=True,
    keys=uploading.keys,
    described=described,
    promised=promised,
)


def writing() -> dict[str, Route]:
    """Return the addresses that take something."""
    return {
        "upload": Route(
            Action.UPLOAD, "POST", "/legacy/", Permission.PUBLISH, uploading.STEPS, answer=uploading.thanked
        ),
        **uploading.ELSEWHERE,
    }


def flavour(oldest: PageFacts, later: Iterable[str]) -> Flavour:
    """Return the index of June 2022, before simple pages were given as JSON.

    Args:
        oldest: what its pages tell.
        later: features that it has not yet.
    """
    return Flavour(
        product="pypi",
        version="2022.6",
        source="warehouse of early June 2022, before #11485; passwords, which it took then, are not",
        world=PyPIWorld,
        features={
            **dict.fromkeys(later, ""),
            **dict.fromkeys(
                (
                    *(features.REASON, features.QUIET, features.EARLY_ACCOUNTS, features.ACCOUNTS_ARE_BAD_REQUESTS),
                    *(features.SHORT_DUPLICATES, features.SHORT_BURNED),
                    *(features.METADATA[version] for version in ("1.0", "1.1", "1.2", "2.0", "2.1")),
                ),
                "warehouse/forklift/legacy.py, June 2022",
            ),
        },
        routes={**reading.routes(oldest), **writing()},
        token_headers=("Authorization",),
        token_queries=(),
        slash_optional=False,
        slashes_merged=False,
        head=True,
        elsewhere={},
        found=serving.by_path,
        arranged=as_they_came,
        roles={Role("owner"): ALL, Role("maintainer"): ALL},
        scopes={Scope("all"): ALL},
        rules=RULES,
        page=HtmlStyle((), "", "", "", "", {}),
        json=None,
        redirect=ReplyShape(301, text="", headers={"Location": "{location}"}),
        replies=REPLIES,
        uploaded=ReplyShape(200, text=""),
        headers={},
        reasons={},
        success_headers={},
        download_headers=serving.FILE_HEADERS,
        lookup_name=canonicalize_name,
        exact_names=False,
        unsafe_path=re.compile(r"(?!)"),
        etag=None,
        granted_headers={},
        yanks=True,
        limit_setting="max_file_bytes",
    )
