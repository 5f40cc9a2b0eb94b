"""What the packages REST API shows of a package and its files (lib/api/entities/package.rb and its neighbours)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_pyreg.flavours.gitlab import checks
from pytest_pyreg.identity import Permission

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_pyreg.model import File, Release
    from pytest_pyreg.visit import Visit

_COMMIT = "0" * 40
# Ci::PipelineBasic: content ids 31925816 (12.x, 13.x), 970249141, 1009053921 (15.x); the first minors are bounds.
PIPELINE_12_10 = ("id", "sha", "ref", "status", "created_at", "updated_at", "web_url", "user")
PIPELINE_13_12 = ("id", "project_id", *PIPELINE_12_10[1:])
PIPELINE_15_0 = ("id", "iid", "project_id", "sha", "ref", "status", "source", *PIPELINE_12_10[4:])


@dataclass(frozen=True)
class Entities:
    """Which fields an era shows."""

    status: bool = False
    """From 13.9 on (gitlabhq@a1498861)."""
    versions_in_lists: bool = True
    """Up to 13.2 (gitlabhq@0a9efe02)."""
    last_downloaded_at: bool = False
    """From 15.5 on (content id 877611458)."""
    pipelines: bool = False
    """The list beside `pipeline`, from 13.6 on; always empty from 16.1 on, where it has an address of its own."""
    pipelines_empty: bool = False
    creator_id: bool = False
    """About 18 (gitlabhq@3919ad72, spec/fixtures)."""
    file_sha256: bool = False
    """From about 14.0 on (content id 289906304)."""
    of_pipeline: tuple[str, ...] = PIPELINE_12_10
    """What a pipeline shows."""
    username_first: bool = False
    """Whether a user's name comes after the username."""
    newest_pipeline: bool = False
    """Whether `pipeline` is the last one, not the first (to 15.x: `original_build_info`)."""

    def package(self, visit: Visit, release: Release, *, listed: bool, group: bool = False) -> dict[str, Any]:
        """Return a package.

        Args:
            visit: the request.
            release: what is shown.
            listed: whether it is one of a list.
            group: whether that is a group's.
        """
        project = release.namespace
        root = visit.url.partition("://")[2].partition("/")[2]
        links = {"web_path": f"{'/' if root else ''}{root}/{project.path}/-/packages/{release.id}"}
        if Permission.DELETE in visit.directory.granted(visit.identity, project):
            links["delete_api_path"] = f"{visit.url}/api/v4/projects/{project.id}/packages/{release.id}"
        shown: dict[str, Any] = {
            "id": release.id,
            "name": release.name,
            "version": release.version,
            "package_type": "pypi",
            **({"status": "default"} if self.status else {}),
            "_links": links,
            "created_at": moment(release.created_at),
        }
        if self.last_downloaded_at:
            at = visit.index.last_download(release)
            shown["last_downloaded_at"] = moment(at) if at is not None else None
        if self.creator_id:
            shown["creator_id"] = None
        if group:
            shown |= {"project_id": project.id, "project_path": project.path}
        shown["tags"] = []
        pipelines = [self.pipeline(visit, release, number) for number in pipelines_of(release)]
        if pipelines:
            shown["pipeline"] = pipelines[self._one]
            shown |= {"pipelines": [] if self.pipelines_empty else pipelines} if self.pipelines else {}
        if not listed or self.versions_in_lists:
            shown["versions"] = [self._version(visit, other) for other in _siblings(visit, release)]
        return shown

    def _version(self, visit: Visit, release: Release) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": release.id,
            "version": release.version,
            "created_at": moment(release.created_at),
            "tags": [],
        }
        pipelines = pipelines_of(release)
        return shown | ({"pipeline": self.pipeline(visit, release, pipelines[self._one])} if pipelines else {})

    @property
    def _one(self) -> int:
        """Which of several pipelines is the one."""
        return -1 if self.newest_pipeline else 0

    def file(self, visit: Visit, release: Release, file: File) -> dict[str, Any]:
        """Return a package's file: the digests are those that the client announced."""
        shown: dict[str, Any] = {
            "id": file.id,
            "package_id": release.id,
            "created_at": moment(file.uploaded_at),
            "file_name": file.filename,
            "size": file.size,
            "file_md5": file.hashes.get("md5"),
            "file_sha1": None,  # The PyPI service passes none (gitlabhq@017a6c12).
        }
        if self.file_sha256:
            shown["file_sha256"] = file.hashes.get("sha256")
        if self.pipelines and file.pipeline is not None:
            shown["pipelines"] = [self.pipeline(visit, release, file.pipeline)]
        return shown

    def pipeline(self, visit: Visit, release: Release, number: int) -> dict[str, Any]:
        """Return a CI pipeline, as far as one can be told of a job that never ran."""
        project, world = release.namespace, checks.world_of(visit)
        user = world.user_of_pipeline(number)
        created = moment(release.created_at)
        person = {
            "id": user.id,
            "username": user.username,
            "name": user.username,
            "state": user.state,
            "avatar_url": None,
            "web_url": f"{visit.url}/{user.username}",
        }
        if not self.username_first:
            person = {name: person[name] for name in ("id", "name", "username", "state", "avatar_url", "web_url")}
        shown = {
            "id": number,
            "iid": number,
            "project_id": project.id,
            "sha": _COMMIT,
            "ref": "main",
            "status": "running",
            "source": "push",
            "created_at": created,
            "updated_at": created,
            "web_url": f"{visit.url}/{project.path}/-/pipelines/{number}",
            "user": person,
        }
        return {name: shown[name] for name in self.of_pipeline}


def pipelines_of(release: Release) -> list[int]:
    """Return the CI pipelines that uploaded a release's files, each once, the first first."""
    return list(dict.fromkeys(file.pipeline for file in release.files if file.pipeline is not None))


def moment(at: datetime) -> str:
    """Return a time as the API writes it: `2019-11-27T03:37:38.711Z`."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _siblings(visit: Visit, release: Release) -> list[Release]:
    """Return the other releases of exactly that name, by version as text."""
    others = visit.index.releases([release.namespace])
    return sorted(
        (other for other in others if other.name == release.name and other.id != release.id),
        key=lambda other: other.version,
    )
