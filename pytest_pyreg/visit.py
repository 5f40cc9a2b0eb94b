"""One request on its way through a flavour's steps: what came, and what is known of it so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from pytest_pyreg.forms import Form

if TYPE_CHECKING:
    import re

    from packaging.utils import NormalizedName

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.identity import Credential, Directory, Identity, Manners, Permission, Scope
    from pytest_pyreg.index import Index
    from pytest_pyreg.lies import Lies
    from pytest_pyreg.model import File, Namespace
    from pytest_pyreg.refusals import Refused
    from pytest_pyreg.rules import UploadRules

NOWHERE = "pyreg.nowhere"
"""Where in a WSGI environment stands the refusal of an address that leads nowhere."""
FORM_READ = "pyreg.form read"
"""Where in a WSGI environment stands what is to be told an upload's project and file once its form is read."""
ReadForm = Callable[[], Form]


def nothing_more(project: NormalizedName) -> str:
    """Find nothing: what is not stored is nowhere."""
    del project
    return ""


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
    headers: Mapping[str, Any]
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
    content: Callable[[str], BinaryIO]
    """Opens a stored file's bytes, by their digest; KeyError if they are gone."""
    lies: Lies
    """What pages say that is not so."""
    seek: Callable[[NormalizedName], str] = nothing_more
    """Has what can be had of a project from elsewhere put into the index, and tells a person what came of it."""
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
    objections: list[Refused] | None = None
    """Where all refusals are gathered, for who wants to hear more than the first; None for any real request."""

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
"""What a request goes through: it adds to the visit, or raises `Refused`."""
