"""Who may do what with an owner's packages, and the words in which a test makes people, owners, tokens and settings.

The matrix is the contract's: services/context/package.go, routers/api/packages/api.go and the projects' own tests
(tests/integration/api_packages_test.go).
"""

from __future__ import annotations

import hashlib
import io
import random
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from pytest_pyreg import ANONYMOUS, Credential, Registry, SystemClock, lookup
from pytest_pyreg.flavours.gitea import GiteaWorld
from pytest_pyreg.flavours.gitea.people import Organization, User
from pytest_pyreg.model import Visibility

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_pyreg.flavours.gitea.people import Owner
    from pytest_pyreg.flavours.gitea.words import Seen

ENDS = ["gitea@1.17.0", "gitea@1.17.4", "gitea@1.27", "forgejo@7", "forgejo@17"]
MODERN = ENDS[1:]


class Packages:
    """The packages of a running registry, asked without a socket."""

    def __init__(self, registry: Registry) -> None:
        assert isinstance(registry.world, GiteaWorld)
        self.registry, self.world = registry, registry.world
        self._client = Client(registry.wsgi)

    def read(self, owner: Owner, who: Credential) -> int:
        """Ask for a page of a project that is there."""
        if not self.registry._index.releases([owner]):
            admin = self.world.user("stocker", admin=True, password="password-of-stocker")
            self._stock(owner, admin)
        return self._client.get(f"/api/packages/{owner.name}/pypi/simple/demo/", auth=_auth(who)).status_code

    def _stock(self, owner: Owner, admin: User) -> None:
        """Upload something as somebody who may in every release."""
        if isinstance(owner, Organization):
            owner.add_owner(admin)
            assert self.upload(owner, Credential(admin.name, admin.password)) == 201
            owner.teams["Owners"].members.discard(admin)
        else:
            assert isinstance(owner, User)
            assert self.upload(owner, owner.token()) == 201

    def upload(self, owner: Owner, who: Credential, name: str = "demo") -> int:
        """Upload a file; each time another one."""
        self._uploads = getattr(self, "_uploads", 0) + 1
        content = str(self._uploads).encode()
        form = {
            "name": name,
            "version": "1.0",
            "sha256_digest": hashlib.sha256(content).hexdigest(),
            "content": (io.BytesIO(content), f"{name}-1.0-{self._uploads}-py3-none-any.whl"),
        }
        return self._client.post(f"/api/packages/{owner.name}/pypi", data=form, auth=_auth(who)).status_code

    def may(self, owner: Owner, who: Credential) -> str:
        """Return the letters of what somebody may do: `R` and `W`."""
        read, write = self.read(owner, who), self.upload(owner, who)
        assert {read} <= {200, 401}
        assert {write} <= {201, 401}
        return "R" * (read == 200) + "W" * (write == 201)


def _auth(who: Credential) -> tuple[str, str] | None:
    return None if who == ANONYMOUS else (who.username, who.secret)


@pytest.fixture(name="gitea")
def _gitea(request: pytest.FixtureRequest) -> Iterator[Registry]:
    with Registry(getattr(request, "param", "gitea@1.27")) as registry:
        yield registry


@pytest.fixture(name="packages")
def _packages(gitea: Registry) -> Packages:
    return Packages(gitea)


@pytest.fixture(name="world")
def _world(packages: Packages) -> GiteaWorld:
    return packages.world


def owner_of(world: GiteaWorld, kind: str, visibility: Seen) -> Owner:
    """Make an owner, with the people of the matrix."""
    if kind == "user":
        return world.user("owen", visibility=visibility, password="password-of-owen")
    made = world.organization("guild", visibility=visibility)
    made.add_owner(world.user("olga"))
    made.team("reading", access="read", members=[world.user("rita")])
    made.team("writing", access="write", members=[world.user("wanda")])
    made.team("nothing", access="none", members=[world.user("nora")])
    return made


# -- the matrix: kind and visibility of the owner -> who -> may read and write -----------------------------------------

