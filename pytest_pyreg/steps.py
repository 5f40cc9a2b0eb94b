"""What happens to a request, as small named steps; a flavour puts them into *its* order.

The order of refusals is what differs most between real registries, so it is data: a tuple of these functions.  Each
takes the `Visit`, adds to it, or raises `Refused`.  No step knows a product, a status number or HTTP; what a product
demands stands in its `UploadRules`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_pyreg.forms import Form, SentFile
from pytest_pyreg.identity import (
    Credential,
    Decision,
    Directory,
    Identity,
    Manners,
    Permission,
    Scope,
    decide,
    scope_allows,
)
from pytest_pyreg.model import File, Namespace, Upload
from pytest_pyreg.refusals import Problem, Refusal, Refused

if TYPE_CHECKING:
    import re

    from pytest_pyreg.blobs import Blob
    from pytest_pyreg.clock import Clock
    from pytest_pyreg.index import Index


@dataclass(frozen=True)
class Check:
    """A demand on a field: what is wrong with it if `pattern` does not match the whole of it."""

    field: str
    pattern: re.Pattern[str]
    kind: str = "invalid"


@dataclass(frozen=True)
class Limit:
    """The longest text of a field, in characters."""

    field: str
    longest: int


@dataclass(frozen=True)
class UploadRules:
    """What one product at one version demands of an upload, and how it stores it."""

    file_field: str
    """The form field that holds the file."""
    required: tuple[str, ...]
    """Fields without which the form is refused, in the order in which the product names them."""
    form_checks: tuple[Check, ...]
    """Demands on optional fields, made while the form is read."""
    release_checks: tuple[Check, ...]
    """Demands on name and version, made when the release is stored, in the product's order."""
    stored: Mapping[str, int]
    """Metadata fields that are kept, each with its longest stored length in characters."""
    announced: Mapping[str, str]
    """Digest name -> form field; kept as sent."""
    filename_unsafe: re.Pattern[str]
    """Characters of a file name that are replaced by an underscore."""
    max_file_bytes: int
    max_text_bytes: int
    """For all text fields together."""
    max_files: int
    limits: tuple[Limit, ...] = ()
    """Longest texts, made when the release is stored; what is longer is refused."""
    again: bool = False
    """Whether a release may have several files of one name."""


ReadForm = Callable[[], Form]


@dataclass(slots=True)
class Visit:
    """One request on its way through the steps."""

    permission: Permission
    manners: Manners
    kind: str
    """The product's word for the namespace that the address names."""
    reference: str
    """The namespace as the address names it."""
    names: Mapping[str, str]
    """What else the address names: a project, a file."""
    query: Mapping[str, str]
    """The address's parameters."""
    headers: Mapping[str, str]
    """The request's headers as a WSGI environment names them."""
    shown: tuple[Credential, ...]
    """Every credential of the request."""
    accepted: frozenset[str]
    """The product's words for the ways of showing a credential that hold here."""
    address: str
    """Where the request comes from."""
    url: str
    """The registry's own URL."""
    directory: Directory
    scopes: Mapping[Scope, frozenset[Permission]]
    index: Index
    rules: UploadRules
    unsafe: re.Pattern[str]
    """What no name in an address may contain."""
    clock: Clock
    read_form: ReadForm
    forget: Callable[[str], None]
    """Lets go of a stored file's bytes, by their digest."""
    namespace: Namespace | None = None
    asked: bool = False
    """Whether it was asked who comes."""
    identity: Identity | None = None
    form: Form | None = None
    stored: File | None = None
    remark: str = ""
    """What a person who reads the log should know of a request that is granted."""
    extra: list[tuple[str, str]] = field(default_factory=list)
    """What a step has to say beside the reply."""

    @property
    def who(self) -> str:
        """The caller as a person would say it."""
        if self.identity is not None:
            return self.identity.name
        if not self.shown:
            return "an anonymous caller"
        return "a caller with an unknown credential" if self.asked else "a caller whom nobody asks"

    @property
    def place(self) -> Namespace:
        """The namespace, once `namespace_known` has run."""
        assert self.namespace is not None, "this flavour's steps use the namespace before they look it up"
        return self.namespace

    @property
    def sent(self) -> Form:
        """The form, once `form_read` has run."""
        assert self.form is not None, "this flavour's steps use the form before they read it"
        return self.form


Step = Callable[[Visit], None]


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
    visit.asked = True
    if visit.shown:
        visit.identity = visit.directory.identify(visit.shown, visit.accepted)
    identity = visit.identity
    if identity is not None and not scope_allows(identity, visit.permission, visit.scopes):
        raise Refused(
            Refusal.SCOPE_INSUFFICIENT,
            who=identity.name,
            scopes=", ".join(sorted(identity.scopes or ())) or "(none)",
            permission=visit.permission.value,
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
        name=fields["name"],
        version=fields["version"],
        filename=filename,
        digest=blob.digest,
        size=blob.size,
        hashes={name: fields[key] for name, key in rules.announced.items() if key in fields},
        metadata={name: truncated(fields[name], limit) for name, limit in rules.stored.items() if name in fields},
        pipeline=pipeline,
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
