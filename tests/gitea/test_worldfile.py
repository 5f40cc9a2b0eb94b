"""A Gitea's or Forgejo's world from a file: everything that can be said, and every mistake in one sentence."""

from __future__ import annotations

import re
import subprocess
import sys
import traceback
from dataclasses import fields
from pathlib import Path

import pytest

from pytest_pyreg import Credential, Gitea, Via
from pytest_pyreg.flavours.gitea import FORGEJO, GITEA, worldfile, worldfile_tokens
from pytest_pyreg.flavours.gitea.people import Organization, User
from pytest_pyreg.flavours.gitea.settings import Settings
from pytest_pyreg.identity import Permission, scope_allows
from pytest_pyreg.model import Visibility
from pytest_pyreg.refusals import Refused
from pytest_pyreg.worldfile import WorldFileError

READ, PUBLISH = {Permission.SEE, Permission.READ}, set(Permission)
LINEAGES = {"gitea": GITEA, "forgejo": FORGEJO}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is named as a person would name it: by its name."""
    monkeypatch.chdir(tmp_path)


def load(text: str, flavour: str = "gitea", *, forwarding: bool = True) -> Gitea:
    """Return a registry of a world file, not running."""
    Path("world.toml").write_text(text, encoding="utf-8")
    return Gitea(flavour, world="world.toml", forwarding=forwarding)


def organization(gitea: Gitea, name: str) -> Organization:
    """Return an organisation that is there."""
    found = gitea.world.namespace(name, "")
    assert isinstance(found, Organization)
    return found


def user(gitea: Gitea, name: str) -> User:
    """Return a user who is there."""
    found = gitea.world.namespace(name, "")
    assert isinstance(found, User)
    return found


def rights(gitea: Gitea, credential: Credential, name: str) -> set[Permission]:
    """Return what a credential may do with an owner's packages."""
    identity = gitea.world.identify([credential], ())
    owner = gitea.world.namespace(name, "")
    assert owner is not None
    assert identity is not None
    scopes = gitea.flavour.scopes
    return {one for one in gitea.world.granted(identity, owner) if scope_allows(identity, one, scopes)}


# -- what can be said --------------------------------------------------------------------------------------------------


def test_users() -> None:
    """Every switch that an account has; the ready ones can be changed."""
    gitea = load(
        '[users.ada]\npassword = "correct horse"\nvisibility = "private"\nadmin = true\nrestricted = true\n'
        "active = false\nprohibit_login = true\nover_quota = true\nmust_change_password = true\n"
        "[users.Reader]\nprohibit_login = true\n",
        "forgejo",
    )
    ada = user(gitea, "ada")

    assert (ada.password, ada.visibility, ada.admin, ada.restricted) == (
        "correct horse",
        Visibility.PRIVATE,
        True,
        True,
    )
    assert (ada.active, ada.prohibit_login, ada.over_quota) == (False, True, True)
    assert ada.must_change_password
    assert rights(gitea, gitea.reader, "acme") == set()
    assert user(gitea, "reader").name == "reader"


def test_second_factors() -> None:
    """With the code that the file says, with the usual one, and with a key."""
    gitea = load(
        '[users.ada]\npassword = "correct horse"\ntwo_factor = "totp"\notp = "314159"\n'
        '[users.bob]\ntwo_factor = "totp"\n[users.eve]\ntwo_factor = "webauthn"\n'
    )
    password, code = Credential("ada", "correct horse"), Credential("X-Gitea-OTP", "314159", Via.HEADER)

    assert gitea.world.identify([password, code], ()) is not None
    with pytest.raises(Refused):
        gitea.world.identify([password], ())
    assert (user(gitea, "bob").two_factor, user(gitea, "bob").otp) == ("totp", "123456")
    assert (user(gitea, "eve").two_factor, user(gitea, "eve").otp) == ("webauthn", "")


