"""What Gitea 1.17.0 says and demands, where the story begins; `eras` tells what changed since, there and in Forgejo.

Sources are files of Gitea: routers/api/packages/pypi/pypi.go and its neighbours, at v1.17.3 where no other release is
named (offsoc/forgejo, tag v1.17.3).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from pytest_pyreg.flavours.base import Action, Flavour, Route
from pytest_pyreg.flavours.gitea.authentication import AUTHORIZATION
from pytest_pyreg.flavours.gitea.checks import (
    compression_skipped,
    fields_filled,
    form_expected,
    owner_public,
    packages_on,
    quota_kept,
    scope_reads,
    spelling_kept,
    version_readable,
    versions_readable,
)
from pytest_pyreg.flavours.gitea.owners import owner_known
from pytest_pyreg.flavours.gitea.policy import READ, ROLES, WRITE
from pytest_pyreg.flavours.gitea.replies import OF_1_17, REPLIES, bare
from pytest_pyreg.flavours.gitea.rest_eras import ELSEWHERE_1_17, ROUTES_1_17
from pytest_pyreg.flavours.gitea.world import GiteaWorld
from pytest_pyreg.identity import Permission, Scope
from pytest_pyreg.model import Keys
from pytest_pyreg.refusals import Refusal
from pytest_pyreg.render.html import HtmlStyle
from pytest_pyreg.render.replies import ReplyShape
from pytest_pyreg.rules import Check, UploadRules
from pytest_pyreg.steps import (
    authorised,
    digest_right,
    fields_valid,
    file_stored,
    form_read,
    lead_nowhere,
    recognised,
    release_valid,
    scope_held,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_pyreg.index import Found, Index
    from pytest_pyreg.model import Namespace, ProjectPage
    from pytest_pyreg.visit import Step

_PREFIX = "/api/packages/<namespace>/pypi"
JWT = frozenset({"jwt"})
"""What wants to be a token of some package manager is looked for in every header (services/packages/auth.go)."""
# `reqPackageAccess` asks for the scope, for public owners and for the right, first to read, then to write.
ACCESS: tuple[Step, ...] = (packages_on, recognised, owner_known, scope_reads, owner_public, authorised, scope_held)
ADMITTED = (*ACCESS, quota_kept, form_expected, form_read, fields_filled, fields_valid)


def routes(upload: tuple[Step, ...], reading: tuple[Step, ...] = ()) -> dict[str, Route]:
    """Return the addresses of packages.

    Args:
        upload: what an upload goes through.
        reading: what a page and a download go through besides.
    """
    read, publish, shown = Permission.READ, Permission.PUBLISH, (*ACCESS, *reading)
    files = f"{_PREFIX}/files/<project>/<version>/<filename>"
    return {
        "project page": Route(Action.PROJECT_PAGE, "GET", f"{_PREFIX}/simple/<project>", read, shown, "owner", JWT),
        "download": Route(Action.DOWNLOAD, "GET", files, read, (*shown, compression_skipped), "owner", JWT),
        "upload": Route(Action.UPLOAD, "POST", _PREFIX, publish, upload, "owner", JWT),
    }


WRONG_FIRST = Route(Action.OWN, "", "/api/packages", Permission.SEE, (recognised,), accepted=JWT, answer=lead_nowhere)
"""Where nothing is: to 1.25 a wrong credential is refused there first (api.go, `verifyAuth`)."""


def stored_name(name: str) -> str:
    """Return the name that is kept: each dot and underscore is a hyphen, runs are not collapsed."""
    return re.sub(r"[._]", "-", name)


def keys(name: str, version: str, filename: str) -> Keys:
    """Return what makes two of a kind one: names and versions in any case, file names too."""
    project = stored_name(name).lower()
    return Keys(project, (project, version.lower()), filename.lower())


def found(index: Index, namespaces: Iterable[Namespace], names: Mapping[str, str]) -> Found:
    """Find a file by project, version and name."""
    return index.find_in(namespaces, keys(names["project"], names["version"], names["filename"]))


def newest_first(page: ProjectPage) -> ProjectPage:
    """Put the newest release first, as 1.17 to 1.19 do; in the order of their numbers within a second."""
    from dataclasses import replace

    ordered = sorted(page.releases, key=lambda release: (-int(release.created_at.timestamp()), release.id))
    return replace(page, releases=tuple(ordered))


def address(url: str) -> str:
    """Escape an address as Go's html/template does: in small letters, and not what looks escaped (url.go)."""
    raw = unquote_to_bytes(url)
    return re.sub(
        rb"%(?![0-9a-fA-F]{2})|[^-._~!#$&*+,/:;=?@\[\]%a-zA-Z0-9]", lambda found: b"%%%02x" % found[0][0], raw
    ).decode()


