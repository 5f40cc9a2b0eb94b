"""The smallest honest index: PEP 503 pages and their files, and uploads by token.  No product.

What other registries forward to, and for those who want no product.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_pyreg.flavours.alone import Alone
from pytest_pyreg.flavours.base import Action, Flavour, Lineage, Route
from pytest_pyreg.flavours.by_secret import BySecret
from pytest_pyreg.flavours.finding import as_they_came, by_digest
from pytest_pyreg.flavours.stockless import Stockless
from pytest_pyreg.flavours.worlds import Ready
from pytest_pyreg.identity import Credential, Identity, Permission, Role, Scope
from pytest_pyreg.model import Namespace, Visibility
from pytest_pyreg.refusals import Refusal
from pytest_pyreg.render.html import HtmlStyle
from pytest_pyreg.render.replies import TROUBLED, ReplyShape
from pytest_pyreg.rules import Check, UploadRules
from pytest_pyreg.steps import (
    authorised,
    fields_valid,
    file_stored,
    filename_cleaned,
    form_read,
    identified,
    names_safe,
    namespace_known,
    release_valid,
    size_allowed,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Collection, Sequence

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.worldfile import Named, Table

_PUBLISHER, _READER = Role("publisher"), Role("reader")
_PUBLISHING = "the publisher"
_READ = frozenset({Permission.SEE, Permission.READ})


class PlainWorld(BySecret, Stockless, Alone):
    """One namespace that everybody reads, and one publisher."""

    upstream: Callable[[], str]
    storage: Callable[[str], str]
    url: str = ""

    def __init__(self, flavour: Flavour, clock: Clock, chance: random.Random) -> None:
        del flavour, clock
        self.home = Namespace(1, "", "index", Visibility.PUBLIC)
        self._chance = chance
        self._tokens: dict[str, Identity] = {}
        _, self.publisher, self.reader, self.stranger = self.another()

    def another(self) -> Ready:
        """Make tokens besides those that there are; the one namespace is everybody's."""
        return Ready(self.home, *(self._issued(name) for name in (_PUBLISHING, "the reader", "a stranger")))

    def _issued(self, name: str) -> Credential:
        secret = "pyreg-" + "".join(self._chance.choices("abcdefghijkmnpqrstuvwxyz23456789", k=24))
        self._tokens[secret] = Identity(name)
        return Credential("__token__", secret)

    def namespace(self, reference: str, kind: str) -> Namespace | None:
        """Return the one there is."""
        del reference, kind
        return self.home

    def identify(self, shown: Sequence[Credential], accepted: Collection[str]) -> Identity | None:
        """Find out whose token it is; any other is none."""
        del accepted
        return next((self._tokens[one.secret] for one in shown if one.secret in self._tokens), None)

    def granted(self, identity: Identity | None, namespace: Namespace) -> frozenset[Permission]:
        """Everybody reads; the publisher publishes."""
        del namespace
        publishes = identity is not None and identity.name == _PUBLISHING
        return _READ | ({Permission.PUBLISH} if publishes else frozenset())

    def offers_json(self) -> bool:
        """Give HTML alone."""
        return False

    def load(self, file: Table) -> dict[str, Named]:
        """Refuse: there is nothing that a file could describe."""
        raise file.error("the flavour pep503 has no users and no projects to describe; a product has, such as gitlab")

    def revoke(self, credential: Credential) -> None:
        """Delete a token."""
        self._tokens.pop(credential.secret, None)

    def ci_environment(self, url: str, ca: str = "", folder: str = "") -> dict[str, str]:
        """Return nothing: no CI system belongs to it."""
        del url, ca, folder
        return {}


