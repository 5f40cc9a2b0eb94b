"""A world from a file: everything that a test can say, and every mistake in one sentence with its place."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import traceback
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pytest_pyreg import Credential, ManualClock, Registry
from pytest_pyreg.flavours.gitlab import GITLAB, GitLabWorld, worldfile, worldfile_tokens
from pytest_pyreg.flavours.gitlab.authentication import BASIC_DEPLOY, BASIC_JOB, BASIC_PERSONAL
from pytest_pyreg.flavours.gitlab.people import Caller
from pytest_pyreg.flavours.gitlab.places import AccessLevel, Allowed, Group, Project, ProtectionRule, UserNamespace
from pytest_pyreg.flavours.gitlab.settings import FLAGS, Settings
from pytest_pyreg.identity import Permission
from pytest_pyreg.model import Visibility
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.worldfile import WorldFileError, read

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
EVERY_WAY = {BASIC_PERSONAL, BASIC_DEPLOY, BASIC_JOB}
READ, PUBLISH = {Permission.SEE, Permission.READ}, {Permission.SEE, Permission.READ, Permission.PUBLISH}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is named as a person would name it: by its name."""
    monkeypatch.chdir(tmp_path)


def load(text: str, flavour: str = "gitlab", *, forwarding: bool = True) -> Registry:
    """Return a registry of a world file, not running."""
    Path("world.toml").write_text(text, encoding="utf-8")
    return Registry(flavour, world="world.toml", clock=ManualClock(NOON), forwarding=forwarding)


def gitlab(registry: Registry) -> GitLabWorld:
    """Return its world."""
    assert isinstance(registry.world, GitLabWorld)
    return registry.world


def project(registry: Registry, path: str) -> Project:
    """Return a project that is there."""
    found = registry.world.namespace(path, "project")
    assert isinstance(found, Project)
    return found


def group(registry: Registry, path: str) -> Group:
    """Return a group that is there."""
    found = registry.world.namespace(path, "group")
    assert isinstance(found, Group)
    return found


def rights(registry: Registry, credential: Credential, path: str) -> set[Permission]:
    """Return what a credential may do in a project."""
    identity = registry.world.identify([credential], EVERY_WAY)
    return set(registry.world.granted(identity, project(registry, path)))


# -- what can be said --------------------------------------------------------------------------------------------------


def test_users() -> None:
    """External, administrator, blocked; the ready ones can be changed."""
    registry = load('[users.ada]\nexternal = true\n[users.root]\nadmin = true\n[users.reader]\nstate = "blocked"\n')
    world = gitlab(registry)

    assert (world.user("ada").external, world.user("ada").admin, world.user("root").admin) == (True, False, True)
    with pytest.raises(Refused) as caught:
        rights(registry, registry.reader, "acme/demo")
    assert caught.value.refusal is Refusal.ACCOUNT_UNUSABLE


def test_groups() -> None:
    """Nested in any order, visible as they say or as the one above; members, forwarding and its lock."""
    registry = load(
        '[groups."open/inner/deep"]\n[groups.open]\nvisibility = "public"\nmembers = { ada = "Developer" }\n'
        "pypi_package_requests_forwarding = false\nlock_pypi_package_requests_forwarding = true\n"
        '[groups."fresh/inner"]\nvisibility = "internal"\n'
        '[users.ada]\n[projects."open/inner/deep/demo"]\n[tokens.ada]\nkind = "personal"\nuser = "ADA"\n'
    )

    assert group(registry, "open/inner/deep").visibility is Visibility.PUBLIC
    assert group(registry, "fresh").visibility is group(registry, "fresh/inner").visibility is Visibility.INTERNAL
    assert (group(registry, "open").forwarding, group(registry, "open").lock_forwarding) == (False, True)
    assert rights(registry, registry.tokens["ada"], "open/inner/deep/demo") == PUBLISH
    assert rights(registry, registry.stranger, "open/inner/deep/demo") == set()


def test_projects() -> None:
    """Every setting that a project has, its members and its rules."""
    registry = load(
        '[users.ada]\n[projects."ada/own"]\n'
        '[projects."new/sub/demo"]\nvisibility = "internal"\nname = "Shown"\npackage_registry = "public"\n'
        'archived = true\njob_token_limit = false\nformer_paths = ["old/demo"]\nmembers = { ada = "owner" }\n'
        'protect = [{ pattern = "a*", push = "admin" }, { pattern = "b", delete = "owner" }]\n'
        'job_token_allowlist = ["acme/demo", { path = "new/sub", permissions = ["READ_PACKAGES"] }]\n'
        '[projects."acme/gone"]\ndeletion_pending = true\n'
    )
    found = project(registry, "new/sub/demo")

    assert found is project(registry, "old/demo")
    assert (found.path, found.name, found.visibility) == ("new/sub/demo", "Shown", Visibility.INTERNAL)
    assert (found.package_registry, found.archived, found.job_token_limit) == (AccessLevel.PUBLIC, True, False)
    assert found.protection == [ProtectionRule("a*", "admin"), ProtectionRule("b", None, "owner")]
    assert found.allowed_jobs == [Allowed("acme/demo"), Allowed("new/sub", frozenset({"read_packages"}))]
    assert [(user.username, role) for user, role in found.members.items()] == [("ada", "owner")]
    assert isinstance(project(registry, "ada/own").parent, UserNamespace)
    assert registry.world.namespace("acme/gone", "project") is None


