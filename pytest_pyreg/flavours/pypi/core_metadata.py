"""Core metadata out of an upload's form, checked (check 9); the metadata inside the file is never asked.

Follows wh:warehouse/forklift/metadata.py and legacy.py: repeated fields first, then the specification, and only where
nothing is wrong by it the index's own rules.  One error is reported, however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.pypi import metadata_rules
from pytest_pyreg.flavours.pypi.metadata_fields import AS_SENT, BY_FORM, FIELDS, Errors, Raw, problems
from pytest_pyreg.flavours.pypi.words import refuse
from pytest_pyreg.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from packaging.metadata import Metadata
    from packaging.version import Version

    from pytest_pyreg.flavours.pypi.form import Fields

_FIRST = ("metadata-version", "name", "version")
"""The fields whose errors are reported before any other."""


@dataclass(frozen=True)
class Core:
    """Metadata that the index takes, as it keeps it."""

    name: str
    version: Version
    metadata_version: str
    texts: Mapping[str, str]
    """What has one value, by `packaging`'s keys, normalized; an absent field is left out.

    Of several platforms the first is kept, as `platform`; keywords are one text here.
    """
    lists: Mapping[str, tuple[str, ...]]
    """What has several; an absent field is left out."""
    project_urls: Mapping[str, str]

    @property
    def description(self) -> str:
        """The long description."""
        return self.texts.get("description", "")

    @property
    def license_files(self) -> tuple[str, ...]:
        """The paths that the file must have."""
        return self.lists.get("license_files", ())


def checked(fields: Fields, accepted: frozenset[str]) -> Core:
    """Check the metadata in a form.

    Args:
        fields: the form.
        accepted: the metadata versions that are taken.

    Raises:
        Refused: RULE_BROKEN.
    """
    raw = _raw(fields.values)
    version = raw.get("metadata_version")
    if not isinstance(version, str) or version not in accepted:
        _report({"metadata-version": [f"{version!r} is not a valid metadata version"]})
    metadata, errors = problems(raw, str(version))
    _report(errors)
    _report(metadata_rules.broken(metadata, raw.get("summary", "")))
    return _core(metadata, raw)


def everything(fields: Fields, accepted: frozenset[str]) -> tuple[Core | None, list[Refused]]:
    """Return the metadata without the fields that are wrong, and all that is wrong, the most telling first.

    Args:
        fields: the form.
        accepted: the metadata versions that are taken.

    Returns:
        The metadata, or None if it cannot be made sense of, and what `checked` would refuse, one after the other.
    """
    try:
        raw = _raw(fields.values)
    except Refused as refused:
        return None, [refused]
    version = raw.get("metadata_version")
    if not isinstance(version, str) or version not in accepted:
        return None, _refusals({"metadata-version": [f"{version!r} is not a valid metadata version"]})
    metadata, errors = problems(raw, version)
    found = _refusals(errors)
    if not errors.keys().isdisjoint(_FIRST):
        return None, found
    sound = {key: value for key, value in raw.items() if FIELDS[key].header not in errors}
    metadata, _ = problems(sound, version)
    return _core(metadata, sound), found + _refusals(metadata_rules.broken(metadata, sound.get("summary", "")))


def _raw(values: Mapping[str, Sequence[str]]) -> Raw:
    """Sort a form's fields into texts, lists and URLs; what is no field of core metadata is passed over."""
    raw: Raw = {}
    unclear: Errors = {}
    for form_name, sent in values.items():
        key = BY_FORM.get(form_name)
        if key is None or list(sent) == [""]:
            continue
        if key == "project_urls":
            urls = [_url(text) for text in sent]
            raw[key] = dict(urls)
            good = len(raw[key]) == len(urls)
        elif FIELDS[key].many:
            raw[key], good = list(sent), True
        else:
            raw[key] = [word.strip() for word in sent[0].split(",")] if key == "keywords" else sent[0]
            good = len(sent) == 1
        if not good:
            unclear[form_name] = [f"{form_name!r} has invalid data"]
    _report(unclear)
    return raw


def _url(text: str) -> tuple[str, str]:
    label, _, url = text.partition(",")
    return label.strip(), url.strip()


def _report(errors: Errors) -> None:
    """Refuse for the most telling of the errors, if there are any."""
    for refused in _refusals(errors):
        raise refused


def _refusals(errors: Errors) -> list[Refused]:
    """Return a refusal for each of the errors, the most telling first."""
    found = []
    for header in dict.fromkeys((*_FIRST, *sorted(errors))):
        for error in errors.get(header, ()):
            local = header == "version" and any("use of local versions" in one for one in errors[header])
            rule = "local version" if local else "metadata"
            found.append(refuse(rule, error=error if error.endswith(".") else f"{error}."))
    return found


def _core(metadata: Metadata, raw: Raw) -> Core:
    texts, lists = {}, {}
    for key in raw:
        value = raw[key] if key in AS_SENT else getattr(metadata, key)
        if key == "project_urls" or value is None:
            continue
        if FIELDS[key].many:
            lists[key] = tuple(map(str, value))
        else:
            texts[key] = ", ".join(value) if key == "keywords" else str(value)
    if "keywords" in raw:
        lists["keywords"] = tuple(raw["keywords"])
    if "platforms" in lists:
        texts["platform"] = lists["platforms"][0]
    if "dynamic" in lists:
        lists["dynamic"] = tuple(name.title() for name in lists["dynamic"])
    return Core(
        name=texts["name"],
        version=metadata.version,
        metadata_version=texts["metadata_version"],
        texts=texts,
        lists=lists,
        project_urls=dict(raw.get("project_urls", {})),
    )
