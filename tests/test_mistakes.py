"""What a newcomer gets wrong, and what they are told: what happened, what was expected, what to try.

Each table is of calls that are refused; the right call that is nearest stands in a test beside it.
"""

from __future__ import annotations

import socket
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg import (
    ANONYMOUS,
    Credential,
    FaultNeverFired,
    LieNeverTold,
    ManualClock,
    NotRunning,
    Refusal,
    Registry,
    Snapshot,
    SystemClock,
    UnknownFlavour,
    lookup,
    make_big,
    make_wheel,
    misfit,
)
from pytest_pyreg.cli import main
from pytest_pyreg.products.gitlab import GitLab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_pyreg.clock import Clock

    Act = Callable[[Any], object]

WHEEL = make_wheel("demo", "1.0")
NOW = datetime(2025, 1, 1, tzinfo=timezone.utc)
SECRET = "glpat-not-to-be-shown"


@pytest.fixture(name="registry", scope="module")
def _registry() -> Iterator[Registry]:
    """One that has a file, and has answered nothing."""
    with GitLab("gitlab@17") as registry:
        registry.add(WHEEL)
        yield registry


@pytest.fixture(name="stopped", scope="module")
def _stopped() -> Registry:
    """One that is over."""
    with Registry("pep503") as registry:
        pass
    return registry


def refused(call: Act, given: object, error: type[Exception], said: str) -> None:
    """Require that a call is refused in these words, and without what may be a secret."""
    with pytest.raises(error) as caught:
        call(given)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)


# -- assertions that could not fail ------------------------------------------------------------------------------------

FILES = ("assert_uploaded", "assert_not_uploaded", "assert_fetched", "assert_not_fetched")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("file", ["demo", "", "demo-1.0", "dist/", "1.0", Path("dist"), ".whl"])
def test_an_assertion_about_no_file(registry: Registry, name: str, file: object) -> None:
    """No request would ever be about it, so that the negative ones would always hold."""
    refused(
        getattr(registry.log, name), file, ValueError, "give a file's name, such as 'demo-1.0-py3-none-any.whl', not"
    )


@pytest.mark.parametrize("name", FILES)
def test_an_assertion_about_nothing(registry: Registry, name: str) -> None:
    """None is no file, and no text."""
    refused(
        getattr(registry.log, name), None, TypeError, "a file is its name, its path or a distribution, not NoneType"
    )


@pytest.mark.parametrize(
    "file",
    [
        WHEEL,
        misfit("wrong extension"),
        Path("dist/demo-1.0.tar.gz"),
        "dist/demo-1.0.tar.gz",
        "demo-1.0.zip",
        "demo-1.0-py3.8.egg",
        "demo-1.0-py3-none-any.whl.metadata",
        "demo-1.0-py3-none-any.whl.provenance",
    ],
)
def test_an_assertion_about_a_file(registry: Registry, file: object) -> None:
    """However it is named."""
    registry.log.assert_not_uploaded(file)
    registry.log.assert_not_fetched(file)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda log: log.assert_not_asked(""), ValueError, "assert_not_asked takes a project's name, such as 'demo'"),
        (lambda log: log.assert_not_asked(None), TypeError, "takes a project's name, such as 'demo', not NoneType"),
        (lambda log: log.assert_not_asked(WHEEL), TypeError, "takes a project's name, such as 'demo', not Dist"),
        (lambda log: log.assert_not_asked(WHEEL.name), ValueError, "takes a project, such as 'demo', not the file"),
        (lambda log: log.assert_not_asked("demo>=1"), ValueError, "takes a project's name, such as 'demo', not 'demo>"),
        (lambda log: log.assert_refused(None), TypeError, "a file is its name"),
        (lambda log: log.assert_refused(status="403"), ValueError, "status is a whole number from 100 on, such as 403"),
        (lambda log: log.assert_refused(refusal="forbiden"), ValueError, "'forbiden'; did you mean 'FORBIDDEN'? there"),
        (lambda log: log.assert_refused(refusal="x"), ValueError, "there is no refusal 'x'; there are: ROUTE_UNKNOWN,"),
        (lambda log: log.assert_refused(refusal=403), TypeError, "refusal= is a Refusal or its name, such as"),
        (lambda log: log.assert_refused(why=None), TypeError, "why= is a part of the explanation, a text, not None"),
        (lambda log: log.assert_refused(times="1"), ValueError, "times is a whole number from 0 on, or None for at"),
        (lambda log: log.assert_uploaded(WHEEL, times="1"), ValueError, "times is a whole number from 0 on"),
        (lambda log: log.assert_uploaded(WHEEL, times=-1), ValueError, "times is a whole number from 0 on"),
        (lambda log: log.assert_not_uploaded(WHEEL, by=""), TypeError, "by= is a credential, such as"),
        (lambda log: log.assert_not_fetched(WHEEL, by=SECRET), TypeError, "by= is a credential, such as"),
        (lambda log: log.assert_never_shown("publisher"), TypeError, "a credential is one of the registry's"),
        (lambda log: log.assert_never_shown(SECRET), TypeError, "a credential is one of the registry's"),
        (lambda log: log.assert_never_shown(None), TypeError, "whose secret? give a credential"),
    ],
)
def test_an_assertion_that_means_nothing(registry: Registry, call: Act, error: type[Exception], said: str) -> None:
    """It is a mistake in the test, not a failure of what it tests."""
    refused(call, registry.log, error, said)


