"""What the servers have in stock: small wheels in a folder, one large wheel, and pages made by hand."""

from __future__ import annotations

import hashlib
import os
import random
from typing import TYPE_CHECKING

from pytest_pyreg import Dist, make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LARGE = "large"
"""The project of the one large wheel."""


def wheels(project: str, count: int) -> Iterator[Dist]:
    """Make that many small wheels of one project, each of a version of its own."""
    for number in range(count):
        yield make_wheel(project, f"1.{number}", requires_python=">=3.8", summary="a small wheel")


def tiny(projects: int, each: int) -> Iterator[Dist]:
    """Make files that are wheels by name and metadata only, for registries of very many."""
    for number in range(projects):
        name = f"crowd-{number}"
        for minor in range(each):
            text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.{minor}\n\n".encode()
            stem = f"{name.replace('-', '_')}-1.{minor}"
            yield Dist(f"{stem}-py3-none-any.whl", name, f"1.{minor}", f"{stem}\n".encode(), text)


def written(dists: Iterable[Dist], folder: Path) -> list[Path]:
    """Write distributions into a folder."""
    return [dist.write_to(folder) for dist in dists]


def large_wheel(folder: Path, size: int) -> Path:
    """Write a wheel that is that many bytes large, and a few more."""
    content = random.Random(size).randbytes(size)  # noqa: S311 - to be the same each time, not secret.
    return make_wheel(LARGE, "1.0", files={"large/content": content}).write_to(folder)


def page_by_hand(www: Path, port: int, project: str, files: Iterable[Path]) -> Path:
    """Write a project page, and the files that it links to, for a server of static files; return the page's path.

    Links are absolute and name the digest twice, as on real registries' pages, so the page is about as long as ours.
    """
    links = []
    for file in files:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        stored = www / "files" / digest / file.name
        stored.parent.mkdir(parents=True)
        os.link(file, stored)
        url = f"http://127.0.0.1:{port}/files/{digest}/{file.name}#sha256={digest}"
        links.append(f'<a href="{url}" data-requires-python="&gt;=3.8">{file.name}</a><br>\n')
    folder = www / "simple" / project
    folder.mkdir(parents=True)
    title = f"Links for {project}"
    head = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1>\n"
    text = f"{head}{''.join(links)}</body></html>\n"
    page = folder / "index.html"
    page.write_text(text, encoding="utf-8")
    return page
