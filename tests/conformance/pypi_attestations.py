"""Attestations that rows name by a word: `[publish]`, `[publish,publish]` (PEP 740).

Of the right form, about the right file, and signed by nobody: who holds the keys is no part of the rows.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from pytest_pyreg.flavours import hosts
from tests.conformance.cases import CannotExpress

if TYPE_CHECKING:
    from tests.conformance.pypi_parcels import Parcel

PREDICATES = {
    "publish": f"https://{hosts.DOCS}/attestations/publish/v1",
    "provenance": "https://slsa.dev/provenance/v1",
    "slsa": "https://slsa.dev/provenance/v1",
    "unknown": "https://example.com/predicate/v1",
    "unsupported": "https://example.com/predicate/v1",
    "other": "https://example.com/predicate/v1",
    "{...}": f"https://{hosts.DOCS}/attestations/publish/v1",
}


def written(text: str, parcel: Parcel | None) -> str:
    """Return the form field that a list of words stands for; a text that is JSON already stands for itself.

    Raises:
        CannotExpress: it is neither.
    """
    try:
        json.loads(text)
    except ValueError:
        words = [word.strip() for word in re.sub(r"^\[|\]$", "", text).split(",")]
        if parcel is None or not set(words) <= set(PREDICATES):
            raise CannotExpress(f"when.set.attestations = {text!r}") from None
        return json.dumps([_attestation(PREDICATES[word], parcel) for word in words])
    return text


def _attestation(predicate: str, parcel: Parcel) -> dict[str, object]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": parcel.filename, "digest": {"sha256": parcel.digest("sha256")}}],
        "predicateType": predicate,
        "predicate": None,
    }
    return {
        "version": 1,
        "verification_material": {
            "certificate": base64.b64encode(b"a certificate").decode(),
            "transparency_entries": [{"logIndex": "0"}],
        },
        "envelope": {
            "statement": base64.b64encode(json.dumps(statement).encode()).decode(),
            "signature": base64.b64encode(b"a signature").decode(),
        },
    }
