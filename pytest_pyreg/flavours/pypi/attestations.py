"""Attestations of an upload (PEP 740; check 55): their shape, and whether they speak of the file; never a signature.

Signatures need Sigstore's roots of trust, which are not to be had offline; the real server leaves them out as well
where it is developed (wh:warehouse/attestations/services.py, `NullIntegrityService`).  What it says of a malformed text
is pydantic's and changes with it: here the beginning is the same and the rest is ours.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from packaging.utils import parse_sdist_filename, parse_wheel_filename

from pytest_pyreg.flavours.hosts import PUBLISH_PREDICATE
from pytest_pyreg.flavours.pypi.words import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Attestation = Mapping[str, Any]

PREDICATES = (PUBLISH_PREDICATE, "https://slsa.dev/provenance/v1")
"""What an attestation may say; one of each may come with a file."""

_DIGEST = "sha256"


def checked(text: str, publisher: str | None, *, attests: bool = True) -> tuple[Attestation, ...]:
    """Check the shape of what came in the field `attestations`, and return it.

    Args:
        text: JSON.
        publisher: the kind of trusted publisher that uploads; None if it is none.
        attests: whether attestations by that kind are taken.

    Raises:
        Refused: RULE_BROKEN.
    """
    if publisher is None:
        raise refuse("no publisher")
    if not attests:
        raise refuse("publisher attests nothing", publisher=publisher)
    found = _parsed(text)
    if not found:
        raise refuse("attestations empty")
    if len(found) > len(PREDICATES):
        raise refuse("attestations many", limit=len(PREDICATES))
    seen = set()
    for attestation in found:
        predicate = statement(attestation).get("predicateType")
        if predicate not in PREDICATES:
            raise _unverified(f"unknown attestation type: {predicate}")
        if predicate in seen:
            raise refuse("predicate repeated", predicate=predicate)
        seen.add(predicate)
    return tuple(found)


def of_file(attestations: Iterable[Attestation], filename: str, sha256: str) -> None:
    """Check that attestations, which are well-formed, speak of a file.

    The words are those of pypi-attestations 0.0.29, which the real server has.

    Raises:
        Refused: RULE_BROKEN.
    """
    for attestation in attestations:
        subjects = statement(attestation).get("subject")
        if not isinstance(subjects, list) or len(subjects) != 1 or not isinstance(subjects[0], dict):
            raise _unverified("too many subjects in statement (must be exactly one)")
        name, digest = subjects[0].get("name"), subjects[0].get("digest")
        if not name:
            raise _unverified("invalid subject: missing name")
        if not _same_distribution(str(name), filename):
            raise _unverified(f"subject does not match distribution name: {name} != {filename}")
        if not isinstance(digest, dict) or digest.get(_DIGEST) != sha256:
            raise _unverified("subject does not match distribution digest")


def statement(attestation: Attestation) -> Mapping[str, Any]:
    """Return what a well-formed attestation says.

    Raises:
        Refused: RULE_BROKEN, if it is no JSON object.
    """
    try:
        said = json.loads(base64.b64decode(attestation["envelope"]["statement"]))
    except ValueError as error:
        raise _unverified(f"invalid statement: {error}") from error
    if not isinstance(said, dict):
        raise _unverified("invalid statement: Input should be an object")
    return said


def _same_distribution(subject: str, filename: str) -> bool:
    """Tell whether two file names say the same, however they spell it."""
    parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
    try:
        return parse(subject) == parse(filename)
    except ValueError:
        return False


def _unverified(problem: str) -> Exception:
    return refuse("attestation unverified", error=f"Verification failed: {problem}")


def _parsed(text: str) -> Sequence[Attestation]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _malformed([f"  Invalid JSON: {error}"]) from error
    if not isinstance(found, list):
        raise _malformed(["  Input should be a valid array"])
    problems = [f"{number}.{problem}" for number, one in enumerate(found) for problem in _problems(one)]
    if problems:
        raise _malformed(problems)
    return found


def _malformed(problems: Sequence[str]) -> Exception:
    count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} for list[Attestation]"
    return refuse("attestations malformed", error="\n".join([count, *problems]))


def _problems(one: object) -> list[str]:
    """Return what is wrong with the shape of one attestation."""
    found = []
    for path, (demand, good) in _SHAPE.items():
        value: object = one
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is None:
            found.append(f"{path}\n  Field required")
        elif not good(value):
            found.append(f"{path}\n  {demand}")
    return found


def _base64(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        base64.b64decode(value)
    except (binascii.Error, ValueError):
        return False
    return True


_SHAPE: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "version": ("Input should be 1", lambda value: value == 1 and not isinstance(value, bool)),
    "verification_material.certificate": ("Base64 decoding error", _base64),
    "verification_material.transparency_entries": (
        "List should have at least 1 item after validation, not 0",
        lambda value: isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value),
    ),
    "envelope.statement": ("Base64 decoding error", _base64),
    "envelope.signature": ("Base64 decoding error", _base64),
}