USERS = {
    "public": {"anonymous": "R", "other": "R", "owen": "RW", "admin": "RW", "inactive": ""},
    "limited": {"anonymous": "", "other": "R", "owen": "RW", "admin": "RW", "inactive": ""},
    "private": {"anonymous": "", "other": "", "owen": "RW", "admin": "RW", "inactive": ""},
}
_TEAMS = {"olga": "RW", "rita": "R", "wanda": "RW", "admin": "RW", "inactive": ""}
ORGANIZATIONS = {
    "public": {"anonymous": "R", "other": "R", "nora": "R", **_TEAMS},
    "limited": {"anonymous": "", "other": "R", "nora": "R", **_TEAMS},
    "private": {"anonymous": "", "other": "", "nora": "R", **_TEAMS},
}
MATRIX = [
    pytest.param(kind, visibility, who, may, id=f"{visibility} {kind} {who}")
    for kind, rows in (("user", USERS), ("organisation", ORGANIZATIONS))
    for visibility, row in rows.items()
    for who, may in row.items()
]


def caller(world: GiteaWorld, who: str) -> Credential:
    """Return a token of somebody in the matrix, with every right that a token can have."""
    if who == "anonymous":
        return ANONYMOUS
    user = world.user(who)
    user.admin, user.active = who == "admin", who != "inactive"
    return user.token()


@pytest.mark.parametrize("gitea", MODERN, indirect=True)
@pytest.mark.parametrize(("kind", "visibility", "who", "may"), MATRIX)
def test_the_matrix(packages: Packages, world: GiteaWorld, kind: str, visibility: Seen, who: str, may: str) -> None:
    """Contract section 3; 401 says no, whatever the reason."""
    owner = owner_of(world, kind, visibility)

    assert packages.may(owner, caller(world, who)) == may


@pytest.mark.parametrize("gitea", ["gitea@1.17.0", "gitea@1.17.3"], indirect=True)
@pytest.mark.parametrize(("kind", "visibility", "who", "may"), MATRIX)
def test_the_matrix_of_1_17(
    packages: Packages, world: GiteaWorld, kind: str, visibility: Seen, who: str, may: str
) -> None:
    """To 1.17.3 an inactive account is one as any other; a site administrator too, but for reading organisations."""
    owner = owner_of(world, kind, visibility)
    rows = USERS if kind == "user" else ORGANIZATIONS
    if who == "admin" and kind == "organisation":
        may = "R"  # Measured in 1.17.3.
    elif who in {"admin", "inactive"}:
        may = rows[visibility]["other"]

    assert packages.may(owner, caller(world, who)) == may


@pytest.mark.parametrize("gitea", ["gitea@1.17.0", "gitea@1.23", "forgejo@7", "forgejo@17"], indirect=True)
def test_restricted_users(packages: Packages, world: GiteaWorld) -> None:
    """They see no organisation that they are not in, not even a public one (in Gitea to 1.24); users they do see."""
    org, ada = owner_of(world, "organisation", "public"), world.user("ada")
    rex = world.user("rex")
    assert packages.may(org, rex.token()) == packages.may(ada, rex.token()) == "R"

    rex.restricted = True

    assert packages.may(org, rex.token()) == ""
    assert packages.may(ada, rex.token()) == "R"
    assert isinstance(org, Organization)
    org.team("reading", members=[rex])
    assert packages.may(org, rex.token()) == "R"


@pytest.mark.parametrize(
    ("gitea", "may"),
    [
        *((flavour, "RW") for flavour in ("gitea@1.17.0", "gitea@1.23", "forgejo@12", "forgejo@17")),
        *((flavour, "R") for flavour in ("gitea@1.24", "gitea@1.27")),
    ],
    indirect=["gitea"],
)
def test_a_team_for_code(packages: Packages, world: GiteaWorld, may: str) -> None:
    """Who writes code writes packages too, if their team is for code alone: measured in 1.17, 1.23, Forgejo 12 and 17.

    In 1.27 they read, as all members do (measured; #34128 is of April 2025, before 1.24).
    """
    org = world.organization("guild", visibility="private")
    team = org.team("coders", access="none", code="write", members=[world.user("carl")])
    assert packages.may(org, world.user("carl").token()) == may

    team.code = "read"
    assert packages.may(org, world.user("carl").token()) == "R"
    team.members.clear()
    assert packages.may(org, world.user("carl").token()) == ""