def test_the_instance() -> None:
    """Settings by GitLab's names, flags by theirs; the caller's own `forwarding=False` wins."""
    text = (
        '[settings]\nedition = "ee"\nfips = true\npypi_package_requests_forwarding = true\n'
        "throttle_authenticated_packages_api = { enabled = true, requests_per_period = 3 }\n"
        "[flags]\npypi_pep_691_json = true\n"
    )
    settings = gitlab(load(text)).settings

    assert (settings.edition, settings.fips, settings.pypi_package_requests_forwarding) == ("ee", True, True)
    assert settings.throttle_authenticated_packages_api.enabled
    assert settings.throttle_authenticated_packages_api.requests_per_period == 3
    assert not settings.throttle_unauthenticated_packages_api.enabled
    assert settings.flags["pypi_pep_691_json"]
    assert not gitlab(load(text, forwarding=False)).settings.pypi_package_requests_forwarding


TOKENS = """
[users.ada]
[projects."acme/app"]
members = { ada = "reporter" }
[tokens.personal]
kind = "personal"
user = "ada"
[tokens.access]
kind = "access"
project = "acme/app"
role = "developer"
scopes = ["api"]
[tokens.deploy]
kind = "deploy"
group = "acme"
username = "deployer"
scopes = ["read_package_registry"]
[tokens.job]
kind = "job"
project = "acme/app"
user = "ada"
[tokens.revoked]
kind = "deploy"
project = "acme/app"
revoked = true
"""


def test_every_kind_of_token() -> None:
    """Each holds where it says, with the rights that it says, and under its name."""
    registry = load(TOKENS)
    tokens = registry.tokens

    assert {name: rights(registry, token, "acme/app") for name, token in tokens.items()} == {
        "personal": READ,
        "access": PUBLISH,
        "deploy": READ,
        "job": READ,
        "revoked": set(),
    }
    assert rights(registry, tokens["deploy"], "acme/demo") == READ
    assert rights(registry, tokens["access"], "acme/demo") == set()
    assert (tokens["deploy"].username, tokens["job"].username) == ("deployer", "gitlab-ci-token")
    assert {name: named.about for name, named in registry.named.items()} == {
        "personal": "personal token of ada",
        "access": "access token of acme/app, developer (api)",
        "deploy": "deploy token of acme (read_package_registry)",
        "job": "job token of ada in acme/app",
        "revoked": "deploy token of acme/app, revoked",
    }


@pytest.mark.parametrize(
    ("expires", "ends"),
    [
        ("30", NOON + timedelta(days=30)),
        ("-1", NOON - timedelta(days=1)),
        ('"in 2 hours"', NOON + timedelta(hours=2)),
        ('"1 week"', NOON + timedelta(days=7)),
        ('"3 days ago"', NOON - timedelta(days=3)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=timezone.utc)),
        ("2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=timezone.utc)),
    ],
)
def test_a_token_ends_by_the_registrys_clock(expires: str, ends: datetime) -> None:
    """At the time that the file says, and no second before."""
    registry = load(f'[tokens.ci]\nkind = "personal"\nuser = "publisher"\nexpires = {expires}\n')
    world, clock = registry.world, registry.clock
    assert isinstance(clock, ManualClock)
    word = "expired" if ends <= NOON else "expires"

    assert registry.named["ci"].about == f"personal token of publisher, {word} {ends:%Y-%m-%d %H:%M} UTC"
    if ends > NOON:
        clock.advance(seconds=(ends - NOON).total_seconds() - 1)
        assert world.identify([registry.tokens["ci"]], EVERY_WAY) is not None
        clock.advance(seconds=1)
    with pytest.raises(Refused) as caught:
        world.identify([registry.tokens["ci"]], EVERY_WAY)
    assert caught.value.refusal is Refusal.TOKEN_EXPIRED


def test_a_secret_that_is_known_beforehand() -> None:
    """It is the token's, and reports leave it out as any other; the one by chance is no token."""
    registry = load('[tokens.ci]\nkind = "deploy"\nproject = "acme/demo"\nsecret = "glpat-known"\n')

    assert registry.tokens["ci"].secret == "glpat-known"
    assert rights(registry, registry.tokens["ci"], "acme/demo") >= PUBLISH
    assert "glpat-known" in registry.world.secrets()
    assert registry.redacted("say glpat-known") != "say glpat-known"
    assert "glpat-known" not in f"{registry!r} {registry.named!r} {registry.tokens!r} {read('world.toml')!r}"