@pytest.mark.parametrize("given", [None, "publisher", SECRET])
def test_nobody_is_kept(registry: Registry, given: Credential) -> None:
    """Whose secret was shown nowhere must be said."""
    refused(registry.assert_kept, given, TypeError, "credential")
    registry.assert_kept(registry.publisher)


def test_assertions_that_mean_something(registry: Registry) -> None:
    """The same with what can be."""
    registry.log.assert_not_asked("Some.Project_1")
    registry.log.assert_refused(refusal=Refusal.FORBIDDEN, status=403, times=0)
    registry.log.assert_refused("demo", refusal="FILE_EXISTS", times=0)
    registry.log.assert_never_shown(registry.publisher)


def test_where_a_file_is_from_is_asked_for() -> None:
    """A wheel's provenance counts by its own name."""
    import requests

    with Registry("pypi") as registry:
        registry.add(WHEEL)
        requests.get(f"{registry.url}/integrity/demo/1.0/{WHEEL.name}/provenance", timeout=30)
        with pytest.raises(AssertionError, match="not it: answered with 404"):
            registry.log.assert_fetched(f"{WHEEL.name}.provenance")


# -- who ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["", 0, False, SECRET, ("ada", SECRET)])
@pytest.mark.parametrize(
    "call",
    [
        lambda registry, who: registry.env(who),
        lambda registry, who: registry.run("true", credential=who),
        lambda registry, who: registry.upload(WHEEL, credential=who),
        lambda registry, who: registry.install("demo", credential=who),
        lambda registry, who: registry.install("demo", credential=who, client="uv"),
        lambda registry, who: registry.publish(".", credential=who),
        lambda registry, who: registry.build(".", credential=who),
        lambda registry, who: registry.venv(credential=who),
        lambda registry, who: registry.venv().install("demo", credential=who),
        lambda registry, who: registry.keyring.add(who),
    ],
)
def test_a_credential_that_is_none(
    registry: Registry, call: Callable[[Registry, object], object], given: object
) -> None:
    """What is false is not nobody, and not the default."""
    refused(lambda one: call(one, given), registry, TypeError, "credential")


def test_a_credential_that_is_one(registry: Registry) -> None:
    """None is the default; nobody is `ANONYMOUS`."""
    assert registry.publisher.secret in "".join(registry.env(None).values())
    assert registry.publisher.secret not in "".join(registry.env(ANONYMOUS).values())
    assert "mine-alone" in "".join(registry.env(Credential("ada", "mine-alone")).values())


# -- the time ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        (NOW, "such as ManualClock(that time), not"),
        ("2025-01-01", "such as ManualClock(datetime(..., tzinfo=timezone.utc)), not '2025-01-01'"),
        (ManualClock, "a clock has now() and advance(...)"),
        (0, "a clock has now() and advance(...)"),
    ],
)
def test_a_clock_that_is_none(clock: Clock, said: str) -> None:
    """It is refused before anything asks for the time."""
    refused(lambda one: Registry("pep503", clock=one), clock, ValueError, said)


