"""What happens to a request, as small named steps; a flavour puts them into *its* order.

The order of refusals is what differs most between real registries, so it is data: a tuple of these functions.  Each
takes the `Visit`, adds to it, or raises `Refused`.  No step knows a product, a status number or HTTP; what a product
demands stands in its `UploadRules`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from pytest_pyreg.forms import SentFile
from pytest_pyreg.identity import Decision, decide, scope_allows
from pytest_pyreg.model import Upload
from pytest_pyreg.refusals import Problem, Refusal, Refused
from pytest_pyreg.visit import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.blobs import Blob
    from pytest_pyreg.forms import Form
    from pytest_pyreg.identity import Permission
    from pytest_pyreg.rules import Check, UploadRules
    from pytest_pyreg.visit import Visit


def lead_nowhere(visit: Visit) -> NoReturn:
    """Say that the address, or the method, leads nowhere: the end of the way for `Flavour.elsewhere`."""
    refused: Refused = visit.headers[NOWHERE]
    raise refused


def names_safe(visit: Visit) -> None:
    """Refuse a name in the address that leads out of its folder."""
    for part, name in visit.names.items():
        if visit.unsafe.search(name):
            raise Refused(Refusal.PATH_INVALID, field=part)


def namespace_known(visit: Visit) -> None:
    """Look the namespace up; an unknown one is refused before anybody is asked who they are."""
    visit.namespace = visit.directory.namespace(visit.reference, visit.kind)
    if visit.namespace is None:
        raise Refused(Refusal.NAMESPACE_UNKNOWN, namespace=visit.reference, kind=visit.kind)


def identified(visit: Visit) -> None:
    """Find out who asks, and whether their token is good for this kind of request at all."""
    recognised(visit)
    scope_held(visit)


def recognised(visit: Visit) -> None:
    """Find out who asks."""
    visit.asked = True
    if visit.shown:
        visit.identity = visit.directory.identify(visit.shown, visit.accepted)


def scope_held(visit: Visit) -> None:
    """Hold the request against what the caller's token is good for at all."""
    hold_scope(visit, visit.permission)


def hold_scope(visit: Visit, permission: Permission) -> None:
    """Refuse a token that is not good for this; no step by itself."""
    identity = visit.identity
    if identity is not None and not scope_allows(identity, permission, visit.scopes):
        raise Refused(
            Refusal.SCOPE_INSUFFICIENT,
            who=identity.name,
            scopes=", ".join(sorted(identity.scopes or ())) or "(none)",
            permission=permission.value,
        )


_REFUSALS = {
    Decision.UNAUTHENTICATED: Refusal.UNAUTHENTICATED,
    Decision.FORBIDDEN: Refusal.FORBIDDEN,
    Decision.HIDDEN: Refusal.HIDDEN,
}


def authorised(visit: Visit) -> None:
    """Decide whether they may do this here."""
    demand(visit, visit.permission)


def demand(visit: Visit, permission: Permission) -> None:
    """Refuse a caller who lacks a permission; no step by itself."""
    granted = visit.directory.granted(visit.identity, visit.place)
    decision = decide(granted, permission, visit.manners, known=visit.identity is not None)
    if decision is not Decision.ALLOW:
        raise Refused(
            _REFUSALS[decision],
            who=visit.who,
            namespace=visit.place.path,
            permission=permission.value,
            sent="the one that was sent is unknown, or over" if visit.shown else "none was sent",
        )


def form_read(visit: Visit) -> None:
    """Read the body: its bytes are stored as they come, its fields kept as text."""
    visit.form = visit.read_form()


def fields_valid(visit: Visit) -> None:
    """Hold the form against the product's list of fields; all problems are named together."""
    form, rules = visit.sent, visit.rules
    problems = []
    for name in rules.required:
        expected, other = (form.files, form.fields) if name == rules.file_field else (form.fields, form.files)
        if name not in expected:
            problems.append(Problem(name, "invalid" if name in other else "missing"))
    problems += _failed(rules.form_checks, form)
    if problems:
        raise Refused(Refusal.FIELDS_INVALID, problems=tuple(problems))


def filename_cleaned(visit: Visit) -> None:
    """Keep the last element of the file's name, with its unsafe characters replaced."""
    files, field = visit.sent.files, visit.rules.file_field
    name = files[field].filename.replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = visit.rules.filename_unsafe.sub("_", name) or "unnamed"
    files[field] = SentFile(f"_{name}" if not name.strip(".") else name, files[field].arrived)


def digest_right(visit: Visit) -> None:
    """Hold the announced sha256 against the bytes; one that is not announced is wrong too."""
    fields, rules = visit.sent.fields, visit.rules
    arrived, name = visit.sent.files[rules.file_field].arrived.digest, rules.announced["sha256"]
    if fields.get(name, "").lower() != arrived:
        raise Refused(Refusal.DIGEST_MISMATCH, field=name, arrived=arrived)
    fields[name] = arrived


def size_allowed(visit: Visit) -> None:
    """Refuse a file past the limit."""
    size, limit = visit.sent.files[visit.rules.file_field].arrived.size, visit.rules.max_file_bytes
    if size > limit:
        raise Refused(Refusal.FILE_TOO_LARGE, size=size, limit=limit)


def release_valid(visit: Visit) -> None:
    """Hold name and version against the product's patterns; all problems are named together."""
    problems = _failed(visit.rules.release_checks, visit.sent)
    fields = visit.sent.fields
    problems += [
        Problem(limit.field, "long", limit.longest)
        for limit in visit.rules.limits
        if len(fields.get(limit.field, "")) > limit.longest
    ]
    if problems:
        raise Refused(Refusal.RELEASE_INVALID, problems=tuple(problems))


def file_stored(visit: Visit) -> None:
    """Store the bytes, then the row about them, its metadata cut to what the product keeps.

    A second file of the name is refused, and then the bytes go too.
    """
    fields, sent = visit.sent.fields, visit.sent.files[visit.rules.file_field]
    pipeline = visit.identity.pipeline if visit.identity is not None else None
    with sent.arrived.committed() as blob:
        visit.stored = visit.index.add(
            visit.place,
            stored_upload(visit.rules, fields, sent.filename, blob, pipeline),
            at=visit.clock.now(),
            by=visit.who,
            again=visit.rules.again,
        )


def stored_upload(
    rules: UploadRules, fields: Mapping[str, str], filename: str, blob: Blob, pipeline: int | None = None
) -> Upload:
    """Return what the product keeps of an upload's fields."""
    return Upload(
        name=rules.stored_name(fields["name"]),
        version=fields["version"],
        filename=filename,
        digest=blob.digest,
        size=blob.size,
        hashes={name: fields[key] for name, key in rules.announced.items() if key in fields},
        metadata={name: truncated(fields[name], limit) for name, limit in rules.stored.items() if name in fields},
        pipeline=pipeline,
        replaces=rules.replaces,
        keys=rules.keys(fields["name"], fields["version"], filename) if rules.keys is not None else None,
    )


def truncated(text: str, limit: int) -> str:
    """Cut a text to `limit` characters, the last three being dots (Rails' `String#truncate`)."""
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _failed(checks: tuple[Check, ...], form: Form) -> list[Problem]:
    return [
        Problem(check.field, check.kind)
        for check in checks
        if check.field in form.fields and not check.pattern.fullmatch(form.fields[check.field])
    ]