def test_a_secret_out_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file has the name of a variable; who asks is told where the secret came from, and whether it was given."""
    monkeypatch.setenv("CI_SECRET", "glpat-known")

    own = DEPLOY.replace("ci", "own") + 'secret = "glpat-own"\n'

    registry = load(DEPLOY + 'secret = { env = "CI_SECRET" }\n' + own)

    assert registry.tokens["ci"].secret == "glpat-known"
    assert rights(registry, registry.tokens["ci"], "acme/demo") >= PUBLISH
    assert "glpat-known" in registry.world.secrets()
    assert [(one.given, one.variable) for one in registry.named.values()] == [(True, "CI_SECRET"), (True, "")]
    (by_chance,) = load(DEPLOY).named.values()
    assert (by_chance.given, by_chance.variable) == (False, "")


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ('{ env = "ABSENT" }', ": $ABSENT is not set, or empty; put the secret there: ABSENT=... pyreg ..."),
        ('{ env = "EMPTY" }', ": $EMPTY is not set, or empty; "),
        ('{ env = "SHORT" }', ": the value of $SHORT is no secret: one has at least 8 characters, all of them"),
        ('{ env = "" }', ".env: the name of a variable has capital letters, digits and '_', and no digit first"),
        ('{ env = "hunter2hunter2" }', ".env: the name of a variable has capital letters, digits and '_'"),
        ("{ env = 7 }", ".env: a text in quotes is wanted here, not a whole number"),
        ("{ file = 'x' }", ".file: there is no key 'file'; the keys are env"),
        ("{ }", ": env is missing: the name of the environment variable that has the secret"),
    ],
)
def test_a_secret_that_is_not_in_the_environment(monkeypatch: pytest.MonkeyPatch, secret: str, words: str) -> None:
    """A mistake like any other, which never tells what is there, nor what may have been put in the wrong place."""
    monkeypatch.delenv("ABSENT", raising=False)
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.setenv("SHORT", "hunter")

    with pytest.raises(WorldFileError) as caught:
        load(DEPLOY + f"secret = {secret}\n")

    assert str(caught.value).startswith(f"world.toml:4: tokens.ci.secret{words}")
    assert "hunter" not in str(caught.value)


def test_without_a_word_everything_stays() -> None:
    """An empty file is the ready world."""
    registry = load("# nothing yet\n")

    assert (registry.namespace.path, registry.tokens) == ("acme/demo", {})
    assert rights(registry, registry.publisher, "acme/demo") == PUBLISH
    assert rights(registry, registry.reader, "acme/demo") == READ


def test_another_project_of_its_own() -> None:
    """URLs and CI variables point there, and the ready users may there what they are called after."""
    with load('[registry]\nproject = "acme/app"\n[projects."acme/app"]\n') as registry:
        env = registry.world.ci_environment(registry.url)
        job = Credential("gitlab-ci-token", env["CI_JOB_TOKEN"])

        assert registry.upload_url.endswith(f"/projects/{registry.namespace.id}/packages/pypi")
        assert env["CI_PROJECT_PATH"] == registry.namespace.path == "acme/app"
        assert rights(registry, registry.publisher, "acme/app") == rights(registry, job, "acme/app") == PUBLISH
        assert rights(registry, registry.reader, "acme/app") == READ
        assert rights(registry, registry.stranger, "acme/app") == set()


def test_credentials_of_its_own() -> None:
    """Publisher, reader, stranger and the job are tokens of the file; the publisher's user runs the job otherwise."""
    choice = '[registry]\nproject = "acme/app"\npublisher = "personal"\nreader = "deploy"\nstranger = "revoked"\n'
    registry = load(f"{choice}job = 'job'\n{TOKENS}")
    by_publisher = load(f"{choice}{TOKENS}").world.ci_environment("http://x")["CI_JOB_TOKEN"]
    other = gitlab(registry)

    assert registry.publisher is registry.tokens["personal"]
    assert (registry.reader, registry.stranger) == (registry.tokens["deploy"], registry.tokens["revoked"])
    assert other.ci_environment("http://x")["CI_JOB_TOKEN"] == registry.tokens["job"].secret
    caller = load(f"{choice}{TOKENS}")
    job = caller.world.identify(
        [Credential("gitlab-ci-token", caller.world.ci_environment("http://x")["CI_JOB_TOKEN"])], EVERY_WAY
    )
    assert isinstance(job, Caller)
    assert job.name == "a CI job of ada in acme/app"
    assert by_publisher != registry.tokens["job"].secret


# -- on the command line and in pytest -------------------------------------------------------------------------------


