"""The rules of the public index up to the file: requests, callers, forms, projects and descriptions.

See `words` for what the numbers are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.pypi import features
from pytest_pyreg.flavours.pypi.rule import MORE, Before, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

_USER = "User {user!r}, associated with the API token used, does not have "
_USER_BEFORE = "User {user!r} does not have "
_NAME = " See {help}project-name" + MORE
_EMAIL = (
    "a verified primary email address. Please add a verified primary email before attempting to upload "
    "to PyPI. See {help}verified-email" + MORE
)
_TWO_FACTORS = (
    "two-factor authentication enabled. Please enable two-factor authentication before attempting to "
    "upload to PyPI. See {help}two-factor-authentication" + MORE
)

BEFORE_FILES: Mapping[str, Rule] = {
    # What is not to be had any more (wh:warehouse/legacy/api/pypi.py and forklift/legacy.py).
    "registration gone": Rule(
        0, 410, "Project pre-registration is no longer required or supported, upload your files instead."
    ),
    "documentation gone": Rule(
        0, 410, "Uploading documentation is no longer supported, we recommend using https://readthedocs.org/."
    ),
    "api moved": Rule(0, 410, "This API has moved to {upload}. See TODO for more information."),
    # The request (wh:warehouse/sanity.py).
    "query bytes": Rule(1, 400, "Invalid bytes in query string."),
    "path bytes": Rule(1, 400, "Invalid bytes in URL."),
    "form bytes": Rule(1, 400, "Invalid Form Data."),
    "field is a file": Rule(2, 400, "{field}: Should not be a tuple."),
    # Who asks, and whether anybody may.
    "read only": Rule(3, 403, "Read-only mode: Uploads are temporarily disabled."),
    "uploads off": Rule(4, 403, "New uploads are temporarily disabled. See {help}admin-intervention" + MORE),
    "password": Rule(
        5,
        403,
        "Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted Publishers "
        "instead. See {help}apitoken and {help}trusted-publishers",
    ),
    "credential": Rule(6, 403, "Invalid or non-existent authentication information. See {help}invalid-auth" + MORE),
    # The form: see `form`.
    "protocol": Rule(7, 400, "Unknown protocol version."),
    "form name": Rule(8, 400, "{value!r} is an invalid value for Name. Error: {error} See {core_metadata}" + MORE),
    "form field": Rule(8, 400, "Invalid value for {field}. Error: {error}"),
    "form": Rule(8, 400, "Error: {error}"),
    # The metadata in it: see `core_metadata`.
    "metadata": Rule(9, 400, "{error} See {core_metadata}" + MORE),
    "local version": Rule(9, 400, "{error} See {local_versions}" + MORE),
    "file missing": Rule(10, 400, "Upload payload does not have a file."),
    # A project that is not there yet (wh:warehouse/packaging/services.py).
    "publisher creates": Rule(
        11,
        400,
        "Non-user identities cannot create new projects. This was probably caused by successfully using a pending "
        "publisher but specifying the project name incorrectly (either in the publisher or in your project's "
        "metadata). Please ensure that both match. See: {docs}/trusted-publishers/troubleshooting/",
    ),
    "email": Rule(
        12,
        403,
        _USER + _EMAIL,
    ),
    "two factors": Rule(
        13,
        403,
        _USER + _TWO_FACTORS,
    ),
    "creation rate": Rule(14, 429, "Too many new projects created"),
    "registration off": Rule(
        15, 403, "New project registration temporarily disabled. See {help}admin-intervention" + MORE
    ),
    "name invalid": Rule(16, 400, "The name {name!r} is invalid."),
    "name stdlib": Rule(
        16,
        400,
        "The name {name!r} isn't allowed (conflict with Python Standard Library module name)." + _NAME,
    ),
    "name taken": Rule(17, 409, "The name {name!r} conflicts with an existing project." + _NAME),
    "name prohibited": Rule(18, 400, "The name {name!r} isn't allowed." + _NAME),
    "name similar": Rule(19, 400, "The name {name!r} is too similar to an existing project." + _NAME),
    # Rights on the project.
    "user not allowed": Rule(20, 403, "The user '{user}' isn't allowed to upload to project '{project}'." + _NAME),
    "publisher not allowed": Rule(21, 403, "The given token isn't allowed to upload to project '{project}'." + _NAME),
    "caveats": Rule(22, 403, "Invalid API Token: {errors}"),
    "email of owner": Rule(
        23,
        403,
        _USER + _EMAIL,
    ),
    "two factors of owner": Rule(
        23,
        403,
        _USER + _TWO_FACTORS,
    ),
    "organization": Rule(
        24,
        400,
        "Organization account owning this project is inactive. This may be due to inactive billing for Company "
        "Organizations, or administrator intervention for Community Organizations. Please contact {support}.",
    ),
    # The description: see `description`.
    "description": Rule(
        25, 400, "The description failed to render for '{content_type}'. See {help}description-content-type" + MORE
    ),
    "description untyped": Rule(
        26,
        400,
        "The description failed to render in the default format of reStructuredText. "
        "See {help}description-content-type" + MORE,
    ),
}

_ACCOUNTS = {
    "email": _EMAIL,
    "email of owner": _EMAIL,
    "two factors": _TWO_FACTORS,
    "two factors of owner": _TWO_FACTORS,
}
FORMS_BEFORE: Mapping[str, tuple[Before, ...]] = {
    rule: (
        Before(features.ACCOUNTS_ARE_BAD_REQUESTS, status=400),  # #16032, April 2026.
        Before(features.EARLY_ACCOUNTS, words=_USER_BEFORE + words),  # #19952, a week later.
    )
    for rule, words in _ACCOUNTS.items()
}
"""What was said otherwise once."""
