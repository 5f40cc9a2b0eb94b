"""How GitLab 17 says no: status, headers and words for every refusal.

Sources are files of gitlabhq/gitlabhq at the commit after the `@`; `API` stands for lib/api/pypi_packages.rb@63dd1256.
"""

from __future__ import annotations

from pytest_pyreg.refusals import Refusal
from pytest_pyreg.render.replies import ReplyShape

REALM = 'Basic realm="GitLab Packages Registry"'  # lib/api/helpers/packages/basic_auth_helpers.rb@286bddcf


def message(status: int, text: str, **headers: str) -> ReplyShape:
    """Return what `render_api_error!` makes (lib/api/helpers.rb)."""
    return ReplyShape(
        status, json={"message": text}, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def _workhorse(status: int, text: str) -> ReplyShape:
    """Return what Go's `http.Error` makes (workhorse/internal/helper/fail/fail.go@0c872e02), without Rails' headers."""
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


_UNAUTHORIZED = message(401, "401 Unauthorized", WWW_Authenticate=REALM)
_NOT_FOUND = message(404, "404 Not Found")

REPLIES = {
    # Grape's own errors use the key `error`: the last route of lib/api/api.rb, and its MethodNotAllowed (unverified).
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
    Refusal.FORBIDDEN: message(403, "403 Forbidden"),
    Refusal.HIDDEN: _NOT_FOUND,
    Refusal.PROJECT_UNKNOWN: message(404, "404 Package Not Found"),
    Refusal.RANGE_UNSATISFIABLE: ReplyShape(  # Go's `http.ServeContent`.
        416,
        text="invalid range: failed to overlap\n",
        content_type="text/plain; charset=utf-8",
        headers={"Content-Range": "bytes */{size}"},
    ),
    Refusal.FILE_UNKNOWN: message(404, "404 Not found"),  # lib/api/api.rb: RecordNotFound, with a small f.
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
    Refusal.FILE_TOO_LARGE: message(400, "400 Bad request - File is too large"),
    # app/models/packages/package_file.rb@017a6c12: the file name is unique in the package, and nothing else is.
    Refusal.FILE_EXISTS: message(400, "400 Bad request - Validation failed: File name has already been taken"),
}