def pyreg(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "pytest_pyreg", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_exec_hands_the_tokens_over() -> None:
    """In variables of their names; the talk has the names and no secret."""
    Path("world.toml").write_text(
        TOKENS + '[tokens.my-ci]\nkind = "deploy"\nproject = "acme/app"\nsecret = "known-one"\n'
    )
    script = "import os; print(os.environ['PYREG_TOKEN_MY_CI'], os.environ['PYREG_TOKEN_MY_CI_USERNAME'])"

    result = pyreg("exec", "gitlab@17", "--world", "world.toml", "--", "python", "-c", script)

    assert (result.returncode, result.stdout.split()[0]) == (0, "known-one")
    assert result.stdout.split()[1].startswith("gitlab+deploy-token-")
    assert "pyreg: token my-ci in $PYREG_TOKEN_MY_CI: deploy token of acme/app\n" in result.stderr
    assert "known-one" not in result.stderr


@pytest.mark.parametrize("as_json", [True, False])
def test_serve_prints_the_tokens(as_json: bool) -> None:
    """For a person with what they are; for a program under their names."""
    Path("world.toml").write_text(TOKENS)
    command = [sys.executable, "-m", "pytest_pyreg", "serve", "--world", "world.toml", *(["--json"] if as_json else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(1 if as_json else 11)]
        finally:
            process.send_signal(signal.SIGINT)

    if as_json:
        token = json.loads(lines[0])["tokens"]["deploy"]
        assert (token["username"], token["about"]) == ("deployer", "deploy token of acme (read_package_registry)")
        assert token["password"].startswith("gldt-")
    else:
        assert any(re.fullmatch(r"deployer +gldt-\w+  \(deploy: deploy token of acme .*\)\n", line) for line in lines)


@pytest.mark.parametrize("as_json", [True, False])
def test_serve_keeps_what_came_out_of_the_environment(monkeypatch: pytest.MonkeyPatch, as_json: bool) -> None:
    """It prints the variable's name, for the token and for the caller that the token is; the others as ever."""
    monkeypatch.setenv("CI_SECRET", "glpat-known")
    world = '[registry]\npublisher = "ci"\n' + DEPLOY + 'secret = { env = "CI_SECRET" }\n'
    Path("world.toml").write_text(world)
    command = [sys.executable, "-m", "pytest_pyreg", "serve", "--world", "world.toml", *(["--json"] if as_json else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        process.send_signal(signal.SIGINT)
        lines += process.stdout.readlines()

    assert "glpat-known" not in "".join(lines)
    if as_json:
        facts = json.loads(lines[0])
        kept = {"username": "gitlab+deploy-token-1", "password": None, "variable": "CI_SECRET"}
        assert facts["credentials"]["publisher"] == kept
        assert facts["tokens"]["ci"] == {**kept, "about": "deploy token of acme/demo"}
        assert facts["credentials"]["reader"]["password"].startswith("glpat-")
    else:
        shown = [line.split("  ", 1)[1].strip() for line in lines if line.startswith("gitlab+deploy-token-1")]
        assert shown == [
            "the value of $CI_SECRET  (may upload and install)",
            "the value of $CI_SECRET  (ci: deploy token of acme/demo)",
        ]


@pytest.mark.parametrize("task", [["serve"], ["exec", "--", "true"]], ids=lambda task: task[0])
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("absent.toml", "absent.toml: a world file cannot be read there: No such file or directory"),
        (".", ".: a world file cannot be read there: Is a directory"),
        ("wrong.toml", "wrong.toml:1: user: there is no table 'user', did you mean 'users'? The tables are"),
        ("latin.toml", "latin.toml:1: this is not UTF-8, which TOML is written in"),
        ("broken.toml", "broken.toml:1:6: this is not TOML: "),
    ],
)
def test_a_wrong_file_is_a_wrong_call(task: list[str], path: str, words: str) -> None:
    """Exit code 2, one sentence, nothing started."""
    Path("wrong.toml").write_text("[user.ada]\n")
    Path("latin.toml").write_bytes(b"# \xe4\n")
    Path("broken.toml").write_text("[user\n")

    result = pyreg(task[0], "--world", path, *task[1:])

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"pyreg: {words}")
    assert result.stderr.count("\n") == 1


DOCUMENT = Path(__file__).parent.parent / "docs" / "world-file.md"
# Without the part of another product, whose tests stand with that.
TEXT = re.sub(r"^## Gitea.*?^(?=## )", "", DOCUMENT.read_text(), flags=re.MULTILINE | re.DOTALL)
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
WORLDS = [code for language, code in BLOCKS if language == "toml"]


@pytest.mark.parametrize("text", WORLDS)
def test_the_worlds_of_the_document_are_right(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Each by itself, and each token that is said to be there is."""
    monkeypatch.setenv("CI_SECRET", "glpat-known")
    registry = load(text)

    assert set(registry.tokens) == set(re.findall(r"^\[tokens\.(.+)\]$", text, re.MULTILINE))


def test_the_document_shows_every_key() -> None:
    """What can be said is said there."""
    shown = "\n".join(WORLDS)

    for keys in (worldfile._USER, worldfile._GROUP, worldfile._PROJECT, worldfile_tokens._REGISTRY, FLAGS):
        assert not [key for key in keys if not re.search(rf"^{key} = ", shown, re.MULTILINE)]
    assert not [field.name for field in fields(Settings) if f"\n{field.name}" not in shown and field.name != "flags"]
    assert not {key for keys in worldfile_tokens._KEYS.values() for key in keys if f"\n{key} = " not in shown}


def test_the_scripts_of_the_document_run(pytester: pytest.Pytester) -> None:
    """With the first world of the document: the shell's, the script's, the test's."""
    Path("world.toml").write_text(WORLDS[0])
    pytester.path.joinpath("world.toml").write_text(WORLDS[0])
    (shell,) = (code for language, code in BLOCKS if language == "sh")
    script, test = (code for language, code in BLOCKS if language == "python")
    serve, execute = shell.splitlines()

    assert serve.split() == ["pyreg", "serve", "gitlab@17", "--world", "world.toml"]
    assert pyreg(*shlex.split(execute)[1:]).returncode == 0
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 0
    pytester.makepyfile(test)
    pytester.runpytest().assert_outcomes(passed=1)


DEMO = "[projects.'acme/demo']\n"
LOCK = "lock_pypi_package_requests_forwarding = true\n"
SINCE = {
    "a token of the kind `deploy`": "[tokens.a]\nkind = 'deploy'\nproject = 'acme/demo'",
    "a token of the kind `job`": "[tokens.a]\nkind = 'job'\nproject = 'acme/demo'\nuser = 'reader'",
    "`pypi_package_requests_forwarding` in `[settings]`": "[settings]\npypi_package_requests_forwarding = true",
    "`lock_pypi_package_requests_forwarding` in `[settings]`": f"[settings]\n{LOCK}",
    "`pypi_package_requests_forwarding` of a group, and its lock": (
        f"[groups.acme]\npypi_package_requests_forwarding = true\n{LOCK}"
    ),
    "`package_registry_allow_anyone_to_pull_option`": "[settings]\npackage_registry_allow_anyone_to_pull_option = true",
    '`package_registry = "public"` of a project': f"{DEMO}package_registry = 'public'",
    "`job_token_allowlist`": f"{DEMO}job_token_allowlist = ['acme']",
    "`permissions` in it": f"{DEMO}job_token_allowlist = [{{ path = 'acme', permissions = ['read_packages'] }}]",
    "`protect` with `push`": f"{DEMO}protect = [{{ pattern = 'x', push = 'owner' }}]",
    "`protect` with `delete`": f"{DEMO}protect = [{{ pattern = 'x', delete = 'owner' }}]",
    "`firewall`": "[settings]\nfirewall = 'block'",
    **{f"`{flag}` in `[flags]`": f"[flags]\n{flag} = true" for flag in FLAGS},
}


def test_the_document_says_since_when() -> None:
    """Each key of the table holds from the release that it shows, and is refused by the one before."""
    shown = dict(re.findall(r"^\| (.*) \| (\d+\.\d+) \|$", TEXT, re.MULTILINE))
    releases = [flavour.version for flavour in GITLAB.flavours()]

    assert set(shown) == set(SINCE)
    for key, since in shown.items():
        load(SINCE[key], f"gitlab@{since}")
        before = releases[releases.index(since) - 1]
        with pytest.raises(WorldFileError, match=f"choose a later release, from gitlab@{re.escape(since)} on"):
            load(SINCE[key], f"gitlab@{before}")


def test_the_mistake_of_the_document() -> None:
    """The sentence that is shown is the one that comes."""
    (shown,) = (code for language, code in BLOCKS if language == "text")

    with pytest.raises(WorldFileError) as caught:
        load('[users.ada]\n[projects."acme/demo"]\nmembers = { ada = "devloper" }\n')

    assert f"{caught.value}\n" == shown


# -- the file itself ---------------------------------------------------------------------------------------------------


def test_a_file_from_another_editor() -> None:
    """A byte order mark and Windows' line ends are no matter, and lines are counted as an editor counts them."""
    good = "\ufeff# a comment\r\n[users.ada]\r\nadmin = true\r\n"
    assert gitlab(load(good)).user("ada").admin

    with pytest.raises(WorldFileError, match=r"^world\.toml:4: users\.ada\.adnin: "):
        load(f"{good}adnin = true\r\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[users\n", "world.toml:1:7: this is not TOML: "),
        (b"a = 1\nb = [1,\n", "world.toml:3:1: this is not TOML: "),
        (b"[users.ada]\n[users.ada]\n", "world.toml:2:11: this is not TOML: "),
        (b"a = 1\nb = '\xff'\n", "world.toml:2: this is not UTF-8, which TOML is written in"),
        (b"a = " + b"[" * 100_000, "world.toml: its lists or tables lie too deep in each other"),
        (b"a = " + b"1" * 5000, "world.toml: this is not TOML: Exceeds the limit (4300"),
    ],
    ids=["header", "end", "twice", "utf-8", "deep", "number"],
)
def test_no_toml(content: bytes, words: str) -> None:
    """File, line and column, in one sentence."""
    Path("world.toml").write_bytes(content)

    with pytest.raises(WorldFileError) as caught:
        read("world.toml")

    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


