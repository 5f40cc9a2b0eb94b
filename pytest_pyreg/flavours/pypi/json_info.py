"""What the JSON API tells of a release, of its files and of a project's people, key by key.

warehouse/legacy/api/json.py and packaging/models.py (`Release.urls`) @6b621571; forklift/legacy.py for what is stored.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

from pytest_pyreg.flavours.pypi.answers import path
from pytest_pyreg.flavours.pypi.listing import file_url, metadata_digest
from pytest_pyreg.flavours.pypi.simple_json import iso

if TYPE_CHECKING:
    from collections.abc import Collection

    from pytest_pyreg.flavours.pypi.people import Project
    from pytest_pyreg.flavours.pypi.world import PyPIWorld
    from pytest_pyreg.model import Release

_TEXTS = (
    *("author", "author_email", "description_content_type", "download_url", "home_page", "keywords", "license"),
    *("license_expression", "maintainer", "maintainer_email", "requires_python", "summary"),
)
_IGNORED = str.maketrans("", "", string.punctuation + string.whitespace)
"""What does not count in a label (PEP 753)."""


def info(base: str, project: Project, release: Release, without: Collection[str]) -> dict[str, Any]:
    """Tell a release's metadata; what was not sent is null, but for the description."""
    shown = base + path("project", project.name) + "/"
    told: dict[str, Any] = {name: release.metadata.get(name) or None for name in _TEXTS}
    lists = {name: list(values) or None for name, values in release.lists.items()}
    platforms = release.lists.get("platform", ())
    told |= {
        "name": project.name,
        "version": release.version,
        "description": release.metadata.get("description", ""),
        "license_files": lists.get("license_file"),
        "classifiers": sorted(release.lists.get("classifiers", ())),
        "platform": platforms[0] if platforms else release.metadata.get("platform") or None,
        "downloads": {"last_day": -1, "last_week": -1, "last_month": -1},
        "package_url": shown,
        "project_url": shown,
        "project_urls": project_urls(release) or None,
        "release_url": base + path("project", project.name, release.version) + "/",
        "requires_dist": lists.get("requires_dist"),
        "provides_extra": lists.get("provides_extra"),
        "docs_url": None,
        "bugtrack_url": None,
        "yanked": release.yanked is not None,
        "yanked_reason": release.yanked or None,
        "dynamic": [name.title() for name in release.lists.get("dynamic", ())] or None,
    }
    return {key: value for key, value in told.items() if key not in without}


def files(base: str, world: PyPIWorld, release: Release, without: Collection[str]) -> list[dict[str, Any]]:
    """Tell a release's files, by name."""
    found = []
    for file in sorted(release.files, key=lambda each: each.filename):
        digest = metadata_digest(world, file)
        time = iso(file.uploaded_at)
        told: dict[str, Any] = {
            "filename": file.filename,
            "packagetype": file.facts.get("packagetype", ""),
            "python_version": file.facts.get("python_version", ""),
            "has_sig": False,
            "comment_text": file.facts.get("comment_text", ""),
            "md5_digest": file.hashes.get("md5", ""),
            "digests": {
                "md5": file.hashes.get("md5", ""),
                "sha256": file.hashes.get("sha256", ""),
                "blake2b_256": file.hashes.get("blake2_256", ""),
            },
            "core-metadata": {"sha256": digest} if digest else False,
            "size": file.size,
            "downloads": -1,
            "upload_time": time.partition(".")[0],
            "upload_time_iso_8601": time,
            "url": file_url(base, file),
            "requires_python": release.metadata.get("requires_python") or None,
            "yanked": release.yanked is not None,
            "yanked_reason": release.yanked or None,
        }
        found.append({key: value for key, value in told.items() if key not in without})
    return found


def project_urls(release: Release) -> dict[str, str]:
    """Return a release's links; home page and download come first, and are not repeated (PEP 753)."""
    fields = {"Homepage": "home_page", "Download": "download_url"}
    found = {label: release.metadata[field] for label, field in fields.items() if release.metadata.get(field)}
    known = {"homepage": found.get("Homepage"), "downloadurl": found.get("Download")}
    for line in release.lists.get("project_urls", ()):
        label, _, url = (part.strip() for part in line.partition(","))
        plain = label.translate(_IGNORED).lower()
        if url != known.get(plain, object()):
            found[label] = url
    return found


def ownership(project: Project) -> dict[str, Any]:
    """Tell whose a project is: owners first, then by name."""
    roles = [{"role": "Owner", "user": name} for name in sorted(user.name for user in project.owners)]
    roles += [{"role": "Maintainer", "user": name} for name in sorted(user.name for user in project.maintainers)]
    return {"roles": roles, "organization": project.organization.name if project.organization else None}