@pytest.mark.parametrize("gitea", ENDS, indirect=True)
def test_who_has_to_sign_in(packages: Packages, world: GiteaWorld) -> None:
    """`REQUIRE_SIGNIN_VIEW` keeps nobody but the anonymous out."""
    owner = owner_of(world, "user", "public")
    assert packages.may(owner, ANONYMOUS) == "R"

    world.settings.require_signin_view = True

    assert packages.may(owner, ANONYMOUS) == ""
    assert packages.may(owner, world.user("other").token()) == "R"


# -- credentials -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gitea", "scopes", "may"),
    [
        ("gitea@1.19", ["read:package"], "R"),
        *(
            (flavour, scopes, may)
            for flavour in ("gitea@1.27", "forgejo@7", "forgejo@17")
            for scopes, may in (
                (["read:package"], "R"),
                (["write:package"], "RW"),
                (["all"], "RW"),
                (["read:user"], ""),
                (["read:package", "read:user"], "R"),
            )
        ),
    ],
    indirect=["gitea"],
)
def test_scopes(packages: Packages, world: GiteaWorld, scopes: list[str], may: str) -> None:
    """A token without a scope of packages has no right, even to what is public; administrators are bound too."""
    ada = world.user("ada", admin=True)

    assert packages.may(ada, ada.token(scopes)) == may


@pytest.mark.parametrize(
    ("gitea", "public", "limited", "private"),
    [
        ("gitea@1.22", "RW", "RW", "RW"),
        ("gitea@1.22.3", "RW", "RW", ""),
        ("gitea@1.27", "RW", "", ""),
        ("forgejo@11", "RW", "RW", "RW"),
        ("forgejo@12", "RW", "RW", ""),
        ("forgejo@17", "RW", "RW", ""),
    ],
    indirect=["gitea"],
)
def test_tokens_for_public_owners(
    packages: Packages, world: GiteaWorld, public: str, limited: str, private: str
) -> None:
    """`public-only`: 403 at private owners, from 1.27 on at limited ones."""
    found = []
    for visibility in ("public", "limited", "private"):
        owen = world.user("owen", visibility=visibility)
        token = owen.token(["write:package", "public-only"])
        read, write = packages.read(owen, token), packages.upload(owen, token)
        assert {read, write} <= {200, 201} or {read, write} == {403}
        found.append("R" * (read == 200) + "W" * (write == 201))

    assert found == [public, limited, private]


FORMS: dict[str, Callable[[str, str], Credential]] = {
    "name and password": lambda _, __: Credential("ada", "password-of-ada"),
    "name in capitals": lambda _, __: Credential("ADA", "password-of-ada"),
    "anything and token": lambda _, token: Credential("__token__", token),
    "token and nothing": lambda _, token: Credential(token, ""),
    "token and x-oauth-basic": lambda _, token: Credential(token, "x-oauth-basic"),
}
NO_FORMS: dict[str, Callable[[str, str], Credential]] = {
    "token and anything": lambda _, token: Credential(token, "anything"),
    "name and wrong password": lambda _, __: Credential("ada", "password-of-eve"),
    "name and no password": lambda _, __: Credential("ada", ""),
    "unknown name": lambda _, __: Credential("eve", "password-of-ada"),
    "unknown token": lambda _, __: Credential("__token__", "0" * 40),
}