def test_organizations() -> None:
    """Owners, teams and what they may, in any order and case."""
    gitea = load(
        '[organizations.tools]\nvisibility = "private"\nowners = ["ADA"]\n'
        '[organizations.tools.teams.builders]\naccess = "write"\nmembers = ["bob", "reader"]\n'
        '[organizations.tools.teams.lookers]\nmembers = ["eve"]\n'
        '[organizations.tools.teams.coders]\naccess = "none"\ncode = "write"\n'
        "[users.ada]\n[users.bob]\n[users.eve]\n"
        '[organizations.acme.teams.readers]\nmembers = ["eve"]\n'
    )
    tools = organization(gitea, "tools")

    assert rights(gitea, user(gitea, "ada").token(), "tools") == rights(gitea, user(gitea, "bob").token(), "tools")
    assert rights(gitea, user(gitea, "bob").token(), "Tools") == PUBLISH
    assert rights(gitea, user(gitea, "eve").token(), "tools") == READ
    assert rights(gitea, user(gitea, "eve").token(), "acme") == rights(gitea, gitea.reader, "acme") == READ
    assert rights(gitea, gitea.stranger, "tools") == set()
    assert [(team.name, team.access, team.code) for team in tools.teams.values()] == [
        ("Owners", "owner", "none"),
        ("builders", "write", "none"),
        ("lookers", "read", "none"),
        ("coders", "none", "write"),
    ]


def test_former_names_and_repositories() -> None:
    """Of users and of organisations."""
    gitea = load(
        '[users.ada]\nformer_names = ["a1", "A2"]\n[users.ada.repositories.scratch]\nprivate = true\n'
        '[organizations.tools]\nformer_names = ["tooling"]\n[organizations.tools.teams.Builders]\n'
        '[organizations.tools.repositories.widget]\nteams = ["builders"]\n[organizations.tools.repositories.open]\n'
    )
    ada, tools = user(gitea, "ada"), organization(gitea, "tools")

    assert (ada.name, tools.name) == ("ada", "tools")
    assert {name: gitea.world.renamed(name) for name in ("a1", "a2", "tooling")} == {
        "a1": ada,
        "a2": ada,
        "tooling": tools,
    }
    assert ada.repositories["scratch"].private
    assert tools.repositories["widget"].teams == frozenset({"Builders"})
    assert (tools.repositories["open"].teams, tools.repositories["open"].private) == (None, False)


def test_settings() -> None:
    """By the names that they have in Python."""
    gitea = load("[settings]\nrequire_signin_view = true\nlimit_size_pypi = 0\nproduction = false\n", forwarding=False)

    settings = gitea.settings
    assert (settings.require_signin_view, settings.limit_size_pypi, settings.production) == (True, 0, False)
    assert settings.packages_enabled


TOKENS = """
[users.ada]
[tokens.full]
user = "ada"
scopes = ["all"]
[tokens.usual]
user = "ADA"
[tokens.reads]
user = "ada"
scopes = ["read:package", "public-only"]
[tokens.known]
user = "ada"
secret = "known-to-my-script"
[tokens.gone]
user = "ada"
scopes = ["all"]
revoked = true
"""


