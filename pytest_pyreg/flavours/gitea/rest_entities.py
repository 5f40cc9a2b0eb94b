"""What the REST API shows of packages, their files, accounts and repositories.

modules/structs/package.go, user.go, org.go and services/convert: offsoc/forgejo tags v1.17.3, v1.19.4-0, v1.20.0,
v1.21.11-0 and v7.0.0, okok7711/gitea (1.23), hanzoai/git@82edc3da (1.27), rohitkumarankam/forgejo (12 and 17).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timezone
from enum import Enum, auto
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pytest_pyreg.flavours.gitea import checks, features
from pytest_pyreg.flavours.gitea.people import VISIBILITIES, Organization, Owner, Repository, User
from pytest_pyreg.model import Visibility
from pytest_pyreg.refusals import Refusal, Refused

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_pyreg.model import File, Release
    from pytest_pyreg.visit import Visit

_HASHES = ("md5", "sha1", "sha256", "sha512")
_NEVER = "0001-01-01T00:00:00Z"
_UNKNOWN = "1970-01-01T00:00:00Z"
_WORDS = {visibility: word for word, visibility in VISIBILITIES.items()}
_BLOCK = 1024 * 1024


class Absent(Enum):
    """How it is said that something is not there (services/context/api.go)."""

    SORTED = auto()
    """With its errors, by names."""
    LAST = auto()
    """With its errors at the end, an empty list if there are none."""
    SHORT = auto()
    """Without them, and always in the same words."""


@dataclass(frozen=True)
class Entities:
    """What an era shows, and how it says that something is not there."""

    absent: Absent = Absent.SORTED
    key: str = ", keyid: 0"
    """What words about an unknown user say of a key besides, to 1.21."""
    people_hidden: bool = False
    """Whether private people are asked about apart (`individualPermsChecker`)."""

    epochs: bool = True
    """Whether a version with an epoch can be read at all; not to 1.17.3."""
    html_url: bool = False
    """Of a package, from 1.21 on (not in v1.20.0, in v1.21.1)."""
    size: str = "Size"
    """The key of a file's size: `size` in Gitea from 1.24 on."""
    files_by_name: bool = False
    """Whether files come by their lower-case names (1.26.2); else as they arrived."""
    login_name: bool = False
    """Of a user, from 1.19 on (a bound)."""
    user_html_url: bool = False
    """And the source of their account, from 1.22 on (a bound: in 1.23 and Forgejo 9, not in Forgejo 7)."""
    pronouns: bool = False
    """Of a user in Forgejo."""
    org_name: bool = False
    """From 1.19 on (a bound); before there is `username` alone."""
    org_email: bool = False
    """From 1.21 on (a bound)."""
    org_created: bool = False
    """In Forgejo 17 (a bound)."""

    def package(self, visit: Visit, release: Release) -> dict[str, Any]:
        """Return a version of a package."""
        owner = checks.owner_of(visit)
        package = checks.package_of(visit, release.normalized)
        repository = package.repository if package is not None else None
        shown: dict[str, Any] = {
            "id": release.id,
            "owner": self.user(visit, owner),
            "repository": self.repository(visit, repository)
            if repository is not None
            and sees(
                checks.user_of(visit),
                repository,
                public_for_restricted=checks.world_of(visit).can(features.PUBLIC_FOR_RESTRICTED),
            )
            else None,
            "creator": self.user(visit, _creator(visit, release)),
            "type": "pypi",
            "name": package.name if package is not None else release.name,
            "version": release.version,
        }
        if self.html_url:
            shown["html_url"] = "/".join(
                (
                    _page(visit, owner),
                    "-/packages/pypi",
                    _escaped(release.normalized),
                    _escaped(release.version.lower()),
                )
            )
        return shown | {"created_at": moment(release.created_at)}

    def files(self, visit: Visit, release: Release) -> list[dict[str, Any]]:
        """Return a version's files."""
        files = sorted(release.files, key=lambda file: file.key) if self.files_by_name else release.files
        return [self._file(visit, file) for file in files]

    def _file(self, visit: Visit, file: File) -> dict[str, Any]:
        return {"id": file.id, self.size: file.size, "name": file.filename, **_digests(visit, file)}

    def user(self, visit: Visit, owner: Owner, *, apart: bool = False) -> dict[str, Any]:
        """Return an account; an organisation is one too.  The caller's own, or an administrator's view, says more.

        Args:
            visit: the request.
            owner: whose account.
            apart: whether it does not matter who asks, as for a repository's owner.
        """
        doer = checks.user_of(visit) if not apart else None
        more = doer is not None and (doer is owner or doer.admin)
        user = owner if isinstance(owner, User) else User(owner.id, owner.path, owner.name, owner.visibility)
        shown: dict[str, Any] = {"id": owner.id, "login": owner.name}
        if self.login_name:
            shown["login_name"] = ""
        if self.user_html_url:
            shown["source_id"] = 0
        shown |= {
            "full_name": "",
            "email": _email(owner) if isinstance(owner, User) else "",
            "avatar_url": f"{visit.url}/assets/img/avatar_default.png",
        }
        if self.user_html_url:
            shown["html_url"] = _page(visit, owner)
        shown |= {
            "language": "",
            "is_admin": more and user.admin,
            "last_login": _UNKNOWN if more else _NEVER,
            "created": _UNKNOWN,
            "restricted": user.restricted,
            "active": more and user.active,
            "prohibit_login": more and user.prohibit_login,
            "location": "",
            **({"pronouns": ""} if self.pronouns else {}),
            "website": "",
            "description": "",
            "visibility": _WORDS[owner.visibility],
            "followers_count": 0,
            "following_count": 0,
            "starred_repos_count": 0,
        }
        return shown | {"username": owner.name}

    def organization(self, visit: Visit, place: Organization) -> dict[str, Any]:
        """Return an organisation."""
        return {
            "id": place.id,
            **({} if self.org_name else {"username": place.name}),
            **({"name": place.name} if self.org_name else {}),
            "full_name": "",
            **({"email": ""} if self.org_email else {}),
            "avatar_url": f"{visit.url}/assets/img/avatar_default.png",
            "description": "",
            "website": "",
            "location": "",
            "visibility": _WORDS[place.visibility],
            "repo_admin_change_team_access": False,
            **({"created": _UNKNOWN} if self.org_created else {}),
            **({"username": place.name} if self.org_name else {}),
        }

    def repository(self, visit: Visit, repository: Repository) -> dict[str, Any]:
        """Return a repository, as far as one can be told of that holds no code."""
        url = f"{_page(visit, repository.owner)}/{_escaped(repository.name)}"
        return {
            "id": repository.id,
            "owner": self.user(visit, repository.owner, apart=True),
            "name": repository.name,
            "full_name": f"{repository.owner.name}/{repository.name}",
            "description": "",
            "empty": True,
            "private": repository.private,
            "fork": False,
            "html_url": url,
            "clone_url": f"{url}.git",
            "archived": False,
        }


