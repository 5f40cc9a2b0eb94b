"""What GitLab 12.10 says and demands, where the story begins; `eras` tells what changed since.

Sources are files of gitlabhq/gitlabhq at the commit after the `@`, unless another repository is named; `API` stands for
lib/api/pypi_packages.rb.  12.10 was read from nickbrandt/GitLab@09681e1c, where the registry is still in `ee/`.
Workhorse is the proxy in front of Rails (folder workhorse/): it asks Rails whether the caller may upload before it
reads the body, and it parses the form.
"""

from __future__ import annotations

import hashlib
import re

from pytest_pyreg.flavours.base import Flavour
from pytest_pyreg.flavours.finding import as_they_came, by_digest
from pytest_pyreg.flavours.gitlab import rest
from pytest_pyreg.flavours.gitlab.authentication import BASIC_PERSONAL
from pytest_pyreg.flavours.gitlab.checks import number_demanded, packages_on
from pytest_pyreg.flavours.gitlab.features import LATE_LISTING
from pytest_pyreg.flavours.gitlab.replies import REDIRECT, REPLIES, message, unauthorized, workhorse
from pytest_pyreg.flavours.gitlab.roles import ROLES, SCOPES
from pytest_pyreg.flavours.gitlab.routes import Layout
from pytest_pyreg.flavours.gitlab.world import GitLabWorld
from pytest_pyreg.identity import ASK_WHO
from pytest_pyreg.refusals import Refusal
from pytest_pyreg.render.html import HtmlStyle
from pytest_pyreg.render.replies import ReplyShape
from pytest_pyreg.rules import Check, Limit, UploadRules
from pytest_pyreg.steps import (
    authorised,
    fields_valid,
    file_stored,
    filename_cleaned,
    form_read,
    identified,
    names_safe,
    namespace_known,
    release_valid,
    size_allowed,
)

# lib/gitlab/regex/packages.rb@3a77f46d, `pypi_version_regex`; case does not matter.
VERSION = re.compile(
    r"v?(?:[0-9]+!)?[0-9]+(?:\.[0-9]+)*"
    r"(?:[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?:[0-9]+)?)?"
    r"(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?(?:[0-9]+)?)?"
    r"(?:[-_.]?dev[-_.]?(?:[0-9]+)?)?"
    r"(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?",
    re.IGNORECASE | re.ASCII,
)
# The same file, `package_name_regex`.  Its two atomic groups are written as a look-ahead and a reference to what it
# found, which is the same and works before Python 3.11.
NAME = re.compile(
    r"@?(?=(?P<first>(?:[\w\-.+]*/)*[\w\-.]+))(?P=first)@?(?=(?P<second>(?:[\w\-.+]*/)*[\w\-.]*))(?P=second)",
    re.ASCII,
)
SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE | re.ASCII)  # The same file, `sha256_regex`.

BLANK = Check("name", re.compile(r"(?s).*\S.*"), "blank")

RULES = UploadRules(
    file_field="content",
    required=("content", "requires_python", "name", "version"),
    form_checks=(),  # Any text passes for a digest: the spec sends `123`.
    release_checks=(BLANK, Check("name", NAME)),  # Any text passes for a version, until 13.2.
    limits=(Limit("requires_python", 255),),
    stored={"requires_python": 255},
    # Kept as sent, never compared with the bytes: the spec stores "1" * 64 for any content.
    announced={"sha256": "sha256_digest", "md5": "md5_digest"},
    # lib/uploaded_file.rb, `sanitize_filename`, with CarrierWave's default pattern.
    filename_unsafe=re.compile(r"[^\w.\-+]"),
    max_file_bytes=50 * 1024 * 1024,  # Docs of 12.10 and 13.4.
    max_text_bytes=16 * 1024 * 1024,  # Rack's default limit for buffered form fields (rack 2.2.14).
    max_files=10,  # workhorse/internal/upload/rewrite.go, `maxFilesAllowed`.
    again=True,  # Docs of 12.10: the same file can be uploaded again, and the newest is served.
)

# app/presenters/packages/pypi/package_presenter.rb@48aff827: a heredoc inside a method, so its lines are indented by
# eight blanks.  The attribute is always there; file names are not escaped.  (12.10.0 escaped nothing: issue 215640.)
_LINK = '<a href="{url}" data-requires-python="{requires_python}">'
# app/presenters/packages/pypi/simple_presenter_base.rb@0ea3fcec: a heredoc inside a method, so its lines are indented
# by eight blanks; the doctype's are stripped from 17.0 on (first release not verified).  The attribute is always there;
# names are not escaped.
PAGE = HtmlStyle(
    content_types=("text/html; charset=utf-8",),
    document=(
        "        <!DOCTYPE html>\n"
        "        <html>\n"
        "          <head>\n"
        "            <title>Links for {title}</title>\n"
        "          </head>\n"
        "          <body>\n"
        "            <h1>Links for {title}</h1>\n"
        "            {links}\n"
        "          </body>\n"
        "        </html>\n"
    ),
    file_link=_LINK.replace("{url}", "{url}#sha256={announced_sha256}") + "{filename}</a><br>",
    project_link=_LINK + "{name}</a><br>",
    between="",
    # ERB::Util.html_escape.
    escapes={"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"},
)


