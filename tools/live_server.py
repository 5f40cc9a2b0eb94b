"""A live Gitea or Forgejo, with the world of `tests/gitea/live_world.py` in it; and anything over a socket."""

from __future__ import annotations

import http.client
import socket
from itertools import count
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from tests.gitea.live_wire import Answer, Request, Tokens
from tests.gitea.live_world import LEADER, ORGANIZATIONS, OWNERS, PASSWORD, PEOPLE, RENAMED, REPOSITORIES, TEAMS, TOKENS

TIMEOUT = 60
PAGE = 50
"""How many packages are listed at once."""


class CannotSetUp(RuntimeError):
    """The live server refused what the world needs."""


class Wire:
    """A connection to a server that is opened again when it has ended.

    Args:
        url: where the server is.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._connection: http.client.HTTPConnection | None = None

    def send(self, request: Request) -> Answer:
        """Send a request, again over a new connection if the old one has ended."""
        try:
            return self._send(request)
        except (http.client.HTTPException, OSError):
            self.close()
        try:
            return self._send(request)
        except (http.client.HTTPException, OSError) as error:
            self.close()
            return Answer(0, (), repr(error).encode())

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _send(self, request: Request) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=TIMEOUT)
        connection = self._connection
        connection.putrequest(request.method, request.target, skip_accept_encoding=True)
        for name, value in request.headers:
            connection.putheader(name, value)
        if request.body or request.method in {"POST", "PUT", "PATCH"}:
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body)
        with connection.getresponse() as response:
            return Answer(response.status, tuple(response.getheaders()), response.read())


class Server:
    """A live server.

    Args:
        url: where it is.
        admin: an administrator's name and password.
        prefix: what the names of all that is made begin with.
    """

    def __init__(self, url: str, admin: tuple[str, str], prefix: str) -> None:
        self.url = url.rstrip("/")
        self.prefix = prefix
        self.tokens: Tokens = {}
        self.keys = set(TOKENS)
        """Which of `TOKENS` it can make."""
        self.renamed = True
        """Whether it can rename users."""
        self._admin = admin
        self._session = requests.Session()
        self._session.trust_env = False  # No proxy and no .netrc of this machine: `Wire` has none either.

    @property
    def version(self) -> str:
        """What it says that it is."""
        return str(self._call("GET", "/version")["version"])

    def check(self) -> None:
        """See that it is there, is what it should be, and takes the administrator; change nothing.

        Raises:
            CannotSetUp: it is not so.
        """
        parts = urlsplit(self.url)
        try:
            socket.getaddrinfo(parts.hostname, parts.port or http.client.HTTP_PORT)
        except OSError:
            raise CannotSetUp(f"the host {parts.hostname!r} is not known; try an address, as 127.0.0.1") from None
        name = self._admin[0]
        # As the administrator, since a server may ask everybody to sign in.
        answer, user = self._asked("GET", "/version"), self._asked("GET", "/user")
        if user.status_code in {401, 403}:
            raise CannotSetUp(
                f"{self.url} refuses the name and password of {name!r} ({user.status_code}); "
                "an administrator's are expected; see whether they sign in on its pages"
            )
        if not isinstance(_object(answer).get("version"), str) or not user.ok:
            raise CannotSetUp(
                f"{self.url}/api/v1/version answers {answer.status_code}, not with a version; a Gitea or Forgejo is "
                "expected; try its root URL, and see its log"
            )
        if not _object(user).get("is_admin"):
            raise CannotSetUp(f"{name!r} is no administrator of {self.url}, and only those make users; try another")

    def build(self) -> None:
        """Make the world.

        Raises:
            CannotSetUp: it refused something.
        """
        for short in PEOPLE:
            self._make_person(short)
        for short, visibility in ORGANIZATIONS.items():
            made = {"username": self._name(short), "visibility": visibility}
            self._call("POST", f"/admin/users/{self._name(LEADER)}/orgs", made)
            for team in TEAMS:
                self._make_team(short, team)
        for short in OWNERS:
            for name, private in REPOSITORIES.items():
                self._call("POST", f"/admin/users/{self._name(short)}/repos", {"name": name, "private": private})
        try:
            new = {"new_username": self._name(RENAMED[1])}
            self._call("POST", f"/admin/users/{self._name(RENAMED[0])}/rename", new)
        except CannotSetUp:
            self.renamed = False
        self.tokens = {(short, key): secret for (short, key), secret in self.tokens.items() if key in self.keys}

    def removed(self) -> list[str]:
        """Remove the world, as far as it was made; return what is left, in words."""
        repositories = [f"/repos/{self._name(short)}/{name}" for short in OWNERS for name in REPOSITORIES]
        organizations = [f"/orgs/{self._name(short)}" for short in ORGANIZATIONS]
        people = [f"/admin/users/{self._name(short)}?purge=true" for short in (*PEOPLE, RENAMED[1])]
        left = []
        try:
            # What is not empty cannot be deleted.
            packages = [path for short in (*PEOPLE, RENAMED[1], *ORGANIZATIONS) for path in self._packages(short)]
            for path in (*packages, *repositories, *organizations, *people):
                answer = self._asked("DELETE", path)
                if not answer.ok and answer.status_code != http.client.NOT_FOUND:
                    left.append(f"{path} could not be deleted: {_told(answer)}")
        except CannotSetUp as error:
            left.append(f"what begins with {self.prefix!r} is left in the live server: {error}")
        return left

    def _packages(self, short: str) -> list[str]:
        """Return where an owner's versions of packages are deleted."""
        found: list[str] = []
        for page in count(1):
            answer = self._asked("GET", f"/packages/{self._name(short)}?limit={PAGE}&page={page}")
            listed = answer.json() if answer.ok else []
            names = [[quote(each[key], safe="") for key in ("type", "name", "version")] for each in listed]
            new = [f"/packages/{self._name(short)}/{'/'.join(each)}" for each in names]
            if not set(new) - set(found):
                break
            found += new
        return found

    def _make_person(self, short: str) -> None:
        name = self._name(short)
        email = f"{name}@example.org"
        account = {"username": name, "email": email, "password": PASSWORD, "must_change_password": False}
        self._call("POST", "/admin/users", account)
        for key, scopes in TOKENS.items():
            self._make_token(short, key, scopes)
        if PEOPLE[short]:
            edit = {"login_name": name, "source_id": 0, "email": email, **PEOPLE[short]}
            if "must_change_password" in edit:
                edit["password"] = PASSWORD
            self._call("PATCH", f"/admin/users/{name}", edit)

    def _make_token(self, short: str, key: str, scopes: tuple[str, ...]) -> None:
        name = self._name(short)
        try:
            asked = {"name": key, "scopes": list(scopes)}
            answer = self._call("POST", f"/users/{name}/tokens", asked, (name, PASSWORD))
        except CannotSetUp:
            self.keys.discard(key)
        else:
            self.tokens[short, key] = answer["sha1"]

    def _make_team(self, short: str, team: str) -> None:
        access, code, members = TEAMS[team]
        told = {unit: level for unit, level in {"repo.packages": access, "repo.code": code}.items() if level != "none"}
        admin = access == "admin"
        body = {
            "name": team,
            "permission": "admin" if admin else "read",
            "includes_all_repositories": True,
            **({} if admin else {"units": list(told), "units_map": told}),
        }
        answer = self._call("POST", f"/orgs/{self._name(short)}/teams", body)
        for member in members:
            self._call("PUT", f"/teams/{answer['id']}/members/{self._name(member)}")

    def _name(self, short: str) -> str:
        return f"{self.prefix}{short}"

    def _call(self, method: str, path: str, body: object = None, who: tuple[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON.
        answer = self._asked(method, path, body, who)
        if not answer.ok:
            raise CannotSetUp(f"the live server refused what the world needs: {method} {path}: {_told(answer)}")
        return answer.json() if answer.content else None

    def _asked(
        self, method: str, path: str, body: object = None, who: tuple[str, str] | None = None
    ) -> requests.Response:
        url = f"{self.url}/api/v1{path}"
        try:
            return self._session.request(method, url, auth=who or self._admin, json=body, timeout=TIMEOUT)
        except requests.ConnectionError:
            raise CannotSetUp(
                f"nobody answers at {self.url}; a running Gitea or Forgejo is expected; see whether it listens there"
            ) from None
        except requests.RequestException as error:
            raise CannotSetUp(f"{method} {url}: {type(error).__name__}; see the log of the live server") from None


def _told(answer: requests.Response) -> str:
    """Return an answer in one line."""
    return f"{answer.status_code} {' '.join(answer.text.split())[:200]}"


def _object(answer: requests.Response) -> dict[str, Any]:
    """Return the JSON object that an answer is; an empty one if it is none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
