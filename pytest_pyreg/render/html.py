"""Project lists and project pages as HTML (PEP 503), in whatever shape a product gives them.

The shape is data: two templates and a table of escapes.  The real servers differ in blanks, attributes and quoting, and
clients' caches and tests see all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_pyreg.model import File, ProjectPage, Release


@dataclass(frozen=True)
class HtmlStyle:
    """One product's way of writing a page."""

    content_types: tuple[str, ...]
    """One header for each."""
    document: str
    """The whole page, with `{title}` (escaped) and `{links}`."""
    file_link: str
    """One file, with `{url}`, `{announced_sha256}`, `{requires_python}` (escaped) and `{filename}` (as stored)."""
    project_link: str
    """One release on the project list, with `{url}`, `{requires_python}` (escaped) and `{name}` (as stored)."""
    between: str
    """What stands between two links."""
    escapes: Mapping[str, str]
    """Character -> entity."""
    release: str = "{links}"
    """What stands around the files of one release."""
    escape_all: bool = False
    """Whether addresses and names are escaped too."""
    address: Callable[[str], str] = str
    """How an address is escaped in its own way, before that."""
    file_link_without: str = ""
    """One file of a release that demands no Python; as any other if empty."""

    def escaped(self, text: str) -> str:
        """Escape as the product does."""
        return text.translate(self._table)

    @cached_property
    def _table(self) -> dict[int, str]:
        return str.maketrans(dict(self.escapes))


FileUrl = Callable[["Release", "File"], str]
ProjectUrl = Callable[[str], str]


def project_page(style: HtmlStyle, page: ProjectPage, url: FileUrl) -> bytes:
    """Write the page of one project."""
    written = style.escaped if style.escape_all else str
    releases = []
    for release in page.releases:
        requires_python = style.escaped(release.metadata.get("requires_python", ""))
        template = style.file_link if requires_python else style.file_link_without or style.file_link
        links = [
            template.format(
                url=written(style.address(url(release, file))),
                announced_sha256=file.hashes.get("sha256", ""),
                requires_python=requires_python,
                filename=written(file.filename),
            )
            for file in release.files
        ]
        releases.append(style.release.format(links=style.between.join(links)))
    return _document(style, page.name, releases)


def project_list(style: HtmlStyle, title: str, releases: tuple[Release, ...], url: ProjectUrl) -> bytes:
    """Write the list of all projects of a namespace, one link for each release."""
    links = [
        style.project_link.format(
            url=url(release.normalized),
            requires_python=style.escaped(release.metadata.get("requires_python", "")),
            name=release.name,
        )
        for release in releases
    ]
    return _document(style, title, links)


def _document(style: HtmlStyle, title: str, links: list[str]) -> bytes:
    return style.document.format(title=style.escaped(title), links=style.between.join(links)).encode()
