"""Simple pages as HTML, byte for byte: PEP 833 froze them; warehouse/templates/api/simple/ @6b621571."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_pyreg.flavours.pypi.listing import Listed, Listing
    from pytest_pyreg.flavours.pypi.page_facts import PageFacts

_DOCUMENT = (
    '<!DOCTYPE html>\n<html{language}>\n  <head>\n    <meta name="pypi:repository-version" content="{version}">\n'
    "{meta}    <title>{title}</title>\n  </head>\n  <body>\n{body}</body>\n</html>"
)
_STATUS = '<meta name="pypi:project-status" content="{status}">'
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"})


def project_list(facts: PageFacts, root: str, names: Iterable[str]) -> bytes:
    """Write the list of all projects.

    Args:
        facts: what the era tells.
        root: the path below which the registry lies.
        names: of the projects as they are shown, in order.
    """
    links = [f'<a href="{root}/simple/{canonicalize_name(name)}/">{_escaped(name)}</a>\n' for name in names]
    return _document(facts, "", "Simple index", "".join(links)).encode()


def project_page(facts: PageFacts, listing: Listing) -> bytes:
    """Write the page of one project."""
    title = f"Links for {_escaped(listing.shown_name if facts.early_html else listing.name)}"
    write = _early_link if facts.early_html else _link
    links = "".join([write(facts, file) for file in listing.files])
    status = _STATUS.format(status=listing.status) if facts.status else ""
    document = _document(facts, status, title, f"    <h1>{title}</h1>\n{links}")
    return f"{document}\n<!--SERIAL {listing.serial}-->".encode()


def _document(facts: PageFacts, meta: str, title: str, body: str) -> str:
    language = ' lang="en"' if facts.language else ""
    return _DOCUMENT.format(language=language, version=facts.api_version, meta=meta, title=title, body=body)


def _link(facts: PageFacts, file: Listed) -> str:
    """Write one link; the blanks between its attributes are the template's."""
    parts = [f'<a href="{_escaped(file.url)}#sha256={file.sha256}" ']
    if file.requires_python:
        parts.append(f'data-requires-python="{_escaped(file.requires_python)}" ')
    if file.yanked is not False:
        parts.append(f'data-yanked="{_escaped(file.yanked) if isinstance(file.yanked, str) else ""}" ')
    if file.metadata_sha256:
        names = [key if key.startswith("data-") else f"data-{key}" for key in facts.metadata_keys]
        parts.append(" ".join([f'{name}="sha256={file.metadata_sha256}"' for name in names]))
    if file.provenance and facts.provenance:
        parts.append(f' data-provenance="{_escaped(file.provenance)}"')
    return f"{''.join(parts)}>{_escaped(file.filename)}</a><br />\n"


def _early_link(facts: PageFacts, file: Listed) -> str:
    """Write one link as the template did before June 2022 (warehouse@b86035544's parent)."""
    del facts
    parts = [f'<a href="{_escaped(file.url)}#sha256={file.sha256}"']
    if file.requires_python:
        parts.append(f' data-requires-python="{_escaped(file.requires_python)}"')
    if file.yanked is not False:
        parts.append(f' data-yanked="{_escaped(file.yanked) if isinstance(file.yanked, str) else ""}"')
    return f"{''.join(parts)}>{_escaped(file.filename)}</a><br/>\n"


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