def test_no_file() -> None:
    """What is wrong with the path, in one sentence."""
    for path, words in (("absent.toml", "No such file or directory"), (".", "Is a directory")):
        with pytest.raises(WorldFileError) as caught:
            Registry("gitlab", world=path)
        assert str(caught.value) == f"{path}: a world file cannot be read there: {words}"


def test_a_flavour_without_users() -> None:
    """The smallest index has nothing that a file could describe."""
    with pytest.raises(WorldFileError) as caught:
        load("[users.ada]\n", "pep503")

    assert str(caught.value) == (
        "world.toml:1: the flavour pep503 has no users and no projects to describe; a product has, such as gitlab"
    )


# -- what makes no sense -----------------------------------------------------------------------------------------------

DEPLOY = '[tokens.ci]\nkind = "deploy"\nproject = "acme/demo"\n'
ROLES = "the roles are guest, planner, reporter, developer, maintainer, owner"
LEVELS = "the package registry levels are disabled, private, enabled, public"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[user.ada]", "1: user: there is no table 'user', did you mean 'users'? The tables are registry, settings, "),
        ("users = 1", "1: users: a table is wanted here, not a whole number"),
        ("[users]\nada = 'x'", "2: users.ada: a table is wanted here, not a text in quotes"),
        ("[users.ada]\nadmin = 1", "2: users.ada.admin: true or false is wanted here, not a whole number"),
        ("[users.ada]\nstate = 'gone'", "2: users.ada.state: there is no state 'gone'; the states are active, "),
        ("[users.acme]", "1: users.acme: a user cannot be called 'acme': a group is"),
        ("[users.'a/b']", "1: users.\"a/b\": 'a/b' is no user name: it has no slash"),
        ("[users.'a b']", "1: users.\"a b\": 'a b' is no user name: letters, digits, '_', '-' and '.', and not digits"),
        ("[users.ada]\n[groups.ada]", "2: groups.ada: 'ada' cannot be a group: 'ada' is a user, in whose namespace "),
        ("[groups.12]", "1: groups.12: '12' is no path of a group: "),
        ("[groups.a]\nvisibility = 'open'", "2: groups.a.visibility: there is no visibility 'open'; the visibilities "),
        ("[groups.a]\nmembers = ['ada']", "2: groups.a.members: a table is wanted here, not a list in square brackets"),
        (
            "[groups.a]\nlock_pypi_package_requests_forwarding = true",
            "2: groups.a.lock_pypi_package_requests_forwarding: what is locked? say pypi_package_requests_forwarding =",
        ),
        (
            "[users.ada]\nadmin = true\n[users.Ada]",
            "3: users.Ada: the users 'ada' and 'Ada' are too much alike; rename one, or make them one table",
        ),
        ("[groups.a]\n[groups.A]", "2: groups.A: the groups 'a' and 'A' are too much alike"),
        (
            "[projects.'a/b']\n[projects.'a/B']",
            "2: projects.\"a/B\": the projects 'a/b' and 'a/B' are too much alike",
        ),
        ("[projects.demo]", "1: projects.demo: a project lies in a group, as in [projects.'acme/demo']"),
        (
            "[projects.'acme/demo']\n[projects.'acme/demo'.members]\nreader = 'devloper'",
            f"3: projects.\"acme/demo\".members.reader: there is no role 'devloper'; {ROLES}",
        ),
        (
            "[projects.'acme/demo']\nmembers = { raeder = 'guest' }",
            "2: projects.\"acme/demo\".members.raeder: there is no user 'raeder', did you mean 'reader'? The users are",
        ),
        (
            "[projects.'acme/demo']\nmembers = { reader = 1 }",
            '2: projects."acme/demo".members.reader: a text in quotes is wanted here, not a whole number',
        ),
        (
            "[projects.'acme/demo']\nvisibility = 'public'",
            "2: projects.\"acme/demo\".visibility: what is public cannot lie in the private group 'acme'; make",
        ),
        (
            "[groups.'acme/x']\nvisibility = 'internal'",
            "2: groups.\"acme/x\".visibility: what is internal cannot lie in the private group 'acme'; make the group",
        ),
        (
            "[projects.'acme/demo']\npackage_registry = 'all'",
            f"2: projects.\"acme/demo\".package_registry: there is no package registry level 'all'; {LEVELS}",
        ),
        (
            "[projects.'acme/demo']\nformer_paths = ['acme/x', 'acme/demo']",
            "2: projects.\"acme/demo\".former_paths[1]: there is a project 'acme/demo'",
        ),
        (
            "[projects.'acme/demo']\nformer_paths = ['x']",
            "2: projects.\"acme/demo\".former_paths[0]: a project lay in a group, as in 'acme/x'",
        ),
        (
            "[projects.'acme/demo']\nformer_paths = ['acme//x']",
            "2: projects.\"acme/demo\".former_paths[0]: 'acme//x' is no path of a project: letters, digits, ",
        ),
        (
            "[projects.'acme/demo']\nprotect = [\n{ pattern = 'x' }]",
            "3: projects.\"acme/demo\".protect[0]: who at least may do it? say push = 'maintainer', delete = 'owner'",
        ),
        (
            "[projects.'acme/demo']\nprotect = ['x']",
            "2: projects.\"acme/demo\".protect[0]: a rule is a table, as { pattern = 'demo*', push = 'owner' }",
        ),
        (
            "[projects.'acme/demo']\nprotect = [{ pattern = 'x', push = 'developer' }]",
            "2: projects.\"acme/demo\".protect[0]: push='developer' is no level; the levels are maintainer, owner",
        ),
        (
            "[projects.'acme/demo']\nprotect = [{ push = 'owner' }]",
            "2: projects.\"acme/demo\".protect[0]: pattern is missing: which names are protected, as 'demo*'",
        ),
        (
            "[projects.'acme/demo']\njob_token_allowlist = ['acme/x']",
            "2: projects.\"acme/demo\".job_token_allowlist[0]: there is no project and no group 'acme/x'",
        ),
        (
            "[projects.'acme/demo']\njob_token_allowlist = [{ path = 'acme', permissions = ['read_package'] }]",
            "2: projects.\"acme/demo\".job_token_allowlist[0].permissions[0]: there is no permission 'read_package', ",
        ),
        (
            "[projects.'acme/demo']\njob_token_allowlist = [1]",
            '2: projects."acme/demo".job_token_allowlist[0]: a table is wanted here, not a whole number',
        ),
        (
            "[settings]\nfirewal = 'x'",
            "2: settings.firewal: there is no setting 'firewal', did you mean 'firewall'? The ",
        ),
        ("[settings]\nstorage = 's3'", "2: settings.storage: there is no storage 's3'; the storages are disk, object "),
        (
            "[settings]\nthrottle_authenticated_packages_api = { period_in_seconds = 0 }",
            "2: settings.throttle_authenticated_packages_api.period_in_seconds: a number from 1 on is wanted here",
        ),
        (
            "[flags]\njson = true",
            "2: flags.json: there is no flag 'json'; the flags are allow_guest_plus_roles_to_pull",
        ),
        (
            "[tokens.ci]",
            "1: tokens.ci: kind is missing: what kind of token it is, one of personal, access, deploy, job",
        ),
        (
            "[tokens.ci]\nkind = 'ssh'",
            "2: tokens.ci.kind: there is no kind 'ssh'; the kinds are personal, access, deploy,",
        ),
        ("[tokens.'1']\nkind = 'job'", "1: tokens.1: the name of a token has letters, digits, '-' and '_', and begins"),
        (
            DEPLOY + "role = 'owner'",
            "4: tokens.ci.role: there is no key 'role'; the keys of a deploy token are kind, secret, revoked, ",
        ),
        (
            DEPLOY + "group = 'acme'",
            "1: tokens.ci: where does it hold? say project = 'acme/demo' or group = 'acme', one",
        ),
        (
            "[tokens.ci]\nkind = 'deploy'",
            "1: tokens.ci: where does it hold? say project = 'acme/demo' or group = 'acme'",
        ),
        (
            "[tokens.ci]\nkind = 'deploy'\nproject = 'acme/demos'",
            "3: tokens.ci.project: there is no project 'acme/demos', did you mean 'acme/demo'? The projects are",
        ),
        (
            "[tokens.ci]\nkind = 'deploy'\ngroup = '1'",
            "3: tokens.ci.group: there is no group '1'; describe it as [groups.'1']",
        ),
        (
            DEPLOY + "scopes = ['read_package_registry', 'read_api']",
            "4: tokens.ci.scopes[1]: there is no scope 'read_api'; the scopes are read_package_registry, write_",
        ),
        (DEPLOY + "username = 'a:b'", "4: tokens.ci.username: a user name that basic auth can carry is not empty and"),
        (DEPLOY + "scopes = []", "4: tokens.ci.scopes: a token has at least one scope"),
        (
            DEPLOY + "scopes = 'x'",
            "4: tokens.ci.scopes: a list in square brackets is wanted here, not a text in quotes",
        ),
        (DEPLOY + "scopes = [1]", "4: tokens.ci.scopes[0]: a text in quotes is wanted here, not a whole number"),
        (
            DEPLOY + "expires = 'soon'",
            "4: tokens.ci.expires: this is no time; say 2030-01-31, 2030-01-31T12:00:00Z, 30 ",
        ),
        (DEPLOY + "expires = true", "4: tokens.ci.expires: this is no time; say 2030-01-31"),
        (
            DEPLOY + "expires = 2030-01-31T12:00:00",
            "4: tokens.ci.expires: this time has no zone; put a Z after it, as in 2030-01-31, 2030-01-31T12:00:00Z",
        ),
        (DEPLOY + "expires = 99999999999", "4: tokens.ci.expires: so far away there is no date"),
        (DEPLOY + "expires = 9999-12-31T23:59:59-12:00", "4: tokens.ci.expires: so far away there is no date"),
        ("[tokens.ci]\nkind = 'personal'", "1: tokens.ci: user is missing: the name of the user whose it is"),
        (
            "[tokens.ci]\nkind = 'access'\ngroup = 'acme'\nrole = 'boss'",
            f"4: tokens.ci.role: there is no role 'boss'; {ROLES}",
        ),
        (
            DEPLOY + DEPLOY.replace(".ci", ".CI"),
            "4: tokens.CI: the tokens 'ci' and 'CI' are too much alike; rename one",
        ),
        ("[registry]\npublisher = 'ci'", "2: registry.publisher: there is no token 'ci': no token is described"),
        ("[registry]\nproject = 'a/b'", "2: registry.project: there is no project 'a/b'; the projects are acme/demo"),
        (
            f"{DEPLOY}[registry]\njob = 'ci'",
            "5: registry.job: a token of a job in 'acme/demo' is wanted here, of the kind 'job'",
        ),
    ],
)
def test_a_mistake_says_where_and_what_would_be_right(text: str, words: str) -> None:
    """File, line, key, what is wrong, what there is; nothing else is raised."""
    with pytest.raises(WorldFileError) as caught:
        load(text)

    assert str(caught.value)[: len(words) + 11] == f"world.toml:{words}"