@pytest.mark.parametrize("clock", [None, ManualClock(NOW), SystemClock()])
def test_a_clock(clock: Clock | None) -> None:
    """One that can tell the time, or the machine's."""
    assert Registry("pep503", clock=clock).clock.now().tzinfo is timezone.utc


# -- one that is over --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda registry: registry.url,
        lambda registry: registry.upload(WHEEL),
        lambda registry: registry.start(),
        lambda registry: registry.snapshot(),
        lambda registry: registry.restore(Snapshot.__new__(Snapshot)),
        lambda registry: registry.another(),
        lambda registry: registry.add(WHEEL),
    ],
)
def test_a_registry_that_was_stopped(stopped: Registry, call: Act) -> None:
    """It cannot be started again, so nobody is told to."""
    refused(call, stopped, NotRunning, "this registry was stopped, and keeps nothing; make another one")


def test_a_registry_that_never_started() -> None:
    """That one can be."""
    refused(lambda registry: registry.url, Registry("pep503"), NotRunning, "call start()")


def test_a_port_that_is_taken() -> None:
    """By whom is not known; where is said, and how to have another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1 port {port}: .*port=0 takes any free one"):
            Registry("pep503", port=port).start()
        with pytest.raises(OSError, match=f"port {port}"), Registry("pep503", port=port):
            pass


# -- large files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1e7, "5G", True, 0, -1, None])
def test_a_size_that_is_none(registry: Registry, tmp_path: Path, size: int) -> None:
    """It is in bytes, a whole number."""
    said = "size is a whole number from 1 on (bytes, such as 5 * 1024**3), not"
    refused(lambda one: make_big(size=one, folder=tmp_path), size, ValueError, said)
    refused(lambda one: registry.make_big(size=one), size, ValueError, said)


def test_a_large_file_in_a_folder(registry: Registry, tmp_path: Path) -> None:
    """Of one's own, as with the function; else it goes with the registry."""
    assert registry.make_big(size=50_000, folder=tmp_path / "new").parent == tmp_path / "new"
    assert registry.make_big(size=50_000).parent.parent == registry._workplace.folder


