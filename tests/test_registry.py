"""The facade with real clients: publish, install, refuse, explain."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import (
    ANONYMOUS,
    CommandFailed,
    Credential,
    ManualClock,
    Refusal,
    Refused,
    Registry,
    UnknownFlavour,
    make_wheel,
)
from pytest_pyreg.stock import NotRunning

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_four_lines(registry: Registry) -> None:
    """Make, upload, install, import: the main job, with real twine and real pip."""
    wheel, sdist = registry.make_dists("demo", "1.0")
    registry.upload(wheel, sdist)
    site = registry.install("demo")

    assert site.run("python", "-c", "import demo").returncode == 0
    assert registry.files("demo") == {wheel.name, sdist.name}
    assert site.distributions() == {"demo": "1.0"}


def test_a_stranger_is_told_what_the_real_server_says(registry: Registry) -> None:
    """GitLab hides a private project from whoever may not see it; we add why."""
    with pytest.raises(CommandFailed) as caught:
        registry.upload(registry.make_wheel("demo", "1.0"), credential=registry.stranger)

    message = str(caught.value)
    assert "404 Not Found" in caught.value.output
    assert "because user stranger may not see 'acme/demo'" in message
    assert caught.value.exchanges[-1].status == 404
    assert registry.files("demo") == set()


def test_a_reader_may_install_and_not_upload(registry: Registry) -> None:
    """The reader's token has the scope `read_api`: enough to install with, not to publish."""
    registry.add(registry.make_wheel("demo", "1.0"))

    assert registry.install("demo", credential=registry.reader).distributions() == {"demo": "1.0"}
    with pytest.raises(CommandFailed) as caught:
        registry.upload(registry.make_wheel("demo", "2.0"), credential=registry.reader)
    assert registry.log.where(refusal="SCOPE_INSUFFICIENT") == caught.value.exchanges
    assert registry.versions("demo") == ["1.0"]


def test_pip_hides_why_and_the_error_tells(registry: Registry) -> None:
    """pip says "No matching distribution" to a 401; the error shows the 401."""
    registry.add(registry.make_wheel("demo", "1.0"))

    with pytest.raises(CommandFailed) as caught:
        registry.install("demo", credential=ANONYMOUS)

    assert "No matching distribution found" in caught.value.output
    assert "401 Unauthorized" in str(caught.value)
    assert "needs a credential; none was sent" in str(caught.value)


def test_a_second_upload_is_refused(registry: Registry) -> None:
    """The file name is taken, whatever the bytes."""
    registry.upload(registry.make_wheel("demo", "1.0"))

    with pytest.raises(CommandFailed, match="400 Bad Request"):
        registry.upload(registry.make_wheel("demo", "1.0", summary="other bytes"))

    refused = registry.log.where(refusal="FILE_EXISTS")
    assert [(exchange.project, exchange.status) for exchange in refused] == [("demo", 400)]


@pytest.mark.parametrize("client", ["twine", "uv"])
def test_upload_clients(registry: Registry, client: str) -> None:
    """Each client that can upload does, under its own name."""
    registry.upload(registry.make_wheel("demo", "1.0"), client=client)

    assert registry.versions("demo") == ["1.0"]
    (upload,) = registry.log.uploads()
    assert dict(upload.headers)["User-Agent"].startswith(client)


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_install_clients(registry: Registry, client: str) -> None:
    """Each client that can install does, dependencies too."""
    registry.add(registry.make_wheel("app", "1.0", requires=["lib>=1"]), registry.make_wheel("lib", "1.5"))

    site = registry.install("app", client=client)

    assert site.distributions() == {"app": "1.0", "lib": "1.5"}
    assert all(dict(exchange.headers)["User-Agent"].startswith(client) for exchange in registry.log)


@pytest.mark.parametrize(
    ("call", "able"), [("upload", "hatch, pdm, poetry, twine, uv"), ("install", "hatch, nox, pdm, pip")]
)
def test_an_unknown_client_is_named_with_the_known(registry: Registry, call: str, able: str) -> None:
    """The error says which clients there are."""
    with pytest.raises(ValueError, match=able):
        getattr(registry, call)("demo", client="ftp")


def test_paths_can_be_uploaded(registry: Registry, tmp_path: Path) -> None:
    """A file on disk is uploaded as it is."""
    path = make_wheel("demo", "1.0").write_to(tmp_path)

    registry.upload(path)
    registry.upload(str(make_wheel("demo", "1.1").write_to(tmp_path)))

    assert registry.versions("demo") == ["1.0", "1.1"]


