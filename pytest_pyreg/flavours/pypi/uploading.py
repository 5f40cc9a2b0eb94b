"""An upload to the public index, in the order of its checks; warehouse/forklift/legacy.py@6b621571, `file_upload`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.flavours.base import Action, Route
from pytest_pyreg.flavours.pypi import core_metadata, description, everything, features, files, form, projects
from pytest_pyreg.flavours.pypi.attempt import Attempt, beside
from pytest_pyreg.flavours.pypi.bodies import EXPLANATIONS, said
from pytest_pyreg.flavours.pypi.metadata_fields import BY_FORM
from pytest_pyreg.flavours.pypi.told import accept_of, reason_told, told, world_of
from pytest_pyreg.flavours.pypi.versions import canonical
from pytest_pyreg.flavours.pypi.words import refuse
from pytest_pyreg.identity import Permission, Via
from pytest_pyreg.model import Keys, Upload
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.render.replies import Reply
from pytest_pyreg.steps import form_read, namespace_known, recognised

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg.flavours.pypi.core_metadata import Core
    from pytest_pyreg.visit import Step, Visit

_GONE = {
    "submit": "registration gone",
    "submit_pkg_info": "registration gone",
    "doc_upload": "documentation gone",
}
"""What `:action` could be once."""
_FORM_NAMES = {key: name for name, key in BY_FORM.items()}
VARY = ("Vary", "Cookie, Authorization")
"""The lookups of who asks leave both, whatever the answer (warehouse/sessions.py, accounts and macaroons)."""


def _action(visit: Visit) -> str:
    return visit.query.get(":action") or visit.sent.fields.get(":action", "")


def action_known(visit: Visit) -> None:
    """Look at what the form wants done; there are others than an upload, and none of them is to be had any more."""
    action = _action(visit)
    if action in _GONE:
        raise refuse(_GONE[action])
    if action != "file_upload":
        raise Refused(Refusal.METHOD_NOT_ALLOWED, method="POST", allowed="GET, HEAD, OPTIONS")


def form_is_text(visit: Visit) -> None:
    """Refuse a file where a text belongs (2)."""
    form.files_only_where_due(visit.sent)


def uploads_on(visit: Visit) -> None:
    """Refuse everything while administrators have closed the index (3, 4)."""
    settings = world_of(visit).settings
    if settings.read_only:
        raise refuse("read only")
    if settings.disallow_new_upload:
        raise refuse("uploads off")


def caller_known(visit: Visit) -> None:
    """Find out whose token it is (5, 6); passwords are none."""
    basic = next((one for one in visit.shown if one.via is Via.BASIC), None)
    if basic is not None and basic.username != "__token__":
        raised = refuse("password")
        raised.facts["detail"] = False  # In the status line and the title alone.
        raise raised
    recognised(visit)
    if visit.identity is None:
        raise refuse("credential")


def form_valid(attempt: Attempt) -> None:
    """Hold the form's own fields against its rules (7, 8)."""
    attempt.fields = form.checked(attempt.visit.sent)


def metadata_valid(attempt: Attempt) -> None:
    """Hold the metadata in the form against its own (9)."""
    attempt.core = core_metadata.checked(attempt.fields, attempt.world.metadata_versions)


def file_there(attempt: Attempt) -> None:
    """Refuse a form without a file (10)."""
    file = attempt.visit.sent.files.get("content")
    if file is None:
        raise refuse("file missing")
    attempt.file = file


def description_renders(attempt: Attempt) -> None:
    """Refuse a description that cannot be shown (25, 26)."""
    description.checked(attempt.core)


BEFORE_DUPLICATES: tuple[Callable[[Attempt], None], ...] = (
    *(form_valid, metadata_valid, file_there, projects.account_trusted_first),
    *(projects.project_found, projects.rights_held, projects.organization_pays, description_renders),
    *(files.file_named, files.size_allowed, files.digests_right),
)
AFTER_DUPLICATES: tuple[Callable[[Attempt], None], ...] = (
    *(files.name_unused, files.release_open, files.opened, files.attested),
)