# -- clients -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda it: it.run(), ValueError, "there is nothing to run; give a command's words one by one"),
        (lambda it: it.run(""), ValueError, "there is nothing to run"),
        (lambda it: it.run(["true"]), TypeError, "one by one, each a text or a path: run('twine', '--version'), not"),
        (lambda it: it.run(["true"]), TypeError, "put a star before a list"),
        (lambda it: it.run("sleep", 1), TypeError, "not something of the type int"),
        (lambda it: it.run("twine upload d/*"), FileNotFoundError, "give the words one by one: 'twine', 'upload',"),
        (lambda it: it.run("no-such"), FileNotFoundError, "there is no program 'no-such'; install it beside"),
        (lambda it: it.run("true", cwd=Path("no-such")), FileNotFoundError, "there is no folder no-such to run"),
        (
            lambda it: it.run("true", env={"A": 1}),
            TypeError,
            "the variable A in env is a text, or None to take it away",
        ),
        (lambda it: it.run("true", env={1: "a"}), TypeError, "the name of a variable in env is a text, not 1"),
        (lambda it: it.run("true", env=[("A", SECRET)]), TypeError, "env is a dict of variables"),
        (lambda it: it.run("true", env={"A": SECRET.encode()}), TypeError, "not something of the type bytes"),
        (lambda it: it.venv().run(), ValueError, "there is nothing to run"),
        (lambda it: it.upload(WHEEL, client=None), TypeError, "client is a name, such as 'uv', or the path of one"),
        (lambda it: it.upload([WHEEL]), TypeError, "one by one; put a star before what make_dists() returned"),
        (lambda it: it.upload(one for one in [WHEEL]), TypeError, "one by one; put a star before"),
        (lambda it: it.upload(3), TypeError, "a distribution is from make_wheel() and the like, or the path of a file"),
        (lambda it: it.upload(None), TypeError, "or the path of a file, not None"),
        (lambda it: it.upload(""), ValueError, "or the path of a file, not ''"),
        (lambda it: it.upload("no-such.whl"), FileNotFoundError, "there is no file no-such.whl to upload"),
        (lambda it: it.upload(WHEEL, "dist/*"), FileNotFoundError, "no shell fills in the *, try *Path('dist').glob"),
        (lambda it: it.add([WHEEL]), TypeError, "one by one; put a star before what make_dists() returned"),
        (lambda it: it.add(one for one in [WHEEL]), TypeError, "one by one; put a star before"),
        (lambda it: it.add(None), TypeError, "or the path of a file, not None"),
        (lambda it: it.add(""), ValueError, "or the path of a file, not ''"),
        (lambda it: it.install(WHEEL), TypeError, "upload or add it first, then give its name: install('demo')"),
        (lambda it: it.install(None), TypeError, "a requirement is a text, such as 'demo>=1.0', or a path, not None"),
        (lambda it: it.install(["demo"]), TypeError, "put a star before a list"),
        (lambda it: it.install(WHEEL, client="poetry"), TypeError, "upload or add it first"),
        (lambda it: it.venv().install(WHEEL), TypeError, "upload or add it first"),
        (lambda it: it.venv(3.11), TypeError, 'a Python is its version, "3.11", a text, or the path of an interpreter'),
        (
            lambda it: it.publish(None),
            TypeError,
            "a project is its folder, a path with a pyproject.toml in it, not None",
        ),
        (lambda it: it.publish(""), NotADirectoryError, "there is no folder ''; give the folder of a project"),
        (lambda it: it.build(None), TypeError, "a project is its folder"),
        (lambda it: it.files(None), TypeError, "a project's name is a text, such as 'demo', not None"),
        (lambda it: it.versions(None), TypeError, "a project's name is a text, such as 'demo', not None"),
        (lambda it: it.delete(None), TypeError, "a project's name is a text"),
        (lambda it: it.user(None), ValueError, "a user's name is a text, not None"),
        (lambda it: it.group(None), ValueError, "a group's name is a text, not None"),
        (lambda it: it.project(None), ValueError, "a project's name is a text, not None"),
    ],
)
def test_a_call_that_means_nothing(registry: Registry, call: Act, error: type[Exception], said: str) -> None:
    """It is refused before any client starts, and nothing comes of it."""
    before = registry.log.count

    refused(call, registry, error, said)

    assert registry.log.count == before
    assert registry.files("demo") == {WHEEL.name}


def test_a_script_whose_interpreter_is_not_there(registry: Registry, tmp_path: Path) -> None:
    """The script is there, and nobody is told that it is not."""
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n", encoding="utf-8")
    script.chmod(0o755)
    refused(registry.run, script, FileNotFoundError, "its first line names a program that is not there")


def test_a_call_that_means_something(registry: Registry, tmp_path: Path) -> None:
    """Words one by one, texts, and what is to be taken away."""
    show = "import os; print(os.environ['A'], 'CI' in os.environ)"
    done = registry.run(sys.executable, "-c", show, env={"A": "1", "CI": None}, cwd=tmp_path)
    assert done.stdout.split() == ["1", "False"]


def test_a_token_that_the_world_does_not_have(tmp_path: Path) -> None:
    """It is a `KeyError` with words: which there are."""
    world = tmp_path / "world.toml"
    world.write_text('[users.ada]\n[tokens.deploy]\nkind = "personal"\nuser = "ada"\n', encoding="utf-8")
    tokens = Registry("gitlab@17", world=world).tokens

    refused(lambda one: one["ci"], tokens, KeyError, "there is no token 'ci' in the world file; there are: deploy")
    refused(lambda one: one["ci"], Registry("gitlab@17").tokens, KeyError, "there are none; a world file describes")
    assert tokens["deploy"].secret
    assert tokens.get("ci") is None


# -- faults and lies ---------------------------------------------------------------------------------------------------


def test_a_fault_with_two_deeds() -> None:
    """One request meets one."""
    with Registry("pep503") as registry:
        fault: Any = registry.faults.on("download").delay(0.1)
        said = "one request meets one deed; say on(...) once more: faults.on('download', ...).reply(...)"
        refused(lambda one: one.reply(503), fault, AttributeError, said)
        refused(lambda one: one.repply, fault, AttributeError, "a fault has no attribute 'repply'")
        assert fault.fired == 0
        with pytest.raises(FaultNeverFired):
            registry.check()
        registry.faults.clear()