@pytest.mark.parametrize("gitea", ENDS, indirect=True)
@pytest.mark.parametrize(
    ("form", "good"),
    [(form, good) for forms, good in ((FORMS, True), (NO_FORMS, False)) for form in forms],
)
def test_forms_of_credentials(packages: Packages, world: GiteaWorld, form: str, good: bool) -> None:
    """What pip and twine can send, as basic auth; a wrong one spoils what is public too, but for 1.17."""
    ada = world.user("ada", password="password-of-ada")
    assert packages.read(ada, ANONYMOUS) == 200
    shown = (FORMS | NO_FORMS)[form]("ada", ada.token().secret)

    wrong = "R" if packages.registry.flavour.name in {"gitea@1.17.0", "gitea@1.17.4"} else ""
    assert packages.may(ada, shown) == ("RW" if good else wrong)


@pytest.mark.parametrize(
    ("gitea", "header", "good"),
    [
        ("gitea@1.21", "X-Gitea-OTP", True),
        ("gitea@1.27", "X-Gitea-OTP", True),
        ("gitea@1.27", "X-Forgejo-OTP", False),
        ("forgejo@7", "X-Gitea-OTP", True),
        ("forgejo@17", "X-Forgejo-OTP", True),
    ],
    indirect=["gitea"],
)
def test_one_time_passwords(packages: Packages, world: GiteaWorld, header: str, good: bool) -> None:
    """With the one that is good now a password is enough; with none, or another, it is not.  No log tells it."""
    ada = world.user("ada", password="password-of-ada")
    ada.two_factor, ada.otp = "totp", "135791"
    packages.read(ada, ada.token())
    client = Client(packages.registry.wsgi)

    def status(**headers: str) -> int:
        shown = {name.replace("_", "-"): value for name, value in headers.items()}
        path = "/api/packages/ada/pypi/simple/demo/"
        return client.get(path, auth=("ada", "password-of-ada"), headers=shown).status_code

    assert status() == 401
    assert status(**{header: "246802"}) == 401
    assert status(**{header: "135791"}) == (200 if good else 401)
    assert "135791" not in repr([one.headers for one in packages.registry.log])


@pytest.mark.parametrize("gitea", ENDS, indirect=True)
def test_who_is_shown_the_challenge(packages: Packages, world: GiteaWorld) -> None:
    """Who is known and has no right, or shows nothing; not who shows something wrong: a forbidden account's password.

    With a token such an account is known and has no right.  1.17 lets both in: a wrong password as nobody, and tokens.
    """
    ada = world.user("ada", password="password-of-ada", visibility="private")
    token, password = ada.token(), Credential("ada", "password-of-ada")
    assert packages.may(ada, token) == packages.may(ada, password) == "RW"
    client = Client(packages.registry.wsgi)

    def challenge(who: Credential) -> tuple[int, str | None]:
        answer = client.get("/api/packages/ada/pypi/simple/demo/", auth=_auth(who))
        return answer.status_code, answer.headers.get("WWW-Authenticate")

    shown = (401, 'Basic realm="Gitea Package API"')
    assert challenge(ANONYMOUS) == challenge(world.user("other").token()) == shown
    ada.prohibit_login = True
    release = packages.registry.flavour.version
    assert challenge(password) == (shown if release.startswith("1.17") else (401, None))
    assert challenge(token) == ((200, None) if release == "1.17.0" else shown)


@pytest.mark.parametrize("gitea", ENDS, indirect=True)
def test_tokens_are_revoked(packages: Packages, world: GiteaWorld) -> None:
    """A token is good until it is taken back; another one of the same user stays."""
    ada = world.user("ada", visibility="private")
    one, other = ada.token(), ada.token()
    assert packages.may(ada, one) == packages.may(ada, other) == "RW"

    world.revoke(one)

    assert packages.may(ada, one) == ""
    assert packages.may(ada, other) == "RW"


@pytest.mark.parametrize("gitea", ENDS, indirect=True)
def test_passwords_are_turned_off(packages: Packages, world: GiteaWorld) -> None:
    """`ENABLE_BASIC_AUTHENTICATION = false`: passwords do nothing, tokens still do."""
    ada = world.user("ada", password="password-of-ada", visibility="private")
    password = Credential("ada", "password-of-ada")
    assert packages.may(ada, password) == "RW"

    world.settings.enable_basic_authentication = False

    assert packages.may(ada, password) == ""
    assert packages.may(ada, ada.token()) == "RW"


