"""`pyreg serve --data`, run as people run it, and killed; and what it does before it lets other machines in."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import requests

from pytest_pyreg import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PYREG = [sys.executable, "-m", "pytest_pyreg", "serve"]


class Served(dict[str, Any]):
    """What `pyreg serve --json` prints, and the process."""

    process: subprocess.Popen[str]
    env: dict[str, str]

    def as_(self, role: str) -> tuple[str, str]:
        """Return a ready credential; one whose secret came from the environment is taken from there."""
        said = self["credentials"][role]
        return said["username"], self.env[said["variable"]] if said["password"] is None else said["password"]

    def upload(self, dist: Any, role: str = "publisher") -> subprocess.CompletedProcess[str]:  # noqa: ANN401 - a Dist.
        """Upload a file with the real client."""
        username, password = self.as_(role)
        command = [sys.executable, "-m", "twine", "upload", "--disable-progress-bar", "--repository-url"]
        return subprocess.run(
            [*command, self["upload_url"], str(dist)],
            env={**os.environ, "TWINE_USERNAME": username, "TWINE_PASSWORD": password, "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def serving(*arguments: str, number: int = signal.SIGTERM, **env: str) -> Iterator[Served]:
    """Run `pyreg serve --json` until the block ends, then send it a signal."""
    process = subprocess.Popen(
        [*PYREG, *arguments, "--json"], stdout=subprocess.PIPE, text=True, env={**os.environ, **env}
    )
    try:
        assert process.stdout is not None
        served = Served(json.loads(process.stdout.readline()))
        served.process, served.env = process, {**os.environ, **env}
        yield served
        process.send_signal(number)
        process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()


def refused(*arguments: str, **env: str) -> str:
    """Return what is said to a call that is wrong."""
    result = subprocess.run(
        [*PYREG, *arguments], capture_output=True, text=True, env={**os.environ, **env}, check=False, timeout=60
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("pyreg: ")
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_everything_outlives_the_process(number: int, tmp_path: Path) -> None:
    """However it ended: what a client was told is so, and its credentials are good for more."""
    data, wheel = str(tmp_path / "data"), make_wheel("demo", "1.0").write_to(tmp_path)
    with serving("gitea", "--data", data, number=number) as served:
        assert served.upload(wheel).returncode == 0
        before = dict(served)

    with serving("--data", data) as again:
        assert again["flavour"] == before["flavour"]
        assert again["credentials"] == before["credentials"]
        page = requests.get(f"{again['index_url']}/demo/", auth=again.as_("reader"), timeout=5)
        assert wheel.name in page.text
        twice = again.upload(wheel)
    assert twice.returncode == 1
    assert "409 Conflict" in twice.stdout


def test_two_processes_and_other_flavours(tmp_path: Path) -> None:
    """What cannot be is said in words."""
    data = str(tmp_path / "data")
    with serving("gitlab@17.4", "--data", data):
        assert "is in use by another pyreg; stop that one, or name another folder" in refused("--data", data)
    assert "is a registry of gitlab@17.4, not of pypi@" in refused("pypi", "--data", data)
    assert "cannot be a registry's folder" in refused("--data", "/dev/null/data")


def test_what_attached_processes_do_stays(tmp_path: Path) -> None:
    """A user, a token and a file that another process made are there after a kill."""
    data = str(tmp_path / "data")
    script = """if True:
        import sys
        from pytest_pyreg import attach, make_wheel
        registry = attach(*sys.argv[1:])
        registry.add(make_wheel("demo", "1.0"))
        registry.upstream.add(make_wheel("behind", "1.0"))
        token = registry.user("ada").personal_token(["api"])
        registry.project("acme/demo").add_member(registry.user("ada"), "developer")
        print(token.secret)
    """
    with serving("gitlab", "--data", data, "--control", number=signal.SIGKILL) as served:
        argv = [sys.executable, "-c", script, served["url"], served["control"]]
        token = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()

    with serving("--data", data) as again:
        page = requests.get(f"{again['index_url']}/demo/", auth=("ada", token), timeout=5)
        away = requests.get(f"{again['index_url']}/behind/", auth=("ada", token), timeout=5)
    assert "demo-1.0-py3-none-any.whl" in page.text
    assert "behind-1.0-py3-none-any.whl" in away.text


def free_port() -> str:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def test_other_machines_need_a_word(tmp_path: Path) -> None:
    """Nobody lets them in by accident, nor with credentials that were there already."""
    world = tmp_path / "world.toml"
    world.write_text("[users.ada]\n")
    public = ("--host", "0.0.0.0", "--public", "--port", free_port())  # noqa: S104 - refused, all of them.

    assert "lets other machines in: say --public too" in refused("--host", "0.0.0.0")  # noqa: S104 - as above.
    assert "lets other machines in: say --public too" in refused("--host", "registry.lan")
    assert "--public needs a port" in refused("--host", "0.0.0.0", "--public")  # noqa: S104 - as above.
    assert "does not take the ready-made credentials: put secrets of your own in $PYREG_PUBLISHER" in refused(*public)
    assert "does not take the ready-made credentials" in refused(*public, "gitlab", "--world", str(world))
    assert "8 characters at least" in refused(*public, PYREG_PUBLISHER_SECRET="short")
    assert "short" not in refused(*public, PYREG_PUBLISHER_SECRET="short").replace("too weak", "")
    assert "--url is what other machines call a registry" in refused("--url", "http://registry.lan")
    assert "is no URL that clients could use" in refused(*public, "--url", "registry.lan")


@pytest.mark.parametrize("flavour", ["gitlab@17", "gitea", "pypi", "pep503"])
def test_only_own_credentials_hold_in_public(flavour: str, tmp_path: Path) -> None:
    """Pages say the announced address; the ready credentials without a secret of their own are gone."""
    port, wheel = free_port(), make_wheel("demo", "1.0").write_to(tmp_path)
    public = ("--host", "127.0.0.1", "--public", "--port", port, "--url", f"http://localhost:{port}")
    data = ("--data", str(tmp_path / "data"))
    with serving(flavour, *data) as served:
        reader, publisher = served.as_("reader"), served.as_("publisher")

    with serving(*data, *public, PYREG_PUBLISHER_SECRET="only-we-know") as served:
        assert served["index_url"].startswith(f"http://localhost:{port}/")
        assert set(served["credentials"]) == {"publisher"}
        assert served.as_("publisher") == (publisher[0], "only-we-know")
        assert served.upload(wheel).returncode == 0
        address = f"{served['index_url']}/demo/"
        assert f"http://localhost:{port}" in requests.get(address, auth=served.as_("publisher"), timeout=5).text
        served["credentials"] = {"publisher": dict(zip(("username", "password"), publisher, strict=True))}
        assert served.upload(make_wheel("demo", "2.0").write_to(tmp_path)).returncode == 1
        if flavour in {"gitlab@17", "gitea"}:
            assert requests.get(address, auth=reader, timeout=5).status_code in {401, 404}

    with serving(*data) as again:  # What was taken back stays so.
        assert set(again["credentials"]) == {"publisher"}
        again.env["PYREG_PUBLISHER_SECRET"] = "only-we-know"
        assert again.upload(make_wheel("demo", "3.0").write_to(tmp_path)).returncode == 0
    assert "has been public without a reader" in refused(*data, PYREG_READER_SECRET="another-one")


def test_a_signal_that_comes_while_it_is_stopped(tmp_path: Path) -> None:
    """As a shell sends it to a job that Ctrl-Z stopped; none is lost."""
    for _ in range(3):
        with serving("pep503", "--data", str(tmp_path / "data")) as served:
            for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGCONT):
                served.process.send_signal(number)
            served.process.communicate(timeout=30)
        assert served.process.returncode == 0


def test_what_the_caller_has_made_of_signals() -> None:
    """A script's background ignores interrupts, and one that is sent ends it; nohup keeps it from a terminal's end."""
    ignoring = (
        "import os, signal, sys; [signal.signal(one, signal.SIG_IGN) for one in (signal.SIGINT, signal.SIGHUP)]; "
    )
    argv = [sys.executable, "-c", f"{ignoring}os.execv(sys.executable, sys.argv[1:])", *PYREG, "pep503", "--json"]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    facts = json.loads(process.stdout.readline())

    process.send_signal(signal.SIGHUP)
    answer = requests.get(f"{facts['index_url']}/", timeout=5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)

    assert (answer.status_code, process.returncode) == (200, 0)


def test_a_products_name_means_what_is_there(tmp_path: Path) -> None:
    """So a script that says it goes on working when there is a newer release."""
    data = str(tmp_path / "data")
    for flavour in ("gitlab@17.4", "gitlab"):
        with serving(flavour, "--data", data) as served:
            assert served["flavour"] == "gitlab@17.4"


def test_a_secret_from_outside_is_never_printed(tmp_path: Path) -> None:
    """Nor by a later run that is not given it."""
    data = ("--data", str(tmp_path / "data"))
    with serving("gitlab", *data, PYREG_PUBLISHER_SECRET="only-we-know") as served:
        assert served["credentials"]["publisher"]["password"] is None

    with serving(*data) as again:
        assert again["credentials"]["publisher"] == {
            "username": "publisher",
            "password": None,
            "variable": "PYREG_PUBLISHER_SECRET",
        }
        assert again["credentials"]["reader"]["password"]


def test_secrets_that_are_none(tmp_path: Path) -> None:
    """What everybody would try, what two would share, what another has."""
    world = tmp_path / "world.toml"
    world.write_text('[tokens.ci]\nkind = "deploy"\nproject = "acme/demo"\nsecret = "deployers-own"\n')
    same = {"PYREG_PUBLISHER_SECRET": "shared-by-both", "PYREG_READER_SECRET": "shared-by-both"}

    assert "too weak" in refused(PYREG_PUBLISHER_SECRET="password")
    assert "too weak" in refused(PYREG_READER_SECRET="aaaaaaaa")
    assert "too weak" in refused("--control", PYREG_CONTROL_TOKEN="x")
    assert "is that of another credential too" in refused(**same)
    assert "is that of another credential too" in refused("--world", str(world), PYREG_READER_SECRET="deployers-own")


def test_secrets_of_ones_own(tmp_path: Path) -> None:
    """A script that knows them beforehand needs no JSON, which does not tell them; they are not asked for twice."""
    wheel = make_wheel("demo", "1.0").write_to(tmp_path)
    own = {"PYREG_PUBLISHER_SECRET": "publishers-own", "PYREG_READER_SECRET": "readers-own"}
    for number in (signal.SIGKILL, signal.SIGTERM):
        with serving("gitlab", "--data", str(tmp_path / "data"), number=number, **own) as served:
            assert not [secret for secret in own.values() if secret in json.dumps(served)]
            assert served["credentials"]["reader"]["variable"] == "PYREG_READER_SECRET"
            assert served.as_("publisher")[1] == "publishers-own"
            assert served.upload(wheel, "reader").returncode == 1
            if number == signal.SIGKILL:
                assert served.upload(wheel).returncode == 0
