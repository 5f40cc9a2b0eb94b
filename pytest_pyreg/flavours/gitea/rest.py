"""The addresses of the REST API by era, and what a request to each goes through; `rest_packages` does the work.

routers/api/v1/api.go: offsoc/forgejo tags v1.17.3, v1.18.0-0, v1.19.4-0, v1.20.0, v1.21.11-0, v7.0.0 to v11.0.0,
rohitkumarankam/forgejo v12.0.4 and d883bd8f, okok7711/gitea (1.23), hanzoai/git@82edc3da (1.27) and its history.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.base import Action, Route
from pytest_pyreg.flavours.gitea import checks, rest_access, rest_instance, rest_packages
from pytest_pyreg.flavours.gitea.owners import owner_known
from pytest_pyreg.flavours.gitea.replies import OF_1_17, REPLIES, api
from pytest_pyreg.flavours.gitea.rest_access import (
    account_usable,
    caller_known,
    permitted,
    readable,
    scope_of,
    token_required,
    told,
)
from pytest_pyreg.flavours.gitea.rest_entities import Entities
from pytest_pyreg.flavours.gitea.rest_words import last_error
from pytest_pyreg.identity import Permission
from pytest_pyreg.refusals import Refusal
from pytest_pyreg.render.replies import ReplyShape
from pytest_pyreg.steps import lead_nowhere

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_pyreg.render.replies import Reply
    from pytest_pyreg.visit import Step, Visit

_OWNER = "/api/v1/packages/<namespace>"
_PACKAGE = f"{_OWNER}/<type>/<project>"
_VERSION = f"{_PACKAGE}/<version>"
_NO_RIGHT = api(403, "user should have specific permission or be a site admin")
ABSENT = "package does not exist"


class Token(Enum):
    """When it is asked whether the caller is signed in."""

    NEVER = auto()
    AFTER = auto()
    """After it was asked whether they may read."""
    FIRST = auto()
    TO_WRITE = auto()
    """After that too, and by what changes something alone."""


_WHY = partial(last_error, ", keyid: 0")


@dataclass(frozen=True)
class RestLayout:
    """The REST API of one era."""

    entities: Entities = field(default_factory=Entities)
    token: Token = Token.NEVER
    scope: Step | None = None
    """What a token's scopes are held against; there are none before 1.19."""
    scope_after: bool = False
    """Whether that is asked where it is asked who is signed in (1.19)."""
    scope_words: str = ""
    wrong: str = "{words}"
    """What is said of a wrong credential."""
    why: Callable[[Visit], str] = _WHY
    """What these words are."""
    allow: bool = True
    """Whether it is told which methods an address knows."""
    version_absent: str = ABSENT
    package_absent: str = ABSENT
    package_asked: bool = False
    """Whether a package has to be there for its versions to be listed (1.26)."""
    latest: str = ""
    """What is said where a package has no latest version; empty if there is no such address."""
    versions: bool = False
    whole: bool = False
    """Whether a package can be deleted as a whole."""
    links: bool = False
    nothing_first: bool = False
    """Whether nothing is asked where nothing is (1.26, #36848)."""
    head: bool = False
    """Whether HEAD is answered where GET is."""
    warning: tuple[str, str] = ("", "")
    """What is said of a token in the address: a header and its words."""
    headers: Mapping[str, str] = field(
        default_factory=lambda: {
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store, no-transform",
            "X-Frame-Options": "SAMEORIGIN",
        }
    )
    """On whatever is answered."""

    def routes(self) -> dict[str, Route]:
        """Return the addresses, by names of ours."""
        shown = self.entities
        known: tuple[Step, ...] = (rest_access.release_known,)
        if not shown.epochs:
            known += (rest_access.release_readable,)
        found = {
            "api packages": self._packages("GET", _OWNER, partial(rest_packages.list_packages, shown)),
            "api version": self._packages("GET", _VERSION, partial(rest_packages.show_version, shown), known),
            "api files": self._packages("GET", f"{_VERSION}/files", partial(rest_packages.list_files, shown), known),
            "api delete version": self._packages("DELETE", _VERSION, rest_packages.delete_version, known),
            **self._instance(),
        }
        whole: tuple[Step, ...] = (rest_access.package_known,) if self.package_asked else ()
        if self.versions:
            found["api versions"] = self._packages("GET", _PACKAGE, partial(rest_packages.list_versions, shown), whole)
        if self.latest:
            latest = partial(rest_packages.show_latest, self.latest, shown)
            found["api latest"] = self._packages("GET", f"{_PACKAGE}/-/latest", latest, whole)
        if self.whole:
            found["api delete package"] = self._packages("DELETE", _PACKAGE, rest_packages.delete_package, whole)
        if self.links:
            link, unlink = f"{_PACKAGE}/-/link/<repository>", f"{_PACKAGE}/-/unlink"
            found["api link"] = self._packages("POST", link, rest_packages.link, whole)
            found["api unlink"] = self._packages("POST", unlink, rest_packages.unlink, whole)
        return found

    def elsewhere(self) -> dict[str, Route]:
        """Return what is asked where nothing is: who it is, and whether they may sign in."""
        if self.nothing_first:
            return {"api": Route(Action.OWN, "", "/api/v1", Permission.SEE, answer=lead_nowhere)}
        steps = (partial(caller_known, self.why), account_usable)
        route = self._route("", "/api/v1", Permission.SEE, steps, kind="", answer=lead_nowhere)
        return {"api": route}

    def _packages(
        self, method: str, pattern: str, answer: Callable[[Visit], Reply], known: tuple[Step, ...] = ()
    ) -> Route:
        """Return an address of packages."""
        reading = method == "GET"
        permission = Permission.READ if reading else Permission.DELETE if method == "DELETE" else Permission.PUBLISH
        signed = (token_required,)
        scope = (self.scope,) if self.scope is not None else ()
        late = self.token is Token.AFTER or (self.token is Token.TO_WRITE and not reading)
        steps = (
            checks.packages_on,
            partial(caller_known, self.why),
            account_usable,
            *(signed if self.token is Token.FIRST else ()),
            *(() if self.scope_after else scope),
            owner_known,
            *known,
            readable,
            *(scope if self.scope_after else ()),
            checks.owner_public,
            *(signed if late else ()),
            permitted,
        )
        return self._route(method, pattern, permission, steps, kind="owner", answer=answer)

    def _instance(self) -> dict[str, Route]:
        """Return what is asked before packages; to 1.19 without its scopes (unverified)."""
        scopes = self.scope is not None and not self.scope_after
        user, organization = ((scope_of("user"),), (scope_of("organization"),)) if scopes else ((), ())
        base: tuple[Step, ...] = (partial(caller_known, self.why), account_usable)
        made: dict[str, tuple[str, tuple[Step, ...], Callable[[Visit], Reply]]] = {
            "version": ("version", base, rest_instance.show_version),
            "user": ("user", (*base, token_required, *user), partial(rest_instance.show_caller, self.entities)),
            "account": (
                "users/<namespace>",
                (*base, *user),
                partial(rest_instance.show_account, self.entities),
            ),
            "organization": (
                "orgs/<namespace>",
                (*base, *organization),
                partial(rest_instance.show_organization, self.entities),
            ),
        }
        return {
            f"api {name}" if name != "version" else "api release": self._route(
                "GET", f"/api/v1/{pattern}", Permission.SEE, steps, kind=name, answer=answer
            )
            for name, (pattern, steps, answer) in made.items()
        }

    def _route(
        self,
        method: str,
        pattern: str,
        permission: Permission,
        steps: tuple[Step, ...],
        *,
        kind: str,
        answer: Callable[[Visit], Reply],
    ) -> Route:
        return Route(
            Action.OWN,
            method,
            pattern,
            permission,
            tuple(told(step, self.warning) for step in steps),
            kind,
            replies=self._replies(),
            answer=self._answering(told(answer, self.warning)),
            called="API",
            head=self.head,
        )

    def _answering(self, answer: Callable[[Visit], Reply]) -> Callable[[Visit], Reply]:
        """Return an answer with the headers of everything."""
        headers = tuple(self.headers.items())

        def answering(visit: Visit) -> Reply:
            reply = answer(visit)
            warned = ((self.warning[0], rest_access.warned(visit, self.warning)),) if self.warning[0] else ()
            return replace(reply, headers=(*reply.headers, *headers, *warned))

        return answering

    def _replies(self) -> dict[Refusal, ReplyShape]:
        """Return how the API says no."""
        said = {
            Refusal.CREDENTIAL_UNKNOWN: api(401, self.wrong),
            Refusal.UNAUTHENTICATED: api(401, "token is required"),
            Refusal.FORBIDDEN: _NO_RIGHT,
            Refusal.HIDDEN: _NO_RIGHT,
            Refusal.SCOPE_INSUFFICIENT: api(403, self.scope_words),
            Refusal.TOKEN_PUBLIC_ONLY: api(403, "token scope is limited to public packages"),
            Refusal.ACCOUNT_UNUSABLE: ReplyShape(
                403, text='{{"message":"{words}"}}\n', content_type="application/json;charset=utf-8"
            ),
            Refusal.NAMESPACE_UNKNOWN: api(404, "user redirect does not exist [name: {named}]"),
            Refusal.RELEASE_ABSENT: api(404, self.version_absent),
            Refusal.PROJECT_UNKNOWN: api(404, self.package_absent),
            Refusal.VERSION_UNREADABLE: api(500, ""),
        }
        said |= {
            refusal: REPLIES[refusal]
            for refusal in (Refusal.NAMESPACE_MOVED, Refusal.ROUTE_UNKNOWN, Refusal.METHOD_NOT_ALLOWED)
        }
        said[Refusal.REGISTRY_OFF] = REPLIES[Refusal.ROUTE_UNKNOWN]
        if not self.allow:
            said[Refusal.METHOD_NOT_ALLOWED] = OF_1_17[Refusal.METHOD_NOT_ALLOWED]
        warning = {self.warning[0]: "{warning}"} if self.warning[0] else {}
        return {
            refusal: replace(shape, headers={**shape.headers, **self.headers, **warning})
            for refusal, shape in said.items()
        }
