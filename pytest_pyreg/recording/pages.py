"""A project's page as an index gives it (PEP 691 as JSON, PEP 503 as HTML) and as it is recorded; strangers wrote both.

Whatever comes is held against what it should be: a file whose name is no distribution's of this project, or that has no
sha256, is left out.  So no name leads out of the folder, and no file goes unverified.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urldefrag, urljoin, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.utils import NormalizedName

JSON = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{JSON}, application/vnd.pypi.simple.v1+html;q=0.1, text/html;q=0.01"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{0,250}")
_METADATA = ("core-metadata", "data-core-metadata", "dist-info-metadata", "data-dist-info-metadata")
_LARGEST = 2**63


class NotAPage(ValueError):
    """What came is no page of a project."""


@dataclass(frozen=True)
class Listed:
    """One file on a page."""

    filename: str
    version: str
    sha256: str
    requires_python: str = ""
    yanked: str | None = None
    """Why it was taken back, perhaps without a word; None if it was not."""
    size: int | None = None
    """None if the page does not tell."""
    uploaded_at: datetime | None = None
    metadata_sha256: str = ""
    """Of its metadata, if that can be had by itself; else empty."""
    url: str = field(default="", compare=False, repr=False)
    """Where its bytes are; never recorded, since secrets may be anywhere in it."""


@dataclass(frozen=True)
class Page:
    """One project."""

    project: NormalizedName
    files: tuple[Listed, ...]
    left_out: int = 0
    """How many files are not among them: no wheel or sdist of this project, or without a sha256."""

    def file(self, filename: str) -> Listed | None:
        """Return the file of that name, if it is there."""
        return next((file for file in self.files if file.filename == filename), None)


def read(project: NormalizedName, body: bytes, content_type: str, url: str) -> Page:
    """Read a page that an index has sent.

    Args:
        project: whose.
        body: the page.
        content_type: what the index says that it is.
        url: where it came from; its links begin there.

    Raises:
        NotAPage: it is none.
    """
    kind = content_type.partition(";")[0].strip().lower()
    text = body.decode("utf-8", "replace")
    if kind.endswith("json"):
        return of_json(project, text, url)
    if "html" not in kind:
        raise NotAPage(f"it is {kind or 'of no type'}, neither JSON nor HTML")
    links = _Links(url)
    links.feed(text)
    links.close()
    return _page(project, links.files)


def of_json(project: NormalizedName, text: str, url: str = "") -> Page:
    """Read a page as JSON, of an index or recorded.

    Raises:
        NotAPage: it is none.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAPage("it is no JSON") from error
    files = told.get("files") if isinstance(told, dict) else None
    if not isinstance(files, list) or not all(isinstance(file, dict) for file in files):
        raise NotAPage("it has no list of files")
    return _page(project, [{**file, "url": _joined(url, file.get("url"))} for file in files])


def written(page: Page, at: datetime) -> str:
    """Return a page as it is recorded: as PEP 691 has it, without addresses."""
    files = []
    for file in page.files:
        told: dict[str, Any] = {"filename": file.filename, "hashes": {"sha256": file.sha256}}
        if file.requires_python:
            told["requires-python"] = file.requires_python
        if file.yanked is not None:
            told["yanked"] = file.yanked or True
        if file.size is not None:
            told["size"] = file.size
        if file.uploaded_at is not None:
            told["upload-time"] = file.uploaded_at.isoformat().replace("+00:00", "Z")
        if file.metadata_sha256:
            told["core-metadata"] = {"sha256": file.metadata_sha256}
        files.append(told)
    told = {"name": page.project, "recorded": at.isoformat(timespec="seconds"), "files": files}
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def version_of(project: NormalizedName, filename: object) -> str | None:
    """Return the version that a distribution's name tells; None if it is no wheel's or sdist's of that project."""
    if not isinstance(filename, str) or not _FILENAME.fullmatch(filename):
        return None
    try:
        name, version = (
            parse_wheel_filename(filename)[:2] if filename.endswith(".whl") else parse_sdist_filename(filename)
        )
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None
    return str(version) if name == project else None


def _page(project: NormalizedName, rows: Iterable[dict[str, Any]]) -> Page:
    files: dict[str, Listed] = {}
    left_out = 0
    for row in rows:
        file = _listed(project, row)
        if file is None:
            left_out += 1
        else:
            files.setdefault(file.filename, file)
    return Page(project, tuple(files.values()), left_out)


def _listed(project: NormalizedName, row: dict[str, Any]) -> Listed | None:
    version = version_of(project, row.get("filename"))
    sha256 = _sha256(row.get("hashes"))
    if version is None or not sha256:
        return None
    yanked, size, requires = row.get("yanked"), row.get("size"), row.get("requires-python")
    return Listed(
        filename=row["filename"],
        version=version,
        sha256=sha256,
        requires_python=requires if isinstance(requires, str) else "",
        yanked=yanked if isinstance(yanked, str) and yanked else "" if yanked else None,
        size=size if type(size) is int and 0 <= size < _LARGEST else None,
        uploaded_at=_time(row.get("upload-time")),
        metadata_sha256=next(filter(None, (_sha256(row.get(key)) for key in _METADATA)), ""),
        url=row["url"],
    )


def _sha256(hashes: object) -> str:
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    return digest.lower() if isinstance(digest, str) and _SHA256.fullmatch(digest.lower()) else ""


def _time(text: object) -> datetime | None:
    try:
        # Python 3.10 reads neither a Z nor any other number of decimals than three and six.
        whole, _, rest = str(text).removesuffix("Z").partition(".")
        found = datetime.fromisoformat(f"{whole}.{rest[:6]:0<6}" if rest.isdecimal() else whole)
    except ValueError:
        return None
    return found.replace(tzinfo=timezone.utc) if found.tzinfo is None else None


def _joined(base: str, url: object) -> str:
    try:
        return urljoin(base, url) if isinstance(url, str) else ""
    except ValueError:
        return ""


class _Links(HTMLParser):
    """The files of an HTML page, in the words of a JSON one."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._base = url
        self.files: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a link, or where links begin."""
        told = {name: value or "" for name, value in attrs}
        if tag == "base" and told.get("href"):
            self._base = _joined(self._base, told["href"])
        if tag != "a" or "href" not in told:
            return
        url, fragment = urldefrag(_joined(self._base, told["href"]))
        row: dict[str, Any] = {
            "filename": unquote(urlsplit(url).path.rpartition("/")[2]),
            "url": url,
            "hashes": _fragment(fragment),
            "requires-python": told.get("data-requires-python"),
            "yanked": told["data-yanked"] or True if "data-yanked" in told else False,
        }
        row |= {name: _fragment(value) for name, value in told.items() if name in _METADATA}
        self.files.append(row)


def _fragment(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}
