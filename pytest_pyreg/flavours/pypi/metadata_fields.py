"""The fields of core metadata as an upload's form has them, and what `packaging` finds wrong with each.

Each field is asked by itself rather than through `Metadata.from_raw(validate=True)`: releases of `packaging` disagree
on a few of them, and those before 26.3 break down on a brace in a value instead of refusing it.  What is demanded and
said here is what 26.2 demands, which the real server has (wh:requirements/main.txt).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from packaging.metadata import Metadata, RawMetadata

Errors = dict[str, list[str]]
"""What is wrong, by field: its header's name in lower case."""
Raw = dict[str, Any]
"""Metadata by `packaging`'s keys: texts, lists of texts, and a mapping for the project's URLs."""


class Field(NamedTuple):
    """One field of core metadata."""

    header: str
    """Its name in METADATA, in lower case; `packaging` and the refusals use it."""
    since: str = "1.0"
    """The metadata version that brought it."""
    form: str = ""
    """The form's name for it, where it is not that of `packaging`."""
    many: bool = False
    """Whether the form may repeat it."""


FIELDS: Mapping[str, Field] = {
    "metadata_version": Field("metadata-version"),
    "name": Field("name"),
    "version": Field("version"),
    "dynamic": Field("dynamic", "2.2", many=True),
    "platforms": Field("platform", form="platform", many=True),
    "supported_platforms": Field("supported-platform", "1.1", form="supported_platform", many=True),
    "summary": Field("summary"),
    "description": Field("description"),
    "description_content_type": Field("description-content-type", "2.1"),
    "keywords": Field("keywords"),
    "home_page": Field("home-page"),
    "download_url": Field("download-url", "1.1"),
    "author": Field("author"),
    "author_email": Field("author-email"),
    "maintainer": Field("maintainer", "1.2"),
    "maintainer_email": Field("maintainer-email", "1.2"),
    "license": Field("license"),
    "license_expression": Field("license-expression", "2.4"),
    "license_files": Field("license-file", "2.4", form="license_file", many=True),
    "classifiers": Field("classifier", "1.1", many=True),
    "requires_dist": Field("requires-dist", "1.2", many=True),
    "requires_python": Field("requires-python", "1.2"),
    "requires_external": Field("requires-external", "1.2", many=True),
    "project_urls": Field("project-url", "1.2", many=True),
    "provides_extra": Field("provides-extra", "2.1", many=True),
    "provides_dist": Field("provides-dist", "1.2", many=True),
    "obsoletes_dist": Field("obsoletes-dist", "1.2", many=True),
    "import_names": Field("import-name", "2.5", form="import_name", many=True),
    "import_namespaces": Field("import-namespace", "2.5", form="import_namespace", many=True),
    "requires": Field("requires", "1.1", many=True),
    "provides": Field("provides", "1.1", many=True),
    "obsoletes": Field("obsoletes", "1.1", many=True),
}
"""Every field by `packaging`'s key."""
BY_FORM: Mapping[str, str] = {field.form or key: key for key, field in FIELDS.items()}

# The real server's own order within these lists is that of a set, and varies.
_CONTENT_TYPES = ["text/markdown", "text/x-rst", "text/plain"]
_VARIANTS = ["CommonMark", "GFM"]


def problems(raw: Raw, version: str) -> tuple[Metadata, Errors]:
    """Return the metadata, whose attributes may be used if nothing is wrong, and what is wrong.

    It is without the fields of `AS_SENT`, which are good as they were sent or not at all.

    Args:
        raw: what was sent.
        version: the metadata version that it claims, a good one.
    """
    from packaging.metadata import Metadata

    metadata = Metadata.from_raw(
        cast("RawMetadata", {key: value for key, value in raw.items() if key not in AS_SENT}), validate=False
    )
    errors: Errors = {}
    for key in {**raw, "name": "", "version": ""}:
        problem = _too_new(key, version) or _problem(metadata, key, raw.get(key))
        if problem:
            errors[FIELDS[key].header] = [problem]
    return metadata, errors


def _too_new(key: str, version: str) -> str:
    header, since = FIELDS[key][:2]
    if _numbers(since) <= _numbers(version):
        return ""
    return f"{header} introduced in metadata version {since}, not {version}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _problem(metadata: Metadata, key: str, value: Any) -> str:  # noqa: ANN401 - a text, a list or a mapping.
    from packaging.metadata import InvalidMetadata

    if key in AS_SENT:
        return AS_SENT[key](value)
    try:
        getattr(metadata, key)
    except InvalidMetadata as error:
        return str(error)
    except (KeyError, ValueError, IndexError):  # A brace in the value, which 26.2 takes for one of its own template.
        bad = value if isinstance(value, str) else next((item for item in value if "{" in item or "}" in item), "")
        return f"{bad!r} is invalid for {FIELDS[key].header!r}"
    return ""


def _summary(value: str) -> str:
    return "'summary' must be a single line" if "\n" in value else ""


def _content_type(value: str) -> str:
    from email.message import EmailMessage

    header = "'description-content-type'"
    unknown = f"{header} must be one of {_CONTENT_TYPES}, not {value!r}"
    message = EmailMessage()
    try:
        message["content-type"] = value
    except (ValueError, IndexError):  # Line breaks and odd parameters; the real server breaks down on these.
        return unknown
    kind = message.get_content_type().lower()
    parameters = message["content-type"].params
    if kind not in _CONTENT_TYPES or kind not in value.lower():
        return unknown
    charset, variant = parameters.get("charset", "UTF-8"), parameters.get("variant", "GFM")
    if charset != "UTF-8":
        return f"{header} can only specify the UTF-8 charset, not {charset!r}"
    if kind == "text/markdown" and variant not in _VARIANTS:
        return f"valid Markdown variants for {header} are {_VARIANTS}, not {variant!r}"
    return ""


AS_SENT: Mapping[str, Callable[[str], str]] = {"summary": _summary, "description_content_type": _content_type}
"""Fields that `packaging` is not asked about: later releases refuse more line breaks, and take "utf-8" for "UTF-8"."""
