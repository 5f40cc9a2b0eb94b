"""Project lists and project pages as JSON (PEP 691), as far as a product gives them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_pyreg.model import File, ProjectPage, Release


FileUrl = Callable[["Release", "File"], str]


def _text(content: dict[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True)
class JsonStyle:
    """One product's way of writing a page as JSON."""

    content_types: tuple[str, ...]
    """One header for each."""
    wanted: Callable[[str], bool]
    """Whether an `Accept` header asks for it."""
    api_version: str
    page: Callable[[ProjectPage, FileUrl], dict[str, Any]] | None = None
    """Writes a project's page in another shape than the usual one."""

    written: Callable[[dict[str, Any]], bytes] = _text
    vary: bool = True
    """Whether a page says that it depends on what was asked for."""


def project_page(style: JsonStyle, page: ProjectPage, url: FileUrl) -> bytes:
    """Write the page of one project."""
    if style.page is not None:
        return style.written(style.page(page, url))
    files = []
    for release in page.releases:
        requires_python = release.metadata.get("requires_python", "")
        for file in release.files:
            announced = file.hashes.get("sha256", "")
            entry: dict[str, Any] = {
                "filename": file.filename,
                "url": f"{url(release, file)}#sha256={announced}",
                "hashes": {"sha256": announced},
            }
            if requires_python:
                entry["requires-python"] = requires_python
            files.append(entry)
    return _document(style, {"name": page.normalized, "files": files})


def project_list(style: JsonStyle, releases: Iterable[Release]) -> bytes:
    """Write the list of all projects of a namespace, each once, by name."""
    names = sorted({release.normalized for release in releases})
    return _document(style, {"projects": [{"name": name} for name in names]})


def _document(style: JsonStyle, content: dict[str, Any]) -> bytes:
    return style.written({"meta": {"api-version": style.api_version}, **content})
