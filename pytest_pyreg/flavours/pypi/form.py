"""An upload's form, checked before anything in it is understood: digests, file type and the shape of the name.

Follows wh:warehouse/forklift/decorators.py, `sanitize`, and forms.py.  Of a repeated field these checks see the first
value, as WTForms does; the cleaning before them goes by the last, as WebOb does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.pypi.words import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.forms import Form

NAME = re.compile(r"([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])\Z", re.IGNORECASE | re.ASCII)
_HEX = re.compile(r"[A-F0-9]{64}$", re.IGNORECASE)  # A line break may follow, as on the real server.
EXTENSIONS = {"sdist": (".zip", ".tar.gz"), "bdist_wheel": (".whl",)}
"""What a file's name may end in, by file type."""

_REQUIRED = "This field is required."
_SHAPES = {
    "name": (NAME, "Start and end with a letter or numeral containing only ASCII numeric and '.', '_' and '-'."),
    "sha256_digest": (_HEX, "Use a valid, hex-encoded, SHA256 message digest."),
    "blake2_256_digest": (_HEX, "Use a valid, hex-encoded, BLAKE2 message digest."),
}
_DIGESTS = {"md5": "md5_digest", "sha256": "sha256_digest", "blake2_256": "blake2_256_digest"}
_SHOWN = 30
"""Of a long name, so many characters from each end are shown; it is long if it has more than twice as many."""


@dataclass(frozen=True)
class Fields:
    """A form whose own fields are good; of its metadata nothing is known yet."""

    name: str
    filetype: str
    """"sdist" or "bdist_wheel"."""
    pyversion: str
    comment: str
    digests: Mapping[str, str]
    """Digest name (md5, sha256, blake2_256) -> what the client announced, in lower case."""
    values: Mapping[str, tuple[str, ...]]
    """Every text field after cleaning."""

    @property
    def attestations(self) -> str | None:
        """What is announced to be attestations, as JSON; None if the field is absent."""
        return self.values["attestations"][-1] if "attestations" in self.values else None


def files_only_where_due(form: Form) -> None:
    """Refuse a file in a field that holds text (check 2); of several the first by name, where the real one picks any.

    Raises:
        Refused: RULE_BROKEN.
    """
    for field in sorted(form.files.keys() - {"content", "gpg_signature"}):
        raise refuse("field is a file", field=field)


def checked(form: Form) -> Fields:
    """Check the form's own fields (checks 7 and 8).

    Raises:
        Refused: RULE_BROKEN.
    """
    values = _cleaned(form.lists)
    if values.get("protocol_version", ("1",))[-1] != "1":
        raise refuse("protocol")
    first = {field: sent[0] for field, sent in values.items()}
    _valid(first)
    digests = {name: first[field].lower() for name, field in _DIGESTS.items() if first.get(field)}
    pyversion = _python(first)
    if not digests:
        raise refuse("form", error="Include at least one message digest.")
    return Fields(first["name"], first["filetype"], pyversion, first.get("comment", ""), digests, values)


def _cleaned(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Drop what says UNKNOWN, and make nulls visible.

    A repeated field with a null in its last value keeps that value alone.
    """
    values = {}
    for field, sent in lists.items():
        if not sent or sent[-1].strip() == "UNKNOWN":
            continue
        values[field] = (sent[-1].replace("\x00", "\\x00"),) if "\x00" in sent[-1] else tuple(sent)
    return values


def _valid(first: Mapping[str, str]) -> None:
    """Check each field by itself; of several wrong ones the name is reported, or else the first in the alphabet."""
    for field in ("name", "blake2_256_digest", "filetype", "sha256_digest"):
        problem = _problem(field, first.get(field, ""))
        if problem and field == "name":
            value = first.get("name", "")
            shown = f"{value[:_SHOWN]}...{value[-_SHOWN:]}" if len(value) > 2 * _SHOWN else value
            raise refuse("form name", value=shown, error=problem)
        if problem:
            raise refuse("form field", field=field, error=problem)


def _problem(field: str, value: str) -> str:
    if field in {"name", "filetype"} and not value:
        return _REQUIRED
    if field == "filetype":
        return "" if value in EXTENSIONS else "Use a known file type."
    pattern, words = _SHAPES[field]
    blank = field != "name" and not value.strip()  # A field that may be absent may be blank.
    return "" if blank or pattern.match(value) else words


def _python(first: Mapping[str, str]) -> str:
    """Return the Python version, which is "source" for an sdist."""
    value = first.get("pyversion", "")
    if first["filetype"] == "sdist":
        if value not in {"", "source"}:
            raise refuse("form field", field="pyversion", error="Use 'source' as Python version for an sdist.")
        return "source"
    if not value:
        raise refuse(
            "form field", field="pyversion", error="Python version is required for binary distribution uploads."
        )
    return value
