"""Every version of core metadata, with the fields that it has and no others."""

from __future__ import annotations

import subprocess
import sys
from email.parser import BytesParser
from importlib.metadata import version as installed
from typing import TYPE_CHECKING, Any

import pytest
from packaging.metadata import Metadata
from packaging.version import Version

from pytest_pyreg import Registry, make_dists, make_wheel
from pytest_pyreg.metadata_text import FIELDS, VERSIONS, Fields

if TYPE_CHECKING:
    from pathlib import Path

VALUES: dict[str, Any] = {
    "dynamic": ["keywords"],
    "platform": "any",
    "supported_platform": ["linux", "win"],
    "summary": "A demonstration",
    "description_content_type": "text/markdown",
    "keywords": "one,two",
    "home_page": "https://example.com",
    "download_url": "https://example.com/download",
    "author": "Ada",
    "author_email": "ada@example.com",
    "maintainer": "Grace",
    "maintainer_email": "grace@example.com",
    "license": "MIT",
    "license_expression": "MIT",
    "license_files": ["LICENSE"],
    "classifiers": ["Framework :: Pytest"],
    "project_urls": ["Source, https://example.com/source"],
    "import_name": ["demo"],
    "import_namespace": ["spaces"],
    "requires_python": ">=3.8",
    "requires": ["other>=2"],
    "requires_external": ["libfoo"],
    "requires_modules": ["re"],
    "extras": {"test": ["pytest"]},
    "provides": ["demo"],
    "provides_dist": ["demo-old"],
    "obsoletes": ["older"],
    "obsoletes_dist": ["demo-older"],
}
KNOWN = VERSIONS if Version(installed("twine")) >= Version("7") else VERSIONS[: VERSIONS.index("2.2") + 1]
"""Those that this twine has heard of."""
MEANT = {"license_files": "license_file", "extras": "provides_extra"}
"""Keywords that are more than a field, and the newest field that they make."""


def since(keyword: str) -> str:
    """Return the version that brought a field."""
    return FIELDS[MEANT.get(keyword, keyword)].since


def there(version: str) -> dict[str, Any]:
    """Return every field that a version has; of two that exclude each other, the newer one."""
    found = {keyword: value for keyword, value in VALUES.items() if since(keyword) <= version}
    if "license_expression" in found:
        del found["license"]
    return found


def test_every_field_is_tried() -> None:
    """And type checkers know each of them."""
    assert {MEANT.get(keyword, keyword) for keyword in VALUES} == set(FIELDS) == set(Fields.__annotations__)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_has_its_fields(version: str) -> None:
    """All of them at once, and `packaging`, which is strict, takes the result."""
    wheel, sdist = make_dists("demo", "1.0", metadata_version=version, **there(version))

    parsed = Metadata.from_email(wheel.metadata, validate=True)
    headers = BytesParser().parsebytes(wheel.metadata)

    assert parsed.metadata_version == version
    assert all(headers[FIELDS[MEANT.get(keyword, keyword)].header] for keyword in there(version))
    assert sdist.metadata == wheel.metadata


NEW = [(version, keyword) for version in VERSIONS for keyword in VALUES if since(keyword) > version]


@pytest.mark.parametrize(("version", "keyword"), NEW)
def test_a_field_of_a_later_version_is_refused(version: str, keyword: str) -> None:
    """With the version that brought it; in which it is taken."""
    with pytest.raises(ValueError, match=f"came with metadata version .*and this is {version}") as caught:
        make_wheel(metadata_version=version, **{keyword: VALUES[keyword]})

    # An extra is a requirement too, which is older.
    assert since(keyword) in str(caught.value) or keyword == "extras"
    assert make_wheel(metadata_version=since(keyword), **{keyword: VALUES[keyword]}).metadata


@pytest.mark.parametrize("keyword", sorted(VALUES))
def test_the_default_is_the_oldest_that_does(keyword: str) -> None:
    """But none before 2.1: that is what every client in use takes."""
    metadata = make_wheel(**{keyword: VALUES[keyword]}).metadata

    assert metadata.startswith(f"Metadata-Version: {max('2.1', since(keyword))}\n".encode())


@pytest.mark.parametrize("version", ["2.0", "3.0", "1", ""])
def test_a_version_that_never_was(version: str) -> None:
    """Is refused with those that are."""
    with pytest.raises(ValueError, match=r"no metadata version.*1\.0, 1\.1, 1\.2, 2\.1"):
        make_wheel(metadata_version=version)


@pytest.mark.parametrize(
    ("version", "body"), [("1.0", ""), ("1.2", ""), ("2.1", "One\n\ntwo\n"), ("2.5", "One\n\ntwo\n")]
)
def test_where_the_description_stands(version: str, body: str) -> None:
    """In the body from 2.1 on; before, in a field with its further lines indented, which is no end of the headers."""
    metadata = make_wheel(metadata_version=version, description="One\n\ntwo\n", summary="later").metadata

    headers = BytesParser().parsebytes(metadata)

    assert headers.get_payload() == body
    assert headers["Summary"] == "later"
    assert bool(headers["Description"]) is not bool(body)
    assert body or [line.strip() for line in headers["Description"].split("\n")] == ["One", "", "two", ""]


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"summary": ["one", "two"]}, ["summary", "only once"]),
        ({"summary": 3}, ["summary", "is a text"]),
        ({"classifiers": [3]}, ["classifiers", "is a text"]),
        ({"sumary": "x"}, ["'sumary'", "did you mean 'summary'"]),
        ({"description": 3}, ["description", "is a text"]),
        ({"metadata_version": 2.1}, ["metadata version", "2.1"]),
    ],
)
def test_what_can_be_no_field(keywords: dict[str, Any], words: list[str]) -> None:
    """Is named, and what it should be."""
    with pytest.raises(ValueError, match=r".") as caught:
        make_wheel(**keywords)

    assert all(word in str(caught.value) for word in words)


def test_twine_and_the_index_take_every_version(tmp_path: Path) -> None:
    """As they are: `twine check`, an upload, an installation of the newest."""
    plain = {"requires": [], "extras": {}, "description": "A demo."}
    wheels = [
        make_wheel("demo", f"1.{number}", metadata_version=version, **there(version) | plain)
        if version > "1.1"
        else make_wheel("demo", f"1.{number}", metadata_version=version, summary="Old", description="A demo.")
        for number, version in enumerate(KNOWN)
    ]
    paths = [str(wheel.write_to(tmp_path)) for wheel in wheels]
    if Version(installed("twine")) < Version("6"):  # Whose reader finds no description in the old ones.
        paths = paths[KNOWN.index("2.1") :]
    subprocess.run([sys.executable, "-m", "twine", "check", *paths], check=True)
    with Registry("pypi") as registry:
        registry.upload(*wheels)

        assert registry.files("demo") == {wheel.name for wheel in wheels}
        assert registry.install("demo").distributions() == {"demo": f"1.{len(KNOWN) - 1}"}
