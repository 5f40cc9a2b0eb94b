"""What is the caller's stays theirs, unless it is passed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Registry, make_wheel
from pytest_pyreg.clients.environment import LEAKY_NAMES, LEAKY_PREFIXES, LEAKY_SUFFIXES, LEAKY_WORDS
from tests.exec.conftest import run
from tests.test_hermetic import HARMLESS_NAMES, HARMLESS_VALUES, SECRET_NAMES, SECRET_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLANTED = "planted-0123456789"
NAMES = sorted(
    {
        *LEAKY_NAMES,
        *(f"{prefix}PLANTED" for prefix in LEAKY_PREFIXES),
        *(f"PLANTED{suffix}" for suffix in LEAKY_SUFFIXES),
        *(f"A_{word}_PLANTED" for word in LEAKY_WORDS),
        *SECRET_NAMES,
    }
    | {"PIP_INDEX_URL", "TWINE_PASSWORD", "CI_JOB_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "AWS_SECRET_ACCESS_KEY"}
    | {"AWS_ACCESS_KEY_ID", "SSH_AUTH_SOCK", "GIT_ASKPASS", "GIT_CONFIG_VALUE_0", "DOCKER_AUTH_CONFIG", "NPM_TOKEN"}
    | {"PYPI_TOKEN", "PYPI_ID_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_RUNTIME_TOKEN", "PYREG_CONTROL_TOKEN"}
)
BY_VALUE = {
    "DATABASE": f"postgres://me:{PLANTED}@db.example/x",
    "MIRROR": f"https://me:{PLANTED}@index.example/simple",
    "UPLOADING": f"pypi-{PLANTED}-{PLANTED}",
    "FETCHING": f"glpat-{PLANTED}-{PLANTED}",
    "ACTING": "ghp_planted0123456789planted",
    "PEM": f"-----BEGIN OPENSSH PRIVATE KEY-----{PLANTED}",
    **{f"VALUE_{number}": value for number, value in enumerate(SECRET_VALUES)},
}
MODES = [[], ["--ci", "none"], ["--ci", "gitlab"], ["--ci", "forgejo"], ["--ci", "github"]]


def environment(text: str) -> dict[str, str]:
    """Read what `env -0` prints."""
    return dict(entry.split("=", 1) for entry in text.split("\0") if entry)


@pytest.mark.parametrize("mode", MODES, ids=" ".join)
def test_nothing_of_the_callers_gets_in(mode: list[str]) -> None:
    """Not by the name of the variable, nor by what it holds; what is nobody's secret does."""
    harmless = {
        **dict.fromkeys(HARMLESS_NAMES, "green"),
        **{f"HARMLESS_{number}": value for number, value in enumerate(HARMLESS_VALUES)},
    }
    hostile = {**dict.fromkeys(NAMES, PLANTED), **BY_VALUE, **harmless}
    # The interpreter that runs us is not to be led astray itself.
    hostile = {name: value for name, value in hostile.items() if not name.startswith("PYTHON")}

    result = run(*mode, "--", "env", "-0", env=hostile)

    assert result.returncode == 0, result.stderr
    found = environment(result.stdout)
    assert {name: value for name, value in found.items() if "planted" in value} == {}
    assert harmless.items() <= found.items()
    assert found["HOME"] != os.environ["HOME"]
    assert PLANTED not in result.stderr


def test_each_of_it_can_be_passed() -> None:
    """Whatever it is, and whatever the command would have had instead; one that is not named stays out."""
    hostile = {**dict.fromkeys(NAMES, PLANTED), **BY_VALUE}
    hostile = {name: value for name, value in hostile.items() if not name.startswith("PYTHON")}
    left, *passed = sorted(hostile)
    options = [part for name in passed for part in ("--pass", name)]

    result = run("--ci", "gitlab", *options, "--", "env", "-0", env=hostile)

    found = environment(result.stdout)
    assert {name: found.get(name) for name in passed} == {name: hostile[name] for name in passed}
    assert left not in found
    assert "planted" not in result.stderr


