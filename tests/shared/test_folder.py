"""`--pyreg-share` and `--pyreg-url`: processes that know nothing of each other, and one registry."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg import attach, sharing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALONE = ("-pno:xdist", "-pno:cacheprovider", "-Werror", "-s")
TESTS = """
import sys

def test_it(pyreg_shared):
    assert pyreg_shared.files("demo") == set()
    pyreg_shared.add(pyreg_shared.make_wheel("demo", "1.0"))
    print("WHERE", pyreg_shared.url, pyreg_shared.namespace.path, flush=True)
    sys.stdin.readline()
    assert pyreg_shared.versions("demo") == ["1.0"]
"""
OPTIONS = {"flavour": "gitlab@17"}


@contextlib.contextmanager
def users(folder: Path, count: int, *arguments: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Start runs of pytest at once, each of which waits in the middle of its test for a line."""
    command = [sys.executable, "-m", "pytest", *ALONE, *arguments]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    started = [subprocess.Popen(command, cwd=folder, text=True, **pipes) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def where(process: subprocess.Popen[str]) -> list[str]:
    """Return what its test says of the registry."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "WHERE" in line:
            return line.split("WHERE")[1].split()
    pytest.fail("".join(said))


def end_of(registry: dict[str, Any]) -> None:
    """Wait until a folder's registry has ended."""
    poll = select.poll()
    with contextlib.suppress(ProcessLookupError):
        number = os.pidfd_open(registry["process"])
        poll.register(number, select.POLLIN)
        over = poll.poll(30_000)
        os.close(number)
        assert over, "it goes on, with nobody there"


def told(folder: Path) -> dict[str, Any]:
    """Return what a folder tells of its registry."""
    found = sharing.read(folder)
    assert found is not None
    return found


def test_two_runs_share_it(pytester: pytest.Pytester) -> None:
    """At once, each in a namespace of its own; the registry ends with the last, even if that is killed."""
    pytester.makepyfile(TESTS)
    folder = pytester.path / "share"

    with users(pytester.path, 2, "--pyreg-share=share") as (one, other):
        places = where(one), where(other)
        registry = told(folder)
        output, _ = one.communicate("go on\n")
        other.kill()
        other.communicate()

    assert "1 passed" in output
    assert places[0][0] == places[1][0] == registry["url"]
    assert {path for _, path in places} == {"acme/demo-2", "acme/demo-3"}
    end_of(registry)
    assert not (folder / sharing.FILE).exists()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """And one that others could have written, or that says nothing, is not believed."""
    part = sharing.join(tmp_path, OPTIONS)
    file = tmp_path / sharing.FILE
    try:
        registry = told(tmp_path)
        assert file.stat().st_mode & 0o777 == 0o600
        assert registry["token"] not in repr(part)
        file.chmod(0o644)
        assert sharing.read(tmp_path) is None
        file.chmod(0o600)
        file.write_text("{")
        assert sharing.read(tmp_path) is None
    finally:
        part.leave()
    end_of(registry)


def test_a_stale_file_is_seen_through(tmp_path: Path) -> None:
    """Of a process that was killed: the next one starts another."""
    first = sharing.join(tmp_path, OPTIONS)
    killed = told(tmp_path)
    os.kill(killed["process"], signal.SIGKILL)
    end_of(killed)
    first.leave()

    second = sharing.join(tmp_path, OPTIONS)
    registry = told(tmp_path)
    try:
        with attach(second.url, second.token) as far:
            assert far.flavour.name == "gitlab@17"
        assert (first.url, first.token) != (second.url, second.token)
    finally:
        second.leave()
    end_of(registry)


@pytest.mark.parametrize("lease", ["soon", 99_999, None])
def test_a_file_that_makes_no_sense_is_seen_through(tmp_path: Path, lease: object) -> None:
    """Whoever comes starts another registry."""
    file = tmp_path / sharing.FILE
    file.write_text(json.dumps({"url": "http://127.0.0.1:1", "token": "x", "lease": lease, "options": OPTIONS}))
    file.chmod(0o600)

    part = sharing.join(tmp_path, OPTIONS)
    registry = told(tmp_path)
    part.leave()

    assert registry["token"] != "x"
    end_of(registry)


def test_who_says_nothing_keeps_nobody_out(tmp_path: Path) -> None:
    """Connections without a word do not make a second registry beside the first."""
    first = sharing.join(tmp_path, OPTIONS)
    registry = told(tmp_path)
    silent = [socket.create_connection(("127.0.0.1", registry["lease"])) for _ in range(2)]
    try:
        second = sharing.join(tmp_path, OPTIONS)
        assert (second.url, second.token) == (first.url, first.token)
        second.leave()
    finally:
        for connection in silent:
            connection.close()
        first.leave()
    end_of(registry)


def test_all_must_want_the_same(tmp_path: Path) -> None:
    """Another flavour is another registry, and so another folder."""
    part = sharing.join(tmp_path, OPTIONS)
    registry = told(tmp_path)
    try:
        with pytest.raises(sharing.NotShared, match=r"was started as gitlab@17, and here gitea@1\.23 is wanted"):
            sharing.join(tmp_path, {"flavour": "gitea@1.23"})
    finally:
        part.leave()
    end_of(registry)


def test_what_cannot_be_started(tmp_path: Path) -> None:
    """Says why; so does a folder that is none."""
    with pytest.raises(sharing.NotShared, match=r"could not be started: ValueError: there is no folder 'nowhere'"):
        sharing.join(tmp_path, {**OPTIONS, "upstream": "nowhere"})
    (tmp_path / "file").touch()
    with pytest.raises(sharing.NotShared, match="cannot be used"):
        sharing.join(tmp_path / "file", OPTIONS)


def test_nobody_without_the_token_keeps_it(tmp_path: Path) -> None:
    """Its lease is none."""
    part = sharing.join(tmp_path, OPTIONS)
    registry = told(tmp_path)

    assert sharing._lease({**registry, "token": "wrong"}) is None
    part.leave()
    end_of(registry)


@pytest.mark.parametrize(
    ("arguments", "token", "said"),
    [
        (["--pyreg-url=http://127.0.0.1:9"], "", "--pyreg-url needs the control token of that registry in $PYREG_CO"),
        (
            ["--pyreg-url=http://127.0.0.1:9", "--pyreg-share=x"],
            "x",
            "both say where pyreg_shared is; give one of them",
        ),
        (["--pyreg-url=http://127.0.0.1:9"], "x", "--pyreg-url: the registry at http://127.0.0.1:9 does not answer"),
        (["--pyreg-url=http://example.com"], "x", "--pyreg-url: a registry can be attached on this machine only"),
        (["--pyreg-share=/dev/null/x"], "", "--pyreg-share: the folder /dev/null/x cannot be used: Not a directory"),
    ],
)
def test_mistakes(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, arguments: list[str], token: str, said: str
) -> None:
    """Each names the option."""
    monkeypatch.setenv("PYREG_CONTROL_TOKEN", token)
    pytester.makepyfile("def test_it(pyreg_shared): pass\n")

    result = pytester.runpytest_subprocess(*ALONE, *arguments)

    assert said in f"{result.stdout}{result.stderr}"
    assert result.ret in {pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.TESTS_FAILED}


@contextlib.contextmanager
def serving(*arguments: str, **env: str) -> Iterator[dict[str, Any]]:
    """Run `pyreg serve`, and give what it prints."""
    command = [sys.executable, "-m", "pytest_pyreg", "serve", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **env}) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