def received(visit: Visit) -> None:
    """Go through all that is asked of an upload, and store it; what is refused leaves nothing behind."""
    attempt = Attempt(visit)
    if visit.objections is not None:
        visit.objections += everything.objections(attempt)
        if visit.objections:
            return
    with world_of(visit).receiving:
        for check in BEFORE_DUPLICATES:
            check(attempt)
        if files.known_already(attempt):
            return
        for check in AFTER_DUPLICATES:
            check(attempt)
        _stored(attempt)


def _stored(attempt: Attempt) -> None:
    visit, file = attempt.visit, attempt.file
    with file.arrived.committed() as blob:
        projects.begun(attempt)
        upload = Upload(
            name=attempt.core.name,
            version=str(attempt.core.version),
            filename=file.filename,
            digest=blob.digest,
            size=blob.size,
            hashes=attempt.hashes,
            metadata=attempt.core.texts,
            lists=lists_of(attempt.core),
            facts=facts_of(attempt),
            replaces=False,
            keys=keys(attempt.core.name, str(attempt.core.version), file.filename),
        )
        visit.stored = visit.index.add(visit.place, upload, at=visit.clock.now(), by=visit.who)


def lists_of(core: Core) -> dict[str, tuple[str, ...]]:
    """Return the metadata that may stand there several times, by the form's names."""
    lists = {_FORM_NAMES[key]: values for key, values in core.lists.items()}
    urls = tuple(f"{label}, {url}" for label, url in core.project_urls.items())
    return lists | ({"project_urls": urls} if urls else {})


def facts_of(attempt: Attempt) -> dict[str, str]:
    """Return what the index keeps of a file besides its bytes and its release."""
    fields, metadata = attempt.fields, attempt.accepted.metadata
    return {
        "packagetype": fields.filetype,
        "python_version": fields.pyversion,
        "comment_text": fields.comment,
        **(beside(metadata) if metadata is not None else {}),
        **({"provenance": attempt.provenance} if attempt.provenance else {}),
    }


def keys(name: str, version: str, filename: str) -> Keys:
    """Return what makes two of a kind one: any spelling of a name, any of a version, one file name."""
    project = canonicalize_name(name)
    return Keys(project, (project, canonical(version)), filename)


def thanked(visit: Visit) -> Reply:
    """Return what an upload is answered that was stored, or was here already."""
    if world_of(visit).can(features.QUIET):
        return Reply(200, (("Content-Type", "text/html; charset=UTF-8"), VARY), b"")
    return said(200, "", accept_of(visit), explanation="", headers=(VARY,))


STEPS: tuple[Step, ...] = tuple(
    told(step) for step in (namespace_known, form_read, action_known, form_is_text, uploads_on, caller_known, received)
)


# -- the addresses beside it -------------------------------------------------------------------------------------------


def slash_missing(visit: Visit) -> Reply:
    """Send a client to the address with the slash, and say so."""
    message = "An upload was attempted to /legacy but the expected upload URL is /legacy/ (with a trailing slash)"
    location = f"{visit.url}/legacy/"
    explained = EXPLANATIONS[308].format(location=location)
    headers = (("Location", location),)
    return said(308, message, accept_of(visit), explanation=explained, headers=headers, reason=reason_told(visit))


def moved(visit: Visit) -> Reply:
    """Say where uploads go since 2018, to those who ask for one at the old address."""
    if _action(visit) in {"file_upload", *_GONE}:
        raise refuse("api moved")
    raise Refused(Refusal.ROUTE_UNKNOWN)


def shown(visit: Visit) -> Reply:
    """Show a person that this is no page for persons."""
    del visit
    body = "<!DOCTYPE html>\n<html><head><title>Uploads</title></head><body>This is where uploads go.</body></html>\n"
    return Reply(200, (("Content-Type", "text/html; charset=UTF-8"),), body.encode())


ELSEWHERE: dict[str, Route] = {
    "upload without slash": Route(Action.OWN, "POST", "/legacy", Permission.SEE, answer=told(slash_missing)),
    "upload page": Route(Action.OWN, "GET", "/legacy/", Permission.SEE, answer=shown),
    "front page": Route(Action.OWN, "GET", "/", Permission.SEE, answer=shown),
    "old upload": Route(Action.OWN, "POST", "/pypi", Permission.SEE, (told(form_read),), answer=told(moved)),
}