def test_add_needs_no_client(registry: Registry, tmp_path: Path) -> None:
    """Files from memory and from disk are put in the index, with their metadata, once."""
    registry.add(make_wheel("demo", "1.0", requires_python=">=3.8"), make_wheel("demo", "1.10").write_to(tmp_path))
    registry.add(make_wheel("Other", "1.0"))

    assert registry.versions("demo") == ["1.0", "1.10"]
    assert registry.projects() == {"demo", "other"}
    assert not registry.log.uploads()
    page = requests.get(
        f"{registry.index_url}/demo/", auth=(registry.reader.username, registry.reader.secret), timeout=5
    )
    assert 'data-requires-python="&gt;=3.8"' in page.text
    with pytest.raises(Refused) as caught:
        registry.add(make_wheel("demo", "1.0"))
    assert caught.value.refusal is Refusal.FILE_EXISTS
    assert len(registry._blobs._blobs) == 3


def test_run_tells_what_failed(registry: Registry) -> None:
    """The error has the command, its code, its output and the requests."""
    script = f"import urllib.request; print('hello'); urllib.request.urlopen({registry.url + '/nowhere'!r})"

    with pytest.raises(CommandFailed) as caught:
        registry.run("python", "-c", script)

    assert "exit code 1" in str(caught.value)
    assert "hello" in str(caught.value)
    assert "GET /nowhere -> 404 Not Found" in str(caught.value)
    assert registry.run("python", "-c", "raise SystemExit(3)", check=False).returncode == 3


def test_run_ends_what_takes_too_long() -> None:
    """A client that hangs is ended with its children, and the error says so."""
    with (
        Registry("gitlab@17", timeout=0.5) as registry,
        pytest.raises(CommandFailed, match=r"still running after 0\.5"),
    ):
        registry.run("sh", "-c", "echo begun; sleep 60 & wait")


def test_a_missing_command_is_an_error(registry: Registry) -> None:
    """There is nothing to run."""
    with pytest.raises(FileNotFoundError):
        registry.run("no-such-command-anywhere")


def test_python_is_the_interpreter_that_runs_us(registry: Registry) -> None:
    """`python -m twine` finds the twine that is installed beside us, activated environment or not."""
    printed = registry.run("python", "-c", "import sys; print(sys.prefix)").stdout.strip()

    assert Path(printed) == Path(sys.prefix)


def test_output_holds_no_secrets(registry: Registry) -> None:
    """What a command prints of its credentials is replaced, in results and in errors."""
    script = "import os, sys; print(os.environ['TWINE_PASSWORD']); sys.exit(int(sys.argv[1]))"
    header = f"Authorization: Basic {'QWxhZGRpbjpvcGVuIHNlc2FtZQ=='}"

    result = registry.run("python", "-c", script, "0")
    with pytest.raises(CommandFailed) as caught:
        registry.run("python", "-c", script, "1", registry.publisher.secret)
    basic = registry.run("python", "-c", f"print({header!r})")

    assert result.stdout == "[redacted]\n"
    assert registry.publisher.secret not in f"{caught.value} {caught.value!r} {caught.value.args} {caught.value.argv}"
    assert basic.stdout == "Authorization: Basic [redacted]\n"


def test_the_log_holds_no_secrets(registry: Registry) -> None:
    """Neither headers nor queries nor URLs bring a token into the log, the report or a repr."""
    secret = registry.publisher.secret
    requests.get(
        f"{registry.index_url}/demo/?private_token={secret}&x=1",
        auth=("me", secret),
        headers={"Private-Token": secret, "Job-Token": secret, "Cookie": f"a={secret}"},
        timeout=5,
    )

    exchange = registry.log[-1]

    assert exchange.path.endswith("/demo/?private_token=[redacted]&x=1")
    assert secret not in f"{exchange!r} {exchange} {exchange.headers} {registry.report()} {registry!r}"
    assert dict(exchange.headers)["Authorization"] == "[redacted]"


def test_the_log_answers_questions(registry: Registry) -> None:
    """Exchanges are numbered, filtered and sliced; a question about what no exchange has is an error."""
    registry.upload(registry.make_wheel("demo", "1.0"))
    registry.install("demo")

    log = registry.log

    assert [exchange.number for exchange in log] == [1, 2, 3]
    assert [exchange.action for exchange in log] == ["upload", "project page", "download"]
    assert [exchange.filename for exchange in log.downloads()] == ["demo-1.0-py3-none-any.whl"]
    assert log.where(who="user publisher", status=201) == log.uploads() == log[:1]
    assert log.since(2) == log[2:]
    assert len(log) == log.count == 3
    assert not log[0].refused
    with pytest.raises(AttributeError):
        Registry("gitlab@17").log.where(colour="red")


def test_a_bounded_log_keeps_the_newest() -> None:
    """A registry that runs for weeks does not grow with its log."""
    with Registry("gitlab@17", log_length=2) as registry:
        for name in ("a", "b", "c"):
            requests.get(f"{registry.url}/{name}", timeout=5)

        assert [exchange.path for exchange in registry.log] == ["/b", "/c"]
        assert registry.log.count == 3


