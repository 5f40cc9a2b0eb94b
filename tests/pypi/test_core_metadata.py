"""Core metadata in a form: what each field may hold, which error is reported, and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pytest_pyreg.flavours.pypi.core_metadata import Core, checked
from pytest_pyreg.flavours.pypi.form import Fields
from pytest_pyreg.flavours.pypi.metadata_rules import valid_url
from pytest_pyreg.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    Refuses = Callable[[str], AbstractContextManager[None]]
    Sent = dict[str, str | list[str]]

ACCEPTED = frozenset({"1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5"})
CORE = " See https://packaging.python.org/specifications/core-metadata for more information."
TYPES = "'description-content-type' must be one of ['text/markdown', 'text/x-rst', 'text/plain'], not "
LOCAL = (
    " See https://packaging.python.org/en/latest/specifications/version-specifiers/#local-version-identifiers"
    " for more information."
)


def read(sent: Sent, accepted: frozenset[str] = ACCEPTED) -> Core:
    """Check metadata that is good but for what is sent."""
    lists: Sent = {"metadata_version": "2.5", "name": "demo", "version": "1.0", ":action": "file_upload", **sent}
    values = {key: (value,) if isinstance(value, str) else tuple(value) for key, value in lists.items() if value != []}
    return checked(Fields("demo", "sdist", "source", "", {}, values), accepted)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"metadata_version": []}, "None is not a valid metadata version."),
        ({"metadata_version": "2.0"}, "'2.0' is not a valid metadata version."),
        ({"metadata_version": "2.6"}, "'2.6' is not a valid metadata version."),
        ({"version": []}, "'version' is a required field."),
        ({"version": ""}, "'version' is a required field."),
        ({"version": "dog"}, "'dog' is invalid for 'version'."),
        ({"name": ["demo", "demo"]}, "'name' has invalid data."),
        ({"summary": ["", ""]}, "'summary' has invalid data."),
        ({"keywords": ["a", "b"]}, "'keywords' has invalid data."),
        ({"project_urls": ["A, https://x", "A, https://y"]}, "'project_urls' has invalid data."),
        (
            {"metadata_version": "2.3", "license_expression": "MIT"},
            "license-expression introduced in metadata version 2.4, not 2.3.",
        ),
        (
            {"metadata_version": "2.3", "license_file": ["L"]},
            "license-file introduced in metadata version 2.4, not 2.3.",
        ),
        ({"metadata_version": "2.1", "dynamic": ["summary"]}, "dynamic introduced in metadata version 2.2, not 2.1."),
        ({"metadata_version": "2.4", "import_name": ["x"]}, "import-name introduced in metadata version 2.5, not 2.4."),
        (
            {"metadata_version": "1.0", "requires_dist": ["x"]},
            "requires-dist introduced in metadata version 1.2, not 1.0.",
        ),
        ({"summary": "a\nb"}, "'summary' must be a single line."),
        ({"summary": "a" * 513}, "'summary' field must be 512 characters or less."),
        ({"description_content_type": "text/html"}, TYPES + "'text/html'."),
        ({"description_content_type": "nonsense"}, TYPES + "'nonsense'."),
        ({"description_content_type": "text/plain\nx"}, TYPES + "'text/plain\\nx'."),
        (
            {"description_content_type": "text/plain; charset=utf-8"},
            "'description-content-type' can only specify the UTF-8 charset, not 'utf-8'.",
        ),
        (
            {"description_content_type": "text/markdown; variant=Foo"},
            "valid Markdown variants for 'description-content-type' are ['CommonMark', 'GFM'], not 'Foo'.",
        ),
        (
            {"license": "MIT", "license_expression": "MIT"},
            "License is deprecated when License-Expression is present. Only License-Expression should be present.",
        ),
        ({"license_expression": "Apache 2.0"}, "'Apache 2.0' is invalid for 'license-expression'."),
        (
            {"license_file": ["../L"]},
            "'../L' is invalid for 'license-file', parent directory indicators are not allowed.",
        ),
        ({"license_file": ["/L"]}, "'/L' is invalid for 'license-file', paths must be relative."),
        ({"license_file": ["L*"]}, "'L*' is invalid for 'license-file', paths must be resolved."),
        ({"license_file": ["a\\b"]}, "'a\\\\b' is invalid for 'license-file', paths must use '/' delimiter."),
        ({"requires_python": "x"}, "'x' is invalid for 'requires-python'."),
        ({"requires_python": "{x"}, "'{x' is invalid for 'requires-python'."),
        ({"requires_dist": ["ok", "no{pe}"]}, "'no{pe}' is invalid for 'requires-dist'."),
        ({"requires_dist": ["a @ https://x/a.zip"]}, "Can't have direct dependency: a @ https://x/a.zip."),
        ({"provides_dist": ["a @ https://x/a.zip"]}, "Can't have direct dependency: 'a @ https://x/a.zip'."),
        ({"obsoletes_dist": ["a @ https://x/a.zip"]}, "Can't have direct dependency: 'a @ https://x/a.zip'."),
        ({"provides_extra": ["a b"]}, "'a b' is invalid for 'provides-extra'."),
        ({"classifiers": ["Foo :: Bar"]}, "'Foo :: Bar' is not a valid classifier."),
        (
            {"classifiers": ["Programming Language :: Python "]},
            "'Programming Language :: Python ' is not a valid classifier.",
        ),
        ({"classifiers": ["Private :: Do Not Upload"]}, "'Private :: Do Not Upload' is not a valid classifier."),
        (
            {"classifiers": ["Natural Language :: Ukranian"]},
            (
                "The classifier 'Natural Language :: Ukranian' has been deprecated, use one of ['Natural "
                "Language :: Ukrainian'] instead."
            ),
        ),
        (
            {"classifiers": ["Topic :: Communications :: Chat :: AOL Instant Messenger"]},
            "The classifier 'Topic :: Communications :: Chat :: AOL Instant Messenger' has been deprecated.",
        ),
        ({"home_page": "ftp://x/"}, "'ftp://x/' is not a valid url."),
        ({"download_url": "x.org"}, "'x.org' is not a valid url."),
        ({"project_urls": [", https://x"]}, "Must have a label."),
        ({"project_urls": ["a" * 33 + ", https://x"]}, f"'{'a' * 33}' must be 32 characters or less."),
        ({"project_urls": ["A"]}, "Must have a URL."),
        ({"project_urls": ["A, x"]}, "'x' is not a valid url."),
        ({"author_email": "A <a>"}, "'a' is not a valid email address: An email address must have an @-sign."),
        (
            {"author_email": "root@localhost"},
            (
                "'root@localhost' is not a valid email address: The part after the @-sign is not valid. It "
                "should have a period."
            ),
        ),
        (
            {"maintainer_email": "a@b.test"},
            (
                "'a@b.test' is not a valid email address: The part after the @-sign is a special-use or "
                "reserved name that cannot be used with email."
            ),
        ),
        ({"dynamic": ["Name"]}, "'name' is not allowed as a dynamic field."),
        ({"dynamic": ["bogus"]}, "'bogus' is not a valid dynamic field."),
        ({"dynamic": ["Dynamic"]}, "Dynamic field 'dynamic' is not a valid dynamic field."),
        ({"import_name": ["1x"]}, "'1x' is invalid for 'import-name'; '1x' is not a valid identifier."),
        # One error of several: the version's before others, the specification's before the index's.
        ({"version": "dog", "author_email": "a", "metadata_version": "9"}, "'9' is not a valid metadata version."),
        ({"version": "dog", "classifiers": ["Foo"]}, "'dog' is invalid for 'version'."),
        ({"requires_python": "x", "classifiers": ["Foo"]}, "'x' is invalid for 'requires-python'."),
        ({"home_page": "x", "classifiers": ["Foo"]}, "'Foo' is not a valid classifier."),
        ({"summary": ["a", "b"], "metadata_version": "9"}, "'summary' has invalid data."),
    ],
)
def test_what_is_refused(sent: Sent, words: str, refuses: Refuses) -> None:
    """Each in the real server's words, with its link."""
    with refuses(words + CORE):
        read(sent)


