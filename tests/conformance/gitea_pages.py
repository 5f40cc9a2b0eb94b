"""What is on a simple page, for rows that describe it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit


class _Links(HTMLParser):
    """Collects the attributes of links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs))


def links(page: str) -> list[dict[str, str | None]]:
    """Return the attributes of a page's links; those of a JSON page look the same."""
    if page.startswith("{"):
        files = json.loads(page)["files"]
        return [{"href": file["url"], "data-requires-python": file.get("requires-python")} for file in files]
    parser = _Links()
    parser.feed(page)
    return parser.found


def versions(page: str) -> list[str]:
    """Return the versions of a page's files in the order in which they first come."""
    paths = [urlsplit(link.get("href") or "").path.split("/") for link in links(page)]
    return list(dict.fromkeys(unquote(path[-2]) for path in paths if len(path) > 1))
