"""Core metadata out of keywords: the text of METADATA and PKG-INFO files, in every version that there is of it.

Owns the list of fields and which version brought each.  Does not know wheels, sdists or what a product makes of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pytest_pyreg.checked import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    Many: TypeAlias = str | Sequence[str]

METADATA_VERSION = "2.1"
"""The default: what every released twine and pip in use accepts.  A field that needs a later one raises it."""

VERSIONS = ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5")
"""All versions of core metadata; there never was a 2.0 (https://packaging.python.org/specifications/core-metadata/)."""

BODY_SINCE = "2.1"
"""From this version on the description stands in the body; before, it was a field like the others."""


class Field(NamedTuple):
    """A field of core metadata."""

    header: str
    since: str
    """The metadata version that introduced it."""
    many: bool = False
    """Whether it may stand there several times."""
    check: Callable[[str], object] | None = None
    """Raises what `packaging` raises if a text is none of the kind."""


# By keyword, in the order in which they are written (https://packaging.python.org/specifications/core-metadata/).
FIELDS: Mapping[str, Field] = {
    "dynamic": Field("Dynamic", "2.2", many=True),
    "platform": Field("Platform", "1.0", many=True),
    "supported_platform": Field("Supported-Platform", "1.1", many=True),
    "summary": Field("Summary", "1.0"),
    "description_content_type": Field("Description-Content-Type", "2.1"),
    "keywords": Field("Keywords", "1.0"),
    "home_page": Field("Home-page", "1.0"),
    "download_url": Field("Download-URL", "1.1"),
    "author": Field("Author", "1.0"),
    "author_email": Field("Author-email", "1.0"),
    "maintainer": Field("Maintainer", "1.2"),
    "maintainer_email": Field("Maintainer-email", "1.2"),
    "license": Field("License", "1.0"),
    "license_expression": Field("License-Expression", "2.4"),
    "license_file": Field("License-File", "2.4", many=True),
    "classifiers": Field("Classifier", "1.1", many=True),
    "project_urls": Field("Project-URL", "1.2", many=True),
    "import_name": Field("Import-Name", "2.5", many=True),
    "import_namespace": Field("Import-Namespace", "2.5", many=True),
    "requires_python": Field("Requires-Python", "1.2", check=SpecifierSet),
    "requires": Field("Requires-Dist", "1.2", many=True, check=Requirement),
    "requires_external": Field("Requires-External", "1.2", many=True),
    "requires_modules": Field("Requires", "1.1", many=True),
    "provides_extra": Field("Provides-Extra", "2.1", many=True),
    "provides": Field("Provides", "1.1", many=True),
    "provides_dist": Field("Provides-Dist", "1.2", many=True),
    "obsoletes": Field("Obsoletes", "1.1", many=True),
    "obsoletes_dist": Field("Obsoletes-Dist", "1.2", many=True),
}


class Fields(TypedDict, total=False):
    """The keywords of `FIELDS`, for type checkers.  A lone text where several may stand is one of them."""

    dynamic: Many
    platform: Many
    supported_platform: Many
    summary: str
    description_content_type: str
    keywords: str
    home_page: str
    download_url: str
    author: str
    author_email: str
    maintainer: str
    maintainer_email: str
    license: str
    license_expression: str
    license_file: Many
    classifiers: Many
    project_urls: Many
    import_name: Many
    import_namespace: Many
    requires_python: str | None
    requires: Many
    requires_external: Many
    requires_modules: Many
    provides_extra: Many
    provides: Many
    provides_dist: Many
    obsoletes: Many
    obsoletes_dist: Many


def metadata_text(
    project: str,
    version: str,
    values: Mapping[str, object],
    description: str = "",
    metadata_version: str | None = None,
) -> bytes:
    """Return the text of a METADATA or PKG-INFO file.

    Args:
        project: its name, as its author would spell it.
        version: its version, likewise.
        values: keyword of `FIELDS` -> a text, or several; one that is None is left out.
        description: the long description.
        metadata_version: one of `VERSIONS`; the oldest from 2.1 on that has all these fields if left out.

    Raises:
        ValueError: a keyword is no field, or none of that metadata version; a value cannot be its field's.
    """
    if metadata_version is not None and metadata_version not in VERSIONS:
        raise ValueError(f"there is no metadata version {metadata_version!r}; there are {', '.join(VERSIONS)}")
    for keyword in values:
        if keyword not in FIELDS:
            raise ValueError(_unknown(keyword))
    needed = metadata_version or METADATA_VERSION
    lines = [f"Name: {project}", f"Version: {version}"]
    for keyword, field in FIELDS.items():
        texts = _texts(keyword, field, values.get(keyword))
        if texts and field.since > needed:
            if metadata_version is not None:
                raise ValueError(
                    f"{keyword} ({field.header}) came with metadata version {field.since}, and this is "
                    f"{metadata_version}; leave one of the two out"
                )
            needed = field.since
        lines += [f"{field.header}: {text}" for text in texts]
    if needed < BODY_SINCE:
        # As distutils wrote it: eight spaces before each further line.
        lines += [f"Description: {description}".replace("\n", "\n" + " " * 8)] if description else []
        description = ""
    return "\n".join([f"Metadata-Version: {needed}", *lines, "", description]).encode()


def checked(keyword: str, text: str) -> str:
    """Return a text that can be that field's.

    Raises:
        ValueError: it cannot.
    """
    if not isinstance(text, str):
        raise ValueError(f"{keyword} is a text, or several where the field may be repeated, not {text!r}")  # noqa: TRY004 - as all of these.
    if "\n" in text or "\r" in text:
        raise ValueError(f"{keyword} has a line break in it, which core metadata cannot hold: {text!r}")
    check = FIELDS[keyword].check
    if check is not None:
        try:
            check(text)
        except (InvalidRequirement, InvalidSpecifier) as error:
            raise ValueError(f"{keyword} has {text!r}, which is none: {error}") from error
    return text


def _texts(keyword: str, field: Field, value: object) -> list[str]:
    if value is None:
        return []
    try:
        several = [value] if isinstance(value, str) else list(value)  # type: ignore[call-overload] # Seen below.
    except TypeError:
        several = [value]
    texts = [checked(keyword, text) for text in several]
    if len(texts) > 1 and not field.many:
        raise ValueError(f"{keyword} ({field.header}) may stand there only once, not {len(texts)} times: {texts!r}")
    return texts


def _unknown(keyword: str) -> str:
    near = nearest(keyword, tuple(FIELDS))
    hint = f"did you mean {near!r}? " if near else ""
    return f"{keyword!r} is no field of core metadata; {hint}the fields are {', '.join(sorted(FIELDS))}"
