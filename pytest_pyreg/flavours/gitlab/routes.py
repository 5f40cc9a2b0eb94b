"""GitLab's addresses, and what a request to each goes through.

`API` stands for lib/api/pypi_packages.rb, gitlabhq/gitlabhq@63dd1256.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.base import Action, Route
from pytest_pyreg.flavours.gitlab import checks, forwarding
from pytest_pyreg.identity import Permission
from pytest_pyreg.render.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.identity import Manners
    from pytest_pyreg.refusals import Refusal
    from pytest_pyreg.render.replies import ReplyShape
    from pytest_pyreg.visit import Step, Visit

PROJECT = "project"
GROUP = "group"
_PROJECT = "/api/v4/projects/<namespace>/packages/pypi"
_GROUP = "/api/v4/groups/<namespace>/-/packages/pypi"


@dataclass(frozen=True)
class Layout:
    """The PyPI addresses of one era; what follows from these fields is in `routes`."""

    read: tuple[Step, ...]
    """What a page goes through."""
    file: tuple[Step, ...]
    """What a download goes through."""
    upload: tuple[Step, ...]
    """What an upload goes through before its body is read."""
    store: tuple[Step, ...]
    """What it goes through then."""
    accepted: frozenset[str]
    """The ways of showing a credential that hold."""
    manners: Manners
    """What a caller without credential is told who may not read."""
    index: bool = False
    """Whether there are root indexes."""
    group_read: tuple[Step, ...] = ()
    """What a page of a group goes through; empty if there are no group addresses."""
    group_file: tuple[Step, ...] = ()
    """What a download from a group goes through."""
    project_file_replies: Mapping[Refusal, ReplyShape] | None = None
    """Where a download from a project says no in other words."""
    forward: bool = False
    """Whether there is the address that forwards to the public index's files."""

    def routes(self) -> dict[str, Route]:
        """Return the addresses, by names of ours.  Grape's `*name` matches slashes, as werkzeug's `path` does."""
        found = self._reading(PROJECT, _PROJECT, self.read, self.file, self.project_file_replies or {})
        if self.group_read:
            reading = self._reading(GROUP, _GROUP, self.group_read, self.group_file, {})
            # app/finders/packages/pypi/package_finder.rb: the group is checked, its projects are not.
            reading["group download"] = replace(reading["group download"], everything=True)
            found |= reading
        for name, pattern, steps in (
            ("upload", _PROJECT, self.upload + self.store),
            ("authorize", f"{_PROJECT}/authorize", self.upload),
        ):
            route = Route(Action.UPLOAD, "POST", pattern, Permission.PUBLISH, steps, PROJECT, self.accepted)
            found[name] = route
        found["authorize"] = replace(found["authorize"], action=Action.OWN, answer=_authorized, called="authorize")
        if self.forward:
            found["forward"] = replace(
                found["project page"],
                action=Action.OWN,
                pattern=f"{_PROJECT}/forward/<project>/<path:filename>",
                answer=forwarding.file_elsewhere,
                called="forward",
            )
        return found

    def _reading(
        self,
        kind: str,
        prefix: str,
        read: tuple[Step, ...],
        file: tuple[Step, ...],
        file_replies: Mapping[Refusal, ReplyShape],
    ) -> dict[str, Route]:
        """Return the addresses that a project and a group have alike."""

        def route(action: Action, pattern: str, steps: tuple[Step, ...]) -> Route:
            return Route(action, "GET", prefix + pattern, Permission.READ, steps, kind, self.accepted, self.manners)

        found = {
            f"{kind} page": route(Action.PROJECT_PAGE, "/simple/<path:project>", read),
            f"{kind} download": replace(
                route(Action.DOWNLOAD, "/files/<sha256>/<path:filename>", (*file, checks.file_dotted)),
                replies=file_replies,
            ),
        }
        if self.index:
            found[f"{kind} list"] = route(Action.PROJECT_LIST, "/simple", read)
        return found


def _authorized(visit: Visit) -> Reply:
    """Tell Workhorse where to put the file (app/uploaders/object_storage.rb, `workhorse_authorize`)."""
    body: dict[str, str | int | list[str]] = {
        "TempPath": "/var/opt/gitlab/gitlab-rails/shared/packages/tmp/uploads",
        "MaximumSize": visit.rules.max_file_bytes,
    }
    if checks.world_of(visit).settings.fips:
        body["UploadHashFunctions"] = ["sha1", "sha256", "sha512"]
    text = json.dumps(body, separators=(",", ":"))
    return Reply(200, (("Content-Type", "application/vnd.gitlab-workhorse+json"),), text.encode())
