"""What changed in Forgejo since it went its own way, each with where that is known from.

F12 is rohitkumarankam/forgejo tag v12.0.4, F17 its d883bd8f; both were asked live, see fixtures/exchanges.  Where a
release is a bound and not exact, that is said.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from pytest_pyreg.flavours.base import Era
from pytest_pyreg.flavours.gitea import features
from pytest_pyreg.flavours.gitea import rest_eras as rest
from pytest_pyreg.flavours.gitea.authentication import AUTHORIZATION
from pytest_pyreg.flavours.gitea.eras import FRAGMENT
from pytest_pyreg.flavours.gitea.replies import REPLIES
from pytest_pyreg.flavours.gitea.rest_entities import go_json
from pytest_pyreg.refusals import Refusal
from pytest_pyreg.render.json import JsonStyle

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg.model import File, ProjectPage, Release


def _json_page(page: ProjectPage, url: Callable[[Release, File], str]) -> dict[str, Any]:
    """Write a page as Forgejo 16 does: files by version, versions newest first, the demanded Python always there."""
    return {
        "name": page.name,
        "meta": {"api-version": "1.4"},
        "versions": [release.version for release in reversed(page.releases)],
        "files": [
            {
                "filename": file.filename,
                "url": unquote(url(release, file)),
                "hashes": {"sha256": file.hashes["sha256"]},
                "requires-python": release.metadata.get("requires_python", ""),
                "size": file.size,
            }
            for release in page.releases
            for file in release.files
        ],
    }


def _wants_json(accept: str) -> bool:
    return accept.startswith("application/vnd.pypi.simple.v1+json")


# What Forgejo 7 has of its own, on top of Gitea 1.21, which it went its own way from.
FORGEJO_7 = {
    "token_headers": (AUTHORIZATION, "X-Gitea-OTP", "X-Forgejo-OTP"),
    "replies": {Refusal.FILE_EXISTS: REPLIES[Refusal.FILE_EXISTS]},
    "page": FRAGMENT,
    "routes": rest.ROUTES_F7,
    "elsewhere": rest.ELSEWHERE_F7,
    "features": {features.PATHS_READ: "routers/common/middleware.go (measured in 12 and 17)"},
}
FORGEJO_ERAS = (
    Era(
        "8",
        "Forgejo 8 (bound: it was not in Gitea yet when 7 came out): compressed files are marked",
        {"features": {features.NO_GZIP: "modules/httplib/serve.go"}},
    ),
    Era(
        "9",
        "Forgejo 9: soft quota, security keys; scopes of OAuth2 access tokens (#4449)",
        {
            "routes": rest.ROUTES_F9,
            "elsewhere": rest.ELSEWHERE_F9,
            "features": {
                features.QUOTA: "services/context/quota.go",
                features.WEBAUTHN: "services/auth/basic.go",
                features.OAUTH_SCOPES: "services/auth/oauth2.go (#4449, release notes of 9.0.0)",
            },
        },
    ),
    Era(
        "11",
        "Forgejo 11: project_urls; packages are linked to repositories",
        {"routes": rest.ROUTES_F11, "elsewhere": rest.ELSEWHERE_F11},
    ),
    Era(
        "11.0.11",
        "Forgejo 11.0.11, #11515: OAuth2 access tokens keep to their scopes as Basic too",
        {"features": {features.OAUTH_SCOPES_AS_BASIC: "release-notes-published/11.0.11.md (#11515)"}},
    ),
    Era(
        "12",
        "F12: tokens for public owners; the REST API reads for everybody (#7716); OAuth2 tokens as before",
        {
            # 12 and 13 had ended before 11.0.11 and 14.0.3 came out (March 2026), and never got that.
            "features": {features.PUBLIC_ONLY: "routers/api/packages/api.go", features.OAUTH_SCOPES_AS_BASIC: ""},
            "routes": rest.ROUTES_F12,
            "elsewhere": rest.ELSEWHERE_F12,
        },
    ),
    Era(
        "14.0.3",
        "Forgejo 14.0.3 and 15, #11514: OAuth2 access tokens keep to their scopes as Basic too",
        {"features": {features.OAUTH_SCOPES_AS_BASIC: "release-notes-published/14.0.3.md (#11514)"}},
    ),
    Era(
        "14.0.4",
        "Forgejo 14.0.4 and 15, #11442 (cf51d3c8): the quota is the owner's, not the uploader's",
        {"features": {features.QUOTA_OF_OWNER: "routers/api/packages/api.go (cf51d3c8, release notes of 14.0.4)"}},
    ),
    Era(
        "16",
        "Forgejo 16, 25e7a0b9: pages as JSON",
        {
            "features": {features.JSON: "25e7a0b9"},
            "routes": rest.ROUTES_F16,
            "elsewhere": rest.ELSEWHERE_F16,
            "page": replace(FRAGMENT, content_types=("application/vnd.pypi.simple.v1+html", "text/html")),
            "json": JsonStyle(
                ("application/vnd.pypi.simple.v1+json", "application/json"),
                _wants_json,
                "1.4",
                _json_page,
                go_json,
                vary=False,
            ),
        },
    ),
    Era(
        "17",
        "F17 (d883bd8f, July 2026)",
        {
            "routes": rest.ROUTES_F17,
            "elsewhere": rest.ELSEWHERE_F17,
            "features": {features.PUBLIC_ONLY_IS_NO_ADMIN: "services/context/package.go (d883bd8f; a bound)"},
        },
    ),
)