# -- words -------------------------------------------------------------------------------------------------------------


def test_users_and_organizations_are_found_again(world: GiteaWorld) -> None:
    """The same name is the same owner, in any case; what is not said stays as it was."""
    ada = world.user("ada", password="secret-of-ada", visibility="private", admin=True)

    assert world.user("Ada") is ada
    assert (ada.password, ada.visibility, ada.admin) == ("secret-of-ada", Visibility.PRIVATE, True)
    assert world.user("ada", admin=False, visibility="limited") is ada
    assert (ada.visibility, ada.admin) == (Visibility.INTERNAL, False)
    tools = world.organization("tools")
    assert world.organization("TOOLS", visibility="limited") is tools
    assert tools.visibility is Visibility.INTERNAL
    assert tools.repository("code") is tools.repository("CODE", private=True)
    assert tools.repository("code").private


def test_mistakes_are_errors(world: GiteaWorld) -> None:
    """A name that is taken by the other kind, a word that is none, a level that is none."""
    assert isinstance(world.home, Organization)
    world.user("ada")
    with pytest.raises(ValueError, match="'ada' is a user; choose another name"):
        world.organization("ada")
    with pytest.raises(ValueError, match="'acme' is an organisation; choose another name"):
        world.user("acme")
    with pytest.raises(
        ValueError, match="there is no visibility 'internal'; the visibilities are public, limited, private"
    ):
        world.user("ada", visibility="internal")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="there is no access level 'developer'"):
        world.home.team("devs", access="developer")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="there is no access level 'push'"):
        world.home.team("devs", code="push")  # type: ignore[arg-type]


def test_the_ready_world(packages: Packages, world: GiteaWorld) -> None:
    """A private organisation, who may upload, who may read, and who may neither."""
    home = world.home
    assert (home.name, home.visibility) == ("acme", Visibility.PRIVATE)
    registry = packages.registry
    assert packages.may(home, registry.publisher) == "RW"
    assert packages.may(home, registry.reader) == "R"
    assert packages.may(home, registry.stranger) == ""
    assert packages.may(home, ANONYMOUS) == ""


@pytest.mark.parametrize("gitea", MODERN, indirect=True)
def test_a_renamed_owner(packages: Packages, world: GiteaWorld) -> None:
    """The former name leads to the present one; a name that was never one leads nowhere."""
    org = owner_of(world, "organisation", "public")
    token = world.user("wanda").token()
    assert packages.may(org, token) == "RW"

    world.rename(org, "newer")

    client = Client(packages.registry.wsgi)
    moved = client.get("/api/packages/guild/pypi/simple/demo")
    assert (moved.status_code, moved.headers["Location"]) == (307, "/api/packages/newer/pypi/simple/demo")
    assert packages.may(org, token) == "RW"
    assert client.get("/api/packages/older/pypi/simple/demo").status_code == 404


def test_secrets_are_known(world: GiteaWorld) -> None:
    """What was issued is left out of reports."""
    token = world.user("ada", password="password-of-ada").token()

    hidden = world.secrets()

    assert {token.secret, world.publisher.secret, "password-of-ada"} <= hidden
    assert "" not in hidden


def test_tokens_are_those_of_the_chance() -> None:
    """40 hexadecimal digits, the same with the same chance."""
    worlds = [
        GiteaWorld(lookup("gitea@1.23"), SystemClock(), random.Random(seed))  # noqa: S311 - tokens of a test.
        for seed in (7, 7, 8)
    ]
    tokens = [world.publisher.secret for world in worlds]

    assert tokens[0] == tokens[1] != tokens[2]
    assert len(tokens[0]) == 40
    assert set(tokens[0]) <= set("0123456789abcdef")
