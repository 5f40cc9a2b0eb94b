"""The names of the public index's hosts, and the links in its messages: facts that are said, never places to go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WEB = "pypi.org"
FILES = "files.pythonhosted.org"
"""Where its files are."""
UPLOAD = f"upload.{WEB}"
TEST = f"test.{WEB}"
"""The practice index, which answers for itself: web pages, uploads and simple API."""
DOCS = f"docs.{WEB}"
TEST_FILES = f"test-{FILES}"
PUBLISH_PREDICATE = f"https://{DOCS}/attestations/publish/v1"
"""What an attestation says that somebody published a file."""

_PACKAGING = "https://packaging.python.org"

LINKS: Mapping[str, str] = {
    "help": f"https://{WEB}/help/#",
    "docs": f"https://{DOCS}",
    "upload": f"https://{UPLOAD}/legacy/",
    "policy": f"https://{WEB}/policy/acceptable-use-policy/",
    "support": f"support+orgs@{WEB}",
    "core_metadata": f"{_PACKAGING}/specifications/core-metadata",
    "local_versions": (f"{_PACKAGING}/en/latest/specifications/version-specifiers/#local-version-identifiers"),
    "pep_527": "https://www.python.org/dev/peps/pep-0527",
    "pep_715": "https://peps.python.org/pep-0715/",
}
"""What the words in `words` and `words_of_files` may mention as `{help}`, `{docs}` and so on."""

__all__ = ["DOCS", "FILES", "LINKS", "PUBLISH_PREDICATE", "TEST", "TEST_FILES", "UPLOAD", "WEB"]