@pytest.mark.parametrize(("times", "said"), [(1, "fired once"), (2, "fired 2 times")])
def test_how_often_a_fault_fired(times: int, said: str) -> None:
    """As a person says it."""
    import requests

    with Registry("pep503") as registry:
        registry.faults.on("any", times=times).reply(503)
        for _ in range(times):
            requests.get(registry.index_url, timeout=30)
        assert registry.report().endswith(said)


@pytest.mark.parametrize(
    ("tell", "said"),
    [
        (lambda lies: lies.hide("dmo-1.0.tar.gz"), f"there is no file 'dmo-1.0.tar.gz' here; there are: {WHEEL.name}"),
        (lambda lies: lies.wrong_hash("dmo"), "there is no project 'dmo' here; there are: demo"),
        (lambda lies: lies.stale("dmo"), "there is no project 'dmo' here; there are: demo"),
        (lambda lies: lies.wrong_hash("Demo"), "no request came that it would have misled"),
        (lambda lies: lies.hide(WHEEL.name), "no request came that it would have misled"),
    ],
)
def test_a_lie_about_nothing(tell: Act, said: str) -> None:
    """Whoever mistyped a name learns so, and which there are; who did not is told what is missing."""
    with Registry("pep503") as registry:
        registry.add(WHEEL)
        tell(registry.lies)
        refused(lambda one: one.check(), registry, LieNeverTold, said)
        registry.lies.clear()


# -- names of flavours, and the command --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pypi@2025-06-01", "try 'pypi@2025.6.1'"),
        ("pypi@2025-06", "try 'pypi@2025.6'"),
        ("pypi@2025-13-45", "try 'pypi@20"),
        ("gitlab@latest", "'gitlab' alone is the newest"),
        ("gitlab@", "'gitlab' alone is the newest"),
        ("gitlab@x", "try 'gitlab@"),
        ("", "the products are forgejo, gitea, gitlab"),
    ],
)
def test_a_flavour_that_is_none(name: str, said: str) -> None:
    """What to write instead is something that can be written."""
    refused(lookup, name, UnknownFlavour, said)


def test_hints_can_be_followed() -> None:
    """What they say is a flavour."""
    assert lookup("pypi@2025.6.1").version == "2025.6.1"
    assert lookup("gitlab").product == "gitlab"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["exec", "gitlab", "sh", "-c", "echo hi"], "put two dashes before the command: pyreg exec gitlab -- COMMAND"),
        (["exec", "sh", "-c", "echo hi"], "put two dashes before the command: pyreg exec -- COMMAND"),
        (["exec", "gitlab", "--loud"], "put two dashes before the command: pyreg exec gitlab -- COMMAND"),
        (["serve", "gitlab", "--loud"], "pyreg serve has no option --loud; pyreg serve --help has them all"),
    ],
)
def test_dashes_that_were_forgotten(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A command's own option is none of ours; of another task it is still refused."""
    try:
        code: object = main(words)
    except SystemExit as stop:
        code = stop.code
    assert code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("def test(make_pyreg): make_pyreg('')", "*pyreg: there is no flavour ''; the products are *try 'gitlab'*"),
        (
            "@pytest.fixture\ndef pyreg_address(): return 8080\ndef test(pyreg): pass",
            "*the fixture pyreg_address returns host and port, such as ('127.0.0.1', 0), not 8080*",
        ),
    ],
)
def test_what_fixtures_are_told(pytester: pytest.Pytester, test: str, said: str) -> None:
    """Without a traceback, which would show nothing but the plugin."""
    pytester.makepyfile(f"import pytest\n{test}\n")
    result = pytester.runpytest("-p", "no:randomly")
    result.stdout.fnmatch_lines([said])
    result.stdout.no_fnmatch_line("*fixtures.py:*")
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_what_fixtures_are_told_rightly(pytester: pytest.Pytester) -> None:
    """None is the default."""
    pytester.makepyfile("def test(make_pyreg): assert make_pyreg(None).flavour.product == 'gitlab'")
    pytester.runpytest("-p", "no:randomly").assert_outcomes(passed=1)
