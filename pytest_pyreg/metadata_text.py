"""Core metadata out of keywords: the text of METADATA and PKG-INFO files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

METADATA_VERSION = "2.1"
"""The default: what every released twine and pip in use accepts.  A field that needs a later one raises it."""

# The fields of core metadata by their keyword: the header and the metadata version that introduced it
# (https://packaging.python.org/specifications/core-metadata/).
FIELDS: Mapping[str, tuple[str, str]] = {
    "summary": ("Summary", "1.0"),
    "home_page": ("Home-page", "1.0"),
    "author": ("Author", "1.0"),
    "author_email": ("Author-email", "1.0"),
    "maintainer": ("Maintainer", "1.2"),
    "maintainer_email": ("Maintainer-email", "1.2"),
    "license": ("License", "1.0"),
    "license_expression": ("License-Expression", "2.4"),
    "license_file": ("License-File", "2.4"),
    "keywords": ("Keywords", "1.0"),
    "platform": ("Platform", "1.0"),
    "classifiers": ("Classifier", "1.1"),
    "project_urls": ("Project-URL", "1.2"),
    "provides_extra": ("Provides-Extra", "2.1"),
    "dynamic": ("Dynamic", "2.2"),
    "description_content_type": ("Description-Content-Type", "2.1"),
}


def metadata_text(  # noqa: PLR0917 - one argument for each part of the text.
    project: str,
    version: str,
    requires: Iterable[str],
    requires_python: str | None,
    description: str,
    metadata: Mapping[str, str | Sequence[str]],
) -> bytes:
    """Return the text of a METADATA or PKG-INFO file.

    Args as `pytest_pyreg.dists.make_wheel`.

    Raises:
        ValueError: a requirement or a specifier is none, or a keyword is no field of core metadata.
    """
    lines = [f"Name: {project}", f"Version: {version}"]
    needed = METADATA_VERSION
    for keyword, value in metadata.items():
        if keyword not in FIELDS:
            message = f"{keyword!r} is no field of core metadata; the fields are {', '.join(sorted(FIELDS))}"
            raise ValueError(message)
        header, since = FIELDS[keyword]
        needed = max(needed, since)
        values = [value] if isinstance(value, str) else value
        if any("\n" in item for item in values):
            message = f"{keyword} has a line break in it, which core metadata cannot hold: {value!r}"
            raise ValueError(message)
        lines += [f"{header}: {item}" for item in values]
    if requires_python is not None:
        _valid(SpecifierSet, requires_python, "requires_python")
        lines.append(f"Requires-Python: {requires_python}")
    for requirement in [requires] if isinstance(requires, str) else requires:
        _valid(Requirement, requirement, "requires")
        lines.append(f"Requires-Dist: {requirement}")
    return "\n".join([f"Metadata-Version: {needed}", *lines, "", description]).encode()


def _valid(kind: Callable[[str], object], text: str, keyword: str) -> None:
    try:
        kind(text)
    except (InvalidRequirement, InvalidSpecifier) as error:
        raise ValueError(f"{keyword} has {text!r}, which is none: {error}") from error
