"""Attestations: who may send them, their shape, and what they speak of."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg.flavours.pypi.attestations import PREDICATES, checked, of_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from pytest_pyreg.refusals import Refused

    Refuses = Callable[[str], AbstractContextManager[None]]

PUBLISH, SLSA = PREDICATES
WHEEL = "demo-1.0-py3-none-any.whl"
SHA = "0" * 64
START = "Invalid attestations supplied during upload: "
FAILED = f"{START}Could not verify the uploaded artifact using the included attestation: Verification failed: "


def attestation(predicate: str = PUBLISH, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - anything that JSON holds.
    """Return a well-formed attestation whose statement has these keys changed."""
    subject = [{"name": WHEEL, "digest": {"sha256": SHA}}]
    statement = {"subject": subject, "predicateType": predicate, **changes}
    return wrapped(json.dumps(statement).encode())


def wrapped(statement: bytes) -> dict[str, Any]:
    """Return a well-formed attestation of any statement."""
    return {
        "version": 1,
        "verification_material": {"certificate": "AAAA", "transparency_entries": [{}]},
        "envelope": {"statement": base64.b64encode(statement).decode(), "signature": "AAAA"},
    }


def test_who_may_attest(refuses: Refuses) -> None:
    """Trusted publishers whose kind has an identity for it."""
    text = json.dumps([attestation()])

    assert len(checked(text, "GitHub")) == 1
    with refuses(START + "Attestations are only supported when using Trusted Publishing"):
        checked("{", None)
    with refuses(START + "Attestations are not currently supported with ActiveState publishers"):
        checked(text, "ActiveState", attests=False)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ([], "Malformed attestations: an empty attestation set is not permitted"),
        ([attestation()] * 3, "A maximum of 2 attestations per file are supported"),
        (
            [attestation()] * 2,
            f"Multiple attestations for the same file with the same predicate type ({PUBLISH}) are not supported",
        ),
        ({}, "Malformed attestations: 1 validation error for list[Attestation]\n  Input should be a valid array"),
        (
            [{**attestation(), "version": 2}],
            "Malformed attestations: 1 validation error for list[Attestation]\n0.version\n  Input should be 1",
        ),
        (
            [{**attestation(), "envelope": {"statement": "A"}}],
            (
                "Malformed attestations: 2 validation errors for list[Attestation]\n0.envelope.statement\n"
                "  Base64 decoding error\n0.envelope.signature\n  Field required"
            ),
        ),
        (
            [{**attestation(), "verification_material": {"certificate": 1, "transparency_entries": []}}],
            (
                "Malformed attestations: 2 validation errors for list[Attestation]\n"
                "0.verification_material.certificate\n  Base64 decoding error\n"
                "0.verification_material.transparency_entries\n"
                "  List should have at least 1 item after validation, not 0"
            ),
        ),
    ],
)
def test_shapes_that_are_refused(sent: object, words: str, refuses: Refuses) -> None:
    """The beginnings are the real server's words."""
    with refuses(START + words):
        checked(json.dumps(sent), "GitHub")


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "nonsense"])
def test_what_is_no_json_is_refused(text: str) -> None:
    """However deep it is."""
    with pytest.raises(Exception, match="Malformed attestations: 1 validation error") as caught:
        checked(text, "GitHub")

    refused: Refused = caught.value  # type: ignore[assignment] # It has the words in it.
    assert refused.facts["rule"] == "attestations malformed"


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (attestation("https://example.com/x"), "unknown attestation type: https://example.com/x"),
        (wrapped(b""), "invalid statement: Expecting value: line 1 column 1 (char 0)"),
        (wrapped(b"[]"), "invalid statement: Input should be an object"),
        (attestation(subject=[]), "too many subjects in statement (must be exactly one)"),
        (attestation(subject=[{}]), "invalid subject: missing name"),
        (
            attestation(subject=[{"name": "demo-1.1-py3-none-any.whl"}]),
            f"subject does not match distribution name: demo-1.1-py3-none-any.whl != {WHEEL}",
        ),
        (attestation(subject=[{"name": "x"}]), f"subject does not match distribution name: x != {WHEEL}"),
        (attestation(subject=[{"name": WHEEL}]), "subject does not match distribution digest"),
        (
            attestation(subject=[{"name": WHEEL, "digest": {"sha256": "1"}}]),
            "subject does not match distribution digest",
        ),
    ],
)
def test_statements_that_are_refused(one: dict[str, Any], words: str, refuses: Refuses) -> None:
    """What is said, and of which file."""
    with refuses(FAILED + words):
        of_file(checked(json.dumps([one]), "GitHub"), WHEEL, SHA)


def test_statements_that_are_accepted() -> None:
    """One of each kind, and the file's name in any spelling."""
    other = attestation(SLSA, subject=[{"name": "Demo-1.0-py3-none-any.whl", "digest": {"sha256": SHA}}])
    sent = checked(json.dumps([attestation(), other]), "GitHub")

    of_file(sent, WHEEL, SHA)
    assert len(sent) == 2