def test_a_local_version_has_its_own_link(refuses: Refuses) -> None:
    """It is spelled as it would be stored."""
    with refuses("The use of local versions in '1.0+x' is not allowed." + LOCAL):
        read({"version": "1.0+X", "classifiers": ["Foo"]})


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"metadata_version": "1.0"},
        {"summary": "a" * 512},
        {"summary": "a\rb"},
        {"summary": [""]},
        {"description_content_type": "text/x-rst; charset=UTF-8"},
        {"description_content_type": "text/markdown; charset=UTF-8; variant=CommonMark"},
        {"license_expression": "mit or apache-2.0"},
        {"license_expression": "MIT", "classifiers": ["License :: OSI Approved :: MIT License"]},
        {"license_file": ["LICENSE", "a/b.txt"]},
        {"home_page": "https:no-host", "download_url": "HTTP://x"},
        {"project_urls": ["A, https://x", "a, https://x"]},
        {"project_urls": ["a" * 32 + ", https://x"]},
        {"author_email": "A <a@example.com>, b"},
        {"author_email": "nobody in particular <>"},
        {"dynamic": ["Home-Page", "import-name"]},
        {"import_names": ["1x"], "project-url": ["nonsense"]},
        {"requires": ["anything {goes}"], "requires_external": ["C"]},
        {"provides_dist": ["a>=1"], "provides_extra": ["a_b"]},
    ],
)
def test_what_is_accepted(sent: Sent) -> None:
    """The twins of what is refused."""
    assert read(sent).name == "demo"