@pytest.mark.parametrize(
    ("flavour", "later", "text", "words"),
    [
        ("gitlab@12.10", "gitlab@13.0", DEPLOY, "2: tokens.ci.kind: gitlab@12.10 has no deploy tokens;"),
        (
            "gitlab@13.3",
            "gitlab@13.4",
            "[tokens.ci]\nkind = 'job'\nuser = 'reader'\nproject = 'acme/demo'",
            "2: tokens.ci.kind: gitlab@13.3 has no job tokens;",
        ),
        (
            "gitlab@17.5",
            "gitlab@17.6",
            "[projects.'acme/demo']\nprotect = [{ pattern = 'x', push = 'owner' }]",
            '2: projects."acme/demo".protect[0]: gitlab@17.5 has no package protection rules;',
        ),
        (
            "gitlab@15.3",
            "gitlab@16.0",
            "[projects.'acme/demo']\njob_token_allowlist = ['acme']",
            '2: projects."acme/demo".job_token_allowlist[0]: gitlab@15.3 has no job token allowlist;',
        ),
        (
            "gitlab@15.1",
            "gitlab@15.7",
            "[projects.'acme/demo']\npackage_registry = 'public'",
            '2: projects."acme/demo".package_registry: gitlab@15.1 has no package registry for everyone;',
        ),
        (
            "gitlab@15.3",
            "gitlab@15.7",
            "[groups.acme]\npypi_package_requests_forwarding = false",
            "2: groups.acme.pypi_package_requests_forwarding: gitlab@15.3 has no forwarding by group;",
        ),
        (
            "gitlab@18.0",
            "gitlab@18.10",
            "[flags]\npypi_pep_691_json = true",
            "2: flags.pypi_pep_691_json: gitlab@18.0 has no pypi_pep_691_json;",
        ),
        (
            "gitlab@14.0",
            "gitlab@14.2",
            "[settings]\npypi_package_requests_forwarding = true",
            "2: settings.pypi_package_requests_forwarding: gitlab@14.0 has no forwarding;",
        ),
    ],
)
def test_a_release_is_not_asked_for_more_than_it_could(flavour: str, later: str, text: str, words: str) -> None:
    """What came later is refused before, and holds after."""
    with pytest.raises(WorldFileError) as caught:
        load(text, flavour)

    assert str(caught.value).startswith(f"world.toml:{words} choose a later release")
    load(text, later)