def test_time_is_the_registrys(registry: Registry) -> None:
    """Upload times come from the clock that is passed in."""
    clock = ManualClock(registry.clock.now())
    with Registry("gitlab@17", clock=clock) as other:
        other.add(make_wheel("demo", "1.0"))
        clock.advance(days=3)
        other.add(make_wheel("demo", "1.1"))

        times = [release.files[0].uploaded_at for release in other._index.releases([other.namespace])]

    assert (times[1] - times[0]).days == 3


def test_a_registry_that_is_not_running_says_so() -> None:
    """What needs a running registry is an error before and after, that says what to do."""
    registry = Registry("gitlab@17")
    with pytest.raises(NotRunning, match="with Registry"):
        _ = registry.url
    with registry:
        assert registry.url.startswith("http://127.0.0.1:")
        with pytest.raises(RuntimeError, match="running already"):
            registry.start()
    for call in (lambda: registry.url, registry.env, lambda: registry.install("x"), lambda: registry.wsgi):
        with pytest.raises(NotRunning):
            call()
    registry.stop()


def test_a_wrong_flavour_is_known_at_once() -> None:
    """Nothing is started for a name that means nothing."""
    before = threading.active_count()

    with pytest.raises(UnknownFlavour):
        Registry("gitlab@1")

    assert threading.active_count() == before


def test_a_port_can_be_chosen(registry: Registry) -> None:
    """A taken port is an error; a free one is used, again at once after a stop."""
    port = int(registry.url.rpartition(":")[2])
    with pytest.raises(OSError, match=r"."), Registry("gitlab@17", port=port):
        pass
    registry.stop()

    with Registry("gitlab@17", port=port) as other:
        assert other.url.endswith(f":{port}")


def test_two_registries_share_nothing(registry: Registry) -> None:
    """A file, a token, an exchange of one is none of the other's."""
    with Registry("gitlab@17") as other:
        other.upload(other.make_wheel("demo", "1.0"))
        token = Credential("x", other.publisher.secret)

        with pytest.raises(CommandFailed):
            registry.upload(registry.make_wheel("demo", "1.0"), credential=token)

    assert registry.files("demo") == set()
    assert [exchange.status for exchange in registry.log] == [401]


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a stop the temporary folder is as it was, sites, homes and large files included."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Registry("gitlab@17") as registry:
        registry.upload(
            registry.make_wheel("demo", "1.0", files={"demo/__init__.py": "", "demo/big": os.urandom(100_000)})
        )
        registry.install("demo")
        assert len(list(tmp_path.iterdir())) == 2

    assert list(tmp_path.iterdir()) == []


def test_a_bug_of_ours_is_in_the_log(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A request that hits a bug is answered with 500, is in the log, and its traceback is on standard error."""
    monkeypatch.setattr(registry._index, "serial", lambda *_: 1 // 0)

    answer = requests.get(f"{registry.index_url}/demo/", auth=("x", registry.reader.secret), timeout=5)

    assert answer.status_code == 500
    assert (registry.log[-1].status, registry.log[-1].why) == (500, "of a bug in pyreg: ZeroDivisionError")
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_stopped_registry_is_over(registry: Registry) -> None:
    """What was stored is gone, and it does not start again: that would be another one."""
    registry.add(make_wheel("demo", "1.0"))

    registry.stop()

    assert registry.files("demo") == set()
    with pytest.raises(RuntimeError, match="was stopped, and keeps nothing; make another one"):
        registry.start()
    with pytest.raises(NotRunning):
        registry.upload(make_wheel("demo", "1.0"))
    assert registry._workplace._folder is None


def test_run_takes_paths_and_runs_where_the_caller_is(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `subprocess` does; what is neither text nor a path is an error that shows no secret."""
    (tmp_path / "here").touch()
    monkeypatch.chdir(tmp_path)

    assert registry.run("ls", tmp_path).stdout == registry.run("ls").stdout == "here\n"
    with pytest.raises(TypeError) as caught:
        registry.run("echo", 3)  # type: ignore[arg-type]  # The mistake itself.
    assert registry.publisher.secret not in f"{caught.value} {registry.world.secrets()!r}"


def test_a_secret_that_the_caller_brings_is_not_shown(registry: Registry) -> None:
    """A made-up token is as secret as an issued one."""
    with pytest.raises(CommandFailed) as caught:
        registry.run("sh", "-c", "echo $TWINE_PASSWORD; exit 1", credential=Credential("x", "my-own-token"))

    assert "my-own-token" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda registry: registry.upload(registry.make_dists("demo", "1.0")), "put a star before"),
        (lambda registry: registry.install("demo", credential="publisher"), "a credential is one of the registry's"),
        (lambda _: Registry("gitlab@17", timeout=-3), "a number of seconds above zero, not -3"),
    ],
)
def test_mistakes_are_named(registry: Registry, call: Callable[[Registry], object], words: str) -> None:
    """What is easily mistyped is answered in words, before anything runs."""
    with pytest.raises((TypeError, ValueError), match=words):
        call(registry)

    assert not registry.log
