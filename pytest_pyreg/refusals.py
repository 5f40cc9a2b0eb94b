"""The ways in which a registry says no, named once, without HTTP.

Domain code raises `Refused(Refusal.FILE_EXISTS, filename=...)`; a flavour owns the status, headers and words in which
its product says so (`ReplyShape`).  The value of each member is the explanation that *we* give to the person who reads
the request log: what the real server's reply leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique


@unique
class Refusal(Enum):
    """A closed list: every flavour has a reply for each member but the last, which are no product's."""

    # The request itself.
    ROUTE_UNKNOWN = "no such address in this registry"
    METHOD_NOT_ALLOWED = "the address exists, but not for {method}"
    PATH_INVALID = "the file name in the address is no plain file name"
    TEXT_MALFORMED = "the {where} holds a null byte or text that is not UTF-8"
    # The body.
    BODY_MALFORMED = "the body is not the multipart form that its headers announce"
    BODY_BROKEN_OFF = "the body broke off, or broke its own rules, in the middle of the form"
    FORM_TOO_LARGE = "the form's text fields are larger than {limit} bytes together"
    FILE_REPEATED = "the form holds the file field {field!r} twice"
    FILES_TOO_MANY = "the form holds more than {limit} files"
    FILENAME_ILLEGAL = "{filename!r} cannot be the name of a file"
    QUERY_INVALID = "the address's parameters are wrong: {problems}"
    RATE_LIMITED = "{who} has made more than {limit} requests in {seconds} seconds"
    # Who asks.
    REGISTRY_OFF = "packages are turned off on the whole instance"
    NAMESPACE_UNKNOWN = "there is no {kind} {namespace!r}"
    NAMESPACE_INVALID = "this release knows a {kind} by its number alone, not as {namespace!r}"
    NAMESPACE_MOVED = "{namespace!r} is now called {path!r}"
    CREDENTIAL_UNKNOWN = "a credential was sent that this registry never issued, or does not take in this way"
    UNAUTHENTICATED = "{permission} on {namespace!r} needs a credential; {sent}"
    TOKEN_EXPIRED = "the token of {who} has expired"  # noqa: S105 - an explanation, no secret.
    TOKEN_REVOKED = "the token of {who} was revoked"  # noqa: S105 - an explanation, no secret.
    TOKEN_PUBLIC_ONLY = "the token of {who} is for public owners only, and {namespace!r} is none"  # noqa: S105 - as above.
    ACCOUNT_UNUSABLE = "the account of {who} cannot be used: {reason}"
    SCOPE_INSUFFICIENT = "the token of {who} has the scopes {scopes}, none of which allows to {permission}"
    FORBIDDEN = "{who} sees {namespace!r} but lacks the permission to {permission}"
    HIDDEN = "{who} may not see {namespace!r}: the registry answers as if it did not exist"
    JOB_NOT_ALLOWED = "{namespace!r} does not allow the jobs of {source!r}: add it to the allowlist"
    JOB_LIMITED = "{namespace!r} allows the jobs of {source!r}, but without {permission}"
    # What is asked for.
    PROJECT_UNKNOWN = "no file of a project {project!r} is stored in {namespace!r}"
    RELEASE_ABSENT = "no version {release!r} of a project {project!r} is stored"
    FILE_UNKNOWN = "no file {filename!r} with that digest is stored in {namespace!r}"
    RELEASE_UNKNOWN = "no release with the id {release} is in {namespace!r}"
    STORED_FILE_UNKNOWN = "no file with the id {file} is in release {release}"
    CHANGED_SINCE = "it was changed at {changed}, after the time that the request names"
    DELETE_PROTECTED = "a protection rule keeps {project!r} from being deleted by {who}"
    RANGE_INVALID = "the Range header is none that can be read"
    RANGE_UNSATISFIABLE = "the file has {size} bytes, and none of those that were asked for"
    # What is uploaded.
    FIELDS_INVALID = "the form is wrong: {problems}"
    RELEASE_INVALID = "the release is wrong: {problems}"
    FORM_EXPECTED = "the body's content type is no multipart form"
    DIGEST_MISMATCH = "the field {field} is not the sha256 of the bytes that arrived, {arrived}"
    PAGE_FAILS = "there is no {kind} {namespace!r}, and the server fails over the page that says so"
    VERSION_UNREADABLE = "the version {version!r} passes the pattern and cannot be read then"
    COUNT_LIMIT = "the owner may have {limit} versions"
    OWNER_SIZE_LIMIT = "with this file the owner would have more than {limit} bytes"
    QUOTA_EXCEEDED = "{who} is over their quota"
    DIGEST_REQUIRED = "the instance runs in FIPS mode, which wants the field {field}"
    PROTECTED = "a protection rule keeps {project!r} from being published by {who}"
    POLICY_VIOLATED = "a policy of the instance blocks {filename!r}"
    FILE_TOO_LARGE = "the file has {size} bytes; the limit is {limit}"
    RULE_BROKEN = "{words}"
    FILE_EXISTS = "{filename!r} is already stored in {namespace!r}"
    # What keeps this emulator from answering: no product says it, so the words are the same from all.
    SOURCE_FAILED = "it was to be recorded and could not: {problem}"
    NOT_RECORDED = "{filename!r} was seen when {folder} was recorded, and never fetched: {advice}"
    NOT_KEPT = "it was done and could not be written down, so it does not count: {problem}"
    RECORDING_BROKEN = "{file} in the recording is not what was recorded: {problem}; delete it and record again"


@dataclass(frozen=True)
class Problem:
    """One of several things wrong with a request: which field, and what about it.

    The kinds are "missing", "invalid", "blank", "long" (with the longest length as `limit`), "unknown" (none of the
    values that there are) and "excluded" (one that may not be).
    """

    field: str
    kind: str
    limit: int = 0

    def __str__(self) -> str:
        return f"{self.field} is {self.kind}"


class Refused(Exception):
    """A request that the registry declines.

    Args:
        refusal: which of the ways to say no.
        problems: what is wrong, where several things can be wrong at once.
        facts: what the flavour's words and the explanation may mention; never a secret.  `because` is the explanation
            itself, where more is known than the refusal says; a `hint` is added to it.
    """

    def __init__(self, refusal: Refusal, *, problems: tuple[Problem, ...] = (), **facts: object) -> None:
        self.refusal = refusal
        self.problems = problems
        self.facts = {**facts, "problems": ", ".join(map(str, problems))}
        super().__init__(refusal.name)

    @property
    def explanation(self) -> str:
        """One sentence for the person who wonders why."""
        said = str(self.facts.get("because") or "") or self.refusal.value.format_map(self.facts)
        return f"{said}; {self.facts['hint']}" if self.facts.get("hint") else said

    def __str__(self) -> str:
        return f"{self.refusal.name}: {self.explanation}"