@pytest.mark.parametrize("workers", [("-n2",), ("-pno:xdist",)], ids=" ".join)
def test_one_that_runs_already(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    """`pyreg serve --control`, from a script and from a run; with a wrong token from neither."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", [1, 2])
        def test_it(pyreg_shared, number):
            assert pyreg_shared.flavour.name == "gitea@1.23"
            pyreg_shared.organization("tools")
            pyreg_shared.upload(pyreg_shared.make_wheel("demo", "1.0"))
        """
    )
    with serving("gitea@1.23", "--json", "--control") as facts:
        monkeypatch.setenv("PYREG_CONTROL_TOKEN", facts["control"])
        arguments = ("-Werror", *workers, f"--pyreg-url={facts['url']}")
        pytester.runpytest_subprocess(*arguments).assert_outcomes(passed=2)
        monkeypatch.setenv("PYREG_CONTROL_TOKEN", "wrong")
        refused = pytester.runpytest_subprocess(*arguments)
        with attach(facts["url"], facts["control"]) as far:
            assert len(far.log.uploads()) == 2

    refused.assert_outcomes(errors=2)
    refused.stdout.fnmatch_lines(["--pyreg-url: the control token is not that of the registry at *"])


def test_serve_tells_no_token_unasked() -> None:
    """Nor one that it was given; and without `--control` there is no such door."""
    with serving("gitlab@17", "--json") as facts:
        assert "control" not in facts
        with pytest.raises(ValueError, match="no registry that is shared"):
            attach(facts["url"], "x")
    with serving("gitlab@17", "--json", "--control", PYREG_CONTROL_TOKEN="known-to-both") as facts:
        assert "control" not in facts
        with attach(facts["url"], "known-to-both") as far:
            assert far.url == facts["url"]


def test_the_help_speaks_of_it() -> None:
    """As of every option."""
    command = [sys.executable, "-m", "pytest_pyreg", "serve", "--help"]
    assert "--control" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