LOWER_NAME = Check("name", re.compile(r"[a-z0-9.\-_]+"))
ANY_CASE_NAME = Check("name", re.compile(r"[a-zA-Z0-9.\-_]+"))
# From 1.18 on, as the other indexes have it: a letter or digit at both ends.
NAME = Check("name", re.compile(r"[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9.\-_]*[a-zA-Z0-9]"))
STRICT_VERSION = Check(
    "version",
    re.compile(
        r"([1-9][0-9]*!)?(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*((a|b|rc)(0|[1-9][0-9]*))?"
        r"(\.post(0|[1-9][0-9]*))?(\.dev(0|[1-9][0-9]*))?"
    ),
)
VERSION = Check(
    "version",
    re.compile(
        r"v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*"
        r"(?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview)[-_.]?[0-9]*)?"
        r"(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?"
        r"(?:[-_.]?dev[-_.]?[0-9]*)?"
        r"(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?"
    ),
)
_LONGEST = 2**31

RULES = UploadRules(
    file_field="content",
    required=("content",),
    form_checks=(),
    release_checks=(LOWER_NAME, STRICT_VERSION),
    stored=dict.fromkeys(
        ("author", "summary", "description", "long_description", "license", "requires_python", "home_page"), _LONGEST
    ),
    announced={"sha256": "sha256_digest"},
    filename_unsafe=re.compile(r"(?!)"),
    max_file_bytes=2**62,  # Limits are the instance's; see `limits_kept`.
    max_text_bytes=32 * 1024 * 1024,  # Go's `defaultMaxMemory` for what is no file, 32 MB (ParseMultipartForm).
    max_files=1000,
    first_field=True,  # Go's `FormValue`.
    replaces=False,  # The first file's metadata is the version's.
    keys=keys,
    stored_name=stored_name,
)

_LINK = '\n\t\t\t\t<a href="{url}#sha256-{announced_sha256}"'
# templates/api/packages/pypi/simple.tmpl.
PAGE = HtmlStyle(
    content_types=("text/html; charset=UTF-8",),
    document=(
        "<!DOCTYPE html>\n<html>\n\t<head>\n\t\t<title>Links for {title}</title>\n\t</head>\n\t<body>\n\t\t"
        "<h1>Links for {title}</h1>\n\t\t{links}\n\t</body>\n</html>\n"
    ),
    file_link=_LINK + ' data-requires-python="{requires_python}">{filename}</a><br/>\n\t\t\t',
    file_link_without=_LINK + ">{filename}</a><br/>\n\t\t\t",
    project_link="",
    between="",
    release="\n\t\t\t\n\t\t\t{links}\n\t\t",
    escape_all=True,
    address=address,
    # Go's html/template.
    escapes={"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "+": "&#43;"},
)

GITEA_1_17_0 = Flavour(
    product="gitea",
    version="1.17.0",
    source="Gitea v1.17.0 to v1.17.3, routers/api/packages/pypi/pypi.go (offsoc/forgejo, tag v1.17.3)",
    world=GiteaWorld,
    features={},
    routes={
        **routes(
            (*ADMITTED, digest_right, release_valid, spelling_kept, file_stored, version_readable), (versions_readable,)
        ),
        **ROUTES_1_17,
    },
    token_headers=(AUTHORIZATION, "X-Gitea-OTP"),
    token_queries=("token", "access_token"),
    slash_optional=True,
    slashes_merged=False,
    head=False,
    elsewhere=ELSEWHERE_1_17,
    found=found,
    arranged=newest_first,
    roles=ROLES,
    scopes={Scope("all"): WRITE, Scope("package"): WRITE, Scope("write:package"): WRITE, Scope("read:package"): READ},
    rules=RULES,
    page=PAGE,
    json=None,
    redirect=ReplyShape(303, text="", content_type="", headers={"Location": "{location}"}),
    replies={**REPLIES, **OF_1_17, Refusal.CREDENTIAL_UNKNOWN: REPLIES[Refusal.CREDENTIAL_UNKNOWN]},
    uploaded=bare(201, ""),
    # An empty header is one that is not sent.
    headers=dict.fromkeys(
        (
            "Content-Type",
            "Content-Description",
            "Content-Transfer-Encoding",
            "Expires",
            "Pragma",
            "Warning",
            "X-Content-Type-Options",
            "X-Gitea-Warning",
        ),
        "",
    ),
    reasons={413: "Request Entity Too Large", 416: "Requested Range Not Satisfiable", 422: "Unprocessable Entity"},
    success_headers={},
    download_headers={
        "Content-Description": "File Transfer",
        "Content-Type": "application/octet-stream",
        "Content-Disposition": "attachment; filename={ascii_filename}",
        "Content-Transfer-Encoding": "binary",
        "Expires": "0",
        "Cache-Control": "must-revalidate",
        "Pragma": "public",
        "Access-Control-Expose-Headers": "Content-Disposition",
    },
    lookup_name=lambda name: stored_name(name).lower(),
    exact_names=False,
    unsafe_path=re.compile(r"(?!)"),
    etag=None,
    granted_headers={},
    limit_setting="limit_size_pypi",
)
