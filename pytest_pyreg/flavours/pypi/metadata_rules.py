"""What the public index demands of core metadata beyond the specification (wh:warehouse/forklift/metadata.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.pypi.metadata_fields import FIELDS, Errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from packaging.metadata import Metadata

    Found = Iterator[tuple[str, str]]

_LONGEST_SUMMARY = 512
_LONGEST_LABEL = 32
_DYNAMIC = frozenset(field.header for field in FIELDS.values()) - {"metadata-version", "name", "version", "dynamic"}


def broken(metadata: Metadata, summary: str) -> Errors:
    """Return what is wrong with metadata that is good by the specification.

    Args:
        metadata: all but the summary.
        summary: the summary; empty if there is none.
    """
    errors: Errors = {}
    if len(summary) > _LONGEST_SUMMARY:
        errors["summary"] = [f"'summary' field must be {_LONGEST_SUMMARY} characters or less."]
    for rule in _RULES:
        for header, problem in rule(metadata):
            errors.setdefault(header, []).append(problem)
    return errors


def valid_url(url: str) -> bool:
    """Tell whether a URL may be shown; one without a host may (wh:warehouse/utils/http.py)."""
    from rfc3986 import uri_reference
    from rfc3986.exceptions import RFC3986Exception
    from rfc3986.validators import Validator

    validator = Validator().allow_schemes("http", "https").require_presence_of("scheme")
    try:
        validator.check_validity_of("scheme", "host", "port", "path", "query").validate(uri_reference(url).normalize())
    except (RFC3986Exception, ValueError):
        return False
    return True


def _version(metadata: Metadata) -> Found:
    if metadata.version.local:
        yield "version", f"The use of local versions in '{metadata.version}' is not allowed."


def _addresses(metadata: Metadata) -> Found:
    """Ask of the first address alone, and nothing of a text without any."""
    if not (metadata.author_email or metadata.maintainer_email):
        return
    from email.utils import parseaddr

    from email_validator import EmailNotValidError, validate_email

    for header, text in (("author-email", metadata.author_email), ("maintainer-email", metadata.maintainer_email)):
        _, address = parseaddr(text or "")
        if not address:
            continue
        try:
            validate_email(address, check_deliverability=False)
        except EmailNotValidError as error:
            yield header, f"{address!r} is not a valid email address: {error}"


def _classifiers(metadata: Metadata) -> Found:
    if not metadata.classifiers:
        return
    from trove_classifiers import all_classifiers, deprecated_classifiers

    sent = set(metadata.classifiers)
    for name in sorted(sent - set(all_classifiers)):
        yield "classifier", f"{name!r} is not a valid classifier."
    for name in sorted(sent & deprecated_classifiers.keys()):
        instead = deprecated_classifiers[name]
        advice = f", use one of {instead} instead." if instead else "."
        yield "classifier", f"The classifier {name!r} has been deprecated{advice}"


def _urls(metadata: Metadata) -> Found:
    for header, url in (("home-page", metadata.home_page), ("download-url", metadata.download_url)):
        if url is not None and not valid_url(url):
            yield header, f"{url!r} is not a valid url."
    for label, url in (metadata.project_urls or {}).items():
        if not label:
            yield "project-url", "Must have a label"
        elif len(label) > _LONGEST_LABEL:
            yield "project-url", f"{label!r} must be {_LONGEST_LABEL} characters or less."
        elif not url:
            yield "project-url", "Must have a URL"
        elif not valid_url(url):
            yield "project-url", f"{url!r} is not a valid url"


def _requirements(metadata: Metadata) -> Found:
    from packaging.requirements import InvalidRequirement, Requirement

    for header, texts in (("provides-dist", metadata.provides_dist), ("obsoletes-dist", metadata.obsoletes_dist)):
        for text in texts or ():
            try:
                direct = Requirement(text).url is not None
            except InvalidRequirement as error:
                yield header, f"{text!r} is invalid: {error}"
                continue
            if direct:
                yield header, f"Can't have direct dependency: {text!r}"
    for requirement in metadata.requires_dist or ():
        if requirement.url is not None:
            yield "requires-dist", f"Can't have direct dependency: {requirement}"


def _dynamic(metadata: Metadata) -> Found:
    for name in metadata.dynamic or ():
        if name not in _DYNAMIC:
            yield "dynamic", f"Dynamic field {name!r} is not a valid dynamic field."


def _license(metadata: Metadata) -> Found:
    if metadata.license and metadata.license_expression:
        yield (
            "license",
            "License is deprecated when License-Expression is present. Only License-Expression should be present.",
        )


_RULES: tuple[Callable[[Metadata], Found], ...] = (
    _version,
    _addresses,
    _classifiers,
    _urls,
    _requirements,
    _dynamic,
    _license,
)