def sees(user: User | None, repository: Repository, *, public_for_restricted: bool) -> bool:
    """Tell whether somebody sees a repository."""
    owner = repository.owner
    if user is not None and (user.admin or user is owner):
        return True
    if isinstance(owner, Organization) and user is not None and _levels(user, owner, repository):
        return True
    if user is not None and user.restricted and not (public_for_restricted and owner.visibility is Visibility.PUBLIC):
        return False
    hidden = owner.visibility is Visibility.PRIVATE or (owner.visibility is Visibility.INTERNAL and user is None)
    return not repository.private and not hidden


def writes(user: User | None, repository: Repository) -> bool:
    """Tell whether somebody may write a repository's packages."""
    owner = repository.owner
    if user is None:
        return False
    if user.admin or user is owner:
        return True
    return isinstance(owner, Organization) and bool(_levels(user, owner, repository) & {"write", "admin", "owner"})


def _levels(user: User, owner: Organization, repository: Repository) -> set[str]:
    """Return what the teams that have the repository let somebody do with packages."""
    return {
        team.access
        for team in owner.teams.values()
        if user in team.members
        and (team.access == "owner" or repository.teams is None or team.name in repository.teams)
    }


def moment(at: datetime) -> str:
    """Return a time as Go writes it: whole seconds, and the server's zone, which is UTC here."""
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def go_json(value: Any) -> bytes:  # noqa: ANN401 - whatever JSON can hold.
    """Return a value as Go's encoder writes it: `<`, `>` and `&` escaped, and a line end."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"{text}\n".encode()


def _digests(visit: Visit, file: File) -> dict[str, str]:
    """Return the digests of what arrived, whatever the client announced."""
    found = {name: hashlib.new(name, usedforsecurity=False) for name in _HASHES}
    try:
        stored = visit.content(file.digest)
    except KeyError:  # Deleted at this very moment.
        raise Refused(Refusal.RELEASE_ABSENT, release=file.filename, project=file.filename) from None
    with stored:
        while block := stored.read(_BLOCK):
            for digest in found.values():
                digest.update(block)
    return {name: digest.hexdigest() for name, digest in found.items()}


def _creator(visit: Visit, release: Release) -> Owner:
    """Return who uploaded the first file; the owner, if nobody did who has an account."""
    name = release.files[0].uploaded_by.removeprefix("user ") if release.files else ""
    return checks.world_of(visit).namespace(name, "user") or checks.owner_of(visit)


def _page(visit: Visit, owner: Owner) -> str:
    return f"{visit.url}/{_escaped(owner.name)}"


def _email(owner: Owner) -> str:
    return f"{owner.name.lower()}@noreply.localhost"


def _escaped(segment: str) -> str:
    """Escape a text as Go's `url.PathEscape` does."""
    return quote(segment, safe="$&+=:@~")
