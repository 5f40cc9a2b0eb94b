"""The form's own fields: what each may hold, which wrong one is named, and what comes of it."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg.blobs import BlobStore
from pytest_pyreg.flavours.hosts import LINKS
from pytest_pyreg.flavours.pypi.form import Fields, checked, files_only_where_due
from pytest_pyreg.flavours.pypi.words import RULES, refuse
from pytest_pyreg.forms import Form, SentFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    Refuses = Callable[[str], AbstractContextManager[None]]

HEX = "0a" * 32
SDIST = {"name": ["demo"], "filetype": ["sdist"], "sha256_digest": [HEX]}
WHEEL = {**SDIST, "filetype": ["bdist_wheel"], "pyversion": ["py3"]}
CORE = "https://packaging.python.org/specifications/core-metadata"


def read(base: dict[str, list[str]], **changes: list[str] | None) -> Fields:
    """Check a good form after changing it; None takes a field out."""
    lists = {**base, **changes}
    return checked(Form(lists={field: values for field, values in lists.items() if values is not None}))


REQUIRED = "This field is required."
NO_PYTHON = "Python version is required for binary distribution uploads."
BLAKE2 = "Use a valid, hex-encoded, BLAKE2 message digest."
SHAPE = "Start and end with a letter or numeral containing only ASCII numeric and '.', '_' and '-'."


def named(shown: str, problem: str) -> str:
    """Return what is said of a name."""
    return f"{shown} is an invalid value for Name. Error: {problem} See {CORE} for more information."


def wrong(field: str, problem: str) -> str:
    """Return what is said of any other field."""
    return f"Invalid value for {field}. Error: {problem}"


@pytest.mark.parametrize(
    ("base", "changes", "words"),
    [
        (SDIST, {"protocol_version": ["2"]}, "Unknown protocol version."),
        (SDIST, {"protocol_version": [""]}, "Unknown protocol version."),
        (SDIST, {"name": None}, named("''", REQUIRED)),
        (SDIST, {"name": [" UNKNOWN "]}, named("''", REQUIRED)),
        (SDIST, {"name": ["-demo"]}, named("'-demo'", SHAPE)),
        (SDIST, {"name": ["demo\n"]}, named("'demo\\n'", SHAPE)),
        (SDIST, {"name": ["dém\u00f8"]}, named("'dém\u00f8'", SHAPE)),
        (SDIST, {"name": ["a\x00"]}, named("'a\\\\x00'", SHAPE)),
        (SDIST, {"name": ["-" + "a" * 60]}, named(f"'-{'a' * 29}...{'a' * 30}'", SHAPE)),
        (SDIST, {"name": ["-" + "a" * 59]}, named(f"'-{'a' * 59}'", SHAPE)),
        (SDIST, {"filetype": None}, wrong("filetype", REQUIRED)),
        (SDIST, {"filetype": ["bdist_egg"]}, wrong("filetype", "Use a known file type.")),
        (SDIST, {"sha256_digest": ["xyz"]}, wrong("sha256_digest", "Use a valid, hex-encoded, SHA256 message digest.")),
        (SDIST, {"blake2_256_digest": [HEX[1:]]}, wrong("blake2_256_digest", BLAKE2)),
        (SDIST, {"sha256_digest": None}, "Error: Include at least one message digest."),
        (SDIST, {"sha256_digest": ["UNKNOWN"]}, "Error: Include at least one message digest."),
        (SDIST, {"pyversion": ["py3"]}, wrong("pyversion", "Use 'source' as Python version for an sdist.")),
        (WHEEL, {"pyversion": None}, wrong("pyversion", NO_PYTHON)),
        # Only one wrong field is named.
        (SDIST, {"filetype": ["egg"], "blake2_256_digest": ["x"]}, wrong("blake2_256_digest", BLAKE2)),
        (SDIST, {"filetype": ["egg"], "name": [""]}, named("''", REQUIRED)),
        (SDIST, {"filetype": ["egg"], "protocol_version": ["2"]}, "Unknown protocol version."),
        (WHEEL, {"pyversion": None, "sha256_digest": None}, wrong("pyversion", NO_PYTHON)),
    ],
)
def test_what_is_refused(
    base: dict[str, list[str]], changes: dict[str, list[str] | None], words: str, refuses: Refuses
) -> None:
    """Each in the real server's words."""
    with refuses(words):
        read(base, **changes)


@pytest.mark.parametrize(
    ("base", "changes"),
    [
        (SDIST, {}),
        (WHEEL, {}),
        (SDIST, {"protocol_version": ["1"]}),
        (SDIST, {"protocol_version": ["UNKNOWN"]}),
        (SDIST, {"name": ["A.b_c-9"]}),
        (SDIST, {"name": ["x" * 200]}),
        (SDIST, {"name": ["demo", "-demo"]}),
        (SDIST, {"pyversion": ["source"]}),
        (SDIST, {"pyversion": [""]}),
        (WHEEL, {"pyversion": ["anything at all"]}),
        (SDIST, {"sha256_digest": None, "md5_digest": ["no shape is asked"]}),
        (SDIST, {"sha256_digest": [""], "blake2_256_digest": [HEX.upper()]}),
        (SDIST, {"sha256_digest": ["  "]}),
    ],
)
def test_what_is_accepted(base: dict[str, list[str]], changes: dict[str, list[str] | None]) -> None:
    """The twins of what is refused."""
    assert read(base, **changes).name


def test_the_fields_come_out_clean() -> None:
    """Digests in lower case, nulls as text, UNKNOWN gone, every value of a repeated field kept."""
    fields = read(
        SDIST,
        sha256_digest=[HEX.upper()],
        summary=["a\x00b"],
        author=["UNKNOWN"],
        license_file=["a", "b"],
        comment=["c"],
    )

    assert fields.digests == {"sha256": HEX}
    assert fields.values["summary"] == ("a\\x00b",)
    assert "author" not in fields.values
    assert fields.values["license_file"] == ("a", "b")
    assert (fields.pyversion, fields.comment, fields.attestations) == ("source", "c", None)
    assert read(SDIST, attestations=[""]).attestations == ""


def test_text_fields_take_no_files(refuses: Refuses) -> None:
    """But for the distribution itself, and the signature that nobody reads any more."""
    store = BlobStore()
    file = SentFile("x", store.writer())
    files_only_where_due(Form(files={"content": file, "gpg_signature": file}))

    with refuses("name: Should not be a tuple."):
        files_only_where_due(Form(files={"content": file, "version": file, "name": file}))


def test_every_check_has_its_rule() -> None:
    """All numbers of the order are there but the one that is a yes; 0 is what is no upload.  Every rule can be said."""
    assert {rule.number for rule in RULES.values()} == set(range(56)) - {35}
    facts = {name: "x" for rule in RULES.values() for _, name, _, _ in Formatter().parse(rule.words) if name}
    for name, rule in RULES.items():
        refusal = refuse(name, **{fact: "x" for fact in facts if fact not in LINKS})
        assert (refusal.facts["status"], refusal.facts["number"]) == (rule.status, rule.number)
        assert str(refusal.facts["words"])
        assert "{" not in refusal.explanation
