"""Wheels with one field of core metadata that is not as it should be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from pytest_pyreg.dists.making import make_sdist
from pytest_pyreg.misfits.drafts import Misfit, wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_pyreg.dists.making import Dist


class Wrong(NamedTuple):
    """What is wrong, and the lines that are."""

    name: str
    wrong: str
    lines: str
    """Instead of nothing, after the version."""
    body: str = ""
    metadata_version: str = "2.1"


WRONG = (
    Wrong(
        "unrenderable description",
        "The long description is no reStructuredText: it has a directive that there is not.",
        "Description-Content-Type: text/x-rst\n",
        "Demo\n====\n\n.. nonsense:: demo\n\nText.\n",
    ),
    Wrong(
        "unknown description content type",
        "The long description is of a type that no index renders.",
        "Description-Content-Type: text/asciidoc\n",
        "Text.\n",
    ),
    Wrong("bad classifier", "A classifier is none of the known ones.", "Classifier: Nonsense :: Demo\n"),
    Wrong("metadata version too new", "The metadata version is 9.9.", "", metadata_version="9.9"),
    Wrong("metadata version 2.0", "The metadata version is 2.0, which never came to be.", "", metadata_version="2.0"),
    Wrong(
        "field too new", "License-Expression came with metadata version 2.4; this is 2.1.", "License-Expression: MIT\n"
    ),
    Wrong(
        "two licenses",
        "License and License-Expression exclude each other.",
        "License: MIT\nLicense-Expression: MIT\n",
        metadata_version="2.4",
    ),
    Wrong("invalid requires dist", "A requirement is none (PEP 508).", "Requires-Dist: other >=\n"),
    Wrong(
        "direct url requirement",
        "A requirement names a URL.",
        "Requires-Dist: other @ https://example.com/other-1.0-py3-none-any.whl\n",
    ),
    Wrong("invalid requires python", "Requires-Python is no specifier.", "Requires-Python: three\n"),
    Wrong("summary of two lines", "The summary has a line break.", "Summary: One line\n and another\n"),
    Wrong("summary too long", "The summary has 513 characters.", f"Summary: {'long ' * 102}end\n"),
    Wrong(
        "url label too long", "A project URL's label has 33 characters.", f"Project-URL: {'L' * 33}, https://a.org\n"
    ),
    Wrong("invalid url", "The home page is no URL.", "Home-page: example\n"),
    Wrong("invalid author address", "The author's address is none.", "Author-email: Ada <ada@localhost>\n"),
)


def _made(wrong: Wrong, project: str, version: str) -> Dist:
    draft = wheel(project, version)
    head = f"Metadata-Version: {wrong.metadata_version}\nName: {project}\nVersion: {version}\n"
    draft.rewrite(f"{head}{wrong.lines}\n{wrong.body}".encode())
    return draft.packed()


def _sdist_without_license(project: str, version: str) -> Dist:
    return make_sdist(project, version, license_file="LICENSE")


def misfits() -> Iterator[Misfit]:
    """Return all of them."""
    for wrong in WRONG:
        yield Misfit(wrong.name, "wheel", wrong.wrong, partial(_made, wrong))
    yield Misfit(
        "missing license file in sdist",
        "sdist",
        "License-File names a file that is not in the sdist.",
        _sdist_without_license,
    )