# The order of API's `before`: the project first, then Grape validates.
READ = (packages_on, namespace_known, number_demanded, names_safe, identified, authorised)
LAYOUT = Layout(
    read=READ,
    file=(packages_on, namespace_known, number_demanded, names_safe),  # Nobody is asked who they are.
    # Workhorse asks Rails' `authorize` with the client's headers before it reads the body, so who may upload is settled
    # before what is uploaded; then Workhorse parses the form; then Rails validates, in the order of API.
    upload=(packages_on, namespace_known, number_demanded, identified, authorised),
    store=(form_read, fields_valid, size_allowed, release_valid, filename_cleaned, file_stored),
    accepted=frozenset({BASIC_PERSONAL}),
    manners=ASK_WHO,
)


def _etag(body: bytes) -> str:
    """Return the tag that Rack::ETag puts on a body that is held in memory (rack 2.2, lib/rack/etag.rb)."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


GITLAB_12_10 = Flavour(
    product="gitlab",
    version="12.10",
    source="nickbrandt/GitLab@09681e1c ee/lib/api/pypi_packages.rb and spec, @1580b084 service; docs 12.10",
    world=GitLabWorld,
    features={LATE_LISTING: "docs 12.10 (merge request 29911 later says that PyPI packages never did)"},
    routes={**LAYOUT.routes(), **rest.ROUTES},
    token_headers=("Deploy-Token", "PRIVATE-TOKEN", "JOB-TOKEN"),
    token_queries=("private_token", "job_token", "token"),
    slash_optional=True,  # Grape normalizes the path (inferred; pip always sends the slash).
    slashes_merged=False,
    head=True,
    elsewhere={},
    found=by_digest,
    arranged=as_they_came,
    roles=ROLES,
    scopes=SCOPES,
    rules=RULES,
    page=PAGE,
    json=None,
    redirect=REDIRECT,
    replies={
        **REPLIES,
        # basic_auth_helpers.rb in nickbrandt/GitLab@d431e8bf: the scheme is in the header's name.
        **unauthorized(
            ReplyShape(
                401,
                json={"message": "401 Unauthorized"},
                headers={"Www-Authenticate: Basic realm": "GitLab Packages Registry"},
            )
        ),
        # On its way through Workhorse (docs 12.10; bounds the parts of a direct upload).
        Refusal.FILE_TOO_LARGE: workhorse(413, "Request Entity Too Large"),
    },
    uploaded=message(201, "201 Created"),
    # lib/api/api.rb's `before`, Rack::ETag's default for what gets no tag, and rack-cors (config/application.rb), which
    # says it to everybody; nginx in front of it all (Omnibus: `server_tokens off`).
    headers={
        "Server": "nginx",
        "Cache-Control": "no-cache",
        "Vary": "Origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "X-Request-Id": "{request_id}",
        "X-Runtime": "{runtime}",
    },
    # Workhorse passes on what Rails says, with the words that Go has for its number (net/http, `StatusText`).
    reasons={
        413: "Request Entity Too Large",
        416: "Requested Range Not Satisfiable",
        422: "Unprocessable Entity",
    },
    # lib/api/helpers.rb, `present_disk_file!`, with ActionDispatch's ContentDisposition.
    download_headers={
        "Content-Type": "application/octet-stream",
        "Content-Disposition": "attachment; filename=\"{ascii_filename}\"; filename*=UTF-8''{encoded_filename}",
        "Content-Transfer-Encoding": "binary",
        # Workhorse sends the file with Go's `http.ServeContent`, which adds these two and understands ranges.
        "Accept-Ranges": "bytes",
        "Last-Modified": "{last_modified}",
    },
    lookup_name=str.lower,
    exact_names=True,  # `with_name(params[:package_name])`.
    # lib/gitlab/path_traversal.rb@2f08c2b7, and no absolute path.
    unsafe_path=re.compile(r"\A\.{1,2}\Z|\A\.\.[/\\]|[/\\]\.\.\Z|[/\\]\.\.[/\\]|\n|\A/"),
    etag=_etag,
    forwards=True,
    granted_headers={"Cache-Control": "max-age=0, private, must-revalidate"},  # Rack::ETag's own for what it tags.
    success_headers={"Referrer-Policy": "strict-origin-when-cross-origin"},  # nginx of Omnibus, without `always`.
)
