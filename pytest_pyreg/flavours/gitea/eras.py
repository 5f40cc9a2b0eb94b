"""What changed in Gitea since 1.17.0, each with where that is known from.

G1.23 is okok7711/gitea HEAD, G1.27 hanzoai/git@82edc3da, F12 rohitkumarankam/forgejo tag v12.0.4, F17 its d883bd8f.
Where a release is a bound and not exact, that is said.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_pyreg.flavours.base import Era
from pytest_pyreg.flavours.gitea import features
from pytest_pyreg.flavours.gitea import rest_eras as rest
from pytest_pyreg.flavours.gitea.checks import limits_kept, spelling_kept
from pytest_pyreg.flavours.gitea.facts import ADMITTED, ANY_CASE_NAME, NAME, PAGE, RULES, VERSION, WRONG_FIRST, routes
from pytest_pyreg.flavours.gitea.replies import OF_1_18, REPLIES, error, plain
from pytest_pyreg.refusals import Refusal
from pytest_pyreg.steps import digest_right, file_stored, release_valid

if TYPE_CHECKING:
    from pytest_pyreg.model import ProjectPage

_PLAIN = (*ADMITTED, digest_right, release_valid, spelling_kept, file_stored)
_LIMITED = (*ADMITTED, digest_right, release_valid, limits_kept, spelling_kept, file_stored)
NOTHING_FIRST = replace(WRONG_FIRST, steps=())
_NOSNIFF = {"X-Content-Type-Options": "nosniff"}
_MODERN_DOWNLOAD = {
    "Content-Description": "",
    "Content-Transfer-Encoding": "",
    "Expires": "",
    "Pragma": "",
    "Content-Disposition": "attachment; filename=\"{ascii_filename}\"; filename*=UTF-8''{encoded_filename}",
    "Cache-Control": "private, max-age=300",
    "Accept-Ranges": "bytes",
    "Last-Modified": "{last_modified}",
    **_NOSNIFF,
}
_NEW_DOWNLOAD = {
    "Content-Disposition": "attachment; {filename_parameter}",
    "Cache-Control": "max-age=0, private, must-revalidate",
}


def by_version(page: ProjectPage) -> ProjectPage:
    """Put releases in the order of their versions as bytes, files in that of their arrival (1.20)."""
    return replace(page, releases=tuple(sorted(page.releases, key=lambda release: release.version)))


def by_version_and_file(page: ProjectPage) -> ProjectPage:
    """Put files in the order of their lower-case names besides (1.26.2)."""
    ordered = by_version(page)
    releases = (replace(one, files=tuple(sorted(one.files, key=lambda file: file.key))) for one in ordered.releases)
    return replace(ordered, releases=tuple(releases))


def _page_1_20() -> Any:  # noqa: ANN401 - a style; mypy infers it where it is used.
    return replace(
        PAGE,
        content_types=("text/html; charset=utf-8",),
        file_link=PAGE.file_link.replace("<br/>", "<br>"),
        file_link_without=PAGE.file_link_without.replace("<br/>", "<br>"),
    )


PAGE_1_18 = replace(PAGE, content_types=("text/html; charset=utf-8",))
PAGE_1_20 = _page_1_20()
FRAGMENT = replace(
    PAGE_1_20,
    file_link=PAGE_1_20.file_link.replace("#sha256-", "#sha256="),
    file_link_without=PAGE_1_20.file_link_without.replace("#sha256-", "#sha256="),
)
PAGE_1_22 = replace(FRAGMENT, document=FRAGMENT.document.replace("<body>\n\t\t<h1>", "<body><h1>"))
_RULES_1_17_3 = replace(RULES, release_checks=(ANY_CASE_NAME, RULES.release_checks[1]))
_RULES_1_18 = replace(RULES, release_checks=(NAME, VERSION))

GITEA_ERAS = (
    Era("1.17.3", "Gitea v1.17.3: names in any case", {"rules": _RULES_1_17_3}),
    Era(
        "1.17.4",
        "Gitea 1.17.4 and 1.18: PEP 440 whole, inactive accounts, site administrators; headers of replies (bound)",
        {
            "routes": routes(_PLAIN) | rest.ROUTES_1_17_4,
            "rules": _RULES_1_18,
            "features": {features.ACCOUNTS_CHECKED: "services/context/package.go"},
        },
    ),
    Era(
        "1.18",
        "Gitea 1.18.0: a wrong credential is refused, even where none is needed",
        {
            "features": {features.WRONG_IS_REFUSED: "services/auth/group.go"},
            "routes": rest.ROUTES_1_18,
            "elsewhere": {"packages": WRONG_FIRST} | rest.ELSEWHERE_1_18,
            "slashes_merged": True,
            "replies": REPLIES | OF_1_18,
            "page": PAGE_1_18,
            "download_headers": _MODERN_DOWNLOAD,
        },
    ),
    Era(
        "1.19",
        "Gitea 1.19: limits, scopes of tokens",
        {
            "routes": routes(_LIMITED) | rest.ROUTES_1_19,
            "elsewhere": rest.ELSEWHERE_1_19,
            "replies": {refusal: REPLIES[refusal] for refusal in OF_1_18}
            | {Refusal.FILE_EXISTS: plain(400, "package file already exists")},
            "features": {
                features.SCOPES: "models/auth/access_token_scope.go",
                features.LIMITS: "services/packages/packages.go",
                features.ACTIONS: "services/auth/basic.go, `GetRunningTaskByToken` (changelog of 1.19.0)",
            },
        },
    ),
    Era(
        "1.20",
        "Gitea 1.20: versions in the order of their bytes",
        {
            "arranged": by_version,
            "page": PAGE_1_20,
            "routes": rest.ROUTES_1_20,
            "elsewhere": rest.ELSEWHERE_1_20,
            "features": {features.SCOPES_BY_CATEGORY: "models/auth/access_token_scope.go (#24767)"},
        },
    ),
    Era(
        "1.21",
        "Gitea 1.21: SERVE_DIRECT, one-time passwords",
        {
            "routes": rest.ROUTES_1_21,
            "elsewhere": rest.ELSEWHERE_1_21,
            "features": {
                features.SERVE_DIRECT: "routers/api/packages/helper/helper.go",
                features.TOTP: "services/auth/basic.go",
                features.PAGE_FOR_READERS: "services/context/package.go (a bound)",
            },
        },
    ),
    Era(
        "1.22",
        "Gitea 1.22 (by commit date): 409, and `#sha256=`; no blanks before the heading",
        {
            "replies": {Refusal.FILE_EXISTS: REPLIES[Refusal.FILE_EXISTS]},
            "page": PAGE_1_22,
            "routes": rest.ROUTES_1_22,
            "elsewhere": rest.ELSEWHERE_1_22,
            "features": {features.NO_GZIP: "modules/httplib/serve.go (#30813)"},
        },
    ),
    Era(
        "1.22.3",
        "Gitea 1.22.3: tokens for public owners",
        {"features": {features.PUBLIC_ONLY: "routers/api/packages/api.go"}},
    ),
    Era("1.22.4", "Gitea 1.22.4: security keys", {"features": {features.WEBAUTHN: "services/auth/basic.go"}}),
    Era(
        "1.23",
        "G1.23 (okok7711/gitea HEAD, December 2024): scopes of OAuth2 access tokens (#32573)",
        {
            "routes": rest.ROUTES_1_23,
            "elsewhere": rest.ELSEWHERE_1_23,
            "features": {features.OAUTH_SCOPES: "services/oauth2_provider/access_token.go (#32573)"},
        },
    ),
    Era(
        "1.24",
        "Gitea 1.24: project_urls; the REST API's size, latest, lists of versions",
        {
            "routes": rest.ROUTES_1_24,
            "elsewhere": rest.ELSEWHERE_1_24,
            "features": {features.TEAMS_BY_UNIT: "routers/api/v1/org/team.go (#34128, changelog of 1.24.0; see 1.27)"},
        },
    ),
    Era(
        "1.25",
        "Gitea 1.25: the words for a wrong credential; restricted users read what is public (#35693)",
        {
            "features": {
                features.PUBLIC_FOR_RESTRICTED: "models/organization/org.go (#35693, changelog of 1.25.0)",
                features.UNREADABLE_IS_NONE: "modules/auth/httpauth (2025; a bound, measured in 1.27)",
            },
            "replies": {Refusal.CREDENTIAL_UNKNOWN: error(401, "Failed to authenticate user")},
        },
    ),
    Era(
        "1.25.2",
        "Gitea 1.25.2: the REST API's words for a wrong credential",
        {"routes": rest.ROUTES_1_25_2, "elsewhere": rest.ELSEWHERE_1_25_2},
    ),
    Era(
        "1.26",
        "Gitea 1.26, #36848: unknown addresses ask for no credential",
        {"elsewhere": {"packages": NOTHING_FIRST} | rest.ELSEWHERE_1_26, "routes": rest.ROUTES_1_26},
    ),
    Era(
        "1.26.2",
        "Gitea 1.26.2: files by name; OAuth2 access tokens keep to their scopes as Basic too (#37503)",
        {
            "arranged": by_version_and_file,
            "download_headers": {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"},
            "features": {features.OAUTH_SCOPES_AS_BASIC: "services/auth/basic.go (#37486, backport #37503)"},
        },
    ),
    Era(
        "1.27",
        "G1.27 (hanzoai/git@82edc3da): headers on everything (#37354), limited owners are not public",
        {
            "headers": {**_NOSNIFF, "X-Frame-Options": "SAMEORIGIN"},
            "replies": {Refusal.NAMESPACE_UNKNOWN: replace(REPLIES[Refusal.NAMESPACE_UNKNOWN], headers=_NOSNIFF)},
            "download_headers": _NEW_DOWNLOAD,
            "routes": rest.ROUTES_1_27,
            "elsewhere": rest.ELSEWHERE_1_27,
            "features": {features.PUBLIC_ONLY_LIMITED: "routers/api/packages/api.go, July 2026"},
        },
    ),
)
