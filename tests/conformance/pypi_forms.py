"""The form of an upload to the public index: that of a preset, with what a row sets and leaves out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.conformance import pypi_attestations
from tests.conformance.cases import CannotExpress
from tests.conformance.pypi_scenes import known, public

if TYPE_CHECKING:
    from tests.conformance.pypi_parcels import Parcel

PRESETS = {"sdist": "sdist", "wheel": "bdist_wheel"}
"""Presets, and what the form calls them."""
BOUNDARY = "the-rows-boundary"
DIGESTS = {
    "md5": "md5",
    "sha256": "sha256",
    "blake2": "blake2_256",
    "blake2_256": "blake2_256",
    "blake2b": "blake2_256",
}
Fields = list[tuple[str, Any]]


def raw(fields: Fields, text: object) -> tuple[bytes, str]:
    """Return a body that is no form, or a bad one."""
    if re.search(r"undecodable|not (?:valid )?UTF-8|invalid bytes", str(text), re.IGNORECASE):
        return encoded([*fields, ("summary", b"\xff\xfe\x80")])
    if re.fullmatch(r"<?(?:not a|no) (?:multipart )?form>?|<?empty(?: body)?>?", str(text), re.IGNORECASE):
        return b"", f"multipart/form-data; boundary={BOUNDARY}"
    raise CannotExpress(f"when.raw = {text!r}")


def preset(parcel: Parcel) -> Fields:
    """Return the form of an upload that is right."""
    return [
        (":action", "file_upload"),
        ("protocol_version", "1"),
        ("metadata_version", "2.4"),
        ("name", parcel.name),
        ("version", parcel.version),
        ("filetype", PRESETS[parcel.kind]),
        ("pyversion", "py3" if parcel.kind == "wheel" else "source"),
        # Only one: rows that take it away expect that none is left.
        ("sha256_digest", parcel.digest("sha256")),
        ("content", parcel),
    ]


def filled(fields: Fields, changes: object, without: object, parcel: Parcel | None) -> Fields:
    """Return a form with some keys replaced, and some dropped."""
    if not isinstance(changes, dict) or not isinstance(without, (list, tuple)):
        raise CannotExpress(f"when.set = {changes!r}, when.unset = {without!r}")
    for name in without:
        if name not in {key for key, _ in fields}:
            raise CannotExpress(f"when.unset: there is no {name!r}")
    kept = [(name, value) for name, value in fields if name not in without]
    for name, value in changes.items():
        values = value if isinstance(value, list) else [value]
        meant = [(name, _value(name, each, parcel)) for each in values]
        places = [place for place, (key, _) in enumerate(kept) if key == name]
        at = places[0] if places else len(kept)
        kept = [pair for pair in kept[:at] if pair[0] != name] + meant + [pair for pair in kept[at:] if pair[0] != name]
    return kept


def _value(name: str, value: object, parcel: Parcel | None) -> object:
    """Return what a form field holds."""
    where = f"when.set.{name}"
    if isinstance(value, dict):
        known(where, value, {"filename", "content", "content_type"})
        return {key: str(each) for key, each in value.items()}
    if name == "attestations" and isinstance(value, str) and value.startswith("["):
        return pypi_attestations.written(value, parcel)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise CannotExpress(f"{where} = {value!r}")
    text = str(value)
    if re.fullmatch(r"<[^<>]+>", text):
        return _digest(name, text, parcel, where)
    return public(text)


def _digest(name: str, text: str, parcel: Parcel | None, where: str) -> str:
    own = name.removesuffix("_digest")
    found = re.fullmatch(
        r"<(?:(?P<other>md5|sha256|blake2\w*) of (?:the )?(?:content|file|bytes)|correct|right|"
        r"(?P<wrong>well-formed but wrong|wrong))(?P<upper>, upper[- ]case)?>",
        text,
    )
    if found is None or parcel is None or (not found["other"] and own not in DIGESTS):
        raise CannotExpress(f"{where} = {text!r}")
    digest = parcel.digest(DIGESTS[found["other"] or own])
    if found["wrong"]:
        digest = "".join("0123456789abcdef"[15 - int(letter, 16)] for letter in digest)
    return digest.upper() if found["upper"] else digest


def encoded(fields: Fields) -> tuple[bytes, str]:
    """Return a form's body, and its content type; written here, since releases of urllib3 escape names differently."""
    body = b""
    for name, value in fields:
        filename, data, content_type = None, value, None
        if isinstance(value, dict):
            filename, data = value.get("filename", "x"), value.get("content", "")
            content_type = value.get("content_type", "application/octet-stream")
        elif not isinstance(value, (str, bytes)):
            filename, data, content_type = value.filename, value.data, value.content_type
        head = f'Content-Disposition: form-data; name="{_quoted(name)}"'
        head += f'; filename="{_quoted(filename)}"' if filename is not None else ""
        head += f"\r\nContent-Type: {content_type}" if content_type is not None else ""
        content = data.encode() if isinstance(data, str) else data
        body += f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
