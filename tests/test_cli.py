"""The command line, run as people run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import make_wheel
from pytest_pyreg.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

PYREG = [sys.executable, "-m", "pytest_pyreg"]


def pyreg(*arguments: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [*PYREG, *arguments],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def serving(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run `pyreg serve` until the block ends, at the latest."""
    process = subprocess.Popen([*PYREG, "serve", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_runs_until_it_is_interrupted(number: signal.Signals) -> None:
    """The facts come first, as one line of JSON; an interrupt ends it with code 0 and nothing on its tongue."""
    with serving("gitlab@17", "--json") as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        reader = facts["credentials"]["reader"]
        answer = requests.get(facts["index_url"], auth=(reader["username"], reader["password"]), timeout=5)

        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=5)

    assert facts["flavour"] == "gitlab@17"
    assert answer.status_code == 200
    assert (process.returncode, stdout, stderr) == (0, "", "")


def test_serve_introduces_itself_to_a_person() -> None:
    """URLs and ready-made credentials, each with what it may do."""
    with serving() as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().split() for _ in range(6)]
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=5)

    assert [line[0] for line in lines] == ["flavour", "upload", "install", "publisher", "reader", "stranger"]
    assert "may upload and install" in " ".join(lines[3])
    assert "interrupt (Ctrl-C) to stop" in stderr


def test_serve_takes_a_port(registry: object) -> None:
    """A port that is taken is a usage error in words."""
    port = str(registry.url).rpartition(":")[2]  # type: ignore[attr-defined]

    result = pyreg("serve", "--port", port)

    assert result.returncode == 2
    assert f"port {port} cannot be used: Address already in use; leave" in result.stderr
    assert "Traceback" not in result.stderr


def test_exec_gives_the_environment_and_takes_the_code(tmp_path: Path) -> None:
    """The command runs where we stand, with the job's variables and the clients' settings; its code is ours."""
    script = (
        "import os, sys; print(os.getcwd(), os.environ['CI_PROJECT_PATH'], os.environ['TWINE_USERNAME']);"
        "print(sys.stdin.read()); sys.exit(7)"
    )
    result = subprocess.run(
        [*PYREG, "exec", "gitlab@17", "--", "python", "-c", script],
        cwd=tmp_path,
        input="typed",
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 7
    assert result.stdout == f"{tmp_path} acme/demo publisher\ntyped\n"
    assert "gitlab@17 at http://127.0.0.1:" in result.stderr


def test_exec_prints_the_ledger() -> None:
    """The requests that came, with why they were refused, go to standard error, without secrets."""
    script = "python -m pip download --no-deps absent; echo $CI_JOB_TOKEN"

    result = pyreg("exec", "--", "sh", "-c", script)

    assert result.returncode == 0
    assert "GET /api/v4/projects/1/packages/pypi/simple/absent/ -> 302 Found" in result.stderr
    assert "because no file of a project 'absent' is stored in 'acme/demo', so the client is sent" in result.stderr
    token = result.stdout.split()[-1]
    assert token.startswith("glcbt-")
    assert token not in result.stderr


def test_the_job_of_the_documentation(tmp_path: Path) -> None:
    """A project built by `python -m build` is published by the line of GitLab's documents, as it is."""
    project = Path(__file__).parent.parent / "examples" / "hello"
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(project)]
    subprocess.run(build, check=True, capture_output=True)
    line = (
        "TWINE_USERNAME=gitlab-ci-token TWINE_PASSWORD=$CI_JOB_TOKEN python -m twine upload "
        "--repository-url ${CI_API_V4_URL}/projects/${CI_PROJECT_ID}/packages/pypi dist/*"
    )

    result = pyreg("exec", "gitlab", "--", "sh", "-c", line, cwd=tmp_path)
    refused = pyreg("exec", "gitlab", "--", "sh", "-c", line.replace("$CI_JOB_TOKEN", "wrong"), cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    assert result.stderr.count("-> 201 Created") == 2
    assert "[a CI job of publisher in acme/demo]" in result.stderr
    assert refused.returncode == 1
    assert "-> 401 Unauthorized" in refused.stderr
    assert "a credential was sent that this registry never issued" in refused.stderr


def test_nothing_of_the_caller_leaks_into_exec() -> None:
    """The caller's own CI token and client settings are not the command's."""
    script = "import os; print(os.environ['CI_JOB_TOKEN'], os.environ.get('PIP_EXTRA_INDEX_URL'), os.environ['HOME'])"

    result = pyreg("exec", "--", "python", "-c", script, CI_JOB_TOKEN="planted", PIP_EXTRA_INDEX_URL="planted")

    assert "planted" not in result.stdout
    assert os.environ["HOME"] != result.stdout.split()[-1]
    assert not Path(result.stdout.split()[-1]).exists()


def test_a_command_that_is_ended_by_a_signal() -> None:
    """The code is a shell's: 128 and the signal's number."""
    assert pyreg("exec", "--", "sh", "-c", "kill -TERM $$").returncode == 128 + signal.SIGTERM


def test_an_interrupt_reaches_the_command(tmp_path: Path) -> None:
    """Ending us ends the command, which may tidy up, and the registry's files go."""
    script = f"trap 'echo tidied > {tmp_path}/tidied; exit 5' TERM; echo ready; while :; do sleep 0.05; done"
    process = subprocess.Popen([*PYREG, "exec", "--", "sh", "-c", script], stdout=subprocess.PIPE, text=True, stderr=-3)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    finally:
        process.kill()

    assert process.returncode == 5
    assert (tmp_path / "tidied").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "say what to do: pyreg TASK, one of serve, exec, "),
        (["bake"], "there is no task 'bake'; the tasks are serve, exec, "),
        (["serve", "gitlub"], "there is no flavour 'gitlub'"),
        (["serve", "--port", "many"], "a port is a number from 0 to 65535, not 'many'"),
        (["serve", "--port", "65536"], "a port is a number from 0 to 65535"),
        (["exec", "gitlab@17"], "exec needs a command after two dashes"),
        (["exec", "gitlab", "ls", "dist"], "put two dashes before the command: pyreg exec gitlab -- COMMAND"),
        (["exec", "gitlab@17", "--"], "exec needs a command after two dashes"),
        (["exec", "gitlab@1", "--", "true"], "gitlab@1 is too old"),
    ],
)
def test_a_wrong_call_says_what_would_be_right(arguments: list[str], words: str) -> None:
    """Exit code 2, the words on standard error, nothing on standard output, no traceback."""
    result = pyreg(*arguments)

    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_the_script_is_the_module(capsys: pytest.CaptureFixture[str]) -> None:
    """`pyreg` and `python -m pytest_pyreg` are one command."""
    script = Path(sys.executable).with_name("pyreg")

    by_script = subprocess.run([script, "--help"], capture_output=True, text=True, check=True).stdout
    with pytest.raises(SystemExit) as caught:
        main(["--help"])

    assert caught.value.code == 0
    assert by_script == pyreg("--help").stdout
    assert "serve" in capsys.readouterr().out


def test_a_wheel_survives_the_round_trip(tmp_path: Path) -> None:
    """What a shell uploads a shell installs, within one `exec`."""
    make_wheel("demo", "1.0").write_to(tmp_path / "dist")
    line = "python -m twine upload dist/* && python -m pip install --target site demo && ls site"

    result = pyreg("exec", "--", "sh", "-c", line, cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    assert (tmp_path / "site" / "demo" / "__init__.py").is_file()
