"""What a client of the REST API asks before packages: the version, who I am, an account, an organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.gitea import checks, features
from pytest_pyreg.flavours.gitea.owners import moved_told, owner_known
from pytest_pyreg.flavours.gitea.people import Organization, User
from pytest_pyreg.flavours.gitea.rest_entities import Absent, go_json
from pytest_pyreg.flavours.gitea.rest_packages import JSON, shown
from pytest_pyreg.model import Visibility
from pytest_pyreg.render.replies import Reply

if TYPE_CHECKING:
    from pytest_pyreg.flavours.gitea.people import Owner
    from pytest_pyreg.flavours.gitea.rest_entities import Entities
    from pytest_pyreg.visit import Visit


def show_version(visit: Visit) -> Reply:
    """Tell the release."""
    return shown({"version": checks.world_of(visit).release})


def show_caller(entities: Entities, visit: Visit) -> Reply:
    """Tell who asks."""
    user = checks.user_of(visit)
    assert user is not None, "this address is for callers who are known"
    return shown(entities.user(visit, user))


def show_account(entities: Entities, visit: Visit) -> Reply:
    """Show a user, or an organisation as one (routers/api/v1/user/helper.go, models/user/user.go)."""
    owner_known(visit)
    found, viewer = checks.owner_of(visit), checks.user_of(visit)
    if entities.people_hidden and isinstance(found, User) and not _met(viewer, found):
        return absent(entities, visit, "Visit Project")
    if not _visible_account(viewer, found):
        unknown = f"user does not exist [uid: 0, name: {visit.reference}{entities.key}]"
        return absent(entities, visit, "GetUserByName", unknown)
    return shown(entities.user(visit, found))


def show_organization(entities: Entities, visit: Visit) -> Reply:
    """Show an organisation (routers/api/v1/org/org.go)."""
    found = checks.world_of(visit).namespace(visit.reference, visit.kind)
    if not isinstance(found, Organization):
        moved_told(visit)
        words = f"user redirect does not exist [name: {visit.reference}]"
        return absent(entities, visit, "GetOrgByName", words)
    public = checks.world_of(visit).can(features.PUBLIC_FOR_RESTRICTED) and found.visibility is Visibility.PUBLIC
    if public or _visible(checks.user_of(visit), found):
        return shown(entities.organization(visit, found))
    return absent(entities, visit, "HasOrgOrUserVisible")


def absent(entities: Entities, visit: Visit, message: str, *errors: str) -> Reply:
    """Return what is said of who is not there, or not to be seen (services/context/api.go, `NotFound`)."""
    visit.remark = f"there is no {visit.kind} {visit.reference!r} that {visit.who} may see"
    words: dict[str, object] = {"message": message, "url": f"{visit.url}/api/swagger"}
    if entities.absent is Absent.SORTED:
        words = {"errors": list(errors) or None, **words}
    elif entities.absent is Absent.LAST:
        words["errors"] = list(errors)
    else:
        words["message"] = "not found"
    return Reply(404, JSON, go_json(words))


def _met(viewer: User | None, user: User) -> bool:
    """Tell whether a person is there for somebody at all (routers/api/v1/api.go, `individualPermsChecker`)."""
    if user.visibility is Visibility.PRIVATE:
        return viewer is not None and (viewer is user or viewer.admin)
    return viewer is not None or user.visibility is Visibility.PUBLIC


def _visible_account(viewer: User | None, owner: Owner) -> bool:
    """Tell whether somebody sees an account; people who follow each other are not known here."""
    if owner.visibility is Visibility.PUBLIC or (viewer is not None and (viewer.admin or viewer is owner)):
        return True
    if viewer is None or viewer.restricted:
        return False
    return owner.visibility is Visibility.INTERNAL or (isinstance(owner, Organization) and _member(viewer, owner))


def _visible(user: User | None, owner: Organization) -> bool:
    """Tell whether somebody sees an organisation (models/organization/org.go, `HasOrgOrUserVisible`)."""
    if user is None:
        return owner.visibility is Visibility.PUBLIC
    if user.admin or _member(user, owner):
        return True
    return owner.visibility is not Visibility.PRIVATE and not user.restricted


def _member(user: User, owner: Organization) -> bool:
    return any(user in team.members for team in owner.teams.values())
