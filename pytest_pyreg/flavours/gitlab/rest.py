"""The addresses of the packages REST API, and what a request to each goes through; `packages` does the work.

lib/api/project_packages.rb, package_files.rb and group_packages.rb (zero804/gitlab.community@6268a72e for 13.x,
gitlabhq@038366a0 and @e8d2c257 for 13.6 to 14, shaik1002/biggitlabbomb@c8e6f625 for 17).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.base import Action, Route
from pytest_pyreg.flavours.gitlab import checks, instance, packages
from pytest_pyreg.flavours.gitlab.authentication import JOB, PERSONAL
from pytest_pyreg.flavours.gitlab.entities import PIPELINE_13_12, PIPELINE_15_0, Entities
from pytest_pyreg.flavours.gitlab.replies import NO_GET
from pytest_pyreg.identity import Permission
from pytest_pyreg.steps import authorised, identified, namespace_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg.render.replies import Reply
    from pytest_pyreg.visit import Step, Visit

_PROJECT = "/api/v4/projects/<namespace>"
_RELEASE = f"{_PROJECT}/packages/<release>"
_GROUP = "/api/v4/groups/<namespace>"


@dataclass(frozen=True)
class RestLayout:
    """The REST addresses of one era."""

    entities: Entities
    accepted: frozenset[str] = frozenset({PERSONAL})
    """How packages are asked for."""
    files_accepted: frozenset[str] = frozenset({PERSONAL})
    """How their files are."""
    job_steps: tuple[Step, ...] = ()
    """What a job's token is held against."""
    delete_files: bool = False
    pipelines: bool = False
    """Whether a package's pipelines have an address."""
    name_waits: bool = False
    """Whether the name of a deleted file is free only after the next run of the cleaner."""
    group_permission: Permission = Permission.READ
    """What the list of a group's packages asks for."""

    def routes(self) -> dict[str, Route]:
        """Return the addresses, by names of ours."""
        read, delete, shown = Permission.READ, Permission.DELETE, self.entities
        found = {
            "packages": self._route("GET", f"{_PROJECT}/packages", read, partial(packages.list_releases, shown)),
            "package": self._route("GET", _RELEASE, read, partial(packages.show_release, shown)),
            "delete package": self._route(
                "DELETE", _RELEASE, delete, packages.delete_release, needs=packages.package_valid
            ),
            "package files": self._route(
                "GET",
                f"{_RELEASE}/package_files",
                read,
                partial(packages.list_files, shown),
                accepted=self.files_accepted,
            ),
            "group packages": Route(
                Action.OWN,
                "GET",
                f"{_GROUP}/packages",
                self.group_permission,
                (identified, namespace_known, packages.seen, checks.packages_on, authorised),
                "group",
                frozenset({PERSONAL}),
                instance.MANNERS,
                replies=instance.replies("Group"),
                answer=partial(packages.list_group_releases, shown),
                called="group packages",
            ),
            **instance.ROUTES,
        }
        if self.delete_files:
            found["delete file"] = self._route(
                "DELETE",
                f"{_RELEASE}/package_files/<file>",
                delete,
                partial(packages.delete_file, waits=self.name_waits),
                accepted=self.files_accepted,
                needs=packages.file_valid,
            )
        if self.pipelines:
            found["package pipelines"] = self._route(
                "GET", f"{_RELEASE}/pipelines", read, partial(packages.list_pipelines, shown)
            )
        return found

    def _route(
        self,
        method: str,
        pattern: str,
        permission: Permission,
        answer: Callable[[Visit], Reply],
        *,
        accepted: frozenset[str] | None = None,
        needs: Step | None = None,
    ) -> Route:
        # `before` is `authorize_packages_access!(user_project)`: first `find_project!` (lib/api/helpers.rb@051a4500),
        # which wants to know who asks before it says that there is no such project; then whether there are packages,
        # and whether the caller may read them.  Then Grape validates; then the handler asks for more.
        steps = (
            identified,
            namespace_known,
            checks.job_let_in,
            packages.seen,
            *self.job_steps,
            checks.not_moved,
            checks.packages_on,
            checks.readable,
            *((needs,) if needs is not None else ()),
            authorised,
        )
        return Route(
            Action.OWN,
            method,
            pattern,
            permission,
            steps,
            "project",
            self.accepted if accepted is None else accepted,
            instance.MANNERS,
            replies=instance.replies("Project") | (NO_GET if method != "GET" else {}),
            answer=answer,
            called="packages",
        )


# -- the addresses by era ----------------------------------------------------------------------------------------------

_12_10 = RestLayout(Entities())
_13_5 = replace(_12_10, entities=replace(_12_10.entities, versions_in_lists=False))
_13_6 = replace(_13_5, entities=replace(_13_5.entities, pipelines=True))
_13_9 = replace(_13_6, entities=replace(_13_6.entities, status=True))
_13_12 = replace(
    _13_9,
    entities=replace(_13_9.entities, file_sha256=True, of_pipeline=PIPELINE_13_12, username_first=True),
    delete_files=True,
)
_15_0 = replace(_13_12, entities=replace(_13_12.entities, of_pipeline=PIPELINE_15_0), name_waits=True)
_15_3 = replace(_15_0, accepted=frozenset({PERSONAL, JOB}))
_15_7 = replace(_15_3, entities=replace(_15_3.entities, last_downloaded_at=True))
_16_0 = replace(
    _15_7, entities=replace(_15_7.entities, newest_pipeline=True), files_accepted=frozenset({PERSONAL, JOB})
)
_16_1 = replace(_16_0, entities=replace(_16_0.entities, pipelines_empty=True), pipelines=True)
_17_11 = replace(_16_1, job_steps=(checks.job_permitted,))
# Content id 71254216713: `authorize_packages_access!(user_group, :read_group)`, after 859263417's `read_package`.
_19_0 = replace(_17_11, entities=replace(_17_11.entities, creator_id=True), group_permission=Permission.SEE)

ROUTES, ROUTES_13_5, ROUTES_13_6, ROUTES_13_9 = (layout.routes() for layout in (_12_10, _13_5, _13_6, _13_9))
ROUTES_13_12, ROUTES_15_0, ROUTES_15_3, ROUTES_15_7, ROUTES_16_0, ROUTES_16_1, ROUTES_17_11, ROUTES_19_0 = (
    layout.routes() for layout in (_13_12, _15_0, _15_3, _15_7, _16_0, _16_1, _17_11, _19_0)
)