def test_a_passed_secret_is_in_no_line_of_ours() -> None:
    """The requests that came are told without it; what is passed under a harmless name is none."""
    script = (
        "import os, requests; [requests.get(os.environ['PYREG_URL'] + '/' + os.environ[name], timeout=9) "
        "for name in ('MY_TOKEN', 'COLOUR')]"
    )
    planted = {"MY_TOKEN": PLANTED, "COLOUR": "ultramarine-blue"}

    result = run("--pass", "MY_TOKEN", "--pass", "COLOUR", "--", "python", "-c", script, env=planted)

    assert "GET /[redacted] ->" in result.stderr
    assert "GET /ultramarine-blue ->" in result.stderr
    assert PLANTED not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NO_SUCH_VARIABLE", "there is no variable 'NO_SUCH_VARIABLE' to pass; export it before"),
        (
            f"MY_TOKEN={PLANTED}",
            "--pass takes the name of a variable, and its value from your environment: --pass MY_T",
        ),
    ],
)
def test_what_cannot_be_passed(name: str, words: str) -> None:
    """A wrong call, in words that do not repeat a value."""
    result = run("--pass", name, "--", "true")

    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert PLANTED not in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture(name="trap")
def _trap() -> Iterator[Registry]:
    """A registry that planted files lead to."""
    with Registry("gitlab@17") as trap:
        yield trap


@pytest.mark.parametrize("mode", MODES, ids=" ".join)
@pytest.mark.parametrize("passed", [False, True])
def test_files_of_the_callers_home(tmp_path: Path, trap: Registry, mode: list[str], *, passed: bool) -> None:
    """A .pypirc, a netrc and the settings of pip and git are not found, unless the home itself is passed."""
    make_wheel("demo", "1.0").write_to(tmp_path / "dist")
    login = f"username = {trap.publisher.username}\npassword = {trap.publisher.secret}\n"
    files = {
        ".pypirc": f"[distutils]\nindex-servers = planted\n[planted]\nrepository = {trap.upload_url}\n{login}",
        ".netrc": f"machine 127.0.0.1\nlogin planted\npassword {PLANTED}\n",
        ".config/pip/pip.conf": f"[global]\nindex-url = {trap.index_url}\n",
        ".gitconfig": "[user]\nname = Planted\n",
    }
    for name, text in files.items():
        path = tmp_path / "home" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    script = (
        "unset TWINE_REPOSITORY_URL TWINE_USERNAME TWINE_PASSWORD; twine upload -r planted dist/*; "
        "pip download --no-deps absent; git config user.name; cat ~/.netrc"
    )
    options = ["--pass", "HOME"] if passed else []

    result = run(*mode, *options, "--", "sh", "-c", script, cwd=tmp_path, env={"HOME": str(tmp_path / "home")})

    assert trap.files("demo") == ({"demo-1.0-py3-none-any.whl"} if passed else set())
    assert not [exchange for exchange in trap.log if exchange.action == "project page"]  # pip reads no file at all.
    assert (PLANTED in result.stdout) == passed
    assert PLANTED not in result.stderr
    assert "Planted" not in result.stdout


def test_a_job_may_have_files_of_its_own(tmp_path: Path) -> None:
    """What a job writes into its home counts there, and is gone when it is over."""
    make_wheel("demo", "1.0").write_to(tmp_path / "dist")
    script = (
        "printf '[distutils]\\nindex-servers = gitlab\\n[gitlab]\\nrepository = %s/projects/%s/packages/pypi\\n"
        "username = gitlab-ci-token\\npassword = %s\\n' $CI_API_V4_URL $CI_PROJECT_ID $CI_JOB_TOKEN > ~/.pypirc; "
        "twine upload -r gitlab dist/* && git config --global user.name Robot && git config user.name && echo $HOME"
    )

    result = run("gitlab", "--ci", "gitlab", "--", "sh", "-c", script, cwd=tmp_path)

    *_, robot, home = result.stdout.splitlines()
    assert result.returncode == 0, result.stderr
    assert "[a CI job of publisher in acme/demo]" in result.stderr
    assert robot.endswith("Robot")  # Behind what twine does to the cursor.
    assert not os.path.exists(home)  # noqa: PTH110 - a text it is.
