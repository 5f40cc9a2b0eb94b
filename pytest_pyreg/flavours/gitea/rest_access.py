"""What a request to the REST API goes through: the middlewares of routers/api/v1/api.go, as steps.

Each refuses in words of its own, which stand as facts in the refusal: `words` (for JSON), `root` and `named`.
"""

from __future__ import annotations

import json
from functools import partial, wraps
from typing import TYPE_CHECKING

from packaging.utils import NormalizedName

from pytest_pyreg.flavours.gitea import checks, features
from pytest_pyreg.flavours.gitea.people import Caller
from pytest_pyreg.identity import Permission
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.steps import recognised

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from pytest_pyreg.model import Release
    from pytest_pyreg.visit import Step, Visit

    _Result = TypeVar("_Result")

_PROHIBITED = "This account is prohibited from signing in, please contact your site administrator."
_CHANGE = "You must change your password. Change it at: "
_SIGN_IN = "Only signed in user is allowed to call APIs."
_MALFORMED = "token is malformed: token contains an invalid number of segments"
_READING = ("GET", "HEAD")


def told(act: Callable[[Visit], _Result], warning: tuple[str, str] = ("", "")) -> Callable[[Visit], _Result]:
    """Return a step, or an answer, whose refusals know what the API's words mention."""

    @wraps(act)
    def telling(visit: Visit) -> _Result:
        try:
            return act(visit)
        except Refused as refused:
            refused.facts["root"] = visit.url
            refused.facts["named"] = escaped(visit.reference)
            refused.facts["warning"] = warned(visit, warning)
            raise

    return telling


def warned(visit: Visit, warning: tuple[str, str]) -> str:
    """Return what is said of a token in the address, right or wrong; nothing if there is none."""
    return warning[1] if visit.query.get("token") or visit.query.get("access_token") else ""


def escaped(text: str) -> str:
    """Return a text as it stands within JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def caller_known(why: Callable[[Visit], str], visit: Visit) -> None:
    """Find out who asks; what is wrong with a credential is said to everybody until 1.25.2.

    Args:
        why: says it.
        visit: the request.
    """
    try:
        recognised(visit)
    except Refused as refused:
        refused.facts["words"] = escaped(why(visit))
        raise


def account_usable(visit: Visit) -> None:
    """Refuse an account that may not sign in, and nobody's requests where signing in is a must (`ToggleAPI`)."""
    user, world = checks.user_of(visit), checks.world_of(visit)
    if user is not None and (not user.active or user.prohibit_login):
        raise Refused(Refusal.ACCOUNT_UNUSABLE, who=user.name, reason="it may not sign in", words=_PROHIBITED)
    if user is not None and user.must_change_password:
        reason = "another password is due"
        raise Refused(
            Refusal.ACCOUNT_UNUSABLE,
            who=user.name,
            reason=reason,
            words=f"{_CHANGE}{visit.url}//user/change_password",
        )
    if user is None and world.settings.require_signin_view:
        reason = "whoever calls the API has to sign in here"
        raise Refused(Refusal.ACCOUNT_UNUSABLE, who=visit.who, reason=reason, words=_SIGN_IN)


def token_required(visit: Visit) -> None:
    """Refuse who is not signed in (`reqToken`)."""
    if checks.user_of(visit) is None:
        raise Refused(
            Refusal.UNAUTHENTICATED,
            permission=visit.permission.value,
            namespace=visit.reference or "the instance",
            sent="the one that was sent is unknown" if visit.shown else "none was sent",
        )


def scope_of(category: str) -> Step:
    """Return the step that wants a scope of this category, for reading or for writing (`tokenRequiresScopes`)."""
    return partial(_scope_held, category)


def _scope_held(category: str, visit: Visit) -> None:
    level = "read" if visit.headers["REQUEST_METHOD"] in _READING else "write"
    _hold(visit, f"{level}:{category}", {f"{level}:{category}", f"write:{category}", "all"})


def scope_1_19(visit: Visit) -> None:
    """Hold a token against the scopes of 1.19, where deletion has one of its own (v1.19.4-0, `reqToken`)."""
    if visit.headers["REQUEST_METHOD"] in _READING:
        _hold(visit, "read:package", {"read:package", "write:package", "package", "all"})
    else:
        _hold(visit, "delete:package", {"delete:package", "package", "all"})


def _hold(visit: Visit, required: str, enough: set[str]) -> None:
    caller = visit.identity
    if not isinstance(caller, Caller) or caller.scopes is None or caller.scopes & enough:
        return
    held: list[str] = sorted(caller.scopes)
    raise Refused(
        Refusal.SCOPE_INSUFFICIENT,
        who=caller.name,
        scopes=", ".join(held) or "(none)",
        permission=visit.permission.value,
        required=required,
        held=escaped(",".join([*(["public-only"] * caller.public_only), *map(str, held)])),
    )


def readable(visit: Visit) -> None:
    """Refuse who may not read the owner's packages."""
    _hold_right(Permission.READ, visit)


def permitted(visit: Visit) -> None:
    """Refuse who may not do this with the owner's packages."""
    _hold_right(visit.permission, visit)


def _hold_right(permission: Permission, visit: Visit) -> None:
    """Refuse who lacks a right; nobody is asked to sign in for that (`reqPackageAccess`)."""
    if not administrates(visit) and permission not in visit.directory.granted(visit.identity, visit.place):
        raise Refused(
            Refusal.FORBIDDEN, who=visit.who, namespace=visit.place.path, permission=permission.value, sent=""
        )


def administrates(visit: Visit) -> bool:
    """Tell whether a site administrator asks, who may do everything here even where packages know none (1.17.3)."""
    user = checks.user_of(visit)
    return user is not None and user.admin and not checks.world_of(visit).can(features.ACCOUNTS_CHECKED)


# -- what the address names --------------------------------------------------------------------------------------------


def project_of(visit: Visit) -> str:
    """Return the name in the address, in lower case and no more: `test_pkg` is not `test-pkg` here."""
    return visit.names["project"].lower()


def releases_of(visit: Visit) -> tuple[Release, ...]:
    """Return the versions of the package in the address; none if it is of another type."""
    if visit.names["type"] != "pypi":
        return ()
    page = visit.index.page([visit.place], NormalizedName(project_of(visit)))
    return page.releases if page is not None else ()


def release_of(visit: Visit) -> Release:
    """Return the version in the address.

    Raises:
        Refused: RELEASE_ABSENT.
    """
    version = visit.names["version"].lower()
    for release in releases_of(visit):
        if release.key[1] == version:
            return release
    raise Refused(Refusal.RELEASE_ABSENT, release=visit.names["version"], project=visit.names["project"])


def release_known(visit: Visit) -> None:
    """Refuse a version that is not there; it is asked before it is asked who may know that."""
    release_of(visit)


def release_readable(visit: Visit) -> None:
    """Fail at a version that the library behind the database cannot read (1.17.0 to 1.17.3)."""
    readable_version(release_of(visit).version)


def readable_version(version: str) -> None:
    """Fail at a version with an epoch (models/packages/descriptor.go; issue go-gitea/gitea#21707)."""
    if "!" in version:
        raise Refused(Refusal.VERSION_UNREADABLE, version=version)


def package_known(visit: Visit) -> None:
    """Refuse a package that never was; one whose versions are all deleted still is."""
    if visit.names["type"] != "pypi" or checks.package_of(visit, project_of(visit)) is None:
        raise Refused(Refusal.PROJECT_UNKNOWN, project=visit.names["project"], namespace=visit.place.path)