def test_a_secret_out_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file has the name of a variable; without it, the file is refused."""
    monkeypatch.setenv("CI_SECRET", "known-to-my-script")
    text = '[users.ada]\n[tokens.ci]\nuser = "ada"\nsecret = { env = "CI_SECRET" }\n'

    gitea = load(text)

    assert gitea.tokens["ci"].secret == "known-to-my-script"
    assert rights(gitea, gitea.tokens["ci"], "ada") == PUBLISH
    assert (gitea.named["ci"].given, gitea.named["ci"].variable) == (True, "CI_SECRET")
    monkeypatch.delenv("CI_SECRET")
    with pytest.raises(WorldFileError, match=r"tokens\.ci\.secret: \$CI_SECRET is not set"):
        load(text)


def test_tokens() -> None:
    """Each with its scopes, and under its name."""
    gitea = load(TOKENS)
    tokens = dict(gitea.tokens)
    with pytest.raises(Refused):
        rights(gitea, tokens.pop("gone"), "ada")

    assert {name: rights(gitea, token, "ada") for name, token in tokens.items()} == {
        "full": PUBLISH,
        "usual": PUBLISH,
        "reads": READ,
        "known": PUBLISH,
    }
    assert tokens["known"] == Credential("ada", "known-to-my-script")
    assert "known-to-my-script" in gitea.world.secrets()
    assert "known-to-my-script" not in f"{gitea!r} {gitea.named!r} {gitea.tokens!r}"
    assert {name: named.about for name, named in gitea.named.items()} == {
        "full": "token of ada (all)",
        "usual": "token of ada",
        "reads": "token of ada (read:package, public-only)",
        "known": "token of ada",
        "gone": "token of ada (all), revoked",
    }


def test_a_release_without_scopes() -> None:
    """Its tokens do everything, so the file may say that, or nothing."""
    gitea = load("[tokens.a]\nuser = 'publisher'\n[tokens.b]\nuser = 'publisher'\nscopes = ['all']\n", "gitea@1.17")

    assert rights(gitea, gitea.tokens["a"], "acme") == rights(gitea, gitea.tokens["b"], "acme") == PUBLISH


def test_without_a_word_everything_stays() -> None:
    """An empty file is the ready world."""
    gitea = load("# nothing yet\n", "forgejo@7")

    assert (gitea.namespace.path, gitea.tokens) == ("acme", {})
    assert rights(gitea, gitea.publisher, "acme") == PUBLISH
    assert rights(gitea, gitea.reader, "acme") == READ


def test_another_owner() -> None:
    """URLs point there, and the ready users may there what they are called after."""
    with load('[registry]\nowner = "Tools"\n[organizations.tools]\nvisibility = "private"\n') as gitea:
        assert gitea.upload_url.endswith("/api/packages/tools/pypi")
        assert gitea.world.ci_environment(gitea.url)["GITHUB_REPOSITORY_OWNER"] == "tools"
        assert rights(gitea, gitea.publisher, "tools") == PUBLISH
        assert rights(gitea, gitea.reader, "tools") == READ
        assert rights(gitea, gitea.stranger, "tools") == set()
        assert rights(gitea, gitea.publisher, "acme") == PUBLISH


def test_a_user_as_owner() -> None:
    """Nobody else may write there, so the user is the publisher, and who reads."""
    gitea = load('[registry]\nowner = "ada"\n[users.ada]\nvisibility = "private"\n')

    assert (gitea.publisher.username, gitea.namespace) == ("ada", user(gitea, "ada"))
    assert rights(gitea, gitea.publisher, "ada") == PUBLISH
    assert rights(gitea, gitea.reader, "ada") == READ
    assert rights(gitea, gitea.stranger, "ada") == set()


def test_credentials_of_its_own() -> None:
    """Publisher, reader and stranger are tokens of the file, whoever owns the registry."""
    choice = "publisher = 'full'\nreader = 'reads'\nstranger = 'gone'\n"
    for owner in ("acme", "ada"):
        gitea = load(f"[registry]\nowner = '{owner}'\n{choice}{TOKENS}")

        tokens = gitea.tokens
        assert (gitea.publisher, gitea.reader, gitea.stranger) == (tokens["full"], tokens["reads"], tokens["gone"])


def test_exec_hands_the_tokens_over() -> None:
    """As for any product."""
    Path("world.toml").write_text(TOKENS)
    script = "import os; print(os.environ['PYREG_TOKEN_KNOWN'], os.environ['PYREG_TOKEN_KNOWN_USERNAME'])"
    command = [sys.executable, "-m", "pytest_pyreg", "exec", "forgejo", "--world", "world.toml", "--"]

    result = subprocess.run([*command, "python", "-c", script], capture_output=True, text=True, timeout=60, check=False)

    assert (result.returncode, result.stdout.split()) == (0, ["known-to-my-script", "ada"])
    assert "pyreg: token reads in $PYREG_TOKEN_READS: token of ada (read:package, public-only)\n" in result.stderr
    assert "known-to-my-script" not in result.stderr


def test_tokens_of_oauth() -> None:
    """They look like a JWT, unless the file says otherwise; an access token is what is meant if it does not say."""
    gitea = load(
        '[users.ada]\n[tokens.app]\nkind = "oauth"\nuser = "ada"\n[tokens.known]\nkind = "oauth"\nuser = "ada"\n'
        'scopes = ["read:package"]\nsecret = "known-to-my-script"\n[tokens.plain]\nkind = "access"\nuser = "ada"\n'
    )

    assert re.fullmatch(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+", gitea.tokens["app"].secret)
    assert gitea.tokens["known"].secret == "known-to-my-script"
    assert re.fullmatch("[0-9a-f]{40}", gitea.tokens["plain"].secret)
    assert rights(gitea, gitea.tokens["app"], "ada") == PUBLISH
    assert rights(gitea, gitea.tokens["known"], "ada") == READ


# -- the document ------------------------------------------------------------------------------------------------------

DOCUMENT = (Path(__file__).parents[2] / "docs" / "world-file.md").read_text()
PART = DOCUMENT.partition("\n## Gitea and Forgejo\n")[2].partition("\n## ")[0]
WORLDS = re.findall(r"^```toml\n(.*?)^```", PART, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("flavour", ["gitea", "forgejo"])
@pytest.mark.parametrize("text", WORLDS)
def test_the_worlds_of_the_document_are_right(text: str, flavour: str) -> None:
    """Each by itself, for both products."""
    gitea = load(text, flavour)

    assert set(gitea.tokens) == set(re.findall(r"^\[tokens\.(.+)\]$", text, re.MULTILINE))


def test_the_document_shows_every_key() -> None:
    """What can be said is said there."""
    shown = "\n".join(WORLDS)
    keys = {
        *worldfile._USER,
        *worldfile._ORGANIZATION,
        *worldfile._TEAM,
        *worldfile._REPOSITORY,
        *worldfile_tokens._TOKEN,
    }
    keys |= {*worldfile_tokens._REGISTRY, *(field.name for field in fields(Settings))}

    assert not [key for key in keys if not re.search(rf"^{key} = |^\[\S+\.{key}\.\w+\]", shown, re.MULTILINE)]
    assert not [table for table in worldfile._TABLES if not re.search(rf"^\[{table}\b", shown, re.MULTILINE)]


SINCE = {
    "`scopes` of a token, other than `all`": "[tokens.a]\nuser = 'reader'\nscopes = ['read:package']",
    "scopes such as `write:repository` (1.19 has others: `repo`, `package`)": (
        "[tokens.a]\nuser = 'reader'\nscopes = ['write:repository']"
    ),
    **{
        f"`{key}`": f"[settings]\n{key} = 0"
        for key in ("limit_size_pypi", "limit_total_owner_count", "limit_total_owner_size")
    },
    "`serve_direct`": "[settings]\nserve_direct = true",
    "`quota_enabled`": "[settings]\nquota_enabled = true",
    "`over_quota` of a user or an organisation": "[organizations.tools]\nover_quota = true",
    "`scopes` of an OAuth2 token, other than `openid` and its like": (
        "[tokens.a]\nuser = 'reader'\nkind = 'oauth'\nscopes = ['read:package']"
    ),
}


@pytest.mark.parametrize(("product", "column"), [("gitea", 1), ("forgejo", 2)])
def test_the_document_says_since_when(product: str, column: int) -> None:
    """Each key of the table holds from the release that it shows, and is refused by the one before, if there is one."""
    rows = re.findall(r"^\| (.*) \| ([\d.]+|never) \| ([\d.]+) \|$", PART, re.MULTILINE)
    releases = [flavour.version for flavour in LINEAGES[product].flavours()]

    assert {row[0] for row in rows} == set(SINCE)
    for row in rows:
        key, since = row[0], row[column]
        before = releases[-1] if since == "never" else releases[releases.index(since) - 1] if since != "7" else None
        if since != "never":
            load(SINCE[key], f"{product}@{since}")
        if before is not None:
            with pytest.raises(WorldFileError, match=r"choose a (later release|product that has it)|there is no scope"):
                load(SINCE[key], f"{product}@{before}")


# -- what makes no sense -----------------------------------------------------------------------------------------------

LEVELS = "the access levels are none, read, write, admin"
TEAM = "[organizations.acme.teams.t]\n"
TOKEN = "[tokens.ci]\nuser = 'reader'\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[user.ada]", "1: user: there is no table 'user', did you mean 'users'? The tables are registry, settings, "),
        ("[groups.acme]", "1: groups: there is no table 'groups'; the tables are registry, settings, users, organi"),
        ("users = 1", "1: users: a table is wanted here, not a whole number"),
        ("[users]\nada = 'x'", "2: users.ada: a table is wanted here, not a text in quotes"),
        ("[users.ada]\nadmin = 1", "2: users.ada.admin: true or false is wanted here, not a whole number"),
        (
            "[users.ada]\nadmn = true",
            "2: users.ada.admn: there is no key 'admn', did you mean 'admin'? The keys are vis",
        ),
        (
            "[users.ada]\nvisibility = 'internal'",
            "2: users.ada.visibility: there is no visibility 'internal'; the visi",
        ),
        ("[users.ada]\ntwo_factor = 'sms'", "2: users.ada.two_factor: there is no second factor 'sms'; the second "),
        ("[users.ada]\ntwo_factor = true", "2: users.ada.two_factor: a text in quotes is wanted here, not true or "),
        ("[users.ada]\notp = '123456'", "2: users.ada.otp: what is it good for? say two_factor = 'totp' too"),
        (
            "[users.ada]\ntwo_factor = 'webauthn'\notp = '123456'",
            "3: users.ada.otp: what is it good for? say two_factor = 'totp' too",
        ),
        ("[users.ada]\notp = 123456", "2: users.ada.otp: a text in quotes is wanted here, not a whole number"),
        ("[users.ada]\npassword = 'short'", "2: users.ada.password: a password is a text of at least 8 characters"),
        ("[users.acme]", "1: users.acme: 'acme' is an organisation; choose another name"),
        ("[users.'a b']", "1: users.\"a b\": 'a b' is no name of a user: at most 40 letters and digits, with single "),
        ("[users.Ghost]", "1: users.Ghost: 'Ghost' is no name of a user: it is reserved; choose another name"),
        (
            "[users.ada]\n[users.Ada]",
            "2: users.Ada: the users 'ada' and 'Ada' are too much alike; rename one, or make them one table",
        ),
        ("[users.ada]\n[organizations.Ada]", "2: organizations.Ada: 'Ada' is a user; choose another name"),
        (
            "[organizations.a]\n[organizations.A]",
            "2: organizations.A: the organizations 'a' and 'A' are too much alike",
        ),
        ("[organizations.'x--y']", "1: organizations.x--y: 'x--y' is no name of an organisation: at most 40 letters"),
        ("[organizations.a]\nmembers = ['x']", "2: organizations.a.members: there is no key 'members'; the keys are "),
        (
            "[organizations.a]\nowners = ['raeder']",
            "2: organizations.a.owners[0]: there is no user 'raeder', did you mean 'reader'? The users are publisher, ",
        ),
        ("[organizations.a]\nowners = ['acme']", "2: organizations.a.owners[0]: 'acme' is an organisation; a user is "),
        ("[organizations.a]\nowners = 'reader'", "2: organizations.a.owners: a list in square brackets is wanted here"),
        (TEAM + "acces = 'read'", "2: organizations.acme.teams.t.acces: there is no key 'acces', did you mean 'acce"),
        (TEAM + "access = 'raed'", "2: organizations.acme.teams.t.access: there is no access level 'raed', did you m"),
        (
            TEAM + "access = 'owner'",
            f"2: organizations.acme.teams.t.access: there is no access level 'owner'; {LEVELS}",
        ),
        (TEAM + "code = 'all'", f"2: organizations.acme.teams.t.code: there is no access level 'all'; {LEVELS}"),
        (
            TEAM + "members = ['x']",
            "2: organizations.acme.teams.t.members[0]: there is no user 'x'; the users are publ",
        ),
        (TEAM + "[organizations.acme.teams.T]", "2: organizations.acme.teams.T: the teams 't' and 'T' are too much al"),
        (
            "[organizations.acme.teams.owners]\nmembers = ['reader']",
            "1: organizations.acme.teams.owners: this team may do everything; say who is in it with owners = [...]",
        ),
        (
            "[organizations.acme.teams.'a b']",
            "1: organizations.acme.teams.\"a b\": 'a b' is no name of a team: letters,",
        ),
        ("[users.ada.teams.t]", "1: users.ada.teams: there is no key 'teams'; the keys are visibility, former_names, "),
        ("[users.ada.repositories.'a b']", "1: users.ada.repositories.\"a b\": 'a b' is no name of a repository: lett"),
        (
            "[users.ada.repositories.r]\nteams = ['t']",
            "2: users.ada.repositories.r.teams[0]: 'ada' is a user, who has no teams, and no 't'",
        ),
        (
            "[organizations.acme.repositories.r]\nteams = ['readers', 'publishr']",
            "2: organizations.acme.repositories.r.teams[1]: there is no team 'publishr', did you mean 'publishers'? ",
        ),
        (
            "[organizations.acme.repositories.r]\npublic = true",
            "2: organizations.acme.repositories.r.public: there is no key 'public'; the keys are private, teams",
        ),
        (
            "[users.ada]\nformer_names = ['acme']",
            "2: users.ada.former_names[0]: there is an owner 'acme' already; choo",
        ),
        ("[users.ada]\nformer_names = ['Ada']", "2: users.ada.former_names[0]: 'Ada' is its name now"),
        ("[users.ada]\nformer_names = ['a', 'A']", "2: users.ada.former_names[1]: 'A' leads to 'ada' already"),
        (
            "[users.ada]\nformer_names = ['x']\n[users.bob]\nformer_names = ['x']",
            "4: users.bob.former_names[0]: 'x' leads to 'ada' already",
        ),
        (
            "[users.ada]\nformer_names = ['a/b']",
            "2: users.ada.former_names[0]: 'a/b' is no name of an owner: at most 4",
        ),
        (
            "[settings]\nquota_enable = true",
            "2: settings.quota_enable: there is no setting 'quota_enable', did you mean 'quota_enabled'? The settings ",
        ),
        (
            "[settings]\nproduction = 'yes'",
            "2: settings.production: true or false is wanted here, not a text in quotes",
        ),
        ("[settings]\nlimit_size_pypi = '10M'", "2: settings.limit_size_pypi: a whole number is wanted here, not a "),
        ("[settings]\nlimit_size_pypi = -2", "2: settings.limit_size_pypi: a number from -1 on is wanted here"),
        ("[tokens.ci]", "1: tokens.ci: user is missing: the name of the user whose it is"),
        (
            "[tokens.ci]\nuser = 'ada'",
            "2: tokens.ci.user: there is no user 'ada'; the users are publisher, reader, str",
        ),
        ("[tokens.ci]\nuser = 'acme'", "2: tokens.ci.user: 'acme' is an organisation; a user is wanted here"),
        ("[tokens.'1']\nuser = 'reader'", "1: tokens.1: the name of a token has letters, digits, '-' and '_', and beg"),
        (
            TOKEN + "kind = 'personal'",
            "3: tokens.ci.kind: there is no kind of token 'personal'; the kinds of tokens are ",
        ),
        (
            TOKEN + "kind = 'oauth'\nscopes = ['opnid']",
            "4: tokens.ci.scopes[0]: there is no scope 'opnid', did you mean ",
        ),
        (
            TOKEN + "expires = 30",
            "3: tokens.ci.expires: there is no key 'expires'; the keys are kind, user, scopes, sec",
        ),
        (
            "[users.ada]\ntwo_factor = 'totp'\notp = '12'",
            "3: users.ada.otp: a one-time password is a text of six digits",
        ),
        (
            "[settings]\nLIMIT_SIZE_PYPI = 1",
            "2: settings.LIMIT_SIZE_PYPI: there is no setting 'LIMIT_SIZE_PYPI', did you ",
        ),
        (
            TOKEN + "scopes = ['all', 'read:packages']",
            "3: tokens.ci.scopes[1]: there is no scope 'read:packages', did you mean 'read:package'? The scopes are al",
        ),
        (TOKEN + "scopes = []", "3: tokens.ci.scopes: a token has at least one scope; the scopes are all, public-only"),
        (TOKEN + "scopes = 'all'", "3: tokens.ci.scopes: a list in square brackets is wanted here, not a text in "),
        (TOKEN + "secret = 'short'", "3: tokens.ci.secret: a secret has at least 8 characters, all of them printable "),
        (TOKEN + TOKEN.replace("ci", "CI"), "3: tokens.CI: the tokens 'ci' and 'CI' are too much alike; rename one"),
        ("[registry]\nproject = 'acme'", "2: registry.project: there is no key 'project'; the keys are owner, publish"),
        (
            "[registry]\nowner = 'acm'",
            "2: registry.owner: there is no owner 'acm', did you mean 'acme'? The owners are ",
        ),
        ("[registry]\npublisher = 'ci'", "2: registry.publisher: there is no token 'ci': no token is described"),
    ],
)
def test_a_mistake_says_where_and_what_would_be_right(text: str, words: str) -> None:
    """File, line, key, what is wrong, what there is; nothing else is raised."""
    with pytest.raises(WorldFileError) as caught:
        load(text)

    assert str(caught.value)[: len(words) + 11] == f"world.toml:{words}"


@pytest.mark.parametrize(
    ("flavour", "text", "words"),
    [
        ("gitea@1.18", TOKEN + "scopes = ['read:package']", "3: tokens.ci.scopes: gitea@1.18 has no scopes of tokens;"),
        ("gitea@1.19", TOKEN + "scopes = ['write:issue']", "3: tokens.ci.scopes[0]: there is no scope 'write:issue'"),
        (
            "gitea@1.18",
            "[settings]\nlimit_size_pypi = 0",
            "2: settings.limit_size_pypi: gitea@1.18 has no limits of pac",
        ),
        (
            "gitea@1.20",
            "[settings]\nserve_direct = true",
            "2: settings.serve_direct: gitea@1.20 has no downloads redir",
        ),
        (
            "gitea@1.23",
            "[settings]\nquota_enabled = true",
            "2: settings.quota_enabled: gitea@1.23 has no soft quota; choose a product that has it, from forgejo@9 on",
        ),
        (
            "forgejo@8",
            "[users.ada]\nover_quota = true",
            "2: users.ada.over_quota: forgejo@8 has no soft quota; choose ",
        ),
        (
            "gitea@1.27",
            "[organizations.tools]\nover_quota = true",
            "2: organizations.tools.over_quota: gitea@1.27 has no soft quota; choose a product",
        ),
        (
            "gitea@1.22",
            "[tokens.a]\nkind = 'oauth'\nuser = 'reader'\nscopes = ['read:package']",
            "4: tokens.a.scopes: gitea@1.22 has no scopes of OAuth2 access tokens; choose a later release, fro",
        ),
    ],
)
def test_a_release_is_not_asked_for_more_than_it_could(flavour: str, text: str, words: str) -> None:
    """What came later is refused before, unless it is turned off."""
    with pytest.raises(WorldFileError) as caught:
        load(text, flavour)

    assert str(caught.value).startswith(f"world.toml:{words}")
    load("[settings]\nlimit_size_pypi = -1\nserve_direct = false\nquota_enabled = false\n", flavour)
    load("[users.ada]\nover_quota = false\n[organizations.tools]\nover_quota = false\n", flavour)
    load("[tokens.a]\nkind = 'oauth'\nuser = 'reader'\nscopes = ['openid']\n", flavour)


@pytest.mark.parametrize(
    "text",
    [
        TOKEN + 'secret = "hunter 2"',
        TOKEN + 'secrt = "hunter 2"',
        TOKEN + 'secret = "hunter2hunter2"\n' + TOKEN.replace("ci", "b") + 'secret = "hunter2hunter2"',
        '[users.ada]\npassword = "hunter2"',
        '[users.ada]\npasword = "hunter2hunter2"',
        '[users.ada]\npassword = "hunter2hunter2"\nadmin = 1',
        '[users.ada]\npassword = ["hunter2hunter2"]',
        '[users.ada]\notp = "hunter"',
    ],
)
def test_no_error_tells_a_secret(text: str) -> None:
    """Not in its words, and not in a traceback that shows variables."""
    with pytest.raises(WorldFileError) as caught:
        load(text)

    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    # The frames of this test hold the text; those of the package must not.
    frames.stack = traceback.StackSummary.from_list([frame for frame in frames.stack if frame.filename != __file__])
    assert "hunter" not in str(caught.value)
    assert "hunter" not in "".join(frames.format())