_STATUS = {
    400: (
        *(Refusal.PATH_INVALID, Refusal.TEXT_MALFORMED, Refusal.BODY_MALFORMED, Refusal.BODY_BROKEN_OFF),
        *(Refusal.FILE_REPEATED, Refusal.FILES_TOO_MANY, Refusal.FILENAME_ILLEGAL, Refusal.QUERY_INVALID),
        *(Refusal.FIELDS_INVALID, Refusal.RELEASE_INVALID, Refusal.DIGEST_REQUIRED, Refusal.NAMESPACE_INVALID),
    ),
    401: (Refusal.CREDENTIAL_UNKNOWN, Refusal.UNAUTHENTICATED, Refusal.TOKEN_EXPIRED, Refusal.TOKEN_REVOKED),
    403: (
        *(Refusal.ACCOUNT_UNUSABLE, Refusal.SCOPE_INSUFFICIENT, Refusal.FORBIDDEN, Refusal.PROTECTED),
        *(Refusal.JOB_NOT_ALLOWED, Refusal.JOB_LIMITED, Refusal.DELETE_PROTECTED, Refusal.POLICY_VIOLATED),
    ),
    405: (Refusal.METHOD_NOT_ALLOWED,),
    409: (Refusal.FILE_EXISTS,),
    412: (Refusal.CHANGED_SINCE,),
    413: (Refusal.FORM_TOO_LARGE, Refusal.FILE_TOO_LARGE),
    416: (Refusal.RANGE_INVALID, Refusal.RANGE_UNSATISFIABLE),
    429: (Refusal.RATE_LIMITED,),
}
_CHALLENGE = {401: {"WWW-Authenticate": 'Basic realm="index"'}, 405: {"Allow": "{allowed}"}}
REPLIES = {
    refusal: ReplyShape(404, text="Not Found\n", content_type="text/plain")
    for refusal in Refusal
    if refusal not in TROUBLED
} | {
    refusal: ReplyShape(
        status,
        text=f"{refusal.name.replace('_', ' ').capitalize()}\n",
        content_type="text/plain",
        headers=_CHALLENGE.get(status, {}),
    )
    for status, refusals in _STATUS.items()
    for refusal in refusals
}
_ACCESS = (names_safe, namespace_known, identified, authorised)
_LINK = '<a href="{url}#sha256={announced_sha256}"'

PEP503 = Lineage(
    product="pep503",
    first=Flavour(
        product="pep503",
        version="1",
        source="PEP 503, 592 and 629; the upload form of the legacy API, without its checks",
        world=PlainWorld,
        features={},
        routes={
            "project list": Route(Action.PROJECT_LIST, "GET", "/simple", Permission.READ, _ACCESS),
            "project page": Route(Action.PROJECT_PAGE, "GET", "/simple/<project>", Permission.READ, _ACCESS),
            "download": Route(Action.DOWNLOAD, "GET", "/files/<sha256>/<filename>", Permission.READ, _ACCESS),
            "upload": Route(
                Action.UPLOAD,
                "POST",
                "/legacy",
                Permission.PUBLISH,
                (
                    *(namespace_known, identified, authorised, form_read, fields_valid, size_allowed),
                    *(release_valid, filename_cleaned, file_stored),
                ),
            ),
        },
        token_headers=(),
        token_queries=(),
        slash_optional=True,
        slashes_merged=False,
        head=True,
        elsewhere={},
        found=by_digest,
        arranged=as_they_came,
        roles={_PUBLISHER: _READ | {Permission.PUBLISH}, _READER: _READ},
        scopes={Scope("all"): _READ | {Permission.PUBLISH}},
        rules=UploadRules(
            file_field="content",
            required=("content", "name", "version"),
            form_checks=(),
            release_checks=(
                Check("name", re.compile(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", re.IGNORECASE | re.ASCII)),
            ),
            stored={"requires_python": 1024},
            announced={"sha256": "sha256_digest"},
            filename_unsafe=re.compile(r"[^\w.\-+!]"),
            max_file_bytes=1024**4,
            max_text_bytes=16 * 1024 * 1024,
            max_files=10,
        ),
        page=HtmlStyle(
            content_types=("text/html; charset=utf-8",),
            document=(
                '<!DOCTYPE html>\n<html>\n<head><meta name="pypi:repository-version" content="1.0">'
                "<title>{title}</title></head>\n<body>\n{links}\n</body>\n</html>\n"
            ),
            file_link=_LINK + ' data-requires-python="{requires_python}">{filename}</a><br>',
            file_link_without=_LINK + ">{filename}</a><br>",
            project_link='<a href="{url}/">{name}</a><br>',
            between="\n",
            escapes={"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"},
        ),
        json=None,
        redirect=ReplyShape(302, text="", headers={"Location": "{location}"}),
        replies=REPLIES,
        uploaded=ReplyShape(200, text="OK\n", content_type="text/plain"),
        headers={},
        success_headers={},
        reasons={},
        download_headers={"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"},
        lookup_name=lambda name: re.sub(r"[-_.]+", "-", name).lower(),
        exact_names=False,
        unsafe_path=re.compile(r"\A\.{1,2}\Z|/"),
        etag=None,
        granted_headers={},
    ),
    before="PEP 503 has no releases; it is called pep503 alone",
)
