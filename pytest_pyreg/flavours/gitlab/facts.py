"""What GitLab 17 says and demands, project level.

Sources are files of gitlabhq/gitlabhq at the commit after the `@`; `API` stands for lib/api/pypi_packages.rb@63dd1256,
whose feature flag file says 17.9.  Workhorse is the proxy in front of Rails (folder workhorse/): it asks Rails whether
the caller may upload before it reads the body, and it parses the form.

Not here yet: groups, forwarding, protection rules, the packages REST API, and the other releases.
"""

from __future__ import annotations

import hashlib
import re

from pytest_pyreg.flavours.base import Action, Flavour, Route
from pytest_pyreg.flavours.gitlab.replies import REPLIES, message
from pytest_pyreg.flavours.gitlab.world import (
    DEPLOY_READ,
    DEPLOY_WRITE,
    DEVELOPER,
    GUEST,
    MAINTAINER,
    OWNER,
    PLANNER,
    REPORTER,
    GitLabWorld,
)
from pytest_pyreg.identity import Permission, Policy, Scope
from pytest_pyreg.model import Visibility
from pytest_pyreg.render.html import HtmlStyle
from pytest_pyreg.steps import (
    Check,
    UploadRules,
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

_SEE = frozenset({Permission.SEE})
_READ = _SEE | {Permission.READ}
_PUBLISH = _READ | {Permission.PUBLISH}

_PREFIX = "/api/v4/projects/<namespace>/packages/pypi"

# API: the routes and their abilities.  Grape's `*name` matches slashes, as werkzeug's `path` does.
ROUTES = (
    Route(Action.PROJECT_LIST, "GET", f"{_PREFIX}/simple", Permission.READ),
    Route(Action.PROJECT_PAGE, "GET", f"{_PREFIX}/simple/<path:project>", Permission.READ),
    Route(Action.DOWNLOAD, "GET", f"{_PREFIX}/files/<sha256>/<path:filename>", Permission.READ),
    Route(Action.UPLOAD, "POST", _PREFIX, Permission.PUBLISH),
)

# app/policies/project_policy.rb and app/policies/packages/policies/project_policy.rb: a guest sees a private project,
# but not its packages; a reporter reads them, a developer creates them.  Planner (17.7) ranks as a guest.
POLICY = Policy(
    roles={
        GUEST: _SEE,
        PLANNER: _SEE,
        REPORTER: _READ,
        DEVELOPER: _PUBLISH,
        MAINTAINER: _PUBLISH,
        OWNER: _PUBLISH,
        DEPLOY_READ: _READ,
        DEPLOY_WRITE: _PUBLISH,
    },
    visitors={Visibility.PUBLIC: _READ, Visibility.INTERNAL: _READ},
    anonymous={Visibility.PUBLIC: _READ},
    # lib/api/api.rb: `allow_access_with_scope :api`, and `:read_api` for GET and HEAD.
    scopes={Scope("api"): _PUBLISH, Scope("read_api"): _READ},
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

RULES = UploadRules(
    file_field="content",
    required=("content", "name", "version"),
    form_checks=(Check("sha256_digest", SHA256),),
    # app/models/packages/package.rb@017a6c12 demands a name, then app/models/packages/pypi/package.rb@a71673e6 a valid
    # version and a valid name, in this order.
    release_checks=(Check("name", re.compile(r"(?s).*\S.*"), "blank"), Check("version", VERSION), Check("name", NAME)),
    # What CreatePackageService@017a6c12 keeps, cut to the columns' limits instead of refused (17.0; see issue 444304).
    stored={
        "requires_python": 255,
        "metadata_version": 16,
        "author_email": 2048,
        "description": 4000,
        "description_content_type": 128,
        "summary": 255,
        "keywords": 1024,
    },
    # Kept as sent, never compared with the bytes: the spec stores "1" * 64 for any content.
    announced={"sha256": "sha256_digest", "md5": "md5_digest"},
    # lib/uploaded_file.rb, `sanitize_filename`, with CarrierWave's default pattern.
    filename_unsafe=re.compile(r"[^\w.\-+]"),
    max_file_bytes=3_221_225_472,  # Plan limit `pypi_max_file_size` of a self-managed instance (doc/administration).
    max_text_bytes=16 * 1024 * 1024,  # Rack's default limit for buffered form fields (rack 2.2.14).
    max_files=10,  # workhorse/internal/upload/rewrite.go, `maxFilesAllowed`.
)

_LINK = '<a href="{url}" data-requires-python="{requires_python}">'
# app/presenters/packages/pypi/simple_presenter_base.rb@0ea3fcec: a heredoc inside a method, so its lines are indented
# by eight blanks; the doctype's are stripped from 17.0 on (first release not verified).  The attribute is always there;
# names are not escaped.
PAGE = HtmlStyle(
    content_type="text/html; charset=utf-8",
    document=(
        "<!DOCTYPE html>\n"
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
    file_link=_LINK.replace("{url}", "{url}#sha256={announced_sha256}") + "{filename}</a>",
    project_link=_LINK + "{name}</a>",
    between="",
    # ERB::Util.html_escape.
    escapes={"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"},
)


def _etag(body: bytes) -> str:
    """Return the tag that Rack::ETag puts on a body that is held in memory (rack 2.2, lib/rack/etag.rb)."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


GITLAB_17 = Flavour(
    product="gitlab",
    version="17.0",
    source="gitlabhq/gitlabhq@63dd1256 lib/api/pypi_packages.rb, @800235cc spec, @017a6c12 service, models; docs 17",
    world=GitLabWorld,
    routes=ROUTES,
    slash_optional=True,  # Grape normalizes the path (inferred; pip always sends the slash).
    policy=POLICY,
    # A read: Grape validates the path, then `project!` looks the project up, then the caller, then the ability.
    access_steps=(names_safe, namespace_known, identified, authorised),
    # An upload: Workhorse asks Rails' `authorize` with the client's headers before it reads the body, so who may upload
    # is settled before what is uploaded; then Workhorse parses the form; then Rails validates, in the order of API.
    upload_steps=(
        namespace_known,
        identified,
        authorised,
        form_read,
        fields_valid,
        size_allowed,
        release_valid,
        filename_cleaned,
        file_stored,
    ),
    rules=RULES,
    page=PAGE,
    replies=REPLIES,
    uploaded=message(201, "201 Created"),
    # lib/api/api.rb's `before`, and Rack::ETag's default for what gets no tag (Rails' default middleware).
    # nginx in front of it all (Omnibus: `server_tokens off`).
    headers={
        "Server": "nginx",
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
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
    # app/finders/packages/pypi/packages_finder.rb@0ea3fcec: the stored name is normalized, the one in the address only
    # lower-cased, so `my_pkg` in an address finds nothing.
    lookup_name=str.lower,
    # lib/gitlab/path_traversal.rb@2f08c2b7, and no absolute path.
    unsafe_path=re.compile(r"\A\.{1,2}\Z|\A\.\.[/\\]|[/\\]\.\.\Z|[/\\]\.\.[/\\]|\n|\A/"),
    etag=_etag,
    granted_headers={"Cache-Control": "max-age=0, private, must-revalidate"},  # Rack::ETag's own for what it tags.
)