@pytest.mark.parametrize(
    "text",
    [
        DEPLOY + 'secret = "hunter 2"',
        DEPLOY + 'secret = ["hunter 2"]',
        DEPLOY + 'secrt = "hunter 2"',
        DEPLOY + 'secret = "hunter2hunter2"\n' + DEPLOY.replace("ci", "b") + 'secret = "hunter2hunter2"',
        DEPLOY + 'secret = "hunter2hunter2"\n[tokens.b]\nkind = "ssh"',
        DEPLOY + 'secret = "hunter2hunter2',
        DEPLOY + 'secret = { env = "BLANK" }',
        DEPLOY + 'secret = { env = "GIVEN" }\n' + DEPLOY.replace("ci", "b") + 'secret = { env = "GIVEN" }',
        DEPLOY + 'secret = { env = "hunter2hunter2" }',
        'tokens = "hunter2hunter2"',
    ],
)
def test_no_error_tells_a_secret(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Not in its words, and not in a traceback that shows variables."""
    monkeypatch.setenv("BLANK", "hunter 2 hunter")
    monkeypatch.setenv("GIVEN", "hunter2hunter2")
    with pytest.raises(WorldFileError) as caught:
        load(text)

    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    # The frames of this test hold the text; those of the package must not.
    frames.stack = traceback.StackSummary.from_list([frame for frame in frames.stack if frame.filename != __file__])
    assert "hunter" not in str(caught.value)
    assert "hunter" not in "".join(frames.format())