@pytest.mark.parametrize("field", ["provides_dist", "obsoletes_dist"])
def test_requirements_that_are_none(field: str) -> None:
    """What is wrong with them is said in `packaging`'s words."""
    with pytest.raises(Refused) as caught:
        read({field: ["a b c"]})

    words = str(caught.value.facts["words"])
    assert words.startswith("'a b c' is invalid: ")
    assert words.endswith(CORE)


def test_an_older_index_takes_fewer_versions(refuses: Refuses) -> None:
    """What a metadata version is depends on the time."""
    with refuses("'2.5' is not a valid metadata version." + CORE):
        read({}, ACCEPTED - {"2.5"})


def test_what_is_kept() -> None:
    """Values as the index stores them: normalized where it normalizes."""
    core = read(
        {
            "version": "1.0.RC1",
            "keywords": "a,  b ,c",
            "platform": ["linux", "any"],
            "requires_python": ">=3.8,<4",
            "requires_dist": ["Foo[x,b] >=1 ; python_version<'3'"],
            "license_expression": "mit",
            "provides_extra": ["A_b"],
            "dynamic": ["requires-dist"],
            "project_urls": ["Home , https://x"],
            "license_file": ["L"],
            "description": "text",
            "summary": "short",
        }
    )

    assert core.version == Version("1.0rc1")
    assert core.texts["version"] == "1.0rc1"
    assert core.texts["keywords"] == "a, b, c"
    assert core.lists["keywords"] == ("a", "b", "c")
    assert core.texts["platform"] == "linux"
    assert core.lists["platforms"] == ("linux", "any")
    assert core.texts["requires_python"] == "<4,>=3.8"
    assert core.lists["requires_dist"] == ('Foo[b,x]>=1; python_version < "3"',)
    assert core.texts["license_expression"] == "MIT"
    assert core.lists["provides_extra"] == ("a-b",)
    assert core.lists["dynamic"] == ("Requires-Dist",)
    assert core.project_urls == {"Home": "https://x"}
    assert (core.description, core.texts["summary"], core.license_files) == ("text", "short", ("L",))
    assert "author" not in core.texts


@pytest.mark.parametrize(
    ("url", "valid"),
    [
        ("https://x.org/a?b#c", True),
        ("http://[::1]/", True),
        ("https:", True),
        ("//x", False),
        ("https://x:99999/", False),
        ("http://[::1", True),
    ],
)
def test_urls(url: str, *, valid: bool) -> None:
    """By RFC 3986, with a scheme of the web."""
    assert valid_url(url) == valid
