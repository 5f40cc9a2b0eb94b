"""How GitLab says no: status, headers and words for every refusal.

Sources are files of gitlabhq/gitlabhq at the commit after the `@`; `API` stands for lib/api/pypi_packages.rb@63dd1256.
The words are those of the first era where they are still in force at the end; what changed stands in `eras`.
"""

from __future__ import annotations

from pytest_pyreg.refusals import Refusal
from pytest_pyreg.render.replies import ReplyShape

# What Rails, and the middleware in front of it, put on a reply; the proxy before them sends none of these.
RAILS_HEADERS = (
    "Cache-Control",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "Vary",
    "X-Request-Id",
    "X-Runtime",
    "X-Gitlab-Meta",
)
# lib/api/api.rb@00459703: what `rescue_from` answers with `rack_response` loses the headers of `before`.
BARE = {"X-Frame-Options": "", "X-Content-Type-Options": ""}
REALM = 'Basic realm="GitLab Packages Registry"'  # lib/api/helpers/packages/basic_auth_helpers.rb@286bddcf


def message(status: int, text: str, **headers: str) -> ReplyShape:
    """Return what `render_api_error!` makes (lib/api/helpers.rb)."""
    return ReplyShape(
        status, json={"message": text}, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def workhorse(status: int, text: str) -> ReplyShape:
    """Return what Go's `http.Error` makes (workhorse/internal/helper/fail/fail.go@0c872e02), without Rails' headers."""
    headers = {**dict.fromkeys(RAILS_HEADERS, ""), "X-Content-Type-Options": "nosniff"}
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


UNAUTHORIZED = message(401, "401 Unauthorized", WWW_Authenticate=REALM)
NOT_FOUND = message(404, "404 Not Found")
NO_ROUTE = ReplyShape(404, json={"error": "404 Not Found"})
FORBIDDEN = message(403, "403 Forbidden")


def unauthorized(challenge: ReplyShape) -> dict[Refusal, ReplyShape]:
    """Return the refusals that ask who the caller is."""
    return {Refusal.CREDENTIAL_UNKNOWN: challenge, Refusal.UNAUTHENTICATED: challenge}


def release_invalid(prefix: str) -> ReplyShape:
    """Return what ActiveRecord's validation makes.

    Args:
        prefix: what stands before its words.
    """
    return ReplyShape(
        400,
        json={"message": prefix + "Validation failed: {problems}"},
        problems={
            "blank": "{field} can't be blank",
            "invalid": "{field} is invalid",
            "long": "{field} is too long (maximum is {limit} characters)",
        },
        field_names={
            "name": "Name",
            "version": "Version",
            "requires_python": "Required python",
            "metadata_version": "Metadata version",
            "author_email": "Author email",
            "description": "Description",
            "description_content_type": "Description content type",
            "summary": "Summary",
            "keywords": "Keywords",
        },
    )


def file_exists(prefix: str) -> ReplyShape:
    """Return what a second file of a name gets.

    app/models/packages/package_file.rb@017a6c12: the file name is unique in the package, and nothing else is.
    """
    return message(400, prefix + "Validation failed: File name has already been taken")


# Grape's `redirect`: its text goes through the JSON formatter, so it is quoted (inferred; seen with npm's route).
REDIRECT = ReplyShape(
    302,
    text='"This resource has been moved temporarily to {location}."',
    content_type="text/plain",
    headers={"Location": "{location}"},
)
NOT_FOUND_BARE = message(404, "404 Not found", X_Frame_Options="", X_Content_Type_Options="")

NO_GET = {
    Refusal.NAMESPACE_MOVED: message(405, "Non GET methods are not allowed for moved projects"),
}

# What GitLab never says, since its steps never ask: a law wants a reply for every refusal.
_NEVER = dict.fromkeys(
    (
        Refusal.FORM_EXPECTED,
        Refusal.DIGEST_MISMATCH,
        Refusal.VERSION_UNREADABLE,
        Refusal.PAGE_FAILS,
        Refusal.COUNT_LIMIT,
        Refusal.OWNER_SIZE_LIMIT,
        Refusal.QUOTA_EXCEEDED,
        Refusal.TOKEN_PUBLIC_ONLY,
        Refusal.RULE_BROKEN,
    ),
    message(400, "400 Bad request"),
)

REPLIES = {
    **_NEVER,
    # Grape's own errors use the key `error`.  lib/api/api.rb ends with a route for any method on any path, which wins
    # over Grape's 405 (ruby-grape/grape lib/grape/router.rb, 1.3 to 3).
    Refusal.ROUTE_UNKNOWN: NO_ROUTE,
    Refusal.METHOD_NOT_ALLOWED: NO_ROUTE,
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
    Refusal.BODY_MALFORMED: workhorse(400, "Bad Request"),
    Refusal.BODY_BROKEN_OFF: workhorse(500, "Internal Server Error"),
    Refusal.FILE_REPEATED: workhorse(500, "Internal Server Error"),
    Refusal.FILENAME_ILLEGAL: workhorse(500, "Internal Server Error"),
    Refusal.FILES_TOO_MANY: workhorse(400, "upload request contains more than {limit} files"),
    Refusal.FORM_TOO_LARGE: ReplyShape(413, text="Payload Too Large", content_type="text/plain"),  # Unverified.
    # API: `find_project(params[:id]) || not_found!`, for everybody.
    Refusal.NAMESPACE_UNKNOWN: NOT_FOUND,
    Refusal.NAMESPACE_INVALID: ReplyShape(400, json={"error": "id is invalid"}),
    # REST routes only (lib/api/helpers.rb, `find_project!`, and api.rb's `rescue_from`); the type is unverified.
    Refusal.NAMESPACE_MOVED: ReplyShape(
        301,
        text="This resource has been moved permanently to {location}",
        content_type="text/plain",
        headers={"Location": "{location}", **BARE},
    ),
    # lib/api/helpers/packages_helpers.rb, `require_packages_enabled!`, before anything else.
    Refusal.REGISTRY_OFF: NOT_FOUND,
    # lib/gitlab/rack_attack.rb and request.rb: before Grape, so without its headers.
    Refusal.RATE_LIMITED: ReplyShape(
        429,
        text="Retry later\n",
        content_type="text/plain",
        headers={
            **BARE,
            "RateLimit-Name": "{throttle}",
            "RateLimit-Limit": "{per_minute}",
            "RateLimit-Observed": "{observed}",
            "RateLimit-Remaining": "0",
            "RateLimit-Reset": "{reset}",
            "RateLimit-ResetTime": "{reset_time}",
            "Retry-After": "{retry_after}",
        },
    ),
    **unauthorized(UNAUTHORIZED),
    # lib/gitlab/auth/user_access_denied_reason.rb@43a25d93.
    Refusal.ACCOUNT_UNUSABLE: message(403, "403 Forbidden - {reason}"),
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
    Refusal.FORBIDDEN: FORBIDDEN,
    Refusal.HIDDEN: NOT_FOUND,
    # REST routes only: lib/api/helpers.rb@051a4500, `handle_job_token_failure!`.
    Refusal.JOB_NOT_ALLOWED: message(
        403, "403 Forbidden - Authentication by CI/CD job token not allowed from {source} to {target}."
    ),
    # lib/api/helpers.rb@051a4500, `authorize_job_token_policies!`.
    Refusal.JOB_LIMITED: message(
        403,
        "403 Forbidden - Insufficient permissions to access this resource in project {target}. "
        "The following token permission is required: {needed}.",
    ),
    Refusal.PROJECT_UNKNOWN: message(404, "404 Package Not Found"),
    # Go's `http.ServeContent`.
    Refusal.RANGE_INVALID: ReplyShape(416, text="invalid range\n", content_type="text/plain; charset=utf-8"),
    Refusal.RANGE_UNSATISFIABLE: ReplyShape(
        416,
        text="invalid range: failed to overlap\n",
        content_type="text/plain; charset=utf-8",
        headers={"Content-Range": "bytes */{size}"},
    ),
    Refusal.FILE_UNKNOWN: NOT_FOUND_BARE,  # lib/api/api.rb: RecordNotFound, with a small f.
    Refusal.RELEASE_UNKNOWN: NOT_FOUND_BARE,
    Refusal.RELEASE_ABSENT: NOT_FOUND_BARE,
    Refusal.STORED_FILE_UNKNOWN: NOT_FOUND,
    # lib/api/helpers.rb, `check_unmodified_since!`.
    Refusal.CHANGED_SINCE: message(412, "412 Precondition Failed"),
    # The spec of package_files, @017a6c12.
    Refusal.DELETE_PROTECTED: message(403, "403 Forbidden - Package is deletion protected."),
    # Grape's validation of parameters.
    Refusal.QUERY_INVALID: ReplyShape(
        400,
        json={"error": "{problems}"},
        problems={
            "invalid": "{field} is invalid",
            "unknown": "{field} does not have a valid value",
            "excluded": "{field} has a value not allowed",
        },
    ),
    # Grape's validation errors, joined.
    Refusal.FIELDS_INVALID: ReplyShape(
        400,
        json={"error": "{problems}"},
        problems={"missing": "{field} is missing", "invalid": "{field} is invalid"},
    ),
    Refusal.RELEASE_INVALID: release_invalid(""),
    # API: the only 422; FIPS mode drops md5 and wants sha256.
    Refusal.DIGEST_REQUIRED: message(422, "422 Unprocessable Entity"),
    Refusal.PROTECTED: message(403, "403 Forbidden - Package protected."),
    # EE, 19: ee/lib/api/concerns of the dependency firewall (spec content id 61370057509).
    Refusal.POLICY_VIOLATED: ReplyShape(
        403, json={"message": "{violation}", "error": "Dependency Firewall policy violation"}
    ),
    # API.  Behind Workhorse the same limit is enforced while the body is read, with a 413; the specs, which this
    # follows, know only the answer of Rails.
    Refusal.FILE_TOO_LARGE: message(400, "400 Bad request - File is too large"),
    Refusal.FILE_EXISTS: file_exists(""),
}
