"""Project lists and project pages as JSON (PEP 691), as far as a product gives them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_pyreg.model import File, ProjectPage, Release


@dataclass(frozen=True)
class JsonStyle:
    """One product's way of writing a page as JSON."""

    content_type: str
    wanted: Callable[[str], bool]
    """Whether an `Accept` header asks for it."""
    api_version: str


def project_page(style: JsonStyle, page: ProjectPage, url: Callable[[File], str]) -> bytes:
    """Write the page of one project."""
    files = []
    for release in page.releases:
        requires_python = release.metadata.get("requires_python", "")
        for file in release.files:
            announced = file.hashes.get("sha256", "")
            entry: dict[str, Any] = {
                "filename": file.filename,
                "url": f"{url(file)}#sha256={announced}",
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
    text = json.dumps(
        {"meta": {"api-version": style.api_version}, **content}, separators=(",", ":"), ensure_ascii=False
    )
    return text.encode()
