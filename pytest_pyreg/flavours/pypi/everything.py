"""All that the index has against an upload, where the real server stops at the first: for who wants to mend it at once.

The checks are those of `uploading`, in their order.  One that needs what an earlier one could not make sense of is left
out; nothing is stored.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.pypi import core_metadata, description, distribution, files, form, projects
from pytest_pyreg.flavours.pypi.told import world_of
from pytest_pyreg.flavours.pypi.words import as_it_was, heard, refuse
from pytest_pyreg.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_pyreg.flavours.pypi.attempt import Attempt


def objections(attempt: Attempt) -> list[Refused]:
    """Return every refusal of an upload, in the order of its checks, in the words of the index's day."""
    found = list(_objections(attempt))
    for refused in found:
        as_it_was(refused, world_of(attempt.visit).can)
    return found


def _objections(attempt: Attempt) -> Iterator[Refused]:
    visit, world = attempt.visit, attempt.world
    try:
        attempt.fields = form.checked(visit.sent)
    except Refused as refused:
        yield refused
        return
    core, wrong = core_metadata.everything(attempt.fields, world.metadata_versions)
    yield from wrong
    file = visit.sent.files.get("content")
    if file is None:
        yield refuse("file missing")
        return
    if core is None:
        return
    attempt.core, attempt.file = core, file
    yield from _refused(attempt, projects.account_trusted_first)
    unfound = [*_refused(attempt, projects.project_found)]
    yield from unfound
    if not unfound:
        yield from _refused(attempt, projects.rights_held, projects.organization_pays)
    yield from _refused(attempt, _description_renders)
    unnamed = [*_refused(attempt, files.file_named)]
    yield from unnamed
    if not unfound:
        yield from _refused(attempt, files.size_allowed)
    yield from _refused(attempt, files.digests_right, files.known_already, files.name_unused)
    if not unfound:
        yield from _refused(attempt, files.release_open)
    if not unnamed:
        yield from distribution.everything(core, attempt.sent, off=world.rules_off)
    yield from _refused(attempt, files.attested)


def _description_renders(attempt: Attempt) -> None:
    description.checked(attempt.core)


def _refused(attempt: Attempt, *checks: Callable[[Attempt], object]) -> Iterator[Refused]:
    for check in checks:
        refused = heard(partial(check, attempt))
        if refused is not None:
            yield refused
