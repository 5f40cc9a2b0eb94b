"""What to do about a refusal, as data.

The most telling entry counts: words that name the defect, then the product's own rule, then the kind of refusal.  None
of them says which product it is: a rule is known by what it demands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LICENSE_FILES = (
    "the metadata names a licence file that is not packed: mend the path in `license-files` (or the backend's own "
    "setting), and look into the built file for it"
)
_FILENAME = "a build backend of today names files right: build with its newest release, and do not rename what it made"
_ARCHIVE = "build the file again; if it was packed or changed by hand, let the build backend do it"
_TOP = "an sdist has one folder at its top, NAME-VERSION: let the build backend pack it"
_RIGHTS = "ask somebody who may for the right, or use the token that has it; the explanation says what is missing"
_METADATA_VERSION = (
    "the build backend writes metadata that is newer than the registry, or the client, knows: pin an older release of "
    "the backend, or upload with a newer client"
)
_VERSION = (
    "write the version as PEP 440 has it: numbers with dots, then perhaps `rc1`, `.post1` or `.dev1`, and nothing "
    "behind a `+`"
)
_VERSION_OUT = "give the release a new version and build again"
_ATTESTATION = "leave attestations out, or make them in the job that publishes"

BY_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), advice)
    for pattern, advice in (
        (r"is not a valid classifier|'classifier'", "take it, to the letter, from `python -m trove_classifiers`"),
        (r"classifier .* has been deprecated", "use what the message names instead, or leave the classifier out"),
        (
            r"not a valid metadata version|metadata_version",
            _METADATA_VERSION,
        ),
        (r"introduced in metadata version", "build with a newer release of the build backend, or leave the field out"),
        (
            r"license is deprecated when license-expression",
            'keep `license = "SPDX"` and drop the licence\'s classifiers and the old table `license = {...}`',
        ),
        (r"license-expression|license expression", "write an SPDX expression, such as `MIT OR Apache-2.0`"),
        (r"direct dependency", "depend on a released version: no URL and no path in `dependencies` or extras"),
        (r"not a valid url", "write the whole URL, with https://"),
        (r"must have a (label|url)|must be 32 characters", "mend the entry in `[project.urls]`"),
        (r"valid email address", "mend the address in `authors` or `maintainers`"),
        (r"'?summary'? (field )?must be", "keep `description` in [project] to one line of at most 512 characters"),
        (r"description-content-type", "name it in `readme`: text/markdown, text/x-rst or text/plain"),
        (r"requires-dist|'requires_dist'", "write the requirement as PEP 508 has it, such as `name>=1.0`"),
        (r"requires-python|requires_python", "write `requires-python` as a specifier, such as `>=3.10`"),
        (
            r"version\b.* is invalid|version is (invalid|blank)|invalid version|name or version",
            _VERSION,
        ),
        (r"top-level (members|directories)", _TOP),
        (r"unrecognized or malformed field|invalid distribution metadata", "mend that field of the project's metadata"),
    )
)

BY_RULE: Mapping[str, str] = {
    "local version": (
        "leave out what stands behind the `+`: tag the commit that is released, or tell the version plugin "
        '(setuptools-scm: `local_scheme = "no-local-version"`)'
    ),
    "metadata": "mend that field in pyproject.toml and build again",
    "form": "upload with twine or another client that knows the form",
    "form name": "rename the project: letters and digits, with single `-`, `_` or `.` between them",
    "form field": "upload with twine or another client that knows the form",
    "description": "render the description by itself (`twine check`), and mend it, or declare the type that it has",
    "description untyped": "name the type of the readme: without one it is taken for reStructuredText",
    **dict.fromkeys(
        ("name stdlib", "name prohibited", "name similar", "name taken", "name invalid"),
        "the name is not to be had: choose another one",
    ),
    **dict.fromkeys(("user not allowed", "publisher not allowed", "caveats"), _RIGHTS),
    **dict.fromkeys(("control characters", "slashes", "extension", "extension of type"), _FILENAME),
    **dict.fromkeys(("sdist filename", "sdist project", "sdist spelling", "filename too long"), _FILENAME),
    **dict.fromkeys(("wheel filename", "wheel parts", "wheel project", "wheel spelling", "wheel version"), _FILENAME),
    "wheel platform": (
        "build the wheel for a platform that is taken: repair it with auditwheel (manylinux, musllinux) or delocate "
        "(macOS), or build with cibuildwheel"
    ),
    "sdist license": _LICENSE_FILES,
    "wheel license": _LICENSE_FILES,
    "no RECORD": _ARCHIVE,
    "no METADATA": _ARCHIVE,
    "no WHEEL": _ARCHIVE,
    "no PKG-INFO": _ARCHIVE,
    "top level": _TOP,
    "entry points": "mend `[project.scripts]`: a script's name has letters, digits, `-`, `_` and `.` alone",
    "file size": "leave out what is not needed, or ask the registry for a higher limit",
    "project size": "delete old releases, or ask the registry for a higher limit",
    "ratio": "leave out what is mostly padding: it looks like an archive that is made to burst",
    **dict.fromkeys(
        ("pyarmor", "sourcedefender"),
        "ship the source as it is; a file that only has the marks of such code in a text is refused too",
    ),
    "digest": "upload the file again: it was changed on its way, or while it was sent",
    "file exists": _VERSION_OUT,
    "filename used": "the name is burned even if the file was deleted: " + _VERSION_OUT,
    "release closed": _VERSION_OUT,
    "second sdist": "one sdist a release: upload the .tar.gz alone",
    **dict.fromkeys(("no publisher", "publisher attests nothing"), _ATTESTATION),
}

BY_REFUSAL: Mapping[str, str] = {
    "FILE_EXISTS": f"{_VERSION_OUT}, or delete the stored file first",
    "FIELDS_INVALID": "mend those fields of the project's metadata, or upload with a newer client",
    "RELEASE_INVALID": "mend name or version in pyproject.toml as the message says",
    "DIGEST_MISMATCH": "upload the file again: it was changed on its way, or while it was sent",
    "DIGEST_REQUIRED": "upload with a client that sends the field",
    "FILE_TOO_LARGE": "leave out what is not needed, or ask the administrators for a higher limit",
    "FORM_TOO_LARGE": "shorten the description",
    "FILENAME_ILLEGAL": _FILENAME,
    "VERSION_UNREADABLE": "this release of the server breaks down on an epoch: leave it out, or update the server",
    "COUNT_LIMIT": "delete old versions, or ask the administrators for a higher limit",
    "OWNER_SIZE_LIMIT": "delete old versions, or ask the administrators for a higher limit",
    "QUOTA_EXCEEDED": "delete old versions, or ask the administrators for a higher limit",
    "PROTECTED": "ask somebody whom the protection rule lets through",
    "POLICY_VIOLATED": "ask the administrators what the policy is for",
    **dict.fromkeys(("FORBIDDEN", "HIDDEN", "UNAUTHENTICATED", "SCOPE_INSUFFICIENT"), _RIGHTS),
    "RULE_BROKEN": _ARCHIVE,
}


def advice_for(refusal: str, rule: str, words: str) -> str:
    """Return what to do about a refusal; nothing if nobody knows.

    Args:
        refusal: its name; empty if a client refused.
        rule: the product's own rule.
        words: what was said.
    """
    generic = rule in {"", "metadata", "form", "form field", "form name"}
    by_words = next((advice for pattern, advice in BY_WORDS if pattern.search(words)), "") if generic else ""
    return by_words or BY_RULE.get(rule, "") or BY_REFUSAL.get(refusal, "")
