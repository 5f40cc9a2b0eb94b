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
from pytest_pyreg.refusals import Refusal
from pytest_pyreg.render.html import HtmlStyle
from pytest_pyreg.render.replies import ReplyShape
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

REALM = 'Basic realm="GitLab Packages Registry"'  # lib/api/helpers/packages/basic_auth_helpers.rb@286bddcf

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

# The project policies (app/policies/packages/policies/project_policy.rb, app/policies/project_policy.rb): a guest sees a
# private project but not its packages, a reporter reads them, a developer creates them.  Planner (17.7) ranks as a guest.
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
# app/presenters/packages/pypi/simple_presenter_base.rb@0ea3fcec: a heredoc inside a method, so its lines are indented by
# eight blanks; the doctype's are stripped from 17.0 on (first release not verified).  The attribute is always there;
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


def _message(status: int, text: str, **headers: str) -> ReplyShape:
    """Return what `render_api_error!` makes (lib/api/helpers.rb)."""
    return ReplyShape(
        status, json={"message": text}, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def _workhorse(status: int, text: str) -> ReplyShape:
    """Return what Go's `http.Error` makes (workhorse/internal/helper/fail/fail.go@0c872e02); Rails adds nothing to it."""
    headers = {"Cache-Control": "", "X-Frame-Options": "", "X-Content-Type-Options": "nosniff"}
    return ReplyShape(status, text=f"{text}\n", content_type="text/plain; charset=utf-8", headers=headers)


def _bearer(description: str) -> ReplyShape:
    """Return what rack-oauth2 makes of a bad token (lib/api/api_guard.rb)."""
    return ReplyShape(
        401,
        json={"error": "invalid_token", "error_description": description},
        headers={
            "WWW-Authenticate": (
                f'Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="{description}"'
            ),
        },
    )


_UNAUTHORIZED = _message(401, "401 Unauthorized", WWW_Authenticate=REALM)
_NOT_FOUND = _message(404, "404 Not Found")

REPLIES = {
    # Grape's own errors use the key `error` (lib/api/api.rb: the last route; grape's MethodNotAllowed, unverified text).
    Refusal.ROUTE_UNKNOWN: ReplyShape(404, json={"error": "404 Not Found"}),
    Refusal.METHOD_NOT_ALLOWED: ReplyShape(405, json={"error": "405 Not Allowed"}, headers={"Allow": "{allowed}"}),
    Refusal.PATH_INVALID: ReplyShape(  # lib/api/validations/validators/file_path.rb@3e06afc4
        400,
        json={"error": "{field} should be a valid file path"},
        field_names={"filename": "file_identifier", "project": "package_name"},
    ),
    # lib/gitlab/middleware/handle_malformed_strings.rb: before Grape, so without its headers.
    Refusal.TEXT_MALFORMED: ReplyShape(
        400,
        text="Bad Request",
        content_type="text/plain",
        headers={"X-Frame-Options": "", "X-Content-Type-Options": ""},
    ),
    # workhorse/internal/upload/uploads.go@e4969e64; which of Go's errors is which was measured with Go's own reader.
    Refusal.BODY_MALFORMED: _workhorse(400, "Bad Request"),
    Refusal.BODY_BROKEN_OFF: _workhorse(500, "Internal Server Error"),
    Refusal.FILE_REPEATED: _workhorse(500, "Internal Server Error"),
    Refusal.FILENAME_ILLEGAL: _workhorse(500, "Internal Server Error"),
    Refusal.FILES_TOO_MANY: _workhorse(400, "upload request contains more than {limit} files"),
    Refusal.FORM_TOO_LARGE: ReplyShape(413, text="Payload Too Large", content_type="text/plain"),  # Unverified.
    # API: `find_project(params[:id]) || not_found!`, for everybody.
    Refusal.NAMESPACE_UNKNOWN: _NOT_FOUND,
    Refusal.CREDENTIAL_UNKNOWN: _UNAUTHORIZED,
    Refusal.UNAUTHENTICATED: _UNAUTHORIZED,
    Refusal.TOKEN_EXPIRED: _bearer("Token is expired. You can either do re-authorization or token refresh."),
    Refusal.TOKEN_REVOKED: _bearer("Token was revoked. You have to re-authorize from the user."),
    # The same file; `scope` lists every scope registered for the endpoint.
    Refusal.SCOPE_INSUFFICIENT: ReplyShape(
        403,
        json={
            "error": "insufficient_scope",
            "error_description": "The request requires higher privileges than provided by the access token.",
            "scope": "api read_api",
        },
    ),
    Refusal.FORBIDDEN: _message(403, "403 Forbidden"),
    Refusal.HIDDEN: _NOT_FOUND,
    Refusal.PROJECT_UNKNOWN: _message(404, "404 Package Not Found"),
    Refusal.RANGE_UNSATISFIABLE: ReplyShape(  # Go's `http.ServeContent`.
        416,
        text="invalid range: failed to overlap\n",
        content_type="text/plain; charset=utf-8",
        headers={"Content-Range": "bytes */{size}"},
    ),
    Refusal.FILE_UNKNOWN: _message(404, "404 Not found"),  # lib/api/api.rb: RecordNotFound, with a small f.
    # Grape's validation errors, joined.
    Refusal.FIELDS_INVALID: ReplyShape(
        400,
        json={"error": "{problems}"},
        problems={"missing": "{field} is missing", "invalid": "{field} is invalid"},
    ),
    # ActiveRecord's, through `bad_request!`.
    Refusal.RELEASE_INVALID: ReplyShape(
        400,
        json={"message": "400 Bad request - Validation failed: {problems}"},
        problems={"blank": "{field} can't be blank", "invalid": "{field} is invalid"},
        field_names={"name": "Name", "version": "Version"},
    ),
    # API.  Behind Workhorse the same limit is enforced while the body is read, with a 413; the specs, which this
    # follows, know only the answer of Rails.
    Refusal.FILE_TOO_LARGE: _message(400, "400 Bad request - File is too large"),
    # app/models/packages/package_file.rb@017a6c12: the file name is unique in the package, and nothing else is.
    Refusal.FILE_EXISTS: _message(400, "400 Bad request - Validation failed: File name has already been taken"),
}


def _etag(body: bytes) -> str:
    """Return the tag that Rack::ETag puts on a body that is held in memory (rack 2.2, lib/rack/etag.rb)."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


GITLAB_17 = Flavour(
    product="gitlab",
    version="17.0",
    source="gitlabhq/gitlabhq@63dd1256 lib/api/pypi_packages.rb, @800235cc its spec, @017a6c12 service and models; docs 17",
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
    uploaded=_message(201, "201 Created"),
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
    # app/finders/packages/pypi/packages_finder.rb: the stored name is normalized, the one in the address only lower-cased,
    # so `my_pkg` in an address finds nothing.
    lookup_name=str.lower,
    # lib/gitlab/path_traversal.rb@2f08c2b7, and no absolute path.
    unsafe_path=re.compile(r"\A\.{1,2}\Z|\A\.\.[/\\]|[/\\]\.\.\Z|[/\\]\.\.[/\\]|\n|\A/"),
    etag=_etag,
    page_headers={"Cache-Control": "max-age=0, private, must-revalidate"},  # Rack::ETag's own for what it tags.
)
